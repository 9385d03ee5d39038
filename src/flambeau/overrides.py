"""`torch.overrides`: classes that take functions of tensors over, by a method `__torch_function__`.

The protocol itself is in `tensor/overrides.py`; here are the questions about it, and what third-party functions use to
take part in it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .tensor import functions as fn
from .tensor.overrides import (
    DisableTorchFunctionSubclass,
    TorchFunctionMode,
    handle_torch_function,
    has_torch_function,
    has_torch_function_unary,
    has_torch_function_variadic,
    plainly,
)
from .tensor.public import METHODS
from .tensor.tensor import Tensor

__all__ = [
    "BaseTorchFunctionMode",
    "DisableTorchFunctionSubclass",
    "TorchFunctionMode",
    "handle_torch_function",
    "has_torch_function",
    "has_torch_function_unary",
    "has_torch_function_variadic",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "redispatch_function",
    "resolve_name",
    "wrap_torch_function",
]


class BaseTorchFunctionMode(TorchFunctionMode):
    """A mode that changes nothing: for others to inherit from."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **(kwargs or {}))


def is_tensor_like(inp: Any) -> bool:
    """Whether something is a tensor, or of a class that takes functions of tensors over."""
    return isinstance(inp, Tensor) or hasattr(inp, "__torch_function__")


def redispatch_function(func: Callable, types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """Run a function while no class takes it over."""
    return plainly(func, args, kwargs or {})


def wrap_torch_function(dispatcher: Callable) -> Callable[[Callable], Callable]:
    """Let a function ask the classes of its arguments first: of those that `dispatcher`, given all, gives back."""

    def wrap(func: Callable) -> Callable:
        @functools.wraps(func)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(wrapped, relevant, *args, **kwargs)
            return func(*args, **kwargs)

        return wrapped

    return wrap


def is_tensor_method_or_property(func: Callable) -> bool:
    """Whether a function is a method of tensors, or reads one of their properties."""
    name = getattr(func, "__name__", "")
    if name in ("__get__", "__set__"):
        return True
    return func in vars(Tensor).values() or METHODS.get(name) is func


def resolve_name(f: Callable) -> str | None:
    """The name by which programs know a function: `torch.add`, `torch.Tensor.add_`; None for others."""
    name = getattr(f, "__name__", "")
    try:
        known = getattr(fn, name)
    except AttributeError:
        known = None
    if known is f:
        return f"torch.{name}"
    return f"torch.Tensor.{name}" if is_tensor_method_or_property(f) else None
