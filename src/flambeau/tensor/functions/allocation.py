"""New arrays: their kind, shape and values. What every function that makes a tensor begins and ends with."""

from __future__ import annotations

from typing import Any

from ... import config, errors
from ...device import BATCHED, Kind, backend_of, default_device
from ...device import CPU as CPU_DEVICE
from ...dtypes import PYTHON_TYPES
from ...dtypes import dtype as Dtype
from ...storage import check_size, preserve_format
from ...xp import numpy as xnp
from ..operands import type_name
from ..outputs import write_result
from ..tensor import CPU, Tensor, make, set_requires_grad


def kind_for(dtype: Dtype | None, where: Any = None) -> Kind:
    """The kind of a new tensor: dtype None means the default one, device None the default one."""
    if dtype is None:
        dtype = config.default_dtype()
    back = CPU if where is None and default_device() is CPU_DEVICE else backend_of(where)
    kinds = back.inference_kinds if config.modes().inference else back.kinds
    found = kinds.get(dtype)
    if found is None:
        if dtype in PYTHON_TYPES:
            return kind_for(PYTHON_TYPES[dtype], where)
        if not isinstance(dtype, Dtype):
            raise TypeError(f"argument 'dtype' must be torch.dtype, not {type_name(dtype)}")
        raise NotImplementedError(f"Flambeau has no tensors of {dtype} on {back.device} yet")
    return found


def like(input: Tensor, dtype: Any, where: Any) -> Kind:
    if not isinstance(input, Tensor):
        raise TypeError(f"argument 'input' (position 1) must be Tensor, not {type_name(input)}")
    if input._kind.batched:
        return BATCHED[dtype or input.dtype]
    if dtype is None and where is None and not input._kind.inference and not config.modes().inference:
        return input._kind
    return kind_for(dtype or input.dtype, input.device if where is None else where)


def sizes(name: str, given: tuple, size: Any = None) -> tuple[int, ...]:
    """The shape that `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))` means."""
    if not given and size is not None:
        given = (size,)
    if len(given) == 1 and getattr(given[0], "ndim", None) != 0 and not isinstance(given[0], int):
        one = given[0]
        if not isinstance(one, (tuple, list)):
            raise TypeError(f"{name}(): argument 'size' (position 1) must be tuple of ints, not {type_name(one)}")
        given = tuple(one)
    elif len(given) == 1 and given[0] is True or len(given) == 1 and given[0] is False:
        raise TypeError(f"{name}(): argument 'size' (position 1) must be tuple of ints, not bool")
    shape = []
    for i, n in enumerate(given):
        if type(n) is not int:
            if isinstance(n, float) or not hasattr(n, "__index__"):
                if i:
                    raise TypeError(
                        f"{name}(): argument 'size' failed to unpack the object at pos {i + 1} with error \"type "
                        "must be "
                        f'tuple of ints,but got {type_name(n)}"'
                    )
                raise TypeError(
                    f"{name}(): argument 'size' (position 1) must be tuple of ints, but found element of type "
                    f"{type_name(n)} at pos {i}"
                )
            n = n.__index__()
        if not -(2**63) <= n < 2**63:
            raise TypeError(
                f"{name}(): argument 'size' failed to unpack the object at pos {i + 1} with error \"Overflow when "
                'unpacking long long"'
            )
        if n < 0 and name == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(given)}")
        shape.append(n)
    return tuple(shape)


def finish(array: Any, kind: Kind, requires_grad: bool, out: Any = None, name: str = "") -> Tensor:
    """A new tensor around a fresh array, or `out` with the array's values."""
    return finished(make(array, kind), requires_grad, out, name)


def finished(t: Tensor, requires_grad: bool, out: Any = None, name: str = "") -> Tensor:
    """The new tensor itself, told whether it requires a gradient, or `out` with its values."""
    if out is not None:
        return write_result(name, t, out)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def allocate(shape: tuple[int, ...], kind: Kind, zeros: bool = False) -> Any:
    """An array, uninitialised or of zeros. Raises RuntimeError, not a swap storm, where it cannot fit into memory."""
    if kind.device.type == "cpu":
        check_size(shape, kind.native.itemsize)
    try:
        return (kind.xp.zeros if zeros else kind.xp.empty)(shape, dtype=kind.native)
    except (MemoryError, ValueError) as error:
        raise errors.too_large(str(error)) from None


def filled(shape: tuple[int, ...], value: Any, kind: Kind) -> Any:
    """An array full of a number."""
    if isinstance(value, Tensor):
        value = value.item()
    if value == 0 and not isinstance(value, float) or value is False:
        return allocate(shape, kind, zeros=True)
    array = allocate(shape, kind)
    errors.check_number(value, kind.dtype)
    kind.run(kind.xp.fill, array, value)
    return array


def preserved(input: Tensor, kind: Kind, memory_format: Any = None) -> Any:
    """An uninitialised array of the shape of a tensor, laid out in memory as the tensor is where that is dense."""
    array = input._array
    if input._kind.batched:
        return kind.xp.empty_like(array, dtype=kind.native)
    if kind.xp is not xnp or input._kind.xp is not xnp:
        return allocate(array.shape, kind)
    check_size(array.shape, kind.native.itemsize)
    if memory_format is not None and memory_format is not preserve_format:
        fresh = make(allocate(array.shape, kind), kind)
        return fresh.contiguous(memory_format=memory_format)._array  # type: ignore[attr-defined]
    if 0 in array.strides and array.size > 1 and not array.flags.c_contiguous:
        return allocate(array.shape, kind)
    return xnp.empty_like(array, dtype=kind.native, order="K", subok=False)
