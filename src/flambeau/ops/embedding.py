"""Rows of tables picked by number, one by one or in bags."""

from __future__ import annotations

from . import shapes
from .table import Index, op


@op(
    weight=lambda xp, g, weight_shape, indices, padding_idx, scale_grad_by_freq: xp.embedding_grad(
        g, indices, weight_shape[0], padding_idx, scale_grad_by_freq
    ),
    moves=True,
    public=False,
    method=False,
    node="Embedding",
)
def embedding_rows(xp, weight, indices: Index, padding_idx: int = -1, scale_grad_by_freq: bool = False):
    """The rows of `weight`, (rows, width), at numbers of any shape. Row `padding_idx` gets no gradient."""
    return xp.take(weight, indices, axis=0)


@op(composite=True, public=False, method=False)
def embedding_grad(xp, g, indices, count: int, padding_idx: int, scale_grad_by_freq: bool):
    """The gradients of picked rows, added up for each row of the table."""
    numbers = xp.reshape(indices, (shapes.numel(indices.shape),))
    rows = xp.reshape(g, (shapes.numel(indices.shape), g.shape[-1]))
    hot = xp.reshape(xp.arange(count), (count, 1)) == xp.expand_dims(numbers, axis=0)
    hot = xp.astype(hot & xp.expand_dims(numbers != padding_idx, axis=0), g.dtype)
    if scale_grad_by_freq:
        hot = hot / xp.maximum(xp.sum(hot, axis=1, keepdims=True), 1)
    return xp.matmul(hot, rows)


# ---- bags ------------------------------------------------------------------------------------------------------------


@op(
    weight=lambda xp, g, weight_shape, scales, indices, bags, scale_grad_by_freq: xp.embedding_grad(
        xp.take(g, bags, axis=0) * xp.expand_dims(scales, axis=1), indices, weight_shape[0], -1, scale_grad_by_freq
    ),
    scales=lambda xp, g, weight, indices, bags: xp.sum(
        xp.take(g, bags, axis=0) * xp.take(weight, indices, axis=0), axis=1
    ),
    public=False,
    method=False,
    node="EmbeddingBag",
    refuses=("bool", "integer", "complex"),
)
def embedding_bag_sum(xp, weight, scales, indices: Index, bags: Index, count: int, scale_grad_by_freq: bool = False):
    """For each of `count` bags, the sum of `scales[i] * weight[indices[i]]` over the `i` whose `bags[i]` it is."""
    return xp.bag_sum(xp.take(weight, indices, axis=0) * xp.expand_dims(scales, axis=1), bags, count)


@op(
    weight=lambda xp, g, weight_shape, chosen, filled: xp.column_scatter(
        xp.where(xp.expand_dims(filled, axis=1), g, xp.zeros_like(g)), chosen, weight_shape[0]
    ),
    public=False,
    method=False,
    node="EmbeddingBag",
    refuses=("bool", "integer", "complex"),
)
def embedding_bag_max(xp, weight, chosen: Index, filled: Index):
    """The element of row `chosen[b, d]` in column d, for bags that are `filled`; 0 for the others."""
    picked = xp.take_along_axis(weight, chosen, axis=0)
    return xp.where(xp.expand_dims(filled, axis=1), picked, xp.zeros_like(picked))


@op(composite=True, public=False, method=False)
def column_scatter(xp, g, chosen, count: int):
    """An array of `count` rows in which `g[b, d]` is added to row `chosen[b, d]` of column d."""
    hot = xp.reshape(xp.arange(count), (1, count, 1)) == xp.expand_dims(chosen, axis=1)
    return xp.sum(xp.astype(hot, g.dtype) * xp.expand_dims(g, axis=1), axis=0)
