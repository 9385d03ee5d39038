"""Bessel functions of orders 0 and 1, modified ones, the spherical one of order 0, and Airy's function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from . import tables
from .series import blockwise, chebyshev, pieces, polynomial

ndarray = np.ndarray
PI = np.pi
TWO_OVER_PI = 2 / np.pi

# ---- modified, first kind --------------------------------------------------------------------------------------------


def _i0e(size: ndarray) -> ndarray:
    return pieces(
        size,
        (size <= 8, lambda x: chebyshev(x / 4 - 1, tables.I0E_SMALL)),
        (size > 8, lambda x: chebyshev(16 / x - 1, tables.I0E_LARGE) / np.sqrt(x)),
    )


def _i1e(size: ndarray) -> ndarray:
    return pieces(
        size,
        (size <= 8, lambda x: x * chebyshev(x / 4 - 1, tables.I1E_SMALL)),
        (size > 8, lambda x: chebyshev(16 / x - 1, tables.I1E_LARGE) / np.sqrt(x)),
    )


def _grown(value: ndarray, size: ndarray) -> ndarray:
    """`value * exp(size)`, in two steps so that the exponential does not overflow before the product; nan at
    infinity."""
    half = np.exp(size / 2)
    return value * half * half


@blockwise
def i0e(x: ndarray) -> ndarray:
    """exp(-abs(x)) I0(x)."""
    return _i0e(np.abs(x))


@blockwise
def i0(x: ndarray) -> ndarray:
    """The modified Bessel function I0."""
    return _grown(_i0e(np.abs(x)), np.abs(x))


@blockwise
def i1e(x: ndarray) -> ndarray:
    """exp(-abs(x)) I1(x)."""
    value = _i1e(np.abs(x))
    return np.where(x < 0, -value, value)


@blockwise
def i1(x: ndarray) -> ndarray:
    """The modified Bessel function I1."""
    value = _grown(_i1e(np.abs(x)), np.abs(x))
    return np.where(x < 0, -value, value)


# ---- modified, second kind -------------------------------------------------------------------------------------------


def _k0_small(x: ndarray) -> ndarray:
    return chebyshev(x * x / 2 - 1, tables.K0_SMALL) - np.log(x / 2) * (_i0e(x) * np.exp(x))


def _k1_small(x: ndarray) -> ndarray:
    return chebyshev(x * x / 2 - 1, tables.K1_SMALL) / x + np.log(x / 2) * (_i1e(x) * np.exp(x))


def _k(x: ndarray, small: Callable, large: Sequence[float], scaled: bool) -> ndarray:
    """K of an order: infinite at 0, nan below; `scaled` by exp(x)."""
    return pieces(
        x,
        ((x > 0) & (x <= 2), (lambda x: small(x) * np.exp(x)) if scaled else small),
        (x > 2, lambda x: chebyshev(4 / x - 1, large) / np.sqrt(x) * (1.0 if scaled else np.exp(-x))),
        (x == 0, lambda x: np.full_like(x, np.inf)),
    )


@blockwise
def modified_bessel_k0(x: ndarray) -> ndarray:
    """The modified Bessel function K0."""
    return _k(x, _k0_small, tables.K0_LARGE, False)


@blockwise
def modified_bessel_k1(x: ndarray) -> ndarray:
    """The modified Bessel function K1."""
    return _k(x, _k1_small, tables.K1_LARGE, False)


@blockwise
def scaled_modified_bessel_k0(x: ndarray) -> ndarray:
    """exp(x) K0(x)."""
    return _k(x, _k0_small, tables.K0_LARGE, True)


@blockwise
def scaled_modified_bessel_k1(x: ndarray) -> ndarray:
    """exp(x) K1(x)."""
    return _k(x, _k1_small, tables.K1_LARGE, True)


# ---- Bessel functions ------------------------------------------------------------------------------------------------


def _hankel(x: ndarray, order: int) -> tuple[ndarray, ndarray]:
    """J and Y for x >= 8: waves whose phase and size change slowly (Hankel's expansion)."""
    t = 2 * (8 / x) ** 2 - 1
    p = chebyshev(t, tables.P1 if order else tables.P0)
    q = chebyshev(t, tables.Q1 if order else tables.Q0) / x
    # cos and sin of x - pi/4 or x - 3 pi/4, by the addition theorem: the difference itself would round
    c, s = np.cos(x), np.sin(x)
    cosine, sine = (s - c, -(s + c)) if order else (c + s, s - c)
    size = 1 / np.sqrt(PI * x)
    return size * (p * cosine - q * sine), size * (p * sine + q * cosine)


def _j0_small(x: ndarray) -> ndarray:
    return chebyshev(x * x / 32 - 1, tables.J0_SMALL)


def _j1_small(x: ndarray) -> ndarray:
    return x * chebyshev(x * x / 32 - 1, tables.J1_SMALL)


def _y0_small(x: ndarray) -> ndarray:
    return chebyshev(x * x / 32 - 1, tables.Y0_SMALL) + TWO_OVER_PI * np.log(x) * _j0_small(x)


def _y1_small(x: ndarray) -> ndarray:
    return x * chebyshev(x * x / 32 - 1, tables.Y1_SMALL) + TWO_OVER_PI * (np.log(x) * _j1_small(x) - 1 / x)


@blockwise
def bessel_j0(x: ndarray) -> ndarray:
    """The Bessel function J0."""
    size = np.abs(x)
    return pieces(
        size,
        (size <= 8, _j0_small),
        ((size > 8) & (size < np.inf), lambda x: _hankel(x, 0)[0]),
    )


@blockwise
def bessel_j1(x: ndarray) -> ndarray:
    """The Bessel function J1."""
    size = np.abs(x)
    value = pieces(
        size,
        (size <= 8, _j1_small),
        ((size > 8) & (size < np.inf), lambda x: _hankel(x, 1)[0]),
    )
    return np.where(x < 0, -value, value)


def _y(x: ndarray, small: Callable, order: int) -> ndarray:
    """Y of an order: minus infinity at 0, nan below."""
    return pieces(
        x,
        ((x > 0) & (x <= 8), small),
        ((x > 8) & (x < np.inf), lambda x: _hankel(x, order)[1]),
        (x == 0, lambda x: np.full_like(x, -np.inf)),
    )


@blockwise
def bessel_y0(x: ndarray) -> ndarray:
    """The Bessel function Y0."""
    return _y(x, _y0_small, 0)


@blockwise
def bessel_y1(x: ndarray) -> ndarray:
    """The Bessel function Y1."""
    return _y(x, _y1_small, 1)


_SPHERICAL = (1 / 6227020800, -1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1.0)


@blockwise
def spherical_bessel_j0(x: ndarray) -> ndarray:
    """sin(x) / x, by its power series near 0."""
    return pieces(
        x,
        (np.abs(x) < 0.5, lambda x: polynomial(x * x, _SPHERICAL)),
        ((np.abs(x) >= 0.5) & np.isfinite(x), lambda x: np.sin(x) / x),
        (np.isinf(x), np.zeros_like),
    )


# ---- Airy's function -------------------------------------------------------------------------------------------------


def _airy_phase(x: ndarray) -> ndarray:
    return 2 / 3 * x * np.sqrt(x)


_PHASE_AT_2 = 2 / 3 * 2 * 2**0.5
_PHASE_AT_6 = 2 / 3 * 6 * 6**0.5


def _airy_decay(x: ndarray) -> ndarray:
    z = _airy_phase(x)
    return chebyshev(2 * _PHASE_AT_2 / z - 1, tables.AIRY_DECAY) * np.exp(-z) / (2 * np.sqrt(PI * np.sqrt(x)))


def _airy_waves(x: ndarray) -> ndarray:
    size = -x
    z = _airy_phase(size)
    t = 2 * (_PHASE_AT_6 / z) ** 2 - 1
    angle = z + PI / 4
    f, g = chebyshev(t, tables.AIRY_F), chebyshev(t, tables.AIRY_G) / z
    return (np.sin(angle) * f - np.cos(angle) * g) / np.sqrt(PI * np.sqrt(size))


@blockwise
def airy_ai(x: ndarray) -> ndarray:
    """Airy's function Ai; 0 above 103.892, where it leaves float64, and nan at infinity."""
    return pieces(
        x,
        ((x >= -6) & (x <= 2), lambda x: chebyshev((x + 2) / 4, tables.AIRY_MIDDLE)),
        ((x > 2) & (x <= 103.892), _airy_decay),
        ((x > 103.892) & (x < np.inf), np.zeros_like),
        ((x < -6) & (x > -np.inf), _airy_waves),
    )


modified_bessel_i0 = i0
modified_bessel_i1 = i1
