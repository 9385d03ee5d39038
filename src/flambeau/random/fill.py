"""Where drawn numbers go: into any strided array, in the order of its memory, a piece at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# elements drawn at once, even and a multiple of 16: the temporaries then stay in the processor's cache
PIECE = 8192


def memory_axes(array: np.ndarray) -> list[int]:
    """The axes from the largest stride to the smallest: serial draws follow memory, not the indices.

    Raises RuntimeError where an expanded axis makes elements share memory.
    """
    strides = array.strides
    if any(size > 1 and not stride for size, stride in zip(array.shape, strides, strict=True)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory "
            "location. Please clone() the tensor before performing the operation."
        )
    return sorted(range(array.ndim), key=strides.__getitem__, reverse=True)


def real_parts(array: np.ndarray) -> np.ndarray:
    """A view of a complex array as real numbers, real and imaginary parts along a new last axis."""
    return array[..., None].view(array.real.dtype)


def store(target: np.ndarray, values: np.ndarray) -> None:
    """Write `values` into `target`, converted as C++ does: to 16-bit floats by way of float32."""
    dtype = target.dtype
    if dtype.itemsize == 2 and dtype.kind not in "iu" and values.dtype != np.float32:
        values = values.astype(np.float32)
    target[...] = values


def fill(array: np.ndarray, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    """Fill `array` with what `draw(count)` gives, piece after piece, and return it."""
    contiguous = array.flags.c_contiguous
    size = array.size
    if contiguous and size <= PIECE:
        values = draw(size)
        store(array, values if array.ndim == 1 else values.reshape(array.shape))
        return array
    ordered = array if contiguous else array.transpose(memory_axes(array))
    dense = ordered.flags.c_contiguous
    flat = ordered.reshape(-1) if dense else np.empty(size, array.dtype)
    for start in range(0, size, PIECE):
        piece = flat[start : start + PIECE]
        store(piece, draw(piece.size))
    if not dense:
        ordered[...] = flat.reshape(ordered.shape)
    return array


def fill_quietly(array: np.ndarray, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    """As `fill`; what extreme parameters make overflow, or wrap in integers, gives no warning."""
    with np.errstate(all="ignore"):
        return fill(array, draw)
