"""Elementwise bounds: what is kept above, below or between others, and the larger and the smaller of two."""

from __future__ import annotations

from .table import Array, fused, op

# ---- bounds ----------------------------------------------------------------------------------------------------------


@fused
def _relu(xp, x):
    return xp.maximum(x, 0)


@fused
def _relu_grad(xp, g, out):
    return xp.where(out <= 0, 0, g)


@op(input=lambda xp, g, out: _relu_grad(xp, g, out), promote="same", inplace=True, refuses=("bool", "complex"))
def relu(xp, input):
    """Elementwise `max(input, 0)`; the gradient at 0 is 0."""
    return _relu(xp, input)


def _inside(xp, g, input, min, max):
    """The gradient where `input` is not cut off: bounds belong to the inside."""
    if min is None:
        return xp.where(input <= max, g, xp.zeros_like(g))
    if max is None:
        return xp.where(input >= min, g, xp.zeros_like(g))
    return xp.where((input >= min) & (input <= max), g, xp.zeros_like(g))


@op(input=_inside, public=False, method=False, node="ClampBackward1", refuses=("bool", "complex"))
def clamp_numbers(xp, input, min: float | None, max: float | None):
    """Elementwise `input`, not below `min` and not above `max`; nan stays nan."""
    return xp.clamp(input, min, max)


def _lower_grad(xp, g, input, min, max):
    hit = input < min if max is None else (input < min) & (min < max)
    return xp.where(hit, g, xp.zeros_like(g))


def _upper_grad(xp, g, input, min, max):
    hit = input > max if min is None else (input > max) | (max < min)
    return xp.where(hit, g, xp.zeros_like(g))


@op(
    input=_inside,
    min=_lower_grad,
    max=_upper_grad,
    promote="same",
    public=False,
    method=False,
    node="Clamp",
    refuses=("complex",),
)
def clamp_tensors(xp, input, min: Array | None, max: Array | None):
    """Elementwise `input`, not below `min` and not above `max`. Shapes broadcast; nan wins."""
    return xp.clamp(input, min, max)


@op(
    input=lambda xp, g, input, min: xp.where(input >= min, g, xp.zeros_like(g)),
    public=False,
    method=False,
    node="ClampMin",
    refuses=("bool", "complex"),
)
def clamp_min_number(xp, input, min: float):
    """Elementwise `input`, not below a number."""
    return xp.maximum(input, min)


@op(
    input=lambda xp, g, input, max: xp.where(input <= max, g, xp.zeros_like(g)),
    public=False,
    method=False,
    node="ClampMax",
    refuses=("bool", "complex"),
)
def clamp_max_number(xp, input, max: float):
    """Elementwise `input`, not above a number."""
    return xp.minimum(input, max)


# ---- larger, smaller -------------------------------------------------------------------------------------------------


def _share(xp, g, tie, loses):
    """The gradient of a maximum or minimum: half at a tie, none to the loser."""
    return xp.where(tie, g / 2, xp.where(loses, xp.zeros_like(g), g))


@op(
    input=lambda xp, g, input, other: _share(xp, g, input == other, input < other),
    other=lambda xp, g, input, other: _share(xp, g, input == other, other < input),
    promote="same",
    numbers=False,
    refuses=("complex",),
)
def maximum(xp, input, other):
    """Elementwise larger value; nan if either is nan. At a tie each gets half of the gradient."""
    return xp.maximum(input, other)


@op(
    input=lambda xp, g, input, other: _share(xp, g, input == other, input > other),
    other=lambda xp, g, input, other: _share(xp, g, input == other, other > input),
    promote="same",
    numbers=False,
    refuses=("complex",),
)
def minimum(xp, input, other):
    """Elementwise smaller value; nan if either is nan. At a tie each gets half of the gradient."""
    return xp.minimum(input, other)


def _first(xp, g, wins):
    return xp.where(wins, g, xp.zeros_like(g))


@op(
    input=lambda xp, g, input, other: _first(xp, g, (input >= other) | xp.isnan(other)),
    other=lambda xp, g, input, other: _first(xp, g, xp.logical_not((input >= other) | xp.isnan(other))),
    promote="same",
    numbers=False,
    refuses=("complex",),
)
def fmax(xp, input, other):
    """Elementwise larger value; where one is nan, the other."""
    return xp.fmax(input, other)


@op(
    input=lambda xp, g, input, other: _first(xp, g, (input <= other) | xp.isnan(other)),
    other=lambda xp, g, input, other: _first(xp, g, xp.logical_not((input <= other) | xp.isnan(other))),
    promote="same",
    numbers=False,
    refuses=("complex",),
)
def fmin(xp, input, other):
    """Elementwise smaller value; where one is nan, the other."""
    return xp.fmin(input, other)
