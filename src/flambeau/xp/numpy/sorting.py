"""Sorting, selecting and scanning along an axis. A nan counts as larger than everything; equal values keep their order.

Values of 32 bits or fewer are sorted as 64-bit keys, the value above and its index below: NumPy sorts such numbers
several times faster than it finds the order of floats, and the index makes the sort stable.
"""

from __future__ import annotations

import numpy as np

ndarray = np.ndarray

# Below this many values the keys cost more than they save.
_MANY = 128
_SIGN = np.uint32(0x80000000)
_LARGEST = np.uint32(0xFFFFFFFF)
_INDEX = np.uint64(0xFFFFFFFF)


def _keys(x: ndarray, descending: bool) -> ndarray | None:
    """Along the last axis, numbers whose order is that of the values and, among equals, of the indices; or None."""
    if x.dtype.itemsize > 4 or x.dtype.kind not in "fiub" or not _MANY <= x.shape[-1] < 2**32:
        return None
    if x.dtype.kind == "f":
        # adding 0 makes -0 and 0 equal
        floats = np.ascontiguousarray(x, np.float32) + np.float32(0)
        bits = floats.view(np.uint32)
        keys = np.where(floats != floats, _LARGEST, np.where(bits >= _SIGN, ~bits, bits | _SIGN))
    elif x.dtype.kind == "i":
        keys = x.astype(np.int32).view(np.uint32) ^ _SIGN
    else:
        keys = x.astype(np.uint32)
    packed = (~keys if descending else keys).astype(np.uint64)
    packed <<= np.uint64(32)
    packed |= np.arange(x.shape[-1], dtype=np.uint64)
    return packed


def _order(x: ndarray, descending: bool) -> ndarray:
    """The indices that sort the last axis."""
    packed = _keys(x, descending)
    if packed is not None:
        packed.sort(axis=-1)
        packed &= _INDEX
        return packed.view(np.int64)
    if not descending:
        return x.argsort(axis=-1, kind="stable")
    # backwards twice: equal values keep their order, and nan comes first
    order = x[..., ::-1].argsort(axis=-1, kind="stable")[..., ::-1]
    return np.subtract(x.shape[-1] - 1, order)


def _last(x: ndarray, axis: int) -> ndarray:
    """The array with an axis moved to the end."""
    return x if axis in (-1, x.ndim - 1) else np.moveaxis(x, axis, -1)


def _back(x: ndarray, axis: int) -> ndarray:
    """The last axis moved to where it belongs."""
    return x if axis in (-1, x.ndim - 1) else np.moveaxis(x, -1, axis).copy("C")


def _picked(x: ndarray, order: ndarray, axis: int) -> tuple[ndarray, ndarray]:
    """The values at indices along the last axis, and the indices, with that axis moved to where it belongs."""
    values = x[order] if x.ndim == 1 else np.take_along_axis(x, order, -1)
    return _back(values, axis), _back(order, axis)


def sort_along(x: ndarray, axis: int = -1, descending: bool = False) -> tuple[ndarray, ndarray]:
    """The sorted values along an axis, and the indices where they stood."""
    x = _last(x, axis)
    return _picked(x, _order(x, descending), axis)


def top_along(x: ndarray, k: int, axis: int = -1, largest: bool = True) -> tuple[ndarray, ndarray]:
    """The k largest or smallest values along an axis, in order, and the indices where they stood."""
    x = _last(x, axis)
    return _picked(x, _top(x, k, largest), axis)


# Values to a block, of which the extreme is taken first.
_BLOCK = 64


def _top(x: ndarray, k: int, largest: bool) -> ndarray:
    """The indices of the k largest or smallest along the last axis, in order."""
    n = x.shape[-1]
    blocks = n // _BLOCK
    if k and blocks > 4 * k:
        # the k blocks with the largest maxima hold the k largest values; nan counts as large, so minima leave it out
        split = x[..., : blocks * _BLOCK].reshape(*x.shape[:-1], blocks, _BLOCK)
        extremes = np.maximum.reduce(split, -1) if largest else np.fmin.reduce(split, -1)
        near = np.sort(_top(extremes, k, largest), axis=-1)
        near = (near[..., None] * _BLOCK + np.arange(_BLOCK)).reshape(*x.shape[:-1], k * _BLOCK)
        tail = np.broadcast_to(np.arange(blocks * _BLOCK, n), (*x.shape[:-1], n - blocks * _BLOCK))
        near = np.concatenate([near, tail], -1)
        order = _order(np.take_along_axis(x, near, -1), largest)[..., :k]
        return np.take_along_axis(near, order, -1)
    packed = _keys(x, largest) if 0 < 8 * k < n else None
    if packed is None:
        return _order(x, largest)[..., :k]
    packed.partition(k - 1, axis=-1)
    first = np.sort(packed[..., :k], axis=-1)
    return (first & _INDEX).view(np.int64)


def kth_along(x: ndarray, k: int, axis: int = -1) -> tuple[ndarray, ndarray]:
    """The k-th smallest value along an axis, counted from 1, and its index. The axis stays, with size 1."""
    x = _last(x, axis)
    packed = _keys(x, False)
    if packed is not None:
        packed.partition(k - 1, axis=-1)
        order = (packed[..., k - 1 : k] & _INDEX).view(np.int64)
    elif x.shape[-1] < _MANY:
        order = x.argsort(axis=-1, kind="stable")[..., k - 1 : k]
    else:
        order = np.argpartition(x, k - 1, axis=-1)[..., k - 1 : k]
    return _picked(x, order, axis)


def median_along(x: ndarray, axis: int = -1, skip_nan: bool = False) -> tuple[ndarray, ndarray]:
    """The lower median along an axis and its index; of two nan or more the first. The axis stays, with size 1."""
    n = x.shape[axis]
    values, indices = kth_along(x, (n + 1) // 2, axis)
    if x.dtype.kind != "f":
        return values, indices
    lost = np.isnan(x)
    if not lost.any():
        return values, indices
    if skip_nan:
        kept = n - np.add.reduce(lost, axis, keepdims=True)
        middle = np.maximum(kept - 1, 0) // 2
        ordered, order = sort_along(x, axis)
        return np.take_along_axis(ordered, middle, axis), np.take_along_axis(order, middle, axis)
    spoiled = np.logical_or.reduce(lost, axis, keepdims=True)
    indices = np.where(spoiled, np.argmax(lost, axis, keepdims=True), indices)
    return np.take_along_axis(x, indices, axis), indices


def mode_along(x: ndarray, axis: int = -1) -> tuple[ndarray, ndarray]:
    """The most frequent value along an axis, the smallest of several, and its last index. The axis stays."""
    x = _last(x, axis)
    order = _order(x, False)
    values = np.take_along_axis(x, order, -1)
    place = np.arange(x.shape[-1])
    begins = np.ones(x.shape, bool)
    np.not_equal(values[..., 1:], values[..., :-1], out=begins[..., 1:])
    run = place - np.maximum.accumulate(np.where(begins, place, 0), axis=-1)
    last = run.argmax(-1)[..., None]
    return _picked(x, np.take_along_axis(order, last, -1), axis)


def spread_along(values: ndarray, indices: ndarray, dim: int = -1, size: int = 0) -> ndarray:
    """Zeros of `size` along an axis with `values` added at `indices` along it: what undoes picking."""
    values, indices = np.moveaxis(values, dim, -1), np.moveaxis(indices, dim, -1)
    result = np.zeros((*values.shape[:-1], size), values.dtype)
    if indices.shape[-1] == 1:
        np.put_along_axis(result, indices, values, -1)
    elif values.size:
        rows = np.arange(result.size // size).reshape(*values.shape[:-1], 1) * size
        np.add.at(result.reshape(-1), (rows + indices).reshape(-1), values.reshape(-1))
    return np.moveaxis(result, -1, dim)


# ---- scans -----------------------------------------------------------------------------------------------------------

# What float32 and complex64 are added and multiplied in, one after the other, so that errors do not pile up.
_PRECISE = {np.dtype(np.float32): np.dtype(np.float64), np.dtype(np.complex64): np.dtype(np.complex128)}


def _accumulated(combine: np.ufunc, x: ndarray, axis: int) -> ndarray:
    """A scan in twice the precision."""
    wide = x.astype(_PRECISE[x.dtype])
    if x.size >= 64 * x.shape[axis] and axis % x.ndim != x.ndim - 1:
        # whole slabs at a time: NumPy itself would walk along the axis, against the grain of the memory
        slabs = np.moveaxis(wide, axis, 0)
        for i in range(1, len(slabs)):
            combine(slabs[i - 1], slabs[i], out=slabs[i])
    else:
        combine.accumulate(wide, axis, out=wide)
    return wide.astype(x.dtype)


def cumulative_sum(x: ndarray, axis: int = -1, dtype: object = None) -> ndarray:
    """The running sum along an axis, in the dtype of `x` if none is given."""
    if dtype is None and x.dtype in _PRECISE:
        return _accumulated(np.add, x, axis)
    return np.add.accumulate(x, axis, dtype or x.dtype)


def cumulative_prod(x: ndarray, axis: int = -1, dtype: object = None) -> ndarray:
    """The running product along an axis, in the dtype of `x` if none is given."""
    if dtype is None and x.dtype in _PRECISE:
        return _accumulated(np.multiply, x, axis)
    return np.multiply.accumulate(x, axis, dtype or x.dtype)


def _cumulative_extreme(x: ndarray, axis: int, extreme: np.ufunc) -> tuple[ndarray, ndarray]:
    values = extreme.accumulate(x, axis)
    place = np.arange(x.shape[axis]).reshape(-1, *(1,) * (x.ndim - 1 - axis % x.ndim))
    fresh = x == values
    if x.dtype.kind == "f":
        fresh |= np.isnan(x)
    return values, np.maximum.accumulate(np.where(fresh, place, 0), axis)


def cumulative_max(x: ndarray, axis: int = -1) -> tuple[ndarray, ndarray]:
    """The running maximum along an axis, and the last index where it stood."""
    return _cumulative_extreme(x, axis, np.maximum)


def cumulative_min(x: ndarray, axis: int = -1) -> tuple[ndarray, ndarray]:
    """The running minimum along an axis, and the last index where it stood."""
    return _cumulative_extreme(x, axis, np.minimum)


def cumulative_logsumexp(x: ndarray, axis: int = -1) -> ndarray:
    """`log(cumsum(exp(x)))` along an axis, without overflow."""
    if x.dtype.kind != "c":
        return np.logaddexp.accumulate(x, axis, _PRECISE.get(x.dtype)).astype(x.dtype, copy=False)
    # complex numbers one after the other: the imaginary part keeps counting turns, as PyTorch's does
    result = np.moveaxis(x, axis, 0).astype(np.complex128)
    for i in range(1, len(result)):
        before, new = result[i - 1], result[i]
        swap = new.real > before.real
        large, small = np.where(swap, new, before), np.where(swap, before, new)
        step = large + np.log1p(np.exp(small - large))
        result[i] = np.where(np.isneginf(large.real), large, step)
    return np.moveaxis(result, 0, axis).astype(x.dtype)


def linear_recurrence(a: ndarray, b: ndarray, dim: int = -1) -> ndarray:
    """`y[i] = a[i] * y[i - 1] + b[i]` along an axis, from `y[0] = b[0]`."""
    a, y = np.moveaxis(a, dim, 0), np.moveaxis(b, dim, 0).copy()
    n = len(y)
    if n <= 32 or y.size > 64 * n:
        for i in range(1, n):
            y[i] += a[i] * y[i - 1]
        return np.moveaxis(y, 0, dim)
    # steps of 1, 2, 4, …: after each, y[i] holds the sum of the terms that far back
    a, far = a.copy(), 1
    while far < n:
        y[far:] += a[far:] * y[:-far]
        a[far:] = a[far:] * a[:-far]
        far *= 2
    return np.moveaxis(y, 0, dim)


# ---- counting: NumPy's own, for functions that have no gradient ------------------------------------------------------

bincount = np.bincount
isin = np.isin
lexsort = np.lexsort
unique = np.unique
