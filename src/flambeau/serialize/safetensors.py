"""Files of safetensors, through the library of that name, which is an optional extra.

>>> from flambeau.serialize.safetensors import load_file, save_file  # doctest: +SKIP
>>> save_file({"weight": torch.ones(2)}, "model.safetensors")  # doctest: +SKIP
>>> load_file("model.safetensors")  # doctest: +SKIP
{'weight': tensor([1., 1.])}
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .. import dtypes
from ..device import as_device
from ..storage import owner
from ..tensor.tensor import KINDS, Tensor, wrap
from ..xp import numpy as xnp
from .whole import written_whole

try:
    import safetensors as _library  # type: ignore[import-not-found]
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "safetensors is not installed; it is an optional extra: pip install 'flambeau[safetensors]'", name="safetensors"
    ) from None

# the library's names of dtypes
NAMES = {
    dtypes.float64: "F64", dtypes.float32: "F32", dtypes.float16: "F16", dtypes.bfloat16: "BF16", dtypes.int64: "I64",
    dtypes.int32: "I32", dtypes.int16: "I16", dtypes.int8: "I8", dtypes.uint8: "U8", dtypes.bool_: "BOOL",
}  # fmt: skip
DTYPES = {name: dtype for dtype, name in NAMES.items()}


def save(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """The tensors as the bytes of a file. Raises RuntimeError where two share memory, ValueError for a non-tensor."""
    described: dict[str, Any] = {}
    owners: dict[int, str] = {}
    kept = []
    for name, x in tensors.items():
        if not isinstance(x, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(x)}")
        if x.dtype not in NAMES:
            raise ValueError(f"safetensors has no dtype for {x.dtype} (of {name!r})")
        other = owners.setdefault(id(owner(x._array)), name)
        if other != name and x._array.size:
            raise RuntimeError(f"Some tensors share memory: {other!r} and {name!r}. Save a clone of one of them.")
        array = xnp.np.ascontiguousarray(x._array)
        # the library reads the memory at an address, which must last until then
        kept.append(array)
        described[name] = _described(x.dtype.name, list(x._array.shape), array)
    return bytes(_library.serialize(described, metadata=dict(metadata) if metadata else None))


def _described(dtype: str, shape: list[int], array: Any) -> Any:
    """A tensor as the library's `serialize` wants it: until version 0.8 a dict with the bytes."""
    spec = getattr(_library, "TensorSpec", None)
    if spec is None:
        return {"dtype": dtype, "shape": shape, "data": array.tobytes()}
    return spec(dtype=dtype, shape=shape, data_ptr=array.ctypes.data, data_len=array.nbytes)


def save_file(
    tensors: Mapping[str, Tensor], filename: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors to a file. It is replaced only when the new one is complete."""
    data = save(tensors, metadata)
    with written_whole(os.path.realpath(filename)) as file:
        file.write(data)


def load(data: bytes, device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors in the bytes of a file."""
    result = {}
    for name, info in _library.deserialize(data):
        dtype = DTYPES.get(info["dtype"])
        if dtype is None:
            raise ValueError(f"Flambeau has no dtype for {info['dtype']} (of {name!r})")
        array = xnp.np.frombuffer(bytearray(info["data"]), dtype=KINDS[dtype].native).reshape(info["shape"])
        result[name] = wrap(array).to(as_device(device))  # type: ignore[attr-defined]
    return result


def load_file(filename: str | os.PathLike[str], device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors in a file. Raises SafetensorError, which names it, where it is damaged."""
    with open(filename, "rb") as file:
        data = file.read()
    try:
        return load(data, device)
    except _library.SafetensorError as error:
        raise _library.SafetensorError(
            f"{error}\n  in {os.fspath(filename)!r}\n"
            "  The file is damaged, or none of safetensors: save it, or fetch it, again."
        ) from None
