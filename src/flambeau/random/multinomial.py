"""Draws of categories with given weights."""

from __future__ import annotations

import numpy as np

from . import bounds
from .continuous import fill_exponential
from .generator import Generator

_MOST_CATEGORIES = 2**24
_INVALID = "invalid multinomial distribution"


def multinomial(generator: Generator, weights: np.ndarray, num_samples: int, replacement: bool = False) -> np.ndarray:
    """Indices of categories, drawn by the rows of `weights`: (categories,) or (rows, categories), floating.

    Returns int64 of the shape (num_samples,) or (rows, num_samples). Raises RuntimeError for weights that are
    negative, not finite or all zero, and where there are fewer categories than samples without replacement.

    >>> multinomial(Generator().manual_seed(123), np.ones(10), 7, True)
    array([3, 0, 5, 0, 4, 5, 6])
    """
    _check_arguments(weights, num_samples, replacement)
    samples = np.empty((*weights.shape[:-1], num_samples), np.int64)
    if not samples.size:
        return samples
    with generator.lock, np.errstate(all="ignore"):
        if replacement and num_samples > 1:
            _draw_with_replacement(generator, np.atleast_2d(weights), samples.reshape(-1, num_samples))
        else:
            samples[...] = _draw_by_race(generator, weights, num_samples)
    return samples


def _check_arguments(weights: np.ndarray, num_samples: int, replacement: bool) -> None:
    if weights.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    name = bounds.name_of(weights.dtype)
    if not name.startswith(("float", "bfloat")):
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {bounds.scalar_name(weights.dtype)}"
        )
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if weights.shape[-1] > _MOST_CATEGORIES:
        raise RuntimeError("number of categories cannot exceed 2^24")


def _draw_by_race(generator: Generator, weights: np.ndarray, num_samples: int) -> np.ndarray:
    """Exponential waiting times of the rates `weights` race: the first ones to arrive are the samples."""
    if not weights.size:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    bounds.check_implemented("aminmax_cpu", weights.dtype, bounds.FLOATS)
    if not ((weights >= 0) & (weights < np.inf)).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.astype(np.float64).sum(-1) == 0).any():
        raise RuntimeError(f"{_INVALID} (sum of probabilities <= 0)")
    # the draws follow the memory order of the weights; an expanded axis says nothing about it
    columns_first = weights.ndim == 2 and 0 < weights.strides[0] < weights.strides[1]
    speeds = fill_exponential(generator, np.empty(weights.shape, weights.dtype, "F" if columns_first else "C"))
    np.divide(weights, speeds, out=speeds)
    if num_samples == 1:
        return np.argmax(speeds, -1)[..., None]
    wide = speeds.astype(np.float64)
    return np.argsort(-wide, -1, kind="stable")[..., :num_samples]


def _draw_with_replacement(generator: Generator, weights: np.ndarray, samples: np.ndarray) -> None:
    bounds.check_implemented("multinomial", weights.dtype, bounds.FLOATS)
    if weights.dtype.itemsize == 2:
        weights = weights.astype(np.float32)
    for row in weights:
        _check_row(row)
    for row, chosen in zip(weights, samples, strict=True):
        cumulative = np.cumsum(row, dtype=row.dtype)
        cumulative /= cumulative[-1]
        # nan where the sum overflowed
        cumulative[-1] = 1
        chosen[:] = np.searchsorted(cumulative.astype(np.float64), generator.uniform53(chosen.size))


def _check_row(row: np.ndarray) -> None:
    valid = (row >= 0) & (row < np.inf)
    if not valid.all():
        # of several bad weights PyTorch names the first
        infinite = row[~valid][0] == np.inf
        problem = "entry = infinity or NaN" if infinite else "entry < 0"
        raise RuntimeError(f"{_INVALID} (encountering probability {problem})")
    if not row.sum() > 0:
        raise RuntimeError(f"{_INVALID} (sum of probabilities <= 0)")
