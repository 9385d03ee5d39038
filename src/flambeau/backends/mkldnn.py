"""`torch.backends.mkldnn`: Intel's oneDNN, which does not compute here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether Intel's oneDNN computes: False, NumPy does."""
    return False


enabled = True
deterministic = False
allow_tf32 = True
