"""`segment_reduce`: the sum, mean, product or an extreme of consecutive parts of an axis."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...xp import numpy as xnp
from ..public import FUNCTIONS, public
from ..tensor import KINDS, Tensor, make

NEUTRAL = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "max": float("-inf"), "min": float("inf")}
# what `scatter_reduce` calls the reductions
SCATTERED = {"sum": "sum", "mean": "sum", "prod": "prod", "max": "amax", "min": "amin"}


@public(method=False, aliases=("_segment_reduce",))
def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Tensor:
    """One value for each of consecutive segments along `axis`, the last dim of `lengths` (or of `offsets`).

    reduce: "sum", "mean", "max", "min" or "prod". An empty segment gives `initial`, else 0 (sum), nan (mean), 1 (prod)
    or an infinity.

    >>> segment_reduce(tensor([1., 2., 3.]), "sum", lengths=tensor([2, 1]))
    tensor([3., 3.])
    """
    if reduce not in NEUTRAL:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    if not data.dtype.is_floating_point:
        raise NotImplementedError(f"\"_segment_reduce_cpu\" not implemented for '{data.dtype.scalar_name}'")
    axis = axis % max(data.ndim, 1)
    if lengths is not None:
        counts = lengths._array
    else:
        ends = offsets._array  # type: ignore[union-attr]
        counts = ends[..., 1:] - ends[..., :-1]
    if axis != counts.ndim - 1:
        raise RuntimeError(f"segment_reduce(): Expected axis to be the last dimension of lengths but got {axis}.")
    if not unsafe:
        if counts.size and counts.min() < 0:
            raise RuntimeError("lengths contains negative value!")
        if lengths is not None and (counts.sum(-1) != data.shape[axis]).any():
            raise RuntimeError(
                "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when "
                "!unsafe."
            )
    return _reduced(data, reduce, counts, axis, initial)


def _reduced(data: Tensor, reduce: str, counts: Any, axis: int, initial: float | None) -> Tensor:
    rows = counts.reshape(-1, counts.shape[-1]) if counts.ndim else counts
    total = data.shape[axis]
    places = []
    for row in rows:
        found = xnp.repeat(xnp.arange(row.size), row)[:total]
        # what no segment covers goes to one more, which is dropped
        places.append(xnp.concat([found, xnp.full(total - found.size, row.size)]))
    index = xnp.asarray(places, dtype=xnp.int64).reshape((*counts.shape[:-1], total) + (1,) * (data.ndim - axis - 1))
    shape = (*data.shape[:axis], counts.shape[-1] + 1, *data.shape[axis + 1 :])
    start = NEUTRAL[reduce] if initial is None else float(initial)
    base = FUNCTIONS["full"](shape, start, dtype=data.dtype)
    spread = make(xnp.broadcast_to(index, tuple(data.shape)), KINDS[dtypes.int64])
    result = FUNCTIONS["scatter_reduce"](base, axis, spread, data, SCATTERED[reduce], include_self=True)
    result = result.narrow(axis, 0, counts.shape[-1])  # type: ignore[attr-defined]
    if reduce == "mean":
        size = counts.reshape(counts.shape + (1,) * (data.ndim - axis - 1))
        result = result / make(xnp.asarray(size, dtype=data._kind.native), data._kind)
        if initial is not None:
            result = FUNCTIONS["where"](make(size == 0, KINDS[dtypes.bool_]), start, result)
    return result
