"""In-place operations: `x.add_(y)` in general, and of public functions that have an in-place form.

The result is computed first, then judged, then written, so that a failure leaves the tensor as it was. Where a gradient
is wanted, old values that rules need are kept as copies, and the tensor goes on with a new history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import config, errors
from ..config import state
from ..ops.table import TABLE, Op
from ..storage import owner, sign, tick
from ..xp import numpy as xnp
from ..xp.sparse import Coo
from . import later
from . import node as graph
from .dispatch import explain, given_keywords
from .later import INPLACE
from .node import AccumulateGrad, Output
from .operands import check_operands, find_kind, kind_of_array, no_tensor_message, prepare, unwrap
from .outputs import check_before_kernel, check_fits, write
from .overrides import take_over
from .recording import make_node
from .tensor import Tensor, current_edge
from .views import move_retained, set_history


def check_inplace(t: Tensor, modes: Any) -> None:
    """Refuse to overwrite what the graph cannot follow."""
    if t._kind.inference and not modes.inference:
        raise errors.inference_inplace()
    if not modes.grad or modes.inference:
        return
    edge = current_edge(t)
    if type(edge) is AccumulateGrad and (t._view is None or current_edge(t._view[0]) is None):
        raise errors.inplace_on_leaf(view=False)
    if t._view is not None:
        if type(edge) is Output:
            raise errors.inplace_on_multi_view(edge)
        base = current_edge(t._view[0])
        if base is not None and t._kind.inexact and (edge is None or type(edge) is AccumulateGrad):
            raise errors.inplace_on_silent_view()
        if type(base) is AccumulateGrad:
            raise errors.inplace_on_leaf(view=True)


def general_inplace(row: Op, args: Sequence[Any], attributes: dict[str, Any]) -> Tensor:
    """Call a row in place: compute, check that the result fits, then write. A failure leaves the tensor as it was."""
    if state.overrides and row.name in INPLACE:
        taken = take_over(INPLACE[row.name], args, given_keywords(row, attributes, None))
        if taken is not NotImplemented:
            return taken
    t = args[0]
    modes = config.modes()
    if modes.profile is not None:
        return modes.profile(row, "_", general_inplace, (row, args, attributes))
    if not isinstance(t, Tensor):
        raise TypeError(no_tensor_message(row, args))
    check_inplace(t, modes)
    operands = list(args)
    kind = find_kind(row, operands, attributes)
    check_operands(row, operands, attributes, inplace=True)
    try:
        arrays, work = prepare(row, operands, kind)
    except NotImplementedError:
        check_before_kernel(row, operands, t, resizable=False)
        raise
    attributes = {name: unwrap(value) for name, value in attributes.items()}
    try:
        result = kind.run(row.forward, kind.xp, *arrays, **attributes)
    except Exception as error:
        raise explain(row, arrays, attributes, error) from None
    result = xnp.asarray(result) if isinstance(result, xnp.generic) else result
    found = kind_of_array(result, kind, False).dtype
    check_fits(t, result.shape, work.dtype if found is work.wide.dtype else found)
    edges: tuple = ()
    if modes.grad and not modes.inference and row.differentiable:
        edges = tuple(current_edge(x) if isinstance(x, Tensor) else None for x in operands)
    recorded = any(e is not None for e in edges)
    if recorded:
        # what the rules need of the old value must survive the write
        arrays = [kind.xp.copy(a) if a is not None and owner(a) is owner(t._array) else a for a in arrays]
    dual = modes.dual if modes.dual is not None and modes.dual.wants(operands) else None
    tangents = dual.push(row, operands, False, attributes) if dual is not None else [None]
    write(t, result)
    if dual is not None:
        dual.set(t, tangents[0])
    if recorded:
        casts = any(isinstance(x, Tensor) and x._kind is not work for x in operands)
        node = make_node(row, arrays, edges, attributes, [t._array], [t], casts, modes)
        set_history(t, node)
    return t


def inplace_result(t: Tensor, compute: Callable[[], Tensor]) -> Tensor:
    """Write the tensor that `compute` makes of `t` into `t`, and let the history of `t` go on from there."""
    modes = config.modes()
    if type(t._array) is Coo:
        return later.replace_sparse(t, compute())
    check_inplace(t, modes)
    begin = tick()
    result = compute()
    check_fits(t, result._array.shape, result._kind.dtype)
    if modes.dual is not None and modes.dual.wants((result,)):
        modes.dual.set(t, modes.dual.tangent_of(result))
    if current_edge(result) is None or not modes.grad or modes.inference:
        write(t, result._array)
        return t
    if t._view is not None or result._kind is not t._kind or owner(result._array) is owner(t._array):
        keep_old_value(result._edge, begin, owner(t._array))
        return general_inplace(TABLE["copy"], (t, result), {})
    keep_old_value(result._edge, begin, owner(t._array))
    write(t, result._array)
    move_retained(t, result._edge)
    sign(t._array, type(graph.target(result._edge)[0]).__name__)
    t._edge = result._edge
    t._rewrites += 1
    return t


def keep_old_value(edge: Any, begin: int, memory: Any) -> None:
    """Let the nodes made since `begin` that saved a value which is about to be overwritten have a copy of it."""

    def kept(value: Any) -> Any:
        if isinstance(value, xnp.ndarray):
            return value.copy() if owner(value) is memory else value
        return [kept(v) for v in value] if isinstance(value, list) else value

    waiting, seen = [graph.target(edge)[0]], set()
    while waiting:
        node = waiting.pop()
        if node in seen or node.seq < begin:
            continue
        seen.add(node)
        node.saved = tuple(
            [v if origin is None else kept(v) for v, origin in zip(node.saved, node.origins, strict=True)]
        )
        waiting += [graph.target(e)[0] for e in node.edges if e is not None]
