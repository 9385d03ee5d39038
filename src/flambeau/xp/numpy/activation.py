"""Fused kernels of activations: few passes over memory, few temporaries."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import native
from .layout import contiguous
from .threads import share

ndarray = np.ndarray
_maximum = np.maximum.reduce
_sum = np.add.reduce


# (dtype, n) -> an n by n matrix of ones, where `softmax` of short rows uses it
_ones: dict[tuple[str, int], ndarray | None] = {}


def _ones_for(key: tuple[str, int]) -> ndarray | None:
    usable = key[0] in "fd" and key[1] <= 16
    ones = _ones[key] = np.ones((key[1], key[1]), key[0]) if usable else None
    return ones


def softmax(x: ndarray, axis: int) -> ndarray:
    """`exp(x) / sum(exp(x))` along an axis, computed from differences to the largest element.

    Short rows of numbers whose exponentials are far from overflow need no differences, and a product with ones sums
    each row and repeats the sum: 1.2 µs in place of 3.5, which is what two reductions and their broadcasting cost.
    """
    if not x.flags.c_contiguous:
        x = x.copy("C")
    if 0 < x.size <= 256 and x.ndim and (axis == -1 or axis == x.ndim - 1):
        key = x.dtype.char, x.shape[-1]
        ones = _ones[key] if key in _ones else _ones_for(key)
        if ones is not None and x.item(x.argmax()) < 40 and x.item(x.argmin()) > -40:
            out = np.exp(x)
            return np.divide(out, out.dot(ones), out)
    if not x.size:
        return x.copy()
    if not x.ndim:
        return softmax(x.reshape(1), axis).reshape(())
    if native.fits_single(x) and axis in (-1, x.ndim - 1):
        out = np.empty(x.shape, x.dtype)
        _by_rows("softmax", 20, x, x, out)
        return out
    if x.size >= 1 << 19 and (axis == -1 or axis == x.ndim - 1) and x.flags.c_contiguous and x.shape[-1] <= 1 << 15:
        return _softmax_in_blocks(x)
    out = np.subtract(x, _maximum(x, axis, keepdims=True))
    np.exp(out, out)
    np.divide(out, _sum(out, axis, keepdims=True), out)
    return out


def _by_rows(name: str, cost: int, x: ndarray, *arrays: ndarray) -> None:
    """A native kernel for the rows along the last axis; cost: of each element, in multiplications."""
    n = x.shape[-1]
    native.launch(name, x.dtype, x.size // n, cost * x.size, n, *arrays)


def _softmax_in_blocks(x: ndarray) -> ndarray:
    """The same along the last axis of a large array, in large blocks of rows that threads share.

    Small blocks would stay in cache, but lose more time in handing over the interpreter's lock.
    """
    n = x.shape[-1]
    rows, out = x.reshape(-1, n), np.empty(x.shape, x.dtype)
    results = out.reshape(-1, n)
    step = max((1 << 18) // n, 1)

    def work(starts: Any) -> None:
        for start in starts:
            part = results[start : start + step]
            source = rows[start : start + step]
            np.subtract(source, np.max(source, 1, keepdims=True), part)
            np.exp(part, part)
            np.divide(part, _sum(part, 1, keepdims=True), part)

    share(work, range(0, len(rows), step), 8.0 * x.size)
    return out


def safe_softmax(x: ndarray, axis: int) -> ndarray:
    """`softmax`, but 0 where everything along the axis is -inf."""
    x = contiguous(x)
    if not x.size:
        return x.copy()
    top = _maximum(x, axis, keepdims=True)
    out = np.subtract(x, np.where(np.isneginf(top), 0, top))
    np.exp(out, out)
    total = _sum(out, axis, keepdims=True)
    np.divide(out, np.where(total == 0, 1, total), out)
    return out


def log_softmax(x: ndarray, axis: int) -> ndarray:
    """`x - log(sum(exp(x)))` along an axis, computed from differences to the largest element."""
    x = contiguous(x)
    if not x.size:
        return x.copy()
    if not x.ndim:
        return log_softmax(x.reshape(1), 0).reshape(())
    if native.fits_single(x) and axis in (-1, x.ndim - 1):
        return _log_softmax_of_rows(x)
    out = np.subtract(x, _maximum(x, axis, keepdims=True))
    np.subtract(out, np.log(_sum(np.exp(out), axis, keepdims=True)), out)
    return out


def _log_softmax_of_rows(x: ndarray) -> ndarray:
    count = x.size // x.shape[-1]
    tops, totals = np.empty((2, count), x.dtype)
    out = np.empty(x.shape, x.dtype)
    _by_rows("exponentials", 20, x, x, tops, totals)
    _by_rows("minus_logarithms", 2, x, x, tops, np.log(totals), out)
    return out


def softmax_grad(g: ndarray, out: ndarray, axis: int) -> ndarray:
    """`out * (g - sum(g * out))`."""
    if not out.ndim:
        return g * out * (1 - out)
    if native.fits_single(g) and axis in (-1, g.ndim - 1) and out.flags.c_contiguous:
        result = np.empty(g.shape, g.dtype)
        _by_rows("softmax_gradient", 4, g, g, out, result)
        return result
    result = g * out
    total = _sum(result, axis, keepdims=True)
    np.subtract(g, total, result)
    np.multiply(result, out, result)
    return result


def log_softmax_grad(g: ndarray, out: ndarray, axis: int) -> ndarray:
    """`g - exp(out) * sum(g)`."""
    if not out.ndim:
        return g - np.exp(out) * g
    if native.fits_single(g) and axis in (-1, g.ndim - 1) and out.flags.c_contiguous:
        result = np.empty(g.shape, g.dtype)
        _by_rows("log_softmax_gradient", 20, g, g, out, result)
        return result
    result = np.exp(out)
    np.multiply(result, _sum(g, axis, keepdims=True), result)
    np.subtract(g, result, result)
    return result
