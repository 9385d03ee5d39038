"""Orthogonal polynomials of degrees that may differ from element to element, by their three-term recurrences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ndarray = np.ndarray


def _recurrence(x: ndarray, n: ndarray, first: ndarray, step: Callable) -> ndarray:
    """p(0) = 1, p(1) = first, p(k + 1) = step(k, p(k), p(k - 1)), each element up to its own degree."""
    before = np.ones_like(x)
    current = first
    result = np.where(n == 0, before, np.where(n == 1, current, 0)).astype(x.dtype)
    for k in range(1, int(n.max(initial=0))):
        before, current = current, step(k, current, before)
        result = np.where(n == k + 1, current, result)
        # once all are nan they stay so
        if k % 64 == 0 and np.isnan(current).all():
            return np.where(n > k, current, result)
    return result


def _degrees(x: Any, n: Any) -> tuple[ndarray, ndarray]:
    """Arguments of one shape and dtype, the degrees as integers; infinite and undefined degrees count as negative."""
    x, n = np.broadcast_arrays(x, n)
    usable = np.isfinite(n) & (np.abs(n) < 2**62)
    return x, np.where(usable, n, -1).astype(np.int64)


def _chebyshev(kind: str, x: ndarray, n: ndarray) -> ndarray:
    """Chebyshev's polynomials T, U, V, W: cosines and sines inside of -1 to 1 for higher degrees."""
    odd = (n & 1) != 0
    one = x.dtype.type(1)
    twice = x + x
    wide = n.astype(x.dtype)
    angle = np.arccos(np.clip(x, -1, 1))
    if kind == "t":
        first, limit = x, 6
        high = np.cos(wide * angle)
        right, left = np.ones_like(x), np.where(odd, -one, one)
    elif kind == "u":
        first, limit = twice, 8
        sine = np.sin(angle)
        high = np.where(sine != 0, np.sin((wide + 1) * angle) / sine, (wide + 1) * np.cos((wide + 1) * angle) / x)
        right, left = wide + 1, np.where(odd, -(wide + 1), wide + 1)
    elif kind == "v":
        first, limit = twice - one, 8
        high = np.cos((wide + one / 2) * angle) / np.cos(angle / 2)
        right, left = np.ones_like(x), np.where(odd, -(2 * wide + 1), 2 * wide + 1)
    else:
        first, limit = twice + one, 8
        high = np.sin((wide + one / 2) * angle) / np.sin(angle / 2)
        right, left = 2 * wide + 1, np.where(odd, -one, one)
    inside = (n > limit) & (np.abs(x) < 1)
    border = np.abs(x) == 1
    low = _recurrence(x, np.where(inside | border, 0, n), first, lambda k, p, q: twice * p - q)
    result = np.where(border, np.where(x > 0, right, left), np.where(inside, high, low))
    return np.where(n < 0, 0, result).astype(x.dtype)


def _make_chebyshev(kind: str, shifted: bool) -> Callable:
    def chebyshev_polynomial(x: ndarray, n: ndarray) -> ndarray:
        x, degrees = _degrees(x, n)
        return _chebyshev(kind, x + x - x.dtype.type(1) if shifted else x, degrees)

    chebyshev_polynomial.__doc__ = f"Chebyshev's polynomial {kind.upper()}{', on 0 to 1' if shifted else ''}."
    return chebyshev_polynomial


chebyshev_polynomial_t = _make_chebyshev("t", False)
chebyshev_polynomial_u = _make_chebyshev("u", False)
chebyshev_polynomial_v = _make_chebyshev("v", False)
chebyshev_polynomial_w = _make_chebyshev("w", False)
shifted_chebyshev_polynomial_t = _make_chebyshev("t", True)
shifted_chebyshev_polynomial_u = _make_chebyshev("u", True)
shifted_chebyshev_polynomial_v = _make_chebyshev("v", True)
shifted_chebyshev_polynomial_w = _make_chebyshev("w", True)


def _hermite(x: ndarray, n: ndarray, scale: int) -> ndarray:
    """Hermite's polynomials; PyTorch gives nan for degrees that overflow."""
    x, degrees = _degrees(x, n)
    limit = 128 if x.dtype == np.float32 else 512
    first = x * x.dtype.type(scale)
    usable = np.where((degrees < 0) | (degrees > limit), 0, degrees)
    result = _recurrence(x, usable, first, lambda k, p, q: first * p - x.dtype.type(scale * k) * q)
    return np.where(degrees < 0, 0, np.where(degrees > limit, np.nan, result)).astype(x.dtype)


def hermite_polynomial_h(x: ndarray, n: ndarray) -> ndarray:
    """Hermite's polynomial H, of physicists."""
    return _hermite(x, n, 2)


def hermite_polynomial_he(x: ndarray, n: ndarray) -> ndarray:
    """Hermite's polynomial He, of probability."""
    return _hermite(x, n, 1)


def laguerre_polynomial_l(x: ndarray, n: ndarray) -> ndarray:
    """Laguerre's polynomial."""
    x, degrees = _degrees(x, n)
    first = 1 - x
    result = _recurrence(x, np.maximum(degrees, 0), first, lambda k, p, q: ((2 * k + first) * p - k * q) / (k + 1))
    return np.where(degrees < 0, 0, np.where(x == 0, 1, result)).astype(x.dtype)


def legendre_polynomial_p(x: ndarray, n: ndarray) -> ndarray:
    """Legendre's polynomial."""
    x, degrees = _degrees(x, n)
    result = _recurrence(x, np.maximum(degrees, 0), x, lambda k, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1))
    border = np.where((x > 0) | ((degrees & 1) == 0), 1, -1)
    return np.where(degrees < 0, 0, np.where(np.abs(x) == 1, border, result)).astype(x.dtype)
