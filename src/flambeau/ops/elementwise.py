"""Elementwise operations: arithmetic, powers and roots, exponentials, trigonometry, rounding, comparison, logic."""

from __future__ import annotations

from .table import op

TWO_OVER_SQRT_PI = 1.1283791670955126  # derivative of erf at 0
LN2 = 0.6931471805599453
LN10 = 2.302585092994046


# ---- arithmetic ------------------------------------------------------------------------------------------------------


@op(
    input=lambda g: g,
    other=lambda g, alpha: g if alpha == 1 else g * alpha,
    promote="same",
    inplace=True,
)
def add(xp, input, other, *, alpha=1):
    """Elementwise `input + alpha * other`. Shapes broadcast."""
    return xp.add(input, other) if alpha == 1 else xp.add(input, xp.multiply(other, alpha))


@op(
    input=lambda g: g,
    other=lambda g, alpha: -g if alpha == 1 else g * -alpha,
    promote="same",
    inplace=True,
    aliases=("subtract",),
    refuses=("bool",),
)
def sub(xp, input, other, *, alpha=1):
    """Elementwise `input - alpha * other`. Shapes broadcast."""
    return xp.subtract(input, other) if alpha == 1 else xp.subtract(input, xp.multiply(other, alpha))


@op(
    input=lambda xp, g, other: g * xp.conj(other),
    other=lambda xp, g, input: g * xp.conj(input),
    promote="same",
    inplace=True,
    aliases=("multiply",),
)
def mul(xp, input, other):
    """Elementwise `input * other`. Shapes broadcast."""
    return xp.multiply(input, other)


@op(
    input=lambda xp, g, other: g / xp.conj(other),
    other=lambda xp, g, input, other: -g * xp.conj(input / (other * other)),
    promote="float",
)
def true_div(xp, input, other):
    """Elementwise `input / other`. Shapes broadcast; integers give the default float."""
    return xp.divide(input, other)


true_div.node_name = "Div"


@op(promote="same", node="Floor")
def floor_divide(xp, input, other):
    """Elementwise quotient rounded down. Shapes broadcast."""
    return xp.floor_divide(input, other)


@op(input=lambda g: g, other=lambda xp, g, input, other: -g * xp.floor(input / other), promote="same", inplace=True)
def remainder(xp, input, other):
    """Elementwise remainder with the sign of `other`, as Python's `%`."""
    return xp.remainder(input, other)


@op(input=lambda g: g, other=lambda xp, g, input, other: -g * xp.trunc(input / other), promote="same", inplace=True)
def fmod(xp, input, other):
    """Elementwise remainder with the sign of `input`, as C's fmod."""
    return xp.fmod(input, other)


@op(input=lambda g: -g, promote="same", inplace=True, aliases=("negative",), refuses=("bool",))
def neg(xp, input):
    """Elementwise `-input`."""
    return xp.negative(input)


@op(input=lambda xp, g, input: g * xp.sign(input), promote="same", inplace=True, aliases=("absolute",), refuses=("bool",))
def abs(xp, input):
    """Elementwise absolute value; the gradient at 0 is 0."""
    return xp.abs(input)


@op(input=lambda xp, g, out: -g * xp.conj(out * out), promote="float", inplace=True)
def reciprocal(xp, input):
    """Elementwise `1 / input`."""
    return xp.divide(1, input)


@op(input=lambda xp, g: xp.zeros_like(g), promote="same", inplace=True, refuses=("complex",))
def sign(xp, input):
    """-1, 0 or 1, by the sign of each element."""
    return xp.sign(input)


@op(input=lambda xp, g, input: 2 * g * xp.conj(input), promote="same", inplace=True, node="Pow")
def square(xp, input):
    """Elementwise `input * input`."""
    return xp.multiply(input, input)


# ---- powers, exponentials, logarithms --------------------------------------------------------------------------------


@op(input=lambda xp, g, out: g / (2 * xp.conj(out)), promote="float", inplace=True)
def sqrt(xp, input):
    """Elementwise square root; nan below 0."""
    return xp.sqrt(input)


@op(input=lambda xp, g, out: -0.5 * g * xp.conj(out * out * out), promote="float", inplace=True)
def rsqrt(xp, input):
    """Elementwise `1 / sqrt(input)`."""
    return xp.rsqrt(input)


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


@op(input=lambda xp, g, input: g / xp.conj(input + 1), promote="float", inplace=True)
def log1p(xp, input):
    """Elementwise `log(1 + input)`, accurate near 0."""
    return xp.log1p(input)


@op(
    input=lambda xp, g, input, exponent: xp.where(
        exponent == 0, xp.zeros_like(g), g * xp.conj(exponent * xp.pow(input, exponent - 1))
    ),
    exponent=lambda xp, g, input, exponent, out: xp.where(
        (input == 0) & (exponent == 0) | (out == 0), xp.zeros_like(g * out), g * xp.conj(out * xp.log(input))
    ),
    promote="same",
    public=False,
    method=False,
    node="Pow",
)
def pow_tensor(xp, input, exponent):
    """Elementwise `input ** exponent`."""
    return xp.pow(input, exponent)


def _power(xp, x, n):
    """`x ** n` for a Python number; the small powers that PyTorch too computes without `pow`."""
    if n == 2:
        return x * x
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


@op(
    input=lambda xp, g, input, exponent: xp.zeros_like(g)
    if exponent == 0
    else g * xp.conj(_power(xp, input, exponent - 1) * exponent),
    public=False,
    method=False,
    node="Pow",
    refuses=("bool",),
)
def pow_scalar(xp, input, exponent: float):
    """Elementwise `input ** exponent` for a Python number."""
    return _power(xp, input, exponent)


@op(
    input=lambda xp, g, input, other, out: g * xp.exp(input - out),
    other=lambda xp, g, input, other, out: g * xp.exp(other - out),
    promote="float",
)
def logaddexp(xp, input, other):
    """Elementwise `log(exp(input) + exp(other))`, without overflow."""
    return xp.logaddexp(input, other)


@op(
    input=lambda xp, g, input, other, out: g * xp.exp2(input - out),
    other=lambda xp, g, input, other, out: g * xp.exp2(other - out),
    promote="float",
)
def logaddexp2(xp, input, other):
    """Elementwise `log2(2 ** input + 2 ** other)`, without overflow."""
    return xp.logaddexp2(input, other)


# ---- trigonometry ----------------------------------------------------------------------------------------------------


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


@op(input=lambda xp, g, input: g * xp.conj(xp.rsqrt(1 - input * input)), promote="float", inplace=True, aliases=("arcsin",))
def asin(xp, input):
    """Elementwise inverse sine, in radians."""
    return xp.asin(input)


@op(input=lambda xp, g, input: -g * xp.conj(xp.rsqrt(1 - input * input)), promote="float", inplace=True, aliases=("arccos",))
def acos(xp, input):
    """Elementwise inverse cosine, in radians."""
    return xp.acos(input)


@op(input=lambda xp, g, input: g / xp.conj(1 + input * input), promote="float", inplace=True, aliases=("arctan",))
def atan(xp, input):
    """Elementwise inverse tangent, in radians."""
    return xp.atan(input)


@op(
    input=lambda xp, g, input, other: g * other / (input * input + other * other),
    other=lambda xp, g, input, other: -g * input / (input * input + other * other),
    promote="float",
    inplace=True,
    aliases=("arctan2",),
)
def atan2(xp, input, other):
    """Elementwise angle of the point (other, input), in radians from -pi to pi."""
    return xp.atan2(input, other)


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


@op(input=lambda xp, g, input: g * xp.conj(xp.rsqrt(input * input + 1)), promote="float", inplace=True, aliases=("arcsinh",))
def asinh(xp, input):
    """Elementwise inverse hyperbolic sine."""
    return xp.asinh(input)


@op(
    input=lambda xp, g, input: g * xp.conj(xp.rsqrt(input - 1) * xp.rsqrt(input + 1)),
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


# ---- activations -----------------------------------------------------------------------------------------------------


@op(input=lambda xp, g, out: g * xp.conj(out * (1 - out)), promote="float", inplace=True)
def sigmoid(xp, input):
    """Elementwise `1 / (1 + exp(-input))`."""
    return xp.sigmoid(input)


@op(input=lambda xp, g, out: g * (out > 0), promote="same", inplace=True, refuses=("bool", "complex"))
def relu(xp, input):
    """Elementwise `max(input, 0)`; the gradient at 0 is 0."""
    return xp.maximum(input, 0)


# ---- rounding: gradients are zero ------------------------------------------------------------------------------------


@op(input=lambda xp, g: xp.zeros_like(g), promote="same", inplace=True, refuses=("bool", "complex"))
def floor(xp, input):
    """Elementwise largest integer that is not larger."""
    return xp.floor(input)


@op(input=lambda xp, g: xp.zeros_like(g), promote="same", inplace=True, refuses=("bool", "complex"))
def ceil(xp, input):
    """Elementwise smallest integer that is not smaller."""
    return xp.ceil(input)


@op(input=lambda xp, g: xp.zeros_like(g), promote="same", inplace=True, aliases=("fix",), refuses=("bool", "complex"))
def trunc(xp, input):
    """Elementwise integer part, rounded towards 0."""
    return xp.trunc(input)


@op(input=lambda xp, g: xp.zeros_like(g), promote="same", inplace=True, refuses=("bool", "complex"))
def round(xp, input, *, decimals=0):
    """Elementwise nearest value with so many decimals; halves go to the even neighbour."""
    return xp.round(input) if decimals == 0 else xp.round(input * 10.0**decimals) / 10.0**decimals


@op(input=lambda g: g, promote="same", inplace=True)
def frac(xp, input):
    """Elementwise part after the decimal point, with the sign of the number."""
    return input - xp.trunc(input)


# ---- larger, smaller -------------------------------------------------------------------------------------------------


def _share(xp, g, mine, other, wins):
    """The gradient of a maximum or minimum: all to the winner, half each at a tie."""
    return xp.where(mine == other, g / 2, xp.where(wins, g, xp.zeros_like(g)))


@op(
    input=lambda xp, g, input, other: _share(xp, g, input, other, input > other),
    other=lambda xp, g, input, other: _share(xp, g, other, input, other > input),
    promote="same",
    refuses=("complex",),
)
def maximum(xp, input, other):
    """Elementwise larger value; nan if either is nan. At a tie each gets half of the gradient."""
    return xp.maximum(input, other)


@op(
    input=lambda xp, g, input, other: _share(xp, g, input, other, input < other),
    other=lambda xp, g, input, other: _share(xp, g, other, input, other < input),
    promote="same",
    refuses=("complex",),
)
def minimum(xp, input, other):
    """Elementwise smaller value; nan if either is nan. At a tie each gets half of the gradient."""
    return xp.minimum(input, other)


@op(
    input=lambda xp, g, input, other: xp.where((input >= other) | xp.isnan(other), g, xp.zeros_like(g)),
    other=lambda xp, g, input, other: xp.where((input >= other) | xp.isnan(other), xp.zeros_like(g), g),
    promote="same",
)
def fmax(xp, input, other):
    """Elementwise larger value; where one is nan, the other."""
    return xp.fmax(input, other)


@op(
    input=lambda xp, g, input, other: xp.where((input <= other) | xp.isnan(other), g, xp.zeros_like(g)),
    other=lambda xp, g, input, other: xp.where((input <= other) | xp.isnan(other), xp.zeros_like(g), g),
    promote="same",
)
def fmin(xp, input, other):
    """Elementwise smaller value; where one is nan, the other."""
    return xp.fmin(input, other)


# ---- comparison ------------------------------------------------------------------------------------------------------


@op(promote="bool")
def eq(xp, input, other):
    """Elementwise `input == other`."""
    return xp.equal(input, other)


@op(promote="bool", aliases=("not_equal",))
def ne(xp, input, other):
    """Elementwise `input != other`."""
    return xp.not_equal(input, other)


@op(promote="bool", aliases=("less",), refuses=("complex",))
def lt(xp, input, other):
    """Elementwise `input < other`."""
    return xp.less(input, other)


@op(promote="bool", aliases=("less_equal",), refuses=("complex",))
def le(xp, input, other):
    """Elementwise `input <= other`."""
    return xp.less_equal(input, other)


@op(promote="bool", aliases=("greater",), refuses=("complex",))
def gt(xp, input, other):
    """Elementwise `input > other`."""
    return xp.greater(input, other)


@op(promote="bool", aliases=("greater_equal",), refuses=("complex",))
def ge(xp, input, other):
    """Elementwise `input >= other`."""
    return xp.greater_equal(input, other)


@op(promote="bool")
def isnan(xp, input):
    """Where elements are nan."""
    return xp.isnan(input)


@op(promote="bool")
def isinf(xp, input):
    """Where elements are infinite."""
    return xp.isinf(input)


@op(promote="bool")
def isfinite(xp, input):
    """Where elements are neither infinite nor nan."""
    return xp.isfinite(input)


@op(promote="bool")
def signbit(xp, input):
    """Where the sign bit is set: below zero, and -0.0."""
    return xp.signbit(input)


@op(promote="bool")
def logical_and(xp, input, other):
    """Elementwise `and` of truth values: nonzero is true."""
    return xp.logical_and(input, other)


@op(promote="bool")
def logical_or(xp, input, other):
    """Elementwise `or` of truth values: nonzero is true."""
    return xp.logical_or(input, other)


@op(promote="bool")
def logical_xor(xp, input, other):
    """Elementwise exclusive `or` of truth values: nonzero is true."""
    return xp.logical_xor(input, other)


@op(promote="bool")
def logical_not(xp, input):
    """Elementwise `not` of truth values: nonzero is true."""
    return xp.logical_not(input)


# ---- bits ------------------------------------------------------------------------------------------------------------


@op(promote="same", inplace=True, refuses=("float", "complex"))
def bitwise_and(xp, input, other):
    """Elementwise `input & other` of integers or bools."""
    return xp.bitwise_and(input, other)


@op(promote="same", inplace=True, refuses=("float", "complex"))
def bitwise_or(xp, input, other):
    """Elementwise `input | other` of integers or bools."""
    return xp.bitwise_or(input, other)


@op(promote="same", inplace=True, refuses=("float", "complex"))
def bitwise_xor(xp, input, other):
    """Elementwise `input ^ other` of integers or bools."""
    return xp.bitwise_xor(input, other)


@op(promote="same", inplace=True, refuses=("float", "complex"))
def bitwise_not(xp, input):
    """Elementwise `~input` of integers or bools."""
    return xp.bitwise_invert(input)


@op(promote="same", inplace=True, refuses=("bool", "float", "complex"))
def bitwise_left_shift(xp, input, other):
    """Elementwise `input << other` of integers."""
    return xp.bitwise_left_shift(input, other)


@op(promote="same", inplace=True, refuses=("bool", "float", "complex"))
def bitwise_right_shift(xp, input, other):
    """Elementwise `input >> other` of integers."""
    return xp.bitwise_right_shift(input, other)


# ---- choice ----------------------------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, condition: xp.where(condition, g, xp.zeros_like(g)),
    other=lambda xp, g, condition: xp.where(condition, xp.zeros_like(g), g),
    public=False,
    method=False,
    node="Where",
)
def where_same(xp, condition, input, other):
    """`input` where the condition holds, else `other`; the two have one dtype."""
    return xp.where(condition, input, other)
