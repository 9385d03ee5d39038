"""PyTorch's path of the modes that look for mistakes in gradients."""

from __future__ import annotations

from typing import Any

from .. import missing
from .modes import detect_anomaly, set_detect_anomaly

__all__ = ["detect_anomaly", "set_detect_anomaly"]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, globals())
