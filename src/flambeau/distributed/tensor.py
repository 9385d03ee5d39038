"""`torch.distributed.tensor`: the class of tensors that lie on several devices, for `isinstance`."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing
from ..tensor.tensor import Tensor
from . import _no_instance

__all__ = ["DTensor"]


class DTensor(Tensor):
    """A tensor of which each process has a part. There are no groups of processes, so that no tensor is one."""

    __new__ = _no_instance


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
