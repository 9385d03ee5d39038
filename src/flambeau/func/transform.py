"""What all transforms share: the inputs as starts of a graph of their own, and gradients pulled back through it.

There is one graph, whatever is nested in what. A transform's inputs are new tensors: linked to the old ones where an
outer transform (or the user) records these, else leaves that nobody else knows. A result is linked to what is outside
exactly if its graph reaches nodes that are older than the transform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import config
from ..storage import tick
from ..tensor import rows
from ..tensor.node import Output
from ..tensor.tensor import Tensor, current_edge, make, set_requires_grad


class Transform:
    """A block in which a transform runs a function: operations are recorded. `outer`: they were recorded before,
    too."""

    __slots__ = ("outer", "start", "number")

    def __enter__(self) -> Transform:
        self.outer = config.grad_enabled()
        config.functional.depth += 1
        self.number = config.functional.depth
        self.start = tick()
        config.set_mode("grad", True)
        return self

    def __exit__(self, *error: object) -> None:
        config.functional.depth -= 1
        config.set_mode("grad", self.outer)

    def begin(self, t: Any) -> Tensor:
        """An input as the start of the transform's graph."""
        if not isinstance(t, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(t)}")
        if self.outer and current_edge(t) is not None:
            return rows.alias(t)
        if not (t.dtype.is_floating_point or t.dtype.is_complex):
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        fresh = make(t._array, t._kind)
        set_requires_grad(fresh, True)
        return fresh

    def leads_out(self, *tensors: Any) -> bool:
        """Whether the graph of some tensor goes on outside of the transform, so that results must be recorded."""
        return self.outer and any(_reaches(current_edge(t), self.start) for t in tensors if isinstance(t, Tensor))

    def finish_aux(self, value: Any) -> Any:
        """What a function returns beside its output: tensors, too."""
        if not isinstance(value, Tensor):
            raise RuntimeError(f"Expected tensors, got unsupported type {type(value)}")
        return self.finish(value)

    def finish(self, value: Any) -> Any:
        """A result, cut from the transform's own graph where nothing outside depends on it."""
        if not isinstance(value, Tensor) or current_edge(value) is None or self.leads_out(value):
            return value
        return make(value._array, value._kind)


def _reaches(edge: Any, start: int) -> bool:
    """Whether a node older than `start` can be reached from an edge."""
    waiting, seen = [edge], set()
    while waiting:
        one = waiting.pop()
        node = one.node if type(one) is Output else one
        if node is None or node in seen:
            continue
        if node.seq < start:
            return True
        seen.add(node)
        waiting += node.edges
    return False


def name_of(func: Callable) -> str:
    """How error messages call a function."""
    return getattr(func, "__name__", None) or repr(func)
