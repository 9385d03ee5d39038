"""Affine and bilinear maps, and the order of channels."""

from __future__ import annotations

from ...tensor.functions.neural import bilinear, channel_shuffle, native_channel_shuffle
from ...tensor.functions.products import linear

__all__ = ["bilinear", "channel_shuffle", "linear", "native_channel_shuffle"]
