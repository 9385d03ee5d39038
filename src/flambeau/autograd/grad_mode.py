"""PyTorch's path of the modes that say whether operations are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import missing
from .modes import _Mode, enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled", "set_multithreading_enabled"]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, globals())


_multithreading = [True]


class set_multithreading_enabled(_Mode):
    """Whether a backward pass may use several threads, from now on, or inside `with`, or inside a decorated function.

    The engine visits the nodes one after the other in any case; the array library's own threads are not concerned.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.value = bool(mode)
        self._outside = _multithreading[0]
        _multithreading[0] = self.value

    def __call__(self, function: Callable) -> Callable:
        _multithreading[0] = self._outside
        return super().__call__(function)

    def __enter__(self) -> None:
        _multithreading[0] = self.value

    def __exit__(self, *error: object) -> None:
        _multithreading[0] = self._outside

    def clone(self) -> set_multithreading_enabled:
        return set_multithreading_enabled(self.value)


def is_multithreading_enabled() -> bool:
    """Whether a backward pass may use several threads."""
    return _multithreading[0]


set_multithreading_enabled.__module__ = "torch.autograd.grad_mode"
