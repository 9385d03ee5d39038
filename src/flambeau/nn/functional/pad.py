"""Padding: more, or fewer, elements at the ends of the last dims."""

from __future__ import annotations

from typing import Any

from ...tensor import rows
from ...tensor.functions.padding import checked_pad, constant_padded
from ...tensor.tensor import Tensor
from .pool import local

__all__ = ["pad"]

NODES = {"reflect": "reflect_pad_{}", "replicate": "replicate_pad_{}"}


@local
def pad(input, pad, mode="constant", value=None):
    """More elements at the ends of the last dims, or fewer where a number is negative.

    pad: (before, after) for the last dim, then for the one before it, …. mode: 'constant' fills with `value` (0);
    'reflect' mirrors, 'replicate' repeats the outermost element, 'circular' goes on at the other end. Raises
    RuntimeError for what the input cannot fill.

    >>> pad(tensor([1., 2., 3.]), (1, 2))
    tensor([0., 1., 2., 3., 0., 0.])
    """
    numbers = checked_pad("pad", input, pad)
    if mode == "constant":
        return constant_padded(input, numbers, 0 if value is None else value)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    dims = len(numbers) // 2
    if mode not in ("reflect", "replicate", "circular") or not (
        dims and input._array.ndim in (dims + 1, dims + 2) and dims <= 3
    ):
        if mode in ("reflect", "replicate", "circular"):
            raise NotImplementedError(
                f"Padding size {len(numbers)} is not supported for {input._array.ndim}D input tensor.\n"
                "Supported combinations for non-constant padding:\n"
                "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
                "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
                "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
            )
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if mode == "circular":
        return _circular(input, numbers)
    _check_repeating(input, numbers, dims, mode)
    return getattr(rows, NODES[mode].format(dims))(input, numbers, mode)


def _circular(input: Tensor, numbers: tuple[int, ...]) -> Tensor:
    """What is cropped does not come back at the other end."""
    shape = input._array.shape
    for i in range(len(numbers) // 2):
        n = shape[-1 - i]
        if numbers[2 * i] > n or numbers[2 * i + 1] > n:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if n + numbers[2 * i] + numbers[2 * i + 1] < 0:
            raise RuntimeError("Negative padding value is resulting in an empty dimension.")
    if min(numbers) < 0:
        input = rows.constant_pad(input, pad=tuple([min(n, 0) for n in numbers]), value=0)
        numbers = tuple([max(n, 0) for n in numbers])
    return rows.repeating_pad(input, numbers, "circular")


def _check_repeating(input: Tensor, numbers: tuple[int, ...], dims: int, mode: str) -> None:
    shape = input._array.shape
    if 0 in shape[-dims:] or 0 in shape[-dims - 1 : -dims]:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(shape)}"
        )
    for i in range(dims):
        before, after, axis = numbers[2 * i], numbers[2 * i + 1], len(shape) - 1 - i
        n = shape[axis]
        if mode == "reflect" and (before >= n or after >= n):
            raise RuntimeError(
                f"Argument #{4 + 2 * i}: Padding size should be less than the corresponding input dimension, but got: "
                f"padding ({before}, {after}) at dimension {axis} of input {list(shape)}"
            )
    sizes: Any = [shape[-1 - i] + numbers[2 * i] + numbers[2 * i + 1] for i in range(dims)]
    if min(sizes) < 1:
        names = ("W", "H", "D")
        have = " ".join(f"{n}: {shape[-1 - i]}" for i, n in reversed(list(enumerate(names[:dims]))))
        got = " ".join(f"{n}: {sizes[i]}" for i, n in reversed(list(enumerate(names[:dims]))))
        raise RuntimeError(f"input ({have}) is too small. Calculated output {got}")
