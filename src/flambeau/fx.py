"""`torch.fx`: only `wrap`, the mark that keeps a function whole in a traced graph, set when code is imported."""

from __future__ import annotations

from typing import Any, TypeVar

from . import missing as _missing

__all__ = ["wrap"]

Function = TypeVar("Function")


def wrap(fn_or_name: Function) -> Function:
    """The function, or its name, as given. The mark matters to symbolic tracing alone."""
    if not callable(fn_or_name) and not isinstance(fn_or_name, str):
        raise RuntimeError("Unsupported type for global function! Must be either a callable or string name")
    return fn_or_name


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
