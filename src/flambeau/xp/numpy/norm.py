"""Kernels of normalisation: in place where they made the array themselves, and without temporaries."""

from __future__ import annotations

import numpy as np

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
    n = _count(x, axes)
    mean = exact_sum(x, axes, keepdims=True) / x.dtype.type(n)
    difference = x - mean
    return mean, _mean_product(difference, difference, axes, n)


def scaled_shifted(x: ndarray, scale: ndarray | None, shift: ndarray | None) -> ndarray:
    """`x * scale + shift` as a new array."""
    if scale is None:
        return x + shift
    out = x * scale
    if shift is not None:
        out += shift
    return out


def normalized(
    x: ndarray, mean: ndarray, var: ndarray, weight: ndarray | None, bias: ndarray | None, eps: float
) -> ndarray:
    """`(x - mean) / sqrt(var + eps) * weight + bias` as a new array."""
    out = x - mean
    out *= 1 / np.sqrt(var + eps)
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out


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
