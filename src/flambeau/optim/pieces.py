"""Running a kernel over arrays: one element, a few, or many in pieces that stay in the cache, on several threads."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

from .. import config
from ..storage import strided_array
from ..tensor.tensor import KINDS
from ..xp import numpy as xnp
from . import scalars

numpy = xnp.np
# elements of a piece: a quarter of a megabyte of float32, so that a parameter, its gradient, state and scratch stay in
# the second level cache
PIECE = 65536
# threads want longer ones, since they take turns between NumPy's calls
SHARED_PIECE = 131072
# up to here an array is updated at once, its scratch arrays made by NumPy
SMALL = 8192
# from so many elements of all arrays together on, threads gain more than they cost
SHARED = 3 << 20

Arrays = list[Any]


class Constants:
    """The numbers of a kernel: Python's, and as arrays of the dtype in which it computes, made when first needed.

    NumPy takes 0-d arrays in half the time of Python's numbers.
    """

    __slots__ = ("values", "native", "arrays")

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values
        self.native: Any = None
        self.arrays: tuple[Any, ...] = ()

    def of(self, native: Any) -> tuple[Any, ...]:
        """The numbers as arrays; None and flags stay what they are."""
        if self.native is not native:
            self.native = native
            self.arrays = tuple(
                [numpy.asarray(n, native) if type(n) is float or type(n) is int else n for n in self.values]
            )
        return self.arrays


def run(kernel: Callable, arrays: Arrays, scratch: int, constants: Constants, maximize: bool, kind: Any) -> None:
    """Call `kernel(xp, parameter, gradient, *state, *scratch, *numbers)` on the arrays, and write what it returns."""
    size = arrays[0].size
    if kind.inexact and not kind.dtype.is_complex:
        if size == 1 and one_element(kernel, arrays, scratch, constants.values, maximize):
            return
        if size <= SMALL and arrays[0].ndim:
            if maximize:
                arrays = [arrays[0], -arrays[1], *arrays[2:]]
            write(arrays, kernel(numpy, *arrays, *(None,) * scratch, *constants.of(kind.native)))
            return
    elif kind.dtype.is_complex:
        arrays = [as_real(a) for a in arrays]
        kind = KINDS[kind.dtype.to_real()]
    numbers = constants.of(kind.wide.native)
    flat = flattened(arrays)
    if flat is None:
        on_piece(kernel, arrays, [None] * scratch, numbers, maximize, kind)
    elif in_one_loop(kernel, flat, scratch, numbers, maximize):
        return
    elif flat[0].size * len(flat) < SHARED or threads() == 1:
        in_pieces(kernel, flat, scratch, numbers, maximize, kind, PIECE)
    else:
        on_threads(kernel, flat, scratch, numbers, maximize, kind)


def in_one_loop(kernel: Callable, flat: Arrays, scratch: int, numbers: Sequence[Any], maximize: bool) -> bool:
    """Update the arrays by native code, one loop made of the whole kernel, where there is such a thing."""
    if maximize:
        kernel = maximized(kernel)
    written = (0, *range(2, len(flat)))
    return xnp.fuse_in_place(kernel, (*flat, *(None,) * scratch, *numbers), written)


@functools.cache
def maximized(kernel: Callable) -> Callable:
    """The kernel for a gradient that points upwards."""
    return lambda xp, p, g, *rest: kernel(xp, p, xp.negative(g), *rest)


def one_element(kernel: Callable, arrays: Arrays, scratch: int, numbers: Sequence[Any], maximize: bool) -> bool:
    """Update one element with Python's numbers, if they can."""
    values = [a.item() for a in arrays]
    if maximize:
        values[1] = -values[1]
    try:
        results = kernel(scalars, *values, *(None,) * scratch, *numbers)
    except scalars.ERRORS:
        return False
    arrays[0].fill(results[0])
    for array, result in zip(arrays[2:], results[1:], strict=True):
        array.fill(result)
    return True


def write(arrays: Arrays, results: Sequence[Any]) -> None:
    """Put the results that are not in the arrays already where they belong."""
    for array, result in zip((arrays[0], *arrays[2:]), results, strict=True):
        if result is not array:
            array[...] = result


def in_pieces(
    kernel: Callable, flat: Arrays, scratch: int, numbers: Sequence[Any], maximize: bool, kind: Any, size: int
) -> None:
    """Call the kernel on piece after piece."""
    count = flat[0].size
    buffers = [numpy.empty(min(size, count), kind.wide.native) for _ in range(scratch)]
    for start in range(0, count, size):
        stop = min(start + size, count)
        room = buffers if stop - start == size else [b[: stop - start] for b in buffers]
        on_piece(kernel, [a[start:stop] for a in flat], room, numbers, maximize, kind)


def on_piece(kernel: Callable, part: Arrays, room: Arrays, numbers: Sequence[Any], maximize: bool, kind: Any) -> None:
    """Call the kernel once; half types are widened before and rounded after it."""
    given = [numpy.asarray(a, kind.wide.native) for a in part] if kind.half else part
    if maximize:
        given = [given[0], -given[1], *given[2:]]
    write(part, kernel(numpy, *given, *room, *numbers))


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


# ---- threads ---------------------------------------------------------------------------------------------------------

# (process, executor): threads do not survive a fork
_pool: list[Any] = [None, None]


def threads() -> int:
    """How many threads may work."""
    asked = config.settings.num_threads
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def on_threads(kernel: Callable, flat: Arrays, scratch: int, numbers: Sequence[Any], maximize: bool, kind: Any) -> None:
    """Share the pieces among threads: each gets a stretch of the arrays."""
    workers = threads()
    if _pool[0] != os.getpid():
        # loaded here, because a program with small models has no use for it
        from concurrent.futures import ThreadPoolExecutor

        _pool[:] = os.getpid(), ThreadPoolExecutor(max(1, workers - 1), thread_name_prefix="flambeau-optim")
    count = flat[0].size
    each = max(SHARED_PIECE, -(-count // workers))
    stretches = [[a[start : start + each] for a in flat] for start in range(0, count, each)]
    rest = (scratch, numbers, maximize, kind, SHARED_PIECE)
    others = [_pool[1].submit(xnp.run, in_pieces, kernel, stretch, *rest) for stretch in stretches[1:]]
    in_pieces(kernel, stretches[0], *rest)
    for other in others:
        other.result()
