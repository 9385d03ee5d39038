"""The operands of a call: which dtype and kind to compute in, and the arrays that a row's forward gets.

PyTorch's promotion of dtypes, half types computed in float32, Python numbers as arrays, and what is refused: operands
on two devices, numbers where tensors are due, dtypes that an operation does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import config, dtypes
from ..device import BATCHED, Kind, backend
from ..ops.refusals import refusal
from ..ops.table import Op
from ..xp import numpy as xnp
from .tensor import KIND_BY_NUMBER, KINDS, Tensor

BOOL = KINDS[dtypes.bool_]
# what counts as a number
NUMBERS = (int, float, complex, xnp.generic)
NATIVE = {dtype: kind.native for dtype, kind in KINDS.items()}


# ---- dtypes and kinds ------------------------------------------------------------------------------------------------


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
        return scalar_dtype(python_number(x))
    if hasattr(x, "dtype") and getattr(x, "ndim", 1) == 0:
        kind = KIND_BY_NUMBER[x.dtype.num]
        return kind.dtype
    if isinstance(x, int):
        return dtypes.int64
    if isinstance(x, float):
        return config.default_dtype()
    raise TypeError(f"expected a Tensor or a number, not {type(x).__name__}")


def python_number(x: Any) -> Any:
    """A number of NumPy's as Python's; PyTorch takes its truth values for floats."""
    return float(x) if isinstance(x, xnp.bool_) else x.item() if isinstance(x, xnp.generic) else x


# the rows that PyTorch lets Python compute with on numbers alone, `torch.add(1, 2)`
OF_NUMBERS = frozenset({"add", "sub", "mul", "true_div", "div_floor", "div_trunc", "floor_divide"})


def find_kind(row: Op, operands: Sequence[Any], attributes: dict[str, Any]) -> Kind:
    """The kind of the first tensor with dimensions; all tensors must be on one device, but for 0-d ones on the CPU."""
    first = None
    for x in operands:
        if isinstance(x, Tensor) and (
            first is None or (first._array.ndim == 0 and x._kind.device != first._kind.device)
        ):
            first = x
    if first is None:
        if row.name in OF_NUMBERS and all(isinstance(x, NUMBERS) for x in operands):
            return backend("cpu").kinds[result_dtype(operands)]
        raise TypeError(no_tensor_message(row, operands))
    for x in operands:
        if isinstance(x, Tensor) and x._kind.device != first._kind.device and x._array.ndim:
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, "
                f"{first._kind.device} and {x._kind.device}!"
            )
    return _batched_kind(first._kind, operands, attributes) if BATCHED else first._kind


def _batched_kind(kind: Kind, operands: Sequence[Any], attributes: dict[str, Any]) -> Kind:
    """The kind to compute with where something may be batched: a batch of one operand makes a batch of all."""
    if not kind.batched:
        for x in operands:
            if isinstance(x, Tensor) and (x._kind.batched or hasattr(x._array, "level")):
                return BATCHED[kind.dtype]
        if _holds_batch(list(attributes.values())):
            return BATCHED[kind.dtype]
    return kind


def kind_of_array(array: Any, kind: Kind, inference: bool) -> Kind:
    """The kind of a result that was computed in a kind."""
    if BATCHED and hasattr(array, "level"):
        return BATCHED[KIND_BY_NUMBER[array.dtype.num].dtype]
    back = backend(kind.device.type)
    found = back.kind_of(array)
    return back.inference_kinds[found.dtype] if inference else found


def _holds_batch(value: Any) -> bool:
    """Whether an attribute is, or has in it, a batch."""
    if isinstance(value, (tuple, list)):
        return any(_holds_batch(v) for v in value)
    return hasattr(value._array if isinstance(value, Tensor) else value, "level")


# ---- values as arrays ------------------------------------------------------------------------------------------------


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
    # NumPy's numbers would decide the dtype of results
    return value.item() if isinstance(value, xnp.generic) else value


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


# ---- what is refused -------------------------------------------------------------------------------------------------


def check_operands(row: Op, operands: Sequence[Any], attributes: dict[str, Any], inplace: bool = False) -> None:
    """Refuse what is neither tensor nor number, numbers where the row takes none, and what the row's check refuses."""
    if row.check is not None:
        row.check(*operands, **attributes)
    if row.promote is None:
        return
    for i, (source, x) in enumerate(zip(row.inputs, operands, strict=False)):
        if isinstance(x, Tensor) or (x is None and source.how == "optional") or source.how == "list":
            continue
        if not row.numbers or (i == 0 and row.numbers == "other") or not isinstance(x, NUMBERS):
            # the arguments of a method are counted without the tensor itself
            name, position = _CALLED.get(row.name, row.name), i + 1
            if inplace:
                name, position = f"{name}_", i
            raise TypeError(
                f"{name}(): argument '{source.name}' (position {position}) must be Tensor, not {type_name(x)}"
            )


# the public names of rows that are called otherwise
_CALLED = {"true_div": "div", "div_floor": "floor_divide", "div_trunc": "div", "pow_tensor": "pow"}


def refuse(row: Op, dtype: dtypes.dtype) -> None:
    """Raise where PyTorch has no such operation for a dtype."""
    category = ("bool", "integer", "float", "complex")[dtype.category]
    if category in row.refuses or ("half" in row.refuses and dtype in (dtypes.float16, dtypes.bfloat16)):
        raise refusal(row.name, category, dtype)


def type_name(x: Any) -> str:
    """The name of a type as C knows it: NumPy's and PyTorch's own with their module."""
    t = type(x)
    module = "numpy." if t.__module__ == "numpy" else "torch." if t.__name__ in _OF_TORCH else ""
    return module + t.__name__


_OF_TORCH = ("dtype", "device", "layout", "memory_format", "Size", "Generator")


def no_integer(name: str, parameters: Sequence[tuple[str, str, Any]], error: Exception) -> Exception:
    """In place of what Python says of an argument: which one is no integer. parameters: (name, annotation, value)."""
    if type(error) is TypeError:
        for i, (parameter, annotation, value) in enumerate(parameters):
            if annotation == "int" and (type(value) is bool or not hasattr(value, "__index__")):
                return TypeError(
                    f"{name}(): argument '{parameter}' (position {i + 1}) must be int, not {type_name(value)}"
                )
    return error


def no_tensor_message(row: Op, operands: Sequence[Any]) -> str:
    for i, (source, x) in enumerate(zip(row.inputs, operands, strict=False)):
        if not isinstance(x, Tensor):
            return (
                f"{row.name}(): argument '{source.name}' (position {i + 1}) must be "
                f"{'tuple of Tensors' if source.how == 'list' else 'Tensor'}, not {type(x).__name__}"
            )
    return f"{row.name}(): expected a non-empty list of Tensors"
