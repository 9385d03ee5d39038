"""Reductions straight from the ufuncs: what NumPy's own wrappers in Python add costs as much as a small reduction.

Large arrays are folded first. NumPy sums pairwise along the axis that is fastest in memory, and one by one along the
others, which in float32 loses digits; and it is slow where the inner loop is short. Folding cures both.
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from . import native
from .layout import contiguous

ndarray = np.ndarray
_add = np.add.reduce
_multiply = np.multiply.reduce
_maximum = np.maximum.reduce
_minimum = np.minimum.reduce
_and = np.logical_and.reduce
_or = np.logical_or.reduce

# From this size on it pays to look at the layout.
_LARGE = 2048
# A sum one by one of more terms than this is taken in blocks.
_LONG = 64
# A sum is worth a native kernel from so many times the size of other operations.
_HUGE = 16
# An inner loop shorter than this costs more than the arithmetic in it.
_SHORT = 48


def sum(x: ndarray, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum over some axes, as exact in float32 as a pairwise sum."""
    if x.ndim > 2 and not keepdims and not x.flags.c_contiguous:
        return contiguous(_sum(x, axis, dtype, keepdims))
    return _sum(x, axis, dtype, keepdims)


def _sum(x: ndarray, axis: Any, dtype: Any, keepdims: bool) -> Any:
    if x.size >= _HUGE * native.LARGE and dtype is None and native.fits(x):
        total = _by_native_code(x, axis)
        if total is not None:
            return _reshaped(total, x, axis) if keepdims else total
    if x.size >= _MANY and dtype is None and x.dtype.char in "fd" and x.flags.c_contiguous:
        total = _by_blas(x, axis, keepdims)
        if total is not None:
            return total
    if x.size >= _LARGE and x.ndim > 1 and dtype is None and x.dtype.kind in "fc":
        return _folded_sum(x, axis, keepdims)
    return _add(x, axis, dtype, None, keepdims)


# (dtype, length) -> ones: what a short sum is a product with
_ones: dict[Any, ndarray] = {}
# From so many elements on, a product with ones is four times faster than a reduction: BLAS uses wide registers and
# threads. Sums of blocks of 1024 terms keep it as exact as a pairwise sum.
_MANY = 8192
_BLOCK = 1024


def _ones_of(x: ndarray, n: int) -> ndarray:
    """`n` ones of the dtype of `x`, kept. `sum_all` and `sum_rows` look them up themselves: a call costs them 60 ns."""
    key = x.dtype.char, n
    ones = _ones.get(key)
    if ones is None:
        ones = np.ones(n, x.dtype)
        if len(_ones) < 256:
            _ones[key] = ones
    return ones


def _by_blas(x: ndarray, axis: Any, keepdims: bool) -> Any:
    """The sum of everything, or along the last axis where that is neither short nor long; None for all else."""
    if axis is None or (isinstance(axis, tuple) and len(axis) == x.ndim):
        flat = x.reshape(-1)
        whole = flat.size - flat.size % _BLOCK
        total = np.add.reduce(flat[:whole].reshape(-1, _BLOCK).dot(_ones_of(x, _BLOCK)))
        if whole < flat.size:
            total += np.add.reduce(flat[whole:])
        return total.reshape((1,) * x.ndim) if keepdims else total
    one = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    n = x.shape[-1]
    if not isinstance(one, int) or one % x.ndim != x.ndim - 1 or not _SHORT <= n <= 2 * _BLOCK:
        return None
    total = x.reshape(-1, n).dot(_ones_of(x, n))
    return total.reshape(*x.shape[:-1], 1) if keepdims else total.reshape(x.shape[:-1])


def middle(x: ndarray, axes: tuple) -> tuple[tuple, tuple, tuple] | None:
    """The sizes of (outer, kept, inner) axes where `axes` are all but some neighbouring ones, else None."""
    kept = [a for a in range(x.ndim) if a not in axes]
    if not kept or kept != list(range(kept[0], kept[-1] + 1)):
        return None
    return x.shape[: kept[0]], x.shape[kept[0] : kept[-1] + 1], x.shape[kept[-1] + 1 :]


def _axes(x: ndarray, axis: Any) -> tuple:
    """The axes that are summed over, none of them negative."""
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def _reshaped(total: Any, x: ndarray, axis: Any) -> ndarray:
    axes = _axes(x, axis)
    return np.reshape(total, tuple(1 if a in axes else n for a, n in enumerate(x.shape)))


def _by_native_code(x: ndarray, axis: Any) -> Any:
    """The sum of everything, or of all axes but some neighbouring ones, without those; None for all else."""
    axes = _axes(x, axis)
    if len(axes) == x.ndim:
        blocks = x.size // _BLOCK
        totals = np.empty(blocks, x.dtype)
        native.launch("sums", x.dtype, blocks, 2.0 * x.size, 1, blocks, _BLOCK, x, totals)
        return _add(totals) + _add(x.reshape(-1)[blocks * _BLOCK :])
    sizes = middle(x, axes)
    if sizes is None:
        return None
    outer, channels, inner = (math.prod(s) for s in sizes)
    if inner >= 16:
        total = np.empty(sizes[1], x.dtype)
        native.launch("sums", x.dtype, channels, 2.0 * x.size, outer, channels, inner, x, total)
        return total
    if inner > 1 or channels < 16:
        return None
    cost = 2.0 * x.size
    with native.Room(native.shares(outer, cost), 2 * channels, x.dtype) as room:
        native.launch("column_sums", x.dtype, outer, cost, channels, x, room.array, room.size)
        return room.array[:, :channels].sum(0).reshape(sizes[1])


def sum_all(x: ndarray) -> Any:
    """The sum of everything. Of few numbers it is their product with ones: 350 ns in place of the 900 of a
    reduction."""
    n = x.size
    if n > 64 or x.dtype.char not in "fd" or n < 2:
        return sum(x)
    key = x.dtype.char, n
    ones = _ones.get(key)
    if ones is None:
        ones = _ones[key] = np.ones(n, x.dtype)
    return x.ravel().dot(ones)


def sum_rows(x: ndarray) -> Any:
    """The sum over the first axis; of few rows it is a product with ones, which takes a third of the time."""
    n = x.shape[0]
    if x.ndim == 2 and 1 < n <= 64 and x.size <= 4096 and x.dtype.char in "fd":
        key = x.dtype.char, n
        ones = _ones.get(key)
        if ones is None:
            ones = _ones[key] = np.ones(n, x.dtype)
        return ones.dot(x)
    return sum(x, 0)


def _folded_sum(x: ndarray, axis: Any, keepdims: bool) -> Any:
    """A sum axis by axis, slowest first: while an axis is long, neighbouring slabs along it are added up."""
    ndim = x.ndim
    axes = range(ndim) if axis is None else [a % ndim for a in ((axis,) if isinstance(axis, int) else axis)]
    dense = x.flags.c_contiguous or x.flags.f_contiguous
    if len(axes) == ndim and dense:
        return _add(x, axis, None, None, keepdims)
    order = sorted((a for a in range(ndim) if x.shape[a] > 1), key=lambda a: -abs(x.strides[a]))
    if not order:
        return _add(x, axis, None, None, keepdims)
    fastest = order[-1]
    if fastest in axes and x.shape[fastest] < _SHORT and x.flags.c_contiguous and len(axes) == 1:
        return _by_product(x, fastest, keepdims)
    for a in axes:
        if a != fastest:
            x = _fold(x, a)
    return _add(x, axis, None, None, keepdims)


def _by_product(x: ndarray, axis: int, keepdims: bool) -> ndarray:
    """The sum along a short axis behind which all others are of size 1, as a product with ones."""
    n = x.shape[axis]
    total = x.reshape(-1, n) @ np.ones(n, x.dtype)
    return total.reshape(*x.shape[:axis], *((1,) if keepdims else ()), *x.shape[axis + 1 :])


def _fold(x: ndarray, axis: int) -> ndarray:
    """Partial sums along an axis, of which few are left."""
    n = x.shape[axis]
    if n < _LONG:
        return x
    inner = math.prod(x.shape[axis + 1 :])
    if x.flags.c_contiguous and inner < _SHORT:
        # rows so short are taken several at a time
        several = builtins.min(n // _LONG, 512 // inner)
        if several > 1:
            whole = n - n % several
            head = x[(slice(None),) * axis + (slice(0, whole),)].reshape(
                *x.shape[:axis], whole // several, several * inner
            )
            wide = _add(_fold(head, axis), axis).reshape(*x.shape[:axis], several, *x.shape[axis + 1 :])
            return np.concatenate([wide, x[(slice(None),) * axis + (slice(whole, None),)]], axis)
    width = 32
    while n >= _LONG:
        blocks = n // width
        head = x[(slice(None),) * axis + (slice(0, blocks * width),)]
        parts = _add(head.reshape(*x.shape[:axis], blocks, width, *x.shape[axis + 1 :]), axis + 1)
        rest = x[(slice(None),) * axis + (slice(blocks * width, None),)]
        x = np.concatenate([parts, rest], axis) if rest.shape[axis] else parts
        n = x.shape[axis]
    return x


def mean(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over some axes, nan where there is nothing."""
    total = sum(x, axis, None, keepdims)
    # the number of terms, found without walking through the axes
    return total / (x.size // total.size if total.size else _terms(x, axis))


def _terms(x: ndarray, axis: Any) -> int:
    return math.prod(x.shape if axis is None else [x.shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))])


def sum_of_squares(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the squares of real numbers over some axes."""
    if axis is None and not keepdims and (x.flags.c_contiguous or x.flags.f_contiguous):
        flat = x.ravel("K")
        return np.dot(flat, flat)
    return sum(x * x, axis, None, keepdims)


def prod(x: ndarray, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product over some axes."""
    if x.ndim > 2 and not keepdims and not x.flags.c_contiguous:
        return contiguous(_multiply(x, axis, dtype, None, keepdims))
    if x.size >= _LARGE and x.flags.c_contiguous and x.dtype.kind == "f":
        if axis is None:
            return np.asarray(_multiply(_lanes(x.reshape(-1)), None, dtype)).reshape((1,) * x.ndim if keepdims else ())
        if axis in (-1, x.ndim - 1, (x.ndim - 1,)):
            return _multiply(_lanes(x), -1, dtype, None, keepdims)
    return _multiply(x, axis, dtype, None, keepdims)


def _lanes(x: ndarray) -> ndarray:
    """Partial products along a long last axis: NumPy multiplies whole rows much faster than along one."""
    n = x.shape[-1]
    width = n // 16
    if width < 16:
        return x
    head = _multiply(x[..., : 16 * width].reshape(*x.shape[:-1], 16, width), -2)
    return _lanes(np.concatenate([head, x[..., 16 * width :]], -1))


def max(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest value over some axes; nan where there is one."""
    result = _maximum(x, axis, None, None, keepdims)
    return result if x.ndim < 3 or keepdims else contiguous(result)


def min(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest value over some axes; nan where there is one."""
    result = _minimum(x, axis, None, None, keepdims)
    return result if x.ndim < 3 or keepdims else contiguous(result)


def all(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether no value is zero, over some axes."""
    return _and(x, axis, None, None, keepdims)


def any(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether some value is not zero, over some axes."""
    return _or(x, axis, None, None, keepdims)


def argmax(x: ndarray, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the first largest value stands along an axis, or among all values; a nan counts as the largest."""
    return x.argmax(axis, None, keepdims=keepdims)


def argmin(x: ndarray, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the first smallest value stands along an axis, or among all values; a nan counts as the smallest."""
    return x.argmin(axis, None, keepdims=keepdims)
