"""What dtype a result has, by the standard's rules, and bringing operands to it.

They differ from PyTorch's in one point: an array of no dimensions counts as much as any other. Python numbers take the
dtype of the arrays they meet.
"""

from __future__ import annotations

from typing import Any

from .. import config, dtypes
from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import KIND_BY_NUMBER, KINDS, Tensor, wrap
from ..xp import numpy as xnp

numpy = xnp.np
NUMBERS = (bool, int, float, complex)
WIDE_UNSIGNED = (dtypes.uint16, dtypes.uint32, dtypes.uint64)


def dtype_of(x: Any) -> dtypes.dtype:
    """The dtype of an array, or the dtype that an argument names."""
    return x.dtype if isinstance(x, Tensor) else namespace.dtype_of(x)


def result_type(*arrays_and_dtypes: Any) -> dtypes.dtype:
    """The dtype of what an operation on arrays, dtypes and Python numbers gives."""
    found: dtypes.dtype | None = None
    numbers = []
    for x in arrays_and_dtypes:
        if isinstance(x, NUMBERS):
            numbers.append(x)
            continue
        dtype = dtype_of(x)
        if not isinstance(dtype, dtypes.dtype):
            raise TypeError(f"result_type() takes arrays, dtypes and Python numbers, not {type(x).__name__}")
        found = dtype if found is None else promote(found, dtype)
    if found is None:
        raise ValueError("result_type() needs at least one array or dtype")
    for x in numbers:
        found = _with_number(found, x)
    return found


def promote(a: dtypes.dtype, b: dtypes.dtype) -> dtypes.dtype:
    """The common dtype of two. PyTorch has no rule for uint16, uint32 and uint64: there NumPy's holds."""
    if a is b:
        return a
    if a in WIDE_UNSIGNED or b in WIDE_UNSIGNED:
        if any(d.is_floating_point or d.is_complex for d in (a, b)):
            return b if a in WIDE_UNSIGNED else a
        return KIND_BY_NUMBER[numpy.promote_types(KINDS[a].native, KINDS[b].native).num].dtype
    return dtypes.promote_types(a, b)


def _with_number(dtype: dtypes.dtype, x: Any) -> dtypes.dtype:
    """The dtype of arrays of `dtype` that met a Python number."""
    real = dtype.is_floating_point
    if type(x) is complex:
        return dtype if dtype.is_complex else dtype.to_complex() if real else config.default_dtype().to_complex()
    if type(x) is float:
        return dtype if real or dtype.is_complex else config.default_dtype()
    if type(x) is int and dtype is dtypes.bool_:
        return dtypes.int64
    return dtype


def promoted(name: str, *operands: Any) -> list[Tensor]:
    """Arrays and Python numbers as arrays of their common dtype. Raises TypeError where there is no array at all."""
    first = next((x for x in operands if isinstance(x, Tensor)), None)
    if first is None:
        raise TypeError(f"{name}() needs at least one array")
    for x in operands:
        if not isinstance(x, (Tensor, *NUMBERS)):
            raise TypeError(f"{name}() takes arrays and Python numbers, not {type(x).__name__}")
    dtype = result_type(*operands)
    return [
        (x if x.dtype is dtype else namespace.astype(x, dtype))
        if isinstance(x, Tensor)
        else fn.scalar_tensor(x, dtype=dtype, device=first.device)
        for x in operands
    ]


def whole(*arrays: Tensor) -> bool:
    """Whether NumPy itself computes with the arrays: integers and bools in memory, which have no gradients.

    PyTorch lacks many operations for uint16, uint32 and uint64, and sums unsigned integers as signed ones.
    """
    return all(x._kind.plain and not x._kind.inexact for x in arrays)


def on_arrays(function: Any, *arrays: Tensor, **options: Any) -> Tensor:
    """NumPy's function of the arrays."""
    return wrap(xnp.run(function, *[x._array for x in arrays], **options))
