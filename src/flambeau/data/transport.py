"""Batches on their way from a worker process: what is small through the pipe, arrays through shared memory.

On Linux the arrays of a batch go into one anonymous file of memory, whose descriptor is handed over; it is gone when
the last tensor on it is, whichever process dies when. Elsewhere they go through the pipe.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Sequence
from typing import Any

from ..tensor.tensor import KINDS, Parameter, Tensor, make, set_requires_grad
from ..xp import numpy as xnp

# less than this goes through the pipe: a shared file costs some 20 µs
SHARED_FROM = 32768
ALIGNMENT = 64
CAN_SHARE = sys.platform == "linux" and hasattr(os, "memfd_create")


# dtypes are pickled by name, so that a worker need not find them under PyTorch's
KIND_OF_NAME = {kind.dtype.name: kind for kind in KINDS.values()}


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


def pack(batch: Any) -> tuple[bytes, list[memoryview]]:
    """The pickle of a batch, and the memory of its arrays."""
    buffers: list[pickle.PickleBuffer] = []
    file = io.BytesIO()
    BatchPickler(file, 5, buffer_callback=buffers.append).dump(batch)
    return file.getvalue(), [buffer.raw() for buffer in buffers]


def send(connection: Any, number: Any, batch: Any) -> None:
    """Send a batch under its number."""
    pickled, buffers = pack(batch)
    sizes = [buffer.nbytes for buffer in buffers]
    if not CAN_SHARE or sum(sizes) < SHARED_FROM:
        connection.send((number, pickled, sizes, [bytes(buffer) for buffer in buffers]))
        return
    from multiprocessing import reduction

    handle = os.memfd_create("flambeau_batch", os.MFD_CLOEXEC)
    try:
        _fill(handle, buffers)
        connection.send((number, pickled, sizes, None))
        reduction.send_handle(connection, handle, os.getpid())
    finally:
        os.close(handle)


def _fill(handle: int, buffers: Sequence[memoryview]) -> None:
    import mmap

    starts, total = _layout([buffer.nbytes for buffer in buffers])
    os.ftruncate(handle, total)
    with mmap.mmap(handle, total) as memory:
        for start, buffer in zip(starts, buffers, strict=True):
            memory[start : start + buffer.nbytes] = buffer


def _layout(sizes: Sequence[int]) -> tuple[list[int], int]:
    """Where each buffer begins, and how much memory that takes."""
    starts, at = [], 0
    for size in sizes:
        starts.append(at)
        at += -(-size // ALIGNMENT) * ALIGNMENT
    return starts, max(at, 1)


def receive(connection: Any) -> tuple[Any, Any]:
    """A number and its batch. Raises EOFError where the worker is gone."""
    number, pickled, sizes, inline = connection.recv()
    if inline is not None:
        # writable copies, as tensors are
        return number, pickle.loads(pickled, buffers=[bytearray(b) for b in inline])
    import mmap
    from multiprocessing import reduction

    handle = reduction.recv_handle(connection)
    try:
        starts, total = _layout(sizes)
        memory = memoryview(mmap.mmap(handle, total))
    finally:
        os.close(handle)
    parts = [memory[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    return number, pickle.loads(pickled, buffers=parts)
