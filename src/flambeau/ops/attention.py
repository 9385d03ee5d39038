"""Scaled dot-product attention as one operation: the weights are worked out again in the backward pass, not kept."""

from __future__ import annotations

from .table import Array, op


def causal_mask(xp, scores):
    """Where a query may look: at keys that do not stand behind it."""
    queries, keys = scores.shape[-2:]
    return xp.reshape(xp.arange(queries), (queries, 1)) >= xp.reshape(xp.arange(keys), (1, keys))


@op(composite=True, public=False, method=False)
def attention_weights(xp, query, key, mask: Array | None, scale: float, causal: bool):
    """Softmax of `query @ key.mT * scale + mask`, of a causal mask too where asked for."""
    scores = xp.matmul(query, xp.matrix_transpose(key)) * scale
    if mask is not None:
        scores = scores + mask
    if causal:
        scores = xp.where(causal_mask(xp, scores), scores, -float("inf"))
    return xp.safe_softmax(scores, scores.ndim - 1)


def _attention_rule(xp, g, query, key, value, mask, scale, causal, needs):
    weights = xp.attention_weights(query, key, mask, scale, causal)
    gq = gk = gv = None
    if needs[2]:
        gv = xp.matmul(xp.matrix_transpose(weights), g)
    if needs[0] or needs[1]:
        g_weights = xp.matmul(g, xp.matrix_transpose(value))
        g_scores = xp.softmax_grad(g_weights, weights, weights.ndim - 1) * scale
        gq = xp.matmul(g_scores, key) if needs[0] else None
        gk = xp.matmul(xp.matrix_transpose(g_scores), query) if needs[1] else None
    return gq, gk, gv, None


@op(
    joint=_attention_rule,
    public=False,
    method=False,
    node="ScaledDotProductFlashAttentionForCpu",
    refuses=("bool", "integer", "complex"),
)
def attention(xp, query, key, value, mask: Array | None, scale: float, causal: bool):
    """For each query (..., L, E), the mean of the values (..., S, V), weighted by its likeness to their keys."""
    return xp.matmul(xp.attention_weights(query, key, mask, scale, causal), value)
