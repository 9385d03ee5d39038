"""From tensors to Python, to NumPy, to other libraries, and to another type: `item`, `numpy`, `type`, DLPack."""

from __future__ import annotations

from typing import Any

from ... import config, dtypes
from ...xp import numpy as xnp
from .. import later
from ..tensor import Tensor, current_edge, wrap
from .members import method

NUMBERS = (int, float, complex)


@method
def item(self: Tensor) -> Any:
    """The only element, as a Python number. Raises RuntimeError where there are several."""
    array = self._array
    if array.size != 1:
        raise RuntimeError(
            f"a Tensor with {array.size} elements cannot be converted to Scalar\n"
            f"  Its shape is {list(array.shape)}; x.tolist() gives all elements, x.mean().item() one number."
        )
    _refuse_meta(self, "item")
    value = array.item()
    return value if type(value) in NUMBERS or type(value) is bool else float(value)


def _refuse_meta(t: Tensor, name: str) -> None:
    if t._kind.batched and name != "item":
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")
    if t._kind.device.type == "meta":
        if name == "item":
            raise RuntimeError("Tensor.item() cannot be called on meta tensors")
        raise NotImplementedError("Cannot copy out of meta tensor; no data!")


@method
def tolist(self: Tensor) -> Any:
    """The elements as nested lists of Python numbers; a number for a 0-d tensor."""
    _refuse_meta(self, "tolist")
    array = self._array
    return (array.astype(xnp.float32) if self._kind.half else array).tolist()


@method
def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, or the tensor converted to another."""
    if dtype is None:
        return f"torch.{'sparse.' if self.is_sparse else ''}{self.dtype.scalar_name}Tensor"
    return self.to(as_dtype(dtype))  # type: ignore[attr-defined]


def as_dtype(value: Any) -> Any:
    """A dtype, or the one that a name such as `torch.FloatTensor` stands for."""
    if isinstance(value, dtypes.dtype):
        return value
    name = value if isinstance(value, str) else f"{value.__module__}.{value.__name__}"
    if name == "torch.Tensor":
        return config.default_dtype()
    found = {f"torch.{d.scalar_name}Tensor": d for d in dtypes.ALL}.get(name)
    if found is None:
        raise ValueError(f"invalid type: '{getattr(value, '__name__', value)}'")
    return found


@method
def to_device(self: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    """The tensor on a device: `to` in the words of the array API standard. There are no streams."""
    if stream is not None:
        raise ValueError("to_device(): no device of Flambeau has streams")
    return self.to(device)


# ---- protocols -------------------------------------------------------------------------------------------------------


@method
def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The tensor as a NumPy array that shares its memory.

    Raises RuntimeError where a gradient is wanted, unless `force`, which detaches, and copies where it must.
    """
    if not force and current_edge(self) is not None and config.modes().grad:
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.\n"
            "  NumPy would not follow the graph: detach() says that this is meant."
        )
    if self._kind.device.type != "cpu":
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
            "memory "
            "first."
        )
    if self._kind.half and self.dtype is not dtypes.float16:
        raise TypeError(f"Got unsupported ScalarType {self.dtype.scalar_name}")
    return self._array[...] if type(self._array) is xnp.ndarray else self._kind.xp.to_numpy(self._array)


@method
def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    array = self.numpy()  # type: ignore[attr-defined]
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


@method
def __array_wrap__(self: Tensor, array: Any, context: Any = None, return_scalar: bool = False) -> Tensor:
    if array.dtype == xnp.bool_:
        array = array.astype(xnp.uint8)
    return wrap(array)


@method
def __array_namespace__(self: Tensor, *, api_version: str | None = None) -> Any:
    """The functions of the Python array API standard for tensors. Raises ValueError for a version that is not kept."""
    found = later.array_namespace()
    if api_version is not None and api_version not in found.VERSIONS:
        raise ValueError(f"Flambeau keeps the array API standard of {', '.join(found.VERSIONS)}, not {api_version!r}")
    return found


@method
def __dlpack__(
    self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None
) -> Any:
    if current_edge(self) is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return self._array.__dlpack__(max_version=max_version, dl_device=dl_device, copy=copy)


@method
def __dlpack_device__(self: Tensor) -> tuple[int, int]:
    return self._array.__dlpack_device__()


@method
def __buffer__(self: Tensor, flags: int) -> memoryview:
    return memoryview(self._array)
