"""`save` and `load`: PyTorch's file format, in both directions."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ..device import as_device, device
from ..xp import numpy as xnp
from . import legacy, options, packages
from .archive import Reader, Writer, looks_like_zip
from .names import SAFE, StorageType
from .rebuild import Memory
from .safe import USER, SafeUnpickler, TrustingUnpickler, names_in_pickle
from .whole import written_whole
from .writing import Pickler

DEFAULT_PROTOCOL = 2
_VERSION = b"3\n"


# ---- writing ---------------------------------------------------------------------------------------------------------


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write an object to a file that `load`, here or in PyTorch, reads.

    f: a path, or a file object to write bytes to. Storages that tensors share are written once. A file at a path is
    replaced only when the new one is complete. Raises RuntimeError where its folder does not exist.

    >>> buffer = io.BytesIO()
    >>> torch.save({"weight": torch.ones(2)}, buffer)
    >>> _ = buffer.seek(0)
    >>> torch.load(buffer)
    {'weight': tensor([1., 1.])}
    """
    if not isinstance(f, (str, os.PathLike)) and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    if isinstance(pickle_protocol, bool) or not 2 <= pickle_protocol <= pickle.HIGHEST_PROTOCOL:
        raise ValueError(f"pickle_protocol must be from 2 to {pickle.HIGHEST_PROTOCOL}, but got {pickle_protocol}")
    with _opened_to_write(f) as (file, name):
        if _use_new_zipfile_serialization:
            write_archive(obj, file, name, pickle_protocol, not _disable_byteorder_record)
        else:
            legacy.write(obj, file, pickle_protocol)


def write_archive(obj: Any, file: Any, name: str, protocol: int, with_byteorder: bool) -> None:
    """The pickle, then the bytes of each storage, as records of a zip archive."""
    pickled = io.BytesIO()
    pickler = Pickler(pickled, protocol)
    pickler.dump(obj)
    with Writer(file, name) as writer:
        writer.write("data.pkl", pickled.getvalue())
        writer.write(".format_version", b"1")
        writer.write(".storage_alignment", b"64")
        if with_byteorder:
            writer.write("byteorder", sys.byteorder.encode())
        for storage in pickler.storages.values():
            # its place in the file, for somebody who fills it later
            blank = xnp.zeros(len(storage.bytes), xnp.uint8) if options.defaults.skip_data else None
            writer.write(f"data/{storage.key}", storage.bytes if blank is None else blank)
        writer.write("version", _VERSION)


@contextlib.contextmanager
def _opened_to_write(f: Any) -> Iterator[tuple[Any, str]]:
    """A file to write, and the name of the folder in it. At a path, the file appears when it is complete."""
    if hasattr(f, "write"):
        yield f, "archive"
        return
    path = os.path.realpath(f)
    folder, base = os.path.split(path)
    if not os.path.isdir(folder):
        raise RuntimeError(f"Parent directory {os.path.dirname(os.fspath(f))} does not exist.")
    name = os.path.splitext(base)[0] or "archive"
    if os.path.exists(path) and not os.path.isfile(path) or not os.access(folder, os.W_OK):
        # a device, or a folder in which no second file can be made
        with open(path, "wb") as file:
            yield file, name
        return
    with written_whole(path) as file:
        yield file, name


# ---- reading ---------------------------------------------------------------------------------------------------------


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read what `save` wrote, here or in PyTorch.

    f: a path, or a file object to read bytes from and to seek in. map_location: where tensors go: a device, a function
    of storage and location, or a dict of locations. weights_only: load nothing but tensors, plain data and what
    `add_safe_globals` allows; False runs whatever the file says. mmap: leave tensors in the file until they are used,
    their checksums unread. Raises UnpicklingError for what is not allowed, RuntimeError or EOFError for damaged files.
    """
    if weights_only is None:
        weights_only = pickle_module is None
    elif weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    mmap = options.defaults.mmap if mmap is None else mmap
    if mmap and not isinstance(f, (str, os.PathLike)):
        raise ValueError("f must be a file path in order to use the mmap argument")
    with _opened_to_read(f) as file:
        read = _Reading(map_location, weights_only, pickle_load_args)
        try:
            if looks_like_zip(file):
                return read.archive(file, f if mmap else None)
            if mmap:
                path = f"{f}, " if isinstance(f, str) else ""
                raise RuntimeError(
                    f"mmap can only be used with files saved with `torch.save({path}"
                    "_use_new_zipfile_serialization=True), please torch.save your checkpoint with this option in order "
                    "to use mmap."
                )
            return legacy.read(file, read.unpickler, read.restore)
        except pickle.UnpicklingError as error:
            if weights_only:
                raise pickle.UnpicklingError(refused(str(error)) + _in_file(f)) from None
            raise
        except (RuntimeError, EOFError, ValueError) as error:
            if (
                error is not read.outside
                and type(error) in (RuntimeError, EOFError, ValueError)
                and len(error.args) < 2
            ):
                error.args = (f"{error or 'the file ends too early'}{_in_file(f)}",)
            raise


def _in_file(f: Any) -> str:
    """The lines of an error that say which file it is about."""
    name = repr(os.fspath(f)) if isinstance(f, (str, os.PathLike)) else f"a {type(f).__name__}"
    return (
        f"\n  in {name}\n  `flambeau inspect FILE` lists what a file holds, without loading it. A damaged one must be"
        " saved, or fetched, again."
    )


def refused(reason: str) -> str:
    """What PyTorch says when a file holds more than weights: how to allow a name, where one is not allowed."""
    again = (
        "In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` from `False` to "
        "`True`. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can result in "
        "arbitrary code execution. Do it only if you got the file from a trusted source.\n"
    )
    if " was not an allowed global by default" in reason:
        text = (
            "This file can still be loaded, to do so you have two options, \033[1mdo those steps only if you trust the "
            f"source of the checkpoint\033[0m. \n\t(1) {again}\t(2) Alternatively, to load with `weights_only=True` "
            f"please check the recommended steps in the following error message.\n\tWeightsUnpickler error: {reason}"
        )
    else:
        text = f"{again}  The file holds more than weights, or is damaged: WeightsUnpickler error: {reason}"
    return (
        f"Weights only load failed. {text}\n\nCheck the documentation of torch.load to learn more about types accepted "
        "by default with weights_only https://pytorch.org/docs/stable/generated/torch.load.html."
    )


@contextlib.contextmanager
def _opened_to_read(f: Any) -> Iterator[Any]:
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            yield file
        return
    for needed in ("seek", "tell", "read"):
        if not hasattr(f, needed):
            raise AttributeError(
                f"'{type(f).__name__}' object has no attribute '{needed}'. You can only torch.load from a file that is "
                "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
    yield f


class _Reading:
    """What stays the same while one file is read."""

    def __init__(self, map_location: Any, weights_only: bool, arguments: dict[str, Any]) -> None:
        self.map_location = map_location
        self.weights_only = weights_only
        self.arguments = arguments
        # an error of what the user passed, which is none of the file
        self.outside: Exception | None = None

    def unpickler(self, file: Any, persistent_load: Callable) -> Any:
        """The unpickler that the user chose."""
        if self.weights_only:
            return SafeUnpickler(file, persistent_load, self.arguments.get("encoding", "utf-8"))
        return TrustingUnpickler(file, persistent_load, **self.arguments)

    def archive(self, file: Any, path: Any) -> Any:
        """The object in a zip archive. With a path, storages are mapped from the file there."""
        reader = Reader(file)
        if reader.has("constants.pkl"):
            raise RuntimeError(
                "Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``\n"
                "  The file holds a TorchScript program, which Flambeau does not run."
            )
        order = reader.read("byteorder").decode("latin1") if reader.has("byteorder") else options.assumed_byte_order()
        if order not in ("little", "big"):
            raise ValueError(f"Unknown endianness type: {order}")
        swapped = order != sys.byteorder
        mapped = _mapped(path) if path is not None else None
        storages: dict[str, Memory] = {}

        def load_storage(pid: tuple) -> Memory:
            kind, key, location, count = _checked_id(pid)
            found = storages.get(key)
            if found is None:
                size = count * (kind.dtype.itemsize if kind.dtype is not None else 1)
                if options.defaults.skip_data:
                    data = reader.empty_array(f"data/{key}", size)
                elif mapped is not None:
                    data = _part(mapped, *reader.location(f"data/{key}"), size)
                else:
                    data = reader.read_array(f"data/{key}", size, options.defaults.crc32)
                if swapped and kind.dtype is not None:
                    data = _byteswapped(data, kind.dtype)
                found = storages[key] = self.restore(data, kind, location)
            return found

        return self.unpickler(io.BytesIO(reader.read("data.pkl")), load_storage).load()

    def restore(self, data: Any, kind: StorageType, location: Any) -> Memory:
        """A storage where `map_location` says that it goes."""
        memory = Memory(data, kind.dtype)
        memory.device = self.destination(memory, location.decode() if isinstance(location, bytes) else location)
        return memory

    def destination(self, memory: Memory, location: str) -> device:
        asked = self.map_location
        if callable(asked) and not isinstance(asked, device):
            try:
                answer = asked(options.storage_object(memory), location)
            except Exception as error:
                self.outside = error
                raise
            if answer is None:
                return self.registered(memory, location)
            return options.device_of_storage(answer)
        if isinstance(asked, dict):
            location = asked.get(location, location)
        elif asked is not None:
            location = str(as_device(asked)) if isinstance(asked, device) else asked
        return self.registered(memory, str(location))

    def registered(self, memory: Memory, location: str) -> device:
        """The device of a location, after what `register_package` was told."""
        if packages.REGISTRY:
            storage = packages.default_restore_location(options.storage_object(memory), location)
            return options.device_of_storage(storage)
        return options.known_device(location)


def _checked_id(pid: tuple) -> tuple[StorageType, str, Any, int]:
    """The parts of a storage's name in the pickle."""
    texts = (str, bytes)
    if len(pid) < 5 or type(pid[1]) is not StorageType or type(pid[2]) not in texts or type(pid[3]) not in texts:
        raise pickle.UnpicklingError("a storage of the file is not described as one; the file is damaged")
    _, kind, key, location, count = pid[:5]
    if type(count) is not int or count < 0:
        raise pickle.UnpicklingError("a storage of the file has no length; the file is damaged")
    return kind, key.decode() if isinstance(key, bytes) else key, location, count


def _mapped(path: Any) -> Any:
    """The bytes of a file as an array, read when they are used. What is written into it does not reach the file."""
    import mmap

    with open(path, "rb") as file:
        shared = options.defaults.mmap_flags == getattr(mmap, "MAP_SHARED", None)
        access = mmap.ACCESS_READ if shared else mmap.ACCESS_COPY
        return xnp.np.frombuffer(mmap.mmap(file.fileno(), 0, access=access), dtype=xnp.np.uint8)


def _part(mapped: Any, start: int, found: int, size: int) -> Any:
    if found != size or start + size > mapped.size:
        raise RuntimeError(
            f"record size ({found} bytes) does not match expected size ({size} bytes = {size} elements * 1 "
            "bytes/element) for dtype Byte"
        )
    # an array of its own, so that each storage has its own owner
    return xnp.np.frombuffer(memoryview(mapped)[start : start + size], dtype=xnp.np.uint8)


def _byteswapped(data: Any, dtype: Any) -> Any:
    width = dtype.itemsize // 2 if dtype.is_complex else dtype.itemsize
    if width == 1:
        return data
    words = xnp.np.array(data).view(f"u{width}")
    return words.byteswap().view(xnp.np.uint8)


# ---- what a file would need ------------------------------------------------------------------------------------------


def get_unsafe_globals_in_checkpoint(f: Any) -> list[str]:
    """The full names of the classes and functions in a file that `load` refuses with `weights_only=True`.

    Nothing of the file is run. Raises ValueError for what is no file of `save`.
    """
    with _opened_to_read(f) as file:
        if not looks_like_zip(file):
            raise ValueError("Expected input to be a checkpoint returned by torch.save")
        reader = Reader(file)
        if reader.has("constants.pkl"):
            raise ValueError(
                "Expected input to be a checkpoint returned by torch.save but got a torchscript checkpoint"
            )
        return [name for name in names_in_pickle(reader.read("data.pkl")) if name not in SAFE and name not in USER]
