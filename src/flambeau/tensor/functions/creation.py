"""Tensors filled with a value, or with none: of given sizes, like another tensor, and as methods of one."""

from __future__ import annotations

from typing import Any

from ... import config, dtypes, errors
from ...device import BATCHED, Kind
from ...dtypes import dtype as Dtype
from ...storage import check_size
from ..operands import python_number
from ..public import public
from ..tensor import Tensor
from .allocation import allocate, filled, finish, kind_for, like, preserved, sizes
from .from_data import tensor


@public(method=False)
def empty(*given: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
          pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """A tensor of a shape, whose elements have no defined values."""
    kind = kind_for(dtype if out is None else out.dtype, device)
    t = finish(allocate(sizes("empty", given, size), kind), kind, requires_grad, out, "empty")
    return t if memory_format is None else t.contiguous(memory_format=memory_format)  # type: ignore[attr-defined]


@public(method=False)
def zeros(*given: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
          pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of 0.

    >>> zeros(2, 3).sum()
    tensor(0.)
    """
    kind = kind_for(dtype if out is None else out.dtype, device)
    return finish(filled(sizes("zeros", given, size), 0, kind), kind, requires_grad, out, "zeros")


@public(method=False)
def ones(*given: Any, size: Any = None, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of 1."""
    kind = kind_for(dtype if out is None else out.dtype, device)
    return finish(filled(sizes("ones", given, size), 1, kind), kind, requires_grad, out, "ones")


@public(method=False)
def full(size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of a number, in the number's dtype by default."""
    if dtype is None:
        dtype = out.dtype if out is not None else dtype_of_number(fill_value)
    kind = kind_for(dtype, device)
    return finish(filled(sizes("full", (size,)), fill_value, kind), kind, requires_grad, out, "full")


def dtype_of_number(value: Any) -> Dtype:
    """The dtype that a number alone stands for."""
    value = python_number(value)
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, bool):
        return dtypes.bool_
    if isinstance(value, int):
        return dtypes.int64
    return config.default_dtype().to_complex() if isinstance(value, complex) else config.default_dtype()


@public(method=False)
def scalar_tensor(s: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
                  requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A 0-d tensor of a number, in the default dtype by default."""
    kind = kind_for(dtype, device)
    return finish(filled((), s, kind), kind, requires_grad)


@public(method=False)
def eye(n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
        pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A matrix (n, m) with ones on the diagonal and zeros elsewhere."""
    if n < 0 or (m is not None and m < 0):
        raise RuntimeError(f"{'n' if n < 0 else 'm'} must be greater or equal to 0, got {n if n < 0 else m}")
    kind = kind_for(dtype if out is None else out.dtype, device)
    check_size((n, n if m is None else m), kind.native.itemsize)
    array = kind.xp.eye(n, n if m is None else m, dtype=kind.native)
    return finish(array, kind, requires_grad, out, "eye")


@public(method=False)
def empty_strided(size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
                  requires_grad: bool = False, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of a shape and of strides, counted in elements."""
    shape = sizes("empty_strided", (size,))
    if len(shape) != len(stride):
        raise RuntimeError(f"mismatch in length of strides and shape: {len(shape)} sizes, {len(stride)} strides")
    kind = kind_for(dtype, device)
    extent = 1 + sum((n - 1) * s for n, s in zip(shape, stride, strict=True)) if 0 not in shape else 0
    memory = allocate((extent,), kind)
    array = kind.xp.as_strided(memory, shape, tuple(stride)) if extent else allocate(shape, kind)
    return finish(array, kind, requires_grad)


@public(method=False)
def empty_permuted(size: Any, physical_layout: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
                   requires_grad: bool = False, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised dense tensor whose dims lie in memory in the order `physical_layout`, outermost first."""
    shape = sizes("empty_permuted", (size,))
    order = tuple(physical_layout)
    if len(order) != len(shape):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(shape)} is not equal to len(physical_layout) = {len(order)}"
        )
    for i, d in enumerate(order):
        if not 0 <= d < len(shape):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(shape) - 1}, but got {d} at index {i}).  "
                "NB: negative dims not currently supported; file an issue if you want it."
            )
    if len(set(order)) != len(order):
        raise RuntimeError("Duplicate dim not allowed")
    strides, step = [0] * len(shape), 1
    for d in reversed(order):
        strides[d] = step
        step *= shape[d]
    return empty_strided(shape, strides, dtype=dtype, device=device, requires_grad=requires_grad)


# ---- like another tensor ---------------------------------------------------------------------------------------------


@public(method=False)
def empty_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None,
               requires_grad: bool = False, memory_format: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of the shape of another, in its dtype by default."""
    kind = like(input, dtype, device)
    return finish(preserved(input, kind, memory_format), kind, requires_grad)


@public(method=False)
def zeros_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None,
               requires_grad: bool = False, memory_format: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Zeros in the shape of another tensor, in its dtype by default."""
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public(method=False)
def ones_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None,
              requires_grad: bool = False, memory_format: Any = None,
              pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Ones in the shape of another tensor, in its dtype by default."""
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad, memory_format=memory_format)


@public(method=False)
def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
              pin_memory: bool = False, requires_grad: bool = False,
              memory_format: Any = None) -> Tensor:  # fmt: skip
    """A tensor of the shape of another, full of a number, in its dtype by default."""
    kind = like(input, dtype, device)
    if isinstance(fill_value, Tensor):
        fill_value = fill_value.item()  # type: ignore[attr-defined]
    fill_value = python_number(fill_value)
    errors.check_number(fill_value, kind.dtype)
    array = preserved(input, kind, memory_format)
    kind.run(kind.xp.fill, array, fill_value)
    return finish(array, kind, requires_grad)


# ---- as methods: of the same dtype and device as a tensor ------------------------------------------------------------


def _new(input: Tensor, dtype: Any, device: Any) -> Kind:
    return kind_for(dtype or input.dtype, input.device if device is None else device)


def _finish_new(input: Tensor, array: Any, kind: Kind, requires_grad: bool) -> Tensor:
    """A new tensor; one for each element of a batch, if `input` is one, so that it can be written to."""
    if input._kind.batched:
        kind, array = BATCHED[kind.dtype], input._array.repeated(array)
    return finish(array, kind, requires_grad)


@public(function=False)
def new_empty(input: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
              requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of a shape, of this one's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, allocate(sizes("new_empty", given, size), kind), kind, requires_grad)


@public(function=False)
def new_zeros(input: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
              requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Zeros in a shape, of this tensor's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, filled(sizes("new_zeros", given, size), 0, kind), kind, requires_grad)


@public(function=False)
def new_ones(input: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None,
             requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Ones in a shape, of this tensor's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, filled(sizes("new_ones", given, size), 1, kind), kind, requires_grad)


@public(function=False)
def new_full(input: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
             requires_grad: bool = False, layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A tensor of a shape, full of a number, of this tensor's dtype and device by default."""
    kind = _new(input, dtype, device)
    return _finish_new(input, filled(sizes("new_full", (size,)), fill_value, kind), kind, requires_grad)


@public(function=False)
def new_empty_strided(input: Tensor, size: Any, stride: Any, dtype: Any = None, device: Any = None,
                      requires_grad: bool = False, layout: Any = None,
                      pin_memory: bool = False) -> Tensor:  # fmt: skip
    """An uninitialised tensor of a shape and of strides, of this one's dtype and device by default."""
    return empty_strided(
        size, stride, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad
    )


@public(function=False)
def new_tensor(input: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
               layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A copy of `data`, of this tensor's dtype and device by default."""
    return tensor(data, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)
