"""`torch.backends.cusparselt`: cuSPARSELt, which does not compute here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether cuSPARSELt computes: False, NumPy does."""
    return False
