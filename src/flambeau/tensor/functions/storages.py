"""Storages: descriptions, made when they are asked for, of the memory that tensors are views of."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any

from ... import dtypes, storage
from ...storage import bump, memory, memory_bounds, strided_array
from ...storage import is_shared as in_shared_memory
from ...xp import numpy as xnp
from ..public import public
from ..tensor import CPU, KINDS, Tensor

BYTE = KINDS[dtypes.uint8].native


def _bytes_of(array: Any) -> Any:
    """All the memory that an array is a view of, as bytes."""
    begin, size = memory_bounds(array)
    if not size:
        return xnp.empty((0,), dtype=BYTE)
    itemsize = array.itemsize
    start = begin - xnp.address(array)
    return strided_array(array, (size // itemsize,), (itemsize,), start).view(BYTE)


class UntypedStorage:
    """The bytes that tensors are views of. Two of them are equal if they are the same memory.

    >>> ones(3).untyped_storage().nbytes()
    12
    """

    is_cuda = is_hpu = is_sparse = is_sparse_csr = False
    filename = None

    def __init__(self, *args: Any, device: Any = None) -> None:
        if len(args) > 1:
            raise TypeError(f"UntypedStorage.__new__() takes at most 1 argument, got {len(args)}")
        given = args[0] if args else 0
        if isinstance(given, int):
            self._array = xnp.empty((given,), dtype=BYTE)
        else:
            self._array = xnp.array([int(b) for b in given], dtype=BYTE)

    @classmethod
    def _of(cls, array: Any) -> UntypedStorage:
        made = object.__new__(cls)
        made._array = _bytes_of(array)
        return made

    @classmethod
    def from_file(cls, filename: Any, shared: bool = False, nbytes: int = 0) -> UntypedStorage:
        """The first bytes of a file, read when they are used; changes reach the file only if `shared`."""
        import mmap  # half a millisecond, which most programs need not spend

        name, mode = os.fspath(filename), "read-write" if shared else "read-only"
        flags = os.O_RDWR | os.O_CREAT if shared else os.O_RDONLY
        try:
            file = os.open(name, flags | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise RuntimeError(
                f"unable to open file <{name}> in {mode} mode: {error.strerror} ({error.errno})"
            ) from None
        try:
            if os.fstat(file).st_size < nbytes:
                if not shared:
                    raise RuntimeError(
                        f"file <{name}> size <{os.fstat(file).st_size}> is smaller than the required mapping size "
                        f"<{nbytes}>"
                    )
                os.truncate(file, nbytes)
            if not nbytes:
                return cls()
            made = object.__new__(cls)
            access = mmap.ACCESS_WRITE if shared else mmap.ACCESS_COPY
            made._array = xnp.frombuffer(mmap.mmap(file, nbytes, access=access), dtype=BYTE)
            return made
        finally:
            os.close(file)

    @property
    def device(self) -> Any:
        return CPU.device

    @property
    def _cdata(self) -> int:
        return id(memory(self._array))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and memory(self._array) is memory(other._array)

    def __hash__(self) -> int:
        return self._cdata

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self.nbytes()

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            made = object.__new__(UntypedStorage)
            made._array = self._array[index]
            return made
        return int(self._array[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        self._array[index] = value
        bump(self._array)

    def size(self) -> int:
        """The number of bytes."""
        return self._array.size

    nbytes = size

    def element_size(self) -> int:
        """The size of an element, a byte: 1."""
        return 1

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return xnp.address(self._array) if self._array.size else 0

    def tolist(self) -> list[int]:
        """The bytes as numbers."""
        return self._array.tolist()

    def clone(self) -> UntypedStorage:
        """The same bytes in memory of its own."""
        made = object.__new__(UntypedStorage)
        made._array = self._array.copy()
        return made

    def copy_(self, source: Any, non_blocking: Any = None) -> UntypedStorage:
        """Copy the bytes of another storage of this size."""
        xnp.copyto(self._array, source._array)
        bump(self._array)
        return self

    def fill_(self, value: int) -> UntypedStorage:
        """Set all bytes to one value."""
        self._array.fill(value)
        bump(self._array)
        return self

    def cpu(self) -> UntypedStorage:
        """The storage itself, which is on the CPU."""
        return self

    def untyped(self) -> UntypedStorage:
        """The storage itself."""
        return self

    def get_device(self) -> int:
        """The index of the device: -1, which is the CPU."""
        return -1

    def is_pinned(self, device: Any = "cuda") -> bool:
        """Whether an accelerator reads this memory by itself: no."""
        return False

    def is_shared(self) -> bool:
        """Whether other processes can see this memory."""
        return in_shared_memory(self._array)

    def resizable(self) -> bool:
        """Whether the storage can grow where it is: no."""
        return False

    def type(self, dtype: Any = None, non_blocking: bool = False) -> str:
        """The name of the class."""
        return "torch.storage.UntypedStorage"

    def __repr__(self) -> str:
        head = f"[{type(self).__module__}.UntypedStorage(device=cpu) of size {len(self)}]"
        return "".join(f" {b}\n" for b in self.tolist()) + head


UntypedStorage.__module__ = "torch.storage"


def _warn() -> None:
    warnings.warn(
        "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be the only storage "
        "class. This should only matter to you if you are using storages directly.  To access UntypedStorage directly, "
        "use tensor.untyped_storage() instead of tensor.storage()",
        stacklevel=3,
    )


class _OfOneType(type):
    """Classes such as `FloatStorage`: what is one is told by its dtype."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is TypedStorage:
            return type.__instancecheck__(cls, instance)
        return type.__instancecheck__(TypedStorage, instance) and instance.dtype is cls.dtype  # type: ignore[attr-defined]


class TypedStorage(metaclass=_OfOneType):
    """The elements of one dtype in the memory that tensors are views of; deprecated in favour of UntypedStorage."""

    is_sparse = is_cuda = is_hpu = False
    filename = None

    def __init__(self, *args: Any, wrap_storage: Any = None, dtype: Any = None, device: Any = None) -> None:
        self.dtype = dtype or getattr(type(self), "dtype", None) or dtypes.float32
        native = KINDS[self.dtype].native
        if wrap_storage is not None:
            self._bytes = wrap_storage._array
        elif args and isinstance(args[0], int):
            self._bytes = xnp.empty((args[0],), dtype=native).view(BYTE)
        else:
            values = list(args[0]) if args else []
            self._bytes = xnp.array(values, dtype=native).view(BYTE)

    @property
    def _array(self) -> Any:
        return self._bytes.view(KINDS[self.dtype].native)

    @property
    def device(self) -> Any:
        return CPU.device

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        made = object.__new__(UntypedStorage)
        made._array = self._bytes
        return made

    @property
    def _untyped_storage(self) -> UntypedStorage:
        return self.untyped()

    def size(self) -> int:
        """The number of elements."""
        return self._array.size

    __len__ = size

    def nbytes(self) -> int:
        """The number of bytes."""
        return self._bytes.size

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self._bytes.size

    def element_size(self) -> int:
        """The size of an element in bytes."""
        return self.dtype.itemsize

    def data_ptr(self) -> int:
        """The address of the first element."""
        return xnp.address(self._bytes) if self._bytes.size else 0

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        if not isinstance(index, int):
            raise RuntimeError(f"can't index a {type(self)} with {type(index)}")
        return self._array[index].item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self._array[index] = value
        bump(self._bytes)

    def __iter__(self) -> Iterator:
        return iter(self.tolist())

    def tolist(self) -> list:
        """The elements as Python numbers."""
        return self._array.tolist()

    def fill_(self, value: Any) -> TypedStorage:
        """Set all elements to one value."""
        self._array[...] = value
        bump(self._bytes)
        return self

    def copy_(self, source: TypedStorage, non_blocking: bool | None = None) -> TypedStorage:
        """Copy the elements of another storage of this size, converted."""
        xnp.copyto(self._array, source._array, casting="unsafe")
        bump(self._bytes)
        return self

    def clone(self) -> TypedStorage:
        """The same elements in memory of its own."""
        return TypedStorage(wrap_storage=self.untyped().clone(), dtype=self.dtype)

    def cpu(self) -> TypedStorage:
        """The storage itself, which is on the CPU."""
        return self

    def get_device(self) -> int:
        """The index of the device: -1, which is the CPU."""
        return -1

    def is_shared(self) -> bool:
        """Whether other processes can see this memory."""
        return in_shared_memory(self._array)

    def is_pinned(self, device: Any = "cuda") -> bool:
        """Whether an accelerator reads this memory by itself: no."""
        return False

    def type(self, dtype: Any = None, non_blocking: bool = False) -> str:
        """The name of the storage class of this dtype."""
        return f"torch.{storage_class(self.dtype).__name__}"

    def __repr__(self) -> str:
        head = f"[torch.storage.TypedStorage(dtype={self.dtype}, device=cpu) of size {len(self)}]"
        return "\n".join([*(f" {x}" for x in self.tolist()), head])


TypedStorage.__module__ = "torch.storage"

# the storage classes of single dtypes: name -> dtype
NAMES = {
    "Double": dtypes.float64, "Float": dtypes.float32, "Half": dtypes.float16, "BFloat16": dtypes.bfloat16,
    "Long": dtypes.int64, "Int": dtypes.int32, "Short": dtypes.int16, "Char": dtypes.int8, "Byte": dtypes.uint8,
    "Bool": dtypes.bool_, "ComplexDouble": dtypes.complex128, "ComplexFloat": dtypes.complex64,
}  # fmt: skip
CLASSES: dict[str, type] = {
    f"{name}Storage": _OfOneType(f"{name}Storage", (TypedStorage,), {"dtype": dtype, "__module__": "torch"})
    for name, dtype in NAMES.items()
}


def storage_class(dtype: dtypes.dtype) -> type:
    """`torch.FloatStorage` for float32, and so on."""
    return next(cls for cls in CLASSES.values() if cls.dtype is dtype)  # type: ignore[attr-defined]


@public(function=False)
def untyped_storage(input: Tensor) -> UntypedStorage:
    """The memory that this tensor, and all tensors that share it, are views of."""
    if input._kind.xp is not xnp:
        raise NotImplementedError("Cannot access the storage of a tensor without data")
    return UntypedStorage._of(input._array)


@public(function=False, name="storage")
def typed_storage(input: Tensor) -> TypedStorage:
    """The memory that this tensor is a view of, as elements of its dtype; deprecated."""
    _warn()
    return TypedStorage(wrap_storage=untyped_storage(input), dtype=input.dtype)


@public(function=False)
def storage_type(input: Tensor) -> type:
    """The storage class of this dtype."""
    return storage_class(input.dtype)


# `torch.storage` is the module of the layer below, which cannot know these
storage.UntypedStorage, storage.TypedStorage = UntypedStorage, TypedStorage  # type: ignore[attr-defined]
