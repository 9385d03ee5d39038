"""From a row to the function that users call: this is the one file written for speed.

Each row gets a function of its own, as generated source (a debugger shows it: it is registered with `linecache`). Its
fast path serves what is by far most common: NumPy arrays of one floating dtype, no special mode. It costs a few
identity tests, the array call, one new tensor and, if a gradient is wanted, one node. Whatever else happens (mixed
dtypes, integers, half types, `out=`, modes, other devices, errors) goes to `general`, which is written for clarity.

What the tricks are worth, on a machine where `np.add` of 4x4 takes 210 ns: `Context.run` instead of `np.errstate` saves
690 ns; one `_kind` instead of dtype and device tests 60; `object.__new__` and slot stores instead of `__init__` 40;
kernels called without the row's Python frame 60 (benchmarks/run.py, group "small ops").
"""

from __future__ import annotations

import linecache
import operator
from collections.abc import Callable, Sequence
from typing import Any

from .. import config, dtypes, errors
from ..config import state
from ..device import BATCHED, Kind, backend
from ..ops.refusals import refusal
from ..ops.table import REQUIRED, TABLE, Op, rule_parameters
from ..storage import bump, owner, sign, tick
from ..xp import numpy as xnp
from ..xp.sparse import Coo
from . import node as graph
from . import tensor as tensors
from .engine import apply_rules, check_writes
from .node import AccumulateGrad, Node, Output
from .overrides import asked, public_function, take_over
from .return_types import named
from .tensor import KIND_BY_NUMBER, KINDS, Parameter, Tensor, current_edge, make, new, wrap

FUNCTIONS: dict[str, Callable] = {}
INPLACE: dict[str, Callable] = {}
NODES: dict[str, type[Node]] = {}
# what replaces a ufunc for scalars
SCALAR_KERNELS: dict[Any, Callable] = {
    xnp.add: operator.add, xnp.subtract: operator.sub, xnp.multiply: operator.mul, xnp.divide: operator.truediv,
}  # fmt: skip
BOOL = KINDS[dtypes.bool_]
NATIVE = {dtype: kind.native for dtype, kind in KINDS.items()}

# ---- Python scalars --------------------------------------------------------------------------------------------------

_scalars: dict[Any, dict[Any, Any]] = {}


def scalar(value: Any, kind: Kind) -> Any:
    """A 0-d array of a Python number in a kind. Common numbers are kept: an array is 80 ns faster than a number."""
    cache = _scalars.get(kind)
    if cache is None:
        cache = _scalars[kind] = {}
    found = cache.get(value)
    if found is None:
        found = xnp.asarray(value, kind.native)
        # 0.0 and -0.0 are equal keys and different numbers
        if value and len(cache) < 512:
            found.flags.writeable = False
            cache[value] = found
    return found


# ---- recording -------------------------------------------------------------------------------------------------------


ONE_ARRAY = ("array", "index")


def _saved_expression(row: Op, name: str) -> str:
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


def _shape(a: Any) -> Any:
    return None if a is None else [x.shape for x in a] if isinstance(a, (list, tuple)) else a.shape


def _dtype(a: Any) -> Any:
    return None if a is None else [x.dtype for x in a] if isinstance(a, (list, tuple)) else a.dtype


def _origin(row: Op, name: str) -> int | None:
    names = [i.name for i in row.inputs]
    return -1 if name == "out" else names.index(name) if name in names else None


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


def compile_source(source: str, name: str, scope: dict[str, Any]) -> dict[str, Any]:
    """Run generated source whose text tracebacks and debuggers can show."""
    filename = f"<flambeau {name}>"
    scope.setdefault("__name__", __name__)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), scope)
    return scope


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
    values = ", ".join(_saved_expression(row, name) for name in row.saved)
    lines.append(f"    return ({values}{',' if values else ''})")
    scope = {"_shape": _shape, "_dtype": _dtype}
    return compile_source("\n".join(lines), f"{row.name} save", scope)["save"]


# ---- the general path ------------------------------------------------------------------------------------------------


def is_tensor(x: Any) -> bool:
    return isinstance(x, Tensor)


def result_dtype(operands: Sequence[Any]) -> dtypes.dtype:
    """PyTorch's result type: tensors with dimensions count before 0-d tensors, these before Python numbers."""
    ranks: list[dtypes.dtype | None] = [None, None, None]
    for x in operands:
        if isinstance(x, Tensor):
            d, priority = x._kind.dtype, 0 if x._array.ndim else 1
        elif x is None:
            continue
        else:
            d, priority = scalar_dtype(x), 2
        before = ranks[priority]
        ranks[priority] = d if before is None else dtypes.promote_types(before, d)
    found = _combine(ranks[0], _combine(ranks[1], ranks[2]))
    if found is None:
        return config.default_dtype()
    return found


def scalar_dtype(x: Any) -> dtypes.dtype:
    """The dtype that a Python number stands for."""
    t = type(x)
    if t is bool:
        return dtypes.bool_
    if t is float:
        return config.default_dtype()
    if t is int:
        return dtypes.int64
    if t is complex:
        return config.default_dtype().to_complex()
    if isinstance(x, xnp.generic):
        # NumPy's numbers count as Python's
        return scalar_dtype(x.item())
    if hasattr(x, "dtype") and getattr(x, "ndim", 1) == 0:
        kind = KIND_BY_NUMBER[x.dtype.num]
        return kind.dtype
    if isinstance(x, int):
        return dtypes.int64
    if isinstance(x, float):
        return config.default_dtype()
    raise TypeError(f"expected a Tensor or a number, not {type(x).__name__}")


def _combine(higher: dtypes.dtype | None, lower: dtypes.dtype | None) -> dtypes.dtype | None:
    if higher is None or lower is None:
        return lower if higher is None else higher
    if higher.is_complex:
        return higher
    if higher.is_floating_point:
        return higher.to_complex() if lower.is_complex else higher
    if higher is dtypes.bool_ or lower.is_floating_point or lower.is_complex:
        return dtypes.promote_types(higher, lower)
    return higher


def find_kind(row: Op, operands: Sequence[Any]) -> Kind:
    """The kind of the first tensor with dimensions; all tensors must be on one device, but for 0-d ones on the CPU."""
    first = None
    for x in operands:
        if isinstance(x, Tensor) and (
            first is None or (first._array.ndim == 0 and x._kind.device != first._kind.device)
        ):
            first = x
    if first is None:
        raise TypeError(no_tensor_message(row, operands))
    for x in operands:
        if isinstance(x, Tensor) and x._kind.device != first._kind.device and x._array.ndim:
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, "
                f"{first._kind.device} and {x._kind.device}!"
            )
    return batched_kind(first._kind, operands) if BATCHED else first._kind


def batched_kind(kind: Kind, operands: Sequence[Any]) -> Kind:
    """The kind to compute with where some operand may be batched: a batch of one makes a batch of all."""
    if not kind.batched:
        for x in operands:
            if isinstance(x, Tensor) and (x._kind.batched or hasattr(x._array, "level")):
                return BATCHED[kind.dtype]
    return kind


def holds_batch(value: Any) -> bool:
    """Whether an attribute is, or has in it, a batch."""
    if isinstance(value, (tuple, list)):
        return any(holds_batch(v) for v in value)
    return hasattr(value._array if isinstance(value, Tensor) else value, "level")


def type_name(x: Any) -> str:
    """The name of a type as C knows it: NumPy's with their module."""
    t = type(x)
    return f"numpy.{t.__name__}" if t.__module__ == "numpy" else t.__name__


def no_tensor_message(row: Op, operands: Sequence[Any]) -> str:
    for i, (source, x) in enumerate(zip(row.inputs, operands, strict=False)):
        if not isinstance(x, Tensor):
            return (
                f"{row.name}(): argument '{source.name}' (position {i + 1}) must be "
                f"{'tuple of Tensors' if source.how == 'list' else 'Tensor'}, not {type(x).__name__}"
            )
    return f"{row.name}(): expected a non-empty list of Tensors"


def refuse(row: Op, dtype: dtypes.dtype) -> None:
    """Raise where PyTorch has no such operation for a dtype."""
    category = ("bool", "integer", "float", "complex")[dtype.category]
    if category in row.refuses or ("half" in row.refuses and dtype in (dtypes.float16, dtypes.bfloat16)):
        raise refusal(row.name, category, dtype)


def general(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any = None) -> Any:
    """Call a row, whatever its arguments are."""
    if state.overrides:
        taken = take_over(public_function(row.name, FUNCTIONS[row.name]), args, _given(row, attributes, out))
        if taken is not NotImplemented:
            return taken
    modes = config.modes()
    if modes.profile is not None:
        return modes.profile(row, "", general, (row, args, attributes, out))
    casting = modes.autocast
    if casting is not None and row.name in casting.policies and out is None:
        return casting.call(row.name, lambda *cast: general(row, cast, attributes), tuple(args), {})
    if modes.transform is not None:
        return modes.transform(row, args, attributes, out)
    listed = len(row.inputs) == 1 and row.inputs[0].how == "list"
    operands = list(args[0]) if listed else list(args)
    try:
        kind = find_kind(row, operands)
    except TypeError:
        if asked(args):
            return take_over(public_function(row.name, FUNCTIONS[row.name]), args, _given(row, attributes, out))
        raise
    if BATCHED and not kind.batched and holds_batch(list(attributes.values())):
        kind = BATCHED[kind.dtype]
    check_operands(row, operands, attributes)
    try:
        arrays, work = prepare(row, operands, kind)
    except NotImplementedError:
        check_before_kernel(row, operands, out, resizable=True)
        raise
    recorded = modes.grad and not modes.inference
    dual = modes.dual if modes.dual is not None and modes.dual.wants(operands) else None
    if row.composite and (
        dual is not None or recorded and any(isinstance(x, Tensor) and current_edge(x) is not None for x in operands)
    ):
        return run_composite(row, operands, listed, attributes, out)
    given = attributes
    attributes = {name: unwrap(value) for name, value in attributes.items()} if row.attributes else attributes
    try:
        result = kind.run(row.forward, kind.xp, *([arrays] if listed else arrays), **attributes)
    except Exception as error:
        raise explain(row, arrays, attributes, error) from None
    several = isinstance(result, (tuple, list))
    results = [xnp.asarray(r) if isinstance(r, xnp.generic) else r for r in (result if several else (result,))]
    results = [narrow(row, r, work, kind) for r in results]
    # a view of a normal tensor is normal, in inference mode too
    inference = modes.inference if row.view is None else kind.inference
    outputs = [make(r, kind_for(r, kind, inference)) for r in results]
    if recorded and row.differentiable:
        edges = tuple(current_edge(x) if isinstance(x, Tensor) else None for x in operands)
        if any(e is not None for e in edges):
            casts = any(isinstance(x, Tensor) and x._kind is not work for x in operands)
            node = record(row, arrays, edges, attributes, results, outputs, casts, work, modes)
            if node is not None and any(isinstance(x, Tensor) and x._kind.inference for x in operands):
                refuse_inference(node, operands)
    if row.view is not None:
        for output in outputs:
            note_view(row, operands[0], output, attributes)
    if dual is not None:
        for output, tangent in zip(outputs, dual.push(row, operands, listed, given), strict=True):
            if tangent is not None:
                output.__dict__["_tangent"] = (dual, tangent)
    if out is not None:
        return write_out(row, outputs, out, several)
    if not several:
        return outputs[0]
    if row.returns:
        return named_result(row, outputs)
    return tuple(outputs) if isinstance(result, tuple) else outputs


def _given(row: Op, attributes: dict[str, Any], out: Any) -> dict[str, Any]:
    """The attributes of a call that are not the usual ones, and `out`, as keyword arguments."""
    usual = defaults(row)
    given = {name: value for name, value in attributes.items() if name not in usual or value is not usual[name]}
    return given if out is None else {**given, "out": out}


def named_result(row: Op, outputs: list) -> Any:
    """The named tuple of a row that returns several arrays."""
    return named(row.name.removesuffix("_dim"))(outputs)


def unwrap(value: Any) -> Any:
    """An attribute as the rows see it: arrays in place of tensors."""
    if isinstance(value, Tensor):
        return value._array
    if type(value) is tuple:
        return tuple([unwrap(v) for v in value])
    if type(value) is list:
        return [unwrap(v) for v in value]
    if isinstance(value, dtypes.dtype):
        if value not in NATIVE:
            raise NotImplementedError(f"Flambeau has no tensors of {value} yet")
        return NATIVE[value]
    return value


def check_operands(row: Op, operands: Sequence[Any], attributes: dict[str, Any], inplace: bool = False) -> None:
    """Refuse what is neither tensor nor number, numbers where the row takes none, and what the row's check refuses."""
    if row.check is not None:
        row.check(*operands, **attributes)
    if row.promote is None:
        return
    for i, (source, x) in enumerate(zip(row.inputs, operands, strict=False)):
        if isinstance(x, Tensor) or (x is None and source.how == "optional") or source.how == "list":
            continue
        if (
            not row.numbers
            or (i == 0 and row.numbers == "other")
            or not isinstance(x, (int, float, complex, xnp.generic))
        ):
            # the arguments of a method are counted without the tensor itself
            name, position = _CALLED.get(row.name, row.name), i + 1
            if inplace:
                name, position = f"{name}_", i
            raise TypeError(
                f"{name}(): argument '{source.name}' (position {position}) must be Tensor, not {type_name(x)}"
            )


# the public names of rows that are called otherwise
_CALLED = {"true_div": "div", "div_floor": "floor_divide", "div_trunc": "div", "pow_tensor": "pow"}


def prepare(row: Op, operands: Sequence[Any], kind: Kind) -> tuple[list[Any], Kind]:
    """The operands as arrays in the dtype to compute in, and the kind of the result before narrowing."""
    kinds = backend(kind.device.type).kinds
    if row.promote is None:
        if not row.moves:
            refuse(row, kind.dtype)
        arrays = [
            x._array if isinstance(x, Tensor) else x if x is None else xnp.asarray(x, kind.native) for x in operands
        ]
        if kind.half and not row.moves:
            arrays = [kind.xp.widen(a) if a is not None else None for a in arrays]
        return arrays, kind
    dtype = result_dtype(operands)
    refuse(row, dtype)
    if row.promote == "float" and not (dtype.is_floating_point or dtype.is_complex):
        dtype = config.default_dtype()
    work = kinds.get(dtype)
    if work is None and row.promote == "bool" and dtype.is_complex:
        work = kinds[dtypes.complex64]
    if work is None:
        raise NotImplementedError(f"Flambeau has no {dtype} arrays yet (in {row.name})")
    native = work.wide.native
    arrays = []
    for x in operands:
        if isinstance(x, Tensor):
            array = x._array
            arrays.append(array if array.dtype is native or array.dtype == native else kind.xp.astype(array, native))
        elif x is None:
            arrays.append(None)
        else:
            arrays.append(number(x, work.wide, kind))
    return arrays, work


def number(x: Any, work: Kind, kind: Kind) -> Any:
    """A Python number as a 0-d array; integers wrap around as in C."""
    native = work.native
    if type(x) is int and native.kind in "iu":
        bits = native.itemsize * 8
        x &= (1 << bits) - 1
        if native.kind == "i" and x >> (bits - 1):
            x -= 1 << bits
    return kind.xp.asarray(x, dtype=native)


def narrow(row: Op, array: Any, work: Kind, kind: Kind) -> Any:
    """A result computed in float32 for a half type, rounded to it."""
    if work.half and not row.moves and array.dtype == work.wide.native:
        return kind.xp.astype(array, work.native)
    return array


def kind_for(array: Any, kind: Kind, inference: bool) -> Kind:
    if BATCHED and hasattr(array, "level"):
        return BATCHED[KIND_BY_NUMBER[array.dtype.num].dtype]
    back = backend(kind.device.type)
    found = back.kind_of(array)
    return back.inference_kinds[found.dtype] if inference else found


def function_of(name: str) -> Callable:
    """The function of a row, bound if nobody used it yet."""
    return FUNCTIONS.get(name) or bind(TABLE[name])


def run_composite(row: Op, operands: list, listed: bool, attributes: dict, out: Any) -> Any:
    """Differentiate a row without rules through its body, run on tensors."""
    dtype = result_dtype(operands) if row.promote else None
    if row.promote == "float" and dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
        dtype = config.default_dtype()
    if dtype is not None:
        operands = [
            function_of("to_copy")(x, dtype=dtype) if isinstance(x, Tensor) and x.dtype is not dtype else x
            for x in operands
        ]
    if out is not None:
        raise errors.out_with_grad(row.name)
    return row.forward(tensor_namespace(), *([operands] if listed else operands), **attributes)


# the array namespace over tensors; `methods` sets it
def tensor_namespace() -> Any:
    """The array namespace over tensors."""
    raise RuntimeError("the array namespace over tensors is not loaded yet")


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
    single = len(outputs) == 1 and row.outputs == 1
    listed = len(row.inputs) == 1 and row.inputs[0].how == "list"
    full = {**defaults(row), **attributes} if row.attributes else attributes
    if row.name not in NODES:
        bind(row)
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
            return pack(make(value, tensors.kind_of(value)))
        return [pack(make(v, tensors.kind_of(v))) for v in value]

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

    node.saved = tuple([packed(value, count) for value, count in zip(node.saved, counts, strict=True)])
    graph.more(node).unpack = unpack_all


_DEFAULTS: dict[str, dict[str, Any]] = {}


def defaults(row: Op) -> dict[str, Any]:
    found = _DEFAULTS.get(row.name)
    if found is None:
        found = _DEFAULTS[row.name] = {
            p.name: p.default for p in row.parameters if p.name in row.attributes and p.default is not REQUIRED
        }
    return found


def explain(row: Op, arrays: Sequence[Any], attributes: dict[str, Any], error: Exception) -> Exception:
    """Turn an array library's complaint into PyTorch's words."""
    text = str(error)
    if isinstance(error, ValueError) and ("broadcast" in text or "shape mismatch" in text):
        shapes = [a.shape for a in arrays if hasattr(a, "shape")]
        if len(shapes) > 1:
            return errors.broadcast([i.name for i in row.inputs], shapes)
    if isinstance(error, IndexError) and ("axis" in text or "array" in text):
        return errors.index_error(error)
    if isinstance(error, MemoryError) or "array is too big" in text or "Maximum allowed dimension" in text:
        return errors.too_large(text)
    if type(error).__name__ == "LinAlgError" and not isinstance(error, errors.LinAlgError):
        return errors.LinAlgError(f"linalg.{row.name.removeprefix('linalg_')}: {text}")
    return error


# ---- views -----------------------------------------------------------------------------------------------------------


def note_view(row: Op, source: Tensor, output: Tensor, attributes: dict[str, Any]) -> None:
    """Remember of what, and how, `output` is a view, so that in-place changes reach the history of the base."""
    if row.view == "maybe" and owner(output._array) is not owner(source._array):
        return
    base = source if source._view is None else source._view[0]
    output._view = (base, source, row, attributes, base._rewrites)


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


tensors.refresh_view = refresh_view


class CopySlices(Node):
    """An in-place operation on a view, seen from the base: the gradient of the written part passes the operation."""

    __slots__ = ("inner", "chain")
    inner: Node
    chain: list

    @staticmethod
    def backward(node: CopySlices, g: Any, lifted: bool) -> list[Any]:  # type: ignore[override]
        if lifted:
            whole = function_of("clone")(g)
            part = whole
            for row, attributes in node.chain:
                part = function_of(row.name)(part, **attributes)
            inner = node.inner
            grads = inner.backward(inner.edges, graph.lift(inner), tensor_namespace(), function_of("clone")(part))
            part.zero_() if grads[0] is None else part.copy_(grads[0])  # type: ignore[attr-defined]
            return [whole, *grads[1:]]
        kind = kind_for(g, node.kind, False)
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


def _move_retained(t: Tensor, node: Any) -> None:
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


def set_history(t: Tensor, node: Node) -> None:
    """Make `node`, of an in-place operation on `t`, the producer of `t`, and of the base that `t` is a view of."""
    _move_retained(t, node)
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


# ---- in place, and out= ----------------------------------------------------------------------------------------------


def check_inplace(t: Tensor, modes: Any) -> None:
    """Refuse to overwrite what the graph cannot follow."""
    if t._kind.inference and not modes.inference:
        raise errors.inference_inplace()
    if not modes.grad or modes.inference:
        return
    edge = current_edge(t)
    if type(edge) is AccumulateGrad:
        raise errors.inplace_on_leaf(view=False)
    if t._view is not None:
        if type(edge) is Output:
            raise errors.inplace_on_multi_view(edge)
        base = current_edge(t._view[0])
        if edge is None and base is not None and t._kind.inexact:
            raise errors.inplace_on_silent_view()
        if type(base) is AccumulateGrad:
            raise errors.inplace_on_leaf(view=True)


def general_inplace(row: Op, args: Sequence[Any], attributes: dict[str, Any]) -> Tensor:
    """Call a row in place: compute, check that the result fits, then write. A failure leaves the tensor as it was."""
    if state.overrides and row.name in INPLACE:
        taken = take_over(INPLACE[row.name], args, _given(row, attributes, None))
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
    kind = find_kind(row, operands)
    if BATCHED and not kind.batched and holds_batch(list(attributes.values())):
        kind = BATCHED[kind.dtype]
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
    found = kind_for(result, kind, False).dtype
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


def check_fits(t: Tensor, shape: tuple[int, ...], dtype: dtypes.dtype) -> None:
    """Raise unless a result of that shape and dtype can be written into `t`."""
    if shape != t._array.shape:
        raise RuntimeError(
            f"output with shape {list(t._array.shape)} doesn't match the broadcast shape {list(shape)}\n"
            "  An in-place operation keeps the shape of its tensor. Use the operation that makes a new tensor."
        )
    if not dtypes.can_cast(dtype, t._kind.dtype):
        raise RuntimeError(
            f"result type {dtype.scalar_name} can't be cast to the desired output type {t._kind.dtype.scalar_name}\n"
            f"  An in-place operation keeps the dtype of its tensor, {t._kind.dtype}; the result is {dtype}. Use the "
            "operation that makes a new tensor."
        )
    if overlaps_itself(t._array):
        raise errors.overlapping_write()


def check_before_kernel(row: Op, operands: Sequence[Any], target: Any, resizable: bool) -> None:
    """A row has no kernel for a dtype: raise what PyTorch complains of before it looks for one, if there is anything.

    First shapes that do not broadcast, then a target of another shape or of a dtype that cannot hold the result.
    """
    if row.promote is None:
        return
    tensors = [x for x in operands if isinstance(x, Tensor)]
    shapes = [x._array.shape for x in tensors]
    try:
        shape = xnp.broadcast_shapes(*shapes)
    except ValueError:
        raise errors.broadcast([i.name for i in row.inputs], shapes) from None
    if not isinstance(target, Tensor):
        return
    dtype = dtypes.bool_ if row.promote == "bool" else result_dtype(operands)
    if row.promote == "float" and not (dtype.is_floating_point or dtype.is_complex):
        dtype = config.default_dtype()
    check_fits(target, target._array.shape if resizable else shape, dtype)


def overlaps_itself(array: Any) -> bool:
    """Whether several elements of an array lie at one place, as in an expanded one."""
    return (
        0 in array.strides
        and array.size > 1
        and any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True))
    )


def write(t: Tensor, values: Any) -> None:
    """Copy values of the right shape into a tensor's memory, and say so to the clock."""
    array = t._array
    if not array.flags.writeable:
        raise errors.read_only()
    t._kind.run(xnp.copyto, array, values, casting="unsafe") if isinstance(array, xnp.ndarray) else array.write(values)
    bump(array)


def write_out(row: Op, outputs: list[Tensor], out: Any, several: bool) -> Any:
    """Copy a row's results into the tensors given as `out`, and return these."""
    targets = list(out) if isinstance(out, (tuple, list)) else [out]
    store(row.name, outputs, targets)
    if not several:
        return targets[0]
    return named_result(row, targets) if row.returns else tuple(targets)


def write_result(name: str, result: Any, out: Any, exact: bool = False) -> Any:
    """Write what a function of tensors gave (a tensor or several) into `out`, and return `out`.

    exact: the targets must have the dtypes of the results.
    """
    if not isinstance(result, tuple):
        store(name, [result], [out], exact)
        return out
    targets = list(out)
    store(name, list(result), targets, exact)
    return named(f"{type(result).__name__}_out")(targets) if type(result) is not tuple else tuple(targets)


def store(name: str, results: list[Tensor], targets: list[Any], exact: bool = False) -> None:
    """Write results into the tensors given as `out`. Nothing is written unless all of them fit."""
    modes = config.modes()
    for target, output in zip(targets, results, strict=True):
        if not isinstance(target, Tensor):
            raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(target).__name__}")
        if modes.grad and (current_edge(output) is not None or current_edge(target) is not None):
            raise errors.out_with_grad(name)
        if exact and output.dtype is not target.dtype:
            raise errors.out_of_other_dtype(output.dtype, target.dtype)
        if not dtypes.can_cast(output.dtype, target.dtype):
            raise RuntimeError(
                f"result type {output.dtype.scalar_name} can't be cast to the desired output type "
                f"{target.dtype.scalar_name}"
            )
    for target, output in zip(targets, results, strict=True):
        resize_out(target, output._array.shape)
        if overlaps_itself(target._array):
            raise errors.overlapping_write()
        write(target, output._array)


# functions/sparse sets this
def replace_sparse(t: Tensor, result: Tensor) -> Tensor:
    """Let a sparse tensor be what was computed of it."""
    raise RuntimeError("functions of sparse tensors are not loaded yet")


def inplace_result(t: Tensor, compute: Callable[[], Tensor]) -> Tensor:
    """Write the tensor that `compute` makes of `t` into `t`, and let the history of `t` go on from there."""
    modes = config.modes()
    if type(t._array) is Coo:
        return replace_sparse(t, compute())
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
    _move_retained(t, result._edge)
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


def resize_out(target: Tensor, shape: tuple[int, ...]) -> None:
    """Give an `out` tensor the shape of the result; only an empty one silently."""
    if target._array.shape == shape:
        return
    if target._array.size:
        errors.warn_resized_out(target._array.shape, shape)
    if target._view is None:
        target._array = target._kind.xp.empty(shape, dtype=target._kind.native)


# ---- the fast path ---------------------------------------------------------------------------------------------------


class _Probe:
    """Stands for an array namespace; tells whether a row does nothing but call one function of it."""

    def __getattr__(self, name: str) -> Callable:
        return lambda *args, **kwargs: (_Probe, name, args, kwargs)


def find_kernel(row: Op) -> Callable | None:
    """NumPy's function itself, where the row only passes its inputs on to it: that saves a Python frame.

    A row with attributes is asked with their defaults.
    """
    own = xnp.KERNELS.get(row.name)
    if own is not None:
        return own
    if any(i.how not in ONE_ARRAY for i in row.inputs) or len(defaults(row)) != len(row.attributes):
        return None
    marks = [object() for _ in row.inputs]
    try:
        result = row.forward(_Probe(), *marks, **defaults(row))
    except Exception:
        return None
    if (
        type(result) is tuple
        and len(result) == 4
        and result[0] is _Probe
        and list(result[2]) == marks
        and not result[3]
    ):
        return getattr(xnp, result[1])
    return None


SAVERS: dict[str, Callable] = {}
# the names that a row's generated source sees
SCOPES: dict[str, dict[str, Any]] = {}

_WRAP = """
{i}t = new(Tensor)
{i}t._array = r
{i}t._kind = {kind}
{i}t._grad = None
{i}t._rewrites = 0
{i}t._view = {view}
{i}{test}
{i}    t._edge = None
{i}else:
{i}    t._edge = node = new(NodeClass)
{i}    node.edges = ({edges},)
{i}    node.saved = ({saved})
{i}    node.shape = r.shape
{i}    node.kind = {kind}
{i}    node.seq = tick()
{i}    node.extra = None
{i}return t
"""


def parameters_source(row: Op, inplace: bool, order: Sequence[str] | None = None) -> str:
    """The parameters of a row's function. Defaults are the names `_d_<parameter>`."""
    given = list(row.parameters)
    if order is not None:
        given.sort(key=lambda p: order.index(p.name) if p.name in order else len(order))
    parameters, keyword_only = [], False
    for p in given:
        if p.keyword_only and not keyword_only:
            parameters.append("*")
            keyword_only = True
        parameters.append(p.name if p.default is REQUIRED else f"{p.name}=_d_{p.name}")
    if not inplace:
        parameters += ["out=None"] if keyword_only else ["*", "out=None"]
    return ", ".join(parameters)


def inputs_source(row: Op, lead: int, fallback: str, record: bool = True) -> list[str]:
    """Source that sets the arrays a0… and the edges e0… of the inputs, or returns `fallback` for unusual ones."""
    names = [i.name for i in row.inputs]

    def edge(i: int, name: str) -> list[str]:
        return [f"e{i} = {name}._edge if {name}._view is None else current_edge({name})"] if record else []

    lines = [f"    a{lead} = {names[lead]}._array", *(f"    {line}" for line in edge(lead, names[lead]))]
    for i, (name, source) in enumerate(zip(names, row.inputs, strict=True)):
        if i == lead:
            continue
        if source.how == "index":
            lines += [
                f"    if type({name}) is not Tensor or not {name}._kind.local:",
                f"        return {fallback}",
                f"    a{i} = {name}._array",
                f"    e{i} = None",
            ]
            continue
        lines += [
            f"    c = type({name})",
            "    if c is Tensor or c is Parameter:",
            f"        if {name}._kind is not k:",
            f"            return {fallback}",
            f"        a{i} = {name}._array",
            *(f"        {line}" for line in edge(i, name)),
        ]
        if row.promote is not None and row.numbers:
            lines += [
                "    elif (c is float or c is int) and k.floating:",
                f"        a{i} = scalar({name}, k)",
                f"        e{i} = None",
            ]
        elif source.how == "optional":
            lines += [f"    elif {name} is None:", f"        a{i} = e{i} = None"]
        lines += ["    else:", f"        return {fallback}"]
    return lines


def call_source(row: Op, kernel: Callable | None) -> str:
    """Source of the expression that computes the result from a0…."""
    arrays = ", ".join(f"a{i}" for i in range(len(row.inputs)))
    attributes = "".join(f", {a}={'NATIVE[dtype]' if a == 'dtype' else a}" for a in row.attributes)
    forward = f"enter(forward, xp, {arrays}{attributes})"
    if row.name in xnp.EXPRESSIONS:
        return xnp.EXPRESSIONS[row.name].replace("FORWARD", forward)
    if kernel is None:
        return forward
    if row.name in xnp.KERNELS:
        return f"{'kernel(' if row.moves else 'enter(kernel, '}{', '.join([arrays, *row.attributes])})"
    call = f"kernel({arrays})" if row.moves else f"enter(kernel, {arrays})"
    if kernel in SCALAR_KERNELS or isinstance(kernel, xnp.ufunc) and kernel.nin == 1:
        # arrays of no dimension are computed with as scalars: 75 and 110 ns in place of 250
        scalars = ", ".join(f"a{i}[()]" for i in range(len(row.inputs)))
        call = f"({call} if a0.ndim else enter(scalar_kernel, {scalars}))"
    usual = " and ".join(f"{a} is _d_{a}" for a in row.attributes)
    return f"{call} if {usual} else {forward}" if usual else call


def first_array(row: Op) -> int | None:
    """The number of the first input that is one array of the row's own dtype."""
    return next((i for i, source in enumerate(row.inputs) if source.how == "array"), None)


def function_source(row: Op, kernel: Callable | None, name: str, lead: int = 0, fallback: str = "general") -> str:
    """Source of the function of a row with a fixed number of array inputs and one output.

    lead: the input whose kind all others must have. An operator has it as its first parameter: 1 where the operands are
    swapped.
    """
    names = [i.name for i in row.inputs]
    attributes = "{" + ", ".join(f"{a!r}: {a}" for a in row.attributes) + "}"
    fallback = f"{fallback}(ROW, ({', '.join(names)},), {attributes}, out)"
    level = "local" if row.moves else "floating" if "complex" in row.refuses else "inexact"
    first = names[lead]
    order = [first, *(n for n in names if n != first)] if fallback.startswith("operate") else names
    conditions = [f"k.{level}", "out is None"]
    conditions += [f"type({a}) in PLAIN" for a in row.attributes if _may_hold_tensors(row, a)]
    lines = [f"def {name}({parameters_source(row, False, order)}):"]
    foreign = f"return {fallback}" if not fallback.startswith("operate") else f"raise no_method({name!r}, {first})"
    lines += ["    try:", f"        k = {first}._kind", "    except AttributeError:", f"        {foreign}"]
    # read once: another thread may enter a mode meanwhile
    lines += [
        "    s = state.special",
        f"    if not ({' and '.join(conditions)}) or s and not quiet():",
        f"        return {fallback}",
    ]
    lines += inputs_source(row, lead, fallback)
    lines += [
        "    try:",
        f"        r = {call_source(row, kernel)}",
        "    except Exception:",
        f"        return {fallback}",
    ]
    lines += ["    if type(r) is not ndarray:", "        r = asarray(r)"]
    kind = "k"
    if row.promote == "bool":
        kind = "BOOL"
    elif row.retypes or (row.promote is None and (not row.moves or "dtype" in row.attributes)):
        lines += ["    if r.dtype is not k.native:", "        k = KIND_BY_NUMBER[r.dtype.num]"]
        # what became integers has no gradient
        lines += ["        s = s or not (k.dtype.is_floating_point or k.dtype.is_complex)"]
    edges = ", ".join(f"e{i}" for i in range(len(names)))
    test = "if True:"
    if row.differentiable and row.promote != "bool":
        test = "if s or " + " and ".join(f"e{i} is None" for i in range(len(names))) + ":"
    saved = ", ".join(_saved_expression(row, name) for name in row.saved)
    view = "None"
    if row.view is not None:
        lines.append(f"    b = ({first} if {first}._view is None else {first}._view[0])")
        view = f"(b, {first}, ROW, {attributes}, b._rewrites)"
        if row.view == "maybe":
            # a view of what owns its memory, or a view of the same owner, is told without asking further: 120 ns
            shared = "r.base is a0 or r.base is a0.base and r.base is not None or owner(r) is owner(a0)"
            view = f"{view} if {shared} else None"
    body = _WRAP.format(i="    ", kind=kind, view=view, test=test, edges=edges, saved=saved + ("," if saved else ""))
    return "\n".join(lines) + body


_TENSOR_ATTRIBUTES = ("index", "indices")


def _may_hold_tensors(row: Op, attribute: str) -> bool:
    return attribute in _TENSOR_ATTRIBUTES


def bind(row: Op) -> Callable:
    """Make the function of a row, and the class of its nodes."""
    NODES[row.name] = node_class(row)
    SAVERS[row.name] = saver(row)
    lead = first_array(row)
    simple = row.outputs == 1 and lead is not None and all(i.how != "list" for i in row.inputs) and not row.composite
    scope: dict[str, Any] = {
        "ROW": row, "general": general, "state": state, "current_edge": current_edge, "Tensor": Tensor,
        "Parameter": Parameter, "scalar": scalar, "enter": xnp.enter, "xp": xnp, "forward": row.forward,
        "ndarray": xnp.ndarray, "asarray": xnp.asarray, "new": new, "NodeClass": NODES[row.name], "tick": tick,
        "KIND_BY_NUMBER": KIND_BY_NUMBER, "BOOL": BOOL, "owner": owner, "_shape": _shape, "_dtype": _dtype,
        "PLAIN": PLAIN_TYPES, "NATIVE": NATIVE, "quiet": config.quiet, "operate": operate, "bump": bump,
        "no_method": no_method,
    }  # fmt: skip
    for p in row.parameters:
        scope[f"_d_{p.name}"] = p.default
    scope["kernel"] = kernel = find_kernel(row) if simple else None
    scope["scalar_kernel"] = SCALAR_KERNELS.get(kernel, kernel)
    source = function_source(row, kernel, row.name, lead) if simple else plain_source(row)  # type: ignore[arg-type]
    compile_source(source, row.name, scope)
    function = scope[row.name]
    SCOPES[row.name] = scope
    _dress(function, row, row.name)
    FUNCTIONS[row.name] = function
    if row.inplace:
        INPLACE[row.name] = bind_inplace(row, scope)
    return function


PLAIN_TYPES = (int, slice, type(None), type(Ellipsis))


def plain_source(row: Op) -> str:
    """Source of a function that always takes the general path."""
    names = ", ".join(i.name for i in row.inputs)
    attributes = "{" + ", ".join(f"{a!r}: {a}" for a in row.attributes) + "}"
    return f"def {row.name}({parameters_source(row, False)}):\n    return general(ROW, ({names},), {attributes}, out)\n"


def bind_operator(row: Op, name: str, lead: int, node_name: str | None = None) -> Callable:
    """An operator method: the row's function, which gives way (NotImplemented) to operands that it does not know.

    node_name: what PyTorch calls the node of the operator, where that is not the row's.
    """
    scope = dict(SCOPES[row.name])
    if node_name is not None:
        scope["NodeClass"] = renamed_class(NODES[row.name], node_name)

        def operate_renamed(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
            return rename_node(operate(row, args, attributes, out), node_name)

        scope["operate"] = operate_renamed
    source = function_source(row, scope["kernel"], name, lead, "operate")
    function = compile_source(source, f"{row.name} {name}", scope)[name]
    _dress(function, row, name)
    return function


def no_method(name: str, value: Any) -> TypeError:
    """The error of an operator method of Tensor that is called on something else."""
    return TypeError(
        f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{type(value).__name__}' object"
    )


def operate(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """The general path of an operator: foreign operands are offered the operation."""
    operands = list(args)
    for i, x in enumerate(operands):
        if isinstance(x, (Tensor, int, float, complex)):
            continue
        if isinstance(x, xnp.generic):
            operands[i] = x.item()
        elif isinstance(x, xnp.ndarray) and x.dtype.num in KIND_BY_NUMBER:
            # to PyTorch an array without dimensions counts as much as one with
            operands[i] = wrap(x if x.ndim or all(getattr(y, "ndim", 0) == 0 for y in operands) else x.reshape(1))
        elif not asked((x,)):
            return NotImplemented
    if state.overrides and asked(operands):
        try:
            return general(row, operands, attributes, out)
        except TypeError:
            return NotImplemented
    return general(row, operands, attributes, out)


def bind_inplace(row: Op, scope: dict[str, Any]) -> Callable:
    """The method `name_`: straight into memory for NumPy arrays of one floating dtype that have no history."""
    names = [i.name for i in row.inputs]
    name = f"{row.name}_"
    attributes = "{" + ", ".join(f"{a!r}: {a}" for a in row.attributes) + "}"
    fallback = f"general_inplace(ROW, ({', '.join(names)},), {attributes})"
    lines = [f"def {name}({parameters_source(row, True)}):"]
    kernel = scope["kernel"]
    if isinstance(kernel, xnp.ufunc) and row.promote in ("same", "float"):
        edges = " and ".join(f"e{i} is None" for i in range(len(names)))
        usual = " and ".join(f"{a} is _d_{a}" for a in row.attributes) or "True"
        arrays = ", ".join(f"a{i}" for i in range(len(names)))
        lines += [
            f"    k = {names[0]}._kind",
            "    s = state.special",
            f"    if not k.{'floating' if 'complex' in row.refuses else 'inexact'} or s and not quiet() or "
            f"{names[0]}._view is not None or not ({usual}):",
            f"        return {fallback}",
            *inputs_source(row, 0, fallback),
            f"    if not (s and e0 is None or {edges}) or 0 in a0.strides:",
            f"        return {fallback}",
            "    try:",
            f"        enter(kernel, {arrays}, a0)",
            "    except Exception:",
            f"        return {fallback}",
            "    bump(a0)",
            f"    return {names[0]}",
        ]
    else:
        lines.append(f"    return {fallback}")
    scope = {**scope, "general_inplace": general_inplace}
    compile_source("\n".join(lines), name, scope)
    function = scope[name]
    _dress(function, row, name)
    return function


def _dress(function: Callable, row: Op, name: str) -> None:
    function.__name__ = function.__qualname__ = name
    function.__module__ = "torch"
    function.__doc__ = row.forward.__doc__ if not name.endswith("_") else f"In-place version of `{row.name}`."
