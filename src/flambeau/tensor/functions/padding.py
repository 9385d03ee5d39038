"""Padding with a number; the other ways of padding are in `nn.functional`."""

from __future__ import annotations

from typing import Any

from .. import rows
from ..operands import type_name
from ..public import public
from ..tensor import Tensor


def checked_pad(name: str, input: Any, pad: Any) -> tuple[int, ...]:
    """The numbers of a `pad` argument. Raises where these are no integers, or too many."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type_name(input)}")
    if not isinstance(pad, (tuple, list)):
        raise TypeError(f"{name}(): argument 'pad' (position 2) must be tuple of ints, not {type_name(pad)}")
    numbers = []
    for i, n in enumerate(pad):
        if not hasattr(n, "__index__"):
            raise TypeError(
                f"{name}(): argument 'pad' (position 2) must be tuple of ints, but found element of type "
                f"{type_name(n)} at pos {i}"
            )
        numbers.append(n.__index__())
    if len(numbers) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    ndim = input._array.ndim
    if len(numbers) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(numbers)} and input of dimension {ndim}"
        )
    return tuple(numbers)


def constant_padded(input: Tensor, numbers: tuple[int, ...], value: Any) -> Tensor:
    """The input with `value` around it. Raises where more is cropped than there is."""
    shape = input._array.shape
    for i in range(len(numbers) // 2):
        n, before, after = shape[-1 - i], numbers[2 * i], numbers[2 * i + 1]
        if n + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
    return rows.constant_pad(input, pad=numbers, value=value)


@public(method=False)
def constant_pad_nd(input, pad, value=0):
    """The input with `value` around it: `pad` is (before, after) for the last dim, then for the one before it, ….

    >>> constant_pad_nd(tensor([1., 2.]), (1, 2), 9.)
    tensor([9., 1., 2., 9., 9.])
    """
    return constant_padded(input, checked_pad("constant_pad_nd", input, pad), value)
