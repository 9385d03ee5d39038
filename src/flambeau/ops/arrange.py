"""Joining, cutting, repeating and rearranging: elements move, none is computed."""

from __future__ import annotations

from . import shapes
from .index import diagonal_axes, diagonal_shape, flat, positions, zeros
from .table import Arrays, op

# ---- joining ---------------------------------------------------------------------------------------------------------

NOTHING = (0,)


def cat_dim(sizes, dim):
    """The dim of a concatenation, counted from the front. Raises where the shapes do not fit."""
    for i, shape in enumerate(sizes):
        if not shape:
            raise RuntimeError(
                f"zero-dimensional tensor (at position {i}) cannot be concatenated\n"
                "  stack() makes a new dim of tensors that have none."
            )
    # as in PyTorch, tensors of shape (0,) fit everywhere and count for nothing
    model = next((s for s in sizes if tuple(s) != NOTHING), None)
    if model is None:
        return 0
    axis = shapes.one_dim(dim, len(model))
    for i, shape in enumerate(sizes):
        if tuple(shape) != NOTHING and (
            len(shape) != len(model)
            or any(a != b for d, (a, b) in enumerate(zip(shape, model, strict=True)) if d != axis)
        ):
            raise _cannot_cat(model, shape, axis, i)
    return axis


def _cannot_cat(model, shape, axis, number):
    if len(shape) != len(model):
        return RuntimeError(f"Tensors must have same number of dimensions: got {len(model)} and {len(shape)}")
    at = next(d for d, (a, b) in enumerate(zip(shape, model, strict=True)) if a != b and d != axis)
    return RuntimeError(
        f"Sizes of tensors must match except in dimension {axis}. Expected size {model[at]} but got size {shape[at]} "
        f"for tensor number {number} in the list.\n"
        f"  The first has shape {tuple(model)}, number {number} {tuple(shape)}; they differ in dimension {at}."
    )


def _uncat(xp, g, tensors_shape, dim, needs):
    axis = cat_dim(tensors_shape, dim)
    before, parts = 0, []
    for shape, needed in zip(tensors_shape, needs, strict=True):
        if tuple(shape) == NOTHING:
            parts.append(zeros(xp, shape, g) if needed else None)
            continue
        after = before + shape[axis]
        parts.append(xp.getitem(g, (slice(None),) * axis + (slice(before, after),)) if needed else None)
        before = after
    return parts


@op(joint=_uncat, moves=True, public=False, method=False)
def cat(xp, tensors: Arrays, dim: int = 0):
    """Arrays of one dtype one after the other along a dim."""
    axis = cat_dim([t.shape for t in tensors], dim)
    kept = [t for t in tensors if tuple(t.shape) != NOTHING]
    return xp.concat(kept or tensors, axis=axis)


def _unstack(xp, g, tensors_shape, dim, needs):
    before = (slice(None),) * shapes.new_dim(dim, len(tensors_shape[0]))
    return [xp.getitem(g, (*before, i)) if needed else None for i, needed in enumerate(needs)]


@op(joint=_unstack, moves=True, public=False, method=False)
def stack(xp, tensors: Arrays, dim: int = 0):
    """Arrays of one dtype and shape along a new dim."""
    first = tensors[0].shape
    axis = shapes.new_dim(dim, len(first))
    for i, t in enumerate(tensors):
        if t.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and {list(t.shape)} at "
                f"entry {i}\n"
                "  stack makes a new dim out of tensors of one shape; cat joins along a dim that there is."
            )
    return xp.stack(tensors, axis=axis)


def _blocks(sizes):
    """Where the blocks of a block-diagonal matrix stand: (rows, columns) of each, as slices; and its shape."""
    row = column = 0
    places = []
    for shape in sizes:
        height, width = (1, 1) if not shape else (1, shape[0]) if len(shape) == 1 else shape
        places.append((slice(row, row + height), slice(column, column + width)))
        row, column = row + height, column + width
    return places, (row, column)


def _unblock(xp, g, tensors_shape, needs):
    places, _ = _blocks(tensors_shape)
    return [
        xp.reshape(xp.getitem(g, place), shape) if needed else None
        for place, shape, needed in zip(places, tensors_shape, needs, strict=True)
    ]


@op(joint=_unblock, moves=True, public=False, method=False)
def block_diag(xp, tensors: Arrays):
    """Matrices of one dtype along the diagonal of a larger one, zeros elsewhere; vectors count as one row."""
    places, whole = _blocks([t.shape for t in tensors])
    bands = []
    for t, (rows, columns) in zip(tensors, places, strict=True):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        left = xp.zeros((height, columns.start), dtype=t.dtype)
        right = xp.zeros((height, whole[1] - columns.stop), dtype=t.dtype)
        bands.append(xp.concat([left, xp.reshape(t, (height, width)), right], axis=1))
    return xp.concat(bands, axis=0)


# ---- cutting: several views as one node ------------------------------------------------------------------------------


def cuts(sizes, dim):
    """The index of each piece of the given sizes along a dim."""
    before, result = 0, []
    for n in sizes:
        result.append((slice(None),) * dim + (slice(before, before + n),))
        before += n
    return result


def _pieces(xp, x, sizes, dim):
    return tuple([xp.getitem(x, index) for index in cuts(sizes, dim)])


def _join(xp, g, dim):
    return xp.concat(g, axis=dim)


@op(input=_join, moves=True, public=False, method=False, outputs=None, node="Split")
def split_equal(xp, input, sizes: tuple, dim: int):
    """Pieces along a dim; the caller notes them as views."""
    return _pieces(xp, input, sizes, dim)


@op(input=_join, moves=True, public=False, method=False, outputs=None, node="SplitWithSizes")
def split_sizes(xp, input, sizes: tuple, dim: int):
    """Pieces along a dim; the caller notes them as views."""
    return _pieces(xp, input, sizes, dim)


@op(input=_join, moves=True, public=False, method=False, outputs=None, node="UnsafeSplit")
def unsafe_split_equal(xp, input, sizes: tuple, dim: int):
    """Pieces along a dim that may be written to, though their base is not told of it."""
    return _pieces(xp, input, sizes, dim)


@op(input=_join, moves=True, public=False, method=False, outputs=None, node="UnsafeSplitWithSizes")
def unsafe_split_sizes(xp, input, sizes: tuple, dim: int):
    """Pieces along a dim that may be written to, though their base is not told of it."""
    return _pieces(xp, input, sizes, dim)


@op(
    input=lambda xp, g, dim: xp.stack(g, axis=dim),
    moves=True,
    public=False,
    method=False,
    outputs=None,
    node="Unbind",
)
def unbind_dim(xp, input, dim: int):
    """All slices along a dim, without that dim; the caller notes them as views."""
    before = (slice(None),) * dim
    return tuple([xp.getitem(input, (*before, i)) for i in range(input.shape[dim])])


# ---- repeating -------------------------------------------------------------------------------------------------------


def _sum_of_tiles(xp, g, input_shape, repeats):
    extra = len(repeats) - len(input_shape)
    whole = []
    for i, r in enumerate(repeats):
        whole += [r, input_shape[i - extra] if i >= extra else 1]
    total = xp.sum(xp.reshape(g, tuple(whole)), axis=tuple(range(0, len(whole), 2)))
    return xp.reshape(total, input_shape)


@op(input=_sum_of_tiles, moves=True, public=False, method=False, node="Repeat")
def repeat_to(xp, input, repeats: tuple):
    """The tensor laid side by side, so often along each dim; more numbers than dims make new dims in front."""
    return xp.tile(input, repeats)


def _sum_of_repeats(xp, g, input_shape, repeats, dim):
    return xp.sum(xp.reshape(g, (*input_shape[: dim + 1], repeats, *input_shape[dim + 1 :])), axis=dim + 1)


@op(input=_sum_of_repeats, moves=True, public=False, method=False, node="View")
def repeat_each(xp, input, repeats: int, dim: int):
    """Each element so often, next to itself, along a dim."""
    return xp.repeat(input, repeats, axis=dim)


# ---- order -----------------------------------------------------------------------------------------------------------


def _moved_on(xp, x, shifts, dims):
    if not dims:
        return xp.reshape(_moved_on(xp, flat(xp, x), shifts, (0,)), x.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        n = x.shape[dim]
        cut = (n - shift) % n if n else 0
        if cut:
            before = (slice(None),) * dim
            x = xp.concat([xp.getitem(x, (*before, slice(cut, None))), xp.getitem(x, (*before, slice(cut)))], axis=dim)
    return x


@op(
    input=lambda xp, g, shifts, dims: _moved_on(xp, g, [-s for s in shifts], dims),
    moves=True,
    public=False,
    method=False,
    node="Roll",
)
def roll_dims(xp, input, shifts: tuple, dims: tuple):
    """Elements moved on along dims (no dims: flattened); what falls off the end comes back at the front."""
    sizes = [input.shape[d] for d in dims] if dims else [shapes.numel(input.shape)]
    if all(n == 0 or shift % n == 0 for shift, n in zip(shifts, sizes, strict=True)):
        return xp.copy(input)
    return _moved_on(xp, input, shifts, dims)


@op(input=lambda xp, g, dims: xp.flip(g, axis=dims), moves=True, public=False, method=False, node="Flip")
def flip_dims(xp, input, dims: tuple):
    """A copy with the elements along some dims in reverse order."""
    return xp.copy(xp.flip(input, axis=dims))


@op(
    input=lambda xp, g, times, dim0, dim1: _turn(xp, g, -times % 4, dim0, dim1),
    moves=True,
    public=False,
    method=False,
    node="Rot90",
)
def rotate(xp, input, times: int, dim0: int, dim1: int):
    """A copy turned by 90 degrees, 0 to 3 times, from one dim towards another."""
    return xp.copy(_turn(xp, input, times, dim0, dim1))


def _turn(xp, x, times, dim0, dim1):
    if times == 0:
        return x
    if times == 2:
        return xp.flip(x, axis=(dim0, dim1))
    order = list(range(len(x.shape)))
    order[dim0], order[dim1] = dim1, dim0
    turned = xp.permute_dims(x, tuple(order))
    return xp.flip(turned, axis=dim0 if times == 1 else dim1)


# ---- triangles and diagonals -----------------------------------------------------------------------------------------


def _must_be_matrix(name, shape, diagonal):
    if len(shape) < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    if isinstance(diagonal, (bool, float)):
        raise TypeError(f"{name}(): argument 'diagonal' (position 2) must be int, not {type(diagonal).__name__}")


@op(input=lambda xp, g, diagonal: xp.tril(g, k=diagonal), moves=True, inplace=True)
def tril(xp, input, diagonal: int = 0):
    """The lower triangle of matrices (their last two dims), zeros above the given diagonal."""
    _must_be_matrix("tril", input.shape, diagonal)
    return xp.contiguous(xp.tril(input, k=diagonal))


@op(input=lambda xp, g, diagonal: xp.triu(g, k=diagonal), moves=True, inplace=True)
def triu(xp, input, diagonal: int = 0):
    """The upper triangle of matrices (their last two dims), zeros below the given diagonal."""
    _must_be_matrix("triu", input.shape, diagonal)
    return xp.contiguous(xp.triu(input, k=diagonal))


def _place_diagonal(xp, g, shape, offset, dim1, dim2):
    return xp.diagonal_scatter(zeros(xp, shape, g), g, offset, *diagonal_axes(dim1, dim2, len(shape)))


@op(
    input=lambda xp, g, input_shape, offset, dim1, dim2: _place_diagonal(xp, g, input_shape, offset, dim1, dim2),
    view="always",
)
def diagonal(xp, input, offset: int = 0, dim1: int = 0, dim2: int = 1):
    """A view of a diagonal between two dims, which becomes the last dim; `offset` above 0 is to the right."""
    return xp.diagonal(input, offset, *diagonal_axes(dim1, dim2, len(input.shape)))


@op(
    input=lambda xp, g, input_shape, offset: _place_diagonal(xp, g, input_shape, offset, 0, 1),
    moves=True,
    public=False,
    method=False,
    node="DiagonalBackward0_copy",
)
def diagonal_copy_of(xp, input, offset: int):
    """A copy of a diagonal of a matrix."""
    return xp.copy(xp.diagonal(input, offset, 0, 1))


@op(
    input=lambda xp, g, offset, dim1, dim2: xp.diagonal(g, offset, dim1, dim2),
    moves=True,
    public=False,
    method=False,
    node="DiagEmbed",
)
def diagonal_matrix(xp, input, offset: int, dim1: int, dim2: int):
    """Matrices of zeros, between two new dims, that have the last dim of `input` on a diagonal."""
    return xp.diag_embed(input, offset, dim1, dim2)


def _spread_trace(xp, g, input_shape):
    line = xp.broadcast_to(g, diagonal_shape(input_shape, 0, 0, 1))
    return _place_diagonal(xp, line, input_shape, 0, 0, 1)


@op(input=_spread_trace, public=False, method=False, node="Trace")
def trace_of(xp, input):
    """The sum of the main diagonal of a matrix."""
    return xp.sum(xp.diagonal(input, 0, 0, 1))


# ---- windows and strides ---------------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, input_shape, dim, size, step: xp.fold_windows(g, input_shape, dim, size, step),
    view="always",
    public=False,
    method=False,
    node="Unfold",
)
def windows(xp, input, dim: int, size: int, step: int):
    """A view of all windows along a dim; inside of a window is a new last dim."""
    return xp.windows(input, dim, size, step)


@op(input=lambda xp, g, dim, size, step: xp.windows(g, dim, size, step), moves=True, public=False, method=False)
def fold_windows(xp, input, shape: tuple, dim: int, size: int, step: int):
    """The transpose of `windows`: each element is the sum of its appearances in windows."""
    return xp.fold_windows(input, shape, dim, size, step)


def _from_memory(xp, g, input_shape, size, stride, offset, own_stride, own_offset):
    """Add up the gradient over memory, then read there what belongs to the input.

    Where elements of the input share a place in memory, each gets an equal part.
    """
    low = min(offset, own_offset)
    reach = [o + sum((n - 1) * s for n, s in zip(shape, steps, strict=True) if n)
             for shape, steps, o in ((size, stride, offset), (input_shape, own_stride, own_offset))]  # fmt: skip
    memory = zeros(xp, (max(reach) - low + 1,), g)
    memory = xp.index_add(memory, 0, positions(xp, size, stride, offset - low), flat(xp, g))
    places = positions(xp, input_shape, own_stride, own_offset - low)
    part = xp.index_select(memory, 0, places)
    if any(s == 0 and n > 1 for n, s in zip(input_shape, own_stride, strict=True)):
        once = xp.ones(part.shape, dtype=g.dtype)
        part = part / xp.index_select(xp.index_add(xp.zeros_like(memory), 0, places, once), 0, places)
    return xp.reshape(part, input_shape)


@op(input=_from_memory, view="always", public=False, method=False, node="AsStrided")
def strided_view(xp, input, size: tuple, stride: tuple, offset: int, own_stride: tuple, own_offset: int):
    """A view of the memory of `input`; strides and offset count elements, the offset from the start of the memory."""
    return xp.as_strided(input, size, stride, offset)
