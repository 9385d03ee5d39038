"""Kernels of the losses that pick numbers by index."""

from __future__ import annotations

import numpy as np

ndarray = np.ndarray


def total_of_squares(x: ndarray) -> ndarray:
    """The sum of `x * x`: dot products of pieces, so that rounding errors of a long sum do not add up."""
    if x.size <= 512:
        # a third of the time of product and sum
        flat = x.ravel()
        return flat.dot(flat)
    if x.size < 4096 or not x.flags.c_contiguous:
        return np.add.reduce(x * x, None)
    flat = x.reshape(-1)
    whole = flat.size // 512 * 512
    pieces = flat[:whole].reshape(-1, 512)
    return np.add.reduce(np.vecdot(pieces, pieces)) + np.vecdot(flat[whole:], flat[whole:])


def nll(logp: ndarray, target: ndarray, weight: ndarray | None, reduction: int, ignore_index: int) -> ndarray:
    """Minus the entries of `logp`, (N, C, ...) or (C,), at the classes `target`; the mean is weighted."""
    index, kept = _targets(target, logp.shape[min(1, logp.ndim - 1)], ignore_index)
    scales = _scales(index, kept, weight, logp.dtype)
    values = logp[_positions(index, logp.ndim)]
    if scales is None:
        if reduction == 0:
            return -values
        total = -np.add.reduce(values, None)
        return total / values.size if reduction == 1 else total
    values = values * -scales
    if kept is not None:  # an ignored entry may be infinite
        values = np.where(kept, values, values.dtype.type(0))
    if reduction == 0:
        return values
    return values.sum() / scales.sum() if reduction == 1 else values.sum()


def nll_grad(
    g: ndarray, target: ndarray, weight: ndarray | None, shape: tuple, reduction: int, ignore_index: int
) -> ndarray:
    """The gradient of `nll`, an array of zeros but for one entry of each row."""
    index, kept = _targets(target, shape[min(1, len(shape) - 1)], ignore_index)
    scales = _scales(index, kept, weight, g.dtype)
    result = np.zeros(shape, g.dtype)
    if reduction == 1:
        g = g / (index.size if scales is None else scales.sum())
    scaled = -g if scales is None else -g * scales
    # without anything kept, the mean's gradient is 0 / 0: it reaches no entry
    result[_positions(index, len(shape))] = scaled if kept is None else np.where(kept, scaled, g.dtype.type(0))
    return result


def _targets(target: ndarray, classes: int, ignore_index: int) -> tuple[ndarray, ndarray | None]:
    """The classes as indices, 0 for ignored ones, and which are kept (None: all). Raises IndexError out of range."""
    index = target if target.dtype == np.int64 else target.astype(np.int64)
    if not index.size:
        return index, None
    # one comparison for both ends: as unsigned numbers, negative ones are the largest
    if 0 <= ignore_index < classes or np.maximum.reduce(index.view(np.uint64), None) >= classes:
        kept = index != ignore_index
        index = np.where(kept, index, 0)
        wrong = (index < 0) | (index >= classes)
        if wrong.any():
            raise IndexError(_out_of_bounds(int(index[wrong].flat[0]), classes))
        if not kept.all():
            return index, kept
    return index, None


def _out_of_bounds(value: int, classes: int) -> str:
    text = (
        f"Target {value} is out of bounds.\n  The input scores {classes} classes: targets go from 0 to {classes - 1}."
    )
    if value == classes:
        text += " If your classes are numbered from 1, subtract 1."
    elif value == -1:
        text += " To skip elements marked -1, pass ignore_index=-1."
    return text


def _scales(index: ndarray, kept: ndarray | None, weight: ndarray | None, dtype: np.dtype) -> ndarray | None:
    """The weight of every target, 0 where ignored; None where all are 1."""
    if weight is None:
        return None if kept is None else kept.astype(dtype)
    scales = weight[index]
    return scales if kept is None else scales * kept


def _positions(index: ndarray, ndim: int) -> tuple:
    """What picks, of an array with `ndim` axes, the entry of axis 1 that `index` names."""
    if ndim == 1:
        return (index,)
    if ndim == 2:
        return np.arange(index.shape[0]), index
    grid = np.ogrid[tuple(slice(n) for n in index.shape)]
    return (grid[0], index, *grid[1:])
