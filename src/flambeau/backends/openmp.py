"""`torch.backends.openmp`: OpenMP, which does not compute here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether OpenMP computes: False, NumPy does."""
    return False
