"""Repeating, reordering, triangles and diagonals, windows, and where numbers belong in sorted ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import dtypes
from ...ops import shapes
from ...xp import numpy as xnp
from .. import rows
from ..operands import NUMBERS, kind_of_array, result_dtype, scalar, scalar_dtype, type_name
from ..outputs import write_result
from ..public import public
from ..tensor import KINDS, Tensor, make
from .allocation import kind_for
from .arguments import check_range, from_memory_error, mismatch, need_tensor
from .rewrites import reshaped_in_place
from .shape import as_shape, flatten


def need_int(name: str, argument: str, position: int, value: Any) -> int:
    """An argument that is an int."""
    if isinstance(value, (bool, float)) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be int, not {type_name(value)}")
    return value.__index__()


# ---- repeating -------------------------------------------------------------------------------------------------------


@public(function=False, variadic="repeats")
def repeat(input: Tensor, repeats: Any) -> Tensor:
    """The tensor laid side by side, so often along each dim; more numbers than dims make new dims in front. A copy.

    >>> tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    times, shape = as_shape("repeat", repeats), input._array.shape
    if len(times) < len(shape):
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor\n"
            f"  The tensor has {len(shape)} dims, repeats names {len(times)}; tile() takes fewer."
        )
    if any(n < 0 for n in times):
        padded = (1,) * (len(times) - len(shape)) + shape
        sizes = [n * r for n, r in zip(padded, times, strict=True)]
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {next(n for n in sizes if n < 0)}: {sizes}"
        )
    return rows.repeat_to(input, times)


@public(variadic="dims")
def tile(input: Tensor, dims: Any) -> Tensor:
    """The tensor laid side by side, so often along each dim, counted from the last. A copy.

    >>> tile(tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    times = as_shape("tile", dims)
    return repeat(input, (1,) * (input._array.ndim - len(times)) + times)


REPEAT_INTERLEAVE = (
    " * (Tensor input, Tensor repeats, int dim = None, *, int output_size = None)\n"
    " * (Tensor repeats, *, int output_size = None)\n"
    " * (Tensor input, int repeats, int dim = None, *, int output_size = None)"
)


@public()
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each element so often, next to itself, along a dim; the tensor is flattened without one.

    repeats: a number, or a tensor of one for each element along the dim. `repeat_interleave(repeats)` alone gives the
    indices that do this.

    >>> repeat_interleave(tensor([1, 2]), tensor([1, 3]))
    tensor([1, 2, 2, 2])
    """
    need_tensor("repeat_interleave", "input", 1, input)
    if repeats is None:
        return _repeated_numbers(input, output_size)
    if not isinstance(repeats, (Tensor, int)) or isinstance(repeats, bool):
        raise mismatch("repeat_interleave", (input, repeats, *([] if dim is None else [dim])), REPEAT_INTERLEAVE)
    if dim is None:
        input, dim = flatten(input), 0
    shape = input._array.shape
    axis = shapes.one_dim(dim, len(shape))
    if not shape:
        input, shape = rows.reshape_to(input, (1,)), (1,)
    if isinstance(repeats, Tensor):
        if repeats._array.ndim > 1:
            raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
        if repeats._array.size != 1:
            if repeats._array.size != shape[axis]:
                raise RuntimeError(
                    "repeats must have the same size as input along dim, but got repeats.size(0) = "
                    f"{repeats._array.size} and input.size({axis}) = {shape[axis]}"
                )
            return rows.index_select(input, _repeated_numbers(repeats, output_size), axis)
        repeats = int(_counts(repeats)._array.reshape(()))
    if repeats < 0:
        raise RuntimeError("Repeats must be non-negative")
    if output_size is not None and output_size != repeats * shape[axis]:
        raise RuntimeError(
            f"repeat_interleave: Invalid output_size, expected {repeats * shape[axis]} but got {output_size}"
        )
    return rows.repeat_each(input, repeats=repeats, dim=axis)


def _counts(repeats: Tensor) -> Tensor:
    dtype = repeats._kind.dtype
    if dtype not in (dtypes.int32, dtypes.int64):
        raise NotImplementedError(f"\"repeat_interleave_cpu\" not implemented for '{dtype.scalar_name}'")
    return repeats


def _repeated_numbers(repeats: Tensor, output_size: int | None) -> Tensor:
    """0, 1, 2, …, each so often as `repeats` says."""
    if repeats._array.ndim != 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    counts = _counts(repeats)
    array = counts._array
    if (array < 0).any():
        raise RuntimeError("repeats can not be negative")
    if output_size is not None and int(array.sum()) != output_size:
        raise RuntimeError("allocated size does not match required size")
    xp = counts._kind.xp
    return make(xp.repeat(xp.arange(array.size, dtype=array.dtype), array), counts._kind)


# ---- order -----------------------------------------------------------------------------------------------------------


@public()
def roll(input: Tensor, shifts: Any, dims: Any = ()) -> Tensor:
    """The elements moved on by `shifts` along `dims`, of the flattened tensor without these; the last come back first.

    >>> roll(tensor([1, 2, 3, 4]), 1)
    tensor([4, 1, 2, 3])
    """
    moves = as_shape("roll", shifts)
    axes = as_shape("roll", () if dims is None else dims)
    if not moves:
        raise RuntimeError("`shifts` required")
    if len(axes) != len(moves):
        if not axes and len(moves) == 1:
            return rows.roll_dims(input, moves, ())
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(axes)}")
    ndim = input._array.ndim
    if not ndim:
        raise IndexError(f"Dimension specified as {axes[0]} but tensor has no dimensions")
    return rows.roll_dims(input, moves, tuple([shapes.one_dim(d, ndim) for d in axes]))


def _flip(input: Tensor, dims: Any) -> Tensor:
    return rows.flip_dims(input, shapes.dims(as_shape("flip", dims), input._array.ndim))


@public(method=False)
def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """A copy with the elements along the given dims in reverse order.

    >>> flip(tensor([[1, 2], [3, 4]]), (1,))
    tensor([[2, 1],
            [4, 3]])
    """
    if not isinstance(dims, (tuple, list)):
        raise TypeError(f"flip(): argument 'dims' (position 2) must be tuple of ints, not {type_name(dims)}")
    return _flip(input, dims)


@public(function=False, name="flip", variadic="dims")
def flip_method(input: Tensor, dims: Any) -> Tensor:
    """A copy with the elements along the given dims in reverse order."""
    return _flip(input, dims)


@public()
def fliplr(input: Tensor) -> Tensor:
    """A copy with the columns (the second dim) in reverse order."""
    if input._array.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return _flip(input, (1,))


@public()
def flipud(input: Tensor) -> Tensor:
    """A copy with the rows (the first dim) in reverse order."""
    if input._array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return _flip(input, (0,))


@public()
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """A copy turned `k` times by 90 degrees in the plane of two dims, from the first towards the second.

    >>> rot90(tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    k = need_int("rot90", "k", 2, k)
    ndim = input._array.ndim
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == ndim:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    a, b = [shapes.one_dim(d, ndim) for d in dims]
    return rows.rotate(input, k % 4, a, b)


# ---- triangles and diagonals -----------------------------------------------------------------------------------------


def _triangle(name: str, row: int, col: int, offset: int, dtype: Any, device: Any) -> Tensor:
    for argument, n in (("row", row), ("col", col)):
        if n < 0:
            raise RuntimeError(f"{argument} must be non-negative, got{n}")
    kind = kind_for(dtypes.int64 if dtype is None else dtype, device)
    if kind.dtype not in (dtypes.int32, dtypes.int64):
        raise NotImplementedError(f"\"{name}\" not implemented for '{kind.dtype.scalar_name}'")
    find = xnp.tril_indices if name == "tril_indices" else xnp.triu_indices
    return make(kind.xp.asarray(xnp.stack(find(row, offset, col)).astype(kind.native)), kind)


@public(method=False)
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None,
    pin_memory: Any = None,
) -> Tensor:  # fmt: skip
    """The indices, as two rows, of the lower triangle of a matrix of `row` rows and `col` columns.

    >>> tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return _triangle("tril_indices", row, col, offset, dtype, device)


@public(method=False)
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None,
    pin_memory: Any = None,
) -> Tensor:  # fmt: skip
    """The indices, as two rows, of the upper triangle of a matrix of `row` rows and `col` columns."""
    return _triangle("triu_indices", row, col, offset, dtype, device)


@public(out=True)
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix that has a vector on its diagonal; or, of a matrix, a copy of its diagonal.

    >>> diag(tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    ndim = input._array.ndim
    if ndim == 1:
        return diag_embed(input, diagonal)
    if ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D")
    return rows.diagonal_copy_of(input, diagonal)


@public()
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices of zeros, between two new dims, that have the last dim of `input` on a diagonal.

    >>> diag_embed(tensor([[1, 2]])).shape
    torch.Size([1, 2, 2])
    """
    ndim = input._array.ndim + 1
    a, b = shapes.one_dim(dim1, ndim), shapes.one_dim(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return rows.diagonal_matrix(input, offset, a, b)


@public()
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix that has all elements of a tensor on its diagonal."""
    return diag_embed(rows.reshape_to(input, (-1,)), offset)


@public()
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix. Integers give int64.

    >>> trace(tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    need_tensor("trace", "input", 1, input)
    if input._array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    dtype = input._kind.dtype
    if dtype is dtypes.bool_:
        raise NotImplementedError(f"\"trace\" not implemented for '{dtype.scalar_name}'")
    if not (dtype.is_floating_point or dtype.is_complex) and dtype is not dtypes.int64:
        input = rows.to_copy(input, dtype=dtypes.int64)
    return rows.trace_of(input)


# ---- windows and strides ---------------------------------------------------------------------------------------------


@public(function=False)
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of all windows of `size` elements along a dim, `step` apart; inside of a window is a new last dim.

    >>> arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """
    shape = input._array.shape
    axis = shapes.one_dim(dimension, len(shape))
    longest = shape[axis] if shape else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > longest:
        raise RuntimeError(f"maximum size for tensor at dimension {axis} is {longest} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return rows.windows(input, axis, size, step)


@public()
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the tensor's memory with the given sizes and strides, which count elements.

    Raises RuntimeError where the view would leave the memory.

    >>> as_strided(arange(4), (3, 2), (1, 1))
    tensor([[0, 1],
            [1, 2],
            [2, 3]])
    """
    sizes, steps = as_shape("as_strided", size), as_shape("as_strided", stride)
    if len(sizes) != len(steps):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(s < 0 for s in steps):
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(steps)}")
    own = input.storage_offset()  # type: ignore[attr-defined]
    offset = own if storage_offset is None else storage_offset
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    from_memory_error(input, sizes, steps, offset)
    return rows.strided_view(input, sizes, steps, offset, tuple(input.stride()), own)  # type: ignore[attr-defined]


@public(name="as_strided_", method=True)
def as_strided_in_place(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """In-place version of `as_strided`: the tensor itself looks at its memory so."""
    return reshaped_in_place(input, lambda t: as_strided(t, size, stride, storage_offset))


@public(method=False, out=True)
def as_strided_copy(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy of the elements that `as_strided` shows."""
    return rows.clone(as_strided(input, size, stride, storage_offset))


@public(method=False, out=True)
def unfold_copy(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A copy of the windows that `unfold` shows."""
    return rows.clone(unfold(input, dimension, size, step))


@public(method=False, out=True)
def diagonal_copy(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of the diagonal that `diagonal` shows."""
    return rows.clone(rows.diagonal(input, offset, dim1, dim2))


# ---- where numbers belong in sorted ones -----------------------------------------------------------------------------


@public(out=True)
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Between which `boundaries`, a sorted vector, each element of `input` lies: the index of the one above it.

    right: whether an element that equals a boundary lies above it.

    >>> bucketize(tensor([0.5, 1.0, 9.0]), tensor([1.0, 2.0]))
    tensor([0, 0, 2])
    """
    need_tensor("bucketize", "boundaries", 2, boundaries)
    if boundaries._array.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries._array.ndim})")
    return _places(boundaries, input, out_int32, right, None, "bucketize")


@public(method=False)
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where in the rows of a sorted tensor each element of `input` would be put to keep them sorted.

    sorted_sequence: a vector, or rows that fit the rows of `input`. side, right: before ("left") or after ("right")
    equal elements. sorter: the indices that sort `sorted_sequence`, if it is not.

    >>> searchsorted(tensor([1, 3, 5]), tensor([3, 6]))
    tensor([1, 3])
    """
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )
    need_tensor("searchsorted", "sorted_sequence", 1, sorted_sequence)
    _check_search(sorted_sequence, input, sorter)
    if out is not None and out._kind.dtype is not (dtypes.int32 if out_int32 else dtypes.int64):
        raise RuntimeError(
            "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) depending "
            f"on whether out_int32 flag is True, but we got output tensor's dtype {out.dtype.scalar_name} and "
            f"out_int32 flag is {bool(out_int32)}"
        )
    result = _places(sorted_sequence, input, out_int32, right or side == "right", sorter, "searchsorted")
    return result if out is None else write_result("searchsorted", result, out)


def _check_search(sequence: Tensor, input: Any, sorter: Tensor | None) -> None:
    shape = sequence._array.shape
    if not shape:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension"
        )
    given = input._array.shape if isinstance(input, Tensor) else ()
    if len(shape) > 1:
        if not given:
            raise RuntimeError(
                "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we "
                f"got boundaries tensor dim({len(shape)}) and input value's dim(0) numel(1)"
            )
        if given[:-1] != shape[:-1]:
            raise RuntimeError(
                "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
                f"boundaries tensor and input value tensor must match, but we got "
                f"boundaries tensor {list(shape)} and input value tensor {list(given)}"
            )
    if sorter is not None:
        if sorter._array.shape != shape:
            raise RuntimeError(
                "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor "
                f"{list(shape)}and got sorter tensor {list(sorter._array.shape)}"
            )
        if sorter._kind.dtype is not dtypes.int64:
            raise RuntimeError(
                f"torch.searchsorted(): sorter must be a tensor of long dtype but got dtype {sorter.dtype.scalar_name}"
            )
        check_range(sorter, shape[-1], RuntimeError, "torch.searchsorted(): sorter index out of range")


def _places(sequence: Tensor, input: Any, int32: bool, right: bool, sorter: Tensor | None, name: str) -> Tensor:
    if not isinstance(input, (Tensor, *NUMBERS)):
        raise mismatch(
            name,
            (sequence, input),
            " * (Tensor sorted_sequence, Tensor input)\n * (Tensor sorted_sequence, Number self)",
        )
    for dtype in (sequence._kind.dtype, input._kind.dtype if isinstance(input, Tensor) else scalar_dtype(input)):
        if dtype.is_complex:
            raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for '{dtype.scalar_name}'")
    kind = input._kind if isinstance(input, Tensor) and input._kind.batched else sequence._kind
    work = KINDS[result_dtype((sequence, input))].wide.native
    array = (
        sequence._array if sorter is None else kind.xp.gather(sequence._array, sequence._array.ndim - 1, sorter._array)
    )
    values = input._array if isinstance(input, Tensor) else scalar(input, KINDS[scalar_dtype(input)])
    found = kind.xp.search_rows(kind.xp.astype(array, work), kind.xp.astype(values, work), right)
    if int32:
        found = kind.xp.astype(found, KINDS[dtypes.int32].native)
    return make(found, kind_of_array(found, kind, False))
