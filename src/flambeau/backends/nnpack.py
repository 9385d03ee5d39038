"""`torch.backends.nnpack`: NNPACK, which does not compute here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether NNPACK computes: False, NumPy does."""
    return False
