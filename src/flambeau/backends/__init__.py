"""`torch.backends`: the libraries that may compute, and switches for them. Here NumPy does, on the CPU."""

from __future__ import annotations

import importlib as _importlib
import os as _os
import sys as _sys
from types import ModuleType as _ModuleType
from typing import Any as _Any

from .. import missing as _missing


class Switches(_ModuleType):
    """A module whose settings may be read and set, and nothing else: programs set what they mean to have set."""

    def __setattr__(self, name: str, value: _Any) -> None:
        if not name.startswith("_") and not hasattr(self, name) and not isinstance(value, _ModuleType):
            raise AttributeError(f"module '{_missing.shown(self.__name__)}' has no setting {name!r}")
        super().__setattr__(name, value)


def switches(name: str) -> None:
    """Let a module of this package refuse settings that it does not have."""
    _sys.modules[name].__class__ = Switches


def disable_global_flags() -> None:
    """Accepted: flags stay as they are, since no library here reads them."""


def flags_frozen() -> bool:
    """Whether flags can be set in `with …flags():` blocks only."""
    return False


def _submodules() -> set[str]:
    return {n.removesuffix(".py") for n in _os.listdir(__path__[0]) if n.endswith(".py") and not n.startswith("_")}


def __getattr__(name: str) -> _Any:
    if name in _submodules():
        return _importlib.import_module(f".{name}", __name__)
    raise _missing.missing_attribute(__name__, name, __dir__())


def __dir__() -> list[str]:
    return sorted({"disable_global_flags", "flags_frozen"} | _submodules())
