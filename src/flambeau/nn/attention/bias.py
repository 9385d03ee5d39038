"""`torch.nn.attention.bias`: masks of causal attention that are known by their kind, not by their elements."""

from __future__ import annotations

import warnings
from enum import IntEnum
from typing import Any

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.functions.attention import scaled_dot_product_attention
from ...tensor.tensor import Tensor

__all__ = ["causal_upper_left", "causal_lower_right", "CausalVariant", "CausalBias"]


class CausalVariant(IntEnum):
    """Which corner of the scores the diagonal meets, where there are more keys than queries."""

    UPPER_LEFT = 1
    LOWER_RIGHT = 2


class CausalBias(Tensor):
    """A mask for `scaled_dot_product_attention` that lets queries look at keys up to the diagonal.

    >>> bias = causal_lower_right(2, 3)
    >>> bias
    tensor([[ True,  True, False],
            [ True,  True,  True]])
    """

    def __init__(self, variant: CausalVariant, seq_len_q: int, seq_len_kv: int) -> None:
        if not isinstance(variant, CausalVariant):
            raise AssertionError(f"variant must be a CausalVariant, got {type(variant).__name__}")
        self.variant, self.seq_len_q, self.seq_len_kv = variant, seq_len_q, seq_len_kv
        if seq_len_q > seq_len_kv and variant is CausalVariant.LOWER_RIGHT:
            warnings.warn(
                "Lower right causal bias will produce NaNs in the output when seq_len_q > seq_len_kv!", stacklevel=2
            )

    def _materialize(self, device: Any = None) -> Tensor:
        """The mask as a tensor of bools."""
        shift = self.seq_len_kv - self.seq_len_q if self.variant is CausalVariant.LOWER_RIGHT else 0
        return fn.ones(self.seq_len_q, self.seq_len_kv, dtype=dtypes.bool_, device=device).tril(shift)

    @staticmethod
    def _dispatch(
        query: Any, key: Any, value: Any, attn_mask: CausalBias, dropout_p: float = 0.0, is_causal: bool = False,
        scale: float | None = None, enable_gqa: bool = False,
    ) -> Tensor:  # fmt: skip
        if is_causal:
            raise ValueError("CausalBias should not be used with causal=True")
        plain = attn_mask.variant is CausalVariant.UPPER_LEFT or attn_mask.seq_len_q == attn_mask.seq_len_kv
        mask = None if plain else attn_mask._materialize(query.device)
        return scaled_dot_product_attention(query, key, value, mask, dropout_p, plain, scale, enable_gqa)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is scaled_dot_product_attention:
            return cls._dispatch(*args, **(kwargs or {}))
        return super().__torch_function__(func, types, args, kwargs or {})  # type: ignore[misc]

    def __repr__(self) -> str:  # type: ignore[override]
        return repr(self._materialize())


for _cls in (CausalVariant, CausalBias):
    _cls.__module__ = "torch.nn.attention.bias"


def causal_upper_left(*size: int) -> CausalBias:
    """The mask of `is_causal=True`: query i may look at keys 0 to i."""
    if len(size) != 2:
        raise AssertionError("causal_upper_left only supports 2D tensors")
    return CausalBias(CausalVariant.UPPER_LEFT, *size)


def causal_lower_right(*size: int) -> CausalBias:
    """A mask that lets the last query look at all keys, the one before at all but the last, and so on."""
    if len(size) != 2:
        raise AssertionError("causal_lower_right only supports 2D tensors")
    return CausalBias(CausalVariant.LOWER_RIGHT, *size)
