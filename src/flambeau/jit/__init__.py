"""`torch.jit`, as PyTorch is with TorchScript turned off (`PYTORCH_JIT=0`): what is scripted stays Python.

The decorators give back what they are given and the questions are answered no, so that code written for TorchScript
runs, with the same numbers. What only TorchScript can do is not here: `save`, `load` and `freeze` raise, and say so.
"""

from __future__ import annotations

import builtins
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from .. import missing as _missing
from ..futures import Future
from ..nn import module as _module

__all__ = [
    "Attribute",
    "Final",
    "Future",
    "ScriptModule",
    "TracerWarning",
    "annotate",
    "export",
    "fork",
    "ignore",
    "interface",
    "is_scripting",
    "is_tracing",
    "isinstance",
    "optimized_execution",
    "script",
    "script_if_tracing",
    "script_method",
    "trace",
    "trace_module",
    "unused",
    "wait",
]

Any_ = TypeVar("Any_")
_is = builtins.isinstance
# a value of a ScriptModule with its type
Attribute = namedtuple("Attribute", ["value", "type"])


class TracerWarning(Warning):
    """What PyTorch warns with where a trace would fix a value; nothing is traced here, so nobody is warned."""


class ScriptModule(_module.Module):
    """A module whose methods TorchScript would compile; here a module like any other."""


class DeviceObjType:
    """TorchScript's type of devices, for annotations. Raises TypeError: it has no values."""

    def __init__(self) -> None:
        raise TypeError("torch._C.DeviceObjType: No constructor defined!")


DeviceObjType.__module__ = "torch"


def script(obj: Any_, optimize: Any = None, _frames_up: int = 0, _rcb: Any = None, example_inputs: Any = None) -> Any_:
    """The function, class or module itself, which runs as Python.

    >>> @torch.jit.script
    ... def half(x: torch.Tensor) -> torch.Tensor:
    ...     return x / 2
    >>> half(torch.ones(1))
    tensor([0.5000])
    """
    return obj


def trace(func: Any_ = None, example_inputs: Any = None, **options: Any) -> Any_:  # type: ignore[assignment]
    """The function or module itself. It is not run, so nothing that depends on the example's values gets fixed."""
    return func


def trace_module(mod: Any_, inputs: Any, **options: Any) -> Any_:
    """The module itself."""
    return mod


def script_if_tracing(fn: Any_) -> Any_:
    """The function itself."""
    return fn


def script_method(fn: Any_) -> Any_:
    """The method itself."""
    return fn


def export(fn: Any_) -> Any_:
    """The method itself."""
    return fn


def unused(fn: Any_) -> Any_:
    """The method itself."""
    return fn


def interface(obj: Any_) -> Any_:
    """The class itself."""
    return obj


def ignore(drop: Any = False, **options: Any) -> Any:
    """The function itself: `@torch.jit.ignore`, or with options `@torch.jit.ignore(drop=True)`."""
    return drop if callable(drop) else lambda fn: fn


# of several signatures that TorchScript would choose from, Python has the function that is defined last
_overload = _overload_method = export


def is_scripting() -> bool:
    """Whether this code is being compiled by TorchScript: False."""
    return False


def is_tracing() -> bool:
    """Whether this code is being traced: False."""
    return False


def annotate(the_type: Any, the_value: Any_) -> Any_:
    """The value. The type is a hint for TorchScript alone."""
    return the_value


def isinstance(obj: Any, target_type: Any) -> bool:
    """Whether a value has a type, contents of lists, tuples, dicts and optionals included.

    Raises RuntimeError for `list` without the type of its elements, which TorchScript has to know.

    >>> torch.jit.isinstance([1, 2], list[int]), torch.jit.isinstance([1, "a"], list[int])
    (True, False)
    """
    if _is(target_type, tuple):
        return any(isinstance(obj, t) for t in target_type)
    origin, args = get_origin(target_type), get_args(target_type)
    if origin in (Union, UnionType):
        return any(isinstance(obj, t) for t in args)
    container = origin or target_type
    if container in (list, tuple, dict) and not args:
        name = container.__name__
        example = {"list": "list[int]", "tuple": "tuple[int, int]", "dict": "dict[int, int]"}[name]
        raise RuntimeError(
            f"Attempted to use {name} without a contained type. Please add a contained type, e.g. {example}"
        )
    if target_type is None or origin is None:
        return _is(obj, type(None) if target_type is None else target_type)
    if not _is(obj, origin):
        return False
    if origin is list:
        return all(isinstance(item, args[0]) for item in obj)
    if origin is dict:
        return all(isinstance(k, args[0]) and isinstance(v, args[1]) for k, v in obj.items())
    if origin is tuple:
        return len(obj) == len(args) and all(isinstance(item, t) for item, t in zip(obj, args, strict=True))
    return True


def fork(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Future:
    """Call the function on a thread of its own; `wait` gives the result."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(func(*args, **kwargs))
        except Exception as error:  # it belongs to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def wait(future: Future) -> Any:
    """The result of `fork`, when it is there; its exception is raised here."""
    return future.wait()


@contextmanager
def optimized_execution(should_optimize: bool) -> Iterator[None]:
    """Changes nothing: there is no TorchScript to optimise."""
    yield


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
