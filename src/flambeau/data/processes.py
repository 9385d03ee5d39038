"""Worker processes: started with the pass, watched while it lasts, gone after it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import weakref
from _thread import get_ident
from collections import deque
from typing import Any

from ..xp import numpy as xnp
from . import transport
from .worker import RESUME, Ended, RemoteError, run_process
from .workers import WorkersIterator

# how long a worker may take to end by itself
PATIENCE = 5.0


def start_context(context: Any) -> Any:
    """A context of `multiprocessing`, or that of a start method. Raises ValueError and TypeError for others."""
    import multiprocessing

    if isinstance(context, str):
        methods = multiprocessing.get_all_start_methods()
        if context not in methods:
            raise ValueError(
                f"multiprocessing_context option should specify a valid start method in {methods!r}, but got "
                f"multiprocessing_context={context!r}"
            )
        return multiprocessing.get_context(context)
    if not isinstance(context, multiprocessing.context.BaseContext):
        raise TypeError(
            "multiprocessing_context option should be a valid context object or a string specifying the start method, "
            f"but got multiprocessing_context={context}"
        )
    return context


class _MultiProcessingDataLoaderIter(WorkersIterator):
    """One pass over a loader whose batches are read by processes."""

    method = "multiprocessing"

    def _connect(self) -> None:
        import selectors
        import socket

        self._failure = ""
        self._workers: list[Any] = []
        self._channels: list[transport.Channel] = []
        self._theirs: list[transport.Channel] = []
        self._receivers = [transport.Receiver() for _ in self._works]
        # of each worker: how many batches are to come; whether its dataset ended; whether it was told to end
        self._owed = [0] * self._num_workers
        self._ended = [False] * self._num_workers
        self._finished = [False] * self._num_workers
        self._lost: list[int] = []
        self._arrived: deque[tuple[int, Any, Any]] = deque()
        self._poll = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        self._reads, self._writes = selectors.EVENT_READ, selectors.EVENT_WRITE
        # runs when the iterator is dropped, and when the interpreter ends
        self._finalizer = weakref.finalize(self, stop, self._workers, self._channels, self._theirs, os.getpid())
        for worker in range(self._num_workers):
            ends = [transport.Channel(end) for end in socket.socketpair()]
            self._channels.append(ends[0])
            self._theirs.append(ends[1])
            self._poll.register(ends[0], self._reads, worker)

    def _start(self, loader: Any) -> None:
        import multiprocessing

        context = loader.multiprocessing_context or multiprocessing.get_context()
        # loaded once here, not in each worker
        _ = xnp.np.random
        for work in self._works:
            theirs = self._theirs[0]
            theirs.heir_of = get_ident()
            process = context.Process(target=run_process, args=(work, theirs.socket), daemon=True)
            process.start()
            self._workers.append(process)
            self._theirs.pop(0).close()

    def _send(self, worker: int, number: Any, indices: Any) -> None:
        if self._failure:
            raise RuntimeError(self._failure)
        if number == RESUME:
            self._ended[worker] = False
        elif not self._ended[worker]:
            self._owed[worker] += 1
        self._write(worker, self._receivers[worker].task(number, indices))

    def _finish(self, worker: int) -> None:
        if not self._finished[worker]:
            self._finished[worker] = True
            self._write(worker, transport.NO_MORE)

    def _write(self, worker: int, message: bytes = b"") -> None:
        """Send to a worker, as far as it has room; the rest goes while batches are waited for."""
        channel = self._channels[worker]
        had_room = not channel.unsent
        try:
            channel.send(message)
        except (BrokenPipeError, ConnectionResetError):
            # what it sent before its end is still to be read; after that its end is seen
            channel.unsent.clear()
        if had_room == bool(channel.unsent):
            self._poll.modify(channel, self._reads | (self._writes if channel.unsent else 0), worker)

    def _receive(self, timeout: float) -> tuple[int, Any, Any]:
        deadline = time.monotonic() + timeout
        while not self._arrived:
            if self._failure:
                raise RuntimeError(self._failure)
            if self._lost:
                self._complain()
            left = max(0.0, deadline - time.monotonic()) if timeout else None
            ready = self._poll.select(left)
            if not ready and left == 0.0:
                raise TimeoutError
            for key, events in ready:
                if events & self._writes:
                    self._write(key.data)
                if events & self._reads:
                    self._read(key.data)
        return self._arrived.popleft()

    def _read(self, worker: int) -> None:
        """Take in what a worker sent."""
        channel, receiver = self._channels[worker], self._receivers[worker]
        try:
            for message in channel.messages():
                number, pieces = receiver.open(*message)
                try:
                    batch = transport.unpickled(pieces)
                except Exception as error:
                    batch = RemoteError(error, f"reading a batch of DataLoader worker process {worker}")
                self._ended[worker] = type(batch) is Ended
                self._owed[worker] = 0 if self._ended[worker] else self._owed[worker] - 1
                self._arrived.append((worker, number, batch))
        except (EOFError, ConnectionResetError):
            self._poll.unregister(channel)
            channel.unsent.clear()
            if self._owed[worker] or not self._finished[worker]:
                self._lost.append(worker)
        except OSError as error:
            self._failure = str(error)
            self._stop()
            raise

    def _complain(self) -> None:
        """Raise RuntimeError that names the workers that are gone."""
        for worker in self._lost:
            # its pipe may be seen closed before its end
            self._workers[worker].join(PATIENCE)
        dead = [
            (i, p) for i, p in enumerate(self._workers) if i in self._lost or not (self._finished[i] or p.is_alive())
        ]
        pids = ", ".join([str(process.pid) for _, process in dead])
        details = "".join([f"\n  worker {i} (pid {p.pid}) {_end(p.exitcode)}" for i, p in dead])
        self._failure = f"DataLoader worker (pid(s) {pids}) exited unexpectedly{details}"
        for process in self._workers:
            # nobody waits for what the others are doing
            process.terminate()
        self._stop()
        raise RuntimeError(self._failure)

    def _stop(self) -> None:
        self._finalizer()

    _shutdown_workers = _stop


def _end(code: int | None) -> str:
    """How a process ended."""
    if code is None:
        return "closed its connection and goes on running; it is ended now."
    if code >= 0:
        return f"exited with status {code}; what it printed may say why."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    text = f"was killed by signal {name}."
    if name == "SIGKILL":
        text += " The system kills processes when the memory runs out: fewer workers or smaller batches need less."
    return text


def stop(workers: list[Any], channels: list[transport.Channel], theirs: list[transport.Channel], owner: int) -> None:
    """Ask all workers to end, and end those that do not."""
    if os.getpid() != owner:
        # a forked copy of the iterator; the workers are not its own
        return
    for channel in channels:
        with contextlib.suppress(OSError):
            channel.send(transport.NO_MORE)
    # a worker that waits to send a batch sees the socket closed
    for channel in (*channels, *theirs):
        channel.close()
    deadline = time.monotonic() + PATIENCE
    for process in workers:
        process.join(max(0.0, deadline - time.monotonic()))
    for process in workers:
        if process.is_alive():
            process.terminate()
            process.join(1.0)
            if process.is_alive():
                process.kill()
                process.join()
    for process in workers:
        process.close()
    workers.clear()
    channels.clear()
    theirs.clear()
