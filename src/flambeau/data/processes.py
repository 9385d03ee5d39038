"""Worker processes: started with the pass, watched while it lasts, gone after it."""

from __future__ import annotations

import signal
import time
import weakref
from typing import Any

from . import transport
from .worker import run_process
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

    def _start(self, loader: Any) -> None:
        import multiprocessing
        from multiprocessing import connection

        context = loader.multiprocessing_context or multiprocessing.get_context()
        inherits = context.get_start_method() == "fork"
        self._wait_for = connection.wait
        self._workers: list[Any] = []
        self._connections: list[Any] = []
        # runs when the iterator is dropped, and when the interpreter ends
        self._finalizer = weakref.finalize(self, stop, self._workers, self._connections)
        for work in self._works:
            ours, theirs = context.Pipe()
            others = [*self._connections, ours] if inherits else []
            process = context.Process(target=run_process, args=(work, theirs, others), daemon=True)
            process.start()
            theirs.close()
            self._workers.append(process)
            self._connections.append(ours)
        self._worker_of = {id(c): i for i, c in enumerate(self._connections)}

    def _send(self, worker: int, task: Any) -> None:
        try:
            self._connections[worker].send(task)
        except (BrokenPipeError, ConnectionResetError):
            self._complain()

    def _receive(self, timeout: float) -> tuple[int, Any, Any]:
        sentinels = [process.sentinel for process in self._workers]
        deadline = time.monotonic() + timeout if timeout else None
        left = timeout or None
        while True:
            ready = self._wait_for([*self._connections, *sentinels], left)
            if not ready:
                raise TimeoutError
            for found in ready:
                worker = self._worker_of.get(id(found))
                if worker is not None:
                    try:
                        return (worker, *transport.receive(found))
                    except (EOFError, ConnectionResetError):
                        self._complain()
            self._complain()
            left = None if deadline is None else max(0.0, deadline - time.monotonic())

    def _complain(self) -> None:
        """Raise RuntimeError that names the workers that are gone."""
        for process in self._workers:
            # a closed pipe may be seen before the end of its process
            process.join(0.1)
        dead = [process for process in self._workers if not process.is_alive()]
        if not dead:
            return
        for process in dead:
            process.join()
        pids = ", ".join(str(process.pid) for process in dead)
        details = "".join(f"\n  worker {self._workers.index(p)} (pid {p.pid}) {_end(p.exitcode)}" for p in dead)
        self._stop()
        raise RuntimeError(f"DataLoader worker (pid(s) {pids}) exited unexpectedly{details}")

    def _stop(self) -> None:
        self._finalizer()

    _shutdown_workers = _stop


def _end(code: int) -> str:
    """How a process ended."""
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


def stop(workers: list[Any], connections: list[Any]) -> None:
    """Ask all workers to end, and end those that do not."""
    for connection in connections:
        try:
            connection.send(None)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass
    # a worker that waits to send a batch sees the pipe closed
    for connection in connections:
        connection.close()
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
    connections.clear()
