"""`torch.utils.dlpack`: sharing memory with other array libraries."""

from __future__ import annotations

import enum
from typing import Any

from ..tensor import functions as fn
from ..tensor.tensor import Tensor

__all__ = ["DLDeviceType", "from_dlpack", "to_dlpack"]

from_dlpack = fn.from_dlpack


class DLDeviceType(enum.IntEnum):
    """The devices that the protocol has numbers for."""

    kDLCPU = 1
    kDLCUDA = 2
    kDLCUDAHost = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLROCMHost = 11
    kDLExtDev = 12
    kDLCUDAManaged = 13
    kDLOneAPI = 14
    kDLWebGPU = 15
    kDLHexagon = 16
    kDLMAIA = 17


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule through which another library may share the memory of a tensor."""
    return tensor.__dlpack__()
