"""`torch.onnx`: only the question whether a model is being written to a file; nothing can be exported here yet."""

from __future__ import annotations

from typing import Any

from . import missing as _missing

__all__ = ["is_in_onnx_export"]


def is_in_onnx_export() -> bool:
    """Whether this code runs in an export to ONNX: False."""
    return False


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
