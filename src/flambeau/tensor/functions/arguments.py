"""Checks and conversions of arguments that the functions on indices, masks and several tensors share."""

from __future__ import annotations

import warnings
from typing import Any

from ... import dtypes, errors
from ...storage import memory_bounds
from ...xp import numpy as xnp
from .. import rows
from ..operands import python_number, type_name
from ..outputs import write_result
from ..tensor import KINDS, Tensor, make, numbers

INT_OR_LONG = (dtypes.int32, dtypes.int64)
LONG = (dtypes.int64,)
_warned: set[str] = set()


def warn_once(name: str, message: str, stacklevel: int = 5) -> None:
    """Warn at the first call only, as PyTorch does where a function is a beta or deprecated."""
    if name not in _warned:
        _warned.add(name)
        warnings.warn(message, UserWarning, stacklevel=stacklevel)


def need_tensor(name: str, argument: str, position: int, value: Any) -> None:
    """Refuse what is no tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(value)}")


def mismatch(name: str, arguments: tuple, signatures: str) -> TypeError:
    """Arguments of types that fit none of a function's signatures."""
    types = ", ".join([type_name(a) for a in arguments])
    return TypeError(
        f"{name}() received an invalid combination of arguments - got ({types}), but expected one of:\n{signatures}"
    )


def need_dtype(index: Tensor, allowed: tuple, error: type[Exception], message: str) -> Tensor:
    """The index as int64. `message` may have a place for the name of a wrong dtype."""
    dtype = index._kind.dtype
    if dtype not in allowed:
        raise error(message.format(dtype.scalar_name))
    if dtype is dtypes.int64:
        return index
    return make(index._kind.xp.astype(index._array, KINDS[dtypes.int64].native), _long_kind(index))


def _long_kind(t: Tensor) -> Any:
    return KINDS[dtypes.int64] if t._kind.xp is xnp else rows.to_copy(t, dtype=dtypes.int64)._kind


def check_range(index: Tensor, size: int, error: type[Exception], message: str) -> None:
    """Refuse negative indices, and those beyond `size`; `message` has a place for the index."""
    if index._kind.xp is xnp or index._kind.batched:
        wrong = xnp.outside(numbers(index._array), size)
        if wrong is not None:
            hint = (
                f"\n  Indices must be from 0 to {size - 1}."
                if size
                else "\n  There is nothing to index: the size is 0."
            )
            raise error(message.format(wrong) + hint)


def wrapped(index: Tensor, size: int) -> Tensor:
    """The index with negative numbers, which count from the end, counted from the front."""
    if index._kind.batched:
        return rows.where_same(rows.lt(index, 0), rows.add(index, size), index)
    if index._kind.xp is not xnp:
        return index
    array = xnp.from_front(index._array, size)
    return index if array is index._array else make(array, index._kind)


def into(name: str, result: Tensor, out: Tensor | None, *inputs: Tensor) -> Tensor:
    """The result, or `out` with the result written into it; `out` must not share memory with the inputs."""
    if out is None:
        return result
    if isinstance(out, Tensor):
        check_apart(out, *inputs)
    return write_result(name, result, out)


def check_apart(out: Tensor, *inputs: Tensor) -> None:
    """Refuse to write into a tensor that shares memory with what is read."""
    if out._kind.xp is not xnp:
        return
    for t in inputs:
        if t is out or xnp.may_share_memory(t._array, out._array):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
                "memory location. Please clone() the tensor before performing the operation."
            )


def c_name(dtype: dtypes.dtype) -> str:
    """What C++ calls a dtype."""
    names = {"float32": "float", "float64": "double", "uint8": "unsigned char", "int8": "signed char", "int16": "short",
             "int32": "int", "int64": "long", "float16": "c10::Half", "bfloat16": "c10::BFloat16",
             "complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}  # fmt: skip
    return names.get(dtype.name, dtype.name)


def at_least_1d(shape: tuple) -> tuple:
    """A shape in which a tensor without dims counts as one of one element."""
    return shape or (1,)


def as_number(input: Tensor, value: Any, index: Tensor | None = None) -> Any:
    """A number that is written into a tensor, converted to its dtype as C would. Raises RuntimeError on overflow."""
    dtype = input._kind.dtype
    value = python_number(value)
    if type(value) is complex and not dtype.is_complex:
        if value.imag:
            raise errors.number_overflow(dtype)
        value = value.real
    errors.check_number(value, dtype)
    if dtype.is_floating_point:
        largest = {dtypes.float16: 65504.0, dtypes.float32: 3.4028234663852886e38}.get(dtype)
        if largest is not None and largest < abs(value) < float("inf"):
            raise RuntimeError(f"value cannot be converted to type {c_name(dtype)} without overflow")
        return float(value)
    if dtype.is_complex:
        return complex(value)
    if dtype is dtypes.bool_:
        return bool(value)
    value = int(value)
    if value < 0 and not dtype.is_signed:
        value += 1 << (8 * dtype.itemsize)
    return value


def in_dtype(value: Tensor, input: Tensor) -> Tensor:
    """A tensor in the dtype of another."""
    return value if value._kind.dtype is input._kind.dtype else rows.to_copy(value, dtype=input._kind.dtype)


def from_memory_error(input: Tensor, size: tuple, stride: tuple, offset: int) -> None:
    """Refuse a strided view that would leave the memory of a tensor."""
    reach = 0 if 0 in size else offset + 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    itemsize = input._kind.dtype.itemsize
    have = memory_bounds(input._array)[1] if input._kind.xp is xnp else reach * itemsize
    if reach * itemsize > have:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize {itemsize} "
            f"requiring a storage size of {reach * itemsize} are out of bounds for storage of size {have}"
        )
