"""How a random number moves with the parameter of its distribution, for the gamma and the Dirichlet distribution.

A draw x with distribution function F(x; a) moves by dx/da = -(dF/da) / (dF/dx) if its probability is held fixed
(Figurnov,
Mohamed and Mnih (2018), "Implicit reparameterization gradients"). PyTorch approximates this by pieces, each good to
some
four digits; so that gradients agree with PyTorch's, the pieces, their bounds and the fitted coefficients here are the
same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .special import digamma

ndarray = np.ndarray
# PyTorch's bounds have single precision
_SMALL = float(np.float32(0.8))
_AROUND = float(np.float32(0.9)), float(np.float32(1.1))

# log of the gradient as a ratio of polynomials: [power of log(x / a)][power of log(a)], numerator and denominator
_GAMMA_FIT = np.array(
    [
        [[0.16009398, -0.094634809, 0.025146376, -0.0030648343], [1, 0.32668115, 0.10406089, 0.0014179084]],
        [[0.53487893, 0.1298071, 0.065735949, -0.0015649758], [0.16639465, 0.020070113, -0.0035938915, -0.00058392623]],
        [
            [0.040121004, -0.0065914022, -0.0026286047, -0.0013441777],
            [0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-07],
        ],
    ]
)  # fmt: skip
# correction of the Dirichlet gradient, numerator and denominator: [power of u][power of a][power of b]
_DIRICHLET_FIT = np.array(
    [
        [
            [
                [1.003668233, -0.01061107488, -0.0657888334, 0.01201642863],
                [0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033],
                [-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013],
            ],
            [
                [0.221950385, -0.3187676331, 0.01799915743, 0.01074823814],
                [-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057],
                [0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05],
            ],
            [
                [-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565],
                [0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181],
                [0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05],
            ],
        ],
        [
            [
                [1, -0.02924021934, -0.04438342661, 0.007285809825],
                [0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521],
                [-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149],
            ],
            [
                [0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273],
                [0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956],
                [-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05],
            ],
            [
                [0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05],
                [0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05],
                [-0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06],
            ],
        ],
    ]
)


def _by_pieces(dtype: Any, arrays: list[ndarray], pieces: list[tuple]) -> ndarray:
    """Each element from the first piece whose mask holds; a piece is (mask, function of the arrays in float64)."""
    given = np.broadcast_arrays(*arrays)
    result = np.empty(given[0].shape, dtype)
    left = np.ones(result.shape, bool)
    for mask, piece in pieces:
        chosen = left & mask
        if chosen.any():
            result[chosen] = piece(*(a[chosen].astype(np.float64) for a in given))
        left &= ~chosen
    return result


def _without_nan(x: ndarray) -> ndarray:
    """Zero for nan: what the series give where a power underflows."""
    return np.where(np.isnan(x), 0.0, x)


# ---- gamma -----------------------------------------------------------------------------------------------------------


def standard_gamma_grad(concentration: Any, sample: Any) -> ndarray:
    """The derivative of gamma numbers of rate 1 with respect to their concentration."""
    a, x = np.asarray(concentration), np.asarray(sample)
    wide_a, wide_x = a.astype(np.float64), x.astype(np.float64)
    near = (_AROUND[0] * wide_a <= wide_x) & (wide_x <= _AROUND[1] * wide_a)
    pieces = [
        (wide_x < _SMALL, _gamma_series),
        ((wide_a > 8) & near, _gamma_saddle_centre),
        (wide_a > 8, _gamma_saddle),
        (True, _gamma_fit),
    ]
    return _by_pieces(x.dtype, [a, x], pieces)


def _gamma_series(a: ndarray, x: ndarray) -> ndarray:
    """For small x: the power series of the distribution function and of its derivative."""
    term, below = np.ones_like(x), a
    total, slope = 1 / below, 1 / (below * below)
    for i in range(1, 6):
        term = term * -x / i
        below = below + 1
        total = total + term / below
        slope = slope + term / (below * below)
    power = x**a
    change = (np.log(x) - digamma(a)) * (power * total) - power * slope
    return _without_nan(-change / (x ** (a - 1) * np.exp(-x)))


def _gamma_saddle_centre(a: ndarray, x: ndarray) -> ndarray:
    """Rice's saddle point expansion about x = a, where its general form is 0 / 0."""
    inner = 1440 * a * a + 6 * x * (53 - 120 * x) - 65 * x * x / a + a * (107 + 3600 * x)
    return (1 + 24 * a * (1 + 12 * a)) * inner / (1244160 * (a * a) ** 2)


def _gamma_saddle(a: ndarray, x: ndarray) -> ndarray:
    """Rice's saddle point expansion for large a."""
    root = np.sqrt(8 * a)
    log_ratio = np.log(x / a)
    tail = (x - a - a * log_ratio) ** -1.5
    bracket = root / (a - x) + np.where(x < a, -tail, tail)
    inner = log_ratio * bracket - np.sqrt(2 / a) * (a + x) / (a - x) ** 2
    stirling = 1 + 1 / (12 * a) * (1 + 1 / (24 * a))
    return -stirling * x * inner / root


def _gamma_fit(a: ndarray, x: ndarray) -> ndarray:
    u, v = np.log(x / a), np.log(a)
    above, below = np.einsum("ikj,in,jn->kn", _GAMMA_FIT, _powers(u, 3), _powers(v, 4))
    return np.exp(above / below)


def _powers(x: ndarray, count: int) -> ndarray:
    return np.stack([x**i for i in range(count)])


# ---- Dirichlet -------------------------------------------------------------------------------------------------------


def dirichlet_grad(sample: Any, concentration: Any, total: Any) -> ndarray:
    """The derivative of a coordinate of a Dirichlet draw with respect to its own concentration, over `1 - sample`.

    total: the sum of the concentrations, in the shape of `concentration`.
    """
    x, a, total = np.asarray(sample), np.asarray(concentration), np.asarray(total)
    b = total - a
    edge = total * x * (1 - x)
    pieces = [
        ((x <= 0.5) & (edge < 2.5), _beta_near_zero),
        ((x >= 0.5) & (edge < 0.75), _beta_near_one),
        ((a > 6) & (b > 6), _beta_saddle),
        (True, _beta_fit),
    ]
    return _by_pieces(x.dtype, [x, a, total], pieces)


def _beta_near_zero(x: ndarray, a: ndarray, total: ndarray) -> ndarray:
    """The power series of the distribution function about x = 0."""
    b = total - a
    factor = digamma(a) - digamma(total) - np.log(x)
    term = np.ones_like(x)
    series = (factor + 1 / a) / a
    for i in range(1, 11):
        term = term * (i - b) * x / i
        series = series + term / (a + i) * (factor + 1 / (a + i))
    return _without_nan(x * (1 - x) ** -b * series)


def _beta_near_one(x: ndarray, a: ndarray, total: ndarray) -> ndarray:
    """The same about x = 1, in y = 1 - x, whose distribution has the parameters b and a."""
    y, b = 1 - x, total - a
    factor = digamma(total) - digamma(a)
    term, product, slope = np.ones_like(y), np.ones_like(y), np.zeros_like(y)
    series = factor / b
    for i in range(1, 9):
        term = term * -y / i
        slope = slope * (a - i) + product
        product = product * (a - i)
        series = series + term / (b + i) * (slope + factor * product)
    return _without_nan((1 - y) ** (1 - a) * series)


def _beta_saddle(x: ndarray, a: ndarray, total: ndarray) -> ndarray:
    """Rice's saddle point expansion for large parameters."""
    b = total - a
    mean = a / total
    deviation = np.sqrt(a * b / (total + 1)) / total
    near = (mean - 0.1 * deviation <= x) & (x <= mean + 0.1 * deviation)
    return np.where(near, _beta_centre(x, a, b, total), _beta_flanks(x, a, b, total))


def _beta_centre(x: ndarray, a: ndarray, b: ndarray, total: ndarray) -> ndarray:
    """About the mean, where the general form is 0 / 0: a polynomial of degree 4 in a."""
    rest = 1 - x
    coefficients = (
        47 * x * b**4,
        (43 + 20 * (16 + 27 * b) * x) * b**3,
        3 * (59 + 180 * b - 90 * x) * b**2,
        (453 + 1620 * b * rest - 455 * x) * b,
        8 * rest * (135 * b - 11),
    )
    polynomial = np.zeros_like(x)
    for c in reversed(coefficients):
        polynomial = c + a * polynomial
    scale = (1 + 12 * a) * (1 + 12 * b) / (total * total)
    return scale / rest * polynomial / (12960 * a**3 * b * b * (1 + 12 * total))


def _beta_flanks(x: ndarray, a: ndarray, b: ndarray, total: ndarray) -> ndarray:
    def stirling(z: ndarray) -> ndarray:
        return 1 + 1 / (12 * z) + 1 / (288 * z * z)

    slope = a * (x - 1) + b * x
    first = 2 * a * a * (x - 1) + a * b * (x - 1) - x * b * b
    first = first / (np.sqrt(2 * a / b) * total**1.5 * slope * slope)
    log_a, log_b = np.log(a / (total * x)), np.log(b / (total * (1 - x)))
    tail = (b * log_b + a * log_a) ** -1.5
    inner = np.sqrt(8 * a * b / total) / slope + np.where(x < a / total, tail, -tail)
    scale = stirling(a) * stirling(b) / stirling(total) * -x / np.sqrt(2 * a * b / total)
    return scale * (first + 0.5 * log_a * inner)


def _beta_fit(x: ndarray, a: ndarray, total: ndarray) -> ndarray:
    """An analytic approximation, corrected by a fitted ratio of polynomials."""
    u = np.log(x)
    v = np.log(a) - u
    w = np.log(total) - v
    above, below = np.einsum("kijl,in,jn,ln->kn", _DIRICHLET_FIT, _powers(u, 3), _powers(v, 3), _powers(w, 4))
    return above / below * x * (digamma(total) - digamma(a)) / (total - a)
