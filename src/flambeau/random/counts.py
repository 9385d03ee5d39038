"""Draws from the Poisson and the binomial distribution, one element after the other because trials are rejected."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import bounds
from .fill import store
from .generator import Generator

Draw = Callable[[], float]

# from this mean on, trials from a fitted curve are rejected; below, uniform numbers are counted
_LARGE_MEAN = 10


def poisson(generator: Generator, rate: np.ndarray) -> np.ndarray:
    """Poisson numbers of the means `rate`, in its shape and dtype (floating).

    Raises RuntimeError for a rate that is negative or nan, NotImplementedError for other dtypes.

    >>> poisson(Generator().manual_seed(0), np.array([1.0, 5.0, 50.0]))
    array([ 2.,  6., 49.])
    """
    bounds.check_implemented("poisson_cpu", rate.dtype, bounds.FLOATS)
    counts = np.empty(rate.shape, rate.dtype)
    if not (rate >= 0).all():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    with generator.lock:
        draw = generator.uniform_stream().__next__
        values = [_poisson(mean, draw) for mean in rate.astype(np.float64).ravel().tolist()]
    with np.errstate(over="ignore"):
        store(counts, np.array(values, np.int64).reshape(rate.shape))
    return counts


def _poisson(mean: float, draw: Draw) -> int:
    if mean >= _LARGE_MEAN:
        return _poisson_by_rejection(mean, draw)
    if mean == 0:
        return 0
    limit = math.exp(-mean)
    product = draw()
    count = 0
    while product > limit:
        product *= draw()
        count += 1
    return count


def _poisson_by_rejection(mean: float, draw: Draw) -> int:
    """The transformed rejection method PTRS of Hörmann (1993), as NumPy's legacy generator has it."""
    root, log_mean = math.sqrt(mean), math.log(mean)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    accept_below = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = draw() - 0.5
        v = draw()
        us = 0.5 - abs(u)
        if not us:
            # u is exactly -1/2, and the curve infinite
            continue
        count = math.floor((2 * a / us + b) * u + mean + 0.43)
        if not -(2**63) <= count < 2**63:
            count = -(2**63)
        if us >= 0.07 and v <= accept_below:
            return count
        if count < 0 or (us < 0.013 and v > us) or not v:
            continue
        if math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b) <= (
            -mean + count * log_mean - math.lgamma(count + 1.0)
        ):
            return count


def binomial(generator: Generator, count: np.ndarray, prob: np.ndarray) -> np.ndarray:
    """Numbers of successes in `count` trials of probability `prob`; the shapes broadcast, the dtypes are equal.

    Raises ValueError, RuntimeError or NotImplementedError for dtypes other than float32 and float64.

    >>> binomial(Generator().manual_seed(0), np.array([10.0, 100.0]), np.array([0.5, 0.25]))
    array([ 7., 26.])
    """
    for name, array in (("count", count), ("prob", prob)):
        if not bounds.name_of(array.dtype).startswith(("float", "bfloat")):
            raise ValueError(
                f"binomial only supports floating-point dtypes for {name}, got: {bounds.scalar_name(array.dtype)}"
            )
    if count.dtype != prob.dtype:
        names = bounds.scalar_name(prob.dtype), bounds.scalar_name(count.dtype)
        raise RuntimeError("Found dtype {} but expected {}".format(*names))
    dtype = count.dtype
    count, prob = np.broadcast_arrays(count, prob)
    bounds.check_implemented("binomial_cpu", dtype, frozenset({"float32", "float64"}))
    # failures are counted where they are the rarer ones
    frequent = prob > 0.5
    rare = np.where(frequent, (1.0 - prob.astype(np.float64)).astype(dtype), prob)
    with generator.lock, np.errstate(all="ignore"):
        draw = generator.uniform_stream().__next__
        values = [_binomial(*element, draw) for element in zip(count.ravel(), prob.ravel(), rare.ravel(), strict=True)]
    result = np.array(values, dtype).reshape(count.shape)
    inside = (prob > 0.5) & (prob < 1) & (count > 0)
    return np.where(inside, count - result, result)


def _binomial(count: np.floating, prob: np.floating, rare: np.floating, draw: Draw) -> np.floating | float:
    """Successes, or failures where `prob` is above 1/2. Steps in the arguments' own precision are PyTorch's."""
    if count <= 0 or prob <= 0:
        return 0.0
    if prob >= 1:
        return count
    if prob != prob:
        return prob
    if count * rare >= _LARGE_MEAN:
        return _binomial_by_rejection(count, rare, draw)
    return _binomial_by_waiting(float(count), rare, draw)


def _binomial_by_waiting(count: float, prob: np.floating, draw: Draw) -> float:
    """How many geometric waiting times fit into `count` trials."""
    # rounded to the precision of the argument
    scale = float(prob.dtype.type(math.log1p(-float(prob))))
    trials = 0.0
    successes = 0
    while True:
        u = draw()
        trials += math.ceil(math.log(u) / scale) if u else math.inf
        # a count that is nan never ends in PyTorch
        if not trials <= count:
            return float(successes)
        successes += 1


def _binomial_by_rejection(count: np.floating, prob: np.floating, draw: Draw) -> np.floating:
    """The transformed rejection method BTRS of Hörmann (1993)."""
    one = count.dtype.type(1)
    deviation = float(np.sqrt(count * prob * (one - prob)))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * float(prob)
    center = float(count * prob) + 0.5
    accept_below = 0.92 - 4.2 / b
    ratio = float(prob / (one - prob))
    alpha = (2.83 + 5.1 / b) * deviation
    mode = float(np.floor((count + one) * prob))
    total = float(count)
    while True:
        u = draw() - 0.5
        v = draw()
        us = 0.5 - abs(u)
        if not us:
            continue
        successes = count.dtype.type(math.floor((2 * a / us + b) * u + center))
        k = float(successes)
        if k < 0 or k > total:
            continue
        if us >= 0.07 and v <= accept_below:
            return successes
        if not v:
            return successes
        missing = float(count - successes + one)
        bound = (
            (mode + 0.5) * math.log((mode + 1) / (ratio * (total - mode + 1)))
            + float(count + one) * math.log((total - mode + 1) / missing)
            + (k + 0.5) * math.log(ratio * missing / float(successes + one))
            + _stirling_tail(mode)
            + _stirling_tail(total - mode)
            - _stirling_tail(k)
            - _stirling_tail(float(count - successes))
        )
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return successes


def _stirling_tail(k: float) -> float:
    """log(k!) less Stirling's approximation of it; a series from 10 on."""
    if k < len(_STIRLING_TAILS):
        return _STIRLING_TAILS[int(k)]
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)


_STIRLING_TAILS = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
    0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
)  # fmt: skip
