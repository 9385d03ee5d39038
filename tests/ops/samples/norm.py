"""Samples of the normalisations. Their gradients count with mean and variance, so the public functions test those."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

EPS = 1e-5


def channels(v, ndim):
    return v.reshape(1, -1, *[1] * (ndim - 2))


def affine(x, mean, var, weight, bias):
    out = (x - mean) / np.sqrt(var + EPS)
    return out * (1 if weight is None else weight) + (0 if bias is None else bias)


def of_channels(x, mean, var, weight, bias, *_):
    given = [None if v is None else channels(v, x.ndim) for v in (weight, bias)]
    if mean.ndim == 1:
        mean, var = channels(mean, x.ndim), channels(var, x.ndim)
    return affine(x, mean, var, *given)


def of_groups(x, mean, var, weight, bias, groups, eps):
    grouped = x.reshape(len(x), groups, -1)
    out = affine(grouped, mean, var, None, None).reshape(x.shape)
    return out * channels(weight, x.ndim) + channels(bias, x.ndim)


W, B = A((4,)), A((4,))
SAMPLES = [
    Sample("moments", (A((3, 4)), (1,)), grad=False),
    Sample("moments", (A((3, 4, 2)), (0, 2)), grad=False),
    # called as rows, these two work out mean and variance anew, so that they can be differentiated
    Sample(
        "standardized",
        (A((3, 4)), A((3, 1), grad=False), A((3, 1), 0.5, 1.0, grad=False), (1,), EPS),
        reference=lambda x, mean, var, axes, eps: (
            (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)
        ),
    ),
    Sample(
        "inverse_deviation",
        (A((3, 4)), A((3, 1), 0.5, 1.0, grad=False), (1,), EPS),
        reference=lambda x, var, axes, eps: 1 / np.sqrt(x.var(1, keepdims=True) + eps),
    ),
    Sample(
        "standardized_grad",
        (A((3, 4)), A((3, 4)), A((3, 1)), (1,)),
        reference=lambda g, h, r, axes: r * (g - g.mean(1, keepdims=True) - h * (g * h).mean(1, keepdims=True)),
    ),
    Sample(
        "layer_norm_with",
        (A((3, 4)), A((3, 1)), A((3, 1), 0.5, 1.0), W, B, 1, EPS),
        reference=lambda *a: affine(*a[:5]),
        grad=False,
    ),
    Sample(
        "layer_norm_with",
        (A((3, 4)), A((3, 1)), A((3, 1), 0.5, 1.0), None, None, 1, EPS),
        reference=lambda *a: affine(*a[:5]),
        grad=False,
    ),
    Sample(
        "batch_norm_with", (A((3, 4)), A((1, 4)), A((1, 4), 0.5, 1.0), W, B, EPS), reference=of_channels, grad=False
    ),
    Sample(
        "batch_norm_with",
        (A((3, 4, 2)), A((1, 4, 1)), A((1, 4, 1), 0.5, 1.0), None, None, EPS),
        reference=of_channels,
        grad=False,
    ),
    Sample(
        "batch_norm_fixed",
        (A((3, 4, 2)), A((4,), grad=False), A((4,), 0.5, 1.0, grad=False), W, B, EPS),
        reference=of_channels,
    ),
    Sample(
        "group_norm_with",
        (A((2, 4, 3)), A((2, 2, 1)), A((2, 2, 1), 0.5, 1.0), W, B, 2, EPS),
        reference=of_groups,
        grad=False,
    ),
]

ERRORS = [
    Mistake(
        lambda torch: torch.layer_norm(torch.ones(2, 3), [2]),
        RuntimeError,
        r"(?s)^Given normalized_shape=\[2\], expected input with shape \[\*, 2\], but got input of size\[2, 3\]",
    ),
    Mistake(
        lambda torch: torch.nn.functional.batch_norm(torch.ones(1, 3), None, None, training=True),
        ValueError,
        r"(?s)^Expected more than 1 value per channel when training, got input size torch.Size\(\[1, 3\]\).*drop_last",
    ),
    Mistake(
        lambda torch: torch.nn.functional.batch_norm(torch.ones(2, 3), torch.ones(2), torch.ones(2)),
        RuntimeError,
        "^running_mean should contain 3 elements not 2",
    ),
    Mistake(
        lambda torch: torch.group_norm(torch.ones(2, 3), 2),
        RuntimeError,
        "^Expected number of channels in input to be divisible by num_groups",
    ),
]
