"""Samples of `ops/special.py`. References are integrals, sums and recurrences, computed the slow way."""

from __future__ import annotations

import math

import numpy as np

from . import A, Mistake, Sample


def integral(f, low, high, nodes=200):
    """Gauss and Legendre's rule, elementwise in the bounds."""
    t, w = np.polynomial.legendre.leggauss(nodes)
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    half = (high - low)[..., None] / 2
    return (f(low[..., None] + half * (1 + t)) * w * half).sum(-1)


def bessel_i(n):
    return lambda x: (
        integral(lambda t: np.exp(np.asarray(x, float)[..., None] * np.cos(t)) * np.cos(n * t), 0 * x, np.pi) / np.pi
    )


def bessel_j(n):
    return lambda x: (
        integral(lambda t: np.cos(n * t - np.asarray(x, float)[..., None] * np.sin(t)), 0 * x, np.pi) / np.pi
    )


def bessel_k(n):
    return lambda x: integral(
        lambda t: np.exp(-np.asarray(x, float)[..., None] * np.cosh(t)) * np.cosh(n * t), 0 * x, 8.0, 400
    )


def scaled_k(n):
    return lambda x: np.exp(x) * bessel_k(n)(x)


def bessel_y(n):
    def y(x):
        wide = np.asarray(x, float)[..., None]
        waves = integral(lambda t: np.sin(wide * np.sin(t) - n * t), 0 * x, np.pi)
        decay = integral(
            lambda t: (np.exp(n * t) + (-1) ** n * np.exp(-n * t)) * np.exp(-wide * np.sinh(t)), 0 * x, 8.0, 400
        )
        return (waves - decay) / np.pi

    return y


erf = np.vectorize(math.erf)
erfc = np.vectorize(math.erfc)


def normal_point(p):
    from statistics import NormalDist

    return np.vectorize(NormalDist().inv_cdf)(p)


def incomplete(a, x):
    a, x = np.broadcast_arrays(a, x)
    # t = x u**4 tames the singularity at 0
    u = integral(
        lambda u: 4 * u ** (4 * a[..., None] - 1) * np.exp(-x[..., None] * u**4), np.zeros(a.shape), np.ones(a.shape)
    )
    return u * x**a / np.vectorize(math.gamma)(a)


def hurwitz(s, q):
    k = np.arange(4000)
    q, s = np.asarray(q)[..., None], np.asarray(s)[..., None]
    end = q + 4000
    return ((q + k) ** -s).sum(-1) + (end ** (1 - s) / (s - 1) + end**-s / 2 + s * end ** (-s - 1) / 12)[..., 0]


def derivative_of_lgamma(n):
    return lambda x, **_: (-1) ** (n + 1) * math.factorial(n) * hurwitz(n + 1.0, x)


def digamma(x):
    k = np.arange(200000)
    return (
        -0.5772156649015329 + (1 / (k + 1) - 1 / (k + np.asarray(x)[..., None])).sum(-1) + (np.asarray(x) - 1) / 200000
    )


def airy(x):
    """The power series about 0."""
    f = g = 0
    a, b = 1.0, np.asarray(x, float)
    for k in range(40):
        f, g = f + a, g + b
        a, b = a * x**3 / ((3 * k + 2) * (3 * k + 3)), b * x**3 / ((3 * k + 3) * (3 * k + 4))
    return 0.3550280538878172 * f - 0.2588194037928068 * g


def polynomial(first, step, move=lambda x: x):
    def value(x, n):
        x, n = np.broadcast_arrays(move(x), n)
        result = np.empty(x.shape)
        for i in np.ndindex(x.shape):
            before, current = 1.0, first(x[i])
            for k in range(1, int(n[i])):
                before, current = current, step(k, x[i], current, before)
            result[i] = current if n[i] else before
        return result

    return value


CHEBYSHEV = {"t": lambda x: x, "u": lambda x: 2 * x, "v": lambda x: 2 * x - 1, "w": lambda x: 2 * x + 1}
POLYNOMIALS = {
    **{
        f"{prefix}chebyshev_polynomial_{kind}": polynomial(first, lambda k, x, p, q: 2 * x * p - q, move)
        for kind, first in CHEBYSHEV.items()
        for prefix, move in {"": lambda x: x, "shifted_": lambda x: 2 * x - 1}.items()
    },
    "hermite_polynomial_h": polynomial(lambda x: 2 * x, lambda k, x, p, q: 2 * x * p - 2 * k * q),
    "hermite_polynomial_he": polynomial(lambda x: x, lambda k, x, p, q: x * p - k * q),
    "laguerre_polynomial_l": polynomial(lambda x: 1 - x, lambda k, x, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1)),
    "legendre_polynomial_p": polynomial(lambda x: x, lambda k, x, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1)),
}
DEGREES = A(values=[0.0, 1.0, 2.0, 5.0, 9.0, 12.0], grad=False)

UNARY = {
    "erf": (erf, -2, 2), "erfc": (erfc, -2, 3), "erfinv": (lambda x: normal_point((x + 1) / 2) / 2**0.5, -0.9, 0.9),
    "erfcx": (lambda x: np.exp(x * x) * erfc(x), -1, 3), "ndtri": (normal_point, 0.05, 0.95),
    "log_ndtr": (lambda x: np.log(erfc(-x / 2**0.5) / 2), -4, 3), "entr": (lambda x: -x * np.log(x), 0.1, 3),
    "lgamma": (np.vectorize(math.lgamma), 0.2, 20), "digamma": (digamma, 0.3, 8),
    "i0": (bessel_i(0), -5, 12), "i1": (bessel_i(1), -5, 12),
    "i0e": (lambda x: np.exp(-np.abs(x)) * bessel_i(0)(x), 0.2, 12),
    "i1e": (lambda x: np.exp(-np.abs(x)) * bessel_i(1)(x), 0.2, 12),
    "modified_bessel_i0": (bessel_i(0), -5, 12), "modified_bessel_i1": (bessel_i(1), -5, 12),
    "modified_bessel_k0": (bessel_k(0), 0.3, 9), "modified_bessel_k1": (bessel_k(1), 0.3, 9),
    "scaled_modified_bessel_k0": (scaled_k(0), 0.3, 9), "scaled_modified_bessel_k1": (scaled_k(1), 0.3, 9),
    "bessel_j0": (bessel_j(0), -20, 20), "bessel_j1": (bessel_j(1), -20, 20),
    "bessel_y0": (bessel_y(0), 1, 20), "bessel_y1": (bessel_y(1), 1, 20),
    "spherical_bessel_j0": (lambda x: np.sin(x) / x, -5, 5), "airy_ai": (airy, -4, 3),
}  # fmt: skip
DIFFERENTIABLE = "erf erfc erfinv erfcx ndtri log_ndtr entr lgamma digamma i0 i1 i0e i1e".split()

SAMPLES = [
    *[
        Sample(name, (A((3, 4), low, high),), {}, f, grad=name in DIFFERENTIABLE)
        for name, (f, low, high) in UNARY.items()
    ],
    *[Sample(name, (A((3, 1), 0.1, 0.9), DEGREES), {}, f, grad=False) for name, f in POLYNOMIALS.items()],
    Sample("xlogy", (A((2, 3)), A((3,), 0.2)), reference=lambda x, y: x * np.log(y)),
    Sample("xlogy", (A(values=[0.0, 0.0]), A(values=[0.0, 2.0])), reference=lambda x, y: 0 * x, grad=False),
    Sample("xlog1py", (A((2, 3)), A((3,), -0.5)), reference=lambda x, y: x * np.log1p(y)),
    Sample("polygamma_of", (A((2, 3), 0.5, 5),), {"n": 1}, derivative_of_lgamma(1)),
    Sample("polygamma_of", (A((2, 3), 0.5, 5),), {"n": 3}, derivative_of_lgamma(3)),
    Sample("zeta", (A((2, 3), 1.5, 6, grad=False), A((3,), 0.5, 5)), reference=hurwitz),
    Sample("igamma", (A((2, 3), 0.5, 6, grad=False), A((3,), 0.2, 8)), reference=incomplete),
    Sample("igammac", (A((2, 3), 0.5, 6, grad=False), A((3,), 0.2, 8)), reference=lambda a, x: 1 - incomplete(a, x)),
]

ERRORS = [
    Mistake(
        lambda torch: torch.erf(torch.ones(2) * 1j),
        NotImplementedError,
        "\"erf_vml_cpu\" not implemented for 'ComplexFloat'",
    ),
    Mistake(
        lambda torch: torch.special.erfcx(torch.ones(2).half()),
        NotImplementedError,
        "\"erfcx_cpu\" not implemented for 'Half'",
    ),
    Mistake(
        lambda torch: torch.igamma(torch.tensor([1]), torch.tensor([1])),
        NotImplementedError,
        '"igamma_cpu" not implemented',
    ),
    Mistake(lambda torch: torch.polygamma(-1, torch.ones(2)), RuntimeError, "does not support negative n"),
    Mistake(lambda torch: torch.mvlgamma(torch.ones(2), 0), RuntimeError, "^p has to be greater than or equal to 1"),
    Mistake(lambda torch: torch.xlogy(2, 2), TypeError, r"^xlogy\(\) received an invalid combination of arguments"),
]
