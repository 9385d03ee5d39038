"""Special functions: errors and gammas, Bessel functions, orthogonal polynomials. The kernels are the array
library's."""

from __future__ import annotations

from .elementwise import no_derivative
from .table import op

SQRT_PI = 1.7724538509055159
SQRT_2PI = 2.5066282746310002
REAL_WIDE = ("complex", "half")  # what the rows refuse that PyTorch computes in float32 and float64 only

# ---- the error function and the normal distribution ------------------------------------------------------------------


@op(
    input=lambda xp, g, input: g * (2 / SQRT_PI * xp.exp(-input * input)),
    promote="float",
    inplace=True,
    refuses=("complex",),
)
def erf(xp, input):
    """Elementwise error function, `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to `input`."""
    return xp.erf(input)


@op(
    input=lambda xp, g, input: g * (-2 / SQRT_PI * xp.exp(-input * input)),
    promote="float",
    inplace=True,
    refuses=("complex",),
)
def erfc(xp, input):
    """Elementwise `1 - erf(input)`, accurate where that is small."""
    return xp.erfc(input)


@op(
    input=lambda xp, g, out: g * (SQRT_PI / 2 * xp.exp(out * out)),
    promote="float",
    inplace=True,
    refuses=("complex",),
)
def erfinv(xp, input):
    """Elementwise inverse of `erf`: infinite at -1 and 1, nan beyond."""
    return xp.erfinv(input)


@op(
    input=lambda g, input, out: (2 * input * out - 2 / SQRT_PI) * g,
    promote="float",
    public=False,
    method=False,
    node="SpecialErfcx",
    refuses=REAL_WIDE,
)
def erfcx(xp, input):
    """Elementwise `exp(input * input) * erfc(input)`, which does not underflow."""
    return xp.erfcx(input)


@op(
    input=lambda xp, g, out: g * (SQRT_2PI * xp.exp(out * out / 2)),
    promote="float",
    public=False,
    method=False,
    node="SpecialNdtri",
    refuses=REAL_WIDE,
)
def ndtri(xp, input):
    """Elementwise number below which a standard normal variable lies with probability `input`."""
    return xp.ndtri(input)


@op(
    input=lambda xp, g, input, out: g * (xp.exp(-input * input / 2 - out) / SQRT_2PI),
    promote="float",
    public=False,
    method=False,
    node="SpecialLogNdtr",
    refuses=REAL_WIDE,
)
def log_ndtr(xp, input):
    """Elementwise logarithm of the probability that a standard normal variable is below `input`."""
    return xp.log_ndtr(input)


def _entropy_grad(xp, g, input):
    edge = xp.where(input == 0, xp.full_like(input, float("inf")), xp.full_like(input, float("nan")))
    return g * xp.where(input > 0, -xp.log(input) - 1, edge)


@op(input=_entropy_grad, promote="float", public=False, method=False, node="SpecialEntr", refuses=("complex",))
def entr(xp, input):
    """Elementwise `-input * log(input)`: 0 at 0, -inf below."""
    inside = xp.where(input == 0, xp.zeros_like(input), -input * xp.log(input))
    return xp.where(input < 0, xp.full_like(input, -float("inf")), inside)


# ---- logarithms times a factor that may be 0 -------------------------------------------------------------------------


@op(
    input=lambda xp, g, input, other: g * xp.where((input == 0) & (other <= 0), other * 0, xp.log(other)),
    other=lambda g, input, other: g * (input / other),
    promote="float",
    inplace=True,
    refuses=("complex",),
)
def xlogy(xp, input, other):
    """Elementwise `input * log(other)`, 0 where `input` is 0; nan where `other` is."""
    product = xp.multiply(input, xp.log(other))
    return xp.where(xp.isnan(other), other, xp.where(input == 0, xp.zeros_like(product), product))


@op(
    input=lambda xp, g, input, other: g * xp.where((input == 0) & (other <= -1), other * 0, xp.log1p(other)),
    other=lambda g, input, other: g * (input / (other + 1)),
    promote="float",
    public=False,
    method=False,
    node="SpecialXlog1Py",
    refuses=("complex",),
)
def xlog1py(xp, input, other):
    """Elementwise `input * log1p(other)`, 0 where `input` is 0; nan where `other` is."""
    product = xp.multiply(input, xp.log1p(other))
    return xp.where(xp.isnan(other), other, xp.where(input == 0, xp.zeros_like(product), product))


# ---- gamma -----------------------------------------------------------------------------------------------------------


@op(input=lambda xp, g, input: g * xp.digamma(input), promote="float", inplace=True, refuses=("complex",))
def lgamma(xp, input):
    """Elementwise logarithm of the absolute value of the gamma function."""
    return xp.lgamma(input)


@op(input=lambda xp, g, input: g * xp.polygamma(1, input), promote="float", inplace=True, refuses=("complex",))
def digamma(xp, input):
    """Elementwise derivative of `lgamma`."""
    return xp.digamma(input)


@op(
    input=lambda xp, g, input, n: g * xp.polygamma(n + 1, input),
    promote="float",
    public=False,
    method=False,
    node="Polygamma",
    refuses=("complex",),
)
def polygamma_of(xp, input, n: int):
    """Elementwise n-th derivative of `digamma`."""
    return xp.polygamma(n, input)


def _gamma_density(xp, a, x):
    """`x ** (a - 1) * exp(-x) / gamma(a)`."""
    return xp.exp((a - 1) * xp.log(x) - x - xp.lgamma(a))


@op(
    input=no_derivative("igamma: input"),
    other=lambda xp, g, input, other: g * _gamma_density(xp, input, other),
    promote="same",
    inplace=True,
    numbers=False,
    refuses=("bool", "integer", "complex"),
)
def igamma(xp, input, other):
    """Elementwise regularised lower incomplete gamma function of shape `input` and border `other`."""
    return xp.igamma(input, other)


@op(
    input=no_derivative("igammac: input"),
    other=lambda xp, g, input, other: -g * _gamma_density(xp, input, other),
    promote="same",
    inplace=True,
    numbers=False,
    refuses=("bool", "integer", "complex"),
)
def igammac(xp, input, other):
    """Elementwise regularised upper incomplete gamma function of shape `input` and border `other`."""
    return xp.igammac(input, other)


@op(
    input=no_derivative("zeta"),
    other=lambda xp, g, input, other: g * -input * xp.zeta(input + 1, other),
    promote="float",
    public=False,
    method=False,
    node="SpecialZeta",
    refuses=REAL_WIDE,
)
def zeta(xp, input, other):
    """Elementwise Hurwitz zeta function: the sum of `(other + k) ** -input` over k = 0, 1, ..."""
    return xp.zeta(input, other)


# ---- modified Bessel functions ---------------------------------------------------------------------------------------


@op(input=lambda xp, g, input: g * xp.i1(input), promote="float", inplace=True, refuses=("complex",))
def i0(xp, input):
    """Elementwise modified Bessel function of the first kind, of order 0."""
    return xp.i0(input)


@op(
    input=lambda xp, g, input, out: g * (xp.i1e(input) - xp.sign(input) * out),
    promote="float",
    public=False,
    method=False,
    node="SpecialI0E",
    refuses=("complex",),
)
def i0e(xp, input):
    """Elementwise `exp(-abs(input)) * i0(input)`."""
    return xp.i0e(input)


def _over(xp, value, input, at_zero):
    """`value / input`, with its limit at 0."""
    nowhere = input == 0
    return xp.where(nowhere, xp.full_like(value, at_zero), value / xp.where(nowhere, xp.ones_like(input), input))


@op(
    input=lambda xp, g, input, out: g * (xp.i0(input) - _over(xp, out, input, 0.5)),
    promote="float",
    public=False,
    method=False,
    node="SpecialI1",
    refuses=("complex",),
)
def i1(xp, input):
    """Elementwise modified Bessel function of the first kind, of order 1."""
    return xp.i1(input)


@op(
    input=lambda xp, g, input, out: g * (xp.i0e(input) - out * xp.sign(input) - _over(xp, out, input, 0.5)),
    promote="float",
    public=False,
    method=False,
    node="SpecialI1E",
    refuses=("complex",),
)
def i1e(xp, input):
    """Elementwise `exp(-abs(input)) * i1(input)`."""
    return xp.i1e(input)


# ---- functions that PyTorch does not differentiate -------------------------------------------------------------------


def _declare(name, names, doc):
    """A row of one or two arrays that only calls the kernel of its name."""
    if names == 1:

        def forward(xp, input):
            return getattr(xp, name)(input)

    else:

        def forward(xp, input, n):  # type: ignore[misc]
            return getattr(xp, name)(input, n)

    forward.__name__ = name
    forward.__doc__ = doc
    op(promote="float", public=False, method=False, refuses=REAL_WIDE)(forward)


for _name, _doc in {
    "bessel_j0": "Elementwise Bessel function of the first kind, of order 0.",
    "bessel_j1": "Elementwise Bessel function of the first kind, of order 1.",
    "bessel_y0": "Elementwise Bessel function of the second kind, of order 0.",
    "bessel_y1": "Elementwise Bessel function of the second kind, of order 1.",
    "modified_bessel_i0": "Elementwise modified Bessel function of the first kind, of order 0.",
    "modified_bessel_i1": "Elementwise modified Bessel function of the first kind, of order 1.",
    "modified_bessel_k0": "Elementwise modified Bessel function of the second kind, of order 0.",
    "modified_bessel_k1": "Elementwise modified Bessel function of the second kind, of order 1.",
    "scaled_modified_bessel_k0": "Elementwise `exp(input)` times the modified Bessel function K of order 0.",
    "scaled_modified_bessel_k1": "Elementwise `exp(input)` times the modified Bessel function K of order 1.",
    "spherical_bessel_j0": "Elementwise spherical Bessel function of the first kind, of order 0.",
    "airy_ai": "Elementwise Airy function Ai.",
}.items():
    _declare(_name, 1, _doc)

for _name, _doc in {
    **{f"chebyshev_polynomial_{k}": f"Elementwise Chebyshev polynomial {k.upper()} of degree n." for k in "tuvw"},
    **{
        f"shifted_chebyshev_polynomial_{k}": f"Elementwise Chebyshev polynomial {k.upper()} of degree n, on 0 to 1."
        for k in "tuvw"
    },
    "hermite_polynomial_h": "Elementwise Hermite polynomial H of degree n, as physicists define it.",
    "hermite_polynomial_he": "Elementwise Hermite polynomial He of degree n, as probability theory defines it.",
    "laguerre_polynomial_l": "Elementwise Laguerre polynomial of degree n.",
    "legendre_polynomial_p": "Elementwise Legendre polynomial of degree n.",
}.items():
    _declare(_name, 2, _doc)
