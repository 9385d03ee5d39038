"""`torch.compiler`, where nothing is compiled: the questions are answered no, and the marks change nothing."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any, TypeVar

from . import missing as _missing

__all__ = [
    "allow_in_graph",
    "assume_constant_result",
    "compile",
    "cudagraph_mark_step_begin",
    "disable",
    "is_compiling",
    "is_dynamo_compiling",
    "is_exporting",
    "reset",
]

Function = TypeVar("Function")


def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = None,
    mode: str | None = None,
    options: Any = None,
    name: str | None = None,
    disable: bool = False,
    recompile_limit: int | None = None,
    isolate_recompiles: bool = False,
    shapes_spec: Any = None,
) -> Any:
    """The function or module itself, as with `disable=True`: it runs as Python, with the same results.

    A decorator, with options or without. The options have no effect, no backend is called, and the first use warns of
    it.
    """
    if mode is not None and options is not None:
        raise RuntimeError("Either mode or options can be specified, but both can't be specified at the same time.")
    if model is None:
        return lambda function: compile(function, disable=disable)
    if not callable(model):
        raise AssertionError(f"A callable function is expected, but {type(model)} is provided.")
    if not disable:
        _warn_once()
    return model


@cache
def _warn_once() -> None:
    warnings.warn(
        "torch.compile: Flambeau does not compile yet. The function runs as Python: the results are the same, the "
        "time is that of uncompiled code.",
        stacklevel=3,
    )


compile.__module__ = "torch"


def is_compiling() -> bool:
    """Whether this code is being compiled: False."""
    return False


def is_dynamo_compiling() -> bool:
    """Whether this code is being traced by a compiler: False."""
    return False


def is_exporting() -> bool:
    """Whether this code is being exported: False."""
    return False


def disable(fn: Any = None, recursive: bool = True, *, reason: str | None = None) -> Any:
    """The function itself, which is never compiled. A decorator, with options or without."""
    return fn if fn is not None else lambda function: function


def allow_in_graph(fn: Function) -> Function:
    """The function itself: the mark is for a compiler."""
    return fn


def assume_constant_result(fn: Function) -> Function:
    """The function itself: the mark is for a compiler."""
    return fn


def reset() -> None:
    """Forget what was compiled: nothing was."""


def cudagraph_mark_step_begin() -> None:
    """Tell CUDA graphs that a step begins: there are none."""


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
