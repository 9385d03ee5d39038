"""`torch.utils`: thin modules under PyTorch's paths. Each is loaded when it is first asked for."""

from __future__ import annotations

import importlib as _importlib
import os as _os
from typing import Any as _Any

from .. import missing as _missing


def _submodules() -> set[str]:
    names = {_os.path.splitext(name)[0] for name in _os.listdir(__path__[0])}
    return {name for name in names if name.isidentifier() and not name.startswith("__")}


def __getattr__(name: str) -> _Any:
    if name in _submodules():
        return _importlib.import_module(f".{name}", __name__)
    raise _missing.missing_attribute(__name__, name, __dir__())


def __dir__() -> list[str]:
    return sorted({n for n in globals() if not n.startswith("_")} | _submodules())
