"""The general path: a call of a row whatever its arguments are, written for clarity.

`general` asks overrides and modes, finds the kind to compute in (`operands`), calls the row's forward, rounds half
types back, records a node where a gradient is wanted (`recording`), notes views (`views`) and writes to `out`
(`outputs`). What most calls need of that stands in each row's generated function (`generated`), which comes here for
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import config, errors
from ..config import state
from ..ops.table import Op
from ..xp import numpy as xnp
from . import later
from .later import ROW_FUNCTIONS
from .operands import check_operands, find_kind, kind_of_array, narrow, no_integer, prepare, result_dtype, unwrap
from .outputs import check_before_kernel, named_result, write_out
from .overrides import asked, offer, public_function, take_over
from .recording import defaults, record, refuse_inference
from .tensor import Tensor, current_edge, make
from .views import note_view


def general(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any = None) -> Any:
    """Call a row, whatever its arguments are: modes and classes that take calls over are asked first."""
    if state.overrides:
        taken = _offered(row, args, attributes, out)
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
    return _computed(row, args, attributes, out, modes)


def _computed(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any, modes: Any) -> Any:
    """Call a row that nobody takes over: the arrays in, its forward, tensors out, and what is to be remembered."""
    listed = len(row.inputs) == 1 and row.inputs[0].how == "list"
    operands = list(args[0]) if listed else list(args)
    try:
        kind = find_kind(row, operands, attributes)
    except TypeError:
        if asked(args):
            return offer(public_function(row.name, ROW_FUNCTIONS[row.name]), args, given_keywords(row, attributes, out))
        raise
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
    outputs = [make(r, kind_of_array(r, kind, inference)) for r in results]
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
        if recorded:
            dual.keep([*operands, *outputs])
    if out is not None:
        return write_out(row, outputs, out, several)
    if not several:
        return outputs[0]
    if row.returns:
        return named_result(row, outputs)
    return tuple(outputs) if isinstance(result, tuple) else outputs


def _offered(row: Op, args: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """What modes and the classes of the arguments make of a call."""
    return take_over(public_function(row.name, ROW_FUNCTIONS[row.name]), args, given_keywords(row, attributes, out))


def given_keywords(row: Op, attributes: dict[str, Any], out: Any) -> dict[str, Any]:
    """The attributes of a call that are not the usual ones, and `out`, as keyword arguments."""
    usual = defaults(row)
    given = {name: value for name, value in attributes.items() if name not in usual or value is not usual[name]}
    return given if out is None else {**given, "out": out}


def run_composite(row: Op, operands: list, listed: bool, attributes: dict, out: Any) -> Any:
    """Differentiate a row without rules through its body, run on tensors."""
    dtype = result_dtype(operands) if row.promote else None
    if row.promote == "float" and dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
        dtype = config.default_dtype()
    if dtype is not None:
        operands = [
            ROW_FUNCTIONS["to_copy"](x, dtype=dtype) if isinstance(x, Tensor) and x.dtype is not dtype else x
            for x in operands
        ]
    if out is not None:
        raise errors.out_with_grad(row.name)
    return row.forward(later.tensor_namespace(), *([operands] if listed else operands), **attributes)


def explain(row: Op, arrays: Sequence[Any], attributes: dict[str, Any], error: Exception) -> Exception:
    """Turn an array library's complaint into PyTorch's words."""
    text = str(error)
    if isinstance(error, ValueError) and ("broadcast" in text or "shape mismatch" in text or "axis remapping" in text):
        shapes = [a.shape for a in arrays if hasattr(a, "shape")]
        if len(shapes) > 1:
            return errors.broadcast([i.name for i in row.inputs], shapes)
    if isinstance(error, IndexError) and ("axis" in text or "array" in text):
        return errors.index_error(error)
    if isinstance(error, MemoryError) or "array is too big" in text or "Maximum allowed dimension" in text:
        return errors.too_large(text)
    if type(error).__name__ == "LinAlgError" and not isinstance(error, errors.LinAlgError):
        return errors.LinAlgError(f"linalg.{row.name.removeprefix('linalg_')}: {text}")
    annotations = row.forward.__annotations__
    given = [(p.name, annotations.get(p.name, ""), attributes.get(p.name)) for p in row.parameters]
    return no_integer(row.name.removesuffix("_dim"), given, error)
