"""Consecutive parts of an axis: their sum, mean, product or extremes, and the rows of a sparse matrix."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
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
    reduce = {"amax": "max", "amin": "min"}.get(reduce, reduce)
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


def _indices(array: Any, short: bool) -> Tensor:
    kind = KINDS[dtypes.int32 if short else dtypes.int64]
    return make(xnp.asarray(array, dtype=kind.native), kind)


@public(method=False)
def _convert_indices_from_coo_to_csr(input: Tensor, size: int, *, out_int32: bool = False) -> Tensor:
    """Where each of `size` rows begins, and the last one ends, in a sorted vector of the rows of elements.

    >>> torch._convert_indices_from_coo_to_csr(tensor([0, 0, 2]), 3)
    tensor([0, 2, 2, 3])
    """
    if input.ndim != 1:
        raise RuntimeError(f"Input is supposed to be a vector, but got {input.ndim} dimensional tensor.")
    if input.dtype.is_floating_point or input.dtype.is_complex:
        raise errors.not_for_dtype("convert_indices_from_coo_to_csr_cpu", input.dtype)
    counts = xnp.bincount(xnp.astype(input._array, xnp.int64), None, size)
    return _indices(xnp.concat([xnp.zeros(1), xnp.cumulative_sum(counts)]), out_int32)


@public(method=False)
def _convert_indices_from_csr_to_coo(
    crow_indices: Tensor, col_indices: Tensor, *, out_int32: bool = False, transpose: bool = False
) -> Tensor:
    """The row and the column of each element, in two rows of a tensor, from where rows begin; `transpose` swaps them.

    >>> torch._convert_indices_from_csr_to_coo(tensor([0, 2, 2, 3]), tensor([0, 1, 1]))
    tensor([[0, 0, 2],
            [0, 1, 1]])
    """
    if crow_indices.ndim != 1:
        raise NotImplementedError("_convert_indices_from_csr_to_coo takes the indices of one matrix here, no batches")
    starts = crow_indices._array
    both = [xnp.repeat(xnp.arange(starts.size - 1), starts[1:] - starts[:-1]), col_indices._array]
    return _indices(xnp.stack(both[:: -1 if transpose else 1]), out_int32)
