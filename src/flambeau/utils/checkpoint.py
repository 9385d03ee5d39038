"""`torch.utils.checkpoint`: keep less in the forward pass, and compute it again in the backward pass."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..autograd.checkpoint import (
    CheckpointError,
    CheckpointFunction,
    Overriding,
    checkpoint,
    checkpoint_sequential,
    noop_context_fn,
)
from ..tensor.tensor import Tensor

__all__ = [
    "CheckpointError",
    "CheckpointFunction",
    "DefaultDeviceType",
    "GraphExecGroup",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "detach_variable",
    "get_device_states",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
    "set_device_states",
]


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs, tensors cut from their graph; those that required a gradient still do."""
    if not isinstance(inputs, tuple):
        raise RuntimeError("Only tuple of tensors is supported. Got Unsupported input type: ", type(inputs).__name__)
    found = []
    for value in inputs:
        if isinstance(value, Tensor):
            cut = value.detach()
            cut.requires_grad = value.requires_grad
            value = cut
        found.append(value)
    return tuple(found)


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn where no input requires a gradient."""
    if not any(isinstance(t, Tensor) and t.requires_grad for t in inputs):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)


@contextlib.contextmanager
def _overriding(name: str, value: Any) -> Iterator[None]:
    before = getattr(Overriding, name)
    setattr(Overriding, name, value)
    try:
        yield
    finally:
        setattr(Overriding, name, before)


def set_checkpoint_early_stop(enable: bool) -> contextlib.AbstractContextManager:
    """A block whose checkpoints stop their second run as soon as everything is there, or run to the end."""
    return _overriding("early_stop", enable)


def set_checkpoint_debug_enabled(enabled: bool | None) -> contextlib.AbstractContextManager:
    """A block whose checkpoints say in errors which lines differ; None leaves it to the arguments of each."""
    return _overriding("debug", enabled)


class GraphExecGroup:
    """A block whose backward passes compute each checkpointed function again once at most."""

    def __enter__(self) -> GraphExecGroup:
        if Overriding.group is not None:
            raise RuntimeError(f"GraphExecGroup contexts cannot be nested. Already inside group {Overriding.group}")
        Overriding.group = self
        return self

    def __exit__(self, *error: object) -> None:
        Overriding.group = None


class DefaultDeviceType:
    """The type of device whose random state is kept where no tensor says which. There is none but the CPU's."""

    _default_device_type = "cpu"

    @staticmethod
    def set_device_type(device: str = "cuda") -> None:
        DefaultDeviceType._default_device_type = device

    @staticmethod
    def get_device_type() -> str:
        return DefaultDeviceType._default_device_type


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """The numbers and random states of the accelerators that some tensors are on: none."""
    return [], []


def set_device_states(devices: Sequence[int], states: Sequence[Tensor], *, device_type: str | None = None) -> None:
    """Set the random states of accelerators. Raises RuntimeError: there is none."""
    if len(devices):
        raise RuntimeError("Cannot access accelerator device when none is available.")
