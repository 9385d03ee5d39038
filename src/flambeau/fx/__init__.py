"""`torch.fx`: only what code names when it is imported, since no program is traced to a graph here."""

from __future__ import annotations

from typing import Any, TypeVar

from .. import missing as _missing
from ..nn import module as _module

__all__ = ["GraphModule", "wrap"]

Function = TypeVar("Function")


class GraphModule(_module.Module):
    """A module whose program is a graph. There are none: the class is for annotations and `isinstance`."""

    def __new__(cls, *args: Any, **kwargs: Any) -> GraphModule:
        raise NotImplementedError("Flambeau has no graphs of programs (torch.fx) yet")


def wrap(fn_or_name: Function) -> Function:
    """The function, or its name, as given. The mark matters to symbolic tracing alone."""
    if not callable(fn_or_name) and not isinstance(fn_or_name, str):
        raise RuntimeError("Unsupported type for global function! Must be either a callable or string name")
    return fn_or_name


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
