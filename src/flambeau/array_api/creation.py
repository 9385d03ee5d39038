"""Making arrays."""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.namespace import dtype_of
from ..tensor.tensor import Tensor

__all__ = [
    "arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like", "linspace", "meshgrid",
    "ones", "ones_like", "tril", "triu", "zeros", "zeros_like",
]  # fmt: skip


def _shape(shape: Any) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Tensor:
    """The numbers from `start` (0 if there is one bound only) up to, and without, `stop`. Empty if there are none."""
    if stop is None:
        start, stop = 0, start
    if (stop - start) * step < 0:
        stop = start
    return fn.arange(start, stop, step, dtype=dtype_of(dtype), device=device)


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Tensor:
    """An array of an array of any library, of (nested sequences of) numbers, or of a buffer.

    copy: True always copies, False never does and raises ValueError where it must, None copies if it must.
    """
    if not isinstance(obj, Tensor) and copy is False and isinstance(obj, (bool, int, float, complex, list, tuple)):
        raise ValueError("asarray(): numbers cannot be made an array without a copy")
    dtype = dtype_of(dtype)
    if isinstance(obj, Tensor):
        if copy is False and dtype is not None and dtype is not obj.dtype:
            raise ValueError(f"asarray(): {dtype} cannot be made of {obj.dtype} without a copy")
        made = obj if dtype is None or dtype is obj.dtype else obj.to(dtype)
        made = made if device is None else made.to(device)
        return fn.clone(made) if copy and made is obj else made
    return fn.asarray(obj, dtype=dtype, device=device, copy=copy)


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array whose elements are not set."""
    return fn.empty(_shape(shape), dtype=dtype_of(dtype), device=device)


def empty_like(x: Tensor, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of the shape of `x` whose elements are not set."""
    return fn.empty_like(x, dtype=dtype_of(dtype), device=device)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on the `k`-th diagonal, zeros elsewhere."""
    columns = n_rows if n_cols is None else n_cols
    if not k:
        return fn.eye(n_rows, columns, dtype=dtype_of(dtype), device=device)
    rows = fn.arange(n_rows, device=device).reshape(n_rows, 1)
    found = fn.eq(fn.arange(columns, device=device) - rows, k)
    return found.to(dtype_of(dtype) or dtypes.DEFAULT[0])


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """An array that shares the memory of an array of another library."""
    made = fn.from_dlpack(x)
    made = made if device is None else made.to(device)
    return fn.clone(made) if copy else made


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array filled with one number."""
    return fn.full(_shape(shape), fill_value, dtype=dtype_of(dtype), device=device)


def full_like(x: Tensor, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of the shape and dtype of `x`, filled with one number."""
    return fn.full_like(x, fill_value, dtype=dtype_of(dtype), device=device)


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, which comes last unless `endpoint=False`."""
    if endpoint:
        return fn.linspace(start, stop, num, dtype=dtype_of(dtype), device=device)
    return fn.linspace(start, stop, num + 1, dtype=dtype_of(dtype), device=device)[:num]


def meshgrid(*arrays: Tensor, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid: for each array, it repeated along the axes of the others."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid(): indexing must be 'xy' or 'ij', not {indexing!r}")
    return list(fn.meshgrid(*arrays, indexing=indexing)) if arrays else []


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of ones."""
    return fn.ones(_shape(shape), dtype=dtype_of(dtype), device=device)


def ones_like(x: Tensor, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of ones of the shape and dtype of `x`."""
    return fn.ones_like(x, dtype=dtype_of(dtype), device=device)


def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices with zeros above the `k`-th diagonal."""
    return namespace.tril(x, k=k)


def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices with zeros below the `k`-th diagonal."""
    return namespace.triu(x, k=k)


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of zeros."""
    return fn.zeros(_shape(shape), dtype=dtype_of(dtype), device=device)


def zeros_like(x: Tensor, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of zeros of the shape and dtype of `x`."""
    return fn.zeros_like(x, dtype=dtype_of(dtype), device=device)
