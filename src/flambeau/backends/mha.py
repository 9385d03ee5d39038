"""`torch.backends.mha`: whether modules with attention may take a fast path at inference."""

from __future__ import annotations

_enabled = [True]


def get_fastpath_enabled() -> bool:
    """Whether the fast path may be taken."""
    return _enabled[0]


def set_fastpath_enabled(value: bool) -> None:
    """Whether the fast path may be taken. It gives the same numbers."""
    _enabled[0] = value
