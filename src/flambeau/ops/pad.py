"""Padding: more elements at the ends of the last dims, constant or taken from the image; fewer where negative.

`pad` is (before, after) for the last dim, then for the one before it, and so on.
"""

from __future__ import annotations

from .pool import renamed
from .table import op


@op(
    input=lambda xp, g, pad: xp.constant_pad(g, tuple([-n for n in pad]), 0),
    moves=True,
    public=False,
    method=False,
    node="ConstantPadNd",
)
def constant_pad(xp, input, pad: tuple, value: float):
    """Ends of the last dims filled with a number."""
    return xp.constant_pad(input, pad, value)


def _repeating_rule(xp, g, input_shape, pad, mode):
    return xp.repeating_pad_gradient(g, tuple(input_shape), pad, mode)


def repeating_pad(xp, input, pad: tuple, mode: str):
    """Ends of the last dims filled by reflection, by the outermost element, or from the other end."""
    return xp.repeating_pad(input, pad, mode)


op(input=_repeating_rule, public=False, method=False)(repeating_pad)
for _dims in (1, 2, 3):
    for _name, _node in (("reflect", "Reflection"), ("replicate", "Replication")):
        op(input=_repeating_rule, public=False, method=False, node=f"{_node}Pad{_dims}D")(
            renamed(repeating_pad, f"{_name}_pad_{_dims}")
        )


@op(input=lambda xp, g, pad, mode: xp.repeating_pad(g, pad, mode), public=False, method=False)
def repeating_pad_gradient(xp, input, spatial: tuple, pad: tuple, mode: str):
    """The transpose of `repeating_pad`, for images of shape `spatial`."""
    return xp.repeating_pad_gradient(input, spatial, pad, mode)
