"""Tables of vectors: rows picked by number, one by one (embedding) or summed in bags (embedding_bag)."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...config import modes
from ...xp import numpy as xnp
from .. import rows
from ..operands import type_name
from ..outputs import write
from ..public import public
from ..size import size
from ..tensor import Tensor, make, numbers, wrap
from .sparse import embedding as _sparse_rows

SUM, MEAN, MAX = 0, 1, 2


def _check_indices(indices: Any, function: str) -> None:
    if not isinstance(indices, Tensor):
        raise TypeError(f"{function}(): argument 'indices' (position 2) must be Tensor, not {type_name(indices)}")
    if indices._kind.dtype is not dtypes.int64 and indices._kind.dtype is not dtypes.int32:
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{indices._kind.dtype.scalar_name}Tensor instead (while checking arguments for {function})\n"
            "  Numbers of rows are integers: indices.long()."
        )


def _has_numbers(*tensors: Tensor) -> bool:
    """Whether a gradient can be sparse: of NumPy's arrays, not of batches, and not where tangents are followed."""
    return all(t._kind.local for t in tensors) and modes().dual is None


@public(method=False)
def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    """The rows of `weight`, (rows, width), at numbers of any shape: (*,) gives (*, width).

    Row `padding_idx` gets no gradient. Raises IndexError for a number that is not there.
    """
    if not isinstance(weight, Tensor):
        raise TypeError(f"embedding(): argument 'weight' (position 1) must be Tensor, not {type_name(weight)}")
    _check_indices(indices, "embedding")
    if weight._array.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    count = weight._array.shape[0]
    checked = indices._kind.local or indices._kind.batched
    wrong = xnp.first_outside(xnp.contiguous(numbers(indices._array)), count) if checked else None
    if wrong is not None:
        raise IndexError(
            f"index out of range in self\n  The table has {count} rows, 0 to {count - 1}; one index is {wrong}."
        )
    if sparse and _has_numbers(weight, indices):
        return _sparse_rows(weight, indices, padding_idx, scale_grad_by_freq)
    return rows.embedding_rows(weight, indices, padding_idx, scale_grad_by_freq)


@public(method=False, name="embedding_renorm_")
def embedding_renorm_(input, indices, max_norm, norm_type):
    """Scale the rows that `indices` name so that their norms are `max_norm` at most, in place."""
    _check_indices(indices, "embedding_renorm_")
    write(input, xnp.run(xnp.renormed_rows, input._array, indices._array, max_norm, norm_type))
    return input


# ---- bags ------------------------------------------------------------------------------------------------------------


def _bags(offsets: Any, length: int, include_last_offset: bool) -> tuple[Any, int]:
    """The bag of each index, and how many bags there are. Raises where the offsets make no sense."""
    if offsets.size and offsets[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {offsets[0]}"
        )
    if offsets.size and offsets[-1] > length:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of {offsets[-1]}"
        )
    if include_last_offset and not offsets.size:
        raise RuntimeError("include_last_offset: number of offsets should be at least 1")
    count = offsets.size - 1 if include_last_offset else offsets.size
    bags = xnp.bags_of(offsets, length, count)
    if bags is None:
        raise RuntimeError(
            "Expected i < index_size to be true, but got false.  (Could this error message be improved?  If so, please "
            "report an enhancement request to PyTorch.)\n  Offsets must not decrease."
        )
    return bags, count


@public(method=False)
def embedding_bag(
    weight,
    input,
    offsets,
    scale_grad_by_freq=False,
    mode=0,
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """Sums (mode 0), means (1) or maxima (2) of rows in bags; then the bag of each index, bag sizes, rows of maxima."""
    _check_indices(input, "embedding_bag")
    _check_indices(offsets, "embedding_bag")
    if per_sample_weights is not None:
        if per_sample_weights._kind.dtype is not weight._kind.dtype:
            raise RuntimeError(
                "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
                f"'per_sample_weights'; but type torch.{weight._kind.dtype.scalar_name}Tensor does not equal "
                f"torch.{per_sample_weights._kind.dtype.scalar_name}Tensor (while checking arguments for embedding_bag)"
            )
        if mode != SUM:
            raise RuntimeError("embedding_bag: per_sample_weights only supported with mode='sum'")
    indices = input._array.astype(xnp.int64)
    count = weight._array.shape[0]
    every = numbers(indices)
    if indices.size and not (every.min() >= 0 and every.max() < count):
        at = int(xnp.argmax((every < 0) | (every >= count)))
        fast = mode != MAX and padding_idx is None and weight._kind.dtype.name != "float64"
        raise RuntimeError(
            (
                f"Index {at} of input takes value {every[at]} which is not in the valid range [0, {count})"
                if fast
                else f"embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {every[at]}"
            )
            + f"\n  The table has {count} rows, 0 to {count - 1}."
        )
    bags, bag_count = _bags(offsets._array.astype(xnp.int64), indices.size, include_last_offset)
    all_bags = bags
    # what stands behind the last offset is in no bag
    indices, weights = indices[: bags.size], per_sample_weights
    if padding_idx is not None:
        if padding_idx < -count or padding_idx >= count:
            raise RuntimeError(
                f"padding_idx must be within the number of embeddings, {-count} through {count - 1}, but got "
                f"{padding_idx}"
            )
        padding_idx %= count
        kept = xnp.nonzero(indices != padding_idx)[0]
        if kept.size < indices.size:
            indices, bags = indices[kept], bags[kept]
            weights = None if weights is None else weights.index_select(0, wrap(kept))
    sizes = xnp.counts(bags, bag_count)
    chosen = None
    if mode == MAX:
        chosen = xnp.rows_of_maxima(weight._array, indices, bags, sizes)
        out = rows.embedding_bag_max(weight, wrap(chosen), wrap(sizes > 0))
    else:
        if weights is None:
            scale = 1 / xnp.maximum(sizes, 1)[bags] if mode == MEAN else xnp.ones(bags.size)
            weights = make(scale.astype(weight._kind.native), weight._kind)
        elif weights._array.size > bags.size:
            weights = weights[: bags.size]
        picked = wrap(indices)
        if sparse and _has_numbers(weight, input):
            # the picked rows are the table, so that their gradients are not yet added up
            weight = _sparse_rows(weight, picked, -1, scale_grad_by_freq)
            picked = wrap(xnp.arange(indices.size))
        out = rows.embedding_bag_sum(weight, weights, picked, wrap(bags), bag_count, scale_grad_by_freq)
    return out, wrap(all_bags), wrap(sizes), wrap(sizes.copy() if chosen is None else chosen)


def check_bag(
    input: Tensor, weight: Tensor, offsets: Any, mode: str, per_sample_weights: Any
) -> tuple[Tensor, Any, Any]:
    """The arguments of a bag in one row: (N, S) numbers are N bags of S. Raises where shapes make no sense."""
    if per_sample_weights is not None and per_sample_weights._array.shape != input._array.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({size(per_sample_weights._array.shape)}) is not None, then it must "
            f"have the same shape as the input ({size(input._array.shape)})"
        )
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                f"sequences. However, found offsets of type {type(offsets)}"
            )
        n, length = input._array.shape
        offsets = wrap(xnp.arange(0, n * length, length) if length else xnp.zeros(n, dtype=xnp.int64))
        input = input.reshape(-1)  # type: ignore[attr-defined]
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights.reshape(-1)
    elif input.dim() == 1:
        if offsets is None:
            raise ValueError("offsets has to be a 1D Tensor but got None")
        if offsets.dim() != 1:
            raise ValueError("offsets has to be a 1D Tensor")
    else:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}")
    return input, offsets, per_sample_weights
