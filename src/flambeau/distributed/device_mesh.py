"""`torch.distributed.device_mesh`: the class of grids of devices, for annotations; no program has several here."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing
from . import _no_instance

__all__ = ["DeviceMesh", "init_device_mesh"]


class DeviceMesh:
    """The devices of several processes, as a grid. There are none here: the class is for annotations."""

    __new__ = _no_instance


def init_device_mesh(*args: Any, **kwargs: Any) -> DeviceMesh:
    """Raises RuntimeError: there are no groups of processes."""
    return DeviceMesh()


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
