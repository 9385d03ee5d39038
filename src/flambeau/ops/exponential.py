"""Powers and roots, exponentials, logarithms; sines and their kin, circular and hyperbolic."""

from __future__ import annotations

from .table import op

LN2 = 0.6931471805599453
LN10 = 2.302585092994046
PI = 3.141592653589793

# ---- powers and roots ------------------------------------------------------------------------------------------------


@op(input=lambda xp, g, out: g / (2 * xp.conj(out)), promote="float", inplace=True)
def sqrt(xp, input):
    """Elementwise square root; nan below 0."""
    return xp.sqrt(input)


@op(input=lambda xp, g, out: -0.5 * g * xp.conj(out * out * out), promote="float", inplace=True)
def rsqrt(xp, input):
    """Elementwise `1 / sqrt(input)`."""
    return xp.rsqrt(input)


def _base_grad(xp, g, input, exponent):
    slope = g * xp.conj(exponent * xp.pow(input, exponent - 1))
    return xp.where(exponent == 0, xp.zeros_like(slope), slope)


def _exponent_grad(xp, g, input, exponent, out):
    """0 to a power that is not negative stays 0, so nothing flows, though its logarithm is -inf."""
    slope = g * xp.conj(out * xp.log(input))
    flat = (input == 0) & ((xp.real(exponent) if xp.is_complex(exponent) else exponent) >= 0)
    return xp.where(flat, xp.zeros_like(slope), slope)


@op(
    input=_base_grad,
    exponent=_exponent_grad,
    promote="same",
    public=False,
    method=False,
    node="PowBackward1",
    refuses=("bool",),
)
def pow_tensor(xp, input, exponent):
    """Elementwise `input ** exponent`."""
    return xp.pow(input, exponent)


def power(xp, x, n):
    """`x ** n` for a Python number; the small powers that need no `pow`."""
    if n == 2:
        return xp.square(x)
    if n == 3:
        return x * x * x
    if n == 1:
        return xp.copy(x)
    if n == 0.5:
        return xp.sqrt(x)
    if n == -0.5:
        return xp.rsqrt(x)
    if n == -1:
        return 1 / x
    if n == -2:
        return 1 / (x * x)
    return xp.pow(x, n)


def _power_grad(xp, g, input, exponent):
    if exponent == 0:
        return xp.zeros_like(g)
    if exponent == 2:
        return g * (2 * xp.conj(input))
    return g * xp.conj(power(xp, input, exponent - 1) * exponent)


@op(input=_power_grad, public=False, method=False, node="Pow", refuses=("bool",))
def pow_scalar(xp, input, exponent: float):
    """Elementwise `input ** exponent` for a Python number."""
    return power(xp, input, exponent)


@op(
    input=lambda g, input, out: g * (input / out),
    other=lambda g, other, out: g * (other / out),
    promote="same",
    inplace=True,
    numbers=False,
    refuses=("bool", "integer", "complex"),
)
def hypot(xp, input, other):
    """Elementwise `sqrt(input ** 2 + other ** 2)`, without overflow."""
    return xp.hypot(input, other)


# ---- exponentials and logarithms -------------------------------------------------------------------------------------


@op(input=lambda xp, g, out: g * xp.conj(out), promote="float", inplace=True)
def exp(xp, input):
    """Elementwise exponential."""
    return xp.exp(input)


@op(input=lambda xp, g, out: g * xp.conj(out) * LN2, promote="float", inplace=True)
def exp2(xp, input):
    """Elementwise 2 to the power of `input`."""
    return xp.exp2(input)


@op(input=lambda xp, g, out: g * xp.conj(out + 1), promote="float", inplace=True)
def expm1(xp, input):
    """Elementwise `exp(input) - 1`, accurate near 0."""
    return xp.expm1(input)


@op(input=lambda xp, g, input: g / xp.conj(input), promote="float", inplace=True)
def log(xp, input):
    """Elementwise natural logarithm; -inf at 0, nan below."""
    return xp.log(input)


@op(input=lambda xp, g, input: g / (xp.conj(input) * LN2), promote="float", inplace=True)
def log2(xp, input):
    """Elementwise logarithm to base 2."""
    return xp.log2(input)


@op(input=lambda xp, g, input: g / (xp.conj(input) * LN10), promote="float", inplace=True)
def log10(xp, input):
    """Elementwise logarithm to base 10."""
    return xp.log10(input)


@op(input=lambda xp, g, input: g / xp.conj(input + 1), promote="float", inplace=True, node="Log1P")
def log1p(xp, input):
    """Elementwise `log(1 + input)`, accurate near 0."""
    return xp.log1p(input)


@op(
    input=lambda xp, g, input, other: g / xp.conj(1 + xp.exp(other - input)),
    other=lambda xp, g, input, other: g / xp.conj(1 + xp.exp(input - other)),
    promote="same",
    numbers=False,
    refuses=("bool", "integer"),
)
def logaddexp(xp, input, other):
    """Elementwise `log(exp(input) + exp(other))`, without overflow."""
    return xp.logaddexp(input, other)


@op(
    input=lambda xp, g, input, other: g / (1 + xp.exp2(other - input)),
    other=lambda xp, g, input, other: g / (1 + xp.exp2(input - other)),
    promote="same",
    numbers=False,
    refuses=("bool", "integer", "complex"),
)
def logaddexp2(xp, input, other):
    """Elementwise `log2(2 ** input + 2 ** other)`, without overflow."""
    return xp.logaddexp2(input, other)


@op(input=lambda xp, g, out: g * xp.conj(out * (1 - out)), promote="float", inplace=True)
def sigmoid(xp, input):
    """Elementwise `1 / (1 + exp(-input))`."""
    return xp.sigmoid(input)


def _logit_grad(xp, g, input, eps):
    slope = 1 / (input * (1 - input))
    if eps is None:
        slope = xp.where((input == 0) | (input == 1), xp.full_like(input, float("inf")), slope)
        return g * xp.where((input >= 0) & (input <= 1), slope, xp.full_like(input, float("nan")))
    return g * xp.where((input >= eps) & (input <= 1 - eps), slope, xp.zeros_like(input))


@op(input=_logit_grad, promote="float", inplace=True, refuses=("complex",))
def logit(xp, input, eps: float | None = None):
    """Elementwise `log(input / (1 - input))`; with `eps`, input is kept between eps and 1 - eps."""
    x = input if eps is None else xp.clamp(input, eps, 1 - eps)
    return xp.log(x / (1 - x))


# ---- circular --------------------------------------------------------------------------------------------------------


@op(input=lambda xp, g, input: g * xp.conj(xp.cos(input)), promote="float", inplace=True)
def sin(xp, input):
    """Elementwise sine of an angle in radians."""
    return xp.sin(input)


@op(input=lambda xp, g, input: -g * xp.conj(xp.sin(input)), promote="float", inplace=True)
def cos(xp, input):
    """Elementwise cosine of an angle in radians."""
    return xp.cos(input)


@op(input=lambda xp, g, out: g * xp.conj(1 + out * out), promote="float", inplace=True)
def tan(xp, input):
    """Elementwise tangent of an angle in radians."""
    return xp.tan(input)


@op(
    input=lambda xp, g, input: g * xp.conj(xp.rsqrt(1 - input * input)),
    promote="float",
    inplace=True,
    aliases=("arcsin",),
)
def asin(xp, input):
    """Elementwise inverse sine, in radians."""
    return xp.asin(input)


@op(
    input=lambda xp, g, input: -g * xp.conj(xp.rsqrt(1 - input * input)),
    promote="float",
    inplace=True,
    aliases=("arccos",),
)
def acos(xp, input):
    """Elementwise inverse cosine, in radians."""
    return xp.acos(input)


@op(input=lambda xp, g, input: g / xp.conj(1 + input * input), promote="float", inplace=True, aliases=("arctan",))
def atan(xp, input):
    """Elementwise inverse tangent, in radians."""
    return xp.atan(input)


@op(
    input=lambda xp, g, input, other: g * (other / (input * input + other * other)),
    other=lambda xp, g, input, other: -g * (input / (input * input + other * other)),
    promote="float",
    inplace=True,
    numbers=False,
    aliases=("arctan2",),
    refuses=("complex",),
)
def atan2(xp, input, other):
    """Elementwise angle of the point (other, input), in radians from -pi to pi."""
    return xp.atan2(input, other)


def _sinc_grad(xp, g, input):
    x = input * PI
    square = x * input
    slope = (x * xp.cos(x) - xp.sin(x)) / xp.where(square == 0, xp.ones_like(square), square)
    return g * xp.conj(xp.where(square == 0, xp.zeros_like(slope), slope))


@op(input=_sinc_grad, promote="float", inplace=True)
def sinc(xp, input):
    """Elementwise `sin(pi * input) / (pi * input)`, 1 at 0."""
    return xp.sinc(input)


@op(input=lambda g: g * (PI / 180), promote="float", inplace=True, node="Deg2Rad", refuses=("complex",))
def deg2rad(xp, input):
    """Angles in radians, of degrees."""
    return xp.multiply(input, PI / 180)


@op(input=lambda g: g * (180 / PI), promote="float", inplace=True, node="Rad2Deg", refuses=("complex",))
def rad2deg(xp, input):
    """Angles in degrees, of radians."""
    return xp.multiply(input, 180 / PI)


# ---- hyperbolic ------------------------------------------------------------------------------------------------------


@op(input=lambda xp, g, input: g * xp.conj(xp.cosh(input)), promote="float", inplace=True)
def sinh(xp, input):
    """Elementwise hyperbolic sine."""
    return xp.sinh(input)


@op(input=lambda xp, g, input: g * xp.conj(xp.sinh(input)), promote="float", inplace=True)
def cosh(xp, input):
    """Elementwise hyperbolic cosine."""
    return xp.cosh(input)


@op(input=lambda xp, g, out: g * xp.conj(1 - out * out), promote="float", inplace=True)
def tanh(xp, input):
    """Elementwise hyperbolic tangent."""
    return xp.tanh(input)


@op(
    input=lambda xp, g, input: g * xp.conj(xp.rsqrt(input * input + 1)),
    promote="float",
    inplace=True,
    aliases=("arcsinh",),
)
def asinh(xp, input):
    """Elementwise inverse hyperbolic sine."""
    return xp.asinh(input)


def _acosh_grad(xp, g, input):
    if xp.is_complex(input):
        return g * xp.conj(xp.rsqrt(input - 1) * xp.rsqrt(input + 1))
    return g * xp.rsqrt(input * input - 1)


@op(
    input=_acosh_grad,
    promote="float",
    inplace=True,
    aliases=("arccosh",),
)
def acosh(xp, input):
    """Elementwise inverse hyperbolic cosine."""
    return xp.acosh(input)


@op(input=lambda xp, g, input: g / xp.conj(1 - input * input), promote="float", inplace=True, aliases=("arctanh",))
def atanh(xp, input):
    """Elementwise inverse hyperbolic tangent."""
    return xp.atanh(input)
