"""`torch.backends.opt_einsum`: the order of products in `einsum`, which NumPy finds here."""

from __future__ import annotations

from . import switches

enabled = False
strategy: str | None = None


def is_available() -> bool:
    """Whether the library opt_einsum is used: False."""
    return False


switches(__name__)
