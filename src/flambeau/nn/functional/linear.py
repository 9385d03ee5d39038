"""Affine and bilinear maps."""

from __future__ import annotations

from ...tensor.functions.products import linear

__all__ = ["linear"]
