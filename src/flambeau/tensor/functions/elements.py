"""Reading and writing with one index for each element: gather, and the scatters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from ...xp import numpy as xnp
from .. import rows
from ..operands import NUMBERS
from ..public import public
from ..tensor import Tensor, make, numbers
from .arguments import (
    INT_OR_LONG,
    LONG,
    as_number,
    at_least_1d,
    c_name,
    check_range,
    into,
    mismatch,
    need_dtype,
    need_tensor,
    warn_once,
    wrapped,
)
from .direct import forward, in_place


def _element_index(name: str, input: Tensor, dim: int, index: Any, src: Any = None) -> tuple[Tensor, int]:
    """Check the arguments of gather and of the scatters; the index as int64, the dim from the front."""
    need_tensor(name, "index", 3, index)
    shape, wanted = input._array.shape, index._array.shape
    axis = shapes.one_dim(dim, len(shape))
    if src is not None and src._kind.dtype is not input._kind.dtype:
        raise RuntimeError(
            f"{_in_messages(name)}(): Expected self.dtype to be equal to src.dtype\n"
            f"  self is {input.dtype}, src {src.dtype}."
        )
    if index._kind.dtype is not dtypes.int64:
        # an empty index needs to be of no special dtype
        allowed = INT_OR_LONG if index._array.size else (index._kind.dtype,)
        message = f"{_in_messages(name)}(): Expected dtype int32/int64 for index"
        index = need_dtype(index, allowed, RuntimeError, message)
    if not index._array.size:
        return index, axis
    if wanted != shape or (src is not None and src._array.shape != wanted):
        given = None if src is None else at_least_1d(src._array.shape)
        _check_element_shapes(name, at_least_1d(shape), at_least_1d(wanted), given, axis)
    size = shape[axis] if shape else 1
    checked = index._kind.xp is xnp or index._kind.batched
    if checked and xnp.outside(numbers(index._array), size) is not None:
        check_range(index, size, RuntimeError, f"index {{}} is out of bounds for dimension {axis} with size {size}")
    return index, axis


def _in_messages(name: str) -> str:
    return "scatter" if name.startswith("scatter") else name


def _check_element_shapes(name: str, shape: tuple, index: tuple, src: tuple | None, axis: int) -> None:
    if len(index) != len(shape):
        whom = "input" if name == "gather" else "self"
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {whom} tensor\n  index: {index}, {whom}: {shape}."
        )
    if src is not None and len(src) != len(index):
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    over = next((d for d, (i, n) in enumerate(zip(index, shape, strict=True)) if d != axis and i > n), None)
    if name == "gather":
        if over is not None:
            raise RuntimeError(
                f"Size does not match at dimension {over} expected index {list(index)} to be no larger than self "
                f"{list(shape)} apart from dimension {axis}"
            )
    elif over is not None or (src is not None and any(i > n for i, n in zip(index, src, strict=True))):
        rest = "" if src is None else f" and to be no larger size than src {list(src)}"
        raise RuntimeError(
            f"Expected index {list(index)} to be no larger than self {list(shape)} apart from dimension {axis}{rest}"
        )


@public()
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False, out: Tensor | None = None) -> Tensor:
    """One element of `input` along `dim` for each element of `index`: `out[i][j] = input[index[i][j]][j]` for dim 0.

    index: as many dims as `input`, no larger than it but along `dim`; int64 or int32. The result has its shape.
    Raises RuntimeError where an index is negative or too large.

    >>> gather(tensor([[1, 2], [3, 4]]), 1, tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])
    """
    given = index
    index, axis = _element_index("gather", input, dim, index)
    if out is not None and out._kind.dtype is not input._kind.dtype:
        raise RuntimeError(
            f"Expected out tensor to have dtype {c_name(input.dtype)}, but got {c_name(out.dtype)} instead"
        )
    return into("gather", rows.gather(input, index, axis), out, input, given)


@public(out=True)
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather` whose arguments broadcast but along `dim`; without a dim, from the flattened tensor.

    >>> t = tensor([[10, 30, 20], [60, 40, 50]])
    >>> take_along_dim(t, argsort(t, dim=1), dim=1)
    tensor([[10, 20, 30],
            [40, 50, 60]])
    """
    need_tensor("take_along_dim", "indices", 2, indices)
    need_dtype(indices, LONG, RuntimeError, "torch.take_along_dim(): dtype of indices should be Long but got {}")
    if dim is None:
        return gather(rows.reshape_to(input, (-1,)), 0, rows.reshape_to(indices, (-1,)))
    shape, wanted = input._array.shape, indices._array.shape
    if len(shape) != len(wanted):
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{len(shape)} dimensions for input, and {len(wanted)} dimensions for indices"
        )
    axis = shapes.one_dim(dim, len(shape))
    if not shape:
        return gather(input, axis, wrapped(indices, 1))
    common = shapes.broadcast((*shape[:axis], 1, *shape[axis + 1 :]), (*wanted[:axis], 1, *wanted[axis + 1 :]))
    if common is None:
        raise errors.broadcast(["input", "indices"], [shape, wanted])
    input = rows.expand_to(input, (*common[:axis], shape[axis], *common[axis + 1 :]))
    indices = rows.expand_to(indices, (*common[:axis], wanted[axis], *common[axis + 1 :]))
    return gather(input, axis, wrapped(indices, shape[axis]))


def _cropped(src: Tensor, index: Tensor) -> Tensor:
    """The part of `src` that an index uses, in the shape of the index."""
    wanted, have = index._array.shape, src._array.shape
    if have == wanted:
        return src
    if len(have) != len(wanted) or not index._array.size:
        return rows.reshape_to(rows.slice_index(rows.reshape_to(src, (-1,)), (slice(index._array.size),)), wanted)
    return rows.slice_index(src, tuple([slice(n) for n in wanted]))


SCATTER = (
    " * (Tensor input, int dim, Tensor index, Tensor src)\n"
    " * (Tensor input, int dim, Tensor index, Tensor src, *, str reduce)\n"
    " * (Tensor input, int dim, Tensor index, Number value)\n"
    " * (Tensor input, int dim, Tensor index, Number value, *, str reduce)"
)


@public(out=True)
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """`input` with `src`, a tensor or a number, written at `index` along `dim`: the reverse of `gather`.

    index: as many dims as `input`, no larger than it but along `dim`, and no larger than `src`. Where two indices are
    equal, the last element stays. reduce: None, or "add" or "multiply" (see `scatter_reduce`).

    >>> scatter(zeros(2, 3), 1, tensor([[2], [0]]), tensor([[1.], [5.]]))
    tensor([[0., 0., 1.],
            [5., 0., 0.]])
    """
    return _scatter(forward, input, dim, index, value if src is None else src, reduce)


@public(function=False, name="scatter_")
def scatter_in_place(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """In-place version of `scatter`."""
    return _scatter(in_place, input, dim, index, value if src is None else src, reduce)


def _scatter(call: Callable, input: Tensor, dim: int, index: Any, given: Any, reduce: str | None) -> Tensor:
    if not isinstance(index, Tensor) or type(dim) is not int or not isinstance(given, (Tensor, *NUMBERS)):
        arguments = (input, dim, index) if given is None else (input, dim, index, given)
        raise mismatch("scatter", arguments, SCATTER)
    if reduce is not None and reduce not in ("add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    if not isinstance(given, Tensor):
        index, axis = _element_index("scatter", input, dim, index)
        number = as_number(input, given, index)
        if reduce is None:
            return call("scatter_value", input, index, value=number, dim=axis)
        given = make(index._kind.xp.full(index._array.shape, number, dtype=input._kind.native), input._kind)
    else:
        index, axis = _element_index("scatter", input, dim, index, given)
        if reduce is not None:
            warn_once(
                "scatter",
                "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future "
                "PyTorch release. Use torch.scatter_reduce instead for more reduction options.",
            )
    given = _cropped(given, index)
    row = {None: "scatter", "add": "scatter_add", "multiply": "scatter_prod"}[reduce]
    return call(row, input, index, given, dim=axis)


@public(out=True)
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`input` with each element of `src` added at `index` along `dim`. Shapes as for `scatter`.

    >>> scatter_add(zeros(3), 0, tensor([0, 2, 2]), tensor([1., 2., 3.]))
    tensor([1., 0., 5.])
    """
    return _scatter_add(forward, input, dim, index, src)


@public(function=False, name="scatter_add_")
def scatter_add_in_place(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """In-place version of `scatter_add`."""
    return _scatter_add(in_place, input, dim, index, src)


def _scatter_add(call: Callable, input: Tensor, dim: int, index: Any, src: Any) -> Tensor:
    need_tensor("scatter_add", "src", 4, src)
    index, axis = _element_index("scatter_add", input, dim, index, src)
    return call("scatter_add", input, index, _cropped(src, index), dim=axis)


REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


@public(out=True, inplace=True)
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """`input` combined with all elements of `src` that `index` sends to each place along `dim`.

    reduce: "sum", "prod", "mean", "amax" or "amin". include_self: whether the old element of `input` takes part; where
    nothing is sent to, it stays either way. Shapes as for `scatter`.

    >>> scatter_reduce(zeros(2), 0, tensor([0, 1, 1]), tensor([4., 1., 3.]), "mean", include_self=False)
    tensor([4., 2.])
    """
    need_tensor("scatter_reduce", "src", 4, src)
    index, axis = _element_index("scatter_reduce", input, dim, index, src)
    if reduce not in REDUCTIONS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    return reduced_at(input, index, _cropped(src, index), axis, reduce, include_self)


def reduced_at(input: Tensor, index: Tensor, src: Tensor, dim: int, reduce: str, include_self: bool) -> Tensor:
    """`scatter_reduce` with checked arguments; `index` and `src` have one shape."""
    if not include_self:
        # what is combined with the neutral element first drops out, of the result and of the gradient
        input_or_neutral = rows.scatter_value(input, index, value=_neutral(reduce, input._kind.dtype), dim=dim)
    else:
        input_or_neutral = input
    if reduce == "sum":
        return rows.scatter_sum(input_or_neutral, index, src, dim)
    if reduce == "prod":
        return rows.scatter_prod(input_or_neutral, index, src, dim)
    if reduce == "mean":
        return _mean_at(input_or_neutral, index, src, dim, include_self)
    return rows.scatter_extreme(input_or_neutral, index, src, dim, reduce == "amax")


def _neutral(reduce: str, dtype: dtypes.dtype) -> Any:
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    if dtype is dtypes.bool_:
        return reduce == "amin"
    if dtype.is_floating_point:
        return float("-inf") if reduce == "amax" else float("inf")
    info = dtypes.iinfo(dtype)
    return info.min if reduce == "amax" else info.max


def _mean_at(input: Tensor, index: Tensor, src: Tensor, dim: int, include_self: bool) -> Tensor:
    total = rows.scatter_sum(input, index, src, dim)
    kind, xp = input._kind, input._kind.xp
    wide = kind.wide.native
    start = xp.ones(input._array.shape, dtype=wide)
    ones = xp.ones(index._array.shape, dtype=wide)
    if not include_self:
        start = kind.run(xp.scatter, start, dim, index._array, 0)
    count = kind.run(xp.maximum, kind.run(xp.scatter_add, start, dim, index._array, ones), 1)
    divisor = make(xp.astype(count, kind.native), kind)
    inexact = kind.dtype.is_floating_point or kind.dtype.is_complex
    return rows.true_div(total, divisor) if inexact else rows.floor_divide(total, divisor)
