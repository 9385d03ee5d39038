"""`torch.types`: names for annotations."""

from __future__ import annotations

import builtins
import os
from collections.abc import Sequence
from typing import IO, Any, TypeAlias

from .device import device
from .dtypes import dtype
from .storage import layout
from .symbolic import SymBool, SymFloat, SymInt
from .tensor.functions.storages import TypedStorage, UntypedStorage
from .tensor.size import Size
from .tensor.tensor import Tensor

_bool: TypeAlias = builtins.bool
_int: TypeAlias = builtins.int
_float: TypeAlias = builtins.float
_complex: TypeAlias = builtins.complex
_device: TypeAlias = device
_dtype: TypeAlias = dtype
_layout: TypeAlias = layout
_size: TypeAlias = Size | list[int] | tuple[int, ...]
_symsize: TypeAlias = Size | Sequence[Any]

Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
Storage: TypeAlias = UntypedStorage | TypedStorage
IntLikeType: TypeAlias = int | SymInt
FloatLikeType: TypeAlias = float | SymFloat
BoolLikeType: TypeAlias = bool | SymBool
PySymType: TypeAlias = SymInt | SymFloat | SymBool
TensorOrTensors: TypeAlias = Tensor | Sequence[Tensor]

__all__ = ["Number", "Device", "FileLike", "Storage"]
