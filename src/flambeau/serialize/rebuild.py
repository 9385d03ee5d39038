"""What the names in a file call: tensors of memory that was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes
from ..device import CPU, device
from ..storage import layout as storage_layout
from ..storage import memory as storage_memory
from ..storage import strided_array
from ..tensor import functions as fn
from ..tensor.tensor import KINDS, Parameter, Tensor, make, set_requires_grad
from ..xp import numpy as xnp


class Memory:
    """The bytes of one storage of a file, how they are to be read, and the device that they go to."""

    __slots__ = ("bytes", "dtype", "device", "turned", "_typed")

    def __init__(self, data: Any, dtype: dtypes.dtype | None, where: device = CPU) -> None:
        self.bytes = data
        self.dtype = dtype
        self.device = where
        self.turned: dict[Any, Memory] = {}
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
    if metadata and isinstance(memory, Memory) and type(metadata) is dict:
        memory = _turned(memory, dtype, metadata)
    t = tensor_of(memory, dtype, offset, size, stride)
    if requires_grad:
        set_requires_grad(t, True)
    if hooks:
        t.__dict__["_backward_hooks"] = hooks
    return t


def _turned(memory: Memory, dtype: Any, metadata: dict) -> Memory:
    """The storage of a tensor that was saved as the conjugate or the negative of its numbers, with what it stands for.

    The whole storage, which is in the file: a tensor can be any number of times as large.
    """
    conj, neg = bool(metadata.get("conj")), bool(metadata.get("neg"))
    if memory.device.type == "meta" or not (conj or neg):
        return memory
    found = memory.turned.get((dtype, conj, neg))
    if found is None:
        numbers = make(memory.typed(dtype), KINDS[dtype])
        if conj:
            numbers = fn.resolve_conj(fn.conj(numbers))
        if neg:
            numbers = fn.neg(numbers)
        octets = xnp.contiguous(numbers._array).view(xnp.np.uint8)
        found = memory.turned[dtype, conj, neg] = Memory(octets, memory.dtype, memory.device)
    return found


def tensor_of(memory: Any, dtype: dtypes.dtype, offset: int, size: Any, stride: Any) -> Tensor:
    """A view of a storage. Raises RuntimeError where it would reach outside."""
    if not isinstance(memory, Memory) or type(dtype) is not dtypes.dtype:
        raise RuntimeError("a tensor of the file has no storage\n  The file is damaged, or not what it says it is.")
    size, stride = _numbers(size), _numbers(stride)
    (offset,) = _numbers((offset,))
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


def _numbers(found: Any) -> tuple[int, ...]:
    """The sizes or strides of a tensor of the file."""
    if not isinstance(found, (tuple, list)) or any(type(n) is not int for n in found):
        raise RuntimeError("a tensor of the file has a shape that is no tuple of integers\n  The file is damaged.")
    return tuple(found)


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
    if function not in REBUILDERS:
        raise RuntimeError("a tensor of the file is not rebuilt by a function that rebuilds tensors")
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
    if not isinstance(layout, storage_layout) or type(data) is not tuple:
        raise RuntimeError("a sparse tensor of the file has no layout\n  The file is damaged.")
    for part in data:
        _check_in_full(part)
    if repr(layout) == "torch.sparse_coo":
        indices, values, size, *rest = data
        return fn.sparse_coo_tensor(indices, values, size, is_coalesced=rest[0] if rest else None)
    compressed, plain, values, size = data
    return fn.sparse_compressed_tensor(compressed, plain, values, size, layout=layout)


def _check_in_full(part: Any) -> None:
    """Refuse a tensor that shows its memory many times over, where it would be copied."""
    if isinstance(part, Tensor) and part._kind.local and part._array.nbytes > storage_memory(part._array).nbytes:
        raise RuntimeError("a tensor of the file repeats its memory where it must not\n  The file is damaged.")


def meta_tensor(dtype: Any, size: Any, stride: Any, requires_grad: bool) -> Tensor:
    return fn.empty_strided(
        _numbers(size), _numbers(stride), dtype=dtype, device="meta", requires_grad=bool(requires_grad)
    )


def device_tensor_from_numpy(data: Any, dtype: Any, where: Any, requires_grad: bool) -> Tensor:
    return device_tensor(fn.from_numpy(data), dtype, where, requires_grad)


def device_tensor(data: Tensor, dtype: Any, where: Any, requires_grad: bool) -> Tensor:
    if not isinstance(data, Tensor) or data.dtype is not dtype or not isinstance(where, (str, device)):
        raise RuntimeError("a tensor of the file has no numbers or no device\n  The file is damaged.")
    _check_in_full(data)
    return data.to(dtype=dtype, device=where).requires_grad_(requires_grad)


def encoded_text(text: str, encoding: str = "latin1") -> bytes:
    """bytes, which protocol 2 writes as text to be encoded."""
    if type(text) is not str or type(encoding) is not str or encoding not in ("latin1", "latin-1"):
        raise RuntimeError("bytes of the file are not encoded as latin1, which alone is read")
    return text.encode("latin1")


# what may be asked for a tensor that then gets attributes or another class
REBUILDERS = (
    tensor_v1, tensor_v2, tensor_v3, parameter, parameter_with_state, sparse_tensor, meta_tensor, device_tensor,
    device_tensor_from_numpy,
)  # fmt: skip
