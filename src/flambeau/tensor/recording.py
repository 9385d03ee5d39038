"""How a call is recorded: the class of a row's nodes, and making the node of a call.

Both the node's `backward`, which applies the row's rules, and the function that collects what those rules need are
generated source (a debugger shows it: it is registered with `linecache`), made when a row is first used.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from typing import Any

from .. import config, errors
from ..device import Kind
from ..ops.table import REQUIRED, Op, rule_parameters
from ..xp import numpy as xnp
from . import later
from . import node as graph
from .node import FREED, AccumulateGrad, Node, Output
from .tensor import Tensor, kind_of, make

# of the rows that were used: the class of their nodes, and what collects the values that such a node saves
NODES: dict[str, type[Node]] = {}
SAVERS: dict[str, Callable] = {}


def record(
    row: Op,
    arrays: list,
    edges: tuple,
    attributes: dict,
    results: list,
    outputs: list,
    casts: bool,
    work: Kind,
    modes: Any,
) -> Node | None:
    """Make the node of a call and give its outputs their edges. Integer outputs get none."""
    wanted = [o._kind.dtype.is_floating_point or o._kind.dtype.is_complex for o in outputs]
    if not any(wanted):
        return None
    node = make_node(row, arrays, edges, attributes, results, outputs, casts, modes)
    if len(outputs) == 1 and row.outputs == 1:
        outputs[0]._edge = node
    else:
        for i, (output, yes) in enumerate(zip(outputs, wanted, strict=True)):
            if yes:
                output._edge = Output(node, i)
    return node


def make_node(
    row: Op, arrays: list, edges: tuple, attributes: dict, results: list, outputs: list, casts: bool, modes: Any
) -> Node:
    """The node of a call, with what the rules of the inputs with an edge need.

    casts: whether the dtype of an operand is not the one that was computed in.
    """
    single = len(outputs) == 1 and row.outputs == 1
    listed = len(row.inputs) == 1 and row.inputs[0].how == "list"
    full = {**defaults(row), **attributes} if row.attributes else attributes
    if row.name not in NODES:
        prepare_nodes(row)
    saved = SAVERS[row.name]([arrays] if listed else arrays, edges, full, results[0] if single else tuple(results))
    node = NODES[row.name](edges, saved, results[0].shape, outputs[0]._kind)
    if casts or not single or modes.saved_hooks or modes.anomaly or modes.levels or not outputs[0]._kind.plain:
        extra = graph.more(node)
        extra.casts = casts
        if not single:
            extra.outputs = [(o._array.shape, o._kind) for o in outputs]
        if modes.anomaly:
            extra.traceback = errors.caller_line()
        if modes.saved_hooks:
            pack_saved(node, modes.saved_hooks[-1])
    return node


def refuse_inference(node: Node, operands: Sequence[Any]) -> None:
    """Tensors made in inference mode have no version to check, so that no graph may keep them."""
    for x in operands:
        if isinstance(x, Tensor) and x._kind.inference and any(v is x._array for v in node.saved):
            raise errors.inference_saved()


def pack_saved(node: Node, hooks: Any) -> None:
    """Hand what a node saves to `saved_tensors_hooks`."""
    pack, unpack = hooks
    # of each saved value: None for what is no array, the number of arrays in a list, -1 for one array
    counts = [
        None if origin is None or value is None else len(value) if isinstance(value, (list, tuple)) else -1
        for value, origin in zip(node.saved, node.origins, strict=True)
    ]

    def packed(value: Any, count: int | None) -> Any:
        if count is None:
            return value
        if count < 0:
            return pack(make(value, kind_of(value)))
        return [pack(make(v, kind_of(v))) for v in value]

    def unpacked(value: Any, count: int | None) -> Any:
        if count is None:
            return value
        found = [unpack(value)] if count < 0 else [unpack(v) for v in value]
        for t in found:
            if not isinstance(t, Tensor):
                raise TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                                f"{type(t).__name__}")  # fmt: skip
        return found[0]._array if count < 0 else [t._array for t in found]

    def unpack_all(saved: tuple) -> tuple:
        return tuple([unpacked(value, count) for value, count in zip(saved, counts, strict=True)])

    before = config.set_mode("grad", False)
    try:
        node.saved = tuple([packed(value, count) for value, count in zip(node.saved, counts, strict=True)])
    finally:
        config.set_mode("grad", before)
    graph.more(node).unpack = unpack_all


# ---- the class of a row's nodes --------------------------------------------------------------------------------------


def prepare_nodes(row: Op) -> None:
    """Make the class of a row's nodes, and the function that collects what they save."""
    NODES[row.name] = node_class(row)
    SAVERS[row.name] = saver(row)


def node_class(row: Op) -> type[Node]:
    """The class of a row's nodes, named as PyTorch names it."""
    scope: dict[str, Any] = {f"rule{i}": row.rules.get(source.name) for i, source in enumerate(row.inputs)}
    scope["joint"] = row.joint
    compile_source(_backward_source(row, False), f"{row.name} backward", scope)
    compile_source(_backward_source(row, True), f"{row.name} scalar backward", scope)
    members = {
        "__slots__": (),
        "op": row,
        "backward": staticmethod(scope["backward"]),
        "scalar_backward": staticmethod(scope["scalar_backward"]),
        "origins": (origins := tuple(_origin(row, name) for name in row.saved)),
        "frees": any(origin is not None for origin in origins),
    }
    for saved in row.saved:
        shown = property(lambda node, saved=saved: node.unpack_saved(saved))  # type: ignore[misc]
        members[f"_saved_{saved}"] = members[f"_saved_{_SAVED_AS.get(saved, saved)}"] = shown
    name = row.node_name if "Backward" in row.node_name else f"{row.node_name}Backward0"
    return type(name, (Node,), members)


# PyTorch's names of what nodes save
_SAVED_AS = {"input": "self", "out": "result"}


def _backward_source(row: Op, scalars: bool) -> str:
    """Source of `backward(edges, saved, xp, g)`, which applies the rules of the inputs that want a gradient.

    scalars: of `scalar_backward`, for results of no dimension: NumPy computes with scalars ten times faster than with
    such arrays.
    """

    def arguments(rule: Callable) -> str:
        special = {"xp": "xp", "g": "g", "needs": "needs"}
        return ", ".join(special.get(p) or f"s{row.saved.index(p)}" for p in rule_parameters(rule))

    lines = [f"def {'scalar_' if scalars else ''}backward(edges, saved, xp, g):"]
    if row.saved:
        lines.append(f"    {', '.join(f's{i}' for i in range(len(row.saved)))}, = saved")
    lists = [i.name for i in row.inputs if i.how == "list"]
    for i, name in enumerate(row.saved if scalars else ()):
        if _origin(row, name) is not None and name not in lists:
            lines.append(f"    if s{i} is not None: s{i} = s{i}[()]")
    if row.joint is not None:
        if "needs" in rule_parameters(row.joint):
            lines.append("    needs = tuple([e is not None for e in edges])")
        lines.append(f"    return joint({arguments(row.joint)})")
    elif row.inputs and row.inputs[0].how == "list":
        lines.append(f"    return rule0({arguments(row.rules[row.inputs[0].name])})")
    else:
        results = []
        for i, source in enumerate(row.inputs):
            if source.name not in row.rules:
                results.append("None")
                continue
            call = f"rule{i}({arguments(row.rules[source.name])})"
            results.append(call if len(row.inputs) == 1 else f"{call} if edges[{i}] is not None else None")
        lines.append(f"    return ({', '.join(results)},)")
    return "\n".join(lines)


_RENAMED: dict[tuple[type[Node], str], type[Node]] = {}


def renamed_class(usual: type[Node], name: str) -> type[Node]:
    """A class of nodes under another name: PyTorch numbers the overloads of a function."""
    found = _RENAMED.get((usual, name))
    if found is None:
        found = _RENAMED[usual, name] = type(name, (usual,), {"__slots__": ()})
    return found


def rename_node(t: Any, name: str) -> Any:
    """The tensor itself, with the node that made it under another name."""
    edge = t._edge if isinstance(t, Tensor) else None
    if edge is not None and type(edge).op is not None:
        edge.__class__ = renamed_class(type(edge), name)
    return t


# ---- what a node saves -----------------------------------------------------------------------------------------------


# kinds of inputs that are always one array
ONE_ARRAY = ("array", "index")


def saver(row: Op) -> Callable:
    """A function `(arrays, edges, attributes, r)` that gives what a node of the row saves."""
    count = len(row.inputs)
    lines = ["def save(arrays, edges, attributes, r):"]
    if count == 1 and row.inputs[0].how == "list":
        lines.append("    a0 = arrays[0]")
    elif count:
        lines.append(f"    {', '.join(f'a{i}' for i in range(count))}, = arrays")
        lines.append(f"    {', '.join(f'e{i}' for i in range(count))}, = edges")
    for name in row.saved:
        if name in row.attributes:
            lines.append(f"    {name} = attributes[{name!r}]")
    values = ", ".join(saved_expression(row, name) for name in row.saved)
    lines.append(f"    return ({values}{',' if values else ''})")
    scope = {"_shape": shapes_of, "_dtype": dtypes_of}
    return compile_source("\n".join(lines), f"{row.name} save", scope)["save"]


def saved_expression(row: Op, name: str) -> str:
    """Source of what a node saves under a name, given arrays a0…, edges e0…, the result r and the attributes."""
    names = [i.name for i in row.inputs]
    if name == "out":
        return "r"
    for i, n in enumerate(names):
        if name == n:
            if row.joint is not None:
                return f"a{i}"
            users = [j for j, m in enumerate(names) if m in row.rules and name in rule_parameters(row.rules[m])]
            if len(names) == 1:
                return f"a{i}"
            return f"(a{i} if {' or '.join(f'e{j} is not None' for j in users)} else None)"
        if name == f"{n}_shape":
            return f"a{i}.shape" if row.inputs[i].how in ONE_ARRAY else f"_shape(a{i})"
        if name == f"{n}_dtype":
            return f"a{i}.dtype" if row.inputs[i].how in ONE_ARRAY else f"_dtype(a{i})"
    return name


def shapes_of(a: Any) -> Any:
    return None if a is None else [x.shape for x in a] if isinstance(a, (list, tuple)) else a.shape


def dtypes_of(a: Any) -> Any:
    return None if a is None else [x.dtype for x in a] if isinstance(a, (list, tuple)) else a.dtype


def _origin(row: Op, name: str) -> int | None:
    """Where a saved value comes from: the number of an input, -1 for the result, None for what is no array."""
    names = [i.name for i in row.inputs]
    return -1 if name == "out" else names.index(name) if name in names else None


_DEFAULTS: dict[str, dict[str, Any]] = {}


def defaults(row: Op) -> dict[str, Any]:
    """The attributes of a row that may be left out, and what they are then."""
    found = _DEFAULTS.get(row.name)
    if found is None:
        found = _DEFAULTS[row.name] = {
            p.name: p.default for p in row.parameters if p.name in row.attributes and p.default is not REQUIRED
        }
    return found


def compile_source(source: str, name: str, scope: dict[str, Any]) -> dict[str, Any]:
    """Run generated source whose text tracebacks and debuggers can show."""
    filename = f"<flambeau {name}>"
    scope.setdefault("__name__", __name__)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), scope)
    return scope


# ---- what a node saved, as tensors: for gradients of gradients -------------------------------------------------------


def lift_saved(node: Node) -> tuple:
    """A node's saved arrays as tensors: an input through its edge, the output through the node itself."""
    if node.saved is FREED:
        raise RuntimeError(graph.freed_message())
    saved = node.saved
    if node.extra is not None and node.extra.unpack is not None:
        saved = node.extra.unpack(saved)
    lifted: list[Any] = []
    for value, origin in zip(saved, node.origins, strict=True):
        if value is None or origin is None:
            lifted.append(value)
        elif origin == -1:
            lifted.append(_lift_outputs(node, value))
        elif isinstance(value, (list, tuple)):
            lifted.append([_lift_input(v, e) for v, e in zip(value, node.edges, strict=True)])
        else:
            lifted.append(_lift_input(value, node.edges[origin]))
    return tuple(lifted)


def _lift_outputs(node: Node, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        assert node.extra is not None and node.extra.outputs is not None
        return [
            _lifted(v, kind, Output(node, i))
            for i, (v, (_, kind)) in enumerate(zip(value, node.extra.outputs, strict=True))
        ]
    return _lifted(value, node.kind, node)


def _lift_input(value: Any, edge: Any) -> Any:
    if value is None:
        return None
    if type(edge) is AccumulateGrad:
        leaf = edge.leaf()
        if leaf is not None and leaf._array is value and config.modes().dual is None:
            return leaf
    kind = kind_of(value) if isinstance(value, (xnp.ndarray, xnp.generic)) or hasattr(value, "level") else edge.kind
    return _lifted(value if not isinstance(value, xnp.generic) else xnp.asarray(value), kind, edge)


def _lifted(value: Any, kind: Kind, edge: Any) -> Tensor:
    """A tensor of what was saved, with the tangent that it has in forward mode."""
    t = make(value, kind, edge)
    dual = config.modes().dual
    tangent = None if dual is None else dual.kept(value)
    if tangent is not None:
        t.__dict__["_tangent"] = (dual, tangent)
    return t


later.lift_saved = lift_saved
