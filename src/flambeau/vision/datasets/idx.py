"""The IDX format of MNIST: two zero bytes, a type, the number of axes, the sizes, then the elements."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from ...xp import numpy as xnp
from .download import OPENERS, open_any

# type byte -> dtype; numbers are stored with the highest byte first
TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def existing(path: str | Path) -> str | None:
    """The path, or that of a compressed file beside it (`path.gz`), or None where neither is there."""
    for candidate in (str(path), *(f"{path}{suffix}" for suffix in OPENERS)):
        if os.path.isfile(candidate):
            return candidate
    return None


def read_sn3_pascalvincent_tensor(path: str | Path, strict: bool = True) -> Tensor:
    """The tensor in an IDX file, compressed or not.

    Raises ValueError for other files and, if `strict`, for files that are too short or too long.
    """
    with open_any(path) as file:
        data = file.read()
    ndim = data[3] if len(data) >= 4 else 0
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in TYPES or not ndim >= 1 or len(data) < 4 + 4 * ndim:
        raise ValueError(
            f"{path} is not an IDX file\n  It begins with {data[:4]!r}; IDX is two zero bytes, a type of "
            f"{sorted(TYPES)}, the number of axes."
        )
    shape = [int.from_bytes(data[4 * i : 4 * i + 4], "big") for i in range(1, ndim + 1)]
    start, dtype = 4 * (ndim + 1), xnp.empty(0, TYPES[data[2]]).dtype
    wanted, found = math.prod(shape) * dtype.itemsize, len(data) - start
    if found < wanted or (strict and found != wanted):
        raise ValueError(f"{path} should have {wanted} bytes of elements for shape {tuple(shape)}, and has {found}")
    array = xnp.frombuffer(data, dtype=dtype, count=math.prod(shape), offset=start)
    return fn.from_numpy(array.astype(dtype.newbyteorder("=")).reshape(shape))


def _checked(tensor: Tensor, ndim: int, path: Any) -> Tensor:
    if str(tensor.dtype) != "torch.uint8" or tensor.ndim != ndim:
        raise TypeError(f"{path} should hold uint8 of {ndim} axes, and holds {tensor.dtype} of {tensor.ndim}")
    return tensor


def read_label_file(path: str | Path) -> Tensor:
    """Labels: (N,), int64."""
    return _checked(read_sn3_pascalvincent_tensor(path, strict=False), 1, path).long()


def read_image_file(path: str | Path) -> Tensor:
    """Images: (N, H, W), uint8."""
    return _checked(read_sn3_pascalvincent_tensor(path, strict=False), 3, path)
