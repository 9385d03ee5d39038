"""Multi-head attention."""

from __future__ import annotations

import warnings
from typing import Any

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.tensor import Parameter, Tensor
from .. import functional as F
from ..init import constant_, xavier_normal_, xavier_uniform_
from ..module import Module
from .linear import NonDynamicallyQuantizableLinear

__all__ = ["MultiheadAttention"]


def as_numbers(
    padding: Any, mask: Any, dtype: Any, names: tuple[str, str] = ("key_padding_mask", "attn_mask")
) -> tuple[Any, Any]:
    """Both masks as numbers to add to the scores; bools say where not to look. They should be of one kind."""
    for one, name in zip((padding, mask), names, strict=True):
        if one is not None and not (one.is_floating_point() or one.dtype is dtypes.bool_):
            raise AssertionError(f"only bool and floating types of {name} are supported")
    if padding is not None and mask is not None and padding.dtype is not mask.dtype:
        warnings.warn(
            f"Support for mismatched {names[0]} and {names[1]} is deprecated. Use same type for both instead.",
            stacklevel=4,
        )
    return tuple(  # type: ignore[return-value]
        one
        if one is None or one.is_floating_point()
        else fn.zeros_like(one, dtype=dtype).masked_fill(one, float("-inf"))
        for one in (padding, mask)
    )


class MultiheadAttention(Module):
    """Attention of several heads side by side (Vaswani et al. 2017).

    query: (L, N, embed_dim), key: (S, N, kdim), value: (S, N, vdim), or (N, L, embed_dim) … where `batch_first`, or
    without N. Returns the output, like the query, and the weights (N, L, S), the heads' mean unless
    `average_attn_weights=False`, or None unless `need_weights`.

    >>> attention = MultiheadAttention(4, 2, batch_first=True)
    >>> x = ones(1, 3, 4)
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    (torch.Size([1, 3, 4]), torch.Size([1, 3, 3]))
    """

    __constants__ = ["batch_first"]

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and num_heads={num_heads} "
                "instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")

        def parameter(wanted: bool, *shape: int) -> Parameter | None:
            return Parameter(fn.empty(shape, device=device, dtype=dtype)) if wanted else None

        together = self._qkv_same_embed_dim
        weights = {
            "q_proj_weight": parameter(not together, embed_dim, embed_dim),
            "k_proj_weight": parameter(not together, embed_dim, self.kdim),
            "v_proj_weight": parameter(not together, embed_dim, self.vdim),
            "in_proj_weight": parameter(together, 3 * embed_dim, embed_dim),
        }
        # the state dict's order: what is there comes first
        for name in sorted(weights, key=lambda name: weights[name] is None):
            self.register_parameter(name, weights[name])
        self.register_parameter("in_proj_bias", parameter(bias, 3 * embed_dim))
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, device=device, dtype=dtype)
        self.bias_k = parameter(add_bias_kv, 1, 1, embed_dim)
        self.bias_v = parameter(add_bias_kv, 1, 1, embed_dim)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        if self._qkv_same_embed_dim:
            xavier_uniform_(self.in_proj_weight)
        else:
            xavier_uniform_(self.q_proj_weight)
            xavier_uniform_(self.k_proj_weight)
            xavier_uniform_(self.v_proj_weight)
        if self.in_proj_bias is not None:
            constant_(self.in_proj_bias, 0.0)
            constant_(self.out_proj.bias, 0.0)
        if self.bias_k is not None:
            xavier_normal_(self.bias_k)
        if self.bias_v is not None:
            xavier_normal_(self.bias_v)

    def __setstate__(self, state: dict[str, Any]) -> None:
        state.setdefault("_qkv_same_embed_dim", True)
        super().__setstate__(state)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend. Masks are True, or -inf, where nothing is to be looked at.

        key_padding_mask: (N, S). attn_mask: (L, S) or (N * num_heads, L, S).
        """
        batched = query.ndim == 3
        key_padding_mask, attn_mask = as_numbers(key_padding_mask, attn_mask, query.dtype)
        if self.batch_first and batched:
            query, key, value = self._sequence_first(query, key, value)
        separate = {}
        if not self._qkv_same_embed_dim:
            separate = {
                "use_separate_proj_weight": True,
                "q_proj_weight": self.q_proj_weight,
                "k_proj_weight": self.k_proj_weight,
                "v_proj_weight": self.v_proj_weight,
            }
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            **separate,
        )
        return (output.transpose(1, 0) if self.batch_first and batched else output), weights

    @staticmethod
    def _sequence_first(query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
        """Swap the first two dimensions; the same tensors stay the same, which the projection makes use of."""
        swapped_key = key.transpose(1, 0)
        swapped_value = swapped_key if value is key else value.transpose(1, 0)
        return (swapped_key if query is key else query.transpose(1, 0)), swapped_key, swapped_value

    def merge_masks(self, attn_mask: Any, key_padding_mask: Any, query: Any) -> tuple[Any, int | None]:
        """Both masks as one (N, num_heads, L, L), and which there were: 1 padding, 2 attention."""
        if attn_mask is None:
            return key_padding_mask, None if key_padding_mask is None else 1
        batch, length, _ = query.shape
        if attn_mask.dim() == 3:
            merged = attn_mask.view(batch, -1, length, length)
        else:
            merged = attn_mask.view(1, 1, length, length).expand(batch, self.num_heads, -1, -1)
        if key_padding_mask is not None:
            merged = merged + key_padding_mask.view(batch, 1, 1, length).expand(-1, self.num_heads, -1, -1)
        return merged, 2
