"""Kernels of normalisation: in place where they made the array themselves, and without temporaries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import native
from .layout import by_channels, contiguous
from .reduction import middle
from .reduction import sum as exact_sum

ndarray = np.ndarray


def _count(x: ndarray, axes: tuple) -> int:
    n = 1
    for a in axes:
        n *= x.shape[a]
    return max(n, 1)


def _mean_product(x: ndarray, y: ndarray, axes: tuple, n: int) -> ndarray:
    """The mean of `x * y` over some axes, which stay. Over the last ones it is a dot product, without a temporary."""
    lead = x.ndim - len(axes)
    if axes == tuple(range(lead, x.ndim)) and x.flags.c_contiguous and y.flags.c_contiguous and x.size:
        shape = x.shape[:lead]
        dots = np.vecdot(x.reshape(*shape, n), y.reshape(*shape, n))
        return (dots / dots.dtype.type(n)).reshape(*shape, *(1,) * len(axes))
    return exact_sum(x * y, axes, keepdims=True) / x.dtype.type(n)


def moments(x: ndarray, axes: tuple) -> tuple[ndarray, ndarray]:
    """The mean and the variance (not corrected for bias) over some axes, which stay; two passes, for accuracy."""
    sizes = middle(x, axes) if native.fits(x) else None
    if sizes is not None:
        outer, channels, inner = map(math.prod, sizes)
        shape = [1 if a in axes else n for a, n in enumerate(x.shape)]
        mean, var = np.empty((2, *shape), x.dtype)
        native.launch("moments", x.dtype, channels, 4 * x.size, outer, channels, inner, x, mean, var)
        return mean, var
    n = _count(x, axes)
    mean = exact_sum(x, axes, keepdims=True) / x.dtype.type(n)
    difference = x - mean
    return mean, _mean_product(difference, difference, axes, n)


def scaled_shifted(x: ndarray, scale: ndarray | None, shift: ndarray | None) -> ndarray:
    """`x * scale + shift` as a new array."""
    x = x if x.flags.c_contiguous or by_channels(x) else x.copy("C")
    if x.ndim > 1 and native.fits(x) and scale is not None and shift is not None and _for_channels(x, scale, shift):
        out = np.empty(x.shape, x.dtype)
        outer, channels, inner = len(x), x.shape[1], math.prod(x.shape[2:])
        numbers = outer, channels, inner
        native.launch("scale_channels", x.dtype, channels, 2 * x.size, *numbers, x, *map(_dense, (scale, shift)), out)
        return out
    if scale is None:
        return x + shift
    out = x * scale
    if shift is not None:
        out += shift
    return out


def _for_channels(x: ndarray, *values: ndarray) -> bool:
    """Whether the arrays have one number for each channel of (N, C, ...)."""
    shape = (1, x.shape[1], *(1,) * (x.ndim - 2))
    return all(v.shape == shape and v.dtype is x.dtype for v in values)


_dense = np.ascontiguousarray


def normalized(
    x: ndarray, mean: ndarray, var: ndarray, weight: ndarray | None, bias: ndarray | None, eps: float
) -> ndarray:
    """`(x - mean) / sqrt(var + eps) * weight + bias` as a new array."""
    x = contiguous(x)
    n = _row_length(x, mean)
    if n and native.fits(x):
        out = np.empty(x.shape, x.dtype)
        weight, bias = _filled(weight, n, 1, x.dtype), _filled(bias, n, 0, x.dtype)
        if weight.size == bias.size == n:
            given = n, x, _dense(mean), _dense(var), _dense(weight), _dense(bias), eps, out
            native.launch("layer_norm", x.dtype, x.size // n, 4 * x.size, *given)
            return out
    out = x - mean
    out *= 1 / np.sqrt(var + eps)
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out


def _row_length(x: ndarray, mean: ndarray) -> int:
    """How many elements, the last ones, share a mean; 0 if they are not the elements of some last axes."""
    lead = x.ndim
    if mean.ndim != lead or not mean.size:
        return 0
    while lead and mean.shape[lead - 1] == 1:
        lead -= 1
    return x.size // mean.size if mean.shape[:lead] == x.shape[:lead] else 0


def _filled(values: ndarray | None, n: int, number: float, dtype: Any) -> ndarray:
    return np.full(n, number, dtype) if values is None else values


def layer_norm_grads(
    g: ndarray, x: ndarray, mean: ndarray, var: ndarray, weight: ndarray | None, count: int, eps: float
) -> tuple[ndarray, ndarray, ndarray] | None:
    """The gradients for input, weight and bias in one pass, by native code; None where there is none."""
    n = _row_length(x, mean)
    g = _dense(g)
    if not n or not native.fits(g) or not x.flags.c_contiguous or x.dtype is not g.dtype:
        return None
    gx = np.empty(x.shape, x.dtype)
    rows, cost, shape = x.size // n, 10.0 * x.size, x.shape[x.ndim - count :]
    given = n, g, x, _dense(mean), _dense(var), _dense(_filled(weight, n, 1, x.dtype)), eps, gx
    with native.Room(native.shares(rows, cost), 2 * n, x.dtype) as room:
        native.launch("layer_norm_gradient", x.dtype, rows, cost, *given, room.array, room.size)
        gw, gb = room.array[:, : 2 * n].sum(0).reshape(2, *shape)
    return gx, gw, gb


def batch_norm_grads(
    g: ndarray, x: ndarray, mean: ndarray, var: ndarray, weight: ndarray | None, eps: float
) -> tuple[ndarray, ndarray, ndarray] | None:
    """The gradients for input, weight and bias in two passes, by native code; None where there is none."""
    g = _dense(g)
    if not native.fits(g) or not x.flags.c_contiguous or x.dtype is not g.dtype:
        return None
    outer, channels, inner = len(x), x.shape[1], math.prod(x.shape[2:])
    gx, (gw, gb) = np.empty(x.shape, x.dtype), np.empty((2, channels), x.dtype)
    weight = _dense(_filled(weight, channels, 1, x.dtype))
    given = g, x, _dense(mean), _dense(var), weight, eps, gx, gw, gb
    native.launch("batch_norm_gradient", x.dtype, channels, 10 * x.size, outer, channels, inner, *given)
    return gx, gw, gb


def standardized(x: ndarray, mean: ndarray, var: ndarray, axes: tuple, eps: float) -> ndarray:
    """`x` with the mean and the variance that were worked out before taken away."""
    out = x - mean
    out *= 1 / np.sqrt(var + eps)
    return out


def inverse_deviation(x: ndarray, var: ndarray, axes: tuple, eps: float) -> ndarray:
    """`1 / sqrt(var + eps)`, of the variance that was worked out before."""
    return 1 / np.sqrt(var + eps)


def standardized_grad(g: ndarray, xhat: ndarray, rstd: ndarray, axes: tuple) -> ndarray:
    """`rstd * (g - mean(g) - xhat * mean(g * xhat))`."""
    n = _count(g, axes)
    result = xhat * -_mean_product(g, xhat, axes, n)
    result += g
    result -= exact_sum(g, axes, keepdims=True) / g.dtype.type(n)
    result *= rstd
    return result
