"""Settings of `save` and `load`, and what `map_location` functions are given."""

from __future__ import annotations

import sys
from enum import Enum
from typing import Any

from ..device import CPU, META, device
from ..tensor import functions as fn
from ..tensor.tensor import Tensor, wrap
from .rebuild import Memory


class LoadEndianness(Enum):
    """The byte order to assume in files that do not say theirs."""

    NATIVE = 1
    LITTLE = 2
    BIG = 3


class Defaults:
    """What the functions below set."""

    endianness: LoadEndianness | None = None
    crc32 = True
    mmap = False
    mmap_flags: int | None = None
    skip_data = False


defaults = Defaults()


def get_default_load_endianness() -> LoadEndianness | None:
    """The byte order of files that do not say theirs; None means this machine's."""
    return defaults.endianness


def set_default_load_endianness(endianness: LoadEndianness | None) -> None:
    """Choose the byte order of files that do not say theirs."""
    if not isinstance(endianness, LoadEndianness) and endianness is not None:
        raise TypeError("Invalid argument type in function set_default_load_endianness")
    defaults.endianness = endianness


def assumed_byte_order() -> str:
    """The byte order of a file that does not say its own."""
    if defaults.endianness in (None, LoadEndianness.NATIVE):
        return sys.byteorder
    return "little" if defaults.endianness is LoadEndianness.LITTLE else "big"


def get_crc32_options() -> bool:
    """Whether checksums are compared when files are read."""
    return defaults.crc32


def set_crc32_options(compute_crc32: bool) -> None:
    """Choose whether checksums are compared when files are read. Files always have them."""
    defaults.crc32 = compute_crc32


def get_default_mmap_options() -> int | None:
    """The flags with which files are mapped into memory."""
    if defaults.mmap_flags is None:
        import mmap

        return getattr(mmap, "MAP_PRIVATE", None)
    return defaults.mmap_flags


class set_default_mmap_options:
    """Choose how `load(mmap=True)` maps files: `mmap.MAP_PRIVATE` or `mmap.MAP_SHARED`. Works as a block too."""

    def __init__(self, flags: int) -> None:
        import mmap

        if sys.platform == "win32":
            raise RuntimeError("Changing the default mmap options is currently not supported for Windows")
        if flags not in (mmap.MAP_PRIVATE, mmap.MAP_SHARED):
            raise ValueError(
                f"Invalid argument in function set_default_mmap_options, expected mmap.MAP_PRIVATE or mmap.MAP_SHARED, "
                f"but got {flags}"
            )
        self.before = defaults.mmap_flags
        defaults.mmap_flags = flags

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        defaults.mmap_flags = self.before


class skip_data:
    """A block in which `save` leaves room for the values of tensors, and `load` makes tensors of undefined values."""

    def __init__(self, materialize_fake_tensors: bool = False) -> None:
        self.materialize_fake_tensors = materialize_fake_tensors

    def __enter__(self) -> None:
        self.before = defaults.skip_data
        defaults.skip_data = True

    def __exit__(self, *error: object) -> None:
        defaults.skip_data = self.before


# ---- storages as `map_location` functions see them -------------------------------------------------------------------


class FileStorage:
    """A storage that is being read: a `map_location` function returns it, or where it should go."""

    def __init__(self, memory: Memory, where: device = CPU) -> None:
        self._memory = memory
        self.device = where

    def nbytes(self) -> int:
        """The size in bytes."""
        return self._memory.bytes.nbytes

    def __len__(self) -> int:
        return self.nbytes()

    def cpu(self) -> FileStorage:
        """The storage, on the CPU."""
        return FileStorage(self._memory, CPU)

    def to(self, *, device: Any, non_blocking: bool = False) -> FileStorage:
        """The storage, on a device."""
        return FileStorage(self._memory, fn.empty(0, device=device).device)

    def cuda(self, device: Any = None, non_blocking: bool = False) -> FileStorage:
        """The storage, on a GPU."""
        return self.to(device="cuda" if device is None else f"cuda:{device}")


def storage_object(memory: Memory) -> Any:
    """What a `map_location` function gets."""
    if hasattr(Tensor, "untyped_storage"):
        found = wrap(memory.bytes).untyped_storage()
        if hasattr(found, "device"):
            return found
    return FileStorage(memory)


def device_of_storage(answer: Any) -> device:
    """The device of what a `map_location` function returned."""
    where = getattr(answer, "device", None)
    if not isinstance(where, device):
        raise RuntimeError(
            f"map_location returned {type(answer).__name__}\n  It must return the storage, moved or not, or None."
        )
    return where


def known_device(location: str) -> device:
    """The device of a location in a file. Raises RuntimeError for one that is not here."""
    name = location.partition(":")[0]
    if name == "cpu":
        return CPU
    if name == "meta":
        return META
    if name == "cuda":
        raise RuntimeError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
            "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your "
            "storages to the CPU."
        )
    raise RuntimeError(
        f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {location})"
    )
