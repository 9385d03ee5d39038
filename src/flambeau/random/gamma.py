"""Draws from the gamma and the Dirichlet distribution, one element after the other because trials are rejected."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import bounds
from .continuous import normal_pair
from .generator import Generator

Draw = Callable[[], float]

_PRECISE = frozenset({"float32", "float64"})
# PyTorch's constants have single precision
_THIRD = float(np.float32(1 / 3))
_SQUEEZE = float(np.float32(0.0331))


def standard_gamma(generator: Generator, concentration: np.ndarray) -> np.ndarray:
    """Gamma numbers of rate 1, in the shape and dtype of `concentration` (float32 or float64); at least its `tiny`.

    Raises NotImplementedError for other dtypes.

    >>> standard_gamma(Generator().manual_seed(0), np.array([1.0, 2.0])).round(4)
    array([2.8824, 1.3158])
    """
    dtype = concentration.dtype
    bounds.check_implemented("gamma_cpu", dtype, _PRECISE)
    values = _gamma(generator, concentration).astype(dtype)
    tiny = np.finfo(dtype).tiny
    return np.where(values > tiny, values, tiny)


def dirichlet(generator: Generator, concentration: np.ndarray) -> np.ndarray:
    """Points of the simplex along the last axis, in the shape and dtype of `concentration` (float32 or float64).

    Raises NotImplementedError for other dtypes.

    >>> dirichlet(Generator().manual_seed(0), np.array([1.0, 2.0])).round(4)
    array([0.6866, 0.3134])
    """
    dtype = concentration.dtype
    bounds.check_implemented("dirichlet", dtype, _PRECISE)
    values = standard_gamma(generator, concentration.astype(np.float64))
    values /= values.sum(-1, keepdims=True) if values.ndim else values.copy()
    below_one = np.nextafter(dtype.type(1), dtype.type(0))
    return np.clip(values.astype(dtype), np.finfo(dtype).tiny, below_one)


def _gamma(generator: Generator, concentration: np.ndarray) -> np.ndarray:
    """Gamma numbers in float64."""
    dtype = concentration.dtype
    small = concentration < 1
    with np.errstate(divide="ignore"):
        exponents = np.where(small, 1 / concentration, 0).astype(np.float64)
    # in the precision of the concentration, as PyTorch has it
    offsets = ((concentration + small.astype(dtype)) - dtype.type(_THIRD)).astype(np.float64)
    with generator.lock:
        draw = generator.uniform_stream().__next__
        values = [
            _raised(generator, exponent, offset, draw) if exponent else _accepted(generator, offset, draw)
            for exponent, offset in zip(exponents.ravel().tolist(), offsets.ravel().tolist(), strict=True)
        ]
    return np.array(values, np.float64).reshape(concentration.shape)


def _raised(generator: Generator, exponent: float, offset: float, draw: Draw) -> float:
    """For a concentration below one: a number of the concentration raised by one, scaled by a random power."""
    if math.isinf(exponent):
        return 0.0
    try:
        scale = math.pow(1 - draw(), exponent)
    except OverflowError:
        scale = math.inf
    return _accepted(generator, offset, draw, scale)


def _accepted(generator: Generator, offset: float, draw: Draw, scale: float = 1.0) -> float:
    """Marsaglia and Tsang's method (2000), for the concentration offset + 1/3 >= 1. A negative one gives nan."""
    slope = 1.0 / math.sqrt(9.0 * offset) if offset > 0 else math.nan
    while True:
        normal = _next_normal(generator, draw)
        root = 1.0 + slope * normal
        if root <= 0:
            continue
        cube = root * root * root
        u = 1 - draw()
        square = normal * normal
        if u < 1.0 - _SQUEEZE * square * square:
            return scale * offset * cube
        if cube and math.log(u) < 0.5 * square + offset * (1.0 - cube + math.log(cube)):
            return scale * offset * cube


def _next_normal(generator: Generator, draw: Draw) -> float:
    """The normal number that waits in the generator, or the first of a new pair."""
    waiting = generator.cached_normal
    if waiting is not None:
        generator.cached_normal = None
        return waiting
    normal, generator.cached_normal = normal_pair(draw(), draw())
    return normal
