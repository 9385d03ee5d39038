"""Memory: which array owns the bytes that a view looks at, and when those bytes were last written in place.

NumPy already shares memory between views and knows the owner of it, so a tensor needs no storage object of its own:
`owner(array)` is its identity. The version counter that PyTorch keeps in a storage is a table here, from the owner to
the times at which it was written in place. Reading a tensor costs nothing; only writing does. Time is one counter,
`clock`, shared with the nodes of the graph: a value that a node saved was overwritten exactly if its owner was written
after the node was made.
"""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from . import errors

tick: Callable[[], int] = itertools.count(1).__next__

# how many write times are kept for one owner; older ones are only counted
_KEPT = 64


class _Writes:
    """The in-place writes to one owner: how many, and the times of the last ones."""

    __slots__ = ("count", "times", "ref", "by")

    def __init__(self) -> None:
        # the name of the last operation on record that wrote
        self.by = ""
        self.count = 0
        self.times: list[int] = []
        self.ref: Any = None


class Clock:
    """`last_write` is the time of the last in-place write to anything: nodes younger than it need no check."""

    __slots__ = ("last_write",)

    def __init__(self) -> None:
        self.last_write = 0


clock = Clock()
_written: dict[int, _Writes] = {}


class StridedHolder:
    """Lends NumPy an array interface over another array's memory, and keeps that array alive."""

    __slots__ = ("__array_interface__", "owner", "__weakref__")

    def __init__(self, interface: dict[str, Any], owner: np.ndarray) -> None:
        self.__array_interface__ = interface
        self.owner = owner


class SilentHolder:
    """Lends NumPy an array's memory under an identity of its own: what is written through it is counted apart."""

    __slots__ = ("__array_struct__", "array", "__weakref__")

    def __init__(self, array: np.ndarray) -> None:
        self.__array_struct__ = array.__array_struct__
        self.array = array


def owner(array: np.ndarray) -> Any:
    """The array whose writes are counted together with those of `array`: the owner of its memory, but for `silent`."""
    base = array.base
    while base is not None:
        if type(base) is np.ndarray:
            array = base
            base = array.base
        elif isinstance(base, StridedHolder):
            array = base.owner
            base = array.base
        else:
            break
    return array


def memory(array: np.ndarray) -> Any:
    """The array that owns the memory that `array` looks at."""
    found = owner(array)
    # NumPy remembers an object with `__array_struct__` together with that
    while type(found.base) is tuple and type(found.base[0]) is SilentHolder:
        found = owner(found.base[0].array)
    return found


def silent(array: np.ndarray) -> np.ndarray:
    """The same elements in the same memory; the backward pass does not notice what is written through it
    (`Tensor.data`)."""
    native = array.dtype
    if native.isbuiltin == 1:
        return np.asarray(SilentHolder(array))
    # dtypes that the array interface cannot name (bfloat16) travel as integers of the same size
    return np.asarray(SilentHolder(array.view(f"u{native.itemsize}"))).view(native)


def _forget(key: int) -> Callable[[Any], None]:
    def forget(_: Any) -> None:
        _written.pop(key, None)

    return forget


def bump(array: np.ndarray) -> None:
    """Note that the memory of `array` was written in place."""
    counted = owner(array)
    key = id(counted)
    writes = _written.get(key)
    if writes is None:
        writes = _written[key] = _Writes()
        writes.ref = weakref.ref(counted, _forget(key))
    writes.count += 1
    now = clock.last_write = tick()
    writes.times.append(now)
    if len(writes.times) > _KEPT:
        del writes.times[0]


def sign(array: Any, name: str) -> None:
    """Note the name of the operation that wrote to the memory of `array` last."""
    writes = _written.get(id(owner(array))) if isinstance(array, np.ndarray) else None
    if writes is not None:
        writes.by = name


def writer(array: np.ndarray) -> str:
    """The name of the operation on record that wrote to the memory of `array` last, or the empty string."""
    writes = _written.get(id(owner(array)))
    return "" if writes is None else writes.by


def version(array: Any) -> int:
    """How often the memory of `array` was written in place."""
    known = isinstance(array, np.ndarray) or hasattr(array, "memory")
    writes = _written.get(id(owner(array))) if known else None
    return 0 if writes is None else writes.count


def written_since(array: Any, time: int) -> tuple[int, int] | None:
    """None, or (version now, version at `time`) where the memory of `array` was written after `time`."""
    if not isinstance(array, np.ndarray) and not hasattr(array, "memory"):
        return None
    writes = _written.get(id(owner(array)))
    if writes is None or writes.times[-1] <= time:
        return None
    return writes.count, writes.count - sum(t > time for t in writes.times)


def succeed(old: np.ndarray, new: np.ndarray) -> None:
    """Let the writes to one owner of memory count as those to another, which takes its place."""
    writes = _written.pop(id(old), None)
    if writes is not None:
        writes.ref = weakref.ref(new, _forget(id(new)))
        _written[id(new)] = writes


def is_shared(array: np.ndarray) -> bool:
    """Whether other processes can see the memory of `array`: whether it was moved there by `share_memory_`."""
    return getattr(getattr(memory(array).base, "obj", None), "is_shared", False)


def anonymous_file(label: str, size: int) -> int:
    """The handle of a file without a name: in memory where the system has that, or else on disk.

    Processes that map it see the same memory, which is gone with the last mapping. label: what `/proc` shows.
    """
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create(label, os.MFD_CLOEXEC)
    else:
        import tempfile

        handle, path = tempfile.mkstemp(label)
        os.unlink(path)
    try:
        os.ftruncate(handle, size)
    except BaseException:
        os.close(handle)
        raise
    return handle


def strided_array(array: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> np.ndarray:
    """A writable view of the memory of `array`: strides and offset are in bytes, the offset from the array's start.

    The caller has checked that the view lies inside the memory.
    """
    interface = dict(array.__array_interface__)
    address, _ = interface["data"]
    interface.update(
        shape=shape, strides=strides, data=(address + offset, not array.flags.writeable), descr=None, typestr=None
    )
    # dtypes that the array interface cannot name (bfloat16) travel as integers of the same size
    native = array.dtype
    carrier = native if native.isbuiltin == 1 else np.dtype(f"u{native.itemsize}")
    interface["typestr"] = carrier.str
    interface.pop("descr")
    view = np.asarray(StridedHolder(interface, owner(array)))
    return view if carrier is native else view.view(native)


def writable(array: np.ndarray) -> np.ndarray:
    """The array, or a view of its memory that may be written where it was marked as read-only."""
    if array.flags.writeable:
        return array
    interface = dict(array.__array_interface__)
    interface["data"] = (interface["data"][0], False)
    return np.asarray(StridedHolder(interface, array))


def memory_bounds(array: np.ndarray) -> tuple[int, int]:
    """The address and the size in bytes of the memory that `array` is a view of."""
    whole = memory(array)
    return whole.__array_interface__["data"][0] if whole.dtype.isbuiltin == 1 else whole.ctypes.data, whole.nbytes


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 40


_LIMIT = _physical_memory()


def check_size(shape: tuple[int, ...], itemsize: int) -> None:
    """Refuse an array that is larger than the memory of this machine: filling it would only swap."""
    total = itemsize
    for n in shape:
        total *= n
    if total > _LIMIT:
        raise errors.too_large(f"you tried to allocate {total} bytes. Error code 12 (Cannot allocate memory)")


# ---- order of the axes in memory -------------------------------------------------------------------------------------


class memory_format:
    """How the axes of a tensor lie in memory: row by row, or with the channels innermost."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return (_format_by_name, (self.name,))


memory_format.__module__ = "torch"
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
_FORMATS = {f.name: f for f in (contiguous_format, preserve_format, channels_last, channels_last_3d)}


def _format_by_name(name: str) -> memory_format:
    return _FORMATS[name]


def in_format(array: Any, format: memory_format | None) -> bool:
    """Whether an array lies in memory in a format."""
    if format is channels_last or format is channels_last_3d:
        ndim = 4 if format is channels_last else 5
        return array.ndim == ndim and array.transpose(0, *range(2, ndim), 1).flags.c_contiguous
    return array.flags.c_contiguous


def to_format(array: np.ndarray, format: memory_format | None) -> np.ndarray:
    """A copy of an array in a format. Raises RuntimeError where it has not the number of axes for it."""
    if format is None or format is preserve_format:
        return array.copy("C" if 0 in array.strides else "K")
    if format is channels_last or format is channels_last_3d:
        ndim = 4 if format is channels_last else 5
        if array.ndim != ndim:
            raise RuntimeError(f"required rank {ndim} tensor to use {format.name} format")
        return array.transpose(0, *range(2, ndim), 1).copy("C").transpose(0, ndim - 1, *range(1, ndim - 1))
    return array.copy("C")


_LAYOUTS: dict[str, layout] = {}


def _layout_by_name(name: str) -> layout:
    return _LAYOUTS[name]


class layout:
    """How a tensor's elements are kept: `strided` (dense), or one of the sparse layouts."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
        _LAYOUTS[name] = self

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return (_layout_by_name, (self.name,))


layout.__module__ = "torch"
strided = layout("strided")
sparse_coo = layout("sparse_coo")
sparse_csr = layout("sparse_csr")
sparse_csc = layout("sparse_csc")
sparse_bsr = layout("sparse_bsr")
sparse_bsc = layout("sparse_bsc")
jagged = layout("jagged")
