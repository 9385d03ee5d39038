"""`torch._dynamo`, where nothing is compiled: marks for the compiler change nothing."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing
from ..compiler import allow_in_graph, assume_constant_result, disable, is_compiling, reset
from . import config, eval_frame
from .eval_frame import OptimizedModule

__all__ = [
    "OptimizedModule",
    "allow_in_graph",
    "assume_constant_result",
    "config",
    "disable",
    "eval_frame",
    "is_compiling",
    "mark_dynamic",
    "mark_static",
    "mark_static_address",
    "maybe_mark_dynamic",
    "reset",
]


def mark_dynamic(t: Any, index: Any, **bounds: Any) -> None:
    """Accepted: the size of a dimension may change from call to call."""


def maybe_mark_dynamic(t: Any, index: Any) -> None:
    """Accepted: the size of a dimension may change from call to call."""


def mark_static(t: Any, index: Any = None) -> None:
    """Accepted: the sizes of a tensor stay as they are."""


def mark_static_address(t: Any, guard: bool = False) -> None:
    """Accepted: a tensor stays where it is in memory."""


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
