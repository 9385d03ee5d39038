"""Reductions: sums, means, products, extremes, and what is true of all or any."""

from __future__ import annotations

from . import shapes
from .table import op


def restore(xp, g, shape, dim, keepdim):
    """Spread a reduced gradient over the shape that was reduced."""
    if not keepdim and dim is not None and len(shape):
        axes = shapes.dims(dim, len(shape))
        g = xp.reshape(g, shapes.without(shape, axes, True))
    elif dim is None and len(shape):
        g = xp.reshape(g, (1,) * len(shape))
    return xp.broadcast_to(g, shape)


def count(shape, dim):
    """How many elements each result of a reduction stands for."""
    axes = shapes.dims(dim, len(shape))
    return shapes.numel(shape if axes is None else [shape[a] for a in axes])


@op(input=lambda xp, g, input_shape, dim, keepdim: restore(xp, g, input_shape, dim, keepdim), public=False, method=False, node="Sum")
def sum_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """The sum over some dims, all if None. Integers have been widened to int64."""
    return xp.sum(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@op(
    input=lambda xp, g, input_shape, dim, keepdim: restore(
        xp, g / max(count(input_shape, dim), 1), input_shape, dim, keepdim
    ),
    public=False,
    method=False,
    node="Mean",
)
def mean_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """The mean over some dims, all if None."""
    axes = shapes.dims(dim, input.ndim)
    return xp.sum(input, axis=axes, keepdims=keepdim) / count(input.shape, dim)


def _extreme_rule(xp, g, input, out, dim, keepdim):
    """Ties share the gradient evenly."""
    spread = restore(xp, out, input.shape, dim, keepdim)
    hits = xp.astype(input == spread, g.dtype)
    total = xp.sum(hits, axis=shapes.dims(dim, input.ndim), keepdims=True)
    return restore(xp, g, input.shape, dim, keepdim) * hits / total


@op(input=_extreme_rule, refuses=("complex",))
def amax(xp, input, dim: tuple = (), keepdim=False):
    """The largest value over some dims, all if empty. Ties share the gradient."""
    axes = shapes.dims(dim, input.ndim) or None
    return xp.max(input, axis=axes, keepdims=keepdim)


@op(input=_extreme_rule, refuses=("complex",))
def amin(xp, input, dim: tuple = (), keepdim=False):
    """The smallest value over some dims, all if empty. Ties share the gradient."""
    axes = shapes.dims(dim, input.ndim) or None
    return xp.min(input, axis=axes, keepdims=keepdim)
