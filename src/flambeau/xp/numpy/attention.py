"""The kernel of attention: scores become weights in the array that the product made."""

from __future__ import annotations

import numpy as np

from . import native
from .matrix import matmul

ndarray = np.ndarray


def attention_weights(query: ndarray, key: ndarray, mask: ndarray | None, scale: float, causal: bool) -> ndarray:
    """Softmax of `query @ key.mT * scale + mask` over the keys; 0 for a query that may look at none."""
    scores = matmul(query, key.mT)
    if mask is None and native.fits_single(scores):
        queries, keys = scores.shape[-2:]
        rows = scores.size // keys
        given = queries, keys, scale, int(causal), scores
        native.launch("attention_softmax", scores.dtype, rows, 20.0 * scores.size, *given)
        return scores
    scores *= scores.dtype.type(scale)
    if mask is not None:
        shape = np.broadcast_shapes(scores.shape, mask.shape)
        scores = np.add(scores, mask, out=scores if shape == scores.shape else None)
    if causal:
        queries, keys = scores.shape[-2:]
        hidden = np.zeros((queries, keys), scores.dtype)
        hidden[np.arange(queries)[:, None] < np.arange(keys)] = -np.inf
        scores += hidden
    if not scores.size:
        return scores
    top = scores.max(-1, keepdims=True)
    if mask is not None:
        top[np.isneginf(top)] = 0
    np.subtract(scores, top, scores)
    np.exp(scores, scores)
    total = scores.sum(-1, keepdims=True)
    if mask is not None:
        total[total == 0] = 1
    np.divide(scores, total, scores)
    return scores
