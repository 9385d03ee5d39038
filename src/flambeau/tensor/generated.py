"""From a row to the function that users call: this is the one file written for speed.

Each row gets a function of its own, as generated source (a debugger shows it: it is registered with `linecache`). Its
fast path serves what is by far most common: NumPy arrays of one floating dtype, no special mode. It costs a few
identity tests, the array call, one new tensor and, if a gradient is wanted, one node. Whatever else happens (mixed
dtypes, integers, half types, `out=`, modes, other devices, errors) goes to `dispatch.general`, which is written for
clarity.

What the tricks are worth, on a machine where `np.add` of 4x4 takes 210 ns: `Context.run` instead of `np.errstate` saves
690 ns; one `_kind` instead of dtype and device tests 60; `object.__new__` and slot stores instead of `__init__` 40;
kernels called without the row's Python frame 60 (benchmarks/run.py, group "small ops").
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import config
from ..config import state
from ..ops.table import REQUIRED, Op
from ..storage import bump, owner, tick
from ..xp import numpy as xnp
from . import later
from .dispatch import general
from .inplace import general_inplace
from .later import INPLACE, ROW_FUNCTIONS
from .operands import BOOL, NATIVE, python_number, scalar
from .overrides import asked
from .recording import (
    NODES,
    ONE_ARRAY,
    compile_source,
    defaults,
    dtypes_of,
    prepare_nodes,
    rename_node,
    renamed_class,
    saved_expression,
    shapes_of,
)
from .tensor import KIND_BY_NUMBER, Parameter, Tensor, current_edge, new, wrap
from .views import hold_back

# the names that a row's generated source sees
SCOPES: dict[str, dict[str, Any]] = {}
# what replaces a ufunc for scalars
SCALAR_KERNELS: dict[Any, Callable] = {
    xnp.add: operator.add, xnp.subtract: operator.sub, xnp.multiply: operator.mul, xnp.divide: operator.truediv,
}  # fmt: skip
# rows that may be called as of old, with the factor before what it scales
ALPHA_FIRST = ("add", "sub")
_warned: list[str] = []
# types of an index that hold no tensors
PLAIN_TYPES = (int, slice, type(None), type(Ellipsis))
TENSOR_ATTRIBUTES = ("index", "indices")
# types of a number that leave the dtype of a result alone; NumPy's own numbers decide it
WEAK_TYPES = (float, int, type(None), bool, str)


# ---- a row's function ------------------------------------------------------------------------------------------------


def bind(row: Op) -> Callable:
    """Make the function of a row, and the class of its nodes."""
    if row.name not in NODES:
        prepare_nodes(row)
    lead = first_array(row)
    simple = row.outputs == 1 and lead is not None and all(i.how != "list" for i in row.inputs) and not row.composite
    scope: dict[str, Any] = {
        "ROW": row, "general": general, "state": state, "current_edge": current_edge, "Tensor": Tensor,
        "Parameter": Parameter, "scalar": scalar, "enter": xnp.enter, "xp": xnp, "forward": row.forward,
        "ndarray": xnp.ndarray, "asarray": xnp.asarray, "new": new, "NodeClass": NODES[row.name], "tick": tick,
        "KIND_BY_NUMBER": KIND_BY_NUMBER, "BOOL": BOOL, "owner": owner, "_shape": shapes_of, "_dtype": dtypes_of,
        "PLAIN": PLAIN_TYPES, "WEAK": WEAK_TYPES, "NATIVE": NATIVE, "quiet": config.quiet, "operate": operate,
        "bump": bump, "no_method": no_method, "hold_back": hold_back,
    }  # fmt: skip
    for p in row.parameters:
        scope[f"_d_{p.name}"] = p.default
    scope["kernel"] = kernel = find_kernel(row) if simple else None
    scope["scalar_kernel"] = SCALAR_KERNELS.get(kernel, kernel)
    if row.name in ALPHA_FIRST:
        scope["alpha_first"] = alpha_first
    source = function_source(row, kernel, row.name, lead) if simple else plain_source(row)  # type: ignore[arg-type]
    compile_source(source, row.name, scope)
    function = scope[row.name]
    SCOPES[row.name] = scope
    _dress(function, row, row.name)
    ROW_FUNCTIONS[row.name] = function
    if row.inplace:
        INPLACE[row.name] = bind_inplace(row, scope)
    return function


later.bind = bind


def plain_source(row: Op) -> str:
    """Source of a function that always takes the general path."""
    names = ", ".join(i.name for i in row.inputs)
    attributes = attributes_source(row)
    return f"def {row.name}({parameters_source(row, False)}):\n    return general(ROW, ({names},), {attributes}, out)\n"


def function_source(row: Op, kernel: Callable | None, name: str, lead: int = 0, fallback: str = "general") -> str:
    """Source of the function of a row with a fixed number of array inputs and one output.

    lead: the input whose kind all others must have. An operator has it as its first parameter: 1 where the operands are
    swapped.
    """
    names = [i.name for i in row.inputs]
    attributes = attributes_source(row)
    fallback = f"{fallback}(ROW, ({', '.join(names)},), {attributes}, out)"
    level = "local" if row.moves else "floating" if "complex" in row.refuses else "inexact"
    first = names[lead]
    older = row.name in ALPHA_FIRST and not fallback.startswith("operate")
    order = [first, *(n for n in names if n != first)] if fallback.startswith("operate") else names
    conditions = [f"k.{level}", "out is None"]
    conditions += [f"type({a}) in PLAIN" for a in row.attributes if a in TENSOR_ATTRIBUTES]
    lines = [f"def {name}({parameters_source(row, False, order, older)}):"]
    if older:
        lines += ["    if last is not None:", "        return alpha_first(ROW, input, other, last, out)"]
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
        lines.append("    if r.dtype is not k.native:")
        if weak := weak_source(row):
            lines += [f"        if not ({weak}):", f"            return {fallback}"]
        lines.append("        k = KIND_BY_NUMBER[r.dtype.num]")
        # what became integers has no gradient
        lines += ["        s = s or not (k.dtype.is_floating_point or k.dtype.is_complex)"]
    edges = ", ".join(f"e{i}" for i in range(len(names)))
    test = "if True:"
    if row.differentiable and row.promote != "bool":
        test = "if s or " + " and ".join(f"e{i} is None" for i in range(len(names))) + ":"
    saved = ", ".join(saved_expression(row, name) for name in row.saved)
    view = "None"
    if row.view is not None:
        lines.append(f"    b = ({first} if {first}._view is None else {first}._view[0])")
        view = f"(b, {first}, ROW, {attributes}, b._rewrites)"
        if row.view == "maybe":
            # a view of what owns its memory, or a view of the same owner, is told without asking further: 120 ns
            shared = "r.base is a0 or r.base is a0.base and r.base is not None or owner(r) is owner(a0)"
            view = f"{view} if {shared} else None"
    quiet = ""
    if row.view is not None and test != "if True:":
        seen = "" if row.view == "always" else " and t._view is not None"
        quiet = f"        if s and e0 is not None{seen}:\n            hold_back(t)\n"
    body = _WRAP.format(
        i="    ", kind=kind, view=view, test=test, quiet=quiet, edges=edges, saved=saved + ("," if saved else "")
    )
    return "\n".join(lines) + body


def parameters_source(row: Op, inplace: bool, order: Sequence[str] | None = None, older: bool = False) -> str:
    """The parameters of a row's function. Defaults are the names `_d_<parameter>`."""
    given = list(row.parameters)
    if order is not None:
        given.sort(key=lambda p: order.index(p.name) if p.name in order else len(order))
    parameters, keyword_only = [], False
    for p in given:
        if p.keyword_only and not keyword_only:
            parameters += ["last=None", "*"] if older else ["*"]
            keyword_only = True
        parameters.append(p.name if p.default is REQUIRED else f"{p.name}=_d_{p.name}")
    if not inplace:
        parameters += ["out=None"] if keyword_only else ["*", "out=None"]
    return ", ".join(parameters)


def attributes_source(row: Op) -> str:
    """Source of the dict of a call's attributes."""
    return "{" + ", ".join(f"{a!r}: {a}" for a in row.attributes) + "}"


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
    if row.promote is not None and (weak := weak_source(row)):
        # whatever it is that goes wrong, the general path does it again
        forward = f"({forward} if {weak} else None.refused)"
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


def weak_source(row: Op) -> str:
    """Source of the test that no number among a row's attributes is one of NumPy's."""
    annotations = row.forward.__annotations__
    numbers = [a for a in row.attributes if "float" in annotations.get(a, "float")]
    return " and ".join(f"type({a}) in WEAK" for a in numbers)


_WRAP = """
{i}t = new(Tensor)
{i}t._array = r
{i}t._kind = {kind}
{i}t._grad = None
{i}t._rewrites = 0
{i}t._view = {view}
{i}{test}
{i}    t._edge = None
{quiet}{i}else:
{i}    t._edge = node = new(NodeClass)
{i}    node.edges = ({edges},)
{i}    node.saved = ({saved})
{i}    node.shape = r.shape
{i}    node.kind = {kind}
{i}    node.seq = tick()
{i}    node.extra = None
{i}return t
"""


def first_array(row: Op) -> int | None:
    """The number of the first input that is one array of the row's own dtype."""
    return next((i for i, source in enumerate(row.inputs) if source.how == "array"), None)


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


# ---- operators and in-place methods ----------------------------------------------------------------------------------


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


def operate(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """The general path of an operator: foreign operands are offered the operation."""
    operands = list(args)
    for i, x in enumerate(operands):
        if isinstance(x, (Tensor, int, float, complex)):
            continue
        if isinstance(x, xnp.generic):
            operands[i] = python_number(x)
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


def no_method(name: str, value: Any) -> TypeError:
    """The error of an operator method of Tensor that is called on something else."""
    return TypeError(
        f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{type(value).__name__}' object"
    )


def bind_inplace(row: Op, scope: dict[str, Any]) -> Callable:
    """The method `name_`: straight into memory for NumPy arrays of one floating dtype that have no history."""
    names = [i.name for i in row.inputs]
    name = f"{row.name}_"
    attributes = attributes_source(row)
    fallback = f"general_inplace(ROW, ({', '.join(names)},), {attributes})"
    older = row.name in ALPHA_FIRST
    lines = [f"def {name}({parameters_source(row, True, None, older)}):"]
    if older:
        lines += ["    if last is not None:", "        return alpha_first(ROW, input, other, last, None, '_')"]
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


def alpha_first(row: Op, input: Tensor, alpha: Any, other: Any, out: Any, ending: str = "") -> Any:
    """What an older form of a call means: `x.add_(alpha, other)`."""
    alpha, name = python_number(alpha), row.name + ending
    if not isinstance(alpha, (int, float, complex)):
        counts = "1 positional argument but 2" if ending else "2 positional arguments but 3"
        raise TypeError(f"{name}() takes {counts} were given")
    if not _warned:
        _warned.append(name)
        warnings.warn(
            f"This overload of {name} is deprecated:\n\t{name}(Number alpha, Tensor other)\n"
            f"Consider using one of the following signatures instead:\n\t{name}(Tensor other, *, Number alpha = 1)",
            stacklevel=3,
        )
    attributes = {"alpha": alpha}
    return general_inplace(row, (input, other), attributes) if ending else general(row, (input, other), attributes, out)


def _dress(function: Callable, row: Op, name: str) -> None:
    function.__name__ = function.__qualname__ = name
    function.__module__ = "torch"
    function.__doc__ = row.forward.__doc__ if not name.endswith("_") else f"In-place version of `{row.name}`."
