"""`x[index]` and `x[index] = value`, with PyTorch's rules.

An index has a basic part (numbers, slices, None, Ellipsis), which makes a view, and may have an advanced part (index
tensors, masks, lists), which picks elements of that view. Numbers always belong to the basic part, and so do 0-d
integer
tensors, which is where PyTorch and NumPy differ.
"""

from __future__ import annotations

from typing import Any

from .. import dtypes, errors
from ..config import state
from ..ops.shapes import expanded
from ..ops.table import TABLE
from ..storage import bump
from ..xp import numpy as xnp
from . import rows
from .inplace import general_inplace
from .tensor import Tensor, current_edge, make, wrap

INDEX_DTYPES = (dtypes.int64, dtypes.int32, dtypes.int16, dtypes.int8, dtypes.uint8, dtypes.bool_)
FULL = slice(None)


def getitem(t: Tensor, index: Any) -> Tensor:
    """What `t[index]` gives: a view if the index has no advanced part, else a copy."""
    kind = type(index)
    if kind is int:
        if not t._array.ndim:
            raise errors.index_of_scalar()
        return rows.select_index(t, at=(index,))
    if kind is slice and type(index.start) in PLAIN and type(index.stop) in PLAIN and index.step is None:
        return rows.slice_index(t, at=(index,))
    if kind is tuple:
        row = _basic_row(index)
        if row is not None:
            return row(t, at=index)
    if index is None:
        return rows.unsqueeze(t, 0)
    if index is Ellipsis:
        return rows.alias(t)
    basic, advanced = split(t, index)
    if basic is not None:
        t = basic_view(t, basic)
    if advanced is None:
        return t
    return rows.gather_index(t, index=advanced)


def _basic_row(index: tuple) -> Any:
    """The row for a tuple of ints, forward slices, None and Ellipsis, or None if there is anything else in it."""
    row = None
    for part in index:
        kind = type(part)
        if kind is int:
            row = rows.select_index
        elif kind is slice:
            if part.step is not None or type(part.start) not in PLAIN or type(part.stop) not in PLAIN:
                return None
            if part.start is not None or part.stop is not None:
                row = rows.slice_index
        elif part is None:
            row = rows.insert_index
        elif part is not Ellipsis:
            return None
    return row


PLAIN = (int, type(None))


def basic_view(t: Tensor, basic: tuple) -> Tensor:
    """The view at numbers, slices and new axes, recorded under the name of the last of these."""
    last = next((part for part in reversed(basic) if part is not Ellipsis and part != FULL), Ellipsis)
    if last is Ellipsis:
        return rows.alias(t)
    if last is None:
        return rows.insert_index(t, at=basic)
    return (rows.slice_index if type(last) is slice else rows.select_index)(t, at=basic)


def split(t: Tensor, index: Any) -> tuple[tuple | None, tuple | None]:
    """The basic and the advanced part of an index: what to give the array, and what to give its view then."""
    parts = as_parts(index)
    ndim = t._array.ndim
    consumed = sum(_consumes(p) for p in parts)
    if consumed > ndim:
        if not ndim and len(parts) == 1:
            raise errors.index_of_scalar()
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    basic: list[Any] = []
    advanced: list[Any] = []
    dim = 0
    some = False
    for part in parts:
        if part is Ellipsis:
            skipped = ndim - consumed
            consumed = ndim
            basic += [FULL] * skipped
            advanced += [FULL] * skipped
            dim += skipped
        elif part is None:
            basic.append(None)
            advanced.append(FULL)
        elif type(part) is int:
            basic.append(part)
            dim += 1
        elif type(part) is slice:
            basic.append(part)
            advanced.append(FULL)
            dim += 1
        elif part is True or part is False:
            basic.append(None)
            advanced.append(xnp.array([0] if part else [], dtype=xnp.int64))
            some = True
        else:
            array = part._array
            width = array.ndim if array.dtype == xnp.bool_ else 1
            if array.dtype == xnp.bool_:
                _check_mask(t, array, dim)
            basic += [FULL] * width
            advanced.append(array)
            dim += width
            some = True
    plain = None if all(type(p) is slice and p == FULL for p in basic) and some else tuple(basic)
    return plain, tuple(advanced) if some else None


def _consumes(part: Any) -> int:
    if part is None or part is Ellipsis or part is True or part is False:
        return 0
    if isinstance(part, Tensor) and part._array.dtype == xnp.bool_:
        return part._array.ndim
    return 1


def _check_mask(t: Tensor, mask: Any, dim: int) -> None:
    shape = t._array.shape
    for i, n in enumerate(mask.shape):
        if dim + i >= len(shape) or shape[dim + i] != n:
            raise IndexError(
                f"The shape of the mask {list(mask.shape)} at index {i} does not match the shape of the indexed tensor "
                f"{list(shape)} at index {dim + i}"
            )


def as_parts(index: Any) -> list[Any]:
    """An index as a list of ints, slices, None, Ellipsis, bools and index tensors."""
    if type(index) is tuple:
        items: Any = index
    elif isinstance(index, (list, tuple)) and _acts_as_tuple(index):
        errors.warn_sequence_index()
        items = index
    else:
        items = (index,)
    return [_part(item) for item in items]


def _acts_as_tuple(sequence: Any) -> bool:
    """Whether PyTorch takes a list as a tuple of indices: it does if it holds anything but numbers."""
    return len(sequence) < 32 and any(
        isinstance(x, (Tensor, list, tuple, slice)) or x is None or x is Ellipsis for x in sequence
    )


def _part(item: Any) -> Any:
    kind = type(item)
    if kind is int or kind is bool or item is None or item is Ellipsis:
        return item
    if kind is slice:
        return _plain_slice(item)
    if isinstance(item, Tensor):
        if item.dtype not in INDEX_DTYPES:
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        if item.dtype is dtypes.bool_:
            return item if item._array.ndim else bool(item._array)
        if item.dtype is dtypes.uint8:
            if item._array.ndim == 0:
                return int(item._array)
            errors.warn_byte_index()
            return wrap(item._array.astype(xnp.bool_))
        # a batch of numbers picks one element for each
        return item if item._array.ndim or hasattr(item._array, "level") else int(item._array)
    if isinstance(item, (list, tuple, range, xnp.ndarray)):
        return _part_of_sequence(item)
    if isinstance(item, xnp.bool_):
        return bool(item)
    if hasattr(item, "__index__"):
        return item.__index__()
    if isinstance(item, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{kind.__name__}'")
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
        f"{kind.__name__})"
    )


def _part_of_sequence(item: Any) -> Any:
    array = xnp.asarray(item if isinstance(item, xnp.ndarray) else [_number(x) for x in item])
    if not array.size and array.dtype.kind == "f":
        array = array.astype(xnp.int64)
    if array.dtype.kind not in "bi" and array.dtype != xnp.uint8:
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    return _part(wrap(array))


def _number(x: Any) -> Any:
    return [_number(y) for y in x] if isinstance(x, (list, tuple)) else x._array if isinstance(x, Tensor) else x


def _plain_slice(s: slice) -> slice:
    """A slice of ints with a positive step."""
    start, stop, step = (
        x if type(x) in PLAIN else int(x) if isinstance(x, Tensor) else x.__index__() for x in (s.start, s.stop, s.step)
    )
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    return slice(start, stop, step)


# ---- assignment ------------------------------------------------------------------------------------------------------


def setitem(t: Tensor, index: Any, value: Any) -> None:
    """`t[index] = value`: written in place, in the dtype of `t`; gradients flow to the value."""
    if index is Ellipsis or (type(index) is slice and index == FULL):
        basic, advanced = None, None
    elif type(index) is int:
        if not t._array.ndim:
            raise errors.index_of_scalar()
        basic, advanced = (index,), None
    else:
        basic, advanced = split(t, index)
    if not isinstance(value, Tensor):
        value = _value(t, value)
    if not state.special and _no_history(t, value) and t._kind.local and value._kind.local:
        _write(t, basic, advanced, value)
        return
    if t.is_sparse:
        raise TypeError("Cannot assign to a sparse tensor")
    target = t if basic is None else basic_view(t, basic)
    if advanced is None:
        value = _without_leading_ones(value, target._array.ndim)
        _check_expands(value, target._array.shape)
        target.copy_(value)  # type: ignore[attr-defined]
        return
    general_inplace(TABLE["put_index"], (target, value), {"index": advanced, "accumulate": False})


def _no_history(t: Tensor, value: Tensor) -> bool:
    if (t._edge is not None or t._view is not None) and current_edge(t) is not None:
        return False
    if value._edge is not None and current_edge(value) is not None:
        return False
    return t._view is None or current_edge(t._view[0]) is None


def _write(t: Tensor, basic: tuple | None, advanced: tuple | None, value: Tensor) -> None:
    """Assign where no gradient is to be followed."""
    array = t._array
    if not array.flags.writeable:
        raise errors.read_only()
    try:
        target = array if basic is None else array[basic]
        if type(target) is not xnp.ndarray:
            target = array[(*basic, Ellipsis)]  # type: ignore[misc]
    except IndexError as error:
        raise errors.index_error(error) from None
    source = value._array
    if advanced is not None:
        try:
            xnp.run(target.__setitem__, advanced, source)
        except IndexError as error:
            raise errors.index_error(error) from None
        except ValueError as error:
            raise errors.index_put_shape(source.shape, target[advanced].shape, error) from None
    else:
        if source.ndim > target.ndim:
            source = _strip(source, target.ndim)
        try:
            xnp.run(xnp.copyto, target, source, casting="unsafe")
        except ValueError as error:
            _check_expands(value, target.shape)
            raise error from None
    bump(array)


def _check_expands(value: Tensor, shape: tuple[int, ...]) -> None:
    """Raise unless a value can be expanded to a shape. Its leading dims of size 1 are neither here nor there."""
    own = value._array.shape
    first = next((i for i, n in enumerate(own) if n != 1), len(own))
    expanded(own[first:], shape, value._kind.dtype)


def _strip(array: Any, ndim: int) -> Any:
    while array.ndim > ndim and array.shape[0] == 1:
        array = array[0]
    return array


def _without_leading_ones(value: Tensor, ndim: int) -> Tensor:
    while value._array.ndim > ndim and value._array.shape[0] == 1:
        value = getitem(value, 0)
    return value


def _value(t: Tensor, value: Any) -> Tensor:
    """A Python number to be assigned, as a 0-d tensor of the dtype of `t`."""
    if isinstance(value, (int, float, complex, xnp.generic)) and not isinstance(value, (str, bytes)):
        kind = t._kind
        if isinstance(value, xnp.generic):
            value = value.item()
        if isinstance(value, complex) and not kind.dtype.is_complex:
            raise TypeError("can't convert complex to float")
        errors.check_number(value, kind.dtype)
        if isinstance(value, float) and not (kind.dtype.is_floating_point or kind.dtype.is_complex):
            value = bool(value) if kind.dtype is dtypes.bool_ else int(value)
        array = xnp.asarray(value).astype(kind.native) if kind.xp is xnp else kind.xp.asarray(value, dtype=kind.native)
        return make(array, kind)
    name = f"torch.{t.dtype.scalar_name}Tensor"
    kind_name = (
        type(value).__name__
        if type(value).__module__ == "builtins"
        else f"{type(value).__module__}.{type(value).__name__}"
    )
    raise TypeError(f"can't assign a {kind_name} to a {name}")
