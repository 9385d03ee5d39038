"""Views and the graph: what happens to history when a tensor that shares its memory is changed in place.

A view remembers its base and how it was made (`note_view`). Changing it in place gives the base a `CopySlices` node;
other views notice that the base was rewritten, and are recorded anew when asked for their edge (`refresh_view`).
"""

from __future__ import annotations

from typing import Any

from .. import config
from ..config import state
from ..ops.table import Op
from ..storage import owner, sign
from . import later
from . import node as graph
from .later import ROW_FUNCTIONS
from .node import Node
from .operands import kind_of_array
from .recording import lift_saved, make_node
from .tensor import Tensor, current_edge, set_requires_grad
from .visits import apply_rules, check_writes


def note_view(row: Op, source: Tensor, output: Tensor, attributes: dict[str, Any]) -> None:
    """Remember of what, and how, `output` is a view, so that in-place changes reach the history of the base.

    One that was made while nothing is recorded says that it requires a gradient, as what it is a view of.
    """
    if row.view == "maybe" and owner(output._array) is not owner(source._array):
        return
    base = source if source._view is None else source._view[0]
    output._view = (base, source, row, attributes, base._rewrites)
    if state.special and output._edge is None and row.differentiable and current_edge(source) is not None:
        hold_back(output)


def hold_back(output: Tensor) -> None:
    """Let a view without history say that it requires a gradient, unless it holds integers."""
    if output._kind.inexact:
        set_requires_grad(output, True)


def refresh_view(t: Tensor) -> Any:
    """The edge of a view whose base has a new history: the view is recorded again."""
    base, parent, row, attributes, _ = t._view  # type: ignore[misc]
    edge = current_edge(parent)
    if edge is None or not row.differentiable:
        t._edge = None
    else:
        modes = config.modes()
        node = make_node(row, [parent._array], (edge,), attributes, [t._array], [t], False, modes)
        t._edge = node
    t._view = (base, parent, row, attributes, base._rewrites)
    return t._edge


later.refresh_view = refresh_view


def set_history(t: Tensor, node: Node) -> None:
    """Make `node`, of an in-place operation on `t`, the producer of `t`, and of the base that `t` is a view of."""
    move_retained(t, node)
    sign(t._array, type(graph.target(node)[0]).__name__ if t._view is None else "CopySlices")
    if t._view is None:
        t._edge = node
        t._rewrites += 1
        return
    base = t._view[0]
    chain = []
    view: Any = t
    while view._view is not None:
        _, parent, row, attributes, _ = view._view
        chain.append((row, attributes))
        view = parent
    whole = CopySlices((current_edge(base), *node.edges[1:]), (), base._array.shape, base._kind)
    graph.more(whole)
    whole.inner = node
    whole.chain = chain[::-1]
    base._edge = whole
    base._rewrites += 1


def move_retained(t: Tensor, node: Any) -> None:
    """Where `retain_grad` was called on a tensor, its gradient is that of its value after the change."""
    old = t._edge
    if old is None:
        return
    before, index = graph.target(old)
    retained = None if before.extra is None else before.extra.retained
    if retained and index in retained and retained[index]() is t:
        after, number = graph.target(node)
        extra = graph.more(after)
        if extra.retained is None:
            extra.retained = {}
        extra.retained[number] = retained.pop(index)


class CopySlices(Node):
    """An in-place operation on a view, seen from the base: the gradient of the written part passes the operation."""

    __slots__ = ("inner", "chain")
    inner: Node
    chain: list

    @staticmethod
    def backward(node: CopySlices, g: Any, lifted: bool) -> list[Any]:  # type: ignore[override]
        if lifted:
            whole = ROW_FUNCTIONS["clone"](g)
            part = whole
            for row, attributes in node.chain:
                part = ROW_FUNCTIONS[row.name](part, **attributes)
            inner = node.inner
            g = ROW_FUNCTIONS["clone"](part)
            grads = inner.backward(inner.edges, lift_saved(inner), later.tensor_namespace(), g)
            part.zero_() if grads[0] is None else part.copy_(grads[0])  # type: ignore[attr-defined]
            return [whole, *grads[1:]]
        kind = kind_of_array(g, node.kind, False)
        whole = kind.xp.copy(g)
        part = whole
        for row, attributes in node.chain:
            part = kind.run(row.forward, kind.xp, part, **attributes)
        inner = node.inner
        if inner.saved is graph.FREED:
            raise RuntimeError(graph.freed_message())
        check_writes(inner)
        if inner.on_tensors:
            grads = inner.backward(inner, kind.xp.copy(part), False)
        else:
            grads = apply_rules(inner, inner.kind, inner.saved, kind.xp.copy(part))
        part[...] = 0 if grads[0] is None else grads[0]
        return [whole, *grads[1:]]

    on_tensors = True
