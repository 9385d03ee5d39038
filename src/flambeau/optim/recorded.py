"""Tensors as an array namespace, for kernels whose operations are to be recorded by autograd or a tracer.

Nothing is written into what a kernel says may be: every operation makes a new tensor, so that no value that the graph
needs is overwritten on the way. The tensors themselves are written once, at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..tensor import functions as fn
from ..tensor.tensor import Tensor


def add(a: Any, b: Any, out: Any = None) -> Any:
    return a + b


def subtract(a: Any, b: Any, out: Any = None) -> Any:
    return a - b


def multiply(a: Any, b: Any, out: Any = None) -> Any:
    return a * b


def divide(a: Any, b: Any, out: Any = None) -> Any:
    return a / b


def sqrt(a: Any, out: Any = None) -> Any:
    return fn.sqrt(a)


def abs(a: Any, out: Any = None) -> Any:
    return fn.abs(a)


def positive(a: Any, out: Any = None) -> Any:
    """A copy without history, as PyTorch's momentum begins."""
    return a.detach().clone()


def sign(a: Any, out: Any = None) -> Any:
    return fn.sign(a)


def maximum(a: Any, b: Any, out: Any = None) -> Any:
    return fn.maximum(a, b) if isinstance(b, Tensor) else fn.clamp(a, min=b)


def minimum(a: Any, b: Any, out: Any = None) -> Any:
    return fn.minimum(a, b) if isinstance(b, Tensor) else fn.clamp(a, max=b)


def greater(a: Any, b: Any) -> Any:
    return a > b


def less(a: Any, b: Any) -> Any:
    return a < b


def where(condition: Any, a: Any, b: Any) -> Any:
    return fn.where(condition, a, b)


NAMESPACE = sys.modules[__name__]


def run(kernel: Callable, tensors: Sequence[Tensor], scratch: int, numbers: Sequence[Any]) -> None:
    """Call a kernel on a parameter, its gradient and its state, then write what it returns, in place."""
    is_complex = tensors[0].is_complex()
    given = [fn.view_as_real(t) for t in tensors] if is_complex else list(tensors)
    results = kernel(NAMESPACE, *given, *(None,) * scratch, *numbers)
    for t, result in zip((tensors[0], *tensors[2:]), results, strict=True):
        if result is not t:
            t.copy_(fn.view_as_complex(result) if is_complex else result)
