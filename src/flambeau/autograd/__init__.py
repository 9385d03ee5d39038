"""Automatic differentiation: gradients of tensors, when they are recorded, and functions with gradients of one's own.

The graph is made while the program runs (tensor/recording.py) and walked by the engine (tensor/engine.py); this package
is what users say to both.
"""

from __future__ import annotations

import importlib
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
    is_anomaly_check_nan_enabled,  # noqa: F401
    is_anomaly_enabled,  # noqa: F401
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_anomaly_enabled,  # noqa: F401
    set_detect_anomaly,
    set_grad_enabled,
)
from .variable import Variable

__all__ = [
    "Function",
    "Variable",
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


# few programs need these
_LATER = ("anomaly_mode", "forward_ad", "grad_mode")
_FROM_GRAD_MODE = ("set_multithreading_enabled", "is_multithreading_enabled")


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return importlib.import_module(f".{name}", __name__)
    if name in _FROM_GRAD_MODE:
        return getattr(importlib.import_module(".grad_mode", __name__), name)
    if name == "profiler":
        # it stands above this package, and few programs need it
        return importlib.import_module(f"{__name__}.profiler")
    raise missing.missing_attribute(__name__, name, globals())
