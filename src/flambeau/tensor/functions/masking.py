"""Reading and writing at masks, at positions of the flattened tensor, and in place of a part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from ...xp import numpy as xnp
from .. import indexing, rows
from ..operands import NUMBERS, type_name
from ..outputs import write_result
from ..public import public
from ..tensor import KINDS, Tensor, make, numbers
from .arguments import LONG, as_number, c_name, in_dtype, into, mismatch, need_dtype, need_tensor, wrapped
from .direct import forward, in_place
from .shape import as_shape

# ---- positions in the flattened tensor -------------------------------------------------------------------------------


def _positions(name: str, input: Tensor, index: Any) -> Tensor:
    """An index into the flattened tensor, from the front; raises IndexError where it is out of range."""
    need_tensor(name, "index", 2, index)
    at = "put_" if name == "put" else name
    need_dtype(index, LONG, RuntimeError, f"{at}(): Expected a long tensor for index, but got {{}}")
    count = input._array.size
    if index._kind.xp is not xnp and not index._kind.batched:
        return index
    if not count and index._array.size:
        raise IndexError(f"{at}(): tried to {name} from an empty tensor" if name == "take" else
                         "put_(): tried to put elements into an empty tensor")  # fmt: skip
    front = wrapped(index, count)
    wrong = xnp.outside(numbers(front._array), count)
    if wrong is not None:
        wrong = wrong - count if wrong < 0 else wrong
        raise IndexError(f"out of range: tried to access index {wrong} on a tensor of {count} elements.")
    return front


@public()
def take(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements at positions of the flattened tensor, in the shape of `index`; negative ones count from the end.

    >>> take(tensor([[1, 2], [3, 4]]), tensor([0, -1]))
    tensor([1, 4])
    """
    return into("take", rows.take(input, _positions("take", input, index)), out, input, index)


@public(inplace=True)
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """`input` with the elements of `source` written, or added, at positions of the flattened tensor.

    >>> put(zeros(2, 2), tensor([0, -1]), tensor([5., 6.]))
    tensor([[5., 0.],
            [0., 6.]])
    """
    need_tensor("put", "source", 3, source)
    need_tensor("put", "index", 2, index)
    if source._kind.dtype is not input._kind.dtype:
        raise RuntimeError(
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{input.dtype.scalar_name} and source.dtype = {source.dtype.scalar_name}"
        )
    if index._array.size != source._array.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source._array.size}, index.numel() = {index._array.size}"
        )
    return rows.put_flat(input, _positions("put", input, index), source, accumulate=bool(accumulate))


# ---- several index tensors -------------------------------------------------------------------------------------------


@public(inplace=True)
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """`input` with `values` written at `input[indices]`, or added there. `values` broadcasts to what is indexed.

    indices: a tuple of tensors of integers or bools. Where they name an element twice, one of the values stays, unless
    `accumulate` adds them all.

    >>> index_put(zeros(2, 2), (tensor([0, 0]), tensor([1, 1])), tensor([1., 2.]), accumulate=True)
    tensor([[0., 3.],
            [0., 0.]])
    """
    if not isinstance(indices, (tuple, list)):
        raise TypeError(
            f"index_put(): argument 'indices' (position 2) must be tuple of Tensors, not {type_name(indices)}"
        )
    need_tensor("index_put", "values", 3, values)
    for i, part in enumerate(indices):
        if not isinstance(part, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 1, but got {type_name(part)}")
        if part._array.ndim == 0 and part.dtype is dtypes.int64:
            indices = (*indices[:i], rows.reshape_to(part, (1,)), *indices[i + 1 :])
    if values._kind.dtype is not input._kind.dtype:
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {input.dtype.scalar_name} for the "
            f"destination and {values.dtype.scalar_name} for the source."
        )
    if len(indices) > input._array.ndim:
        raise IndexError(f"too many indices for tensor of dimension {input._array.ndim} (got {len(indices)})")
    basic, advanced = indexing.split(input, tuple(indices))
    if advanced is None or basic is not None:
        raise IndexError("index_put(): indices must be tensors with dims")
    _check_places(input, advanced, values)
    return rows.put_index(input, values, index=advanced, accumulate=bool(accumulate))


torch_only = public(method=False, name="index_put_")


@torch_only
def index_put_in_place(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """In-place version of `index_put`, as a function."""
    return input.index_put_(indices, values, accumulate)  # type: ignore[attr-defined]


def _check_places(input: Tensor, index: tuple, values: Tensor) -> None:
    """Refuse indices out of range, and values that do not broadcast to what is indexed."""
    if input._kind.xp is not xnp:
        return
    try:
        found = xnp.getitem(input._array, index).shape
    except IndexError as error:
        raise errors.index_error(error) from None
    given = values._array.shape
    if shapes.broadcast(given, found) != found and given != found:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(given)} cannot be broadcast to indexing result of shape "
            f"{list(found)}"
        )


# ---- masks -----------------------------------------------------------------------------------------------------------


def _check_mask(name: str, mask: Any, input: Tensor) -> None:
    need_tensor(name, "mask", 2, mask)
    if shapes.broadcast(input._array.shape, mask._array.shape) is None:
        raise errors.broadcast(["mask", "input"], [mask._array.shape, input._array.shape])


@public()
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`input`, but `value`, a number or a tensor without dims, where the bool `mask` is true. The two broadcast.

    >>> masked_fill(tensor([1., 2., 3.]), tensor([True, False, True]), -1)
    tensor([-1.,  2., -1.])
    """
    return _masked_fill(forward, input, mask, value)


@public(function=False, name="masked_fill_")
def masked_fill_in_place(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """In-place version of `masked_fill`."""
    if isinstance(mask, Tensor) and input._array.shape != mask._array.shape:
        common = shapes.broadcast(input._array.shape, mask._array.shape)
        if common is not None and common != input._array.shape:
            raise RuntimeError(
                f"output with shape {list(input._array.shape)} doesn't match the broadcast shape {list(common)}"
            )
    return _masked_fill(in_place, input, mask, value)


def _masked_fill(call: Callable, input: Tensor, mask: Any, value: Any) -> Tensor:
    if not isinstance(mask, Tensor) or not isinstance(value, (Tensor, *NUMBERS)):
        raise mismatch(
            "masked_fill",
            (input, mask, value),
            " * (Tensor input, Tensor mask, Tensor value)\n * (Tensor input, Tensor mask, Number value)",
        )
    if isinstance(value, Tensor) and value._array.ndim:
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value._array.ndim} dimension(s)."
        )
    if mask._kind.dtype is not dtypes.bool_:
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(mask.dtype)}")
    _check_mask("masked_fill", mask, input)
    if isinstance(value, Tensor):
        if value._kind.dtype.is_complex and not input._kind.dtype.is_complex:
            raise errors.number_overflow(input._kind.dtype)
        return call("masked_fill_tensor", input, mask, in_dtype(value, input))
    return call("masked_fill", input, mask, value=as_number(input, value))


@public()
def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements of `input` where the bool `mask` is true, along one dim. The two broadcast.

    >>> masked_select(tensor([[1, 2], [3, 4]]), tensor([True, False]))
    tensor([1, 3])
    """
    need_tensor("masked_select", "mask", 2, mask)
    if mask._kind.dtype is not dtypes.bool_:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    _check_mask("masked_select", mask, input)
    return into("masked_select", rows.masked_select(input, mask), out, input, mask)


@public(inplace=True)
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input`, but where the bool `mask` is true the elements of `source`, one after the other.

    `input` and `mask` broadcast. Raises RuntimeError where `source` has too few elements.

    >>> masked_scatter(zeros(4), tensor([True, False, True, True]), tensor([1., 2., 3.]))
    tensor([1., 0., 2., 3.])
    """
    need_tensor("masked_scatter", "source", 3, source)
    _check_mask("masked_scatter", mask, input)
    if source._kind.dtype is not input._kind.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got{input.dtype.scalar_name} and "
            f"{source.dtype.scalar_name}"
        )
    if mask._kind.dtype is not dtypes.bool_:
        raise RuntimeError(
            f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype.scalar_name}"
        )
    return rows.masked_scatter(input, mask, source)


# ---- where elements are not zero -------------------------------------------------------------------------------------


@public()
def nonzero(input: Tensor, *, out: Tensor | None = None, as_tuple: bool = False) -> Any:
    """The indices of all elements that are not zero: (count, ndim), or with `as_tuple` a tensor for each dim.

    >>> nonzero(tensor([[1, 0], [0, 2]]))
    tensor([[0, 0],
            [1, 1]])
    """
    kind, array = input._kind, input._array
    if as_tuple:
        found = kind.xp.nonzero(array if array.ndim else kind.xp.reshape(array, (1,)))
        return tuple([make(a, KINDS[dtypes.int64]) for a in found])
    result = make(kind.xp.argwhere(array), KINDS[dtypes.int64])
    if out is None:
        return result
    if out._kind.dtype is not dtypes.int64:
        raise RuntimeError(
            f"nonzero: Expected out tensor to have scalar type Long but got scalar type{out.dtype.scalar_name}"
        )
    return write_result("nonzero", result, out)


@public()
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """`nonzero` with exactly `size` rows: the first ones, or filled up with `fill_value`."""
    found = nonzero(input)._array[:size]
    kind = KINDS[dtypes.int64]
    result = kind.xp.full((size, found.shape[1]), fill_value, dtype=kind.native)
    result[: found.shape[0]] = found
    return make(result, kind)


@public()
def argwhere(input: Tensor) -> Tensor:
    """The indices of all elements that are not zero, one row for each.

    >>> argwhere(tensor([0, 3, 0, 4]))
    tensor([[1],
            [3]])
    """
    return nonzero(input)


# ---- in place of a part ----------------------------------------------------------------------------------------------


@public()
def as_strided_scatter(input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A dense copy of `input` with `src` in place of `copy.as_strided(size, stride, storage_offset)`."""
    sizes, steps, offset = (
        as_shape("as_strided_scatter", size),
        as_shape("as_strided_scatter", stride),
        storage_offset or 0,
    )
    reach = 0 if 0 in sizes else offset + 1 + sum((n - 1) * s for n, s in zip(sizes, steps, strict=True))
    if reach > input._array.size:
        raise RuntimeError(
            f"as_strided_scatter: sizes {list(sizes)}, strides {list(steps)} and storage offset {offset} need {reach} "
            f"elements, the tensor has {input._array.size}"
        )
    return rows.strided_write(input, src, sizes, steps, offset)
