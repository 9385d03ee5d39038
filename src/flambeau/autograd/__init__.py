"""Automatic differentiation: gradients of tensors, when they are recorded, and functions with gradients of one's own.

The graph is made while the program runs (tensor/dispatch.py) and walked by the engine (tensor/engine.py); this package
is what users say to both.
"""

from __future__ import annotations

from typing import Any

from .. import missing
from . import functional, graph
from .differentiate import backward, grad
from .function import Function
from .gradcheck import gradcheck, gradgradcheck
from .modes import (
    detect_anomaly,
    enable_grad,
    inference_mode,
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_anomaly_enabled,
    set_detect_anomaly,
    set_grad_enabled,
)

__all__ = [
    "Function",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, globals())
