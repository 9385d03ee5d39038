"""Kernels that add up rows: by sorting, since `np.add.at` takes some ten times as long for rows."""

from __future__ import annotations

import numpy as np

from . import native

ndarray = np.ndarray


def _sum_by(rows: ndarray, keys: ndarray, count: int) -> ndarray:
    """For each key below `count`, the sum of the rows that have it."""
    if rows.ndim == 2 and rows.size >= native.LARGE:
        rows = np.ascontiguousarray(rows)
    if rows.ndim == 2 and native.fits(rows) and keys.dtype == np.int64:
        result = np.empty((count, rows.shape[1]), rows.dtype)
        cost = 4.0 * (rows.size + result.size)
        keys = np.ascontiguousarray(keys)
        native.launch("rows_summed", rows.dtype, count, cost, rows.shape[1], keys.size, keys, rows, result)
        return result
    result = np.zeros((count, *rows.shape[1:]), rows.dtype)
    if keys.size:
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]))
        result[sorted_keys[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return result


def embedding_grad(g: ndarray, indices: ndarray, count: int, padding_idx: int, scale_grad_by_freq: bool) -> ndarray:
    """The gradients of picked rows, added up for each row of a table of `count` rows."""
    numbers = indices.reshape(-1)
    result = _sum_by(g.reshape(numbers.size, g.shape[-1]), numbers, count)
    if scale_grad_by_freq:
        result /= np.maximum(np.bincount(numbers, minlength=count), 1).astype(g.dtype)[:, None]
    if 0 <= padding_idx < count:
        result[padding_idx] = 0
    return result


def bag_sum(rows: ndarray, bags: ndarray, count: int) -> ndarray:
    """For each of `count` bags, the sum of the rows that are in it."""
    return _sum_by(rows, bags, count)


def column_scatter(g: ndarray, chosen: ndarray, count: int) -> ndarray:
    """An array of `count` rows in which `g[b, d]` is added to row `chosen[b, d]` of column d."""
    result = np.zeros((count, g.shape[1]), g.dtype)
    np.add.at(result, (chosen, np.arange(g.shape[1])), g)
    return result


def first_outside(numbers: ndarray, count: int) -> int | None:
    """A number that is not one of 0 to `count - 1`, or None."""
    if not numbers.size:
        return None
    # one comparison for both ends: as unsigned numbers, negative ones are the largest
    unsigned = numbers.view(np.uint64 if numbers.itemsize == 8 else np.uint32)
    if np.maximum.reduce(unsigned, None) < count:
        return None
    return int(numbers[(numbers < 0) | (numbers >= count)][0])


def renormed_rows(table: ndarray, indices: ndarray, max_norm: float, p: float) -> ndarray:
    """A copy of the table in which the rows that `indices` name have p-norms of `max_norm` at most."""
    numbers = np.unique(indices)
    result = table.copy()
    picked = table[numbers].astype(np.float64 if table.dtype == np.float64 else np.float32)
    sizes = np.abs(picked)
    norms = sizes.max(1, initial=0) if p == np.inf else (sizes**p).sum(1) ** (1 / p)
    large = norms > max_norm
    # the small number is PyTorch's
    scaled = picked[large] * (max_norm / (norms[large] + 1e-7))[:, None]
    result[numbers[large]] = scaled.astype(table.dtype)
    return result


def bags_of(offsets: ndarray, length: int, count: int) -> ndarray | None:
    """The bag of each index, from where each of `count` bags begins; None where offsets decrease."""
    ends = np.append(offsets[1:], length)[:count]
    lengths = ends - offsets[:count]
    return None if (lengths < 0).any() else np.repeat(np.arange(count), lengths)


def counts(numbers: ndarray, count: int) -> ndarray:
    """How often each number below `count` occurs."""
    return np.bincount(numbers, minlength=count)


def rows_of_maxima(table: ndarray, indices: ndarray, bags: ndarray, sizes: ndarray) -> ndarray:
    """For each bag and column, the number of the row with the largest element, the first of equal ones; 0 if empty."""
    chosen = np.zeros((sizes.size, table.shape[1]), np.int64)
    filled = np.flatnonzero(sizes)
    if filled.size:
        picked = table[indices].astype(np.float64 if table.dtype == np.float64 else np.float32)
        starts = np.append(0, np.cumsum(sizes[filled])[:-1])
        best = np.maximum.reduceat(picked, starts, axis=0)[np.searchsorted(filled, bags)]
        hit = (picked == best) | (np.isnan(picked) & np.isnan(best))
        position = np.where(hit, np.arange(indices.size)[:, None], indices.size)
        chosen[filled] = indices[np.minimum.reduceat(position, starts, axis=0)]
    return chosen


def pairs(n: int) -> tuple[ndarray, ndarray]:
    """All pairs of numbers below `n`, the first smaller than the second, in order."""
    return np.triu_indices(n, 1)
