"""`torch.distributed.rpc`, as PyTorch is when it was built without it: not available."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing

__all__ = ["is_available"]


def is_available() -> bool:
    """Whether functions can be called on other machines: False."""
    return False


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
