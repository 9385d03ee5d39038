"""What runs along a dim: cumulative sums and extremes, differences, integrals and slopes of sampled functions."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from .. import rows
from ..public import FUNCTIONS, public
from ..tensor import Tensor
from .arguments import mismatch
from .reduction import in_dtype, is_floating, one_integer, pair


def _prepared(name: str, input: Tensor, dim: Any, dtype: Any) -> tuple[Tensor, int]:
    dim = one_integer(name, "dim", 2, dim)
    shapes.one_dim(dim, input._array.ndim)
    return in_dtype(input, dtypes.int64 if dtype is None and not is_floating(input) else dtype), dim


@public(out=True, inplace=True)
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The running sum along `dim`. Integers and bools are summed as int64 unless `dtype` is given.

    >>> cumsum(tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    return rows.cumsum_dim(*_prepared("cumsum", input, dim, dtype))


@public(out=True, inplace=True)
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The running product along `dim`. Integers and bools are multiplied as int64 unless `dtype` is given.

    >>> cumprod(tensor([1, 2, 3]), 0)
    tensor([1, 2, 6])
    """
    return rows.cumprod_dim(*_prepared("cumprod", input, dim, dtype))


_RUNNING = {name: pair(f"{name}_dim") for name in ("cummax", "cummin")}


def _running_extreme(name: str, input: Tensor, dim: Any) -> Any:
    dim = one_integer(name, "dim", 2, dim)
    if input._kind.dtype.is_complex:
        raise errors.not_for_dtype(f"{name}_cpu", input._kind.dtype)
    return _RUNNING[name](input, dim)


@public(out="exact")
def cummax(input: Tensor, dim: int) -> Any:
    """The running maximum along `dim`, and the last index where it stood, as (values, indices).

    >>> cummax(tensor([1., 3., 2.]), 0).values
    tensor([1., 3., 3.])
    """
    return _running_extreme("cummax", input, dim)


@public(out="exact")
def cummin(input: Tensor, dim: int) -> Any:
    """The running minimum along `dim`, and the last index where it stood, as (values, indices).

    >>> cummin(tensor([3., 1., 2.]), 0).values
    tensor([3., 1., 1.])
    """
    return _running_extreme("cummin", input, dim)


@public(out="exact")
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """`log(cumsum(exp(input), dim))`, without overflow.

    >>> logcumsumexp(tensor([0., 0.]), 0)
    tensor([0.0000, 0.6931])
    """
    if not is_floating(input):
        raise errors.not_for_dtype("logcumsumexp_out_cpu", input._kind.dtype)
    return rows.logcumsumexp_dim(input, one_integer("logcumsumexp", "dim", 2, dim))


# ---- differences -----------------------------------------------------------------------------------------------------


def part(x: Tensor, axis: int, start: int | None, stop: int | None) -> Tensor:
    """A slice along one axis."""
    return x[(slice(None),) * axis + (slice(start, stop),)]


@public(out=True)
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The n-th difference along `dim`, of `input` with `prepend` before and `append` after it.

    >>> diff(tensor([1, 4, 9]))
    tensor([3, 5])
    """
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    n = one_integer("diff", "n", 2, n)
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    axis = shapes.one_dim(dim, input.ndim)
    for end in (prepend, append):
        if end is not None and end.ndim != input.ndim:
            raise RuntimeError("diff expects prepend or append to be the same dimension as input")
        if end is not None and [m for i, m in enumerate(end.shape) if i != axis] != [
            m for i, m in enumerate(input.shape) if i != axis
        ]:
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the "
                "differencing dimension"
            )
    if n == 0:
        return input.clone()
    pieces = [x for x in (prepend, input, append) if x is not None]
    x = FUNCTIONS["cat"](pieces, axis) if len(pieces) > 1 else input
    size = x.shape[axis]
    if n > size:
        return part(x, axis, 0, 0).clone()
    for _ in range(n):
        if x.dtype is dtypes.bool_:
            x = part(x, axis, 1, None).logical_xor(part(x, axis, None, -1))
        else:
            x = part(x, axis, 1, None) - part(x, axis, None, -1)
    return x


# ---- integrals -------------------------------------------------------------------------------------------------------

_TRAPEZOID = """ * (Tensor y, Tensor x, *, int dim = -1)
 * (Tensor y, *, Number dx = 1, int dim = -1)
"""


def _steps(name: str, y: Tensor, x: Tensor, axis: int) -> Tensor:
    """The widths of the intervals, in a shape that broadcasts against `y` without one element along `axis`."""
    if x.ndim == 1 and y.ndim != 1:
        if x.shape[0] != y.shape[axis]:
            raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
        return (x[1:] - x[:-1]).reshape(-1, *(1,) * (y.ndim - axis - 1))
    if x.ndim < y.ndim:
        x = x.reshape(*(1,) * (y.ndim - x.ndim), *x.shape)
    if x.ndim == 0 or x.shape[axis] != y.shape[axis]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
    return part(x, axis, 1, None) - part(x, axis, None, -1)


def _axis(name: str, y: Tensor, x: Any, dx: Any, dim: int) -> int:
    """The axis to integrate along, once the arguments have been judged."""
    if x is not None and (dx is not None or not isinstance(x, Tensor)):
        raise mismatch(name, (y, x) if dx is None else (y, x, dx), _TRAPEZOID)
    for what, t in (("y", y), ("x", x)):
        if isinstance(t, Tensor) and t.dtype is dtypes.bool_:
            raise RuntimeError(f"{name}: received a bool input for `{what}`, but bool is not supported")
    return shapes.one_dim(dim, y.ndim)


@public(method=False, aliases=("trapz",))
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The integral of `y` along `dim` by the trapezoidal rule, over points `x` or in steps of `dx` (1).

    >>> trapezoid(tensor([1., 2., 3.]))
    tensor(4.)
    """
    axis = _axis("trapezoid", y, x, dx, dim)
    if not y.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    if not y.shape[axis]:
        return FUNCTIONS["zeros"]([n for i, n in enumerate(y.shape) if i != axis], dtype=y.dtype, device=y.device)
    if x is None:
        return (y.sum(axis) - (y.select(axis, 0) + y.select(axis, -1)) * 0.5) * (1 if dx is None else dx)
    steps = _steps("trapezoid", y, x, axis)
    return ((part(y, axis, None, -1) + part(y, axis, 1, None)) * steps).sum(axis) / 2.0


@public(method=False)
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The running integral of `y` along `dim` by the trapezoidal rule; one element fewer than `y`.

    >>> cumulative_trapezoid(tensor([1., 2., 3.]))
    tensor([1.5000, 4.0000])
    """
    axis = _axis("cumulative_trapezoid", y, x, dx, dim)
    if not y.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    pairs = part(y, axis, None, -1) + part(y, axis, 1, None)
    if x is None:
        return (pairs * ((1 if dx is None else dx) / 2)).cumsum(axis)
    return (pairs * _steps("cumulative_trapezoid", y, x, axis)).cumsum(axis) / 2.0


# ---- gradients -------------------------------------------------------------------------------------------------------


def _spacings(input: Tensor, spacing: Any, dim: Any) -> tuple[list[int], list[Any]]:
    """The axes to differentiate along, and for each a step or the coordinates of its points."""
    ndim = input.ndim
    axes = list(range(ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    axes = [shapes.one_dim(d, ndim) for d in axes]
    if len(set(axes)) != len(axes):
        twice = next(a for a in axes if axes.count(a) > 1)
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    if spacing is None:
        return axes, [1] * len(axes)
    if not isinstance(spacing, (tuple, list)):
        return axes, [spacing] * len(axes)
    if len(spacing) != len(axes):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
            f"'self.dim() = {ndim}', since dim argument was not given, but got a list of length {len(spacing)}"
            if dim is None
            else "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to "
            f"have the same length, but got a spacing argument of length {len(spacing)} and a dim argument of length "
            f"{len(axes)}."
        )
    return axes, list(spacing)


def _slope(x: Tensor, axis: int, spacing: Any, edge_order: int) -> Tensor:
    """Central differences inside, one-sided ones at the two ends."""
    n = x.shape[axis]

    def at(i: int) -> Tensor:
        return part(x, axis, i % n, i % n + 1)

    before, here, after = part(x, axis, None, -2), part(x, axis, 1, -1), part(x, axis, 2, None)
    if not isinstance(spacing, Tensor) or spacing.ndim == 0:
        inside = (after - before) / (spacing * 2.0)
        if edge_order == 1:
            first, last = (at(1) - at(0)) / spacing, (at(-1) - at(-2)) / spacing
        else:
            first = (at(0) * -3 + at(1) * 4 - at(2)) / (spacing * 2.0)
            last = (at(-3) - at(-2) * 4 + at(-1) * 3) / (spacing * 2.0)
        return FUNCTIONS["cat"]([first, inside, last], axis)
    if spacing.ndim != 1 or spacing.shape[0] != n:
        raise RuntimeError(
            "torch.gradient expected each element of spacing to have the same length as the dimension it is for, "
            f"but got {tuple(spacing.shape)} for a dimension of size {n}"
        )
    steps = (spacing[1:] - spacing[:-1]).reshape(-1, *(1,) * (x.ndim - axis - 1))
    left, right = steps[:-1], steps[1:]
    inside = (
        before * (-right / (left * (left + right)))
        + here * ((right - left) / (left * right))
        + after * (left / (right * (left + right)))
    )
    if edge_order == 1:
        first, last = (at(1) - at(0)) / steps[:1], (at(-1) - at(-2)) / steps[-1:]
    else:
        a, b, c, d = steps[0:1], steps[1:2], steps[-2:-1], steps[-1:]
        first = at(0) * (-(a * 2 + b) / (a * (a + b))) + at(1) * ((a + b) / (a * b)) - at(2) * (a / (b * (a + b)))
        last = at(-3) * (d / (c * (c + d))) - at(-2) * ((c + d) / (c * d)) + at(-1) * ((d * 2 + c) / (d * (c + d)))
    return FUNCTIONS["cat"]([first, inside, last], axis)


@public(method=False)
def gradient(input: Tensor, *, spacing: Any = None, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The slope of a sampled function along each dim of `dim` (all by default), by central differences.

    spacing: a step, or for each dim a step or the coordinates (n,) of the points. edge_order: 1 or 2, the order of the
    one-sided differences at the ends.

    >>> gradient(tensor([1., 4., 9., 16.]))
    (tensor([3., 4., 6., 7.]),)
    """
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    axes, spacings = _spacings(input, spacing, dim)
    for axis in axes:
        if input.shape[axis] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple([_slope(input, axis, step, edge_order) for axis, step in zip(axes, spacings, strict=True)])
