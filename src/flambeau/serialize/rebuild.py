"""What the names in a file call: tensors of memory that was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes
from ..device import CPU, device
from ..storage import strided_array
from ..tensor import functions as fn
from ..tensor.tensor import KINDS, Parameter, Tensor, make, set_requires_grad
from ..xp import numpy as xnp


class Memory:
    """The bytes of one storage of a file, how they are to be read, and the device that they go to."""

    __slots__ = ("bytes", "dtype", "device", "_typed")

    def __init__(self, data: Any, dtype: dtypes.dtype | None, where: device = CPU) -> None:
        self.bytes = data
        self.dtype = dtype
        self.device = where
        self._typed: dict[dtypes.dtype, Any] = {}

    def typed(self, dtype: dtypes.dtype) -> Any:
        """The memory as an array of elements of one dtype, the same at every call."""
        found = self._typed.get(dtype)
        if found is None:
            native = KINDS[dtype].native if dtype in KINDS else None
            if native is None:
                raise NotImplementedError(f"Flambeau has no {dtype} arrays yet (in load)")
            whole = self.bytes.size // native.itemsize * native.itemsize
            found = self._typed[dtype] = self.bytes[:whole].view(native)
        return found


def tensor_v1(memory: Memory, offset: int, size: Sequence[int], stride: Sequence[int]) -> Tensor:
    return tensor_of(memory, memory.dtype or dtypes.uint8, offset, size, stride)


def tensor_v2(
    memory: Memory, offset: int, size: Any, stride: Any, requires_grad: bool, hooks: Any, metadata: Any = None
) -> Tensor:
    return tensor_v3(memory, offset, size, stride, requires_grad, hooks, memory.dtype or dtypes.uint8, metadata)


def tensor_v3(
    memory: Memory,
    offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    hooks: Any,
    dtype: Any,
    metadata: Any = None,
) -> Tensor:
    t = tensor_of(memory, dtype, offset, size, stride)
    if metadata:
        if metadata.get("conj"):
            t = fn.resolve_conj(fn.conj(t))
        if metadata.get("neg"):
            t = fn.neg(t)
    if requires_grad:
        set_requires_grad(t, True)
    if hooks:
        t.__dict__["_backward_hooks"] = hooks
    return t


def tensor_of(memory: Any, dtype: dtypes.dtype, offset: int, size: Any, stride: Any) -> Tensor:
    """A view of a storage. Raises RuntimeError where it would reach outside."""
    if not isinstance(memory, Memory) or type(dtype) is not dtypes.dtype:
        raise RuntimeError("a tensor of the file has no storage\n  The file is damaged, or not what it says it is.")
    size, stride = tuple(size), tuple(stride)
    if memory.device.type == "meta":
        return fn.empty_strided(size, stride, dtype=dtype, device=memory.device)
    base = memory.typed(dtype)
    item = base.itemsize
    if _is_dense(size, stride):
        count = 1
        for n in size:
            count *= n
        _check_inside(base, dtype, offset, size, stride, count)
        array = base[offset : offset + count].reshape(size)
    else:
        reach = 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
        _check_inside(base, dtype, offset, size, stride, reach)
        # an empty memory has no address to begin at
        array = (
            strided_array(base, size, tuple(s * item for s in stride), offset * item)
            if reach
            else xnp.empty(size, dtype=base.dtype)
        )
    t = make(array, KINDS[dtype])
    return t if memory.device.type == "cpu" else t.to(memory.device)


def _is_dense(size: tuple, stride: tuple) -> bool:
    """Whether elements follow each other row by row."""
    expected = 1
    for n, s in zip(reversed(size), reversed(stride), strict=True):
        if n == 0:
            return True
        if n != 1 and s != expected:
            return False
        expected *= n
    return True


def _check_inside(base: Any, dtype: Any, offset: int, size: tuple, stride: tuple, reach: int) -> None:
    if any(n < 0 for n in size) or any(s < 0 for s in stride) or offset < 0 or (reach and offset + reach > base.size):
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize "
            f"{base.itemsize} requiring a storage size of {(offset + reach) * base.itemsize} are out of bounds for "
            f"storage of size {base.nbytes}"
        )


def parameter(data: Tensor, requires_grad: bool, hooks: Any) -> Parameter:
    """A Parameter, or what else the file says is one."""
    made = Parameter(data, requires_grad)
    if hooks:
        made.__dict__["_backward_hooks"] = hooks
    return made


def parameter_with_state(data: Tensor, requires_grad: bool, hooks: Any, state: Any) -> Parameter:
    made = parameter(data, requires_grad, hooks)
    set_state(made, state)
    return made


def from_type(function: Any, cls: type, arguments: Any, state: Any) -> Tensor:
    """A tensor with attributes, or of a subclass."""
    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise RuntimeError(f"{cls} is not a class of tensors")
    made = function(*arguments)
    if not isinstance(made, Tensor):
        raise RuntimeError(f"expected a tensor, but got {type(made).__name__}")
    if type(made) is not cls and cls is not Parameter:
        other = object.__new__(cls)
        other._array, other._kind, other._edge = made._array, made._kind, None
        other._grad, other._view, other._rewrites = None, None, 0
        if made.requires_grad:
            set_requires_grad(other, True)
        made = other
    set_state(made, state)
    return made


def set_state(t: Tensor, state: Any) -> None:
    """Attributes of a tensor; those in which it keeps its memory are not the file's to set."""
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    for key, value in {**(attributes or {}), **(slots or {})}.items():
        if not isinstance(key, str) or key in Tensor.__slots__:
            raise RuntimeError(f"a tensor of the file has an attribute {key!r}, which cannot be set")
        t.__dict__[key] = value


def sparse_tensor(layout: Any, data: Any) -> Any:
    """A sparse tensor of its indices and values."""
    if repr(layout) == "torch.sparse_coo":
        indices, values, size, *rest = data
        return fn.sparse_coo_tensor(indices, values, size, is_coalesced=rest[0] if rest else None)
    compressed, plain, values, size = data
    return fn.sparse_compressed_tensor(compressed, plain, values, size, layout=layout)


def meta_tensor(dtype: Any, size: Any, stride: Any, requires_grad: bool) -> Tensor:
    return fn.empty_strided(tuple(size), tuple(stride), dtype=dtype, device="meta", requires_grad=requires_grad)


def device_tensor_from_numpy(data: Any, dtype: Any, where: Any, requires_grad: bool) -> Tensor:
    t = fn.from_numpy(data).to(dtype=dtype, device=where)
    return t.requires_grad_(requires_grad)


def device_tensor(data: Tensor, dtype: Any, where: Any, requires_grad: bool) -> Tensor:
    return data.to(dtype=dtype, device=where).requires_grad_(requires_grad)


def encoded_text(text: str, encoding: str = "latin1") -> bytes:
    """bytes, which protocol 2 writes as text to be encoded."""
    if encoding not in ("latin1", "latin-1"):
        raise RuntimeError(f"bytes of the file are encoded as {encoding!r}; only latin1 is read")
    return text.encode("latin1")
