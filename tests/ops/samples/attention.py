"""Samples of attention."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample


def weights(q, k, mask, scale, causal):
    scores = q @ np.swapaxes(k, -1, -2) * scale + (0 if mask is None else mask)
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[-2:])) > 0, scores, -np.inf)
    top = scores.max(-1, keepdims=True)
    out = np.exp(scores - np.where(np.isneginf(top), 0, top))
    total = out.sum(-1, keepdims=True)
    return out / np.where(total == 0, 1, total)


def attention(q, k, v, mask, scale, causal):
    return weights(q, k, mask, scale, causal) @ v


Q, K, V = A((2, 1, 3, 2)), A((2, 1, 4, 2)), A((2, 1, 4, 3))
MASK = A((3, 4), values=[[0.0, -np.inf, 0.5, 1.0], [-np.inf] * 4, [0.0, 0.0, 0.0, 0.0]], grad=False)

SAMPLES = [
    Sample("attention_weights", (Q, K, None, 0.7, False), reference=weights),
    Sample("attention_weights", (Q, K, A((3, 4), grad=False), 0.7, True), reference=weights),
    Sample("attention", (Q, K, V, None, 0.7, False), reference=attention),
    Sample("attention", (Q, K, V, None, 0.7, True), reference=attention),
    Sample("attention", (Q, K, V, A((3, 4), grad=False), 0.7, False), reference=attention),
    Sample("attention", (Q, K, V, MASK, 0.7, False), reference=attention, grad=False),
]

ERRORS = [
    Mistake(
        lambda torch: torch.nn.functional.scaled_dot_product_attention(
            torch.ones(2), torch.ones(2, 2), torch.ones(2, 2)
        ),
        RuntimeError,
        "^Expected query, key, and value to all be  at least 2 dimensional",
    ),
    Mistake(
        lambda torch: torch.nn.functional.scaled_dot_product_attention(
            torch.ones(1, 2), torch.ones(1, 2), torch.ones(1, 2), torch.ones(1, 1), is_causal=True
        ),
        RuntimeError,
        "Explicit attn_mask should not be set when is_causal=True",
    ),
]
