"""The backward pass: visits the nodes of a graph, newest first, and applies their gradient rules.

The engine knows arrays, nodes and edges, and no tensors. For gradients that can be differentiated again it gets
tensors in place of arrays, and the tensors' own array namespace as `xp`: the rules are the same.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Sequence
from heapq import heappop, heappush, heappushpop
from typing import Any

from .. import config, errors
from ..device import BATCHED
from ..storage import clock
from ..xp.numpy import asarray, generic, isolated, ndarray, sum_rows
from ..xp.numpy import sum as sum_axes
from . import node as graph
from .node import FREED, AccumulateGrad, Node, Output
from .visits import (
    apply_node,
    call_hook,
    cast,
    check_writes,
    layout_kind,
    run_after,
    run_before,
    run_hooks,
    visit_unusual,
    wrapper_of,
)


def run_backward(
    roots: Sequence[Any],
    grads: Sequence[Any],
    *,
    retain: bool,
    tensors: Any = None,
    wanted: Sequence[Captured] | None = None,
    accumulate: bool = True,
    wrap: Callable | None = None,
) -> None:
    """Send `grads` from the edges `roots` back through the graph.

    `tensors` is the tensors' array namespace where gradients are tensors (create_graph), else None and they are arrays.
    `wanted` limits the pass to what leads to those edges and stores gradients there; `accumulate=False` leaves the
    leaves' own gradients alone. `wrap(array, kind)` makes the tensors that hooks see.
    """
    if tensors is not None and not config.modes().grad:
        # whoever asks for gradients to differentiate gets them within no_grad too
        again = {"retain": retain, "tensors": tensors, "wanted": wanted, "accumulate": accumulate, "wrap": wrap}
        call_hook(lambda: run_backward(roots, grads, **again), True)  # type: ignore[arg-type]
    elif passes.watched:
        _watched(roots, grads, retain, tensors, wanted, accumulate, wrap)
    elif tensors is None and wanted is None and not (BATCHED and any(hasattr(g, "level") for g in grads)):
        isolated(run_plain, roots, grads, retain, wrap)
    else:
        isolated(_run, roots, grads, retain, tensors, wanted, accumulate, wrap)


def run_plain(roots: Sequence[Any], grads: Sequence[Any], retain: bool, wrap: Callable | None) -> None:
    """`backward()` as it mostly is: arrays flow to the leaves. Small programs spend their time in this loop.

    A node without `extra` has one output, of a kind that NumPy computes with as it is. `node` is the one to visit next
    and `g` what arrived there; in a chain of operations no other waits, and neither heap nor dict is touched (0.3 µs a
    node). What goes to leaves and further nodes is written out here instead of called (0.2 µs an edge).
    """
    pending: dict[Node, Any] = {}
    # whose sum is our own, so that more may be added to it in place
    owned: set[Node] = set()
    heap: list[tuple[int, Node]] = []
    leaves: dict[Node, Any] = {}
    node: Any = None
    g: Any = None
    if len(roots) == 1 and roots[0].shape == grads[0].shape and type(roots[0]) is not AccumulateGrad:
        node, g = roots[0], grads[0]
    else:
        for edge, grad in zip(roots, grads, strict=True):
            _send(edge, grad, False, pending, owned, heap, leaves, False)
        if heap:
            node = heappop(heap)[1]
            g = pending.pop(node)
    while node is not None:
        saved = node.saved
        if saved:
            if saved is FREED:
                raise RuntimeError(graph.freed_message())
            if clock.last_write > node.seq:
                saved = check_writes(node)
        edges = node.edges
        if node.extra is not None:
            grads_in = visit_unusual(node, saved, g, wrap)
        elif node.shape:
            grads_in = node.backward(edges, saved, node.kind.xp, g)
        else:
            grads_in = node.scalar_backward(edges, saved, node.kind.xp, g)
        if saved and not retain and node.frees:
            node.saved = FREED
        node = None
        came = g
        for edge, grad in zip(edges, grads_in, strict=False):
            if edge is None or grad is None:
                continue
            c = type(edge)
            if c is Output:
                _send(edge, grad, False, pending, owned, heap, leaves, False)
                continue
            if c is AccumulateGrad:
                before = leaves.get(edge)
                if before is not None:
                    if before.shape != grad.shape:
                        grad = sum_to(grad, before.shape)
                    _add(leaves, owned, edge, before, grad)
                    continue
                leaf = edge.leaf()
                if leaf is None:
                    if edge.hooks:
                        leaves[edge] = grad
                    continue
                shape = leaf._array.shape
                if (shape or type(grad) is ndarray or BATCHED) and grad.shape != shape:
                    grad = sum_to(grad, shape)
                    if grad.base is None:
                        owned.add(edge)
                elif shape and grad.size > 256 and grad is not came and _is_new(grad, grads_in, saved):
                    # a copy of a small gradient costs less than finding out whether none is needed
                    owned.add(edge)
                leaves[edge] = grad
                continue
            # NumPy's scalars answer slowly when they are asked for their shape
            shape = edge.shape
            if (shape or type(grad) is ndarray or BATCHED) and grad.shape != shape:
                grad = sum_to(grad, shape)
            if edge is node:
                g = g + grad
            elif node is None and edge not in pending:
                node = edge
                g = grad
            else:
                before = pending.get(edge)
                if before is None:
                    pending[edge] = grad
                    heappush(heap, (-edge.seq, edge))
                else:
                    _add(pending, owned, edge, before, grad)
        if heap:
            # the newest of what waits comes next
            if node is None:
                node = heappop(heap)[1]
                g = pending.pop(node)
            elif -heap[0][0] > node.seq:
                pending[node] = g
                node = heappushpop(heap, (-node.seq, node))[1]
                g = pending.pop(node)
    _finish_plain(leaves, owned, wrap)


def _finish_plain(leaves: dict, owned: set, wrap: Callable | None) -> None:
    """Give the leaves their gradients: the first one of a leaf without hooks at once, others by `_finish`."""
    rest = {}
    for accumulator, grad in leaves.items():
        leaf = accumulator.leaf()
        unusual = accumulator.hooks or accumulator.post_hooks or accumulator.extra is not None or wrap is None
        if leaf is None or leaf._grad is not None or unusual or not lies_as(grad, leaf._array):
            rest[accumulator] = grad
            continue
        kind = leaf._kind
        if type(grad) is not ndarray:
            array = asarray(grad) if isinstance(grad, generic) else None  # type: ignore[misc]
        elif accumulator in owned:
            array = grad
        else:
            # others may share the memory; an expanded gradient gets memory of its own
            array = grad.copy("C" if 0 in grad.strides else "K")
        if array is None or array.dtype is not kind.native:
            rest[accumulator] = grad
        else:
            leaf._grad = wrap(array, kind.original or kind)  # type: ignore[misc]
    if rest:
        _finish(rest, owned, {}, True, False, wrap)


def lies_as(grad: Any, array: Any) -> bool:
    """Whether a gradient may become that of a tensor as it lies in memory."""
    if type(grad) is not ndarray or grad.ndim < 2 or grad.strides == array.strides:
        return True
    return grad.flags.c_contiguous and array.flags.c_contiguous


def _run(
    roots: Sequence[Any],
    grads: Sequence[Any],
    retain: bool,
    tensors: Any,
    wanted: Sequence[Captured] | None,
    accumulate: bool,
    wrap: Callable | None,
) -> None:
    """The pass for gradients that are tensors, or wanted for some edges only."""
    lifted = tensors is not None
    pending: dict[Node, Any] = {}
    # nodes whose pending gradient is a sum that we made, to which more may be added in place
    owned: set[Node] = set()
    heap: list[tuple[int, Node]] = []
    leaves: dict[Node, Any] = {}
    needed = _nodes_leading_to(roots, wanted) if wanted is not None else None
    reached = needed | {capture.node for capture in wanted} if needed is not None and wanted is not None else None
    captures: dict[Node, list[Captured]] = {}
    for capture in wanted or ():
        captures.setdefault(capture.node, []).append(capture)

    for edge, grad in zip(roots, grads, strict=True):
        _send(edge, grad, False, pending, owned, heap, leaves, lifted)

    while heap:
        node = heappop(heap)[1]
        g = pending.pop(node)
        if owned:
            owned.discard(node)
        extra = node.extra
        if extra is not None:
            g = run_before(node, extra, g, lifted, wrap)
        if captures and node in captures:
            for capture in captures[node]:
                capture.grad = g[capture.index] if type(g) is list else g
        if needed is not None and node not in needed:
            continue
        saved = node.saved
        if saved is FREED:
            raise RuntimeError(graph.freed_message())
        if saved and clock.last_write > node.seq:
            saved = check_writes(node)
        edges = node.edges
        try:
            grads_in = apply_node(node, saved, g, lifted, tensors)
        except Exception as error:
            if extra is not None and extra.traceback is not None:
                errors.warn_anomaly(type(node).__name__, extra.traceback)
            raise error
        if extra is not None:
            grads_in = run_after(node, extra, grads_in, g, lifted, wrap)
        if not retain and saved and node.frees:
            node.saved = FREED
        for edge, grad in zip(edges, grads_in, strict=True):
            if edge is None or grad is None:
                continue
            if reached is not None and (edge.node if type(edge) is Output else edge) not in reached:
                continue
            shape = edge.shape
            if shape is None or type(edge) is Output:
                fresh = not lifted and grad is not g and not node.on_tensors and _is_new(grad, grads_in, saved)
                _send(edge, grad, fresh, pending, owned, heap, leaves, lifted)
                continue
            if grad.shape != shape:
                grad = sum_to(grad, shape)
            before = pending.get(edge)
            if before is None:
                pending[edge] = grad
                heappush(heap, (-edge.seq, edge))
            else:
                _add(pending, owned, edge, before, grad)

    _finish(leaves, owned, captures, accumulate, lifted, wrap)


def _finish(leaves: dict, owned: set, captures: dict, accumulate: bool, lifted: bool, wrap: Callable | None) -> None:
    """Give the leaves their gradients."""
    for accumulator, grad in leaves.items():
        assert isinstance(accumulator, AccumulateGrad)
        leaf = accumulator.leaf()
        kind = None if leaf is None else leaf._kind.original or leaf._kind
        fresh = accumulator in owned
        if kind is not None and not lifted and grad.dtype != kind.native:
            grad, fresh = cast(grad, accumulator, kind.xp), True
        if accumulator.hooks:
            assert wrap is not None
            before = grad
            grad = run_hooks(accumulator.hooks, grad, kind, lifted, wrap)
            fresh = fresh and grad is before
        extra = accumulator.extra
        if extra is not None and extra.prehooks:
            grad = run_before(accumulator, extra, grad, lifted, wrap and wrapper_of(wrap, kind))
            fresh = False
        for capture in captures.get(accumulator, ()):
            capture.grad = grad
        if captures and accumulator not in captures:
            continue
        if not accumulate or leaf is None:
            continue
        leaf._accumulate(grad, fresh)
        if extra is not None and extra.hooks:
            assert wrap is not None
            seen = grad if lifted else wrap(grad, layout_kind(grad, kind))
            for hook in list(extra.hooks.values()):
                call_hook(hook, lifted, (), (seen,))
        if accumulator.post_hooks:
            for hook in list(accumulator.post_hooks.values()):
                call_hook(hook, lifted, leaf)


# ---- gradients on their way ------------------------------------------------------------------------------------------


def _send(edge: Any, grad: Any, fresh: bool, pending: dict, owned: set, heap: list, leaves: dict, lifted: bool) -> None:
    """Add `grad` to what waits at the end of `edge`."""
    if type(edge) is Output:
        node = edge.node
        waiting = pending.get(node)
        shape, _ = node.extra.outputs[edge.index]
        if grad.shape != shape:
            grad = sum_to(grad, shape)
        if waiting is None:
            waiting = pending[node] = [None] * len(node.extra.outputs)
            heappush(heap, (-node.seq, node))
        before = waiting[edge.index]
        waiting[edge.index] = grad if before is None else before + grad
        return
    store = pending
    shape = edge.shape
    if shape is None:
        leaf = edge.leaf()
        if leaf is None and not edge.hooks:
            return
        shape = grad.shape if leaf is None else leaf._array.shape
        store = leaves
    if grad.shape != shape:
        grad = sum_to(grad, shape)
        fresh = not lifted and grad.base is None
    before = store.get(edge)
    if before is not None:
        _add(store, owned, edge, before, grad)
        return
    store[edge] = grad
    if store is pending:
        heappush(heap, (-edge.seq, edge))
    if fresh:
        owned.add(edge)


def _add(store: dict, owned: set, edge: Node, before: Any, grad: Any) -> None:
    """Add a further gradient to what waits at a node: into our own sum, if there is one already."""
    if type(before) is not ndarray or type(grad) is not ndarray:
        store[edge] = before + grad
    elif edge in owned and before.dtype == grad.dtype:
        before += grad
    else:
        store[edge] = before + grad
        owned.add(edge)


def _is_new(grad: Any, grads: Sequence[Any], saved: Any) -> bool:
    """Whether a gradient's memory is nobody else's, so that a leaf may keep it without a copy."""
    if type(grad) is not ndarray or grad.base is not None:
        return False
    times = 0
    for other in grads:
        times += other is grad
    for value in saved:
        times += value is grad
    return times == 1


def sum_to(grad: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: sum `grad` over the axes that a tensor of `shape` was repeated along."""
    extra = len(grad.shape) - len(shape)
    if extra == 1 and grad.shape[1:] == shape:
        # a bias: the usual case
        return sum_rows(grad) if type(grad) is ndarray else grad.sum(0)
    axes = tuple([i for i, n in enumerate(grad.shape) if i < extra or (shape[i - extra] == 1 and n != 1)])
    if axes:
        grad = sum_axes(grad, axes) if type(grad) is ndarray else grad.sum(axes)
    return grad.reshape(shape) if grad.shape != shape else grad


# ---- asking for the gradients of some edges, and which nodes a pass visits -------------------------------------------


class Captured:
    """Asks the engine for the gradient that arrives at an edge, instead of accumulating it."""

    __slots__ = ("node", "index", "grad")

    def __init__(self, edge: Any) -> None:
        self.node, self.index = graph.target(edge)
        self.grad: Any = None

    def kind(self) -> Any:
        """How the gradient's array is to be read."""
        if type(self.node) is AccumulateGrad:
            return self.node.leaf()._kind  # type: ignore[union-attr]
        extra = self.node.extra
        return self.node.kind if extra is None or extra.outputs is None else extra.outputs[self.index][1]


def _nodes_leading_to(roots: Sequence[Any], wanted: Sequence[Captured]) -> set[Node]:
    """The nodes from which some wanted edge can be reached: only their rules need to run."""
    goals = {capture.node for capture in wanted}
    leads: dict[Node, bool] = {}
    for root in roots:
        start = root.node if type(root) is Output else root
        stack = [start]
        while stack:
            node = stack[-1]
            if node in leads and leads[node] is not None:
                stack.pop()
                continue
            children = [e.node if type(e) is Output else e for e in node.edges if e is not None]
            if node not in leads:
                leads[node] = None  # type: ignore[assignment]
                stack.extend(c for c in children if c not in leads)
            else:
                leads[node] = any(leads.get(c) or c in goals for c in children)
                stack.pop()
    return {node for node, yes in leads.items() if yes}


class Passes:
    """The passes that run now, by thread; kept once somebody asks which nodes a pass visits."""

    __slots__ = ("watched", "roots")

    def __init__(self) -> None:
        self.watched = False
        self.roots: dict[int, tuple] = {}


passes = Passes()


def _watched(
    roots: Sequence[Any], grads: Any, retain: Any, tensors: Any, wanted: Any, accumulate: Any, wrap: Any
) -> None:
    """`run_backward` for a pass that hooks ask about."""
    ident = get_ident()
    outside = passes.roots.get(ident)
    passes.roots[ident] = (roots, wanted)
    try:
        isolated(_run, roots, grads, retain, tensors, wanted, accumulate, wrap)
    finally:
        if outside is None:
            del passes.roots[ident]
        else:
            passes.roots[ident] = outside


def pass_is_limited() -> bool:
    """Whether this thread's pass was asked for the gradients of some tensors only."""
    return passes.roots.get(get_ident(), (None, None))[1] is not None


def visited_nodes() -> set[Node]:
    """The nodes that this thread's pass visits, the ends of the graph included."""
    roots, wanted = passes.roots[get_ident()]
    goals = {capture.node for capture in wanted or ()}
    if wanted is not None:
        return _nodes_leading_to(roots, wanted) | goals
    seen: set[Node] = set()
    waiting = [graph.target(root)[0] for root in roots]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [graph.target(e)[0] for e in node.edges if e is not None]
    return seen
