"""Cutting tensors into pieces: views, of which one node of the graph makes all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ... import dtypes
from ...config import quiet, state
from ...ops import shapes
from ...ops.arrange import cuts
from ...ops.table import TABLE
from .. import node as graph
from .. import rows
from ..node import Output
from ..operands import type_name
from ..outputs import write_result
from ..public import public
from ..tensor import Tensor, current_edge, make
from ..views import note_view
from .arguments import mismatch, need_tensor
from .join import recorded


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
def split(
    tensor: Tensor, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None
) -> tuple[Tensor, ...]:
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
            f"split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, not {type_name(size)}"
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
            f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's size at dimension {dim})"
            f", but got split_sizes={sizes}"
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
                "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
                f"{given.dtype.scalar_name}"
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
            name,
            (input, *arguments, *options.values()),
            " * (Tensor input, int sections)\n * (Tensor input, tuple of ints indices)",
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
