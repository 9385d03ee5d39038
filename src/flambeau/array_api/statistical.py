"""Reductions, cumulative sums and products, and differences.

Sums and products of integers are at least int64, of unsigned ones uint64; NumPy computes these.
"""

from __future__ import annotations

from typing import Any

from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import Tensor
from .manipulation import concat
from .promotion import dtype_of, numpy, on_arrays, whole

__all__ = [
    "all", "any", "count_nonzero", "cumulative_prod", "cumulative_sum", "diff", "max", "mean", "min", "prod", "std",
    "sum", "var",
]  # fmt: skip

Axes = int | tuple[int, ...] | None


def _converted(x: Tensor, dtype: Any) -> Tensor:
    """`x` in the dtype that was asked for, if one was."""
    return x if dtype is None else namespace.astype(x, dtype_of(dtype), copy=False)


def all(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are true (not 0)."""
    return _truth("all", x, axis, keepdims)


def any(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Whether some element is true (not 0)."""
    return _truth("any", x, axis, keepdims)


def _truth(name: str, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    true = x.to(namespace.bool)
    if whole(true):
        return on_arrays(getattr(numpy, name), true, axis=axis, keepdims=keepdims)
    return getattr(namespace, name)(true, axis=_every(x, axis), keepdims=keepdims)


def _every(x: Tensor, axis: Axes) -> Any:
    """All axes for None."""
    return tuple(range(x.ndim)) if axis is None else axis


def count_nonzero(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """How many elements are not 0."""
    return sum(x.to(namespace.bool), axis=axis, keepdims=keepdims)


def sum(x: Tensor, /, *, axis: Axes = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """The sum over some axes, all by default."""
    x = _converted(x, dtype)
    if whole(x):
        native = None if dtype is None else x._kind.native
        return on_arrays(numpy.sum, x, axis=axis, dtype=native, keepdims=keepdims)
    return namespace.sum(x, axis=_every(x, axis), keepdims=keepdims)


def prod(x: Tensor, /, *, axis: Axes = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """The product over some axes, all by default."""
    x = _converted(x, dtype)
    if whole(x):
        native = None if dtype is None else x._kind.native
        return on_arrays(numpy.prod, x, axis=axis, dtype=native, keepdims=keepdims)
    return namespace.prod(x, axis=_every(x, axis), keepdims=keepdims)


def mean(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The mean over some axes, all by default."""
    return x if axis == () else fn.mean(x, _every(x, axis), keepdims)


def max(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The largest elements over some axes, all by default; nan where there is one."""
    return _extreme("max", x, axis, keepdims)


def min(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The smallest elements over some axes, all by default; nan where there is one."""
    return _extreme("min", x, axis, keepdims)


def _extreme(name: str, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    if axis == ():
        return fn.clone(x)
    if whole(x):
        return on_arrays(getattr(numpy, name), x, axis=axis, keepdims=keepdims)
    return getattr(namespace, name)(x, axis=_every(x, axis), keepdims=keepdims)


def var(x: Tensor, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """The variance over some axes: the sum of squares of distances from the mean, divided by n - correction."""
    if axis == ():
        return fn.var(fn.unsqueeze(x, 0), 0, correction=correction)
    return fn.var(x, _every(x, axis), correction=correction, keepdim=keepdims)


def std(x: Tensor, /, *, axis: Axes = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """The standard deviation over some axes, the root of `var`."""
    return fn.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))


def cumulative_sum(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """The sums of the elements up to each place along an axis. include_initial: with the sum of none, 0, in front."""
    return _cumulative("cumulative_sum", x, axis, dtype, 0 if include_initial else None)


def cumulative_prod(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """The products of the elements up to each place along an axis. include_initial: with that of none, 1, in front."""
    return _cumulative("cumulative_prod", x, axis, dtype, 1 if include_initial else None)


def _cumulative(name: str, x: Tensor, axis: int | None, dtype: Any, initial: int | None) -> Tensor:
    if axis is None:
        if x.ndim != 1:
            raise ValueError(f"{name}(): an array of {x.ndim} axes needs an axis")
        axis = 0
    x = _converted(x, dtype)
    if whole(x):
        native = None if dtype is None else x._kind.native
        result = on_arrays(getattr(numpy, name), x, axis=axis, dtype=native)
    else:
        result = getattr(namespace, name)(x, axis=axis)
    if initial is None:
        return result
    shape = list(x.shape)
    shape[axis] = 1
    return concat([fn.full(tuple(shape), initial, dtype=result.dtype, device=x.device), result], axis=axis)


def diff(
    x: Tensor, /, *, axis: int = -1, n: int = 1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The differences between neighbours along an axis, `n` times. prepend, append: joined to `x` before."""
    parts = [part for part in (prepend, x, append) if part is not None]
    if len(parts) > 1:
        x = concat(parts, axis=axis)
    for _ in range(n):
        ahead = x[_along(x, axis, slice(1, None))]
        behind = x[_along(x, axis, slice(None, -1))]
        x = on_arrays(numpy.subtract, ahead, behind) if whole(x) else ahead - behind
    return x


def _along(x: Tensor, axis: int, part: slice) -> tuple:
    """The index that takes a slice along one axis."""
    return (slice(None),) * (axis % x.ndim) + (part,)
