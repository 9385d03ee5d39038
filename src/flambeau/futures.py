"""`torch.futures`: results that are not there yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Future", "collect_all", "wait_all"]

Result = TypeVar("Result")


class Future(Generic[Result]):
    """A result that another thread will set.

    >>> f = torch.futures.Future()
    >>> f.set_result(3)
    >>> f.then(lambda done: done.value() + 1).wait()
    4
    """

    def __init__(self, *, devices: Any = None) -> None:
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[Future], Any]] = []
        self._value: Any = None
        self._error: BaseException | None = None

    def done(self) -> bool:
        """Whether the result, or an exception, is there."""
        return self._ready.is_set()

    def wait(self) -> Any:
        """Wait for the result; raise the exception if that was set."""
        self._ready.wait()
        return self.value()

    def value(self) -> Any:
        """The result, which must be there. Raises the exception if that was set, RuntimeError where nothing was."""
        if not self.done():
            raise RuntimeError("Value is not yet set")
        if self._error is not None:
            raise self._error
        return self._value

    def set_result(self, result: Any) -> None:
        """Set the result, and call what waits for it. Raises RuntimeError where it is set already."""
        self._set(result, None)

    def set_exception(self, result: BaseException) -> None:
        """Set an exception, which `wait` then raises."""
        if not isinstance(result, Exception):
            raise AssertionError(f"{result} is of type {type(result)}, not an Exception.")
        self._set(None, result)

    def _set(self, value: Any, error: BaseException | None) -> None:
        with self._lock:
            if self.done():
                raise RuntimeError("Future can only be set once")
            self._value, self._error = value, error
            self._ready.set()
            waiting, self._callbacks = self._callbacks, []
        for callback in waiting:
            callback(self)

    def add_done_callback(self, callback: Callable[[Future], Any]) -> None:
        """Call `callback(self)` when the result is there: at once if it is."""
        with self._lock:
            if not self.done():
                self._callbacks.append(callback)
                return
        callback(self)

    def then(self, callback: Callable[[Future], Any]) -> Future:
        """The future of what `callback(self)` gives when the result is there."""
        after: Future[Any] = Future()

        def run(done: Future) -> None:
            try:
                result = callback(done)
            except Exception as error:
                after.set_exception(error)
            else:
                after.set_result(result)

        self.add_done_callback(run)
        return after


Future.__module__ = "torch.futures"


def collect_all(futures: list[Future]) -> Future:
    """The future of the list of futures, done when all are."""
    whole: Future[Any] = Future()
    waiting = len(futures)
    lock = threading.Lock()
    if not waiting:
        whole.set_result([])

    def one_done(_: Future) -> None:
        nonlocal waiting
        with lock:
            waiting -= 1
            last = waiting == 0
        if last:
            whole.set_result(futures)

    for f in futures:
        f.add_done_callback(one_done)
    return whole


def wait_all(futures: list[Future]) -> list[Any]:
    """The results of all futures, when all are there."""
    return [f.wait() for f in collect_all(futures).wait()]
