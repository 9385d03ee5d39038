"""Loaders with workers: who reads which batch, and in which order batches come out."""

from __future__ import annotations

import itertools
import os
import warnings
from typing import Any

from .iteration import BaseIterator
from .worker import RESUME, Ended, RemoteError, Work


class WorkersIterator(BaseIterator):
    """One pass over a loader with workers. A subclass says how tasks go to them, and batches come from them.

    Tasks are numbered. `_waiting` maps the number of each task that is not handed out yet to its worker, and to its
    batch once that is here.
    """

    method = ""
    _finalizer: Any

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self._timeout = loader.timeout
        self._in_order = loader.in_order
        self._persistent_workers = loader.persistent_workers
        self._most_tasks = loader.prefetch_factor * self._num_workers
        init_fn = loader.worker_init_fn if loader._pipes is None else loader._pipes.sharing(loader.worker_init_fn)
        self._works = [
            Work(
                i, self._num_workers, self._base_seed, loader.dataset, self._auto_collation, self._collate_fn,
                self._drop_last, init_fn, self.method,
            )
            for i in range(self._num_workers)
        ]  # fmt: skip
        self._next_number = 0
        self._start_all(loader)

    def _start_all(self, loader: Any) -> None:
        self._connect()
        try:
            # the first tasks lie ready when a worker begins
            self._begin()
            self._start(loader)
        except BaseException:
            self._stop()
            raise

    def _connect(self) -> None:
        """Make the ways to the workers."""
        raise NotImplementedError

    def _start(self, loader: Any) -> None:
        """Start the workers."""
        raise NotImplementedError

    def _send(self, worker: int, number: Any, indices: Any) -> None:
        """Give a worker a task."""
        raise NotImplementedError

    def _finish(self, worker: int) -> None:
        """Tell a worker that there is nothing more to do after what it was given. May be called again."""
        raise NotImplementedError

    def _receive(self, timeout: float) -> tuple[int, Any, Any]:
        """The next (worker, number, batch); waits for `timeout` seconds, 0 for ever. Raises TimeoutError after them."""
        raise NotImplementedError

    def _stop(self) -> None:
        """End the workers. May be called again."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Give every worker its first tasks. Numbers go on, so that batches of a pass left early can be told."""
        self._first = self._next_out = self._next_number
        self._waiting: dict[int, list[Any]] = {}
        self._active = [True] * self._num_workers
        self._load = [0] * self._num_workers
        self._turn = itertools.cycle(range(self._num_workers))
        for _ in range(self._most_tasks):
            self._hand_out()

    def _reset(self, loader: Any) -> None:
        """Start another pass with the same workers."""
        self._sampler_iter = self._new_sampler_iter()
        self._num_yielded = 0
        self._IterableDataset_len_called = loader._IterableDataset_len_called
        if not self._finalizer.alive:
            # an error ended the workers
            self._start_all(loader)
            return
        seed = loader._seed_pipes()
        for worker in range(self._num_workers):
            self._send(worker, RESUME, seed)
        self._begin()

    def _hand_out(self) -> None:
        """Give the next task to the next worker that still has something to read."""
        try:
            indices = next(self._sampler_iter)
        except StopIteration:
            if not self._persistent_workers:
                for worker in range(self._num_workers):
                    self._finish(worker)
            return
        fair = self._most_tasks // max(1, sum(self._active))
        for _ in range(self._num_workers):
            worker = next(self._turn)
            if self._active[worker] and (self._in_order or self._load[worker] < fair):
                break
        else:
            return
        self._send(worker, self._next_number, indices)
        self._waiting[self._next_number] = [worker]
        self._load[worker] += 1
        self._next_number += 1

    def _next_data(self) -> Any:
        while True:
            self._skip_ended()
            if self._next_out >= self._next_number:
                if not self._persistent_workers:
                    self._stop()
                raise StopIteration
            entry = self._waiting[self._next_out]
            if len(entry) == 2:
                del self._waiting[self._next_out]
                self._next_out += 1
                return self._give(*entry)
            worker, number, batch = self._wait()
            if number < self._first:
                continue
            if type(batch) is Ended:
                self._active[worker] = False
                if not self._persistent_workers:
                    self._finish(worker)
                self._hand_out()
            elif number == self._next_out or not self._in_order:
                del self._waiting[number]
                return self._give(worker, batch)
            else:
                self._waiting[number].append(batch)

    def _skip_ended(self) -> None:
        """Pass over tasks that were given out of order, and those of workers that had nothing left."""
        while self._next_out < self._next_number:
            entry = self._waiting.get(self._next_out)
            if entry is not None and (len(entry) == 2 or self._active[entry[0]]):
                return
            self._waiting.pop(self._next_out, None)
            self._next_out += 1

    def _wait(self) -> tuple[int, Any, Any]:
        try:
            return self._receive(self._timeout)
        except TimeoutError:
            raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds") from None

    def _give(self, worker: int, batch: Any) -> Any:
        self._load[worker] -= 1
        self._hand_out()
        if type(batch) is RemoteError:
            batch.reraise()
        return batch


def warn_of_many(count: int) -> None:
    """Warn where there are more workers than processors."""
    knows_set = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if knows_set else os.cpu_count()
    if processors is not None and count <= processors:
        return
    if processors is None:
        suggestion = "DataLoader is not able to compute a suggested max number of worker in current system."
    else:
        suggestion = (
            f"Our suggested max number of worker in current system is {processors}"
            f"{'' if knows_set else ' (`cpuset` is not taken into account)'}, which is smaller than what this "
            "DataLoader is going to create."
        )
    warnings.warn(
        f"This DataLoader will create {count} worker processes in total. {suggestion} Please be aware that excessive "
        "worker creation might get DataLoader running slow or even freeze, lower the worker number to avoid potential "
        "slowness/freeze if necessary.",
        stacklevel=4,
    )
