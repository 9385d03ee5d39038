"""Sharing the work of a large kernel among threads.

NumPy releases the interpreter's lock while it copies, adds and multiplies, so Python threads run such kernels side by
side. BLAS has threads of its own for one product; for many products of medium size it is faster to let each thread of
ours do whole products (two cores, a 3x3 convolution of 64 images: 5.4 ms against 10): the operands are then made and
used on one core. BLAS must be told to use one thread meanwhile; where it cannot be told, work is not shared.
"""

from __future__ import annotations

import contextvars
import os
from _queue import SimpleQueue
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import config
from .allocation import keep_freed

# sharing costs some 30 µs; below this many multiplications and additions it does not pay
WORTH = 4_000_000

_BLAS_NAMES = ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads64_")


class _Blas:
    """The thread count of NumPy's BLAS, where it can be read and set."""

    def __init__(self) -> None:
        self.get: Callable[[], int] | None = None
        self.set: Callable[[int], Any] | None = None
        self.lock = allocate_lock()
        # how many shared kernels run now, and the count to return to after them
        self.held = 0
        self.before = 1
        # threads at the start
        self.count = 1
        self.looked = False

    def find(self) -> None:
        """Look the functions up in the library that NumPy's own extension is linked with."""
        self.looked = True
        keep_freed()
        self.count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        try:
            import ctypes

            library = ctypes.CDLL(np._core._multiarray_umath.__file__)
        except (ImportError, AttributeError, OSError):
            return
        for name in _BLAS_NAMES:
            get, set_ = (getattr(library, name.format(what), None) for what in ("get", "set"))
            if get is not None and set_ is not None:
                self.get, self.set = get, set_
                self.count = max(get(), 1)
                return

    def hold(self) -> None:
        """One thread for each product, until `release`."""
        if self.set is None:
            return
        with self.lock:
            if self.held == 0:
                self.before = self.get()  # type: ignore[misc]
                self.set(1)
            self.held += 1

    def release(self) -> None:
        if self.set is None:
            return
        with self.lock:
            self.held -= 1
            if self.held == 0:
                self.set(self.before)


_blas = _Blas()
hold, release = _blas.hold, _blas.release


class _Team:
    """The worker threads of this process; a forked child starts without any."""

    def __init__(self) -> None:
        self.inbox: Any = SimpleQueue()
        self.size = 0
        self.pid = os.getpid()

    def grow(self, size: int) -> int:
        """Have at least `size` workers; returns how many there are."""
        while self.size < size:
            try:
                start_new_thread(_serve, (self.inbox,))
            except (RuntimeError, NotImplementedError):
                break
            self.size += 1
        return self.size


_team = _Team()


def _serve(inbox: Any) -> None:
    quiet = contextvars.Context()
    quiet.run(np.seterr, all="ignore")
    while True:
        work, part, place, done = inbox.get()
        try:
            done.put((place, quiet.run(work, part), None))
        except BaseException as error:
            done.put((place, None, error))
        work = part = done = None


def width() -> int:
    """On how many threads a kernel may run: what the program asked for, else as many as BLAS took at its start, which
    heeds the environment (OMP_NUM_THREADS), else one for each core."""
    if config.settings.num_threads is not None:
        return config.settings.num_threads
    if not _blas.looked:
        _blas.find()
    return _blas.count


def share(work: Callable, jobs: Sequence[Any], cost: float, products: bool = True) -> list[Any]:
    """`[work(part), …]` for contiguous parts of `jobs`, each on a thread of its own where `cost` is worth it.

    cost: about how many multiplications and additions there are in all. products: whether the work may call BLAS.
    """
    global _team
    count = min(width(), len(jobs)) if cost > WORTH and len(jobs) > 1 else 1
    if products and _blas.set is None:
        # its own threads would be in the way
        count = 1
    if count > 1:
        if _team.pid != os.getpid():
            _team = _Team()
        count = min(count, _team.grow(count - 1) + 1)
    if count == 1:
        if not products or len(jobs) == 1 or _blas.set is None:
            return [work(jobs)]
        # threads of BLAS are not worth it either: they go on spinning afterwards
        _blas.hold()
        try:
            return [work(jobs)]
        finally:
            _blas.release()
    bounds = [i * len(jobs) // count for i in range(count + 1)]
    results: list[Any] = [None] * count
    done: Any = SimpleQueue()
    failure: BaseException | None = None
    if products:
        _blas.hold()
    try:
        for i in range(1, count):
            _team.inbox.put((work, jobs[bounds[i] : bounds[i + 1]], i, done))
        try:
            results[0] = work(jobs[: bounds[1]])
        except BaseException as error:
            failure = error
        for _ in range(1, count):
            place, result, error = done.get()
            results[place] = result
            failure = failure or error
    finally:
        if products:
            _blas.release()
    if failure is not None:
        raise failure
    return results
