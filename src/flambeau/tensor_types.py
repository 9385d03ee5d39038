"""The tensor types of early PyTorch, `torch.FloatTensor` and its kin, and the storage classes of single dtypes.

A tensor type is called like a class and asked with `isinstance`, and yet every tensor is a `torch.Tensor`.

>>> import torch
>>> torch.LongTensor([1, 2]), isinstance(torch.ones(1), torch.FloatTensor)
(tensor([1, 2]), True)
"""

from __future__ import annotations

from typing import Any

from . import dtypes
from .storage import strided
from .tensor.functions import storages
from .tensor.methods.copying import construct
from .tensor.tensor import Tensor

NAMES = {name: dtype for name, dtype in storages.NAMES.items() if not name.startswith("Complex")}


class tensortype(type):
    """The class of the tensor types."""

    dtype: dtypes.dtype
    is_cuda: bool

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype and not cls.is_cuda and instance.is_cpu

    def __call__(cls, *args: Any, **kwargs: Any) -> Tensor:
        if cls.is_cuda:
            raise TypeError(f"type torch.cuda.{cls.__name__} not available. Torch not compiled with CUDA enabled.")
        return construct(Tensor, *args, dtype=cls.dtype, **kwargs)


tensortype.__module__ = "torch"


def of_device(module: str) -> dict[str, type]:
    """The tensor types of a device: `torch` for the CPU, `torch.cuda`."""
    facts = {"is_cuda": module == "torch.cuda", "is_sparse": False, "layout": strided, "__module__": module}
    return {f"{name}Tensor": tensortype(f"{name}Tensor", (), {**facts, "dtype": d}) for name, d in NAMES.items()}


globals().update(of_device("torch"))
globals().update(storages.CLASSES)
UntypedStorage, TypedStorage = storages.UntypedStorage, storages.TypedStorage
