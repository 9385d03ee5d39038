"""Reading and writing at index tensors: one index for each element, or one for each slice along a dim."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from ...storage import memory_bounds
from ...xp import numpy as xnp
from .. import rows
from ..dispatch import write_result
from ..public import public
from ..tensor import KINDS, Tensor, make
from .direct import forward, in_place
from .pointwise import mismatch

NUMBERS = (int, float, complex)
INT_OR_LONG = (dtypes.int32, dtypes.int64)
LONG = (dtypes.int64,)
_warned: set[str] = set()


def warn_once(name: str, message: str) -> None:
    """Warn at the first call only, as PyTorch does where a function is a beta or deprecated."""
    if name not in _warned:
        _warned.add(name)
        warnings.warn(message, UserWarning, stacklevel=5)


def need_tensor(name: str, argument: str, position: int, value: Any) -> None:
    """Refuse what is no tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type(value).__name__}"
        )


def need_dtype(index: Tensor, allowed: tuple, error: type[Exception], message: str) -> Tensor:
    """The index as int64. `message` may have a place for the name of a wrong dtype."""
    dtype = index._kind.dtype
    if dtype not in allowed:
        raise error(message.format(dtype.scalar_name))
    if dtype is dtypes.int64:
        return index
    return make(index._kind.xp.astype(index._array, KINDS[dtypes.int64].native), _long_kind(index))


def _long_kind(t: Tensor) -> Any:
    return KINDS[dtypes.int64] if t._kind.xp is xnp else rows.to_copy(t, dtype=dtypes.int64)._kind


def check_range(index: Tensor, size: int, error: type[Exception], message: str) -> None:
    """Refuse negative indices, and those beyond `size`; `message` has a place for the index."""
    if index._kind.xp is xnp:
        wrong = xnp.outside(index._array, size)
        if wrong is not None:
            hint = f"\n  Indices must be from 0 to {size - 1}." if size else "\n  There is nothing to index: the size is 0."
            raise error(message.format(wrong) + hint)


def wrapped(index: Tensor, size: int) -> Tensor:
    """The index with negative numbers, which count from the end, counted from the front."""
    if index._kind.xp is not xnp:
        return index
    array = xnp.from_front(index._array, size)
    return index if array is index._array else make(array, index._kind)


def into(name: str, result: Tensor, out: Tensor | None, *inputs: Tensor) -> Tensor:
    """The result, or `out` with the result written into it; `out` must not share memory with the inputs."""
    if out is None:
        return result
    if isinstance(out, Tensor) and out._kind.xp is xnp:
        for t in inputs:
            if t is out or xnp.may_share_memory(t._array, out._array):
                raise RuntimeError(
                    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
                    "memory location. Please clone() the tensor before performing the operation."
                )
    return write_result(name, result, out)


def c_name(dtype: dtypes.dtype) -> str:
    """What C++ calls a dtype."""
    names = {"float32": "float", "float64": "double", "uint8": "unsigned char", "int8": "signed char", "int16": "short",
             "int32": "int", "int64": "long", "float16": "c10::Half", "bfloat16": "c10::BFloat16",
             "complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}  # fmt: skip
    return names.get(dtype.name, dtype.name)


def at_least_1d(shape: tuple) -> tuple:
    """A shape in which a tensor without dims counts as one of one element."""
    return shape or (1,)


# ---- one index for each element --------------------------------------------------------------------------------------


def _element_index(name: str, input: Tensor, dim: int, index: Any, src: Any = None) -> tuple[Tensor, int]:
    """Check the arguments of gather and of the scatters; the index as int64, the dim from the front."""
    need_tensor(name, "index", 3, index)
    kind_of_error = "scatter" if name.startswith("scatter") else name
    shape, wanted = at_least_1d(input._array.shape), at_least_1d(index._array.shape)
    axis = shapes.one_dim(dim, len(shape))
    # an empty index needs to be of no special dtype
    allowed = INT_OR_LONG if index._array.size else (index._kind.dtype,)
    index = need_dtype(index, allowed, RuntimeError, f"{kind_of_error}(): Expected dtype int32/int64 for index")
    if src is not None and src._kind.dtype is not input._kind.dtype:
        raise RuntimeError(
            f"{kind_of_error}(): Expected self.dtype to be equal to src.dtype\n"
            f"  self is {input.dtype}, src {src.dtype}."
        )
    if not index._array.size:
        return index, axis
    _check_element_shapes(name, shape, wanted, None if src is None else at_least_1d(src._array.shape), axis)
    size = shape[axis]
    check_range(index, size, RuntimeError, f"index {{}} is out of bounds for dimension {axis} with size {size}")
    return index, axis


def _check_element_shapes(name: str, shape: tuple, index: tuple, src: tuple | None, axis: int) -> None:
    if len(index) != len(shape):
        whom = "input" if name == "gather" else "self"
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {whom} tensor\n"
            f"  index: {index}, {whom}: {shape}."
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
def gather(
    input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False, out: Tensor | None = None
) -> Tensor:
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
    need_dtype(
        indices, LONG, RuntimeError, "torch.take_along_dim(): dtype of indices should be Long but got {}"
    )
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


def as_number(input: Tensor, value: Any, index: Tensor | None = None) -> Any:
    """A number that is written into a tensor, converted to its dtype as C would. Raises RuntimeError on overflow."""
    dtype = input._kind.dtype
    if type(value) is complex and not dtype.is_complex:
        if value.imag:
            raise errors.number_overflow(dtype)
        value = value.real
    errors.check_number(value, dtype)
    if dtype.is_floating_point:
        largest = {dtypes.float16: 65504.0, dtypes.float32: 3.4028234663852886e38}.get(dtype)
        if largest is not None and largest < abs(value) < float("inf"):
            raise errors.number_overflow(dtype)
        return float(value)
    if dtype.is_complex:
        return complex(value)
    if dtype is dtypes.bool_:
        return bool(value)
    value = int(value)
    if value < 0 and not dtype.is_signed:
        value += 1 << (8 * dtype.itemsize)
    return value


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
        return rows.scatter_add(input_or_neutral, index, src, dim)
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
    total = rows.scatter_add(input, index, src, dim)
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


# ---- one index for each slice ----------------------------------------------------------------------------------------


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
        raise RuntimeError(
            f"index_select(): Index to scalar can have only 1 value, got {index._array.size} value(s)"
        )
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
    index = need_dtype(index, INT_OR_LONG, RuntimeError, f"{name}_(): Expected dtype int32/int64 for index but got: {{}}")
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

    >>> index_reduce(ones(2), 0, tensor([0, 0]), tensor([3., 4.]), "prod")
    tensor([12.,  1.])
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
    check_range(index, size, IndexError, f"index_copy_(): index {{}} is out of bounds for dimension {axis} with size {size}")
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
    if index._kind.xp is xnp:
        wrong = xnp.outside(index._array, size)
        if wrong is not None:
            wrong = wrong - size if wrong < 0 else wrong
            raise IndexError(f"index {wrong} is out of bounds for dimension {axis} with size {size}")
    if isinstance(value, Tensor):
        return call("index_fill_tensor", input, index, in_dtype(value, input), dim=axis)
    return call("index_fill", input, index, value=as_number(input, value), dim=axis)


def in_dtype(value: Tensor, input: Tensor) -> Tensor:
    """A tensor in the dtype of another."""
    return value if value._kind.dtype is input._kind.dtype else rows.to_copy(value, dtype=input._kind.dtype)


def from_memory_error(input: Tensor, size: tuple, stride: tuple, offset: int) -> None:
    """Refuse a strided view that would leave the memory of a tensor."""
    reach = 0 if 0 in size else offset + 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    itemsize = input._kind.dtype.itemsize
    have = memory_bounds(input._array)[1] if input._kind.xp is xnp else reach * itemsize
    if reach * itemsize > have:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize {itemsize} "
            f"requiring a storage size of {reach * itemsize} are out of bounds for storage of size {have}"
        )
