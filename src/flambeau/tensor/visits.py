"""What the engine does at one node: apply its rules, run its hooks, check that what it saved is still what it was.

Gradients are arrays, or tensors where they are to be differentiated again (`lifted`); the rules are the same. Half
types are computed in float32, and each gradient is cast to the dtype of the tensor that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import config, errors
from ..device import BATCHED
from ..storage import writer, written_since
from ..xp.numpy import ndarray
from . import later
from . import node as graph
from .node import AccumulateGrad, Node, Output


def visit_unusual(node: Node, saved: Any, g: Any, wrap: Callable | None) -> Any:
    """The gradients of the inputs of a node that has hooks, several outputs, mixed dtypes or a user's backward."""
    extra = node.extra
    assert extra is not None
    g = run_before(node, extra, g, False, wrap)
    try:
        grads = apply_node(node, saved, g, False, None)
    except Exception:
        if extra.traceback is not None:
            errors.warn_anomaly(type(node).__name__, extra.traceback)
        raise
    return run_after(node, extra, grads, g, False, wrap)


def apply_node(node: Node, saved: Any, g: Any, lifted: bool, tensors: Any) -> Any:
    """The gradients of a node's inputs."""
    profile = config.modes().profile
    if profile is not None:
        return profile(node, "", apply_node, (node, saved, g, lifted, tensors))
    if node.on_tensors:
        grads = node.backward(node, g, lifted)
    elif lifted:
        found = node.backward(node.edges, later.lift_saved(node), tensors, _whole(node, g, tensors))
        grads = [_real_where_due(grad, edge) for grad, edge in zip(found, node.edges, strict=True)]
    else:
        grads = apply_rules(node, node.kind, saved, g)
    return leave_levels(node, grads, lifted) if BATCHED else grads


def apply_rules(node: Node, kind: Any, saved: tuple, g: Any) -> Any:
    """Apply a node's rules where dtypes differ: half types are computed in float32, gradients cast to their edges."""
    extra = node.extra
    several = extra is not None and extra.outputs is not None
    if several:
        kind = extra.outputs[0][1]
    if BATCHED:
        kind = _batched_kind(node, kind, g, several)
    if several:
        g = _whole(node, g, kind.xp)
    if extra is not None and extra.unpack is not None:
        saved = call_hook(extra.unpack, False, saved)
    xp = kind.xp
    if not kind.plain or (several and not all(k.plain for _, k in extra.outputs)):
        g = [_widen(one, xp) for one in g] if several else _widen(g, xp)
        saved = tuple(_widen(value, xp) if origin is not None else value
                      for value, origin in zip(saved, node.origins, strict=True))  # fmt: skip
    grads = kind.run(node.backward, node.edges, saved, xp, g)
    return [
        grad if grad is None or edge is None else cast(grad, edge, xp)
        for edge, grad in zip(node.edges, grads, strict=True)
    ]


def _batched_kind(node: Node, kind: Any, g: Any, several: bool) -> Any:
    """The kind to compute with, where an output or its gradient is a batch."""
    parts = g if several else (g,)
    kinds = [k for _, k in node.extra.outputs] if several else ()
    if any(hasattr(one, "level") for one in parts) or any(k.batched for k in kinds):
        return BATCHED[kind.dtype]
    return kind


def _whole(node: Node, g: Any, xp: Any) -> Any:
    """The gradients of all outputs of a node, zeros for those that none arrived at."""
    if type(g) is not list:
        return g
    return [
        xp.zeros(shape, dtype=_dtype_for(kind, xp)) if one is None else one
        for one, (shape, kind) in zip(g, node.extra.outputs, strict=True)
    ]


def _dtype_for(kind: Any, xp: Any) -> Any:
    return kind.native if xp is kind.xp or kind.batched or hasattr(xp, "BatchedArray") else kind.dtype


def _widen(value: Any, xp: Any) -> Any:
    return value if value is None or isinstance(value, (list, tuple)) else xp.widen(value)


def cast(grad: Any, edge: Any, xp: Any) -> Any:
    """The gradient in the dtype of the tensor that it belongs to."""
    kind = _kind_at(edge)
    if kind is None or grad.dtype == kind.native:
        return grad
    xp = getattr(grad, "xp", xp)
    if xp.is_complex(grad) and not kind.dtype.is_complex:
        grad = xp.real(grad)
    return xp.astype(grad, kind.native)


def _kind_at(edge: Any) -> Any:
    """The kind of the tensor at the end of an edge, or None where it is not known."""
    if type(edge) is Output:
        return edge.node.extra.outputs[edge.index][1]
    if type(edge) is AccumulateGrad:
        leaf = edge.leaf()
        return None if leaf is None else leaf._kind
    return None if edge is None else edge.kind


def _real_where_due(grad: Any, edge: Any) -> Any:
    """A gradient that is a tensor: of a real tensor it is the real part."""
    if grad is None or edge is None or not grad.dtype.is_complex:
        return grad
    kind = _kind_at(edge)
    return grad if kind is None or kind.dtype.is_complex else grad.real


def leave_levels(node: Node, grads: Sequence[Any], lifted: bool) -> Sequence[Any]:
    """Sum gradients over the batches of every `vmap` that the node lies inside of and an edge leads out of."""
    found: list[Any] | None = None
    for i, (edge, grad) in enumerate(zip(node.edges, grads, strict=True)):
        array = grad._array if lifted and grad is not None else grad
        if edge is None or not hasattr(array, "level"):
            continue
        seq = edge.node.seq if type(edge) is Output else edge.seq
        while hasattr(array, "level"):
            if seq < array.level.start < node.seq:
                found = list(grads) if found is None else found
                grad = found[i] = later.sum_level(grad, array.level)
            array = array.inner
    return grads if found is None else found


# ---- hooks -----------------------------------------------------------------------------------------------------------


def call_hook(hook: Callable, lifted: bool, *args: Any) -> Any:
    """Call a user's function, whose operations are recorded only where the gradients are to be differentiated again."""
    before = config.set_mode("grad", lifted)
    try:
        return hook(*args)
    finally:
        config.set_mode("grad", before)


def run_before(node: Node, extra: graph.Extra, g: Any, lifted: bool, wrap: Callable | None) -> Any:
    """Run the hooks of the tensors that the node made, retain their gradients, run the node's own prehooks."""
    assert wrap is not None
    for index, hooks in (extra.output_hooks or {}).items():
        one = g[index] if type(g) is list else g
        if one is None:
            continue
        kind = extra.outputs[index][1] if extra.outputs else node.kind
        one = run_hooks(hooks, one, kind, lifted, wrap)
        if type(g) is list:
            g[index] = one
        else:
            g = one
    for index, ref in (extra.retained or {}).items():
        one = g[index] if type(g) is list else g
        tensor = ref()
        if tensor is not None and one is not None:
            tensor._accumulate(one, False)
    if extra.prehooks:
        kinds = [k for _, k in extra.outputs] if extra.outputs else [node.kind]
        seen = tuple(
            one if one is None or lifted else wrap(one, layout_kind(one, kind))
            for one, kind in zip(g if type(g) is list else [g], kinds, strict=True)
        )
        for hook in list(extra.prehooks.values()):
            result = call_hook(hook, lifted, seen)
            if result is not None:
                seen = result if isinstance(result, tuple) else (result,)
        parts = [one if one is None or lifted else one._array for one in seen]
        g = parts if type(g) is list else parts[0]
    return g


def run_after(node: Node, extra: graph.Extra, grads: Any, g: Any, lifted: bool, wrap: Callable | None) -> Any:
    """Run the node's hooks on the gradients of its inputs; complain of NaN in anomaly mode."""
    if extra.traceback is not None:
        _check_nan(node, extra, grads)
    if not extra.hooks:
        return grads
    assert wrap is not None
    kinds = [kind for _, kind in extra.outputs] if extra.outputs else [node.kind]

    def shown(values: Any, kinds: Any) -> tuple:
        pairs = zip(values, kinds, strict=True)
        return tuple(one if one is None or lifted else wrap(one, layout_kind(one, kind)) for one, kind in pairs)

    inputs = shown(grads, [_kind_at(edge) or kinds[0] for edge in node.edges])
    outputs = shown(g if type(g) is list else [g], kinds)
    for hook in list(extra.hooks.values()):
        result = call_hook(hook, lifted, inputs, outputs)
        if result is not None:
            inputs = result if isinstance(result, tuple) else (result,)
    return [one if one is None or lifted else one._array for one in inputs]


def run_hooks(hooks: Any, grad: Any, kind: Any, lifted: bool, wrap: Callable) -> Any:
    """Pass a gradient through a tensor's hooks; each may return another one. All see one tensor until then: a hook may
    leave something on it for the next."""
    seen = grad if lifted else wrap(grad, layout_kind(grad, kind))
    for hook in list(hooks.values()):
        result = call_hook(hook, lifted, seen)
        if result is not None:
            if not hasattr(result, "_array"):
                raise TypeError(
                    f"expected Variable, but hook returned '{type(result).__name__}'\n"
                    "  A gradient hook returns None, to leave the gradient as it is, or a tensor to replace it."
                )
            _check_replacement(hook, seen, result)
            seen = result
    return seen if lifted else seen._array


def _check_replacement(hook: Callable, before: Any, after: Any) -> None:
    """Refuse a gradient from a hook that does not fit the tensor."""
    name = getattr(hook, "__name__", repr(hook))
    if before.shape != after.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    if before.dtype is not after.dtype:
        raise RuntimeError(
            f"hook '{name}' has changed the type of value (was torch.{before.dtype.scalar_name}Tensor got "
            f"torch.{after.dtype.scalar_name}Tensor)"
        )


def wrapper_of(wrap: Callable, kind: Any) -> Callable:
    """`wrap` for arrays of one kind, whatever kind it is told."""
    return lambda array, _: wrap(array, layout_kind(array, kind))


def layout_kind(grad: Any, kind: Any) -> Any:
    """The kind of a gradient of a tensor of some kind: a sparse one has a kind of its own."""
    return getattr(grad, "kind", kind)


# ---- checks ----------------------------------------------------------------------------------------------------------


def check_writes(node: Node) -> tuple:
    """What the node kept. Raises if any of it was changed in place since, and cannot be computed again."""
    extra = node.extra
    if node.on_tensors or (extra is not None and extra.unpack is not None):
        return node.saved
    lost = False
    for value, origin in zip(node.saved, node.origins, strict=True):
        if type(value) is ndarray:
            arrays: Any = (value,)
        elif type(value) is tuple or type(value) is list:
            # of values and the indices where they stood, the rules use the indices
            arrays = value[1:] if origin == -1 and node.op.returns == ("values", "indices") else value
        else:
            continue
        for array in arrays:
            versions = written_since(array, node.seq)
            if versions is not None and origin == -1 and node.op.again:
                lost = True
            elif versions is not None:
                if extra is not None and extra.traceback is not None:
                    errors.warn_anomaly(type(node).__name__, extra.traceback)
                raise errors.changed_in_place(node, array, origin, versions, config.modes().anomaly, writer(array))
    if lost:
        result = compute_again(node)
        node.saved = tuple([result if o == -1 else v for v, o in zip(node.saved, node.origins, strict=True)])
    return node.saved


def compute_again(node: Node) -> Any:
    """The result of a node's operation, from the inputs and attributes that it kept."""
    row = node.op
    kinds = [node.kind] if node.extra is None or node.extra.outputs is None else [k for _, k in node.extra.outputs]
    xp = kinds[0].xp
    kept = {
        name: value if origin is None else _widen(value, xp)
        for name, value, origin in zip(row.saved, node.saved, node.origins, strict=True)
    }
    found = kinds[0].run(row.forward, xp, *[kept[p.name] for p in row.parameters])
    if row.outputs == 1:
        return xp.astype(found, kinds[0].native)
    return tuple([xp.astype(one, kind.native) for one, kind in zip(found, kinds, strict=True)])


def _check_nan(node: Node, extra: graph.Extra, grads: Any) -> None:
    if not config.modes().check_nan:
        return
    for i, grad in enumerate(grads):
        if grad is None:
            continue
        array = grad._array if hasattr(grad, "_array") else grad
        if bool((array != array).any()):
            errors.warn_anomaly(type(node).__name__, extra.traceback or "")
            raise RuntimeError(f"Function '{type(node).__name__}' returned nan values in its {i}th output.")
