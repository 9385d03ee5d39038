"""Running a kernel over large arrays, in pieces that stay in the cache, on several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..storage import strided_array
from ..tensor.tensor import KINDS
from ..xp import numpy as xnp

# elements of a piece: 64 kB of float32, so that a parameter, its gradient, two states and scratch stay in the second
# level cache (benchmarks: half and double are within 5 %)
PIECE = 16384
# up to here an array is updated at once, its scratch arrays made by NumPy
SMALL = 8192

Arrays = list[Any]


def run(kernel: Callable, arrays: Arrays, scratch: int, numbers: Sequence[Any], maximize: bool, kind: Any) -> None:
    """Call `kernel(xp, parameter, gradient, *state, *scratch, *numbers)` on all pieces of the arrays."""
    if kind.dtype.is_complex:
        arrays = [as_real(a) for a in arrays]
        kind = KINDS[kind.dtype.to_real()]
    flat = flattened(arrays)
    if flat is None:
        one_piece(kernel, arrays, scratch, numbers, maximize, kind)
        return
    native = kind.wide.native
    count = flat[0].size
    buffers = [xnp.empty(min(PIECE, count), dtype=native) for _ in range(scratch)]
    for start in range(0, count, PIECE):
        stop = min(start + PIECE, count)
        part = [a[start:stop] for a in flat]
        room = buffers if stop - start == PIECE else [b[: stop - start] for b in buffers]
        on_piece(kernel, part, room, numbers, maximize, kind)


def one_piece(
    kernel: Callable, arrays: Arrays, scratch: int, numbers: Sequence[Any], maximize: bool, kind: Any
) -> None:
    on_piece(kernel, arrays, [None] * scratch, numbers, maximize, kind)


def on_piece(kernel: Callable, part: Arrays, room: Arrays, numbers: Sequence[Any], maximize: bool, kind: Any) -> None:
    """Call the kernel once; half types are widened before and rounded after it."""
    stored = part
    if kind.half:
        part = [xnp.astype(a, kind.wide.native) for a in part]
    if maximize:
        part = [part[0], xnp.negative(part[1]), *part[2:]]
    kernel(xnp.np, *part, *room, *numbers)
    if kind.half:
        for i, a in enumerate(stored):
            if i != 1:
                a[...] = part[i]


def as_real(array: Any) -> Any:
    """A view of complex numbers as pairs of real ones, along a new last axis."""
    real = array.real
    return strided_array(real, (*real.shape, 2), (*real.strides, real.itemsize))


def flattened(arrays: Arrays) -> Arrays | None:
    """The arrays as vectors in the order of the parameter's memory; None where that would need copies of state.

    A gradient may be copied, since it is only read.
    """
    first = arrays[0]
    if not first.flags.c_contiguous:
        order = sorted(range(first.ndim), key=lambda axis: -first.strides[axis])
        arrays = [a.transpose(order) for a in arrays]
    flat = []
    for i, a in enumerate(arrays):
        if not a.flags.c_contiguous:
            if i != 1:
                return None
            a = xnp.contiguous(a)
        flat.append(a.reshape(-1))
    return flat
