"""Derivatives of functions: gradients, products with Jacobians from either side, and whole Jacobians and Hessians."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .. import config
from ..tensor import functions as fn
from ..tensor.methods.gradients import check_gradient
from ..tensor.pullback import Pushforward, or_zeros, pull
from ..tensor.tensor import Tensor, current_edge
from .batching import vmap
from .transform import Transform
from .tree import Structure, flatten, map_leaves, unflatten

# ---- arguments -------------------------------------------------------------------------------------------------------


def chosen(argnums: Any, args: tuple) -> tuple[int, ...]:
    """The positions of the arguments to differentiate with respect to, counted from the front."""
    if not isinstance(argnums, int) and not isinstance(argnums, tuple):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not numbers:
        raise RuntimeError("argnums must be non-empty")
    for n in numbers:
        if not isinstance(n, int):
            raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {argnums}")
        if not -len(args) <= n < len(args):
            raise RuntimeError(f"Got argnum={n}, but only {len(args)} positional inputs")
    counted = tuple(n % len(args) for n in numbers)
    if len(set(counted)) != len(counted):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    return counted


def selected(argnums: Any, args: tuple) -> Any:
    """The arguments to differentiate with respect to: one, or a tuple."""
    numbers = chosen(argnums, args)
    return args[numbers[0]] if isinstance(argnums, int) else tuple(args[n] for n in numbers)


def replaced(args: tuple, argnums: Any, values: Any) -> tuple:
    """The arguments with others in place of those selected."""
    full = list(args)
    for n, value in zip(chosen(argnums, args), (values,) if isinstance(argnums, int) else values, strict=True):
        full[n] = value
    return tuple(full)


def begin_all(transform: Transform, tree: Any) -> tuple[list[Tensor], Structure, Any]:
    """(the leaves of a tree as starts of a graph, its structure, the tree of them)."""
    leaves, structure = flatten(tree)
    started = [transform.begin(x) for x in leaves]
    return started, structure, unflatten(started, structure)


def _with_aux(outputs: Any, message: str) -> tuple[Any, Any]:
    if not (isinstance(outputs, tuple) and len(outputs) == 2):
        raise RuntimeError(message)
    return outputs


# ---- gradients -------------------------------------------------------------------------------------------------------


def grad_and_value(func: Callable, argnums: Any = 0, has_aux: bool = False) -> Callable:
    """A function that returns (the gradients of `func` with respect to some arguments, its value).

    func: returns a tensor with one element and no dims; with `has_aux` (that, anything). argnums: a number or a tuple.

    >>> grad_and_value(lambda x: x ** 2)(tensor(3.))
    (tensor(6.), tensor(9.))
    """

    @functools.wraps(func)
    def derived(*args: Any, **kwargs: Any) -> Any:
        with Transform() as transform:
            xs, structure, given = begin_all(transform, selected(argnums, args))
            output = func(*replaced(args, argnums, given), **kwargs)
            aux = None
            if has_aux:
                output, aux = _with_aux(
                    output,
                    "grad_and_value(f)(*args): output of function f should be a tuple: (output, aux) if has_aux is "
                    "True",
                )
            _check_scalar(output)
            found = pull([output], xs, [fn.ones_like(output)], transform.leads_out(output))
            gradients = unflatten([transform.finish(g) for g in or_zeros(found, xs)], structure)
            value = transform.finish(output)
            aux = map_leaves(transform.finish_aux, aux) if has_aux else None
        return (gradients, (value, aux)) if has_aux else (gradients, value)

    return derived


def _check_scalar(output: Any) -> None:
    if not isinstance(output, Tensor):
        raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
    if output._array.ndim:
        raise RuntimeError(
            "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
            f"{output._array.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
        )
    if output.dtype.is_complex and current_edge(output) is not None:
        raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {output.dtype}")


def grad(func: Callable, argnums: Any = 0, has_aux: bool = False) -> Callable:
    """A function that returns the gradients of `func` with respect to some arguments; with `has_aux` (them, aux).

    >>> grad(grad(sin))(tensor(0.5))
    tensor(-0.4794)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def derived(*args: Any, **kwargs: Any) -> Any:
        gradients, value = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return derived


# ---- products with the Jacobian --------------------------------------------------------------------------------------


def _tensors_of(outputs: Any, message: str) -> tuple[list[Tensor], Structure]:
    """The leaves of what a function returned, which must be tensors."""
    leaves, structure = flatten(outputs)
    for y in leaves:
        if not isinstance(y, Tensor):
            raise RuntimeError(f"{message} to return only tensors, got unsupported type {type(y)}")
    return leaves, structure


def vjp(func: Callable, *primals: Any, has_aux: bool = False) -> Any:
    """(the outputs of `func` at `primals`, a function from their gradients to those of the primals[, aux]).

    >>> y, pull_back = vjp(sin, tensor(0.))
    >>> pull_back(tensor(2.))
    (tensor(2.),)
    """
    output, pull_back, _, aux = traced_vjp(func, primals, has_aux)
    return (output, pull_back, aux) if has_aux else (output, pull_back)


def traced_vjp(func: Callable, primals: tuple, has_aux: bool) -> tuple[Any, Callable, Any, Any]:
    """(the outputs, the function of their gradients, the primals of the graph, aux)."""
    with Transform() as transform:
        xs, structure, given = begin_all(transform, primals)
        outputs, aux = func(*given), None
        if has_aux:
            outputs, aux = _with_aux(
                outputs, "vjp(f, *primals): output of function f should be a tuple: (output, aux) if has_aux is True"
            )
        ys, form = _tensors_of(outputs, "vjp(f, *primals): expected f(*primals)")
        leads_out = transform.leads_out(*ys)
        shown = unflatten([transform.finish(y) for y in ys], form)
        aux = map_leaves(transform.finish_aux, aux) if has_aux else None

    def pull_back(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        if isinstance(retain_graph, Tensor):
            raise TypeError("only integer tensors of a single element can be converted to an index")
        seeds, shape = flatten(cotangents)
        if shape != form:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                "function. "
                f"cotangents: {shape}, primal output: {form}"
            )
        seeds = _checked_seeds(ys, seeds)
        recorded = config.grad_enabled() if create_graph is None else create_graph
        recorded = recorded and (leads_out or any(current_edge(s) is not None for s in seeds))
        return unflatten(or_zeros(pull(ys, xs, seeds, recorded), xs), structure)

    return shown, pull_back, xs, aux


def _checked_seeds(ys: list[Tensor], seeds: list[Any]) -> list[Tensor]:
    checked = []
    for i, (y, s) in enumerate(zip(ys, seeds, strict=True)):
        if current_edge(y) is not None:
            s = check_gradient(y, s, i)
        checked.append(s)
    return checked


class Linear:
    """A function's derivative at a point: tangents of the inputs in, tangents of the outputs out."""

    def __init__(self, func: Callable, primals: tuple, has_aux: bool, name: str) -> None:
        with Transform() as transform:
            self.xs, self.structure, given = begin_all(transform, primals)
            outputs, aux = func(*given), None
            if has_aux:
                outputs, aux = _with_aux(
                    outputs, f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True"
                )
            self.ys, self.form = _tensors_of(outputs, f"{name}: expected f(*primals)")
            self.leads_out = transform.leads_out(*self.ys)
            self.derivative = Pushforward(self.ys, self.xs)
            self.output = unflatten([transform.finish(y) for y in self.ys], self.form)
            self.aux = map_leaves(transform.finish_aux, aux) if has_aux else None

    def push(self, tangents: list[Tensor]) -> list[Tensor | None]:
        """The tangents of the outputs; None where one depends on no input."""
        recorded = config.grad_enabled() and (self.leads_out or any(current_edge(t) is not None for t in tangents))
        return self.derivative.push(tangents, recorded)


def jvp(func: Callable, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """(the outputs of `func` at `primals`, their derivatives along `tangents`[, aux]).

    strict: an output that depends on no input is a RuntimeError; else its derivative is 0.

    >>> jvp(sin, (tensor(0.),), (tensor(3.),))
    (tensor(0.), tensor(3.))
    """
    name = "jvp(f, primals, tangents)"
    _check_primals(primals, tangents)
    linear = Linear(func, primals, has_aux, name)
    directions = flatten(tangents)[0]
    for x, t in zip(linear.xs, directions, strict=True):
        if x.shape != t.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this "
                "is not "
                f"supported. Tensor is of size {list(x.shape)} while the given forward gradient is of size "
                f"{list(t.shape)}."
            )
    pushed = linear.push(directions)
    if strict and any(t is None for t in pushed):
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
            "allowed with "
            "strict=True."
        )
    result = unflatten(or_zeros(pushed, linear.ys), linear.form)
    return (linear.output, result, linear.aux) if has_aux else (linear.output, result)


def _check_primals(primals: Any, tangents: Any) -> None:
    if not isinstance(primals, tuple):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    leaves, structure = flatten(primals)
    directions, form = flatten(tangents)
    if structure != form:
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For "
            "example, if "
            "primals is a tuple of 3 tensors, tangents also must be. Got primals with structure "
            f"{structure!r} and tangents with structure {form!r}"
        )
    for what, values in (("primals", leaves), ("tangents", directions)):
        if not values:
            raise RuntimeError(f"jvp(f, primals, tangents): Expected {what} to contain at least one Tensor.")
        for x in values:
            if not isinstance(x, Tensor):
                raise RuntimeError(f"jvp(f, primals, tangents): Expected {what} to only contain Tensors, got {type(x)}")


def linearize(func: Callable, *primals: Any) -> tuple[Any, Callable]:
    """(the outputs of `func` at `primals`, its derivative there as a function of tangents).

    >>> y, derivative = linearize(sin, tensor(0.))
    >>> derivative(tensor(3.))
    tensor(3.)
    """
    linear = Linear(func, primals, False, "linearize(f, *primals)")

    def push_forward(*tangents: Any) -> Any:
        directions, form = flatten(tangents)
        if form != linear.structure:
            raise RuntimeError(
                f"Expected the tangents {form!r} to have the same argspec as the primals {linear.structure!r}"
            )
        for i, (x, t) in enumerate(zip(linear.xs, directions, strict=True)):
            for what, ours, theirs in (("shape", x.shape, t.shape), ("dtype", x.dtype, t.dtype)):
                if ours != theirs:
                    raise RuntimeError(
                        f"tangent:{i} with {what} {theirs} in flattened pytree doesn't match the {what} {ours} of the "
                        "corresponding primal."
                    )
        return unflatten(or_zeros(linear.push(directions), linear.ys), linear.form)

    return linear.output, push_forward


# ---- Jacobians -------------------------------------------------------------------------------------------------------


def basis(tensors: list[Tensor]) -> list[Tensor]:
    """One unit vector for each number in the tensors, for each tensor its part of them: (count, *shape)."""
    counts = [t._array.size for t in tensors]
    total, start, parts = sum(counts), 0, []
    for t, n in zip(tensors, counts, strict=True):
        part = fn.zeros(total, n, dtype=t.dtype, device=t.device)
        fn.diagonal(part, -start).fill_(1)  # type: ignore[attr-defined]
        parts.append(part.reshape((total, *t.shape)))
        start += n
    return parts


def jacrev(
    func: Callable,
    argnums: Any = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable:
    """A function that returns the Jacobian of `func`, computed backwards: for each output and each selected argument a
    tensor (*output, *argument). Best where there are fewer outputs than inputs.

    >>> jacrev(sin)(zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def derived(*args: Any, **kwargs: Any) -> Any:
        def of_chosen(given: Any) -> Any:
            return func(*replaced(args, argnums, given), **kwargs)

        inputs = selected(argnums, args)
        output, pull_back, xs, aux = traced_vjp(of_chosen, (inputs,), has_aux)
        ys, form = flatten(output)
        rows = vmap(lambda *seeds: flatten(pull_back(unflatten(seeds, form)))[0], chunk_size=chunk_size)(*basis(ys))
        structure = flatten(inputs)[1]
        start, parts = 0, []
        for y in ys:
            n = y._array.size
            parts.append(
                [fn.narrow(r, 0, start, n).reshape((*y.shape, *x.shape)) for r, x in zip(rows, xs, strict=True)]
            )
            start += n
        result = unflatten([unflatten(p, structure) for p in parts], form)
        return (result, aux) if has_aux else result

    return derived


def jacfwd(func: Callable, argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error") -> Callable:
    """A function that returns the Jacobian of `func`, computed forwards: for each output and each selected argument a
    tensor (*output, *argument). Best where there are fewer inputs than outputs.

    >>> jacfwd(sin)(zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    @functools.wraps(func)
    def derived(*args: Any, **kwargs: Any) -> Any:
        def of_chosen(given: Any) -> Any:
            return func(*replaced(args, argnums, given), **kwargs)

        inputs = selected(argnums, args)
        linear = Linear(of_chosen, (inputs,), has_aux, "jvp(f, primals, tangents)")
        ys, xs = linear.ys, linear.xs
        columns = vmap(lambda *directions: or_zeros(linear.push(list(directions)), ys), randomness=randomness)(
            *basis(xs)
        )
        structure = flatten(inputs)[1]
        parts = []
        for y, column in zip(ys, columns, strict=True):
            moved, start, row = fn.movedim(column, 0, -1), 0, []
            for x in xs:
                n = x._array.size
                row.append(fn.narrow(moved, -1, start, n).reshape((*y.shape, *x.shape)))
                start += n
            parts.append(row)
        result = unflatten([unflatten(p, structure) for p in parts], linear.form)
        return (result, linear.aux) if has_aux else result

    return derived


def hessian(func: Callable, argnums: Any = 0) -> Callable:
    """A function that returns the Hessian of `func`: the Jacobian, computed forwards, of the Jacobian, backwards.

    >>> hessian(lambda x: (x ** 3).sum())(ones(2))
    tensor([[6., 0.],
            [0., 6.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
