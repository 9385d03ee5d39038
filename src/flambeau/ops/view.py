"""Operations that move no element: views, and the copies where no view can be."""

from __future__ import annotations

from . import shapes
from .table import op


@op(input=lambda xp, g, input_shape: xp.reshape(g, input_shape), view="maybe", method=False, public=False, node="View")
def reshape_to(xp, input, shape: tuple):
    """The elements in another shape; a view if strides allow, else a copy."""
    return xp.reshape(input, shape)


@op(input=lambda xp, g, input_shape: xp.reshape(g, input_shape), view="always", method=False, public=False, node="View")
def view_to(xp, input, shape: tuple):
    """The elements in another shape, as a view. Raises ValueError where the strides allow none."""
    return xp.view_shape(input, shape)


@op(view="always", method=False, public=False, node="ViewDtype")
def view_dtype(xp, input, dtype: object):
    """The bytes read as another dtype."""
    return xp.view_bytes(input, dtype)


@op(
    input=lambda xp, g, dims: xp.permute_dims(g, inverse(dims)),
    view="always",
    method=False,
    public=False,
    node="Permute",
)
def permute_dims(xp, input, dims: tuple):
    """A view with the dims in another order."""
    return xp.permute_dims(input, dims)


def inverse(order):
    """The permutation that undoes `order`."""
    result = [0] * len(order)
    for i, n in enumerate(order):
        result[n] = i
    return tuple(result)


@op(input=lambda xp, g, dim0, dim1: swap(xp, g, dim0, dim1), view="always", aliases=("swapaxes", "swapdims"))
def transpose(xp, input, dim0: int, dim1: int):
    """A view with two dims swapped."""
    return swap(xp, input, dim0, dim1)


def swap(xp, x, dim0, dim1):
    """Two axes swapped."""
    a, b = shapes.one_dim(dim0, x.ndim), shapes.one_dim(dim1, x.ndim)
    if a == b:
        return xp.permute_dims(x, tuple(range(x.ndim)))
    order = list(range(x.ndim))
    order[a], order[b] = b, a
    return xp.permute_dims(x, tuple(order))


@op(input=lambda xp, g: swap(xp, g, 0, 1) if g.ndim == 2 else g, view="always")
def t(xp, input):
    """The transpose of a matrix; a vector or a number is returned as it is."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return xp.permute_dims(input, tuple(range(input.ndim))[::-1])


@op(input=lambda xp, g, input_shape: xp.reshape(g, input_shape), view="always")
def unsqueeze(xp, input, dim: int):
    """A view with a dim of size 1 inserted before `dim`."""
    return xp.expand_dims(input, axis=shapes.new_dim(dim, input.ndim))


@op(
    input=lambda xp, g, input_shape: xp.reshape(g, input_shape),
    view="always",
    method=False,
    public=False,
    node="Squeeze",
)
def squeeze_dims(xp, input, axes: tuple):
    """A view without some dims of size 1."""
    return xp.squeeze(input, axis=axes)


@op(input=lambda g: g, view="always", method=False, public=False, node="Expand")
def expand_to(xp, input, shape: tuple):
    """A view in which dims of size 1 are repeated without being copied."""
    return xp.broadcast_to(input, shape)


@op(input=lambda g: g, view="always", method=False, public=False, node="Alias")
def alias(xp, input):
    """A view of everything."""
    return xp.getitem(input, ...)


def _put_back(xp, g, shape, at):
    return xp.put(xp.zeros(shape, dtype=g.dtype), at, g)


@op(
    input=lambda xp, g, input_shape, at: _put_back(xp, g, input_shape, at),
    view="always",
    method=False,
    public=False,
    node="Slice",
)
def slice_index(xp, input, at: tuple):
    """A view of the elements at an index that ends with a slice."""
    return xp.getitem(input, at)


@op(
    input=lambda xp, g, input_shape, at: _put_back(xp, g, input_shape, at),
    view="always",
    method=False,
    public=False,
    node="Select",
)
def select_index(xp, input, at: tuple):
    """A view of the elements at an index that ends with a number."""
    return xp.getitem(input, at)


@op(
    input=lambda xp, g, input_shape, at: _put_back(xp, g, input_shape, at),
    view="always",
    method=False,
    public=False,
    node="Unsqueeze",
)
def insert_index(xp, input, at: tuple):
    """A view of the elements at an index that ends with a new axis."""
    return xp.getitem(input, at)


@op(
    input=lambda xp, g, input_shape, index: xp.put(xp.zeros(input_shape, dtype=g.dtype), index, g, accumulate=True),
    moves=True,
    method=False,
    public=False,
    node="Index",
)
def gather_index(xp, input, index: tuple):
    """A copy of the elements at index arrays and masks, as NumPy picks them, laid out row by row."""
    return xp.contiguous(xp.getitem(input, index))


@op(
    input=lambda xp, g, values_shape, index, accumulate: (
        g if accumulate else xp.put(g, index, xp.zeros(values_shape, dtype=g.dtype))
    ),
    values=lambda xp, g, index: xp.getitem(g, index),
    moves=True,
    method=False,
    public=False,
    node="IndexPut",
)
def put_index(xp, input, values, index: tuple, accumulate: bool = False):
    """A copy of `input` with values written, or added, at index arrays and masks."""
    return xp.put(input, index, values, accumulate=accumulate)


@op(input=lambda g: g, moves=True, public=False, method=False)
def clone(xp, input):
    """A copy in memory of its own."""
    return xp.copy(input)


@op(input=lambda g: g, moves=True, method=False, public=False, node="Clone")
def clone_as(xp, input, memory_format: object):
    """A copy laid out in memory as asked for."""
    return xp.copy_as(input, memory_format)


@op(
    input=lambda xp, g: xp.zeros_like(g),
    src=lambda g: g,
    moves=True,
    inplace=True,
    method=False,
    public=False,
    node="CopyBackwards",
)
def copy(xp, input, src, non_blocking: bool = False):
    """`src` in the shape and dtype of `input`."""
    # a source that is larger somewhere makes a larger result, which is then told not to fit
    same = src.shape in ((), input.shape)
    shape = input.shape if same else shapes.broadcast(input.shape, src.shape) or input.shape
    return xp.astype(xp.broadcast_to(src, shape), input.dtype)


@op(
    input=lambda xp, g: xp.zeros_like(g),
    value=lambda xp, g: xp.sum(g),
    moves=True,
    inplace=True,
    method=False,
    public=False,
)
def fill(xp, input, value):
    """One number everywhere, in the shape and dtype of `input`."""
    return xp.astype(xp.broadcast_to(value, input.shape), input.dtype)


@op(input=lambda xp, g, input_dtype: xp.astype(g, input_dtype), moves=True, method=False, public=False, node="ToCopy")
def to_copy(xp, input, dtype: object):
    """A copy in another dtype."""
    return xp.astype(input, dtype)


@op(input=lambda xp, g: xp.zeros_like(g), moves=True, method=False, public=False, node="Bernoulli")
def drawn_from(xp, input, values: object):
    """Random numbers whose distribution depends on the input; as numbers they have no gradient."""
    return values


@op(
    input=lambda xp, g: xp.zeros_like(g),
    moves=True,
    method=False,
    public=False,
    node="NormalBackward1",
)
def normal_from(xp, input, values: object):
    """Normal random numbers whose mean or deviation is the input."""
    return values
