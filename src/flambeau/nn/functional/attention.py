"""Attention with several heads: projections, masks, and the attention of each head."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.functions.attention import scaled_dot_product_attention
from .dropout import dropout
from .linear import linear

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


# ---- judging the arguments -------------------------------------------------------------------------------------------


def _expect(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def _is_batched(query: Any, key: Any, value: Any, key_padding_mask: Any, attn_mask: Any, num_heads: int) -> bool:
    """Whether there is a dim of examples. Raises AssertionError where the dims do not go together."""
    dim = query.dim()
    _expect(dim in (2, 3), f"query should be unbatched 2D or batched 3D tensor but received {dim}-D query tensor")
    kind = "batched (3-D)" if dim == 3 else "unbatched (2-D)"
    _expect(
        key.dim() == dim and value.dim() == dim,
        f"For {kind} `query`, expected `key` and `value` to be {dim}-D but found {key.dim()}-D and {value.dim()}-D "
        "tensors respectively",
    )
    if key_padding_mask is not None:
        _expect(
            key_padding_mask.dim() == dim - 1,
            f"For {kind} `query`, expected `key_padding_mask` to be `None` or {dim - 1}-D but found "
            f"{key_padding_mask.dim()}-D tensor instead",
        )
    if attn_mask is not None:
        _expect(
            attn_mask.dim() in (2, 3),
            f"For {kind} `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.dim()}-D tensor "
            "instead",
        )
        if dim == 2 and attn_mask.dim() == 3:
            expected = (num_heads, query.shape[0], key.shape[0])
            _expect(
                tuple(attn_mask.shape) == expected,
                f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}",
            )
    return dim == 3


def _as_numbers(mask: Any, name: str, other: Any, other_name: str, dtype: Any) -> Any:
    """A mask as numbers to add to the scores; bools say where not to look."""
    if mask is None:
        return None
    floating = mask.is_floating_point()
    _expect(floating or mask.dtype is dtypes.bool_, f"only bool and floating types of {name} are supported")
    if other is not None and other.dtype is not mask.dtype:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both instead.",
            stacklevel=4,
        )
    return mask if floating else fn.zeros_like(mask, dtype=dtype).masked_fill(mask, -math.inf)


def _checked_mask(mask: Any, length: int, keys: int, sequences: int) -> Any:
    """The mask with 3 dims, the first of size 1 or one for each example and head."""
    if mask.dim() == 2:
        expected: tuple = (length, keys)
        if tuple(mask.shape) != expected:
            raise RuntimeError(f"The shape of the 2D attn_mask is {mask.shape}, but should be {expected}.")
        return mask.unsqueeze(0)
    expected = (sequences, length, keys)
    if tuple(mask.shape) != expected:
        raise RuntimeError(f"The shape of the 3D attn_mask is {mask.shape}, but should be {expected}.")
    return mask


# ---- projections -----------------------------------------------------------------------------------------------------


def _packed_projections(query: Any, key: Any, value: Any, weight: Any, bias: Any) -> tuple[Any, Any, Any]:
    """Queries, keys and values by one weight (3E, E): in one product where they come from one tensor."""
    width = query.size(-1)
    if key is value and query is key:
        whole = linear(query, weight, bias)
        whole = whole.unflatten(-1, (3, width)).unsqueeze(0).transpose(0, -2).squeeze(-2).contiguous()
        return whole[0], whole[1], whole[2]
    w = weight.split(width)
    b = (None, None, None) if bias is None else bias.split(width)
    if key is value:
        both = linear(key, weight[width:], None if bias is None else bias[width:])
        both = both.unflatten(-1, (2, width)).unsqueeze(0).transpose(0, -2).squeeze(-2).contiguous()
        return linear(query, w[0], b[0]), both[0], both[1]
    return linear(query, w[0], b[0]), linear(key, w[1], b[1]), linear(value, w[2], b[2])


def _separate_projections(inputs: tuple, weights: tuple, bias: Any) -> tuple[Any, ...]:
    """Queries, keys and values by weights of their own."""
    for name, weight in zip("qkv", weights, strict=True):
        _expect(weight is not None, f"use_separate_proj_weight is True but {name}_proj_weight is None")
    width = inputs[0].size(-1)
    for name, one, weight in zip("qkv", inputs, weights, strict=True):
        expected = (width, one.size(-1))
        _expect(
            tuple(weight.shape) == expected,
            f"expecting {name} weights shape of {expected}, but got {weight.shape}",
        )
    biases = (None, None, None) if bias is None else bias.chunk(3)
    return tuple(linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True))


def _one_more_key(mask: Any) -> Any:
    """A mask that lets every query look at one more key."""
    return None if mask is None else fn.cat([mask, mask.new_zeros((*mask.shape[:-1], 1))], -1)


def _heads(x: Any, sequences: int, head_width: int) -> Any:
    """(length, N, E) as (N * heads, length, E / heads)."""
    return x.reshape(x.shape[0], sequences, head_width).transpose(0, 1)


# ---- the function ----------------------------------------------------------------------------------------------------


def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
    is_causal=False,
):
    """The forward pass of `nn.MultiheadAttention`: project, attend with each head, put together, project.

    query: (L, N, E) or (L, E); key and value: (S, N, ...) or (S, ...). key_padding_mask: (N, S) or (S,); attn_mask:
    (L, S) or (N * heads, L, S); bools are true where not to look, numbers are added to the scores. Returns the output,
    (L, N, E) or (L, E), and the weights, (N, L, S) or (L, S), or with a dim of heads before L where they are not
    averaged; None without `need_weights`.
    """
    batched = _is_batched(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        same_key, same_value = key is query, value is key
        query = query.unsqueeze(1)
        key = query if same_key else key.unsqueeze(1)
        value = key if same_value else value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    head_width = width // num_heads
    sequences = batch * num_heads
    padding = _as_numbers(key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query.dtype)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and padding is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = _as_numbers(attn_mask, "attn_mask", None, "", query.dtype)
        is_causal = False
    _expect(width == embed_dim_to_check, f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    _expect(head_width * num_heads == width, f"embed_dim {width} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        _expect(
            key.shape[:2] == value.shape[:2],
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}",
        )
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        q, k, v = _separate_projections((query, key, value), weights, in_proj_bias)
    else:
        _expect(key.shape == value.shape, f"key shape {key.shape} does not match value shape {value.shape}")
        _expect(in_proj_weight is not None, "use_separate_proj_weight is False but in_proj_weight is None")
        q, k, v = _packed_projections(query, key, value, in_proj_weight, in_proj_bias)
    if attn_mask is not None:
        attn_mask = _checked_mask(attn_mask, length, key.shape[0], sequences)
    if bias_k is not None and bias_v is not None:
        _expect(static_k is None, "bias cannot be added to static key.")
        _expect(static_v is None, "bias cannot be added to static value.")
        k = fn.cat([k, bias_k.expand(1, batch, width)])
        v = fn.cat([v, bias_v.expand(1, batch, width)])
        attn_mask, padding = _one_more_key(attn_mask), _one_more_key(padding)
    else:
        _expect(bias_k is None, "bias_k must be None when bias_v is None")
        _expect(bias_v is None, "bias_v must be None when bias_k is None")
    q = _heads(q, sequences, head_width)
    k = _heads(k, sequences, head_width) if static_k is None else _static(static_k, "static_k", sequences, head_width)
    v = _heads(v, sequences, head_width) if static_v is None else _static(static_v, "static_v", sequences, head_width)
    if add_zero_attn:
        k, v = (fn.cat([x, x.new_zeros((sequences, 1, head_width))], 1) for x in (k, v))
        attn_mask, padding = _one_more_key(attn_mask), _one_more_key(padding)
    keys = k.shape[1]
    if padding is not None:
        _expect(
            tuple(padding.shape) == (batch, keys),
            f"expecting key_padding_mask shape of {(batch, keys)}, but got {padding.shape}",
        )
        padding = padding.reshape(batch, 1, 1, keys).expand(-1, num_heads, -1, -1).reshape(sequences, 1, keys)
        attn_mask = padding if attn_mask is None else attn_mask + padding
    p = dropout_p if training else 0.0
    if need_weights:
        _expect(not is_causal, "FIXME: is_causal not implemented for need_weights")
        scores = (q * math.sqrt(1.0 / head_width)) @ k.transpose(-2, -1)
        weights = fn.softmax(scores if attn_mask is None else scores + attn_mask, -1)
        if p > 0.0:
            weights = dropout(weights, p=p)
        out = (weights @ v).transpose(0, 1).contiguous().reshape(length * batch, width)
        out = linear(out, out_proj_weight, out_proj_bias).reshape(length, batch, -1)
        weights = weights.reshape(batch, num_heads, length, keys)
        if average_attn_weights:
            weights = weights.mean(dim=1)
        return (out, weights) if batched else (out.squeeze(1), weights.squeeze(0))
    if attn_mask is not None:
        attn_mask = attn_mask.unsqueeze(0) if attn_mask.size(0) == 1 else attn_mask.reshape(batch, num_heads, -1, keys)
    q, k, v = (x.reshape(batch, num_heads, -1, head_width) for x in (q, k, v))
    out = scaled_dot_product_attention(q, k, v, attn_mask, p, is_causal)
    out = out.permute(2, 0, 1, 3).contiguous().reshape(batch * length, width)
    out = linear(out, out_proj_weight, out_proj_bias).reshape(length, batch, -1)
    return out if batched else out.squeeze(1), None


def _static(x: Any, name: str, sequences: int, head_width: int) -> Any:
    """Keys or values given for each head, checked."""
    _expect(x.size(0) == sequences, f"expecting {name}.size(0) of {sequences}, but got {x.size(0)}")
    _expect(x.size(2) == head_width, f"expecting {name}.size(2) of {head_width}, but got {x.size(2)}")
    return x
