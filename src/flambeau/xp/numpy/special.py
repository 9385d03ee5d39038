"""Special functions: the error function and its kin, the gamma function and its kin, zeta.

Everything is computed in float64; only erf has a version of its own for float32.
"""

from __future__ import annotations

import numpy as np

from . import tables
from .series import BLOCK, blockwise, chebyshev, pieces, polynomial

ndarray = np.ndarray
PI = np.pi
SQRT_HALF = 0.7071067811865476
HALF_LOG_2PI = 0.9189385332046728

# ---- the error function ----------------------------------------------------------------------------------------------

# erf(x) = x p(x**2) / q(x**2) to 2.2e-8 for abs(x) < 3.95: least squares, reweighted until the errors were equal
_ERF_P = (
    2.0267967875e-06, 2.842754851e-04, 3.794522791248e-03, 5.283271191015925e-02, 0.19124698599520254,
    1.1283791471197524,
)  # fmt: skip
_ERF_Q = (3.7819578e-05, 1.1672288102e-03, 1.5027750821741561e-02, 0.11443189174015071, 0.5028209707556961, 1.0)


def erf(x: ndarray) -> ndarray:
    """The error function."""
    if x.dtype != np.float32:
        return _erf_double(x)
    if not x.flags.c_contiguous:
        result = np.empty_like(x)
        result[...] = erf(x.copy("C"))
        return result
    flat = x.reshape(-1)
    result = np.empty_like(flat)
    for i in range(0, flat.size, 2 * BLOCK):
        y = np.minimum(np.maximum(flat[i : i + 2 * BLOCK], -3.95), 3.95)
        square = y * y
        y *= polynomial(square, _ERF_P)
        y /= polynomial(square, _ERF_Q)
        np.minimum(np.maximum(y, -1, out=y), 1, out=result[i : i + 2 * BLOCK])
    return result.reshape(x.shape)


def _erf_small(x: ndarray) -> ndarray:
    return x * chebyshev(2 * x * x - 1, tables.ERF)


def _erfcx_positive(x: ndarray) -> ndarray:
    # infinity would be nan in t
    finite = np.minimum(x, 1e300)
    return chebyshev((finite - 3.75) / (finite + 3.75), tables.ERFCX) / (1 + 2 * x)


def _exp_minus_square(x: ndarray) -> ndarray:
    """`exp(-x**2)`, whose exponent is split so that its rounding does not spoil the result."""
    head = np.round(x * 16) / 16
    return np.exp(-head * head) * np.exp((head - x) * (head + x))


def _erfc_positive(x: ndarray) -> ndarray:
    return _exp_minus_square(np.minimum(x, 40)) * _erfcx_positive(x)


@blockwise
def _erf_double(x: ndarray) -> ndarray:
    return pieces(
        x,
        (np.abs(x) <= 1, _erf_small),
        (np.abs(x) > 1, lambda x: np.copysign(1 - _erfc_positive(np.abs(x)), x)),
    )


@blockwise
def erfc(x: ndarray) -> ndarray:
    """1 - erf(x), accurate where that is small."""
    return pieces(
        x,
        (np.abs(x) <= 0.5, lambda x: 1 - _erf_small(x)),
        (x > 0.5, _erfc_positive),
        (x < -0.5, lambda x: 2 - _erfc_positive(-x)),
    )


@blockwise
def erfcx(x: ndarray) -> ndarray:
    """exp(x**2) erfc(x), which decreases slowly."""
    return pieces(
        x,
        (x >= 0, _erfcx_positive),
        (x < 0, lambda x: 2 / _exp_minus_square(np.maximum(x, -27)) - _erfcx_positive(-x)),
    )


# Wichura, "Algorithm AS 241: The percentage points of the normal distribution", 1988; the table is PPND16's
_CENTRE_P = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
)  # fmt: skip
_CENTRE_Q = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
)  # fmt: skip
_NEAR_P = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
    3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
)  # fmt: skip
_NEAR_Q = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0,
)  # fmt: skip
_FAR_P = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0,
)  # fmt: skip
_FAR_Q = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0,
)  # fmt: skip


def _centre(q: ndarray) -> ndarray:
    r = 0.180625 - q * q
    return q * polynomial(r, _CENTRE_P) / polynomial(r, _CENTRE_Q)


def _tail(tail: ndarray) -> ndarray:
    r = np.sqrt(-np.log(tail))
    near, far = r - 1.6, r - 5
    point = pieces(
        r,
        (r <= 5, lambda _: polynomial(near[r <= 5], _NEAR_P) / polynomial(near[r <= 5], _NEAR_Q)),
        (r > 5, lambda _: polynomial(far[r > 5], _FAR_P) / polynomial(far[r > 5], _FAR_Q)),
    )
    return np.where(tail == 0, np.inf, point)


def _percentage_point(q: ndarray, tail: ndarray) -> ndarray:
    """The normal deviate of probability 0.5 + q, where the smaller tail has probability `tail` = 0.5 - abs(q)."""
    outer = np.abs(q) > 0.425
    return pieces(
        q,
        (~outer, _centre),
        (outer, lambda q: np.copysign(_tail(tail[outer]), q)),
    )


@blockwise
def ndtri(p: ndarray) -> ndarray:
    """The number below which a standard normal variable lies with probability p."""
    return np.where((p >= 0) & (p <= 1), _percentage_point(p - 0.5, np.minimum(p, 1 - p)), np.nan)


@blockwise
def erfinv(x: ndarray) -> ndarray:
    """The inverse of erf, through the percentage points of the normal distribution."""
    size = np.abs(x)
    return np.where(size <= 1, SQRT_HALF * _percentage_point(x / 2, (1 - size) / 2), np.nan)


@blockwise
def log_ndtr(x: ndarray) -> ndarray:
    """The logarithm of the probability that a standard normal variable is below x."""
    return pieces(
        x * SQRT_HALF,
        (x < -1, lambda t: np.log(_erfcx_positive(-t) / 2) - t * t),
        (x >= -1, lambda t: np.log1p(-erfc(t) / 2)),
    )


# ---- the gamma function ----------------------------------------------------------------------------------------------

# B(2k) / (2k (2k - 1)), Stirling's series
_STIRLING = (
    -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953,
    0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
)  # fmt: skip


def _lgamma_stirling(x: ndarray) -> ndarray:
    inverse = 1 / x
    tail = inverse * polynomial(inverse * inverse, _STIRLING)
    return (x - 0.5) * (np.log(x) - 1) - 0.5 + HALF_LOG_2PI + tail


def _lgamma_middle(x: ndarray) -> ndarray:
    """For 0 < x < 13: the recurrence leads to between 1 and 3."""
    product = np.ones_like(x)
    while (large := x > 3).any():
        x = np.where(large, x - 1, x)
        product = np.where(large, product * x, product)
    small = x < 1
    near = np.where(small, x + 1, x)
    value = np.where(small, x * (x - 1), (x - 1) * (x - 2)) * chebyshev(near - 2, tables.LGAMMA)
    return value + np.log(product) - np.log(np.where(small, x, 1.0))


def _lgamma_negative(x: ndarray) -> ndarray:
    """Reflection: gamma(x) gamma(1 - x) = pi / sin(pi x)."""
    fraction = np.abs(x - np.round(x))
    sine = np.abs(np.sin(PI * fraction))
    return np.where(fraction == 0, np.inf, np.log(PI / sine) - np.log(-x) - _lgamma_positive(-x))


def _lgamma_positive(x: ndarray) -> ndarray:
    return pieces(x, (x < 13, _lgamma_middle), (x >= 13, _lgamma_stirling))


@blockwise
def lgamma(x: ndarray) -> ndarray:
    """The logarithm of the absolute value of the gamma function."""
    return pieces(
        x,
        (x > 0, _lgamma_positive),
        ((x < 0) & np.isfinite(x), _lgamma_negative),
        ((x == 0) | np.isinf(x), lambda x: np.full_like(x, np.inf)),
    )


# B(2k) / 2k, the asymptotic series of digamma
_DIGAMMA = (
    0.08333333333333333, -0.021092796092796094, 0.007575757575757576, -0.004166666666666667, 0.003968253968253968,
    -0.008333333333333333, 0.08333333333333333,
)  # fmt: skip


def _digamma_positive(x: ndarray) -> ndarray:
    result = np.zeros_like(x)
    for _ in range(10):
        small = x < 10
        if not small.any():
            break
        result -= np.where(small, 1 / x, 0)
        x = np.where(small, x + 1, x)
    inverse = 1 / x
    square = inverse * inverse
    return result + np.log(x) - 0.5 * inverse - square * polynomial(square, _DIGAMMA)


def _digamma_negative(x: ndarray) -> ndarray:
    fraction = x - np.trunc(x)
    return np.where(fraction == 0, np.nan, _digamma_positive(1 - x) - PI / np.tan(PI * fraction))


@blockwise
def digamma(x: ndarray) -> ndarray:
    """The derivative of lgamma."""
    return pieces(
        x,
        (x > 0, _digamma_positive),
        (x < 0, _digamma_negative),
        (x == 0, lambda x: np.copysign(np.inf, -x)),
    )


def _trigamma(x: ndarray) -> ndarray:
    """The derivative of digamma: reflection below 1/2, then the recurrence, then the asymptotic series."""
    small = x < 0.5
    sine = np.sin(PI * (x - np.round(x)))
    x = np.where(small, 1 - x, x)
    result = np.zeros_like(x)
    for _ in range(12):
        result += 1 / (x * x)
        x = x + 1
    s = 1 / (x * x)
    series = polynomial(s, (7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6))
    result += (1 + 0.5 / x + s * series) / x
    return np.where(small, (PI / sine) ** 2 - result, result)


def polygamma(n: int, x: ndarray) -> ndarray:
    """The n-th derivative of digamma."""
    if n == 0:
        return digamma(x)
    if n == 1:
        return blockwise(_trigamma)(x)
    sign = 1.0 if n % 2 else -1.0
    factor = sign * np.exp(lgamma(np.asarray(n + 1.0)))
    return (factor * zeta(np.asarray(n + 1.0), x.astype(np.float64))).astype(x.dtype)


# (2k)! / B(2k), the Euler-Maclaurin formula
_EULER_MACLAURIN = (
    12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1892437580.3183792, 74724249600.0, -2950130727918.1642,
    116467828143500.67, -4597978722407472.6, 1.8152105401943546e17, -7.1661652561756672e18,
)  # fmt: skip


# the sum is carried from a negative q to above 9; far below that no term counts, and nothing is said of the result
_ZETA_TERMS = 20_000


@blockwise
def zeta(s: ndarray, q: ndarray) -> ndarray:
    """Hurwitz's zeta function, the sum of (q + k) ** -s over k = 0, 1, ...: ten terms or so, then Euler-Maclaurin."""
    a = q.copy()
    total = first = np.power(a, -s)
    for k in range(_ZETA_TERMS):
        more = (a <= 9) if k >= 9 else np.full(a.shape, True)
        if not more.any():
            break
        a = np.where(more, a + 1, a)
        total = total + np.where(more, np.power(a, -s), 0)
    b = np.power(a, -s)
    total = total + np.where(b == 0, 0, b * a / (s - 1)) - 0.5 * b
    factor = np.ones_like(s)
    k = 0.0
    for divisor in _EULER_MACLAURIN:
        factor = factor * (s + k)
        b = b / a
        total = total + np.where(b == 0, 0, factor * b / divisor)
        k += 1
        factor = factor * (s + k)
        b = b / a
        k += 1
    pole = (q <= 0) & (q == np.floor(q))
    undefined = (q <= 0) & (s != np.floor(s)) & ~pole
    total = np.where(np.isinf(first), first, total)
    undefined |= (s < 1) | np.isnan(q) | np.isinf(q) | (a <= 9)
    return np.where((s == 1) | (pole & ~(s < 1)), np.inf, np.where(undefined, np.nan, total))
