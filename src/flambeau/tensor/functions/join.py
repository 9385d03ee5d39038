"""Joining tensors, cutting them into pieces, and giving several of them a common shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from ... import dtypes, errors
from ...config import quiet, state
from ...ops import shapes
from ...ops.arrange import cuts
from ...ops.table import TABLE
from ...xp import numpy as xnp
from .. import node as graph
from .. import rows
from ..dispatch import NODES, note_view, result_dtype, write_result
from ..dispatch import kind_for as kind_of_array
from ..node import Node, Output
from ..public import public
from ..tensor import Size, Tensor, current_edge, make
from .creation import kind_for
from .index import into, need_tensor, warn_once
from .pointwise import mismatch
from .shape import flatten

# ---- joining ---------------------------------------------------------------------------------------------------------


def need_tensors(name: str, tensors: Any, empty: type[Exception], message: str) -> list[Tensor]:
    """The tensors of a sequence, which must not be empty."""
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type(tensors).__name__}"
        )
    _check_elements(tensors)
    if not tensors:
        raise empty(message)
    return list(tensors)


def _check_elements(tensors: Sequence[Any]) -> None:
    for i, t in enumerate(tensors):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(t).__name__}")


def alike(tensors: list[Tensor]) -> list[Tensor]:
    """The tensors in their common dtype."""
    kind = tensors[0]._kind
    if all(t._kind is kind for t in tensors):
        return tensors
    dtype = result_dtype(tensors)
    return [t if t._kind.dtype is dtype else rows.to_copy(t, dtype=dtype) for t in tensors]


def _joined(name: str, join: Callable, tensors: Sequence[Tensor], dim: int) -> Tensor | None:
    """The usual case of a join at a fraction of the cost: NumPy arrays of one kind that fit. None where it is another."""
    special = state.special
    if special and not quiet():
        return None
    kind = tensors[0]._kind
    if not kind.local:
        return None
    arrays, edges, wanted = [], [], False
    for t in tensors:
        if t._kind is not kind:
            return None
        edge = t._edge if t._view is None else current_edge(t)
        wanted = wanted or edge is not None
        arrays.append(t._array)
        edges.append(edge)
    try:
        result = join(arrays, dim)
    except (ValueError, IndexError, TypeError):
        # a mistake, or a tensor of shape (0,)
        return None
    if special or not wanted:
        return make(result, kind)
    return make(result, kind, recorded(name, (tuple(edges)), ([a.shape for a in arrays], dim), result.shape, kind))


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


@public(method=False, out=True)
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors, which have one shape, along a new dim.

    >>> stack([tensor([1, 2]), tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    tensors = need_tensors("stack", tensors, RuntimeError, "stack expects a non-empty TensorList")
    result = _joined("stack", xnp.stack, tensors, dim)
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
    _check_elements(tensors)
    if not tensors:
        kind = kind_for(None)
        return make(kind.xp.empty((1, 0), dtype=kind.native), kind)
    for i, t in enumerate(tensors):
        if t._array.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {t._array.ndim} dimensions"
            )
    return rows.block_diag(alike(list(tensors)))


# ---- cutting ---------------------------------------------------------------------------------------------------------


def _pieces(input: Tensor, row: str, sizes: Sequence[int], dim: int) -> tuple[Tensor, ...]:
    """Pieces along a dim as views. One node makes them all, so that the way back is one concatenation."""
    return _views(input, row, {"sizes": tuple(sizes), "dim": dim}, "slice_index", cuts(sizes, dim))


def _views(input: Tensor, row: str, attributes: dict[str, Any], piece: str, indices: list) -> tuple[Tensor, ...]:
    kind, special = input._kind, state.special
    if not kind.local or (special and not quiet()):
        outputs = getattr(rows, row)(input, **attributes)
    else:
        array = input._array
        pieces = [kind.xp.getitem(array, index) for index in indices]
        edge = None if special else input._edge if input._view is None else current_edge(input)
        if edge is None or not pieces:
            outputs = tuple([make(p, kind) for p in pieces])
        else:
            node = recorded(row, (edge,), (attributes["dim"],), pieces[0].shape, kind)
            graph.more(node).outputs = [(p.shape, kind) for p in pieces]
            outputs = tuple([make(p, kind, Output(node, i)) for i, p in enumerate(pieces)])
    if not row.startswith("unsafe"):
        single = TABLE[piece]
        for output, index in zip(outputs, indices, strict=True):
            note_view(single, input, output, {"at": index})
    return outputs


def _equal_sizes(size: int, step: int) -> list[int]:
    """Sizes of pieces of `step` each; the last may be smaller. At least one piece."""
    if step == 0:
        return [size]
    count = max(-(-size // step), 1)
    return [step] * (count - 1) + [size - step * (count - 1)]


def _split_dim(name: str, tensor: Tensor, dim: int) -> int:
    if not tensor._array.ndim:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor")
    return shapes.one_dim(dim, tensor._array.ndim)


@public()
def split(tensor: Tensor, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> tuple[Tensor, ...]:
    """Views of the tensor in pieces along a dim: of one size, the last maybe smaller, or of the sizes given.

    >>> [t.tolist() for t in split(arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    size = split_size_or_sections if split_size_or_sections is not None else split_size
    need_tensor("split", "tensor", 1, tensor)
    if isinstance(size, (tuple, list)):
        return split_with_sizes(tensor, size, dim)
    return _pieces(tensor, "split_equal", *_checked_equal(tensor, size, dim))


def _checked_equal(tensor: Tensor, size: Any, dim: int) -> tuple[list[int], int]:
    if isinstance(size, bool) or not hasattr(size, "__index__"):
        raise TypeError(
            f"split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, not {type(size).__name__}"
        )
    step = size.__index__()
    axis = _split_dim("split", tensor, dim)
    length = tensor._array.shape[axis]
    if step < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
    if step == 0 and length:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {length}")
    return _equal_sizes(length, step), axis


@public()
def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of the tensor in pieces of the given sizes along a dim; they must add up to its size."""
    return _pieces(input, "split_sizes", *_checked_sizes(input, split_sizes, dim))


def _checked_sizes(input: Tensor, split_sizes: Any, dim: int) -> tuple[list[int], int]:
    axis = _split_dim("split", input, dim)
    sizes = [n.__index__() for n in split_sizes]
    length = input._array.shape[axis]
    if any(n < 0 for n in sizes):
        raise RuntimeError(
            f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}"
        )
    if sum(sizes) != length:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's size at dimension {axis}), "
            f"but got split_sizes={sizes}"
        )
    return sizes, axis


@public(method=False)
def split_with_sizes_copy(input: Tensor, split_sizes: Sequence[int], dim: int = 0, *, out: Any = None) -> Any:
    """Copies of the tensor's pieces of the given sizes along a dim."""
    return _copies("split_with_sizes_copy", split_with_sizes(input, split_sizes, dim), out)


@public(method=False)
def split_copy(input: Tensor, split_size: int, dim: int = 0, *, out: Any = None) -> Any:
    """Copies of the tensor's pieces of one size along a dim."""
    return _copies("split_copy", split(input, split_size, dim), out)


@public(method=False)
def unbind_copy(input: Tensor, dim: int = 0, *, out: Any = None) -> Any:
    """Copies of all slices along a dim."""
    return _copies("unbind_copy", unbind(input, dim), out)


def _copies(name: str, pieces: tuple[Tensor, ...], out: Any) -> Any:
    """Copies, or None where they are written into the tensors of `out`."""
    copies = tuple([rows.clone(t) for t in pieces])
    if out is None:
        return copies
    write_result(name, copies, out)
    return None


@public()
def unsafe_split(tensor: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """`split` whose pieces may be changed in place where a gradient is wanted, if the tensor is not used otherwise."""
    return _pieces(tensor, "unsafe_split_equal", *_checked_equal(tensor, split_size, dim))


@public()
def unsafe_split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """`split_with_sizes` whose pieces may be changed in place where a gradient is wanted."""
    return _pieces(input, "unsafe_split_sizes", *_checked_sizes(input, split_sizes, dim))


def _chunk_sizes(input: Tensor, chunks: int, dim: int) -> tuple[list[int], int]:
    axis = _split_dim("chunk", input, dim)
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    length = input._array.shape[axis]
    return ([0] * chunks if not length else _equal_sizes(length, -(-length // chunks))), axis


@public()
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` views of the tensor along a dim, of one size, the last maybe smaller.

    >>> [len(t) for t in chunk(arange(7), 3)]
    [3, 3, 1]
    """
    return _pieces(input, "split_equal", *_chunk_sizes(input, chunks, dim))


@public()
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """`chunk` whose pieces may be changed in place where a gradient is wanted."""
    return _pieces(input, "unsafe_split_equal", *_chunk_sizes(input, chunks, dim))


@public()
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """All slices along a dim, without that dim, as views.

    >>> unbind(tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    shape = input._array.shape
    if not shape:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    axis = shapes.one_dim(dim, len(shape))
    before = (slice(None),) * axis
    return _views(input, "unbind_dim", {"dim": axis}, "select_index", [(*before, i) for i in range(shape[axis])])


TENSOR_SPLIT = (
    " * (Tensor input, tuple of ints indices, int dim = 0)\n"
    " * (Tensor input, Tensor tensor_indices_or_sections, int dim = 0)\n"
    " * (Tensor input, int sections, int dim = 0)"
)


@public()
def tensor_split(
    input: Tensor,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    sections: int | None = None,
    indices: Any = None,
    tensor_indices_or_sections: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """Views of the tensor along a dim: so many, of sizes that differ by at most one, or cut at the given indices.

    >>> [t.tolist() for t in tensor_split(arange(5), (1, 3))]
    [[0], [1, 2], [3, 4]]
    """
    given = next(
        (x for x in (indices_or_sections, sections, indices, tensor_indices_or_sections) if x is not None), None
    )
    if given is None:
        raise mismatch("tensor_split", (input,), TENSOR_SPLIT)
    ndim = input._array.ndim
    if not ndim:
        raise RuntimeError(f"tensor_split expected at least a 1-dimensional tensor, but got a tensor with {ndim} dims")
    axis = shapes.one_dim(dim, ndim)
    if isinstance(given, Tensor):
        if given._kind.dtype is not dtypes.int64:
            raise RuntimeError(
                f"tensor_split expected tensor_indices_or_sections to have dtype of long, but got {given.dtype.scalar_name}"
            )
        if given._array.ndim > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, "
                f"but got a tensor with {given._array.ndim} dims"
            )
        given = given._array.tolist()
    length = input._array.shape[axis]
    if isinstance(given, int):
        if given <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {given}")
        small, larger = divmod(length, given)
        bounds = [min(i, larger) + i * small for i in range(given + 1)]
        places = list(pairwise(bounds))
    else:
        if not isinstance(given, (tuple, list)):
            raise mismatch("tensor_split", (input, given), TENSOR_SPLIT)
        ends = [n.__index__() for n in given]
        places = [(a, b) for a, b in zip([0, *ends], [*ends, length], strict=True)]
    before = (slice(None),) * axis
    return tuple([rows.slice_index(input, (*before, slice(a, b))) for a, b in places])


def _split_along(name: str, dim: int, input: Tensor, arguments: tuple, options: dict[str, Any]) -> tuple[Tensor, ...]:
    """hsplit, vsplit and dsplit: `tensor_split` along one dim, into equal parts if a number is given."""
    given = arguments[0] if len(arguments) == 1 and not options else options.get("sections", options.get("indices"))
    if len(arguments) + len(options) != 1 or not isinstance(given, (int, tuple, list)):
        raise mismatch(
            name, (input, *arguments, *options.values()), " * (Tensor input, int sections)\n * (Tensor input, tuple of ints indices)"
        )
    least = {"hsplit": 1, "vsplit": 2, "dsplit": 3}[name]
    ndim = input._array.ndim
    if ndim < least:
        raise RuntimeError(
            f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with {ndim} dimensions!"
        )
    axis = 0 if name == "hsplit" and ndim == 1 else dim
    length = input._array.shape[axis]
    if isinstance(given, int) and (given <= 0 or length % given):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {axis}, but the size of the dimension {length} is not "
            f"divisible by the split_size {given}!"
        )
    return tensor_split(input, given, axis)


@public()
def hsplit(input: Tensor, *indices_or_sections: Any, **options: Any) -> tuple[Tensor, ...]:
    """Views of the tensor side by side: `tensor_split` along the second dim, or the first of a vector."""
    return _split_along("hsplit", 1, input, indices_or_sections, options)


@public()
def vsplit(input: Tensor, *indices_or_sections: Any, **options: Any) -> tuple[Tensor, ...]:
    """Views of the tensor one below the other: `tensor_split` along the first dim."""
    return _split_along("vsplit", 0, input, indices_or_sections, options)


@public()
def dsplit(input: Tensor, *indices_or_sections: Any, **options: Any) -> tuple[Tensor, ...]:
    """Views of the tensor one behind the other: `tensor_split` along the third dim."""
    return _split_along("dsplit", 2, input, indices_or_sections, options)


# ---- common shapes ---------------------------------------------------------------------------------------------------


@public(method=False)
def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors as views of the shape that they broadcast to."""
    _check_elements(tensors)
    if not tensors:
        return ()
    all_shapes = [t._array.shape for t in tensors]
    common = shapes.broadcast(*all_shapes)
    if common is None:
        raise errors.broadcast([f"tensor {i}" for i in range(len(tensors))], all_shapes)
    return tuple([rows.expand_to(t, common) for t in tensors])


@public(method=False)
def broadcast_shapes(*shapes: Any) -> Size:  # noqa: F811  PyTorch's name of the argument
    """The shape that all given ones broadcast to.

    >>> broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    given = [(s,) if isinstance(s, int) else tuple([n.__index__() for n in s]) for s in shapes]
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
                    f"{number} had {shape}; but expected shape should be broadcastable to {result}"
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


# ---- grids and combinations ------------------------------------------------------------------------------------------


@public(method=False)
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Grids of coordinates from vectors: the i-th result varies along dim i, and is a view expanded along the others.

    indexing: "ij", or "xy", which swaps the first two dims, as in pictures.

    >>> meshgrid(tensor([1, 2]), tensor([3, 4]), indexing="ij")[1]
    tensor([[3, 4],
            [3, 4]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    _check_elements(tensors)
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing is None:
        warn_once(
            "meshgrid",
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.",
        )
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    first = tensors[0]
    for t in tensors:
        if t._kind.dtype is not first._kind.dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
        if t._array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {t!r}")
    swapped = indexing == "xy" and len(tensors) > 1
    vectors = (tensors[1], tensors[0], *tensors[2:]) if swapped else tensors
    sizes = tuple([t._array.size for t in vectors])
    ones = (1,) * len(sizes)
    grids = [
        rows.expand_to(rows.reshape_to(t, (*ones[:i], sizes[i], *ones[i + 1 :])), sizes) for i, t in enumerate(vectors)
    ]
    if swapped:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


@public(method=False)
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of one element of each vector, one in each row.

    >>> cartesian_prod(tensor([1, 2]), tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    _check_elements(tensors)
    for t in tensors:
        if t._array.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(t._array.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(g) for g in meshgrid(*tensors, indexing="ij")], 1)


@public()
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of `r` elements of a vector, in order, one in each row.

    >>> combinations(tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if input._array.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input._array.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return make(input._kind.xp.empty((0,), dtype=input._kind.native), input._kind)
    grids = meshgrid(*[input] * r, indexing="ij")
    mask = _increasing(input._kind, input._array.size, r, with_replacement)
    return stack([rows.masked_select(g, mask) for g in grids], 1)


def _increasing(kind: Any, n: int, r: int, or_equal: bool) -> Tensor:
    """Where, in a grid of n to the power of r, the coordinates increase."""
    xp = kind.xp
    mask = xp.ones((n,) * r, dtype=xp.bool_)
    numbers = xp.arange(n)
    for i in range(r - 1):
        a = xp.reshape(numbers, (n,) + (1,) * (r - 1 - i))
        b = xp.reshape(numbers, (n,) + (1,) * (r - 2 - i))
        mask = mask & (a <= b if or_equal else a < b)
    return make(mask, kind_of_array(mask, kind, False))
