"""How special functions are evaluated: blocks that fit the cache, in float64, piece by piece, from Chebyshev series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

ndarray = np.ndarray

# some fifteen arrays of this many float64 numbers fit a second-level cache
BLOCK = 8192


def blockwise(kernel: Callable) -> Callable:
    """A function of arrays, of a kernel of flat float64 blocks. The result has the dtype of the arguments."""

    def call(*arrays: Any) -> ndarray:
        arrays = np.broadcast_arrays(*arrays) if len(arrays) > 1 else (np.asarray(arrays[0]),)
        flat = [a.reshape(-1) for a in arrays]
        result = np.empty(flat[0].shape, np.result_type(*flat))
        for i in range(0, result.size, BLOCK):
            result[i : i + BLOCK] = kernel(*[a[i : i + BLOCK].astype(np.float64) for a in flat])
        return result.reshape(arrays[0].shape)

    call.__name__ = call.__qualname__ = kernel.__name__
    call.__doc__ = kernel.__doc__
    return call


def pieces(x: ndarray, *cases: tuple[ndarray, Callable]) -> ndarray:
    """A function defined by cases: each is computed where it holds; nan where none does."""
    result = np.full(x.shape, np.nan)
    for where, function in cases:
        if where.all():
            return function(x)
        if where.any():
            result[where] = function(x[where])
    return result


def chebyshev(t: ndarray, coefficients: Sequence[float]) -> ndarray:
    """A Chebyshev series at points from -1 to 1, by Clenshaw's recurrence."""
    twice = t + t
    last = np.zeros_like(t)
    current = np.full_like(t, coefficients[-1])
    scratch = np.empty_like(t)
    for c in coefficients[-2:0:-1]:
        np.multiply(twice, current, out=scratch)
        scratch -= last
        scratch += c
        last, current, scratch = current, scratch, last
    np.multiply(t, current, out=scratch)
    scratch -= last
    scratch += coefficients[0]
    return scratch


def polynomial(x: ndarray, coefficients: Sequence[float]) -> ndarray:
    """A polynomial, its coefficients from the highest power to the constant, by Horner's rule."""
    result = x * coefficients[0]
    result += coefficients[1]
    for c in coefficients[2:]:
        result *= x
        result += c
    return result
