"""Reading and writing at indices in batches.

Where an index is batched, or has arrays in it, the places that it means are worked out as positions in the flattened
element; reading and writing there is the same for all indices.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import numpy as xnp
from .array import BatchedArray, Level
from .rules import ALL, aligned, inner, is_batched, loop, rule, wrap, xp


def as_tuple(index: Any) -> tuple:
    return index if type(index) is tuple else (index,)


def is_basic(index: tuple) -> bool:
    """Whether an index has only numbers, slices, new axes and an Ellipsis."""
    return all(
        p is None or p is Ellipsis or type(p) is slice or (isinstance(p, (int, np.integer)) and type(p) is not bool)
        for p in index
    )


def places(level: Level, shape: tuple[int, ...], index: tuple) -> Any:
    """For each element of `x[index]` its position in the flattened `x` of a shape."""
    total = 1
    for n in shape:
        total *= n
    positions = np.arange(total).reshape(shape)
    if not any(is_batched(level, p) for p in index):
        return xp().getitem(positions, index)
    parts: list[Any] = []
    for part in index:
        if getattr(part, "dtype", None) == np.bool_:
            if isinstance(part, BatchedArray):
                raise RuntimeError(
                    "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch "
                    "over "
                    "indexing with a boolean mask."
                )
            parts += list(xnp.nonzero(part))
        elif isinstance(part, list):
            parts.append(np.asarray(part))
        else:
            parts.append(part)
    arrays = [i for i, p in enumerate(parts) if hasattr(p, "ndim") or isinstance(p, (int, np.integer))]
    together = arrays == list(range(arrays[0], arrays[-1] + 1))
    for i, whole in zip(arrays, aligned(level, [parts[i] for i in arrays]), strict=True):
        parts[i] = whole
    # where the axes of the index arrays come to lie, the batch first among them
    first = sum(p is None or type(p) is slice for p in parts[: arrays[0]]) if together else 0
    if together and Ellipsis in parts[: arrays[0]]:
        first += len(shape) - sum(p is not None and p is not Ellipsis for p in parts)
    return wrap(level, xp().moveaxis(xp().getitem(positions, tuple(parts)), first, 0))


def rows_and_places(level: Level, positions: Any) -> tuple[Any, Any]:
    """The index of positions, flattened, in a batch of flattened elements."""
    if is_batched(level, positions):
        flat = xp().reshape(positions.inner, (level.size, positions.size))
        return np.arange(level.size).reshape(-1, 1), flat
    return ALL, xp().reshape(positions, (-1,))


@rule("getitem")
def getitem(level: Level, x: Any, index: Any) -> Any:
    parts = as_tuple(index)
    if is_basic(parts):
        if sum(p is not None and p is not Ellipsis for p in parts) > x.ndim:
            raise IndexError(f"too many indices for array: array is {x.ndim}-dimensional")
        return wrap(level, xp().getitem(x.inner, (ALL, *parts)))
    positions = places(level, x.shape, parts)
    if not is_batched(level, x):
        return wrap(level, xp().getitem(xp().reshape(x, (-1,)), (positions.inner,)))
    flat = xp().reshape(x.inner, (level.size, x.size))
    found = xp().getitem(flat, rows_and_places(level, positions))
    return wrap(level, xp().reshape(found, (level.size, *positions.shape)))


@rule("put")
def put(level: Level, x: Any, index: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy of the batch, written or added to."""
    positions = places(level, x.shape, as_tuple(index))
    flat = xp().reshape(inner(level, x), (level.size, x.size))
    if is_batched(level, values) or is_batched(level, positions):
        shape = positions.shape
        values = values if hasattr(values, "ndim") else np.asarray(values, x.dtype)
        while values.ndim > len(shape) and values.shape[0] == 1:
            values = xp().getitem(values, (0,))
        values = xp().reshape(inner(level, xp().broadcast_to(values, shape)), (level.size, positions.size))
    elif getattr(values, "ndim", 0):
        values = xp().reshape(xp().broadcast_to(values, positions.shape), (-1,))
    written = xp().put(flat, rows_and_places(level, positions), values, accumulate=accumulate)
    return wrap(level, xp().reshape(written, (level.size, *x.shape)))


@rule("take", "index_select")
def take(level: Level, x: Any, *args: Any, **options: Any) -> Any:
    """Slices at the indices along an axis. `index_select` has the axis before the index."""
    if args and isinstance(args[0], (int, np.integer)):
        axis, indices = args[0], args[1]
    else:
        indices = args[0] if args else options["indices"]
        axis = args[1] if len(args) > 1 else options.get("axis")
    if axis is None:
        x, axis = xp().reshape(x, (-1,)), 0
    if not x.ndim:
        x = xp().reshape(x, (1,))
        return xp().reshape(take(level, x, indices, axis=0), ())
    axis = axis % x.ndim
    return xp().getitem(x, (*(ALL,) * axis, indices))


@rule("take_along_axis")
def take_along_axis(level: Level, x: Any, indices: Any, axis: int = -1) -> Any:
    if not x.ndim:
        return loop(level, np.take_along_axis, (x, indices), {"axis": axis})
    return wrap(level, xp().take_along_axis(inner(level, x), inner(level, indices), axis=axis % x.ndim + 1))
