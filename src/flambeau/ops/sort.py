"""Sorting and selecting along a dim: values and the indices where they stood. Gradients go back to those indices."""

from __future__ import annotations

from . import shapes
from .reduce import chosen_rule, hidden, shared
from .table import Array


def _order_rule(xp, g, out, input_shape, dim):
    return chosen_rule(xp, g, out, input_shape, dim, True)


def _along(xp, input, dim, kernel):
    """`kernel(array, axis)`, where a 0-d array counts as one of one element."""
    axis = shapes.one_dim(dim, input.ndim)
    if input.ndim:
        return kernel(input, axis)
    values, indices = kernel(xp.reshape(input, (1,)), 0)
    return xp.reshape(values, ()), xp.reshape(indices, ())


def _without(xp, pair, axis, keepdim, ndim):
    if keepdim or not ndim:
        return pair
    return tuple([xp.squeeze(p, axis=axis) for p in pair])


@hidden(input=_order_rule, returns=("values", "indices"), node="Sort", refuses=("complex",))
def sort_dim(xp, input, dim: int = -1, descending=False):
    """The sorted values along a dim and the indices where they stood; equal values keep their order."""
    return _along(xp, input, dim, lambda x, axis: xp.sort_along(x, axis, descending))


@hidden(input=_order_rule, outputs=2, node="SortBackward1", refuses=("complex",))
def sort_stable(xp, input, dim: int = -1, descending=False):
    """The same as `sort_dim`; the graph shows that the caller asked for stability."""
    return _along(xp, input, dim, lambda x, axis: xp.sort_along(x, axis, descending))


@hidden(input=_order_rule, returns=("values", "indices"), node="Topk", refuses=("bool", "complex"))
def topk_dim(xp, input, k: int, dim: int = -1, largest=True):
    """The k largest or smallest values along a dim, in order, and the indices where they stood."""
    return _along(xp, input, dim, lambda x, axis: xp.top_along(x, k, axis, largest))


@hidden(input=chosen_rule, returns=("values", "indices"), node="Kthvalue", refuses=("bool", "complex"))
def kthvalue_dim(xp, input, k: int, dim: int = -1, keepdim=False):
    """The k-th smallest value along a dim, counted from 1, and its index."""
    pair = _along(xp, input, dim, lambda x, axis: xp.kth_along(x, k, axis))
    return _without(xp, pair, dim, keepdim, input.ndim)


@hidden(input=chosen_rule, returns=("values", "indices"), node="MedianBackward1", refuses=("bool", "complex"))
def median_dim(xp, input, dim: int = -1, keepdim=False):
    """The lower median along a dim and its index; nan where there is a nan."""
    pair = _along(xp, input, dim, lambda x, axis: xp.median_along(x, axis))
    return _without(xp, pair, dim, keepdim, input.ndim)


@hidden(input=chosen_rule, returns=("values", "indices"), node="NanmedianBackward1", refuses=("bool", "complex"))
def nanmedian_dim(xp, input, dim: int = -1, keepdim=False):
    """The lower median along a dim of what is not nan, and its index."""
    pair = _along(xp, input, dim, lambda x, axis: xp.median_along(x, axis, True))
    return _without(xp, pair, dim, keepdim, input.ndim)


@hidden(input=lambda xp, g, input, out: shared(xp, g, input, out), node="Median", refuses=("bool", "complex"))
def median_all(xp, input):
    """The lower median of everything; nan where there is a nan. All elements that are it share the gradient."""
    return xp.reshape(xp.median_along(xp.reshape(input, (-1,)), 0)[0], ())


@hidden(input=lambda xp, g, input, out: shared(xp, g, input, out), node="Nanmedian", refuses=("bool", "complex"))
def nanmedian_all(xp, input):
    """The lower median of everything that is not nan."""
    return xp.reshape(xp.median_along(xp.reshape(input, (-1,)), 0, True)[0], ())


@hidden(input=chosen_rule, returns=("values", "indices"), node="Mode", refuses=("complex",))
def mode_dim(xp, input, dim: int = -1, keepdim=False):
    """The most frequent value along a dim, the smallest of several, and its last index."""
    pair = _along(xp, input, dim, lambda x, axis: xp.mode_along(x, axis))
    return _without(xp, pair, dim, keepdim, input.ndim)


@hidden(values=lambda xp, g, indices, dim: xp.take_along_axis(g, indices, axis=dim), moves=True)
def spread_along(xp, values, indices: Array, dim: int = -1, size: int = 0):
    """Zeros of `size` along a dim with `values` added at `indices` along it."""
    return xp.spread_along(values, indices, dim=dim, size=size)


@hidden(
    input=lambda xp, g, indices, input_shape, dim: xp.spread_along(g, indices, dim=dim, size=input_shape[dim]),
    moves=True,
    node="Gather",
)
def take_along(xp, input, indices: Array, dim: int = -1):
    """The values at indices along a dim."""
    return xp.take_along_axis(input, indices, axis=dim)
