"""`gradcheck` and `gradgradcheck`: do the gradients of a function agree with finite differences?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import config
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from .differentiate import grad
from .forward_ad import dual_level, make_dual, unpack_dual


class GradcheckError(RuntimeError):
    """Gradients that are wrong."""


GradcheckError.__module__ = "torch.autograd.gradcheck"


def _tensors(value: Any) -> tuple:
    return (value,) if isinstance(value, Tensor) else tuple(value)


def _outputs(result: Any) -> list[Tensor]:
    found = [t for t in _tensors(result) if isinstance(t, Tensor)]
    return [t for t in found if t.dtype.is_floating_point or t.dtype.is_complex]


def gradcheck(
    func: Callable,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of `func(*inputs)` with central differences of step `eps`, element by element.

    Inputs that require gradients should be float64. `check_forward_ad` compares the tangents of dual numbers too,
    `check_batched_grad` the gradients of several outputs taken at once. Returns True, or raises RuntimeError
    (`GradcheckError`) that says which output and input disagree; False instead where `raise_exception` is.

    >>> gradcheck(lambda x: x ** 3, tensor([1., 2.], dtype=float64, requires_grad=True))
    True
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    arguments = _tensors(inputs)
    try:
        _check_inputs(arguments)
        if check_backward_ad:
            _compare(func, arguments, eps, atol, rtol, nondet_tol)
        if check_forward_ad:
            _compare_forward(func, arguments, eps, atol, rtol)
        if check_backward_ad and check_batched_grad:
            _compare_batched(func, arguments)
        if check_backward_ad and check_undefined_grad:
            _check_no_gradient(func, arguments)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_inputs(arguments: Sequence[Any]) -> None:
    differentiable = [t for t in arguments if isinstance(t, Tensor) and t.requires_grad]
    if not differentiable:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have "
            "requires_grad=True."
        )
    for i, t in enumerate(arguments):
        if isinstance(t, Tensor) and t.requires_grad and t.dtype.itemsize < 8 << t.dtype.is_complex:
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will "
                "likely fail if all the inputs are not of double precision floating point or complex. ",
                stacklevel=3,
            )
        if isinstance(t, Tensor) and t.requires_grad and 0 in t._array.strides and t._array.size > 1:
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping "
                "to be able to compute the numerical gradients correctly. You should call .contiguous on the input "
                "before "
                "passing it to gradcheck."
            )


def _compare(func: Callable, arguments: Sequence[Any], eps: float, atol: float, rtol: float, nondet_tol: float) -> None:
    outputs = _outputs(func(*arguments))
    constant = not any(t.requires_grad for t in outputs)
    for j, argument in enumerate(arguments):
        if not (isinstance(argument, Tensor) and argument.requires_grad):
            continue
        numerical = numerical_jacobian(func, arguments, argument, eps)
        if constant and any(abs(n).max(initial=0.0) > eps for n in numerical):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        for i, out in enumerate(outputs):
            analytical = analytical_jacobian(out, argument)
            again = analytical_jacobian(out, argument)
            if abs(analytical - again).max(initial=0.0) > nondet_tol:
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                    "gives different values, although analytical gradient matches numerical gradient. The tolerance "
                    "for "
                    f"nondeterminism was {nondet_tol}."
                )
            if not xnp.allclose(analytical, numerical[i], rtol=rtol, atol=atol, equal_nan=True):
                raise GradcheckError(
                    f"Jacobian mismatch for output {i} with respect to input {j},\n"
                    f"numerical:{fn.from_numpy(numerical[i])}\nanalytical:{fn.from_numpy(analytical)}\n"
                )


def _compare_forward(func: Callable, arguments: Sequence[Any], eps: float, atol: float, rtol: float) -> None:
    """Tangents against finite differences, one element of one input at a time."""
    for j, argument in enumerate(arguments):
        if not (isinstance(argument, Tensor) and argument.requires_grad):
            continue
        numerical = numerical_jacobian(func, arguments, argument, eps)
        analytical = tangent_jacobian(func, arguments, argument)
        for i, (found, wanted) in enumerate(zip(analytical, numerical, strict=True)):
            if not xnp.allclose(found, wanted, rtol=rtol, atol=atol, equal_nan=True):
                raise GradcheckError(
                    f"Jacobian computed with forward mode mismatch for output {i} with respect to input {j},\n"
                    f"numerical:{fn.from_numpy(wanted)}\nanalytical:{fn.from_numpy(found)}\n"
                )


def tangent_jacobian(func: Callable, arguments: Sequence[Any], argument: Tensor) -> list[Any]:
    """For each output the Jacobian (input elements, output elements), a row from each element's tangent."""
    columns: list[list[Any]] = []
    for index in range(argument._array.size):
        slopes = []
        for step in [1.0, 1.0j] if argument.dtype.is_complex else [1.0]:
            start = xnp.zeros(argument._array.size, dtype=argument._kind.native)
            start[index] = step
            tangent = fn.from_numpy(start.reshape(argument._array.shape))
            with dual_level():
                outputs = _outputs(func(*[make_dual(t, tangent) if t is argument else t for t in arguments]))
                tangents = [unpack_dual(t).tangent for t in outputs]
            zeros = [
                xnp.zeros(t._array.shape) if d is None else d._array for t, d in zip(outputs, tangents, strict=True)
            ]
            slopes.append([z.astype(_dtype(t, argument)).reshape(-1) for z, t in zip(zeros, outputs, strict=True)])
        columns.append([_of_steps(s, argument) for s in zip(*slopes, strict=True)])
    return [xnp.stack(rows) for rows in zip(*columns, strict=True)]


def _compare_batched(func: Callable, arguments: Sequence[Any]) -> None:
    """The gradients of two cotangents, taken at once and one by one."""
    wanted = [t for t in arguments if isinstance(t, Tensor) and t.requires_grad]
    for out in _outputs(func(*arguments)):
        if not out.requires_grad:
            continue
        seeds = fn.stack([fn.randn_like(out), fn.randn_like(out)])
        single = [grad(out, wanted, seed, retain_graph=True, allow_unused=True) for seed in seeds]
        batched = grad(out, wanted, seeds, retain_graph=True, allow_unused=True, is_grads_batched=True)
        for i, (found, expected) in enumerate(zip(batched, zip(*single, strict=True), strict=True)):
            if found is not None and not fn.allclose(found, fn.stack(expected)):
                raise GradcheckError(
                    f"For output {out} and input {i}, the gradients of a batch differ from those one by one:\n"
                    f"batched:{found}\none by one:{fn.stack(expected)}\n"
                )


def analytical_jacobian(out: Tensor, argument: Tensor) -> Any:
    """The Jacobian (input elements, output elements) from one backward pass for each output element.

    Of a complex function of a complex input it is the derivative that PyTorch's convention gives.
    """
    rows = argument._array.size
    result = xnp.zeros((rows, out._array.size), dtype=_dtype(out, argument))
    if not out.requires_grad:
        return result
    seeds = [1.0, 1.0j] if out.dtype.is_complex else [1.0]
    for column in range(out._array.size):
        parts = []
        for seed in seeds:
            start = xnp.zeros(out._array.size, dtype=out._kind.native)
            start[column] = seed
            (g,) = grad(
                out, argument, fn.from_numpy(start.reshape(out._array.shape)), retain_graph=True, allow_unused=True
            )
            parts.append(xnp.zeros(rows) if g is None else g._array.reshape(-1))
        result[:, column] = _column(parts, argument)
    return result


def _column(parts: list, argument: Tensor) -> Any:
    """Of the gradients of the real and of the imaginary part of an output element, the column of the Jacobian."""
    if argument.dtype.is_complex:
        return xnp.conj(parts[0])
    return parts[0] if len(parts) == 1 else parts[0].real + 1j * parts[1].real


def _dtype(out: Tensor, argument: Tensor) -> Any:
    return xnp.complex128 if out.dtype.is_complex or argument.dtype.is_complex else xnp.float64


def numerical_jacobian(func: Callable, arguments: Sequence[Any], argument: Tensor, eps: float) -> list[Any]:
    """The same by central differences, for each output."""
    flat = argument._array
    before = config.set_mode("grad", False)
    try:
        columns: list[list[Any]] = []
        for index in xnp.ndindex(flat.shape):
            value = flat[index].copy()
            steps = [eps, eps * 1j] if argument.dtype.is_complex else [eps]
            slopes = []
            for step in steps:
                flat[index] = value + step
                above = [t._array.astype(_dtype(t, argument)) for t in _outputs(func(*arguments))]
                flat[index] = value - step
                below = [t._array.astype(_dtype(t, argument)) for t in _outputs(func(*arguments))]
                flat[index] = value
                slopes.append([((a - b) / (2 * eps)).reshape(-1) for a, b in zip(above, below, strict=True)])
            columns.append([_of_steps(s, argument) for s in zip(*slopes, strict=True)])
    finally:
        config.set_mode("grad", before)
    if not columns:
        return [xnp.zeros((0, t._array.size)) for t in _outputs(func(*arguments))]
    return [xnp.stack([c[i] for c in columns]) for i in range(len(columns[0]))]


def _of_steps(slopes: tuple, argument: Tensor) -> Any:
    if not argument.dtype.is_complex:
        return slopes[0]
    # the real part of the output moves with both parts of the input; that is what a gradient of PyTorch's is made of
    along_real, along_imaginary = slopes
    return along_real.real - 1j * along_imaginary.real


def _check_no_gradient(func: Callable, arguments: Sequence[Any]) -> None:
    """Undefined gradients must be taken as zeros."""
    outputs = [t for t in _outputs(func(*arguments)) if t.requires_grad]
    wanted = [t for t in arguments if isinstance(t, Tensor) and t.requires_grad]
    if len(outputs) < 2:
        return
    grads = grad(outputs[:1], wanted, [fn.zeros_like(outputs[0])], allow_unused=True)
    for g in grads:
        if g is not None and (g._array != 0).any():
            raise GradcheckError("Expected backward function to handle undefined output grads")


def _uniform_like(t: Tensor) -> Tensor:
    values = fn.empty(t.shape, dtype=t.dtype)
    (fn.view_as_real(values) if t.dtype.is_complex else values).uniform_(-1, 1)
    return values


def gradgradcheck(
    func: Callable,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """`gradcheck` of the gradients themselves: compares second derivatives with finite differences of the first."""
    if check_fwd_over_rev:
        raise NotImplementedError(
            "gradgradcheck(): check_fwd_over_rev=True is not there yet\n"
            "  The derivatives of gradients are checked backwards only; torch.func.jvp of torch.func.grad gives them "
            "forwards."
        )
    arguments = _tensors(inputs)
    outputs = _outputs(func(*arguments))
    if grad_outputs is None:
        grad_outputs = tuple(_uniform_like(t).requires_grad_() for t in outputs)
    else:
        grad_outputs = _tensors(grad_outputs)
    count = len(grad_outputs)

    def first_derivatives(*args: Any) -> tuple:
        xs = args[:-count]
        wanted = [x for x in xs if isinstance(x, Tensor) and x.requires_grad]
        # finite differences are taken with recording off, but the gradient itself needs the graph
        before = config.set_mode("grad", True)
        try:
            results = _outputs(func(*xs))
            found = grad(results, wanted, args[-count:], create_graph=True, allow_unused=True)
        finally:
            config.set_mode("grad", before)
        return tuple(fn.zeros_like(x) if g is None else g for g, x in zip(found, wanted, strict=True))

    return gradcheck(
        first_derivatives,
        (*arguments, *grad_outputs),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=False,
        check_batched_grad=check_batched_grad,
        check_backward_ad=check_rev_over_rev,
    )
