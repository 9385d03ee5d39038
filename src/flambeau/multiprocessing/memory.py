"""Memory that several processes see: files without a name, mapped by each process that uses them.

A segment is one such file. Large pieces of memory have a segment each; small ones lie together in segments, since a
process may have only so many files open. Whichever process dies when, the memory is gone with its last mapping.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
from multiprocessing import context, reduction, resource_sharer
from typing import Any
from weakref import WeakValueDictionary

from ..storage import anonymous_file
from ..xp import numpy as xnp

CAN_SHARE = hasattr(os, "register_at_fork")
ALIGNMENT = 64
# pieces up to this size lie together, in segments of that size
SMALL = 2**15
TOGETHER = 2**18
# the mapping need not keep a handle of its own, where Python can be told so
_OPTIONS: dict[str, Any] = {"trackfd": False} if sys.version_info >= (3, 13) else {}


class Segment(mmap.mmap):
    """A mapped file, its handle, and a name that is the same in all processes."""

    is_shared = True
    token: bytes
    handle: int
    used: int

    def __new__(cls, token: bytes, handle: int, size: int) -> Segment:
        try:
            self = super().__new__(cls, handle, size, **_OPTIONS)
        except BaseException:
            os.close(handle)
            raise
        self.token, self.handle, self.used = token, handle, 0
        return self

    def __del__(self, close: Any = os.close) -> None:
        close(self.handle)


class _Here:
    """The shared memory of this process: segments by their token, and the arrays of bytes that tensors view."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.segments: WeakValueDictionary[bytes, Segment] = WeakValueDictionary()
        self.pieces: WeakValueDictionary[tuple[bytes, int], Any] = WeakValueDictionary()
        # the segment that small pieces are taken from, while it is used
        self.common = b""

    def after_fork(self) -> None:
        """Two processes must not take pieces from one segment, nor may a lock stay closed for ever."""
        self.lock = threading.RLock()
        self.common = b""


here = _Here()
if CAN_SHARE:
    os.register_at_fork(after_in_child=here.after_fork)


def allocate(size: int, together: bool) -> Any:
    """Shared memory, as an array of bytes. together: whether small pieces may lie in one segment.

    Raises RuntimeError where the system has no such memory, or this process may open no more files.
    """
    if not CAN_SHARE:
        raise RuntimeError(
            "tensors cannot be shared between processes on this system\n"
            "  What is sent through queues and pipes is copied."
        )
    with here.lock:
        if not together or size > SMALL:
            return _piece(_new_segment(size), 0, size)
        segment = here.segments.get(here.common)
        if segment is None or segment.used + size > TOGETHER:
            segment = _new_segment(TOGETHER)
            here.common = segment.token
        start = segment.used
        segment.used += -(-size // ALIGNMENT) * ALIGNMENT
        return _piece(segment, start, size)


def _new_segment(size: int) -> Segment:
    try:
        segment = Segment(os.urandom(16), anonymous_file("flambeau_shared", size), size)
    except OSError as error:
        raise RuntimeError(
            f"unable to make shared memory of {size} bytes: {error.strerror} ({error.errno})\n"
            "  Each large tensor that is shared is an open file: raise the limit (ulimit -n), or share fewer."
        ) from error
    here.segments[segment.token] = segment
    return segment


def _piece(segment: Segment, start: int, size: int) -> Any:
    """A part of a segment: the same array as long as something views it."""
    key = segment.token, start
    piece = here.pieces.get(key)
    if piece is None:
        piece = here.pieces[key] = xnp.frombuffer(segment, xnp.uint8, size, start)
    return piece


# ---- on the way to another process -----------------------------------------------------------------------------------


def sent(piece: Any) -> tuple:
    """What `received` in another process makes the same memory of. Only for messages of multiprocessing."""
    segment = piece.base.obj
    start = xnp.address(piece) - xnp.address(xnp.frombuffer(segment, xnp.uint8))
    return segment.token, len(segment), start, piece.size, _handle(segment)


def _handle(segment: Segment) -> Any:
    popen: Any = context.get_spawning_popen()
    if popen is None:
        return reduction.DupFd(segment.handle)
    # a process that starts is given each file once, and the file must be open until it is
    given = popen.__dict__.setdefault("_segments", {})
    if segment.token not in given:
        given[segment.token] = reduction.DupFd(segment.handle), segment
    return given[segment.token][0]


def received(token: bytes, length: int, start: int, size: int, handle: Any) -> Any:
    """The memory that another process sent, as an array of bytes."""
    with here.lock:
        segment = here.segments.get(token)
        # what this process inherited has one handle for all its pieces; each message brings another
        if segment is not None and isinstance(handle, resource_sharer.DupFd):
            os.close(handle.detach())
        elif segment is None:
            file = handle.detach()
            os.set_inheritable(file, False)
            segment = here.segments[token] = Segment(token, file, length)
        return _piece(segment, start, size)
