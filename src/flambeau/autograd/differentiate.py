"""`backward` and `grad`: gradients accumulated in the leaves, or returned."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from .. import config
from ..tensor import functions as fn
from ..tensor import later
from ..tensor.batching import batch_in, batch_out, batched_over
from ..tensor.engine import Captured, run_backward
from ..tensor.methods.gradients import backward_all, check_gradient
from ..tensor.node import Output
from ..tensor.tensor import Tensor, current_edge, kind_of, make
from .graph import GradientEdge


def _several(value: Any) -> tuple:
    return (value,) if isinstance(value, (Tensor, GradientEdge)) else tuple(value)


def _edge(value: Any) -> Any:
    """The edge that leads to a tensor's gradient, or that a GradientEdge stands for."""
    if isinstance(value, Tensor):
        return current_edge(value)
    if not isinstance(value, GradientEdge):
        raise TypeError(f"inputs should be Tensors or GradientEdges, not {type(value).__name__}")
    several = value.node.extra is not None and value.node.extra.outputs is not None
    return Output(value.node, value.output_nr) if several else value.node


def _seed(output: Any, gradient: Any, position: int) -> Tensor:
    """The gradient to start with."""
    if isinstance(output, Tensor):
        return check_gradient(output, gradient, position)
    if gradient is None:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    return gradient


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Compute the gradients of tensors with respect to the leaves, or to `inputs`, and add them to their `grad`.

    grad_tensors: for each tensor the gradient to start with; None for those of one element.
    """
    tensors = _several(tensors)
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        grad_tensors = grad_variables if grad_tensors is None else grad_tensors
    grads: Sequence[Any] = (
        (None,) * len(tensors)
        if grad_tensors is None
        else ((grad_tensors,) if isinstance(grad_tensors, Tensor) else tuple(grad_tensors))
    )
    if len(grads) != len(tensors):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(grads)} gradients")
    backward_all(tensors, grads, retain_graph, create_graph, inputs)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
    only_inputs: bool = True,
) -> tuple:
    """The gradients of the sum of `outputs` with respect to `inputs`, as a tuple; no `grad` is changed.

    create_graph: the gradients can be differentiated again. allow_unused: None for inputs that the outputs do not
    depend on, else that is a RuntimeError; materialize_grads: zeros instead.

    >>> x = tensor(3., requires_grad=True)
    >>> grad(x ** 2, x)
    (tensor(6.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    if allow_unused is None:
        allow_unused = materialize_grads
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
            "other "
            "parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    outputs, inputs = _several(outputs), _several(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if is_grads_batched:
        return _batched(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads)
    given = (None,) * len(outputs) if grad_outputs is None else _several(grad_outputs)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    edges = [_edge(t) for t in inputs]
    seeds = [_seed(t, g, i) for i, (t, g) in enumerate(zip(outputs, given, strict=True))]
    if any(e is None for e in edges):
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    wanted = [Captured(e) for e in edges]
    # arrays carry no tangents
    dual = config.modes().dual
    lifted = create_graph or dual is not None
    run_backward(
        [_edge(t) for t in outputs],
        seeds if lifted else [s._array for s in seeds],
        retain=create_graph if retain_graph is None else bool(retain_graph),
        tensors=later.tensor_namespace() if lifted else None,
        wanted=wanted,
        accumulate=False,
        wrap=make,
    )
    found = tuple(
        _result(i, t, c, lifted, allow_unused, materialize_grads)
        for i, (t, c) in enumerate(zip(inputs, wanted, strict=True))
    )
    return (
        found if dual is None or create_graph else tuple([g if g is None else dual.without_history(g) for g in found])
    )


def _result(
    position: int, t: Tensor, capture: Captured, create_graph: bool, allow_unused: bool, materialize: bool
) -> Tensor | None:
    if capture.grad is None:
        if not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {position} appears to not have been used in the graph. Set "
                "allow_unused=True if "
                "this is the desired behavior."
            )
        return fn.zeros_like(t) if materialize else None
    if create_graph:
        return capture.grad
    if hasattr(capture.grad, "level") or hasattr(capture.grad, "coalesced") or getattr(t, "is_sparse", False):
        return make(capture.grad, kind_of(capture.grad))
    kind = t._kind if isinstance(t, Tensor) else capture.kind()
    # sums of everything are NumPy scalars
    return make(kind.xp.asarray(capture.grad), kind)


def _batched(
    outputs: tuple,
    inputs: tuple,
    grad_outputs: Any,
    retain_graph: Any,
    create_graph: bool,
    allow_unused: bool,
    zeros: bool,
) -> tuple:
    """One gradient for each slice of `grad_outputs` along its first dim, stacked."""
    given = _several(grad_outputs)
    with batched_over(given[0].shape[0]) as level:
        seeds = tuple(batch_in(g, level, 0) for g in given)
        found = grad(outputs, inputs, seeds, retain_graph, create_graph, allow_unused, False, zeros)
        return tuple(None if g is None else batch_out(g, level, 0) for g in found)
