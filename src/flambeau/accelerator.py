"""`torch.accelerator`: the accelerator of this machine, of which there is none.

>>> import torch
>>> torch.accelerator.current_accelerator() is None
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .device import device


def is_available() -> bool:
    """Whether there is an accelerator: False."""
    return False


def device_count() -> int:
    """The number of accelerators: 0."""
    return 0


def current_accelerator(check_available: bool = False) -> device | None:
    """The device type of the accelerator, or None."""
    return None


def _needs_accelerator(name: str) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("Cannot access accelerator device when none is available.")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Raises RuntimeError: there is no accelerator."
    return refuse


for _name in (
    "current_device_idx current_device_index current_stream empty_cache empty_host_cache get_device_capability "
    "get_memory_info max_memory_allocated max_memory_reserved memory_allocated memory_reserved memory_stats "
    "reset_accumulated_memory_stats reset_peak_memory_stats set_device_idx set_device_index set_stream synchronize"
).split():
    globals()[_name] = _needs_accelerator(_name)


class device_index:
    """`with torch.accelerator.device_index(i):` chooses an accelerator; None leaves things as they are."""

    def __init__(self, device: int | None, /) -> None:
        self.idx = device

    def __enter__(self) -> None:
        if self.idx is not None:
            globals()["set_device_index"](self.idx)

    def __exit__(self, *error: object) -> None:
        return None
