"""Comparison, truth values, bits, and choice by truth value: results that are true or false, or made of bits."""

from __future__ import annotations

from .elementwise import no_derivative
from .table import Index, op

# ---- comparison ------------------------------------------------------------------------------------------------------


@op(promote="bool", inplace=True, numbers="other")
def eq(xp, input, other):
    """Elementwise `input == other`."""
    return xp.equal(input, other)


@op(promote="bool", inplace=True, aliases=("not_equal",), numbers="other")
def ne(xp, input, other):
    """Elementwise `input != other`."""
    return xp.not_equal(input, other)


@op(promote="bool", inplace=True, aliases=("less",), refuses=("complex",), numbers="other")
def lt(xp, input, other):
    """Elementwise `input < other`."""
    return xp.less(input, other)


@op(promote="bool", inplace=True, aliases=("less_equal",), refuses=("complex",), numbers="other")
def le(xp, input, other):
    """Elementwise `input <= other`."""
    return xp.less_equal(input, other)


@op(promote="bool", inplace=True, aliases=("greater",), refuses=("complex",), numbers="other")
def gt(xp, input, other):
    """Elementwise `input > other`."""
    return xp.greater(input, other)


@op(promote="bool", inplace=True, aliases=("greater_equal",), refuses=("complex",), numbers="other")
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


@op(promote="bool", refuses=("complex",))
def isposinf(xp, input):
    """Where elements are positive infinity."""
    return xp.equal(input, float("inf"))


@op(promote="bool", refuses=("complex",))
def isneginf(xp, input):
    """Where elements are negative infinity."""
    return xp.equal(input, -float("inf"))


@op(promote="bool")
def isreal(xp, input):
    """Where elements have no imaginary part."""
    return xp.equal(xp.imag(input), 0)


@op(promote="bool", refuses=("complex",))
def signbit(xp, input):
    """Where the sign bit is set: below zero, and -0.0."""
    return xp.signbit(input)


@op(promote="bool", public=False, method=False)
def isclose(xp, input, other, rtol: float, atol: float, equal_nan: bool):
    """Where `abs(input - other) <= atol + rtol * abs(other)`, or both are equal (nan too, if asked for)."""
    close = xp.equal(input, other)
    if equal_nan and (xp.is_floating(input) or xp.is_complex(input)):
        close = xp.logical_or(close, xp.logical_and(xp.isnan(input), xp.isnan(other)))
    if rtol == 0 and atol == 0:
        return close
    if not (xp.is_floating(input) or xp.is_complex(input)):
        input, other = xp.astype(input, xp.float64), xp.astype(other, xp.float64)
    distance = xp.abs(xp.subtract(input, other))
    near = xp.less_equal(distance, xp.add(xp.multiply(xp.abs(other), rtol), atol))
    return xp.logical_or(close, xp.logical_and(xp.isfinite(distance), near))


# ---- truth values ----------------------------------------------------------------------------------------------------


@op(promote="bool", inplace=True, numbers=False)
def logical_and(xp, input, other):
    """Elementwise `and` of truth values: nonzero is true."""
    return xp.logical_and(input, other)


@op(promote="bool", inplace=True, numbers=False)
def logical_or(xp, input, other):
    """Elementwise `or` of truth values: nonzero is true."""
    return xp.logical_or(input, other)


@op(promote="bool", inplace=True, numbers=False)
def logical_xor(xp, input, other):
    """Elementwise exclusive `or` of truth values: nonzero is true."""
    return xp.logical_xor(input, other)


@op(promote="bool", inplace=True)
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
    moves=True,
    public=False,
    method=False,
    node="Where",
)
def where_same(xp, condition: Index, input, other):
    """`input` where the condition holds, else `other`; the two have one dtype."""
    return xp.where(condition, input, other)


@op(
    input=no_derivative("heaviside"),
    values=no_derivative("heaviside"),
    promote="same",
    public=False,
    method=False,
    refuses=("complex",),
    node="NotImplementedBackward0",
)
def heaviside(xp, input, values):
    """0 below 0, 1 above, and `values` at 0. Shapes broadcast."""
    return xp.heaviside(input, values)
