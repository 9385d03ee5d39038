"""Reductions straight from the ufuncs: what NumPy's own wrappers in Python add costs as much as a small reduction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

ndarray = np.ndarray
_add = np.add.reduce
_multiply = np.multiply.reduce
_maximum = np.maximum.reduce
_minimum = np.minimum.reduce
_and = np.logical_and.reduce
_or = np.logical_or.reduce

# From this many terms on, a sum along an axis that is not the fastest one in memory is taken in blocks: NumPy sums
# pairwise along the fastest axis only, and adds one by one along the others.
_LONG = 64


def sum(x: ndarray, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum over some axes, as exact in float32 as a pairwise sum."""
    if x.ndim > 1 and x.size >= 1024 and x.dtype.kind in "fc" and dtype is None:
        return _exact_sum(x, axis, keepdims)
    return _add(x, axis, dtype, None, keepdims)


def _exact_sum(x: ndarray, axis: Any, keepdims: bool) -> Any:
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = [a % x.ndim for a in axes]
    if len(axes) == x.ndim and (x.flags.c_contiguous or x.flags.f_contiguous):
        return _add(x, axis, None, None, keepdims)
    inner = sorted((abs(s), a) for a, (s, n) in enumerate(zip(x.strides, x.shape, strict=True)) if n > 1)[0][1]
    long = [a for a in axes if a != inner and x.shape[a] >= _LONG]
    if not long:
        return _add(x, axis, None, None, keepdims)
    for a in long:
        x = _halved(x, a)
    return _add(x, axis, None, None, keepdims)


def _halved(x: ndarray, axis: int) -> ndarray:
    """Partial sums of blocks along an axis, one for each block, until few are left."""
    n = x.shape[axis]
    while n >= _LONG:
        width = 32
        blocks = n // width
        head = x[(slice(None),) * axis + (slice(0, blocks * width),)]
        split = head.reshape(*x.shape[:axis], blocks, width, *x.shape[axis + 1 :])
        parts = _add(split, axis + 1)
        if blocks * width < n:
            rest = _add(x[(slice(None),) * axis + (slice(blocks * width, None),)], axis, None, None, True)
            parts = np.concatenate([parts, rest], axis)
        x, n = parts, parts.shape[axis]
    return x


def mean(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over some axes, nan where there is nothing."""
    total = sum(x, axis, None, keepdims)
    # the number of terms, found without walking through the axes
    return total / (x.size // total.size if total.size else _terms(x, axis))


def _terms(x: ndarray, axis: Any) -> int:
    return math.prod(x.shape[a] for a in (axis if isinstance(axis, tuple) else (axis,)))


def prod(x: ndarray, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product over some axes."""
    return _multiply(x, axis, dtype, None, keepdims)


def max(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest value over some axes; nan where there is one."""
    return _maximum(x, axis, None, None, keepdims)


def min(x: ndarray, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest value over some axes; nan where there is one."""
    return _minimum(x, axis, None, None, keepdims)


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
