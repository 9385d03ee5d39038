"""`Tensor.backward`: from a tensor, or several, back to the leaves."""

from __future__ import annotations

from typing import Any

from ... import config, errors
from ...xp import numpy as xnp
from .. import functions as fn
from .. import later
from ..engine import Captured, passes, run_backward, run_plain
from ..tensor import KIND_BY_NUMBER, Tensor, current_edge, make
from .members import method

# the gradient of a number with respect to itself
SEEDS = {kind: kind.native.type(1) for kind in KIND_BY_NUMBER.values() if kind.floating}


@method
def backward(
    self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Compute the gradients of this tensor with respect to the leaves of its graph, and add them to their `grad`.

    gradient: the gradient of something with respect to this tensor, needed unless it has one element.
    Raises RuntimeError where there is no graph, or where it was freed by an earlier pass.
    """
    edge = current_edge(self)
    if edge is None:
        raise errors.backward_in_transform() if config.functional.depth else errors.no_grad_fn(0)
    if config.functional.depth:
        raise errors.backward_in_transform()
    if gradient is None:
        array = self._array
        if array.size != 1:
            raise errors.backward_of_many(array.shape)
        kind = self._kind
        if not create_graph and inputs is None and kind.floating and not passes.watched:
            seed = xnp.ones(array.shape, kind.native) if array.ndim else SEEDS[kind]
            # run_backward in one call less
            xnp.isolated(run_plain, (edge,), (seed,), bool(retain_graph), make)
            return
    elif not isinstance(gradient, Tensor):
        gradient = tuple(gradient)
        if len(gradient) != 1:
            raise RuntimeError(f"got 1 tensors and {len(gradient)} gradients")
        gradient = gradient[0]
    backward_all((self,), (gradient,), retain_graph, create_graph, inputs)


def backward_all(tensors: Any, gradients: Any, retain_graph: Any, create_graph: bool, inputs: Any) -> None:
    """Send gradients back from several tensors."""
    if config.functional.depth:
        raise errors.backward_in_transform()
    seeds = [check_gradient(t, g, i) for i, (t, g) in enumerate(zip(tensors, gradients, strict=True))]
    wanted = None
    if inputs is not None:
        inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        edges = [current_edge(t) for t in inputs]
        if any(e is None for e in edges):
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        wanted = [Captured(e) for e in edges]
    run_backward(
        [current_edge(t) for t in tensors],
        seeds if create_graph else [s._array for s in seeds],
        retain=create_graph if retain_graph is None else bool(retain_graph),
        tensors=later.tensor_namespace() if create_graph else None,
        wanted=wanted,
        wrap=make,
    )
    if wanted is not None:
        for t, capture in zip(inputs, wanted, strict=True):
            if not t.is_leaf and capture.grad is not None:
                t._accumulate(capture.grad, False)


def check_gradient(t: Tensor, gradient: Any, position: int) -> Tensor:
    """The gradient to start with at a tensor: ones if none is given for a single element."""
    if gradient is None:
        if current_edge(t) is None:
            raise errors.no_grad_fn(position)
        if t._array.size != 1:
            raise errors.backward_of_many(t._array.shape)
        if not t.dtype.is_floating_point:
            raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {t.dtype}")
        return fn.ones_like(t)
    if not isinstance(gradient, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {gradient.__class__.__name__}")
    if gradient._array.shape != t._array.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{position}] has a shape of {gradient.shape} and output[{position}] has a "
            f"shape of {t.shape}."
        )
    if gradient.dtype.is_complex != t.dtype.is_complex:
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
            f"grad_output[{position}] has a dtype of {gradient.dtype} and output[{position}] has a dtype of {t.dtype}."
        )
    if current_edge(t) is None:
        raise errors.no_grad_fn(position)
    return gradient if gradient.dtype is t.dtype else gradient.to(t.dtype)  # type: ignore[attr-defined]
