"""Reading and writing at indices and masks. Indices have been checked: integers, none negative, all in range.

Arrays come first in every row, so the order of arguments differs from that of the public functions in
`tensor/functions/index.py`.
"""

from __future__ import annotations

from . import shapes
from .table import Array, Index, op


def zeros(xp, shape, g):
    """Zeros of a shape, in the dtype of a gradient."""
    return xp.zeros(shape, dtype=g.dtype)


# ---- one index for each element --------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, input_shape, index, dim: xp.scatter_add(zeros(xp, input_shape, g), dim, index, g),
    moves=True,
    public=False,
    method=False,
)
def gather(xp, input, index: Index, dim: int):
    """One element of `input` along `dim` for each element of `index`."""
    return xp.gather(input, dim, index)


@op(
    input=lambda xp, g, index, dim: xp.scatter(g, dim, index, 0),
    src=lambda xp, g, index, dim: xp.gather(g, dim, index),
    moves=True,
    public=False,
    method=False,
)
def scatter(xp, input, index: Index, src: Array, dim: int):
    """`input` with `src`, which has the shape of `index`, written at `index` along `dim`."""
    return xp.scatter(input, dim, index, src)


@op(
    input=lambda xp, g, index, dim: xp.scatter(g, dim, index, 0),
    moves=True,
    public=False,
    method=False,
    node="ScatterBackward1",
)
def scatter_value(xp, input, index: Index, value: float, dim: int):
    """`input` with a number written at `index` along `dim`."""
    return xp.scatter(input, dim, index, value)


@op(
    input=lambda g: g,
    src=lambda xp, g, index, dim: xp.gather(g, dim, index),
    public=False,
    method=False,
)
def scatter_add(xp, input, index: Index, src: Array, dim: int):
    """`input` with `src`, which has the shape of `index`, added at `index` along `dim`."""
    return xp.scatter_add(input, dim, index, src)


@op(
    input=lambda g: g,
    src=lambda xp, g, index, dim: xp.gather(g, dim, index),
    public=False,
    method=False,
    node="ScatterReduce",
)
def scatter_sum(xp, input, index: Index, src: Array, dim: int):
    """`scatter_add` under the name that the graph has for `scatter_reduce`."""
    return xp.scatter_add(input, dim, index, src)


def _prod_to_input(xp, g, input, index, src, dim):
    """The product of all that is multiplied onto an element; zeros in `input` must not be divided by."""
    safe = xp.where(input == 0, xp.ones_like(input), input)
    return g * xp.conj(xp.scatter_prod(safe, index, src, dim) / safe)


def _prod_to_src(xp, g, input, index, src, out, dim):
    """The product of all other factors: where one of them is the only zero, the product without it."""
    is_zero = src == 0
    ones = xp.ones_like(src)
    count = xp.scatter_add(xp.zeros_like(input), dim, index, xp.astype(is_zero, input.dtype))
    only = is_zero & (xp.gather(count, dim, index) == 1)
    others = xp.scatter_prod(input, index, xp.where(only, ones, src), dim)
    quotient = xp.gather(out, dim, index) / xp.where(is_zero, ones, src)
    return xp.gather(g, dim, index) * xp.conj(xp.where(only, xp.gather(others, dim, index), quotient))


@op(input=_prod_to_input, src=_prod_to_src, public=False, method=False, node="ScatterReduce")
def scatter_prod(xp, input, index: Index, src: Array, dim: int):
    """`input` multiplied by all of `src` that `index` sends to each element along `dim`."""
    return xp.scatter_prod(input, index, src, dim)


def _extreme_rule(xp, g, input, index, src, out, dim):
    """All that equal the result share the gradient evenly."""
    mine = xp.astype(input == out, g.dtype)
    theirs = xp.astype(src == xp.gather(out, dim, index), g.dtype)
    share = g / xp.scatter_add(mine, dim, index, theirs)
    return mine * share, None, theirs * xp.gather(share, dim, index)


@op(joint=_extreme_rule, public=False, method=False, node="ScatterReduce")
def scatter_extreme(xp, input, index: Index, src: Array, dim: int, largest: bool):
    """The largest (or smallest) of `input` and all of `src` that `index` sends to each element along `dim`."""
    return xp.scatter_extreme(input, index, src, dim, largest)


# ---- one index for each slice ----------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, input_shape, index, dim: xp.index_add(zeros(xp, input_shape, g), dim, index, g),
    moves=True,
    public=False,
    method=False,
)
def index_select(xp, input, index: Index, dim: int):
    """The slices of `input` at `index`, which has one dimension, along `dim`."""
    return xp.index_select(input, dim, index)


@op(
    input=lambda g: g,
    source=lambda xp, g, index, source_shape, dim, alpha: xp.reshape(
        xp.index_select(g, dim, index) * alpha, source_shape
    ),
    public=False,
    method=False,
)
def index_add(xp, input, index: Index, source: Array, dim: int, alpha=1):
    """`input` with `alpha` times the slices of `source` added at `index` along `dim`."""
    return xp.index_add(input, dim, index, source if alpha == 1 else source * alpha)


@op(
    input=lambda xp, g, index, dim: xp.index_fill(g, dim, index, 0),
    source=lambda xp, g, index, source_shape, dim: xp.reshape(xp.index_select(g, dim, index), source_shape),
    moves=True,
    public=False,
    method=False,
)
def index_copy(xp, input, index: Index, source: Array, dim: int):
    """`input` with the slices of `source` written over those at `index` along `dim`."""
    return xp.index_copy(input, dim, index, source)


@op(input=lambda xp, g, index, dim: xp.index_fill(g, dim, index, 0), moves=True, public=False, method=False)
def index_fill(xp, input, index: Index, value: float, dim: int):
    """`input` with a number in the slices at `index` along `dim`."""
    return xp.index_fill(input, dim, index, value)


def _sum_of_filled(xp, g, index, dim):
    """The gradient of a number that was written: a slice named twice counts once."""
    filled = xp.index_fill(xp.zeros_like(g), dim, index, 1)
    return xp.sum(g * filled)


@op(
    input=lambda xp, g, index, dim: xp.index_fill(g, dim, index, 0),
    value=_sum_of_filled,
    moves=True,
    public=False,
    method=False,
    node="IndexFillBackward1",
)
def index_fill_tensor(xp, input, index: Index, value: Array, dim: int):
    """`input` with a number, given as an array without dims, in the slices at `index` along `dim`."""
    return xp.index_fill(input, dim, index, value)


# ---- positions in the flattened tensor -------------------------------------------------------------------------------


def flat(xp, x):
    """All elements along one axis."""
    return xp.reshape(x, (-1,))


@op(
    input=lambda xp, g, input_shape, index: xp.reshape(
        xp.index_add(zeros(xp, (shapes.numel(input_shape),), g), 0, flat(xp, index), flat(xp, g)), input_shape
    ),
    moves=True,
    public=False,
    method=False,
)
def take(xp, input, index: Index):
    """The elements at positions of the flattened tensor, in the shape of `index`."""
    return xp.reshape(xp.index_select(flat(xp, input), 0, flat(xp, index)), index.shape)


@op(
    input=lambda xp, g, input_shape, index, accumulate: (
        g if accumulate else xp.reshape(xp.index_fill(flat(xp, g), 0, flat(xp, index), 0), input_shape)
    ),
    source=lambda xp, g, index, source_shape: xp.reshape(
        xp.index_select(flat(xp, g), 0, flat(xp, index)), source_shape
    ),
    moves=True,
    public=False,
    method=False,
    node="Put",
)
def put_flat(xp, input, index: Index, source: Array, accumulate=False):
    """`input` with `source` written, or added, at positions of the flattened tensor."""
    write = xp.index_add if accumulate else xp.index_copy
    return xp.reshape(write(flat(xp, input), 0, flat(xp, index), flat(xp, source)), input.shape)


# ---- masks -----------------------------------------------------------------------------------------------------------


@op(input=lambda xp, g, mask: xp.where(mask, xp.zeros_like(g), g), moves=True, public=False, method=False)
def masked_fill(xp, input, mask: Index, value: float):
    """`input`, but a number where `mask` is true. The two broadcast."""
    return xp.contiguous(xp.where(mask, xp.asarray(value, dtype=input.dtype), input))


@op(
    input=lambda xp, g, mask: xp.where(mask, xp.zeros_like(g), g),
    value=lambda xp, g, mask: xp.sum(xp.where(mask, g, xp.zeros_like(g))),
    moves=True,
    public=False,
    method=False,
    node="MaskedFillBackward1",
)
def masked_fill_tensor(xp, input, mask: Index, value: Array):
    """`input`, but a number without dimensions, given as an array, where `mask` is true."""
    return xp.contiguous(xp.where(mask, xp.astype(value, input.dtype), input))


@op(
    input=lambda xp, g, input_shape, mask: xp.masked_scatter(
        zeros(xp, shapes.broadcast(input_shape, mask.shape), g), mask, g
    ),
    moves=True,
    public=False,
    method=False,
)
def masked_select(xp, input, mask: Index):
    """The elements of `input` where `mask` is true, along one dimension. The two broadcast."""
    return xp.masked_select(input, mask)


def _taken(xp, g, mask, source_shape):
    """The gradient of what `masked_scatter` took from its source; the rest of the source has none."""
    used = xp.masked_select(g, mask)
    rest = zeros(xp, (shapes.numel(source_shape) - used.shape[0],), g)
    return xp.reshape(xp.concat([used, rest]), source_shape)


@op(
    input=lambda xp, g, mask: xp.where(mask, xp.zeros_like(g), g),
    source=_taken,
    moves=True,
    public=False,
    method=False,
)
def masked_scatter(xp, input, mask: Index, source: Array):
    """`input`, but where `mask` is true the elements of `source`, one after the other."""
    return xp.masked_scatter(input, mask, source)


# ---- a copy with a part replaced -------------------------------------------------------------------------------------


def _must_fit(src, part):
    if tuple(src) != tuple(part):
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src)}, slice size = {list(part)}"
        )


def _select(shape, dim, index):
    """The index tuple of one number along one dim."""
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    axis = shapes.one_dim(dim, len(shape))
    if not -shape[axis] <= index < shape[axis]:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(shape)} at dimension {axis}")
    return (slice(None),) * axis + (index,)


@op(
    input=lambda xp, g, input_shape, dim, index: xp.put(g, _select(input_shape, dim, index), 0),
    src=lambda xp, g, input_shape, dim, index: xp.getitem(g, _select(input_shape, dim, index)),
    moves=True,
)
def select_scatter(xp, input, src, dim: int, index: int):
    """`input` with `src` in place of `input.select(dim, index)`."""
    where = _select(input.shape, dim, index)
    axis = len(where) - 1
    _must_fit(src.shape, input.shape[:axis] + input.shape[axis + 1 :])
    return xp.put(input, where, src)


def _slice(shape, dim, start, end, step):
    """The index tuple of a slice along one dim."""
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    return (slice(None),) * shapes.one_dim(dim, len(shape)) + (slice(start, end, step),)


@op(
    input=lambda xp, g, input_shape, dim, start, end, step: xp.put(g, _slice(input_shape, dim, start, end, step), 0),
    src=lambda xp, g, input_shape, dim, start, end, step: xp.getitem(g, _slice(input_shape, dim, start, end, step)),
    moves=True,
)
def slice_scatter(xp, input, src, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1):
    """`input` with `src` in place of a slice along one dim."""
    where = _slice(input.shape, dim, start, end, step)
    axis = len(where) - 1
    count = len(range(*where[axis].indices(input.shape[axis])))
    _must_fit(src.shape, (*input.shape[:axis], count, *input.shape[axis + 1 :]))
    return xp.put(input, where, src)


def _replace_diagonal(xp, x, src, offset, dim1, dim2):
    return xp.diagonal_scatter(x, src, offset, *diagonal_axes(dim1, dim2, len(x.shape)))


def diagonal_axes(dim1, dim2, ndim):
    """The two axes of a diagonal, counted from the front."""
    a, b = shapes.one_dim(dim1, ndim), shapes.one_dim(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return a, b


def diagonal_shape(shape, offset, a, b):
    """The shape of a diagonal between two axes."""
    length = min(shape[a], shape[b] - offset) if offset >= 0 else min(shape[a] + offset, shape[b])
    return (*shapes.without(shape, (a, b), False), max(length, 0))


@op(
    input=lambda xp, g, src_shape, offset, dim1, dim2: _replace_diagonal(
        xp, g, zeros(xp, src_shape, g), offset, dim1, dim2
    ),
    src=lambda xp, g, offset, dim1, dim2: xp.diagonal(g, offset, *diagonal_axes(dim1, dim2, len(g.shape))),
    moves=True,
)
def diagonal_scatter(xp, input, src, offset: int = 0, dim1: int = 0, dim2: int = 1):
    """`input` with `src` on a diagonal between two dims."""
    a, b = diagonal_axes(dim1, dim2, input.ndim)
    _must_fit(src.shape, diagonal_shape(input.shape, offset, a, b))
    return xp.diagonal_scatter(input, src, offset, a, b)


def positions(xp, size, stride, offset):
    """Where the elements of a strided view lie in its memory, counted in elements, one after the other."""
    total = xp.arange(offset, offset + 1)
    for n, step in zip(size, stride, strict=True):
        total = xp.expand_dims(total, axis=-1) + xp.arange(n) * step
    return xp.reshape(total, (-1,))


@op(
    input=lambda xp, g, src_shape, size, stride, offset: xp.strided_write(
        g, zeros(xp, src_shape, g), size, stride, offset
    ),
    src=lambda xp, g, src_shape, size, stride, offset: xp.reshape(
        xp.index_select(flat(xp, g), 0, positions(xp, size, stride, offset)), src_shape
    ),
    moves=True,
    public=False,
    method=False,
    node="AsStridedScatter",
)
def strided_write(xp, input, src, size: tuple, stride: tuple, offset: int = 0):
    """A dense copy of `input` with `src` written where a strided view of that copy lies."""
    _must_fit(src.shape, size)
    return xp.strided_write(input, src, size, stride, offset)
