"""Elementwise arithmetic: sums, products, quotients, signs, rounding, parts of numbers."""

from __future__ import annotations

from .refusals import subtraction
from .table import op


def no_derivative(name):
    """A rule for an op that PyTorch cannot differentiate: it complains when the gradient is wanted."""

    def rule(g):
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return rule


def zero(xp, g):
    """The gradient of what is constant between its jumps."""
    return xp.zeros_like(g)


# ---- arithmetic ------------------------------------------------------------------------------------------------------


def _scaled(xp, x, alpha):
    """`alpha * x`; the number must fit the dtype."""
    if xp.is_complex(x):
        return xp.multiply(x, alpha)
    if type(alpha) is complex:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")
    if not xp.is_floating(x):
        if type(alpha) is float:
            raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
        if x.dtype == xp.bool_:
            return xp.logical_and(x, bool(alpha))
        # a negative number wraps around where the dtype has no sign
        return xp.multiply(x, xp.astype(xp.asarray(alpha), x.dtype))
    return xp.multiply(x, alpha)


def _times(xp, g, alpha):
    """`g` times the conjugate of a number, free of charge for 1."""
    return g if alpha == 1 else g * (alpha.conjugate() if type(alpha) is complex else alpha)


@op(input=lambda g: g, other=lambda xp, g, alpha: _times(xp, g, alpha), promote="same", inplace=True)
def add(xp, input, other, *, alpha=1):
    """Elementwise `input + alpha * other`. Shapes broadcast."""
    return xp.add(input, other) if alpha == 1 else xp.add(input, _scaled(xp, other, alpha))


@op(
    input=lambda g: g,
    other=lambda xp, g, alpha: _times(xp, -g, alpha),
    promote="same",
    inplace=True,
    aliases=("subtract",),
    check=subtraction,
)
def sub(xp, input, other, *, alpha=1):
    """Elementwise `input - alpha * other`. Shapes broadcast."""
    return xp.subtract(input, other) if alpha == 1 else xp.subtract(input, _scaled(xp, other, alpha))


@op(
    input=lambda xp, g, alpha: _times(xp, -g, alpha),
    other=lambda g: g,
    numbers="other",
    promote="same",
    method=False,
    check=subtraction,
    node="RsubBackward1",
)
def rsub(xp, input, other, *, alpha=1):
    """Elementwise `other - alpha * input`. Shapes broadcast."""
    return xp.subtract(other, input) if alpha == 1 else xp.subtract(other, _scaled(xp, input, alpha))


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
    other=lambda xp, g, input, other: -g * xp.conj(input / other / other),
    promote="float",
    public=False,
    method=False,
    node="Div",
)
def true_div(xp, input, other):
    """Elementwise `input / other`. Shapes broadcast; integers give the default float."""
    return xp.divide(input, other)


@op(
    input=zero, other=zero, promote="same", public=False, method=False, node="DivBackward2", refuses=("bool", "complex")
)
def div_floor(xp, input, other):
    """Elementwise quotient rounded down. Raises RuntimeError for integers divided by 0."""
    return xp.floor_divide(input, other)


@op(
    input=zero, other=zero, promote="same", public=False, method=False, node="DivBackward2", refuses=("bool", "complex")
)
def div_trunc(xp, input, other):
    """Elementwise quotient rounded towards 0. Raises RuntimeError for integers divided by 0."""
    return xp.trunc_divide(input, other)


@op(
    input=no_derivative("floor_divide"),
    other=no_derivative("floor_divide"),
    promote="same",
    inplace=True,
    refuses=("bool", "complex"),
    node="NotImplementedBackward0",
)
def floor_divide(xp, input, other):
    """Elementwise quotient rounded down. Shapes broadcast. Raises RuntimeError for integers divided by 0."""
    return xp.floor_divide(input, other)


@op(
    input=lambda g: g,
    other=lambda xp, g, input, other: -g * xp.floor_divide(input, other),
    promote="same",
    inplace=True,
    refuses=("bool", "complex"),
)
def remainder(xp, input, other):
    """Elementwise remainder with the sign of `other`, as Python's `%`. Raises RuntimeError for integers modulo 0."""
    return xp.remainder(input, other)


@op(
    input=lambda g: g,
    other=lambda xp, g, input, other: -g * xp.trunc(input / other),
    numbers="other",
    promote="same",
    inplace=True,
    refuses=("bool", "complex"),
)
def fmod(xp, input, other):
    """Elementwise remainder with the sign of `input`, as C's fmod. Raises RuntimeError for integers modulo 0."""
    return xp.fmod(input, other)


@op(input=lambda g: -g, promote="same", inplace=True, aliases=("negative",), refuses=("bool",))
def neg(xp, input):
    """Elementwise `-input`."""
    return xp.negative(input)


@op(input=lambda xp, g, out: -g * xp.conj(out * out), promote="float", inplace=True)
def reciprocal(xp, input):
    """Elementwise `1 / input`."""
    return xp.reciprocal(input)


@op(input=lambda xp, g, input: 2 * g * xp.conj(input), promote="same", inplace=True, node="Pow")
def square(xp, input):
    """Elementwise `input * input`."""
    return xp.square(input)


@op(
    input=lambda g: g,
    tensor1=lambda xp, g, tensor2, value: _times(xp, g * xp.conj(tensor2), value),
    tensor2=lambda xp, g, tensor1, value: _times(xp, g * xp.conj(tensor1), value),
    promote="same",
    inplace=True,
    numbers=False,
    refuses=("bool",),
)
def addcmul(xp, input, tensor1, tensor2, *, value=1):
    """Elementwise `input + value * tensor1 * tensor2`. Shapes broadcast."""
    product = xp.multiply(tensor1, tensor2)
    return xp.add(input, product if value == 1 else xp.multiply(product, _fitting(xp, product, value)))


def _fitting(xp, x, value):
    """A number cut to an integer where it meets integers."""
    return value if xp.is_floating(x) or xp.is_complex(x) else int(value)


@op(
    input=lambda g: g,
    tensor1=lambda xp, g, tensor2, value: _times(xp, g / xp.conj(tensor2), value),
    tensor2=lambda xp, g, tensor1, tensor2, value: _times(xp, -g * xp.conj(tensor1 / (tensor2 * tensor2)), value),
    promote="same",
    inplace=True,
    numbers=False,
    refuses=("bool", "integer"),
)
def addcdiv(xp, input, tensor1, tensor2, *, value=1):
    """Elementwise `input + value * tensor1 / tensor2`. Shapes broadcast."""
    quotient = xp.divide(tensor1, tensor2)
    return xp.add(input, quotient if value == 1 else xp.multiply(quotient, value))


@op(
    input=lambda xp, g, weight: _times(xp, g, 1 - weight),
    end=lambda xp, g, weight: _times(xp, g, weight),
    public=False,
    method=False,
    node="Lerp",
    refuses=("bool", "integer"),
)
def lerp_number(xp, input, end, weight: float):
    """The point between `input` and `end` at a fraction `weight` of the way."""
    way = xp.subtract(end, input)
    if abs_(weight) < 0.5:
        return xp.add(input, xp.multiply(way, weight))
    return xp.subtract(end, xp.multiply(way, 1 - weight))


@op(
    input=lambda xp, g, weight: g * (1 - xp.conj(weight)),
    end=lambda xp, g, weight: g * xp.conj(weight),
    weight=lambda xp, g, input, end: g * xp.conj(end - input),
    public=False,
    method=False,
    node="LerpBackward1",
    refuses=("bool", "integer"),
)
def lerp_tensor(xp, input, end, weight):
    """The point between `input` and `end` at a fraction `weight` of the way."""
    way = xp.subtract(end, input)
    near = xp.add(input, xp.multiply(way, weight))
    return xp.where(xp.abs(weight) < 0.5, near, xp.subtract(end, xp.multiply(way, 1 - weight)))


# ---- signs -----------------------------------------------------------------------------------------------------------

abs_ = abs  # type: ignore[has-type]


@op(
    input=lambda xp, g, input: g * xp.sign(input),
    promote="same",
    inplace=True,
    aliases=("absolute",),
    refuses=("bool",),
    retypes=True,
)
def abs(xp, input):
    """Elementwise absolute value, real for complex numbers; the gradient at 0 is 0."""
    return xp.abs(input)


@op(input=zero, promote="same", inplace=True, refuses=("complex",))
def sign(xp, input):
    """-1, 0 or 1, by the sign of each element."""
    return xp.sign(input)


def _sgn_grad(xp, g, input, out):
    """Turning a number changes its direction, scaling it does not: only the part of `g` across `out` counts."""
    if not xp.is_complex(input):
        return xp.zeros_like(g)
    size = xp.abs(input)
    nowhere = size == 0
    across = (g - xp.real(xp.conj(g) * out) * out) / xp.where(nowhere, xp.ones_like(size), size)
    return xp.where(nowhere, xp.zeros_like(across), across)


@op(input=_sgn_grad, promote="same", inplace=True)
def sgn(xp, input):
    """The sign of each element; for complex numbers the number of size 1 in the same direction, 0 for 0."""
    return xp.sign(input)


@op(
    input=lambda xp, g, input, out: xp.where(input == 0, xp.zeros_like(g), g * (out / input)),
    other=zero,
    numbers="other",
    promote="float",
    inplace=True,
    refuses=("complex",),
)
def copysign(xp, input, other):
    """The size of `input` with the sign of `other`. Shapes broadcast."""
    return xp.copysign(input, other)


# ---- rounding: gradients are zero ------------------------------------------------------------------------------------


@op(input=zero, promote="same", inplace=True, refuses=("bool", "complex"))
def floor(xp, input):
    """Elementwise largest integer that is not larger."""
    return xp.floor(input)


@op(input=zero, promote="same", inplace=True, refuses=("bool", "complex"))
def ceil(xp, input):
    """Elementwise smallest integer that is not smaller."""
    return xp.ceil(input)


@op(input=zero, promote="same", inplace=True, aliases=("fix",), refuses=("bool", "complex"))
def trunc(xp, input):
    """Elementwise integer part, rounded towards 0."""
    return xp.trunc(input)


@op(input=zero, promote="same", public=False, method=False, refuses=("bool", "complex"))
def round(xp, input):
    """Elementwise nearest integer; halves go to the even neighbour."""
    return xp.rint(input)


@op(
    input=zero,
    promote="same",
    public=False,
    method=False,
    node="RoundBackward1",
    refuses=("bool", "integer", "complex"),
)
def round_decimals(xp, input, decimals: int):
    """Elementwise nearest value with so many decimals; negative ones count places before the point."""
    if decimals < 0:
        return xp.multiply(xp.rint(xp.divide(input, 10.0**-decimals)), 10.0**-decimals)
    return xp.divide(xp.rint(xp.multiply(input, 10.0**decimals)), 10.0**decimals)


@op(input=lambda g: g, promote="same", inplace=True, refuses=("bool", "integer", "complex"))
def frac(xp, input):
    """Elementwise part after the decimal point, with the sign of the number."""
    return xp.subtract(input, xp.trunc(input))


# ---- numbers and their parts -----------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, input: xp.where(xp.isfinite(input), g, xp.zeros_like(g)),
    promote="same",
    public=False,
    method=False,
)
def nan_to_num(xp, input, nan: float | None = None, posinf: float | None = None, neginf: float | None = None):
    """Elementwise `input`, with numbers in place of nan (0) and the infinities (the largest finite numbers)."""
    return xp.nan_to_num(input, nan, posinf, neginf)


@op(
    input=lambda xp, g, input, other: xp.where(input == other, xp.zeros_like(g), g),
    other=zero,
    moves=True,
    public=False,
    method=False,
    node="Nextafter",
)
def next_number(xp, input, other):
    """The next representable number from `input` towards `other`, two arrays of one floating dtype."""
    return xp.nextafter(input, other)


@op(
    input=lambda xp, g, out: g[0] / xp.exp2(xp.astype(out[1], g[0].dtype)),
    returns=("mantissa", "exponent"),
    public=False,
    method=False,
)
def frexp(xp, input):
    """Mantissas of size 0.5 to 1, and the exponents of 2 that they are to be multiplied by."""
    return xp.frexp(input)


@op(
    input=lambda xp, g, other: g * xp.conj(xp.exp2(other)),
    other=lambda xp, g, out: g * xp.conj(out) * LN2,
    promote="float",
    inplace=True,
    numbers=False,
)
def ldexp(xp, input, other):
    """Elementwise `input * 2 ** other`. Shapes broadcast."""
    return xp.multiply(input, xp.exp2(other))


LN2 = 0.6931471805599453


@op(promote="same", inplace=True, numbers=False, refuses=("bool", "float", "complex"))
def gcd(xp, input, other):
    """Elementwise greatest common divisor of integers. Shapes broadcast."""
    return xp.gcd(input, other)


@op(promote="same", inplace=True, numbers=False, refuses=("bool", "float", "complex"))
def lcm(xp, input, other):
    """Elementwise least common multiple of integers. Shapes broadcast."""
    return xp.lcm(input, other)
