"""Pickling objects in PyTorch's words: tensors by their storages, our classes under PyTorch's names."""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from typing import Any

from .. import dtypes
from ..device import device
from ..random import Generator
from ..storage import layout, sparse_coo
from ..storage import memory as memory_of
from ..tensor.size import Size
from ..tensor.tensor import Parameter, Tensor, current_edge, make, wrap
from ..xp import numpy as xnp
from .names import STORAGE_TYPES, UNTYPED, StorageType, TorchName, written_name

REBUILD_V2 = TorchName("torch._utils", "_rebuild_tensor_v2")
REBUILD_V3 = TorchName("torch._utils", "_rebuild_tensor_v3")
REBUILD_META = TorchName("torch._utils", "_rebuild_meta_tensor_no_storage")
REBUILD_TYPE = TorchName("torch._tensor", "_rebuild_from_type_v2")
REBUILD_SPARSE = TorchName("torch._utils", "_rebuild_sparse_tensor")
GET_LAYOUT = TorchName("torch.serialization", "_get_layout")
PARAMETER = TorchName("torch._utils", "_rebuild_parameter")
PARAMETER_WITH_STATE = TorchName("torch._utils", "_rebuild_parameter_with_state")
GENERATOR = TorchName("torch._C", "Generator")


class StorageRef:
    """One storage of the file that is written: its bytes, and the dtype under which it goes."""

    __slots__ = ("key", "bytes", "dtype", "keeps")

    def __init__(self, key: str, data: Any, dtype: dtypes.dtype, keeps: Any) -> None:
        self.key = key
        self.bytes = data
        self.dtype = dtype
        # keeps the memory alive, whose identity is what finds the storage again
        self.keeps = keeps

    @property
    def type(self) -> Any:
        return STORAGE_TYPES.get(self.dtype, UNTYPED)

    @property
    def count(self) -> int:
        """The number of elements; of bytes, where the file has no storage class for the dtype."""
        return self.bytes.size // (self.dtype.itemsize if self.dtype in STORAGE_TYPES else 1)


_Pickler: Any = pickle._Pickler  # type: ignore[attr-defined]


class Pickler(_Pickler):
    """Python's pickler in Python: only there can the names that are written differ from where things are."""

    def __init__(self, file: Any, protocol: int, legacy: bool = False) -> None:
        super().__init__(file, protocol)
        self.legacy = legacy
        self.storages: dict[int, StorageRef] = {}

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if type(obj) is not Tensor or not self.write_tensor(obj):
            super().save(obj, save_persistent_id)

    def write_tensor(self, t: Tensor) -> bool:
        """Write a tensor at once, in the bytes that the general way takes 40 µs for. False where it has to be taken.

        It has to for the first tensor of a dtype, which leaves in the memo what the others refer to.
        """
        array, memo = t._array, self.memo
        stored = STORAGE_TYPES.get(t._kind.dtype)
        named = [memo.get(id(x)) for x in (REBUILD_V2, "storage", stored, "cpu", OrderedDict)]
        if None in named or self.proto > 3 or self.legacy or type(array) is not xnp.ndarray or id(t) in memo:
            return False
        storage, offset = (None, 0) if t.__dict__ or t.device.type != "cpu" else self.storage_of(array, t._kind.dtype)
        if storage is None:
            return False
        function, word, kind, place, ordered = [self.get(i) for i, _ in named]

        def kept(thing: Any) -> bytes:
            number = len(memo)
            memo[id(thing)] = number, thing
            return self.put(number)

        known = memo.get(id(storage.key))
        key = storage.key.encode()
        key = self.get(known[0]) if known else b"X%b%b%b" % (struct.pack("<I", len(key)), key, kept(storage.key))
        name = b"((%b%b%b%b%bt%bQ" % (word, kind, key, place, _integer(storage.count), kept([]))
        sizes = []
        for numbers in (array.shape, t.stride()):  # type: ignore[attr-defined]
            digits = b"".join(map(_integer, numbers))
            close = _TUPLES[min(len(numbers), 4)]
            sizes.append(b"%b%b%b%b" % (close[:-1], digits, close[-1:], kept(numbers) if numbers else b""))
        grad = pickle.NEWFALSE if current_edge(t) is None else pickle.NEWTRUE
        self.write(b"".join((function, name, _integer(offset), *sizes, grad, ordered, b")R")))
        self.write(b"".join((kept([]), b"t", kept([]), b"R", kept(t))))
        return True

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) is not StorageRef:
            return None
        found = ("storage", obj.type, obj.key, "cpu", obj.count)
        return (*found, None) if self.legacy else found

    def reducer_override(self, obj: Any) -> Any:
        """How an object is written; NotImplemented leaves it to Python."""
        cls = type(obj)
        if cls in _PLAIN:
            return NotImplemented
        if isinstance(obj, Tensor):
            return self.reduce_tensor(obj)
        if cls is TorchName:
            return obj.name
        if isinstance(obj, type) or cls is _FUNCTION or cls in _NAMED:
            name = written_name(obj)
            return NotImplemented if name is None else name.name
        if cls is Size:
            return TorchName("torch", "Size"), (tuple(obj),)
        if cls is device:
            return TorchName("torch", "device"), (obj.type,) if obj.index is None else (obj.type, obj.index)
        if cls is layout:
            return GET_LAYOUT, (repr(obj),)
        reduced: Any = cls.__reduce_ex__
        if cls.__module__.startswith("torch.") and reduced is not object.__reduce_ex__:
            # a module of ours, under PyTorch's name: by its class and its attributes
            return with_tables(object.__reduce_ex__(obj, self.proto))
        if "_modules" in getattr(obj, "__dict__", ()) and not isinstance(obj, type):
            return with_tables(obj.__reduce_ex__(self.proto))
        if isinstance(obj, Generator):
            state = wrap(obj.get_state_bytes())
            return GENERATOR, (device("cpu"),), (obj.initial_seed(), None, state)
        return NotImplemented

    def save_global(self, obj: Any, name: str | None = None) -> None:
        known = obj if type(obj) is TorchName else written_name(obj)
        if known is None:
            try:
                super().save_global(obj, name)
            except pickle.PicklingError:
                # Python's pickler in C, which PyTorch uses, has other words
                pickle.dumps(obj, self.proto)
                raise
            return
        if self.proto >= 4:
            self.save(known.module)
            self.save(known.name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{known.module}\n{known.name}\n".encode())
        self.memoize(obj)

    dispatch = {**_Pickler.dispatch, type(written_name): save_global}

    # ---- tensors ---------------------------------------------------------------------------------------------------

    def reduce_tensor(self, t: Any) -> Any:
        """The call that rebuilds a tensor, in the way PyTorch writes it."""
        if getattr(t, "is_sparse", False):
            data = (t._indices(), t._values(), t.size(), t.is_coalesced())
            return REBUILD_SPARSE, (sparse_coo, data)
        own = t.__class__.__reduce_ex__
        if own not in (Tensor.__reduce_ex__, Parameter.__reduce_ex__, object.__reduce_ex__):
            return NotImplemented
        hooks: OrderedDict = OrderedDict()
        state = {key: value for key, value in t.__dict__.items() if key != "_backward_hooks"}
        if isinstance(t, Parameter):
            if state:
                return PARAMETER_WITH_STATE, (t.data, t.requires_grad, hooks, state)
            return PARAMETER, (t.data, t.requires_grad, hooks)
        function, arguments = self.plain_tensor(t, hooks)
        if type(t) is Tensor and not state:
            return function, arguments
        return REBUILD_TYPE, (function, type(t), arguments, state)

    def plain_tensor(self, t: Tensor, hooks: OrderedDict) -> tuple[Any, tuple]:
        requires_grad = current_edge(t) is not None
        kind = t._kind
        if kind.device.type == "meta":
            return REBUILD_META, (kind.dtype, tuple(t.shape), tuple(t.stride()), requires_grad)
        if not kind.local and kind.device.type != "cpu":
            t = t.cpu()
        array = t._array
        storage, offset = self.storage_of(array, kind.dtype)
        if storage is None:
            array = xnp.contiguous(array) if array.base is None else array.copy("C")
            storage, offset = self.storage_of(array, kind.dtype)
        strides = make(array, kind).stride()  # type: ignore[attr-defined]
        if kind.dtype in STORAGE_TYPES:
            return REBUILD_V2, (storage, offset, array.shape, strides, requires_grad, hooks)
        return REBUILD_V3, (storage, offset, array.shape, strides, requires_grad, hooks, kind.dtype)

    def storage_of(self, array: Any, dtype: dtypes.dtype) -> tuple[StorageRef | None, int]:
        """The storage that an array is a view of, and where in it it begins; None where there is none to share."""
        memory = memory_of(array)
        flags, size, offset = memory.flags, array.itemsize, 0
        if not (flags.c_contiguous or flags.f_contiguous):
            return None, 0
        if array is not memory:
            offset = array.ctypes.data - memory.ctypes.data if array.size else 0
            if offset % size or memory.nbytes % size or any(s < 0 or s % size for s in array.strides):
                return None, 0
        found = self.storages.get(id(memory))
        if found is None:
            data = memory.reshape(-1, order="A").view(xnp.np.uint8) if memory.size else xnp.empty(0, dtype=xnp.np.uint8)
            found = self.storages[id(memory)] = StorageRef(str(len(self.storages)), data, dtype, memory)
        elif found.dtype is not dtype:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as different types\n"
                f"  One is {found.dtype}, another {dtype}; save a clone() of one of them."
            )
        return found, offset // size


def _integer(n: int) -> bytes:
    """An integer in the instructions of protocol 2."""
    if 0 <= n < 2**31:
        return struct.pack("<cB", b"K", n) if n < 2**8 else struct.pack("<cH", b"M", n) if n < 2**16 else _FOUR(b"J", n)
    data = pickle.encode_long(n)
    return b"%c%c%b" % (0x8A, len(data), data)


_FOUR = struct.Struct("<ci").pack
# how tuples of 0, 1, 2, 3 and more elements begin and end
_TUPLES = (b")", b"\x85", b"\x86", b"\x87", b"(t")
# what modules of PyTorch always have, and ours when they need it
TABLES = (
    "_backward_pre_hooks", "_backward_hooks", "_forward_hooks", "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called", "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_state_dict_hooks",
    "_state_dict_pre_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip


def with_tables(reduced: Any) -> Any:
    """How a module is made again, with what PyTorch's would miss among its attributes."""
    state = reduced[2] if isinstance(reduced, tuple) and len(reduced) > 2 else None
    if not isinstance(state, dict) or "_parameters" not in state:
        return reduced
    added: dict[str, Any] = {name: OrderedDict() for name in TABLES}
    added["_is_full_backward_hook"] = None
    if "_all_weights" in state:
        names = [name for layer in state["_all_weights"] for name in layer]
        added["_flat_weights_names"] = names
        added["_flat_weights"] = [state["_parameters"][name] for name in names]
    return (*reduced[:2], {**added, **state}, *reduced[3:])


def write_legacy_storage(file: Any, storage: StorageRef) -> None:
    """One storage of the old format: the number of elements, then their bytes."""
    file.write(struct.pack("<q", storage.count))
    file.write(memoryview(storage.bytes))


_PLAIN = (str, int, dict, tuple, list, float, bool, type(None))
_FUNCTION = type(write_legacy_storage)
_NAMED = (dtypes.dtype, StorageType)
