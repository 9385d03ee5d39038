"""Draws from the Bernoulli and the geometric distribution, and dropout's mask."""

from __future__ import annotations

import math

import numpy as np

from . import bounds
from .continuous import Shape
from .elementary import elementary
from .fill import fill, fill_quietly, memory_axes
from .generator import Generator


def fill_bernoulli(generator: Generator, array: np.ndarray, p: float = 0.5) -> np.ndarray:
    """Fill `array` with ones of probability `p` and zeros.

    Raises RuntimeError unless 0 <= p <= 1, NotImplementedError for complex or wide unsigned dtypes.

    >>> fill_bernoulli(Generator().manual_seed(0), np.empty(4, np.int64), 0.5)
    array([0, 0, 1, 0])
    """
    bounds.check_probability(p)
    if not array.size:
        return array
    bounds.check_implemented("bernoulli_scalar_cpu_", array.dtype, bounds.NUMBERS_AND_BOOL)
    # a multiple of 2**-53 is below p if it is below the first multiple that is not
    limit = math.ceil(math.ldexp(p, 53))
    high, low = np.uint32(limit >> 32), np.uint32(limit & 0xFFFFFFFF)

    def draw(count: int) -> np.ndarray:
        words = generator.words(2 * count)
        upper = words[0::2] & np.uint32(0x1FFFFF)
        ones = upper < high
        if low:
            ties = np.flatnonzero(upper == high)
            if ties.size:
                ones[ties] = words[1::2][ties] < low
        return ones

    with generator.lock:
        return fill(array, draw)


def fill_bernoulli_each(generator: Generator, array: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Fill `array` with ones and zeros; `p`, which broadcasts to the shape of `array`, has the ones' probabilities.

    Raises RuntimeError unless all of `p` lies in [0, 1], NotImplementedError for dtypes of `array` that are neither
    numbers nor bool, and for a `p` that is not floating point.

    >>> fill_bernoulli_each(Generator(), np.empty((2, 3), np.int64), np.array([0.0, 1.0, 0.0]))
    array([[0, 1, 0],
           [0, 1, 0]])
    """
    if not array.size:
        return array
    bounds.check_implemented("bernoulli_tensor_cpu_self_", array.dtype, bounds.NUMBERS_AND_BOOL)
    bounds.check_implemented("bernoulli_tensor_cpu_p_", p.dtype, bounds.FLOATS)
    bounds.check_probabilities(p)
    limits = np.broadcast_to(p, array.shape).transpose(memory_axes(array)).reshape(-1)
    double = p.dtype == np.float64
    if not double:
        limits = limits.astype(np.float32, copy=False)
    done = 0

    def draw(count: int) -> np.ndarray:
        nonlocal done
        uniform = generator.uniform53(count) if double else generator.uniform24(count)
        done += count
        return uniform < limits[done - count : done]

    with generator.lock:
        return fill(array, draw)


def bernoulli(generator: Generator, p: np.ndarray, dtype: np.typing.DTypeLike | None = None) -> np.ndarray:
    """A new array of ones, with the probabilities of `p`, and zeros; in the dtype of `p` unless `dtype` is given.

    >>> bernoulli(Generator().manual_seed(0), np.array([0.0, 0.5, 1.0]))
    array([0., 0., 1.])
    """
    return fill_bernoulli_each(generator, np.empty(p.shape, p.dtype if dtype is None else dtype), p)


def dropout_mask(generator: Generator, shape: Shape, p: float) -> np.ndarray:
    """Which elements survive dropout with probability `p`: a bool array, true with probability 1 - p.

    PyTorch draws nothing for p = 0, for p = 1, or for an empty input: then do not call this.

    >>> dropout_mask(Generator().manual_seed(0), 4, 0.5)
    array([False, False,  True, False])
    """
    return fill_bernoulli(generator, np.empty(shape, np.bool_), 1.0 - p)


def fill_geometric(generator: Generator, array: np.ndarray, p: float) -> np.ndarray:
    """Fill `array` (integers or floating) with the number of trials up to the first success of probability `p`.

    Raises RuntimeError unless 0 < p < 1, NotImplementedError for other dtypes.

    >>> fill_geometric(Generator().manual_seed(0), np.empty(4, np.int64), 0.5)
    array([1, 1, 2, 1])
    """
    bounds.check_geometric(p)
    if not array.size:
        return array
    bounds.check_implemented("geometric_cpu", array.dtype, bounds.NUMBERS)
    scale = math.log1p(-p)

    def draw(count: int) -> np.ndarray:
        values = elementary("log", generator.uniform53(count), array.dtype)
        values /= scale
        return np.ceil(values, out=values)

    with generator.lock:
        return fill_quietly(array, draw)
