"""`torch.utils.checkpoint`: keep less in the forward pass, and compute it again in the backward pass."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from ..autograd.checkpoint import CheckpointError, checkpoint, checkpoint_sequential
from ..tensor.tensor import Tensor

__all__ = [
    "CheckpointError",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "detach_variable",
    "noop_context_fn",
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


def noop_context_fn() -> tuple[AbstractContextManager, AbstractContextManager]:
    """Two contexts, for both runs of a checkpointed function, that do nothing."""
    return contextlib.nullcontext(), contextlib.nullcontext()
