"""`torch.cpu`: the CPU, asked as an accelerator would be."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from . import amp  # noqa: F401  found as an attribute too


def is_available() -> bool:
    """Whether there is a CPU."""
    return True


def is_initialized() -> bool:
    """Whether the CPU can be used: at once."""
    return True


def device_count() -> int:
    """The number of CPUs, as devices: 1."""
    return 1


def current_device() -> str:
    """The name of the device in use."""
    return "cpu"


def set_device(device: Any) -> None:
    """Accepted: there is one CPU."""


def synchronize(device: Any = None) -> None:
    """Wait for the work of a device: on the CPU it is done when a function returns."""


class Stream:
    """A queue of work; on the CPU work is done at once, in order."""

    def __init__(self, priority: int = -1) -> None:
        pass

    def wait_stream(self, stream: Any) -> None:
        """Wait for another queue: its work is done."""

    def record_event(self) -> None:
        """Mark a place in the queue."""

    def wait_event(self, event: Any) -> None:
        """Wait for a mark: it has been passed."""


class Event:
    """A mark in a queue of work, passed at once."""

    def query(self) -> bool:
        """Whether the work before the mark is done: it is."""
        return True

    def record(self, stream: Any = None) -> None:
        """Set the mark."""

    def synchronize(self) -> None:
        """Wait for the mark."""

    def wait(self, stream: Any = None) -> None:
        """Let a queue wait for the mark."""


_default = Stream()
_current = [_default]


def current_stream(device: Any = None) -> Stream:
    """The queue that work goes to."""
    return _current[0]


class StreamContext:
    """`with torch.cpu.stream(s):` names the queue that work goes to."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.before = _current[0]

    def __enter__(self) -> None:
        if self.stream is not None:
            self.before, _current[0] = _current[0], self.stream

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self.stream is not None:
            _current[0] = self.before


def stream(stream: Any) -> StreamContext:
    """The context in which work goes to a queue."""
    return StreamContext(stream)
