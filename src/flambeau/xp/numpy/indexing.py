"""Kernels that read and write at index arrays, and at diagonals and windows.

Indices arrive as integers that the caller has checked: none negative, all in range. Kernels that are called like a
public function take its arguments in its order, the others arrays first, as the rows do. The workhorse is `flat_index`:
one dense array of positions serves `take` and `ufunc.at`, whose one-dimensional loops are several times faster than the
general ones.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from ...storage import strided_array

ndarray = np.ndarray


def flat_index(index: ndarray, shape: tuple[int, ...], dim: int, extent: tuple[int, ...]) -> ndarray:
    """Positions in an array of `shape`, laid out row by row, of `extent` elements: at `index` along `dim`, from 0 else.

    `index` has as many axes as `shape` and broadcasts to `extent`.
    """
    stride = prod(shape[dim + 1 :])
    others = (*extent[:dim], 1, *extent[dim + 1 :])
    rest = (kept_offsets if prod(others) <= 4096 else _offsets)(shape, others)
    if stride == 1:
        return index if rest is None else index + rest
    scaled = index * stride
    if rest is None:
        return scaled
    if scaled.shape != extent:
        return scaled + rest
    scaled += rest
    return scaled


def _offsets(shape: tuple[int, ...], extent: tuple[int, ...]) -> ndarray | None:
    """The positions of the first `extent` elements of an array of `shape`; None where that is only position 0."""
    total: Any = None
    stride = 1
    for axis in range(len(shape) - 1, -1, -1):
        if extent[axis] > 1:
            steps = (np.arange(extent[axis]) * stride).reshape((-1,) + (1,) * (len(shape) - 1 - axis))
            total = steps if total is None else total + steps
        stride *= shape[axis]
    return total


# small ones are asked for again and again: by the loss of each batch, for one
kept_offsets = lru_cache(256)(_offsets)


def _dense_copy(x: Any) -> ndarray:
    """A copy laid out row by row; of a NumPy scalar too, which reductions give."""
    return np.array(x, order="C")


# ---- one index for each element ------------------------------------------------------------------------------------


def gather(x: ndarray, dim: int, index: ndarray) -> ndarray:
    """`x[..., index[..., i, ...], ...]`: one element of `x` along `dim` for each element of `index`."""
    if index.size == 0:
        return np.empty(index.shape, x.dtype)
    if x.ndim <= 1 or index.ndim == 0:
        return np.asarray(x.reshape(-1).take(index))
    if not x.flags.c_contiguous:
        crop = tuple([slice(None) if d == dim else slice(n) for d, n in enumerate(index.shape)])
        return np.take_along_axis(x[crop], index, dim)
    return x.reshape(-1).take(flat_index(index, x.shape, dim, index.shape))


def _at(x: ndarray, index: ndarray, values: Any, dim: int, ufunc: np.ufunc | None) -> ndarray:
    """A copy of `x` in which the elements at `index` along `dim` are replaced by, or combined with, `values`."""
    result = _dense_copy(x)
    write_at(result, index, values, dim, ufunc)
    return result


def write_at(x: ndarray, index: ndarray, values: Any, dim: int, ufunc: np.ufunc | None) -> None:
    """The same in a dense array itself."""
    if index.size == 0:
        return
    where = index if x.ndim <= 1 or index.ndim == 0 else flat_index(index, x.shape, dim, index.shape)
    flat = x.reshape(-1)
    if ufunc is None:
        flat[where] = values.reshape(where.shape) if isinstance(values, ndarray) and values.ndim else values
    else:
        combine_at(ufunc, flat, where, values)


def combine_at(ufunc: np.ufunc, flat: ndarray, where: ndarray, values: Any) -> None:
    """`flat[where] = ufunc(flat[where], values)`, one element after the other; half types are combined in float32."""
    if isinstance(values, ndarray):
        values = values.reshape(-1) if values.ndim else np.broadcast_to(values, where.size)
    if flat.dtype.kind in "biufc" and flat.dtype != np.float16:
        ufunc.at(flat, where.reshape(-1), values)
        return
    wide = flat.astype(np.float32)
    ufunc.at(wide, where.reshape(-1), values.astype(np.float32) if isinstance(values, ndarray) else values)
    flat[...] = wide.astype(flat.dtype)


def scatter(x: ndarray, dim: int, index: ndarray, src: Any) -> ndarray:
    """A copy of `x` with `src`, an array of the shape of `index` or a number, written at `index` along `dim`."""
    return _at(x, index, src, dim, None)


def scatter_add(x: ndarray, dim: int, index: ndarray, src: Any) -> ndarray:
    """A copy of `x` with `src` added at `index` along `dim`."""
    return _at(x, index, src, dim, np.logical_or if x.dtype.kind == "b" else np.add)


def scatter_prod(x: ndarray, index: ndarray, src: Any, dim: int) -> ndarray:
    """A copy of `x` multiplied by `src` at `index` along `dim`."""
    return _at(x, index, src, dim, np.logical_and if x.dtype.kind == "b" else np.multiply)


def scatter_extreme(x: ndarray, index: ndarray, src: Any, dim: int, largest: bool) -> ndarray:
    """The larger (or smaller) of `x` and all of `src` that `index` sends to each element along `dim`."""
    return _at(x, index, src, dim, np.maximum if largest else np.minimum)


# ---- one index for each slice --------------------------------------------------------------------------------------


def index_select(x: ndarray, dim: int, index: ndarray) -> ndarray:
    """The slices of `x` at `index`, of one axis, along `dim`."""
    if x.ndim == 0:
        return _dense_copy(x)
    if x.flags.c_contiguous:
        return x.take(index, axis=dim)
    return x[(slice(None),) * dim + (index,)].copy("C")


# from how many elements on a slice is added faster as a whole: 0.5 µs for each, against 2 ns for each element
LONG_ROW = 512


def index_add(x: ndarray, dim: int, index: ndarray, source: ndarray) -> ndarray:
    """A copy of `x` with the slices of `source` added to the slices at `index` along `dim`."""
    result = _dense_copy(x)
    add_slices(result, index, source, dim)
    return result


def add_slices(x: ndarray, index: ndarray, source: ndarray, dim: int, alpha: Any = 1) -> None:
    """`alpha` times the slices of `source` added to the slices at `index` of a dense array, in place."""
    if source.size == 0:
        return
    if dim == 0 and x.ndim > 1 and x.dtype.kind in "fc" and x.itemsize > 2 and source.size >= LONG_ROW * index.size:
        for place, row in zip(index.tolist(), source, strict=True):
            x[place] += row if alpha == 1 else row * alpha
        return
    where = index
    if x.ndim > 1:
        column = index.reshape((-1,) + (1,) * (x.ndim - 1 - dim))
        where = flat_index(column, x.shape, dim, source.shape)
    values = source if alpha == 1 else source * alpha
    combine_at(np.logical_or if x.dtype.kind == "b" else np.add, x.reshape(-1), where, values)


def index_copy(x: ndarray, dim: int, index: ndarray, source: ndarray) -> ndarray:
    """A copy of `x` with the slices of `source` written over the slices at `index` along `dim`."""
    result = _dense_copy(x)
    write_slices(result, index, source, dim)
    return result


def index_fill(x: ndarray, dim: int, index: ndarray, value: Any) -> ndarray:
    """A copy of `x` with a number in the slices at `index` along `dim`."""
    result = _dense_copy(x)
    write_slices(result, index, value, dim)
    return result


def write_slices(x: ndarray, index: ndarray, value: Any, dim: int) -> None:
    """Slices, or a number, written over the slices at `index` of an array, in place."""
    if x.ndim:
        x[(slice(None),) * dim + (index,)] = value
    elif index.size:
        x[...] = value.reshape(()) if isinstance(value, ndarray) else value


def add_at(x: ndarray, index: Any, values: Any) -> None:
    """`x[index] += values` in a dense array, elements that are named several times adding up; fast where it can be."""
    parts = index if type(index) is tuple else (index,)
    some = [p for p in parts if not (type(p) is slice and p == slice(None))]
    if len(some) == 1 and type(some[0]) is ndarray and some[0].dtype.kind in "iu" and x.size:
        dim = next(i for i, p in enumerate(parts) if p is some[0])
        given, shape = some[0], x.shape
        values = np.broadcast_to(values, shape[:dim] + given.shape + shape[dim + 1 :])
        source = values.reshape(*shape[:dim], given.size, *shape[dim + 1 :])
        where = from_front(given.reshape(-1).astype(np.int64, copy=False), shape[dim])
        if outside(where, shape[dim]) is None:
            add_slices(x, where, source, dim)
            return
    if len(some) == 1 and type(some[0]) is ndarray and some[0].dtype.kind == "b":
        # a mask names nothing twice
        x[index] += values
        return
    np.add.at(x, index, values)


# ---- masks ---------------------------------------------------------------------------------------------------------


def masked_select(x: ndarray, mask: ndarray) -> ndarray:
    """The elements of `x` where `mask` is true, one after the other; the two broadcast."""
    if x.shape != mask.shape:
        x, mask = np.broadcast_arrays(x, mask)
    # four times faster than x[mask] where the mask is irregular
    return x.reshape(-1).take(np.flatnonzero(mask))


def nonzero(x: ndarray) -> tuple[ndarray, ...]:
    """The indices along each axis of all elements that are not zero. Division is faster than NumPy's way for many."""
    if x.size < 4096:
        return np.nonzero(x)
    flat = np.flatnonzero(x if x.dtype.kind == "b" else x != 0)
    if x.ndim == 1:
        return (flat,)
    found = []
    for n in x.shape[:0:-1]:
        flat, inner = np.divmod(flat, n or 1)
        found.append(inner)
    return (flat, *found[::-1])


def argwhere(x: ndarray) -> ndarray:
    """The same as one row for each element."""
    if x.ndim == 0:
        return np.empty((int(bool(x)), 0), np.int64)
    return np.argwhere(x) if x.size < 4096 else np.stack(nonzero(x), 1)


def masked_scatter(x: ndarray, mask: ndarray, source: ndarray) -> ndarray:
    """`x`, but where `mask` is true the elements of `source`, one after the other; `x` and `mask` broadcast."""
    if x.shape != mask.shape:
        x, mask = np.broadcast_arrays(x, mask)
    result = _dense_copy(x)
    count = int(np.count_nonzero(mask))
    if count > source.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    result[mask] = source.reshape(-1)[:count]
    return result


# ---- diagonals and windows -----------------------------------------------------------------------------------------


def _writable_diagonal(x: ndarray, offset: int, axis1: int, axis2: int) -> ndarray:
    view = np.diagonal(x, offset, axis1, axis2)
    view.flags.writeable = True
    return view


def diagonal_scatter(x: ndarray, src: ndarray, offset: int, axis1: int, axis2: int) -> ndarray:
    """A copy of `x` with `src` on a diagonal."""
    result = _dense_copy(x)
    _writable_diagonal(result, offset, axis1, axis2)[...] = src
    return result


def diag_embed(x: ndarray, offset: int, axis1: int, axis2: int) -> ndarray:
    """Zeros with the last axis of `x` on the diagonal between two new axes."""
    size = x.shape[-1] + abs(offset)
    shape = list(x.shape[:-1])
    for axis in sorted((axis1, axis2)):
        shape.insert(axis, size)
    result = np.zeros(shape, x.dtype)
    _writable_diagonal(result, offset, axis1, axis2)[...] = x
    return result


def windows(x: ndarray, dim: int, size: int, step: int) -> ndarray:
    """A view of all windows of `size` elements along `dim`, `step` apart; inside of a window is the last axis."""
    if x.ndim == 0:
        return strided_array(x, (size,), (x.itemsize,))
    count = (x.shape[dim] - size) // step + 1
    shape = (*x.shape[:dim], count, *x.shape[dim + 1 :], size)
    strides = (*x.strides[:dim], x.strides[dim] * step, *x.strides[dim + 1 :], x.strides[dim])
    return strided_array(x, shape, strides)


def fold_windows(g: ndarray, shape: tuple[int, ...], dim: int, size: int, step: int) -> ndarray:
    """The sum, in an array of `shape`, of windows of `windows`: its transpose."""
    if not shape:
        return g.sum(-1, dtype=g.dtype)
    result = np.zeros(shape, g.dtype)
    count = g.shape[dim]
    if step >= size or size <= count:
        # for each place inside of a window, all windows at once
        for k in range(size):
            result[(slice(None),) * dim + (slice(k, k + (count - 1) * step + 1, step),)] += g[..., k]
        return result
    for k in range(count):
        window = (slice(None),) * dim + (slice(k * step, k * step + size),)
        result[window] += np.moveaxis(g[(slice(None),) * dim + (k,)], -1, dim)
    return result


def strided_write(x: ndarray, src: ndarray, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> ndarray:
    """A dense copy of `x` with `src` written where a strided view of that copy lies."""
    result = _dense_copy(x)
    size = x.itemsize
    strided_array(result, shape, tuple([s * size for s in strides]), offset * size)[...] = src
    return result


# ---- what the public functions ask before they index ---------------------------------------------------------------


def outside(index: ndarray, size: int) -> int | None:
    """The first index that is not among 0, …, size - 1, or None. Read as unsigned, negative ones are large."""
    if index.size == 0 or np.maximum.reduce(index.view(np.uint64), axis=None) < size:
        return None
    return int(index[(index < 0) | (index >= size)].flat[0])


def from_front(index: ndarray, size: int) -> ndarray:
    """Indices in which negative ones, that count from the end, are counted from the front."""
    return np.where(index < 0, index + size, index) if index.size and index.min() < 0 else index


def search_rows(rows: ndarray, values: ndarray, right: bool) -> ndarray:
    """Where `values` belong in `rows`, sorted along the last axis: in the one row, or each row of values in its row."""
    n = rows.shape[-1]
    # NumPy puts numbers before a nan, PyTorch behind it
    if rows.ndim == 1 and not (n and rows[-1] != rows[-1]):
        return np.asarray(np.searchsorted(rows, values, "right" if right else "left"))
    # halve the intervals of all values at once
    low, high = np.zeros(values.shape, np.int64), np.full(values.shape, n, np.int64)
    for _ in range(n.bit_length()):
        middle = (low + high) >> 1
        at = np.minimum(middle, n - 1)
        probe = rows.take(at) if rows.ndim == 1 else gather(rows, rows.ndim - 1, at)
        before = ~(probe > values) if right else ~(probe >= values)
        before &= low < high
        low = np.where(before, middle + 1, low)
        high = np.where(before, high, middle)
    return low


# name of a row -> what does the same in place, in a dense array
WRITERS: dict[str, Any] = {
    "scatter": lambda x, index, src, dim: write_at(x, index, src, dim, None),
    "scatter_value": lambda x, index, value, dim: write_at(x, index, value, dim, None),
    "scatter_add": lambda x, index, src, dim: write_at(
        x, index, src, dim, np.logical_or if x.dtype.kind == "b" else np.add
    ),
    "index_add": add_slices,
    "index_copy": write_slices,
    "index_fill": write_slices,
    "masked_fill": lambda x, mask, value: np.copyto(x, value, where=mask, casting="unsafe"),
}


def flip(x: ndarray, axis: Any = None) -> ndarray:
    """A view with the elements along some axes, all if None, in reverse order."""
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    index = [slice(None)] * x.ndim
    for a in axes:
        index[a] = slice(None, None, -1)
    return x[(*index, Ellipsis)]
