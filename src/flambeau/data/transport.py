"""Batches on their way from a worker process: one small message each, with the arrays in memory that is shared.

Between the processes lies one pair of sockets. A message is a head of fixed size, a pickle that describes the rest, and
what is too small to share. Where memory cannot be shared, everything goes through the socket.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import weakref
from _thread import get_ident
from collections import deque
from collections.abc import Iterator
from typing import Any

from ..tensor.tensor import KINDS, Parameter, Tensor, make, set_requires_grad
from ..xp import numpy as xnp
from .shared import ALIGNMENT, CAN_SHARE, Mirror, Segments, address_of

# a message with less than this goes through the socket whole: a new segment costs some 30 µs
SHARED_FROM = 32768
# arrays of less than this are part of the pickle
BESIDE_FROM = 1024
# handles that one message can carry
MOST_HANDLES = 64
READ_AT_ONCE = 65536

# bytes of the message after this, bytes of its description, handles
_HEAD = struct.Struct("<QIB")

# dtypes are pickled by name, so that a worker need not find them under PyTorch's
KIND_OF_NAME = {kind.dtype.name: kind for kind in KINDS.values()}


# ---- sockets ---------------------------------------------------------------------------------------------------------


class Channel:
    """One end of a pair of sockets: that of the main process, which never waits, or that of a worker, which does."""

    def __init__(self, sock: Any, waits: bool = False) -> None:
        self.socket = sock
        sock.setblocking(waits)
        # while this thread starts the process that inherits it
        self.heir_of: int | None = None
        self.unsent = bytearray()
        self._read = bytearray()
        self._handles: deque[int] = deque()
        _open.add(self)

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()
        while self._handles:
            os.close(self._handles.popleft())

    def send(self, data: bytes = b"") -> None:
        """Send a task, or what is left of others, as far as the socket has room; `unsent` is the rest."""
        if data:
            self.unsent += _HEAD.pack(len(data), 0, 0) + data
        try:
            while self.unsent:
                del self.unsent[: self.socket.send(self.unsent)]
        except BlockingIOError:
            pass

    def send_batch(self, description: bytes, parts: list[Any], handles: list[int]) -> None:
        """Send a batch, and wait until it is sent."""
        size = len(description) + sum([len(part) for part in parts])
        data = b"".join([_HEAD.pack(size, len(description), len(handles)), description, *parts])
        sent = 0
        if handles:
            import socket

            rights = struct.pack(f"{len(handles)}i", *handles)
            sent = self.socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        if sent < len(data):
            self.socket.sendall(memoryview(data)[sent:])

    def messages(self) -> Iterator[tuple[memoryview, memoryview, list[int]]]:
        """(description, rest, handles) of each message that is here. Raises EOFError where the other end is closed."""
        self._fill()
        while len(self._read) >= _HEAD.size:
            size, first, handles = _HEAD.unpack_from(self._read)
            end = _HEAD.size + size
            if len(self._read) < end:
                return
            # bytes, which nothing changes: the rest may be referred to for long
            body = memoryview(bytes(memoryview(self._read)[_HEAD.size : end]))
            del self._read[:end]
            yield body[:first], body[first:], [self._handles.popleft() for _ in range(handles)]

    def _fill(self) -> None:
        """Read what is there; where the socket waits, for something to be there."""
        try:
            if CAN_SHARE:
                self._read += self._receive_with_handles()
            else:
                data = self.socket.recv(READ_AT_ONCE)
                if not data:
                    raise EOFError
                self._read += data
        except BlockingIOError:
            pass

    def _receive_with_handles(self) -> bytes:
        import socket

        data, rights, flags, _ = self.socket.recvmsg(
            READ_AT_ONCE, socket.CMSG_SPACE(4 * MOST_HANDLES), socket.MSG_CMSG_CLOEXEC
        )
        for level, kind, sent in rights:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._handles.extend(struct.unpack(f"{len(sent) // 4}i", sent))
        if flags & socket.MSG_CTRUNC:
            raise OSError(
                "a worker sent shared memory, but this process may open no more files\n"
                "  Raise the limit (ulimit -n), or use fewer workers."
            )
        if not data:
            raise EOFError
        return data


# every open end, which a forked process must not keep: then the other end would never see this one closed
_open: weakref.WeakSet[Channel] = weakref.WeakSet()


def _close_inherited() -> None:
    for channel in list(_open):
        if channel.heir_of == get_ident():
            channel.heir_of = None
        else:
            channel.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited)


# ---- batches ---------------------------------------------------------------------------------------------------------


class BatchPickler(pickle.Pickler):
    """Pickles tensors with their memory beside the pickle."""

    def reducer_override(self, obj: Any) -> Any:
        if not isinstance(obj, Tensor) or type(obj) not in (Tensor, Parameter) or obj._kind.device.type != "cpu":
            return NotImplemented
        if obj.requires_grad and not obj.is_leaf:
            raise RuntimeError(
                "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support "
                "crossing process boundaries.  If you just want to transfer the data, call detach() on the tensor "
                "before serializing (e.g., putting it on the queue)."
            )
        array = xnp.contiguous(obj._array)
        octets: Any = array.reshape(-1).view(xnp.np.uint8)
        data = pickle.PickleBuffer(octets)
        return rebuild, (type(obj) is Parameter, data, obj._kind.dtype.name, array.shape, obj.requires_grad)


def rebuild(is_parameter: bool, data: Any, name: str, shape: tuple[int, ...], requires_grad: bool) -> Tensor:
    """A tensor on the memory that it came with."""
    kind = KIND_OF_NAME[name]
    array = (
        xnp.np.frombuffer(data, dtype=kind.native).reshape(shape) if len(data) else xnp.empty(shape, dtype=kind.native)
    )
    t = make(array, kind)
    if is_parameter:
        return Parameter(t, requires_grad)
    if requires_grad:
        set_requires_grad(t, True)
    return t


def pickled(batch: Any) -> tuple[memoryview, list[memoryview]]:
    """The pickle of a batch, and the memory of its larger arrays."""
    beside: list[memoryview] = []

    def is_small(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes >= BESIDE_FROM:
            beside.append(raw)
        return raw.nbytes < BESIDE_FROM

    file = io.BytesIO()
    BatchPickler(file, 5, buffer_callback=is_small).dump(batch)
    return file.getbuffer(), beside


class Sender:
    """A worker's way of sending batches."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.segments = Segments() if CAN_SHARE else None
        # which makes the batches; others may be a dataset's
        self._thread = get_ident()

    def allocate(self, size: int) -> Any:
        """Memory for a large array of a batch, as an array of bytes; None where it is better made as usual."""
        if self.segments is None or size < SHARED_FROM or len(self.segments.taken) >= MOST_HANDLES - 1:
            return None
        if get_ident() != self._thread:
            return None
        return self.segments.array(size)

    def send(self, number: Any, batch: Any) -> None:
        """Send a batch under its number. Raises what pickling it raises."""
        segments = self.segments
        try:
            pickle_of_batch, beside = pickled(batch)
            if segments is None:
                places, parts = _through_socket([pickle_of_batch, *beside])
                self.channel.send_batch(pickle.dumps((number, places, [], [])), parts, [])
                return
            places, parts = _placed(segments, [pickle_of_batch, *beside])
            new = [segment for segment in segments.taken if segment.is_away and segment.handle is not None]
            description = (number, places, [(s.number, len(s.memory)) for s in new], segments.gone)
            self.channel.send_batch(pickle.dumps(description), parts, [s.handle for s in new])  # type: ignore[misc]
            segments.gone.clear()
            for segment in new:
                segment.close()
        except BaseException:
            if segments is not None:
                segments.unsend()
            raise
        finally:
            if segments is not None:
                segments.taken.clear()


# where something is: the number of its segment, or -1 for the message; where it begins there; its size
Place = tuple[int, int, int]


def _placed(segments: Segments, pieces: list[memoryview]) -> tuple[list[Place], list[memoryview]]:
    """Where each piece goes, and those that go with the message. What is not in a segment yet is copied into one."""
    places: list[Any] = [None] * len(pieces)
    for i, piece in enumerate(pieces[1:], 1):
        found = segments.at(address_of(piece), piece.nbytes)
        if found is not None:
            places[i] = (found[0].number, found[1], piece.nbytes)
    loose = [i for i, place in enumerate(places) if place is None]
    if sum([pieces[i].nbytes for i in loose]) < SHARED_FROM:
        rest, parts = _through_socket([pieces[i] for i in loose])
        for i, place in zip(loose, rest, strict=True):
            places[i] = place
        return places, parts
    starts, total = _layout([pieces[i].nbytes for i in loose])
    whole = memoryview(segments.array(total))
    segment = segments.taken[-1]
    segment.is_away = True
    for i, start in zip(loose, starts, strict=True):
        whole[start : start + pieces[i].nbytes] = pieces[i]
        places[i] = (segment.number, start, pieces[i].nbytes)
    return places, []


def _through_socket(pieces: list[memoryview]) -> tuple[list[Place], list[memoryview]]:
    starts, at = [], 0
    for piece in pieces:
        starts.append((-1, at, piece.nbytes))
        at += piece.nbytes
    return starts, pieces


def _layout(sizes: list[int]) -> tuple[list[int], int]:
    """Where each piece begins in a segment, and how much memory that takes."""
    starts, at = [], 0
    for size in sizes:
        starts.append(at)
        at += -(-size // ALIGNMENT) * ALIGNMENT
    return starts, at


class Receiver:
    """The main process's way of getting the batches of one worker."""

    def __init__(self) -> None:
        self.mirror = Mirror() if CAN_SHARE else None

    def open(self, description: memoryview, rest: memoryview, handles: list[int]) -> tuple[Any, list[Any]]:
        """A number, and its batch as `unpickled` wants it. The arrays lie where the worker wrote them."""
        number, places, new, gone = pickle.loads(description)
        mirror = self.mirror
        if mirror is not None:
            for (segment, size), handle in zip(new, handles, strict=True):
                mirror.add(segment, handle, size)
            mirror.remove(gone)
        whole: dict[int, memoryview] = {}
        pieces: list[Any] = []
        for segment, start, size in places:
            if segment < 0:
                # arrays may be written into, a message may not
                piece = rest[start : start + size]
                pieces.append(bytearray(piece) if pieces else piece)
                continue
            if segment not in whole:
                whole[segment] = mirror.begin(segment)  # type: ignore[union-attr]
            pieces.append(whole[segment][start : start + size])
        return number, pieces

    def task(self, number: Any, indices: Any) -> bytes:
        """The message of a task, with the numbers of segments that are free again."""
        free, unusable = self.mirror.ended() if self.mirror is not None else ([], [])
        return pickle.dumps((number, indices, free, unusable), 5)


def unpickled(pieces: list[Any]) -> Any:
    """A batch of its pickle and the memory of its arrays."""
    return pickle.loads(pieces[0], buffers=pieces[1:])


# in place of a task: there are no more
NO_MORE = pickle.dumps(None)
