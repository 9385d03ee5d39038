"""Worker threads: no copies and no pickling, for datasets that read files or compute with NumPy."""

from __future__ import annotations

import weakref
from _thread import get_ident
from collections.abc import Iterator
from typing import Any

from .. import random
from ..xp import numpy as xnp
from .worker import Work, WorkerInfo, WorkerRandom, _of_threads, numpy_seed, serve
from .workers import WorkersIterator


class ThreadsIterator(WorkersIterator):
    """One pass over a loader whose batches are read by threads. They share the dataset."""

    method = "thread"

    def _connect(self) -> None:
        import queue

        self._tasks: list[Any] = [queue.SimpleQueue() for _ in self._works]
        self._results: Any = queue.SimpleQueue()
        self._empty = queue.Empty
        self._finalizer = weakref.finalize(self, stop, self._tasks)

    def _start(self, loader: Any) -> None:
        import threading

        for work, tasks in zip(self._works, self._tasks, strict=True):
            arguments = (work, tasks, self._results)
            threading.Thread(target=run_thread, args=arguments, daemon=True).start()

    def _send(self, worker: int, number: Any, indices: Any) -> None:
        self._tasks[worker].put((number, indices))

    def _finish(self, worker: int) -> None:
        self._tasks[worker].put(None)

    def _receive(self, timeout: float) -> tuple[int, Any, Any]:
        try:
            return self._results.get(timeout=timeout or None)
        except self._empty:
            raise TimeoutError from None

    def _stop(self) -> None:
        self._finalizer()


def stop(tasks: list[Any]) -> None:
    for queue in tasks:
        queue.put(None)


def run_thread(work: Work, tasks: Any, results: Any) -> None:
    """The life of a worker thread."""
    import random as of_python

    own = WorkerRandom(
        of_python.Random(work.seed),
        random.Generator().manual_seed(work.seed),
        xnp.np.random.default_rng(numpy_seed(work.base_seed, work.worker_id)),
    )
    _of_threads[get_ident()] = WorkerInfo(work.worker_id, work.num_workers, work.seed, work.dataset, own, work.method)

    def waiting() -> Iterator[Any]:
        return iter(tasks.get, None)

    try:
        serve(work, waiting(), lambda number, batch: results.put((work.worker_id, number, batch)))
    finally:
        del _of_threads[get_ident()]
