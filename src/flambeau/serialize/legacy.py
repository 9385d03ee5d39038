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
        raise RuntimeError(f"Invalid protocol version: {version}")
    _head(file, unpickler)
    length = _length(file)
    storages: dict[Any, Memory] = {}
    views: dict[Any, Memory] = {}

    def load_storage(pid: tuple) -> Any:
        if pid[0] in ("module", b"module"):
            return pid[1]
        if len(pid) != 6 or type(pid[1]) is not StorageType or type(pid[4]) is not int or pid[4] < 0:
            raise pickle.UnpicklingError("a storage of the file is not described as one; the file is damaged")
        _, kind, key, location, count, view = pid
        size = count * _width(kind)
        if key not in storages:
            if size > length:
                raise _too_short(size - length)
            # the bytes come after the pickle
            storages[key] = restore(xnp.empty(size, dtype=xnp.np.uint8), kind, location)
        whole = storages[key]
        if view is None:
            return whole
        view_key, offset, elements = view
        if view_key not in views:
            start = offset * _width(kind)
            part = whole.bytes[start : start + elements * _width(kind)]
            views[view_key] = Memory(part, whole.dtype, whole.device)
        return views[view_key]

    result = unpickler(file, load_storage).load()
    for key in _head(file, unpickler):
        if key not in storages:
            raise RuntimeError(f"storage key {key!r} not found in deserialized_objects")
        _fill(storages[key], file)
    return result


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
