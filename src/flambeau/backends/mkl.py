"""`torch.backends.mkl`: Intel's MKL, which does not compute here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether Intel's MKL computes: False, NumPy does."""
    return False
