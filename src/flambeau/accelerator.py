"""`torch.accelerator`: the accelerator of this machine, of which there is none.

>>> import torch
>>> torch.accelerator.current_accelerator() is None
True
"""

from __future__ import annotations

from typing import Any

from . import missing as _missing
from .device import device
from .device import device as as_device


def is_available() -> bool:
    """Whether there is an accelerator: False."""
    return False


def device_count() -> int:
    """The number of accelerators: 0."""
    return 0


def current_accelerator(check_available: bool = False) -> device | None:
    """The device type of the accelerator, or None."""
    return None


class _Queued:
    """What belongs to a queue of work. On the CPU work is done at once, in order."""

    _numbers: tuple[str, ...]

    def __init__(self, device: Any = None, **options: Any) -> None:
        self.device = as_device("cpu" if device is None else device)

    def query(self) -> bool:
        """Whether the work is done: it is."""
        return True

    def synchronize(self) -> None:
        """Wait for the work."""

    def __repr__(self) -> str:
        numbers = "".join(f", {name}=0" for name in self._numbers)
        return f"torch.{type(self).__name__} device_type={self.device.type}, device_index=-1{numbers}"


def _no_marks(self: Any, *args: Any) -> Any:
    """Raises RuntimeError: work that is done at once has no marks between its pieces."""
    raise RuntimeError(f"{self.device.type} backend doesn't support events.")


class Stream(_Queued):
    """A queue of work for a device."""

    _numbers = ("stream_id",)
    device_index, device_type, stream_id = -1, 0, 0
    wait_stream = record_event = _no_marks

    def wait_event(self, event: Event) -> None:
        """Wait for a mark: it has been passed."""

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *error: Any) -> None: ...

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and other.device == self.device

    def __hash__(self) -> int:
        return hash(self.device)


class Event(_Queued):
    """A mark in a queue of work."""

    _numbers = ("event_flag", "event_id")
    event_id = 0
    record = _no_marks

    def wait(self, stream: Stream | None = None) -> None:
        """Let a queue wait for the mark: it has been passed."""

    def elapsed_time(self, other: Event) -> float:
        """Raises ValueError: no times are taken."""
        raise ValueError("Both events must be created with argument 'enable_timing=True'.")


Stream.__module__ = Event.__module__ = "torch"


def _refuse() -> None:
    raise RuntimeError("Cannot access accelerator device when none is available.")


for _name in (
    "current_device_idx current_device_index current_stream empty_cache empty_host_cache get_device_capability "
    "get_memory_info max_memory_allocated max_memory_reserved memory_allocated memory_reserved memory_stats "
    "reset_accumulated_memory_stats reset_peak_memory_stats set_device_idx set_device_index set_stream synchronize"
).split():
    globals()[_name] = _missing.stand_in(_name, _refuse, "Raises RuntimeError: there is no accelerator.")


class device_index:
    """`with torch.accelerator.device_index(i):` chooses an accelerator; None leaves things as they are."""

    def __init__(self, device: int | None, /) -> None:
        self.idx = device

    def __enter__(self) -> None:
        if self.idx is not None:
            globals()["set_device_index"](self.idx)

    def __exit__(self, *error: object) -> None:
        return None
