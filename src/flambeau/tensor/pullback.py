"""Gradients pulled back through the graph, and derivatives pushed forward, which are gradients of such gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..xp import numpy as xnp
from . import functions as fn
from . import later
from .engine import Captured, run_backward
from .tensor import Tensor, current_edge, kind_of, make, set_requires_grad


def pull(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor], seeds: Sequence[Tensor], create_graph: bool
) -> list[Tensor | None]:
    """The gradients of inputs, given those of outputs; None where an output does not depend on an input."""
    roots = [(current_edge(y), s) for y, s in zip(outputs, seeds, strict=True) if current_edge(y) is not None]
    edges = [current_edge(x) for x in inputs]
    captures = [None if e is None else Captured(e) for e in edges]
    if roots:
        run_backward(
            [e for e, _ in roots],
            [s if create_graph else s._array for _, s in roots],
            retain=True,
            tensors=later.tensor_namespace() if create_graph else None,
            wanted=[c for c in captures if c is not None],
            accumulate=False,
            wrap=make,
        )
    return [None if c is None or c.grad is None else _as_tensor(c.grad) for c in captures]


def _as_tensor(grad: Any) -> Tensor:
    if isinstance(grad, Tensor):
        return grad
    array = xnp.asarray(grad) if isinstance(grad, xnp.generic) else grad
    return make(array, kind_of(array))


def or_zeros(found: Sequence[Tensor | None], like: Sequence[Tensor]) -> list[Tensor]:
    """Zeros in place of None."""
    return [fn.zeros_like(x) if g is None else g for g, x in zip(found, like, strict=True)]


def vector_for(y: Tensor) -> Tensor | None:
    """A vector to multiply the Jacobian of `y` with, to be differentiated with respect to; None for integers."""
    if not (y.dtype.is_floating_point or y.dtype.is_complex):
        return None
    v = fn.zeros_like(y)
    v = make(v._array, v._kind)
    set_requires_grad(v, True)
    return v


class Pushforward:
    """The derivative of tensors with respect to others: tangents of the inputs in, tangents of the outputs out.

    It is the gradient of a vector-Jacobian product with respect to the vector: the product is linear in it.
    """

    def __init__(self, outputs: Sequence[Tensor], inputs: Sequence[Tensor]) -> None:
        self.vectors = [vector_for(y) for y in outputs]
        live = [(y, v) for y, v in zip(outputs, self.vectors, strict=True) if v is not None and y.requires_grad]
        self.products = pull([y for y, _ in live], inputs, [v for _, v in live], True)

    def push(self, tangents: Sequence[Tensor], create_graph: bool) -> list[Tensor | None]:
        """The tangents of the outputs; None where one depends on no input."""
        live = [
            (p, t)
            for p, t in zip(self.products, tangents, strict=True)
            if p is not None and current_edge(p) is not None
        ]
        vectors = [v for v in self.vectors if v is not None]
        found = iter(pull([p for p, _ in live], vectors, [t for _, t in live], create_graph))
        return [None if v is None else next(found) for v in self.vectors]
