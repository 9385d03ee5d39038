"""Affine and bilinear maps."""

from __future__ import annotations

from ...tensor.functions.neural import bilinear
from ...tensor.functions.products import linear

__all__ = ["bilinear", "linear"]
