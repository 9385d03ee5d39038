"""Scaled dot-product attention in PyTorch's signature."""

from __future__ import annotations

import math
from typing import Any

from ... import dtypes, errors
from ...config import state
from .. import rows
from ..operands import type_name
from ..overrides import take_over
from ..public import autocasting
from ..tensor import Tensor
from .neural import dropped


def _check(query: Any, key: Any, value: Any, attn_mask: Any, is_causal: bool) -> None:
    """Raise where dims or dtypes make no sense."""
    for i, (name, one) in enumerate((("query", query), ("key", key), ("value", value)), 1):
        if not isinstance(one, Tensor):
            given = f"argument '{name}' (position {i}) must be Tensor, not {type_name(one)}"
            raise TypeError(f"scaled_dot_product_attention(): {given}")
    q, k, v = (errors.c_name(t._kind.dtype) for t in (query, key, value))
    if not q == k == v:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got "
            f"query.dtype: {q} key.dtype: {k} and value.dtype: {v} instead."
        )
    if min(query.dim(), key.dim(), value.dim()) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.dim()} key.dim: {key.dim()} and value.dim: {value.dim()} instead."
        )
    if attn_mask is not None:
        dtype = attn_mask._kind.dtype
        if dtype is not dtypes.bool_ and dtype is not dtypes.float32 and dtype is not query._kind.dtype:
            raise RuntimeError(
                "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
                f"attn_mask.dtype: {errors.c_name(dtype)} and  query.dtype: {q} instead."
            )
        if is_causal:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
            )


def additive(mask: Any, dtype: Any) -> Any:
    """A mask of bools as numbers to add to scores: 0 where a query may look, -inf where it may not."""
    if mask._kind.dtype is not dtypes.bool_:
        return mask.to(dtype)
    return mask.new_zeros(mask.shape, dtype=dtype).masked_fill(mask.logical_not(), -math.inf)


@autocasting
def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    """For each query, the mean of the values, weighted by the softmax of `query @ key.mT * scale + attn_mask`.

    query: (..., L, E), key: (..., S, E), value: (..., S, V). Returns (..., L, V). attn_mask: (..., L, S), numbers to
    add or bools, true where to look. is_causal: query i may look at keys 0 to i. scale: by default 1 / sqrt(E).
    enable_gqa: heads of the queries share those of keys and values. From Vaswani et al., "Attention Is All You Need".

    >>> scaled_dot_product_attention(zeros(1, 2), zeros(3, 2), ones(3, 4))
    tensor([[1., 1., 1., 1.]])
    """
    if state.overrides:
        call = (query, key, value, attn_mask, dropout_p, is_causal)
        result = take_over(scaled_dot_product_attention, call, {"scale": scale, "enable_gqa": enable_gqa})
        if result is not NotImplemented:
            return result
    _check(query, key, value, attn_mask, is_causal)
    if enable_gqa:
        heads, shared = query.size(-3), key.size(-3)
        if heads % shared or heads % value.size(-3):
            raise RuntimeError("Number of heads in key and value must divide the number of heads in ")
        key = key.repeat_interleave(heads // shared, -3)
        value = value.repeat_interleave(heads // value.size(-3), -3)
    width = query.size(-1)
    if scale is None:
        scale = 1 / math.sqrt(width) if width else 1.0
    mask = None if attn_mask is None else additive(attn_mask, query._kind.dtype)
    floating = query._kind.dtype.is_floating_point
    fused = query.dim() == 4 and dropout_p == 0 and floating and (mask is None or not mask.requires_grad)
    if fused and key._array.shape[:2] == value._array.shape[:2] == query._array.shape[:2]:
        fused = key.size(-1) == width and key.size(-2) == value.size(-2)
        if fused:
            return rows.attention(query, key, value, mask, scale, bool(is_causal))
    if query._kind.half:
        # as precise as float32, and rounded once
        wide = [t.float() for t in (query, key, value)]
        mask = None if mask is None else mask.float()
        out = scaled_dot_product_attention(*wide, mask, dropout_p, is_causal, scale)
        return out.to(query._kind.dtype)
    # the square root on both sides, as in PyTorch, gives the digits of PyTorch
    root = math.sqrt(scale) if scale > 0 else None
    scores = (query * root) @ (key * root).transpose(-2, -1) if root else query @ key.transpose(-2, -1) * scale
    if is_causal:
        count, keys = scores.shape[-2:]
        scores = scores.masked_fill(scores.new_ones((count, keys), dtype=dtypes.bool_).triu(1), -math.inf)
    elif mask is not None:
        scores = scores + mask
    weights = rows.safe_softmax(scores, -1)
    if dropout_p:
        weights = dropped(weights, dropout_p, True, False, False, False, "dropout")
    return weights @ value
