"""What a worker, a process or a thread, does: read tasks, make batches, send them back."""

from __future__ import annotations

import gc
import pickle
import sys
from _thread import get_ident
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .. import random
from ..xp import numpy as xnp
from . import collate, transport
from .dataset import IterableDataset
from .fetch import Fetch, fetcher


class WorkerRandom(NamedTuple):
    """Random numbers of one worker thread; processes have the usual generators to themselves."""

    random_generator: Any
    torch_generator: random.Generator
    numpy_generator: Any


class WorkerInfo(NamedTuple):
    """Which worker this is: `id` of `num_workers`, its `seed`, and its `dataset`, in a process a copy of its own.

    `rng` are the random numbers of a worker thread; `worker_method` is "multiprocessing" or "thread".
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any
    rng: WorkerRandom | None = None
    worker_method: str = "multiprocessing"

    def __repr__(self) -> str:
        return (
            f"WorkerInfo(id={self.id!r}, num_workers={self.num_workers!r}, seed={self.seed!r}, "
            f"dataset={self.dataset!r}, rng={self.rng!r}, worker_method={self.worker_method!r})"
        )


# of this process, and of threads by their identity
_of_process: list[WorkerInfo] = []
_of_threads: dict[int, WorkerInfo] = {}


def get_worker_info() -> WorkerInfo | None:
    """Which worker of a DataLoader runs this; None in the main process.

    >>> get_worker_info() is None
    True
    """
    return _of_threads.get(get_ident()) or (_of_process[0] if _of_process else None)


class Ended(NamedTuple):
    """Sent in place of a batch: the iterable dataset of this worker has no more."""

    worker_id: int


class KeyErrorMessage(str):
    """A message that a KeyError shows as it is, with its lines."""

    def __repr__(self) -> str:
        return str(self)


class RemoteError:
    """An exception in a worker, as text, to be raised where the batch is asked for."""

    def __init__(self, error: BaseException, where: str) -> None:
        import traceback

        self.type: type = type(error)
        self.name = self.type.__name__
        self.text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self.where = where

    def reraise(self) -> None:
        """Raise it here, with the traceback from there in its message."""
        message = f"Caught {self.name} {self.where}.\nOriginal {self.text}"
        if self.type is KeyError:
            raise KeyError(KeyErrorMessage(message))
        if getattr(self.type, "message", None):
            raise self.type(message=message)  # type: ignore[call-arg]
        try:
            error = self.type(message)
        except Exception:
            # an exception that takes other arguments
            raise RuntimeError(message) from None
        raise error


class Work(NamedTuple):
    """What a worker needs to know; all of it can be pickled."""

    worker_id: int
    num_workers: int
    base_seed: int
    dataset: Any
    batched: bool
    collate_fn: Callable
    drop_last: bool
    init_fn: Callable | None
    method: str

    @property
    def seed(self) -> int:
        return self.base_seed + self.worker_id

    @property
    def where(self) -> str:
        kind = "process" if self.method == "multiprocessing" else "thread"
        return f"in DataLoader worker {kind} {self.worker_id}"


# tasks are (number, indices); these are no numbers
RESUME = "resume"


def serve(work: Work, tasks: Iterator[Any], send: Callable[[Any, Any], None]) -> None:
    """Do tasks until there are none. `send(number, batch)` sends what each gave, errors and the end included."""
    fetch: Fetch | None = None
    failed: RemoteError | None = None
    try:
        if work.init_fn is not None:
            work.init_fn(work.worker_id)
        fetch = _fetcher(work)
    except Exception as error:
        failed = RemoteError(error, work.where)
    ended = False
    for number, indices in tasks:
        if number == RESUME:
            if fetch is not None:
                if indices is not None:
                    # in place of indices, the seed of a data pipe
                    work.dataset._pipe_graph.seed_pass(work.dataset, indices)
                fetch = _fetcher(work)
            ended = False
            continue
        if ended:
            continue
        if fetch is None:
            send(number, failed)
            continue
        try:
            batch = fetch(indices)
        except StopIteration as error:
            ended = isinstance(work.dataset, IterableDataset)
            batch = Ended(work.worker_id) if ended else RemoteError(error, work.where)
        except Exception as error:
            batch = RemoteError(error, work.where)
        send(number, batch)
        del batch


def _fetcher(work: Work) -> Fetch:
    return fetcher(work.dataset, work.batched, work.collate_fn, work.drop_last)


def seed_process(work: Work) -> None:
    """Give every generator of a worker process its own seed, PyTorch's."""
    import random as of_python

    of_python.seed(work.seed)
    random.default_generator.manual_seed(work.seed)
    xnp.np.random.seed(numpy_seed(work.base_seed, work.worker_id))


def numpy_seed(base_seed: int, worker_id: int) -> Any:
    """Four words for NumPy's generator, which no other worker and no other generator has."""
    entropy = [worker_id, base_seed & 0xFFFFFFFF, base_seed >> 32]
    return xnp.np.random.SeedSequence(entropy).generate_state(4)


class Inbox:
    """The tasks of a worker process, and the way back."""

    def __init__(self, channel: transport.Channel) -> None:
        self.channel = channel
        self.sender = transport.Sender(channel)

    def __iter__(self) -> Iterator[Any]:
        """The tasks, as they are asked for, until the main process has no more or is gone."""
        try:
            while True:
                for _, message, _ in self.channel.messages():
                    task = pickle.loads(message)
                    if task is None:
                        return
                    number, indices, free, unusable = task
                    if self.sender.segments is not None:
                        self.sender.segments.take_back(free, unusable)
                    yield number, indices
        except (EOFError, ConnectionResetError):
            pass

    def send(self, number: Any, batch: Any) -> None:
        """Send a batch back; what cannot be pickled becomes an error."""
        try:
            self.sender.send(number, batch)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            if type(batch) is RemoteError:
                # an exception of a class that only this process has
                batch.type = RuntimeError
            else:
                batch = RemoteError(error, "in DataLoader worker process")
            self.sender.send(number, batch)


def run_process(work: Work, sock: Any) -> None:
    """The life of a worker process."""
    # what was there before is not searched for garbage: that would copy every page of it
    gc.freeze()
    inbox = Inbox(transport.Channel(sock, waits=True))
    collate.allocate = inbox.sender.allocate
    try:
        seed_process(work)
        _of_process.append(WorkerInfo(work.worker_id, work.num_workers, work.seed, work.dataset, None, work.method))
        serve(work, iter(inbox), inbox.send)
    except (KeyboardInterrupt, BrokenPipeError, ConnectionResetError):
        # the main process ends, or asks for it
        pass
    finally:
        inbox.channel.close()
        sys.stdout.flush()
