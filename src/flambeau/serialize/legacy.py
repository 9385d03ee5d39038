"""The format before zip archives: pickles one after the other, then the bytes of the storages."""

from __future__ import annotations

import pickle
import struct
import sys
from collections.abc import Callable
from typing import Any

from ..xp import numpy as xnp
from .archive import _read_into
from .names import StorageType
from .rebuild import Memory
from .writing import Pickler, write_legacy_storage

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001


def write(obj: Any, file: Any, protocol: int) -> None:
    """Write an object in this format."""
    sizes = {"short": struct.calcsize("=h"), "int": struct.calcsize("=i"), "long": struct.calcsize("=l")}
    about = {"protocol_version": PROTOCOL_VERSION, "little_endian": sys.byteorder == "little", "type_sizes": sizes}
    for head in (MAGIC_NUMBER, PROTOCOL_VERSION, about):
        pickle.dump(head, file, protocol=protocol)
    pickler = Pickler(file, protocol, legacy=True)
    pickler.dump(obj)
    storages = sorted(pickler.storages.values(), key=lambda storage: storage.key)
    pickle.dump([storage.key for storage in storages], file, protocol=protocol)
    for storage in storages:
        write_legacy_storage(file, storage)


def read(file: Any, unpickler: Callable, restore: Callable) -> Any:
    """Read an object in this format. unpickler: makes one for a file and a function that finds storages."""
    if _head(file, unpickler) != MAGIC_NUMBER:
        raise RuntimeError("Invalid magic number; corrupt file?")
    version = _head(file, unpickler)
    if version != PROTOCOL_VERSION:
        raise RuntimeError(f"Invalid protocol version: {version if type(version) is int else type(version)}")
    _head(file, unpickler)
    left = _length(file)
    storages: dict[Any, Memory] = {}

    def load_storage(pid: tuple) -> Any:
        nonlocal left
        if pid[0] in ("module", b"module"):
            return pid[1]
        _check_id(pid)
        _, kind, key, location, count, view = pid
        if key not in storages:
            size = count * _width(kind)
            left -= size
            if left < 0:
                raise _too_short(-left)
            # the bytes come after the pickle
            storages[key] = restore(xnp.empty(size, dtype=xnp.np.uint8), kind, location)
        whole = storages[key]
        if view is None:
            return whole
        view_key, offset, elements = view
        if (view_key, offset, elements) not in views:
            start, end = offset * _width(kind), (offset + elements) * _width(kind)
            if end > whole.bytes.size:
                raise pickle.UnpicklingError("a part of a storage of the file reaches outside it; the file is damaged")
            views[view_key, offset, elements] = Memory(whole.bytes[start:end], whole.dtype, whole.device)
        return views[view_key, offset, elements]

    views: dict[Any, Memory] = {}
    result = unpickler(file, load_storage).load()
    _fill_all(storages, _head(file, unpickler), file)
    return result


def _check_id(pid: tuple) -> None:
    """Raise UnpicklingError where a storage is not described as one."""
    texts = (str, bytes)
    good = len(pid) == 6 and type(pid[1]) is StorageType and type(pid[2]) in (*texts, int) and type(pid[3]) in texts
    good = good and type(pid[4]) is int and pid[4] >= 0
    if good and pid[5] is not None:
        view = pid[5]
        good = type(view) is tuple and len(view) == 3 and type(view[0]) in (*texts, int)
        good = good and all(type(n) is int and n >= 0 for n in view[1:])
    if not good:
        raise pickle.UnpicklingError("a storage of the file is not described as one; the file is damaged")


def _fill_all(storages: dict[Any, Memory], keys: Any, file: Any) -> None:
    """Read the bytes of all storages, in the order that the file says."""
    if type(keys) is not list or any(type(key) not in (str, bytes, int) for key in keys):
        raise RuntimeError("the list of storages is none\n  The file is damaged.")
    filled = set()
    for key in keys:
        if key not in storages or key in filled:
            raise RuntimeError(f"storage key {key!r} not found in deserialized_objects")
        _fill(storages[key], file)
        filled.add(key)
    missing = [key for key in storages if key not in filled]
    if missing:
        # their tensors would show whatever is in memory
        raise RuntimeError(f"the file has no numbers for storage {missing[0]!r}\n  The file is damaged.")


def _head(file: Any, unpickler: Callable) -> Any:
    return unpickler(file, lambda pid: None).load()


def _width(kind: StorageType) -> int:
    return 1 if kind.dtype is None else kind.dtype.itemsize


def _length(file: Any) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end


def _fill(memory: Memory, file: Any) -> None:
    """Read the bytes of one storage into its place."""
    head = file.read(8)
    if len(head) != 8:
        raise _too_short(8 - len(head))
    (count,) = struct.unpack("<q", head)
    width = 1 if memory.dtype is None else memory.dtype.itemsize
    if count * width != memory.bytes.size:
        raise RuntimeError(
            f"storage has wrong byte size: expected {memory.bytes.size} got {count * width}. The file might be "
            "corrupted."
        )
    done = _read_into(file, memory.bytes)
    if done != memory.bytes.size:
        raise _too_short(memory.bytes.size - done)


def _too_short(missing: int) -> RuntimeError:
    return RuntimeError(f"unexpected EOF, expected {missing} more bytes. The file might be corrupted.")
