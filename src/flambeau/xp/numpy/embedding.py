"""Kernels that add up rows: by sorting, since `np.add.at` takes some ten times as long for rows."""

from __future__ import annotations

import numpy as np

ndarray = np.ndarray


def _sum_by(rows: ndarray, keys: ndarray, count: int) -> ndarray:
    """For each key below `count`, the sum of the rows that have it."""
    result = np.zeros((count, *rows.shape[1:]), rows.dtype)
    if keys.size:
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]))
        result[sorted_keys[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return result


def embedding_grad(
    g: ndarray, indices: ndarray, count: int, padding_idx: int, scale_grad_by_freq: bool
) -> ndarray:
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
