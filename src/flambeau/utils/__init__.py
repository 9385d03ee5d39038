"""`torch.utils`: thin modules under PyTorch's paths. Each is loaded when it is first asked for."""

from __future__ import annotations

import copyreg as _copyreg
import importlib as _importlib
import os as _os
import weakref as _weakref
from typing import Any as _Any

from .. import missing as _missing
from ..tensor.node import AccumulateGrad as _AccumulateGrad


def _submodules() -> set[str]:
    names = {_os.path.splitext(name)[0] for name in _os.listdir(__path__[0])}
    return {name for name in names if name.isidentifier() and not name.startswith("__")}


def set_module(obj: _Any, mod: str) -> None:
    """Say which module a class or a function belongs to, as its print shows."""
    if not isinstance(mod, str):
        raise TypeError("The mod argument should be a string")
    obj.__module__ = mod


def swap_tensors(t1: _Any, t2: _Any) -> None:
    """Let two tensors change places: each keeps its identity, and gets the other's class, values, gradient and graph.

    Raises RuntimeError for tensors that are known weakly elsewhere, and for classes with other slots.

    >>> a, b = torch.ones(1), torch.zeros(2)
    >>> torch.utils.swap_tensors(a, b)
    >>> a
    tensor([0., 0.])
    """
    ends = [t._edge if isinstance(t._edge, _AccumulateGrad) else None for t in (t1, t2)]
    for name, t, end in zip(("t1", "t2"), (t1, t2), ends, strict=True):
        if any(end is None or r is not end.leaf for r in _weakref.getweakrefs(t)):
            raise RuntimeError(f"Cannot swap {name} because it has weakref associated with it")
    slots = set(_copyreg._slotnames(type(t1)))  # type: ignore[attr-defined]
    if slots != set(_copyreg._slotnames(type(t2))):  # type: ignore[attr-defined]
        raise RuntimeError("Cannot swap t1 and t2 if they have different slots")
    for name in ("__class__", "__dict__", *slots):
        kept = [(hasattr(t, name), getattr(t, name, None)) for t in (t2, t1)]
        for t, (there, value) in zip((t1, t2), kept, strict=True):
            if there:
                setattr(t, name, value)
            elif hasattr(t, name):
                delattr(t, name)
    for t, end in zip((t2, t1), ends, strict=True):
        if end is not None:
            end.leaf = _weakref.ref(t)


def __getattr__(name: str) -> _Any:
    if name in _submodules():
        return _importlib.import_module(f".{name}", __name__)
    raise _missing.missing_attribute(__name__, name, __dir__())


def __dir__() -> list[str]:
    return sorted({n for n in globals() if not n.startswith("_")} | _submodules())
