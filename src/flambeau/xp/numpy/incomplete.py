"""The regularised incomplete gamma functions: P by its series, Q by its continued fraction, both by quadrature."""

from __future__ import annotations

import numpy as np

from .series import blockwise, polynomial
from .special import _STIRLING, lgamma

ndarray = np.ndarray
EPSILON = 1.1e-16
# from this shape on, the series would need many terms near x = a, and the integrand is nearly a bell curve
LARGE = 100.0


def _stirling_tail(a: ndarray) -> ndarray:
    return polynomial(1 / (a * a), _STIRLING) / a


def _density(a: ndarray, x: ndarray) -> ndarray:
    """`x**a exp(-x) / gamma(a)`; for larger a without the cancellation of large logarithms."""
    mu = (x - a) / a
    large = np.exp(a * (np.log1p(mu) - mu) - _stirling_tail(a)) * np.sqrt(a / (2 * np.pi))
    return np.where(a > 13, large, np.exp(a * np.log(x) - x - lgamma(a)))


def _lower_series(a: ndarray, x: ndarray) -> ndarray:
    """P for x < a + 1: the sum of x**n / (a (a + 1) ... (a + n))."""
    term = 1 / a
    total = term.copy()
    n = 0
    while (term > EPSILON * total).any() and n < 2000:
        n += 1
        term = term * (x / (a + n))
        total += term
    return total * _density(a, x)


def _upper_fraction(a: ndarray, x: ndarray) -> ndarray:
    """Q for x > a + 1: the continued fraction by Lentz's method (Press et al., "Numerical Recipes", 6.2)."""
    tiny = 1e-300
    b = x + 1 - a
    c = np.full_like(x, 1 / tiny)
    d = 1 / b
    h = d.copy()
    for i in range(1, 2000):
        an = -i * (i - a)
        b = b + 2
        d = an * d + b
        d = 1 / np.where(np.abs(d) < tiny, tiny, d)
        c = b + an / c
        c = np.where(np.abs(c) < tiny, tiny, c)
        change = d * c
        h *= change
        if (np.abs(change - 1) <= EPSILON * 2).all():
            break
    return h * _density(a, x)


_quadrature: list[tuple[ndarray, ndarray]] = []


def _tail_integral(a: ndarray, x: ndarray) -> tuple[ndarray, ndarray]:
    """For large a: the mass between x and where the density has vanished on x's side of the mode, and which side.

    Gauss and Legendre's rule on that interval (Press et al., "Numerical Recipes", 6.2.3, with more nodes).
    """
    if not _quadrature:
        _quadrature.append(np.polynomial.legendre.leggauss(64))
    nodes, weights = _quadrature[0]
    mode = a - 1
    width = np.sqrt(mode)
    above = x > mode
    end = np.where(
        above,
        np.maximum(mode + 11.5 * width, x + 6 * width),
        np.maximum(0, np.minimum(mode - 9 * width, x - 6 * width)),
    )
    half = (end - x) / 2
    mu = ((x - mode)[:, None] + half[:, None] * (1 + nodes)) / mode[:, None]
    values = np.exp(mode[:, None] * (np.log1p(mu) - mu))
    mass = (values @ weights) * np.abs(half) * np.exp(-_stirling_tail(mode)) / np.sqrt(2 * np.pi * mode)
    return mass, above


def _both(a: ndarray, x: ndarray) -> tuple[ndarray, ndarray]:
    """P and Q, the smaller of them computed, the other its complement."""
    lower = np.full(x.shape, np.nan)
    upper = np.full(x.shape, np.nan)
    inside = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    for case, function in (
        (inside & (a <= LARGE) & (x < a + 1), lambda a, x: (_lower_series(a, x), False)),
        (inside & (a <= LARGE) & (x >= a + 1), lambda a, x: (_upper_fraction(a, x), True)),
        (inside & (a > LARGE), _tail_integral),
    ):
        if case.any():
            mass, is_upper = function(a[case], x[case])
            lower[case] = np.where(is_upper, 1 - mass, mass)
            upper[case] = np.where(is_upper, mass, 1 - mass)
    # the border: no mass below 0, all of it below infinity, and all at 0 where the shape is 0
    none = ((x == 0) & (a > 0)) | ((a == np.inf) & (x >= 0) & np.isfinite(x))
    full = ((a == 0) & (x > 0)) | ((x == np.inf) & (a > 0) & np.isfinite(a))
    lower = np.where(none, 0.0, np.where(full, 1.0, lower))
    upper = np.where(none, 1.0, np.where(full, 0.0, upper))
    return lower, upper


@blockwise
def igamma(a: ndarray, x: ndarray) -> ndarray:
    """P(a, x), the share of the gamma distribution of shape a below x."""
    return _both(a, x)[0]


@blockwise
def igammac(a: ndarray, x: ndarray) -> ndarray:
    """Q(a, x), the share of the gamma distribution of shape a above x."""
    return _both(a, x)[1]
