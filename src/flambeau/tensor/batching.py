"""The edges of a `vmap`: a tensor as a batch that looks like one of its slices, and back, with gradients."""

from __future__ import annotations

from typing import Any

from .. import config
from ..xp import batch
from ..xp import numpy as xnp
from ..xp.batch import BatchedArray, Level
from . import functions as fn
from . import later
from . import node as graph
from .node import Node
from .tensor import Tensor, current_edge, kind_of, make


class BatchIn(Node):
    """The node of a batch: its gradient is a batch, that of the tensor it was made of has the batch as an axis."""

    __slots__ = ("level", "axis")
    level: Level
    axis: int
    on_tensors = True

    @staticmethod
    def backward(node: BatchIn, g: Any, lifted: bool) -> list[Any]:  # type: ignore[override]
        return [batch_out(g, node.level, node.axis) if lifted else batch.leave(g, node.level, node.axis)]


class BatchOut(Node):
    """The node of a tensor made of a batch."""

    __slots__ = ("level", "axis")
    level: Level
    axis: int
    on_tensors = True

    @staticmethod
    def backward(node: BatchOut, g: Any, lifted: bool) -> list[Any]:  # type: ignore[override]
        return [batch_in(g, node.level, node.axis) if lifted else batch.enter(g, node.level, node.axis)]


def batch_in(t: Tensor, level: Level, axis: int) -> Tensor:
    """A tensor as a batch of a level along one axis, in the same memory."""
    return _recorded(t, batch.enter(t._array, level, axis), BatchIn, level, axis)


def batch_out(t: Tensor, level: Level, axis: int) -> Tensor:
    """A batch of a level as a tensor in which the batch is an axis; what is not batched at the level is repeated."""
    return _recorded(t, batch.leave(t._array, level, axis), BatchOut, level, axis)


class batched_over:
    """A block in which batches of a new level are computed with. `with batched_over(size) as level`."""

    def __init__(self, size: int, randomness: str = "error") -> None:
        self.size, self.randomness = size, randomness

    def __enter__(self) -> Level:
        batch.load()
        config.functional.depth += 1
        level = Level(self.size, self.randomness, config.functional.depth)
        self.before = config.set_mode("levels", (*config.modes().levels, level))
        return level

    def __exit__(self, *error: object) -> None:
        config.functional.depth -= 1
        config.set_mode("levels", self.before)


def _recorded(t: Tensor, array: Any, cls: Any, level: Level, axis: int) -> Tensor:
    result = make(array, kind_of(array))
    edge = current_edge(t) if config.grad_enabled() else None
    if edge is not None:
        node = cls((edge,), (), array.shape, result._kind)
        node.level, node.axis = level, axis
        graph.more(node)
        result._edge = node
    return result


def is_batched(t: Tensor, level: Level) -> bool:
    """Whether a tensor holds a batch of a level."""
    array = t._array
    while isinstance(array, BatchedArray):
        if array.level is level:
            return True
        array = array.inner
    return False


def sum_level(grad: Any, level: Level) -> Any:
    """The sum over all elements of a level, of an array or a tensor."""
    if isinstance(grad, Tensor):
        return fn.sum(batch_out(grad, level, 0), 0)
    total = BatchedArray.xp.sum(batch.leave(grad, level, 0), axis=0)
    return total if isinstance(total, BatchedArray) else xnp.asarray(total)


later.sum_level = sum_level
