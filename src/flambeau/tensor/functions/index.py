"""Reading and writing whole slices along a dim, with one index for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ops import shapes
from ...xp import numpy as xnp
from .. import rows
from ..operands import NUMBERS
from ..public import public
from ..tensor import Tensor, numbers
from .arguments import (
    INT_OR_LONG,
    LONG,
    as_number,
    at_least_1d,
    check_range,
    in_dtype,
    into,
    mismatch,
    need_dtype,
    need_tensor,
    warn_once,
    wrapped,
)
from .direct import forward, in_place
from .elements import REDUCTIONS, reduced_at


@public()
def index_select(input: Tensor, dim: int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The slices of `input` at `index`, a tensor of int64 or int32 with one dim, along `dim`. A copy.

    Raises IndexError where an index is negative or too large.

    >>> index_select(tensor([[1, 2], [3, 4], [5, 6]]), 0, tensor([2, 0]))
    tensor([[5, 6],
            [1, 2]])
    """
    need_tensor("index_select", "index", 3, index)
    if index._array.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    index = need_dtype(index, INT_OR_LONG, RuntimeError, "index_select(): Expected dtype int32 or int64 for index")
    shape = input._array.shape
    axis = shapes.one_dim(dim, len(shape))
    if not shape and index._array.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index._array.size} value(s)")
    check_range(index, at_least_1d(shape)[axis], IndexError, "index out of range in self")
    return into("index_select", rows.index_select(input, _vector(index), axis), out, input, index)


def _vector(index: Tensor) -> Tensor:
    return index if index._array.ndim == 1 else rows.reshape_to(index, (1,))


@public(out=True)
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """`input` with `alpha` times the slices of `source` added to its slices at `index` along `dim`.

    >>> index_add(zeros(3), 0, tensor([0, 2, 2]), tensor([1., 2., 3.]), alpha=10)
    tensor([10.,  0., 50.])
    """
    return _index_add(forward, input, dim, index, source, alpha)


@public(function=False, name="index_add_")
def index_add_in_place(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """In-place version of `index_add`."""
    return _index_add(in_place, input, dim, index, source, alpha)


def _index_add(call: Callable, input: Tensor, dim: int, index: Any, source: Any, alpha: Any) -> Tensor:
    index, axis = _slice_index("index_add", input, dim, index, source)
    if not (input._kind.dtype.is_floating_point or input._kind.dtype.is_complex):
        alpha = as_number(input, alpha)
    return call("index_add", input, index, source, dim=axis, alpha=alpha)


def _slice_index(name: str, input: Tensor, dim: int, index: Any, source: Any) -> tuple[Tensor, int]:
    """Check the arguments of index_add and index_reduce; the index as an int64 vector, the dim from the front."""
    need_tensor(name, "index", 3, index)
    need_tensor(name, "source", 4, source)
    shape, given = input._array.shape, source._array.shape
    axis = shapes.one_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError(
            f"{name}_(): Index is supposed to be a vector, but got dim: {index._array.ndim} with type: "
            f"{index.dtype.scalar_name} and size: {list(index._array.shape)}"
        )
    index = need_dtype(
        index, INT_OR_LONG, RuntimeError, f"{name}_(): Expected dtype int32/int64 for index but got: {{}}"
    )
    if input._kind.dtype is not source._kind.dtype:
        raise RuntimeError(
            f"{name}_(): self ({input.dtype.scalar_name}) and source ({source.dtype.scalar_name}) must have the same "
            "scalar type"
        )
    have = given[axis] if axis < len(given) else 1
    if len(given) == len(shape) and index._array.size != have:
        raise RuntimeError(
            f"{name}_(): Number of indices ({index._array.size}) should be equal to source.size(dim): ({have}), for "
            f"dim: {axis}"
        )
    if len(given) != len(shape) or any(a != b for d, (a, b) in enumerate(zip(shape, given, strict=True)) if d != axis):
        if index._array.size != have:
            raise RuntimeError(
                f"{name}_(): Number of indices ({index._array.size}) should be equal to source.size(dim): ({have}), "
                f"for dim: {axis}"
            )
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(shape)} source.shape = {list(given)}"
        )
    size = at_least_1d(shape)[axis]
    if name == "index_add" and len(shape) > 1:
        check_range(index, size, RuntimeError, f"index {{}} is out of bounds for dimension {axis} with size {size}")
    else:
        check_range(index, size, IndexError, "index out of range in self")
    return _vector(index), axis


@public(out=True, inplace=True)
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """The slices of `input` at `index` along `dim` combined with those of `source` by "prod", "mean", "amax" or "amin".

    It warns once, as in PyTorch, that it may change.
    """
    if reduce not in REDUCTIONS[1:]:
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    index, axis = _slice_index("index_reduce", input, dim, index, source)
    warn_once("index_reduce", "index_reduce() is in beta and the API may change at any time.")
    shape = source._array.shape
    if shape:
        column = (1,) * axis + (-1,) + (1,) * (len(shape) - 1 - axis)
        index = rows.expand_to(rows.reshape_to(index, column), shape)
    return reduced_at(input, index, source, axis, reduce, include_self)


@public(out=True)
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """`input` with the slices of `source` written over its slices at `index` along `dim`.

    >>> index_copy(zeros(3), 0, tensor([2, 0]), tensor([1., 2.]))
    tensor([2., 0., 1.])
    """
    return _index_copy(forward, input, dim, index, source)


@public(function=False, name="index_copy_")
def index_copy_in_place(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """In-place version of `index_copy`."""
    return _index_copy(in_place, input, dim, index, source)


def _index_copy(call: Callable, input: Tensor, dim: int, index: Any, source: Any) -> Tensor:
    need_tensor("index_copy", "index", 3, index)
    need_tensor("index_copy", "source", 4, source)
    shape, given, count = input._array.shape, source._array.shape, index._array.size
    axis = shapes.one_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {index._array.ndim})")
    if not given and count != 1:
        raise IndexError(f"index_copy_(): When source is scalar, index should have one element (got {count})")
    if given and shape and len(given) != len(shape):
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source "
            f"dimensionality ({len(given)}), destination dimensionality ({len(shape)})"
        )
    need_dtype(index, LONG, RuntimeError, "index_copy_(): Expected a long tensor for index, but got {}")
    if input._kind.dtype is not source._kind.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{input.dtype.scalar_name} and (source) {source.dtype.scalar_name}"
        )
    rest, rest_given = shape[:axis] + shape[axis + 1 :], given[:axis] + given[axis + 1 :]
    if rest != rest_given:
        raise RuntimeError(
            "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{' '.join(map(str, rest))} at dimension {axis} and source slice shape: "
            f"{' '.join(map(str, rest_given))} at dimension 0."
        )
    if given and given[axis] != count:
        raise IndexError(
            f"index_copy_(): Number of indices ({count}) should be equal to source.size(dim) ({given[axis]})"
        )
    size = at_least_1d(shape)[axis]
    check_range(
        index, size, IndexError, f"index_copy_(): index {{}} is out of bounds for dimension {axis} with size {size}"
    )
    return call("index_copy", input, _vector(index), source, dim=axis)


@public()
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """`input` with a number, which may be a tensor without dims, in its slices at `index` along `dim`.

    >>> index_fill(zeros(3), 0, tensor([0, -1]), 7)
    tensor([7., 0., 7.])
    """
    return _index_fill(forward, input, dim, index, value)


@public(function=False, name="index_fill_")
def index_fill_in_place(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """In-place version of `index_fill`."""
    return _index_fill(in_place, input, dim, index, value)


def _index_fill(call: Callable, input: Tensor, dim: int, index: Any, value: Any) -> Tensor:
    if not isinstance(index, Tensor) or not isinstance(value, (Tensor, *NUMBERS)):
        raise mismatch(
            "index_fill",
            (input, dim, index, value),
            " * (Tensor input, int dim, Tensor index, Tensor value)\n"
            " * (Tensor input, int dim, Tensor index, Number value)",
        )
    shape = input._array.shape
    axis = shapes.one_dim(dim, len(shape))
    need_dtype(index, LONG, IndexError, "index_fill_(): Expected dtype int64 for index.")
    if index._array.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    if isinstance(value, Tensor) and value._array.ndim:
        raise RuntimeError(
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value._array.ndim} dimension(s)."
        )
    is_complex = value._kind.dtype.is_complex if isinstance(value, Tensor) else type(value) is complex
    if is_complex and not input._kind.dtype.is_complex:
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    size = at_least_1d(shape)[axis]
    index = wrapped(_vector(index), size)
    if index._kind.xp is xnp or index._kind.batched:
        wrong = xnp.outside(numbers(index._array), size)
        if wrong is not None:
            wrong = wrong - size if wrong < 0 else wrong
            raise IndexError(f"index {wrong} is out of bounds for dimension {axis} with size {size}")
    if isinstance(value, Tensor):
        return call("index_fill_tensor", input, index, in_dtype(value, input), dim=axis)
    return call("index_fill", input, index, value=as_number(input, value), dim=axis)
