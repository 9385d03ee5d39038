"""Shapes: the same elements elsewhere; and picking elements by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ops import shapes
from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import Tensor
from .promotion import promoted

__all__ = [
    "broadcast_arrays", "broadcast_to", "concat", "expand_dims", "flip", "moveaxis", "permute_dims", "repeat",
    "reshape", "roll", "squeeze", "stack", "take", "take_along_axis", "tile", "unstack",
]  # fmt: skip

Axes = int | tuple[int, ...] | None


def broadcast_arrays(*arrays: Tensor) -> list[Tensor]:
    """The arrays, each repeated to the shape that all of them broadcast to."""
    return list(fn.broadcast_tensors(*arrays)) if arrays else []


def broadcast_to(x: Tensor, /, shape: tuple[int, ...]) -> Tensor:
    """`x`, repeated to a shape."""
    return fn.broadcast_to(x, tuple(shape))


def concat(arrays: Sequence[Tensor], /, *, axis: int | None = 0) -> Tensor:
    """The arrays one after the other along an axis; flattened first if that is None."""
    return namespace.concat(promoted("concat", *arrays), axis=axis)


def expand_dims(x: Tensor, /, *, axis: int = 0) -> Tensor:
    """`x` with a new axis of size 1 before the axis `axis`."""
    return namespace.expand_dims(x, axis=axis)


def flip(x: Tensor, /, *, axis: Axes = None) -> Tensor:
    """The elements in reverse order along some axes, all by default."""
    return namespace.flip(x, axis=axis)


def moveaxis(x: Tensor, source: Axes, destination: Axes, /) -> Tensor:
    """`x` with some axes moved to other places."""
    return namespace.moveaxis(x, source, destination)


def permute_dims(x: Tensor, /, axes: tuple[int, ...]) -> Tensor:
    """`x` with its axes in another order."""
    return fn.permute(x, tuple(axes))


def repeat(x: Tensor, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    """Each element repeated so many times, along an axis of `x` or of what it is when flattened."""
    return namespace.repeat(x, repeats, axis=axis)


def reshape(x: Tensor, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Tensor:
    """The elements in another shape. copy: True always copies, False raises ValueError where a copy is needed."""
    shape = tuple(shape)
    if copy:
        return fn.reshape(fn.clone(x), shape)
    if copy is None:
        return fn.reshape(x, shape)
    try:
        return x.view(shape)
    except RuntimeError as error:
        raise ValueError(f"reshape(): {error}") from None


def roll(x: Tensor, /, shift: int | tuple[int, ...], *, axis: Axes = None) -> Tensor:
    """The elements moved along axes; what falls off at the end comes in at the front."""
    if isinstance(axis, tuple) and isinstance(shift, int):
        shift = (shift,) * len(axis)
    return namespace.roll(x, shift, axis=axis)


def squeeze(x: Tensor, /, axis: int | tuple[int, ...]) -> Tensor:
    """`x` without some axes of size 1. Raises ValueError if one of them is longer."""
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for a in axes:
        if x.shape[shapes.one_dim(a, x.ndim)] != 1:
            raise ValueError(f"squeeze(): axis {a} has size {x.shape[a]}, not 1, in an array of shape {tuple(x.shape)}")
    return namespace.squeeze(x, axes)


def stack(arrays: Sequence[Tensor], /, *, axis: int = 0) -> Tensor:
    """The arrays, of one shape, along a new axis."""
    return namespace.stack(promoted("stack", *arrays), axis=axis)


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """The elements at some indices along an axis, which may be left out for one axis only."""
    if axis is None:
        if x.ndim != 1:
            raise ValueError(f"take(): an array of {x.ndim} axes needs an axis")
        axis = 0
    return x[(slice(None),) * shapes.one_dim(axis, x.ndim) + (indices,)]


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """For each place in `indices`, the element of `x` at that index along an axis. The other axes broadcast."""
    size = x.shape[shapes.one_dim(axis, x.ndim)]
    indices = indices.to(namespace.int64)
    return fn.take_along_dim(x, fn.where(indices < 0, indices + size, indices), axis)


def tile(x: Tensor, repetitions: tuple[int, ...], /) -> Tensor:
    """`x` repeated as a whole along its axes."""
    return fn.tile(x, tuple(repetitions))


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The arrays that stacked along an axis give `x`."""
    return tuple(fn.unbind(x, axis))
