"""Derivatives of functions: `vjp`, `jvp`, `jacobian`, `hessian`, and products with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import config, missing
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from .differentiate import grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, globals())


def _tuple(value: Any, name: str, what: str) -> tuple[bool, tuple[Tensor, ...]]:
    """(was it a tuple?, as a tuple). Raises TypeError unless all are tensors."""
    several = isinstance(value, tuple)
    values = value if several else (value,)
    for i, t in enumerate(values):
        if not isinstance(t, Tensor):
            if several:
                raise TypeError(
                    f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the value at "
                    f"index {i} "
                    f"has type {type(t)}."
                )
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the given {what} has "
                "type "
                f"{type(t)}."
            )
    return several, values


def _start(inputs: tuple[Tensor, ...], create_graph: bool) -> tuple[Tensor, ...]:
    """The inputs as the starts of a graph of their own, which goes on from the old one where wanted."""
    if create_graph:
        return tuple(t.view_as(t) if t.requires_grad else t.detach().requires_grad_() for t in inputs)  # type: ignore[attr-defined]
    return tuple(t.detach().requires_grad_() for t in inputs)  # type: ignore[attr-defined]


def _shaped(several: bool, values: Any) -> Any:
    return tuple(values) if several else values[0]


def _zeros_for(values: Any, like: tuple[Tensor, ...], strict: bool, message: str) -> tuple[Tensor, ...]:
    found = []
    for i, (v, x) in enumerate(zip(values, like, strict=True)):
        if v is None:
            if strict:
                raise RuntimeError(message.format(i))
            v = fn.zeros_like(x)
        found.append(v)
    return tuple(found)


def _check_v(v: Any, like: tuple[Tensor, ...], several: bool, name: str, what: str) -> tuple[Tensor, ...]:
    if v is None:
        if len(like) != 1 or like[0]._array.size != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
                if what == "output"
                else "The vector v can only be None if the input to the user-provided function is a single Tensor with "
                "a single element."
            )
        return (fn.ones_like(like[0]),)
    _, values = _tuple(v, name, "v")
    if len(values) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(values)}.")
    for i, (a, b) in enumerate(zip(values, like, strict=True)):
        if a.shape != b.shape:
            prefix = f"Entry {i} in " if len(like) > 1 else ""
            raise RuntimeError(f"{prefix}v has invalid size: should be {b.shape} but got {a.shape}.")
    return values


def vjp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(the outputs, the product of the vector `v` with the Jacobian of `func` at `inputs`)."""
    with_tuple, xs = _tuple(inputs, "vjp", "inputs")
    before = config.set_mode("grad", True)
    try:
        xs = _start(xs, create_graph)
        several, outputs = _tuple(func(*xs), "vjp", "outputs of the user-provided function")
        vs = _check_v(v, outputs, several, "vjp", "output")
        found = (
            grad(outputs, xs, vs, create_graph=create_graph, allow_unused=True)
            if any(o.requires_grad for o in outputs)
            else [None] * len(xs)
        )
    finally:
        config.set_mode("grad", before)
    message = "Output of the user-provided function is independent of input {}. This is not allowed in strict mode."
    products = _zeros_for(found, xs, strict, message)
    return _shaped(several, _released(outputs, create_graph)), _shaped(with_tuple, _released(products, create_graph))


def _released(values: Any, create_graph: bool) -> Any:
    return values if create_graph else tuple(t.detach() for t in values)


def jvp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(the outputs, the product of the Jacobian of `func` at `inputs` with the vector `v`).

    It is the derivative of a vector-Jacobian product with respect to the vector.
    """
    with_tuple, xs = _tuple(inputs, "jvp", "inputs")
    vs = _check_v(v, xs, with_tuple, "jvp", "input")
    before = config.set_mode("grad", True)
    try:
        xs = _start(xs, create_graph)
        several, outputs = _tuple(func(*xs), "jvp", "outputs of the user-provided function")
        weights = tuple(fn.zeros_like(o).requires_grad_() for o in outputs)
        found = (
            grad(outputs, xs, weights, create_graph=True, allow_unused=True)
            if any(o.requires_grad for o in outputs)
            else [None] * len(xs)
        )
        message = "Output of the user-provided function is independent of input {}. This is not allowed in strict mode."
        pulled = _zeros_for(found, xs, strict, message)
        live = [(p, d) for p, d in zip(pulled, vs, strict=True) if p.requires_grad]
        pushed = (
            grad([p for p, _ in live], weights, [d for _, d in live], create_graph=create_graph, allow_unused=True)
            if (live)
            else [None] * len(outputs)
        )
    finally:
        config.set_mode("grad", before)
    products = _zeros_for(pushed, outputs, False, "")
    return _shaped(several, _released(outputs, create_graph)), _shaped(several, _released(products, create_graph))


def jacobian(
    func: Callable,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of `func` at `inputs`: for each output and input a tensor of shape (*output, *input)."""
    if strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    _check_strategy(strategy, vectorize, create_graph, strict)
    with_tuple, xs = _tuple(inputs, "jacobian", "inputs")
    before = config.set_mode("grad", True)
    try:
        xs = _start(xs, create_graph)
        several, outputs = _tuple(func(*xs), "jacobian", "outputs of the user-provided function")
        if vectorize:
            result = tuple(_rows_at_once(out, xs, create_graph) for out in outputs)
        else:
            result = tuple(_rows(out, xs, create_graph, strict, i) for i, out in enumerate(outputs))
    finally:
        config.set_mode("grad", before)
    result = tuple(_released(r, create_graph) for r in result)
    if several:
        return tuple(_shaped(with_tuple, r) for r in result)
    return _shaped(with_tuple, result[0])


def _check_strategy(strategy: str, vectorize: bool, create_graph: bool, strict: bool) -> None:
    """Refuse what does not go together."""
    where = "torch.autograd.functional.jacobian"
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                f'{where}: `create_graph=True` and `strategy="forward-mode"` are not supported together (yet). Please '
                'either set `create_graph=False` or `strategy="reverse-mode"`.'
            )
        if strict:
            raise RuntimeError(
                f'{where}: `strict=True` and `strategy="forward-mode"` are not supported together (yet). Please either '
                'set `strict=False` or `strategy="reverse-mode"`.'
            )
        if not vectorize:
            raise NotImplementedError(
                "Computing Jacobian using forward-AD or forward-over-reverse Hessian is only implemented for "
                "`vectorize=True`."
            )
    if strict and vectorize:
        raise RuntimeError(
            f"{where}: `strict=True` and `vectorized=True` are not supported together. Please either set "
            "`strict=False` "
            "or `vectorize=False`."
        )


def _rows_at_once(out: Tensor, xs: tuple[Tensor, ...], create_graph: bool) -> tuple[Tensor, ...]:
    """The Jacobian of one output: one backward pass with a batch of gradients."""
    count = out._array.size
    found: tuple[Tensor | None, ...] = (None,) * len(xs)
    if out.requires_grad and count:
        seeds = fn.eye(count, dtype=out.dtype).reshape((count, *out.shape))
        found = grad(
            out, xs, seeds, create_graph=create_graph, retain_graph=True, allow_unused=True, is_grads_batched=True
        )
    return tuple(
        fn.zeros(out.shape + x.shape, dtype=x.dtype) if g is None else g.reshape(out.shape + x.shape)
        for g, x in zip(found, xs, strict=True)
    )


def _rows(out: Tensor, xs: tuple[Tensor, ...], create_graph: bool, strict: bool, number: int) -> tuple[Tensor, ...]:
    """The Jacobian of one output: a backward pass for each element."""
    flat = out.reshape(-1)  # type: ignore[attr-defined]
    columns: list[list[Tensor]] = [[] for _ in xs]
    for j in range(flat._array.size):
        found = (
            grad(flat[j], xs, retain_graph=True, create_graph=create_graph, allow_unused=True)
            if (out.requires_grad)
            else [None] * len(xs)
        )
        for i, (g, x) in enumerate(zip(found, xs, strict=True)):
            if g is None:
                if strict:
                    raise RuntimeError(
                        f"Output {number} of the user-provided function is independent of input {i}. This is not "
                        "allowed "
                        "in strict mode."
                    )
                g = fn.zeros_like(x)
            columns[i].append(g)
    return tuple(
        fn.stack(c).reshape(out.shape + x.shape) if c else fn.zeros(out.shape + x.shape, dtype=x.dtype)
        for c, x in zip(columns, xs, strict=True)
    )


def _scalar(func: Callable, name: str) -> Callable:
    def checked(*args: Any) -> Tensor:
        out = func(*args)
        several, values = _tuple(out, name, "outputs of the user-provided function")
        if several or len(values) != 1:
            raise RuntimeError(f"The function given to {name} should return a single Tensor")
        if values[0]._array.size != 1:
            raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element")
        return values[0].reshape(())  # type: ignore[attr-defined]

    return checked


def hessian(
    func: Callable,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The matrix of second derivatives of a scalar function: for each pair of inputs a tensor (*input, *input)."""
    with_tuple, _ = _tuple(inputs, "hessian", "inputs")
    checked = _scalar(func, "hessian")

    def gradients(*xs: Any) -> Any:
        found = jacobian(checked, xs, create_graph=True, strict=strict)
        return found if with_tuple else found[0]

    return jacobian(gradients, inputs, create_graph=create_graph, strict=strict)


def vhp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(the output, the product of the vector `v` with the Hessian of a scalar function)."""
    with_tuple, xs = _tuple(inputs, "vhp", "inputs")
    vs = _check_v(v, xs, with_tuple, "vhp", "input")
    before = config.set_mode("grad", True)
    try:
        xs = _start(xs, create_graph)
        out = _scalar(func, "vhp")(*xs)
        first = _zeros_for(
            grad(out, xs, create_graph=True, allow_unused=True), xs, strict, "output independent of input {}"
        )
        live = [(g, d) for g, d in zip(first, vs, strict=True) if g.requires_grad]
        second = (
            grad([g for g, _ in live], xs, [d for _, d in live], create_graph=create_graph, allow_unused=True)
            if (live)
            else [None] * len(xs)
        )
    finally:
        config.set_mode("grad", before)
    products = _zeros_for(second, xs, False, "")
    return _released((out,), create_graph)[0], _shaped(with_tuple, _released(products, create_graph))


def hvp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(the output, the product of the Hessian of a scalar function with the vector `v`): the Hessian is symmetric."""
    return vhp(func, inputs, v, create_graph, strict)
