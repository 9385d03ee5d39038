"""Joining tensors, and giving several of them a common shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import dtypes, errors
from ...config import quiet, state
from ...ops import shapes
from ...xp import numpy as xnp
from .. import rows
from ..node import Node
from ..operands import result_dtype, type_name
from ..public import FUNCTIONS, public, shortcut
from ..recording import NODES
from ..size import Size
from ..tensor import Tensor, current_edge, make
from .allocation import kind_for
from .arguments import into, mismatch

# ---- joining ---------------------------------------------------------------------------------------------------------


def need_tensors(name: str, tensors: Any, empty: type[Exception], message: str) -> list[Tensor]:
    """The tensors of a sequence, which must not be empty."""
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type_name(tensors)}")
    check_elements(tensors)
    if not tensors:
        raise empty(message)
    return list(tensors)


def check_elements(tensors: Sequence[Any]) -> None:
    for i, t in enumerate(tensors):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type_name(t)}")


def alike(tensors: list[Tensor]) -> list[Tensor]:
    """The tensors in their common dtype."""
    kind = tensors[0]._kind
    if all(t._kind is kind for t in tensors):
        return tensors
    dtype = result_dtype(tensors)
    return [t if t._kind.dtype is dtype else rows.to_copy(t, dtype=dtype) for t in tensors]


def _joined(name: str, join: Callable, tensors: Sequence[Tensor], dim: int) -> Tensor | None:
    """The usual case of a join, at a fraction of the cost: NumPy arrays of one kind that fit. Else None."""
    special = state.special
    if special and not quiet():
        return None
    kind = tensors[0]._kind
    if not kind.local:
        return None
    arrays, wanted = [], False
    for t in tensors:
        if t._kind is not kind:
            return None
        if t._edge is not None or t._view is not None:
            wanted = True
        arrays.append(t._array)
    try:
        result = join(arrays, dim)
    except (ValueError, IndexError, TypeError):
        # a mistake, or a tensor of shape (0,)
        return None
    if special or not wanted:
        return make(result, kind)
    edges = tuple([current_edge(t) for t in tensors])
    if not any(e is not None for e in edges):
        return make(result, kind)
    return make(result, kind, recorded(name, edges, ([a.shape for a in arrays], dim), result.shape, kind))


def recorded(name: str, edges: tuple, saved: tuple, shape: tuple, kind: Any) -> Node:
    """A node of a row whose rule needs no more than its attributes and metadata."""
    getattr(rows, name)
    return NODES[name](edges, saved, shape, kind)


@public(method=False, aliases=("concat", "concatenate"))
def cat(tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors one after the other along a dim. All other sizes must be equal; tensors of shape (0,) are left out.

    Raises RuntimeError, naming the first tensor that does not fit.

    >>> cat([tensor([[1, 2]]), tensor([[3, 4]])], dim=0)
    tensor([[1, 2],
            [3, 4]])
    """
    tensors = need_tensors("cat", tensors, ValueError, "torch.cat(): expected a non-empty list of Tensors")
    result = _joined("cat", xnp.concat, tensors, dim)
    if result is None:
        result = rows.cat(alike(tensors), dim)
    elif out is None:
        return result
    if isinstance(out, Tensor) and not dtypes.can_cast(result.dtype, out.dtype):
        raise TypeError(f"torch.cat(): input types can't be cast to the desired output type {out.dtype.scalar_name}")
    return into("cat", result, out, *tensors)


@shortcut("cat", method=False)
def _short_cat(general: Callable) -> Callable:
    """Tensors of one kind that fit, and no `out`."""
    concat = xnp.concat

    def called(tensors: Any, dim: int = 0, **rest: Any) -> Tensor:
        if not rest and (type(tensors) is tuple or type(tensors) is list) and tensors:
            try:
                result = _joined("cat", concat, tensors, dim)
            except AttributeError:
                # not a tensor
                result = None
            if result is not None:
                return result
        return general(tensors, **rest) if dim == 0 and "axis" in rest else general(tensors, dim, **rest)

    return called


for _name in ("concat", "concatenate"):
    FUNCTIONS[_name] = FUNCTIONS["cat"]


def _stacked(arrays: list, dim: int) -> Any:
    """NumPy's `stack` in half of the time."""
    ndim = arrays[0].ndim
    axis = dim + ndim + 1 if dim < 0 else dim
    if not 0 <= axis <= ndim:
        raise IndexError
    new = (slice(None),) * axis + (None,)
    return xnp.concat([a[new] for a in arrays], axis, arrays[0])


@public(method=False, out=True)
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors, which have one shape, along a new dim.

    >>> stack([tensor([1, 2]), tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    tensors = need_tensors("stack", tensors, RuntimeError, "stack expects a non-empty TensorList")
    result = _joined("stack", _stacked, tensors, dim)
    return rows.stack(alike(tensors), dim) if result is None else result


@public(method=False, out=True)
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors side by side: along the second dim, or the first of vectors.

    >>> hstack([tensor([1, 2]), tensor([3])])
    tensor([1, 2, 3])
    """
    tensors = need_tensors("hstack", tensors, RuntimeError, "hstack expects a non-empty TensorList")
    parts = atleast_1d(tensors)
    return cat(parts, 0 if parts[0]._array.ndim == 1 else 1)


@public(method=False, out=True, aliases=("row_stack",))
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors one below the other; a vector is a row.

    >>> vstack([tensor([1, 2]), tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    return cat(atleast_2d(need_tensors("vstack", tensors, RuntimeError, "vstack expects a non-empty TensorList")), 0)


@public(method=False, out=True)
def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors one behind the other, along the third dim."""
    return cat(atleast_3d(need_tensors("dstack", tensors, RuntimeError, "dstack expects a non-empty TensorList")), 2)


@public(method=False, out=True)
def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors side by side; a vector is a column.

    >>> column_stack([tensor([1, 2]), tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    given = need_tensors("column_stack", tensors, RuntimeError, "column_stack expects a non-empty TensorList")
    columns = [t if t._array.ndim > 1 else rows.reshape_to(t, (t._array.size, 1)) for t in given]
    return cat(columns, 1)


@public(method=False)
def block_diag(*tensors: Tensor) -> Tensor:
    """A matrix with the given ones along its diagonal, zeros elsewhere. A vector is one row.

    >>> block_diag(tensor([[1, 2]]), tensor([3]))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    check_elements(tensors)
    if not tensors:
        kind = kind_for(None)
        return make(kind.xp.empty((1, 0), dtype=kind.native), kind)
    for i, t in enumerate(tensors):
        if t._array.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {t._array.ndim} "
                "dimensions"
            )
    return rows.block_diag(alike(list(tensors)))


# ---- common shapes ---------------------------------------------------------------------------------------------------


@public(method=False)
def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors as views of the shape that they broadcast to."""
    check_elements(tensors)
    if not tensors:
        return ()
    all_shapes = [t._array.shape for t in tensors]
    common = shapes.broadcast(*all_shapes)
    if common is None:
        raise errors.broadcast([f"tensor {i}" for i in range(len(tensors))], all_shapes)
    # those that have the shape are themselves
    return tuple([t if t._array.shape == common else rows.expand_to(t, common) for t in tensors])


@public(method=False)
def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that all given ones broadcast to.

    >>> broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    asked = [(s,) if isinstance(s, int) else s for s in shapes]
    given = [tuple([n.__index__() for n in s]) for s in asked]
    result = [1] * max([len(s) for s in given], default=0)
    for number, shape in enumerate(given):
        for i in range(-1, -len(shape) - 1, -1):
            if shape[i] < 0:
                raise ValueError("Attempting to broadcast a dimension with negative length!")
            if shape[i] in (1, result[i]):
                continue
            if result[i] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[i]} at {i}! Mismatching argument at index "
                    f"{number} had {asked[number]}; but expected shape should be broadcastable to {result}"
                )
            result[i] = shape[i]
    return Size(result)


def _at_least(name: str, tensors: tuple, widen: Callable[[Tensor], Tensor]) -> Any:
    """Apply `widen` to one tensor, or to each of several or of a sequence."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return widen(tensors[0])
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    if any(not isinstance(t, Tensor) for t in given):
        raise mismatch(name, tensors, " * (Tensor input)\n * (tuple of Tensors tensors)")
    return tuple([widen(t) for t in given])


@public(method=False)
def atleast_1d(*tensors: Any) -> Any:
    """The tensor, or each of several, with at least one dim. A view."""
    return _at_least("atleast_1d", tensors, lambda t: t if t._array.ndim else rows.reshape_to(t, (1,)))


@public(method=False)
def atleast_2d(*tensors: Any) -> Any:
    """The tensor, or each of several, with at least two dims: a vector becomes a row. A view."""

    def widen(t: Tensor) -> Tensor:
        if t._array.ndim == 0:
            return rows.reshape_to(t, (1, 1))
        return rows.unsqueeze(t, 0) if t._array.ndim == 1 else t

    return _at_least("atleast_2d", tensors, widen)


@public(method=False)
def atleast_3d(*tensors: Any) -> Any:
    """The tensor, or each of several, with at least three dims: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1)."""

    def widen(t: Tensor) -> Tensor:
        if t._array.ndim == 0:
            return rows.reshape_to(t, (1, 1, 1))
        if t._array.ndim == 1:
            t = rows.unsqueeze(t, 0)
        return rows.unsqueeze(t, -1) if t._array.ndim == 2 else t

    return _at_least("atleast_3d", tensors, widen)
