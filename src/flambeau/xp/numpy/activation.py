"""Fused kernels of activations: few passes over memory, few temporaries."""

from __future__ import annotations

import numpy as np

ndarray = np.ndarray
_maximum = np.maximum.reduce
_sum = np.add.reduce


def softmax(x: ndarray, axis: int) -> ndarray:
    """`exp(x) / sum(exp(x))` along an axis, computed from differences to the largest element."""
    if not x.size:
        return x.copy()
    if not x.ndim:
        return softmax(x.reshape(1), 0).reshape(())
    out = np.subtract(x, _maximum(x, axis, keepdims=True))
    np.exp(out, out)
    np.divide(out, _sum(out, axis, keepdims=True), out)
    return out


def safe_softmax(x: ndarray, axis: int) -> ndarray:
    """`softmax`, but 0 where everything along the axis is -inf."""
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
    if not x.size:
        return x.copy()
    if not x.ndim:
        return log_softmax(x.reshape(1), 0).reshape(())
    out = np.subtract(x, _maximum(x, axis, keepdims=True))
    np.subtract(out, np.log(_sum(np.exp(out), axis, keepdims=True)), out)
    return out


def softmax_grad(g: ndarray, out: ndarray, axis: int) -> ndarray:
    """`out * (g - sum(g * out))`."""
    if not out.ndim:
        return g * out * (1 - out)
    result = g * out
    total = _sum(result, axis, keepdims=True)
    np.subtract(g, total, result)
    np.multiply(result, out, result)
    return result


def log_softmax_grad(g: ndarray, out: ndarray, axis: int) -> ndarray:
    """`g - exp(out) * sum(g)`."""
    if not out.ndim:
        return g - np.exp(out) * g
    result = np.exp(out)
    np.multiply(result, _sum(g, axis, keepdims=True), result)
    np.subtract(g, result, result)
    return result
