"""Draws from continuous distributions: uniform, normal, log-normal, Cauchy and exponential.

Each has a function that fills an array in place, whatever its strides, and one that makes a new array. They follow
PyTorch's stream, in which the order of elements is that of memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import bounds
from .bounds import name_of
from .box_muller import normal_pairs
from .elementary import elementary
from .fill import PIECE, fill, fill_quietly, real_parts, store
from .generator import Generator

Shape = int | tuple[int, ...]
Draw = Callable[[int], np.ndarray]

# from this many elements on, contiguous arrays get their normals in blocks of this size
BLOCK = 16

# up to this many normals a loop in Python is faster than NumPy
_FEW = 16


def fused_multiply_add(x: np.ndarray, factor: float, addend: float) -> np.ndarray:
    """x * factor + addend for float64 `x`, rounded once, as processors with such an instruction do.

    The errors of the product and of the sums are computed exactly (Dekker 1971, Boldo and Melquiond 2008). Only a
    tie that their last sum loses, once in some 2**50 numbers, can differ.
    """
    product = x * factor
    # exact products need no care; enormous factors, which the splitting below cannot hold, get none
    if addend == 0.0 or abs(math.frexp(factor)[0]) == 0.5 or not (abs(factor) < 2.0**900 and math.isfinite(addend)):
        product += addend
        return product
    splitter = 2.0**27 + 1
    x_high = x * splitter
    x_high = x_high - (x_high - x)
    x_low = x - x_high
    factor_high = factor * splitter
    factor_high = factor_high - (factor_high - factor)
    factor_low = factor - factor_high
    error = ((x_high * factor_high - product) + x_high * factor_low + x_low * factor_high) + x_low * factor_low
    small, small_error = _two_sum(error, addend)
    total, total_error = _two_sum(product, small)
    return total + (small_error + total_error)


def _two_sum(a: np.ndarray, b: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """a + b rounded, and the error of that."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


# --- uniform ---


def fill_uniform(generator: Generator, array: np.ndarray, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Fill `array` (floating or complex) with uniform numbers from [low, high).

    Raises RuntimeError for bounds that the dtype cannot hold, NotImplementedError for other dtypes.

    >>> fill_uniform(Generator().manual_seed(0), np.empty(2), -1.0, 1.0)
    array([0.940106  , 0.41563973])
    """
    name = name_of(array.dtype)
    if name.startswith("complex"):
        if array.size:
            fill_uniform(generator, real_parts(array), low, high)
        return array
    bounds.check_uniform(array.dtype, low, high)
    unit = low == 0.0 and high == 1.0
    with generator.lock:
        if name == "float64":
            draw = generator.uniform53 if unit else _uniform_double(generator, low, high)
        elif name == "float32" and unit:
            draw = generator.uniform24
        else:
            draw = _uniform_single(generator, array.dtype, low, high)
        return fill(array, draw)


def _uniform_single(generator: Generator, dtype: np.dtype, low: float, high: float) -> Draw:
    start, end = np.float32(low), np.float32(high)
    # doubles hold the product exactly, so that the result is rounded once
    offset, span = float(start), float(end - start)
    if dtype != np.float32:
        start, end = np.array([start, end]).astype(dtype)

    def draw(count: int) -> np.ndarray:
        wide = generator.uniform24(count).astype(np.float64)
        wide *= span
        wide += offset
        return _half_open(wide.astype(np.float32).astype(dtype, copy=False), start, end)

    return draw


def _uniform_double(generator: Generator, low: float, high: float) -> Draw:
    return lambda count: _half_open(fused_multiply_add(generator.uniform53(count), high - low, low), low, high)


def _half_open(values: np.ndarray, start: float | np.generic, end: float | np.generic) -> np.ndarray:
    """Replace numbers that were rounded up to the excluded `end`."""
    at_end = values == end
    if at_end.any():
        values[at_end] = start
    return values


def uniform(
    generator: Generator, shape: Shape, low: float = 0.0, high: float = 1.0, dtype: np.typing.DTypeLike = np.float32
) -> np.ndarray:
    """A new array of uniform numbers from [low, high). Raises as `fill_uniform` does.

    >>> uniform(Generator().manual_seed(0), 3)
    array([0.4962566 , 0.7682218 , 0.08847743], dtype=float32)
    """
    return fill_uniform(generator, np.empty(shape, dtype), low, high)


# --- normal ---


def standard_normals(generator: Generator, count: int, result: np.dtype) -> np.ndarray:
    """`count` standard normals (float64), drawn one after the other; the second of a pair may wait in the generator.

    `result` is the dtype that they are for.
    """
    values = np.empty(count)
    waiting = generator.cached_normal
    filled = 0
    if waiting is not None and count:
        values[0] = waiting
        generator.cached_normal = None
        filled = 1
    missing = count - filled
    pairs = (missing + 1) // 2
    if missing <= _FEW:
        uniforms = iter(generator.uniform_list(2 * pairs))
        normals = [normal for u in uniforms for normal in normal_pair(u, next(uniforms))]
        values[filled:] = normals[:missing]
        if missing % 2:
            generator.cached_normal = normals[-1]
        return values
    uniform = generator.uniform53(2 * pairs)
    radius = np.sqrt(-2.0 * elementary("log1p", -uniform[1::2], result))
    angle = (2.0 * math.pi) * uniform[0::2]
    halves = np.empty((pairs, 2))
    np.multiply(radius, elementary("cos", angle, result), out=halves[:, 0])
    np.multiply(radius, elementary("sin", angle, result), out=halves[:, 1])
    values[filled:] = halves.reshape(-1)[:missing]
    if missing % 2:
        generator.cached_normal = normal_pair(*uniform[-2:].tolist())[1]
    return values


def normal_pair(u: float, v: float) -> tuple[float, float]:
    """Two standard normals from two uniform numbers."""
    radius = math.sqrt(-2.0 * math.log1p(-v))
    angle = 2.0 * math.pi * u
    return radius * math.cos(angle), radius * math.sin(angle)


def fill_normal(generator: Generator, array: np.ndarray, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Fill `array` (floating or complex) with normal numbers; complex ones have the variance std**2 in all.

    From 16 elements on, C-contiguous arrays take another stream than others do. Raises RuntimeError for negative
    `std`, NotImplementedError for other dtypes.

    >>> fill_normal(Generator().manual_seed(0), np.empty(2)).round(4)
    array([ 1.541 , -0.2934])
    """
    bounds.check_normal_std(std)
    if not array.size:
        return array
    if name_of(array.dtype).startswith("complex"):
        fill_normal(generator, real_parts(array), mean, std / math.sqrt(2.0))
        return array
    bounds.check_implemented("normal_kernel_cpu", array.dtype, bounds.FLOATS)
    with generator.lock:
        if array.size >= BLOCK and array.flags.c_contiguous:
            with np.errstate(all="ignore"):
                _fill_normal_blocks(generator, array.reshape(-1), mean, std)
            return array
        return fill_quietly(
            array, lambda count: fused_multiply_add(standard_normals(generator, count, array.dtype), std, mean)
        )


def _fill_normal_blocks(generator: Generator, flat: np.ndarray, mean: float, std: float) -> None:
    """Fill from blocks of 16 uniform numbers; where the size is no multiple, a block of its own fills the last 16."""
    size = flat.size
    whole = size - size % BLOCK
    wide = flat.dtype == np.float64
    draw = generator.uniform53 if wide else generator.uniform24
    for start in range(0, whole, PIECE):
        stop = min(start + PIECE, whole)
        uniform = draw(stop - start)
        if stop < whole or whole == size:
            store(flat[start:stop], _normal_blocks(uniform, mean, std, generator.normal_profile))
            continue
        # uniform numbers for the rest are drawn and dropped, unless the dtype has 16 bits
        dropped = size - whole if flat.dtype.itemsize > 2 else 0
        last = draw(dropped + BLOCK)[dropped:]
        normals = _normal_blocks(np.concatenate([uniform, last]), mean, std, generator.normal_profile)
        store(flat[start:stop], normals[:-BLOCK])
        store(flat[size - BLOCK :], normals[-BLOCK:])


def _normal_blocks(uniform: np.ndarray, mean: float, std: float, profile: str) -> np.ndarray:
    """Normals from blocks of 16 uniform numbers, whose halves make pairs. Writes over `uniform`."""
    halves = uniform.reshape(-1, 2, BLOCK // 2)
    cosine, sine = normal_pairs(halves[:, 0].reshape(-1), halves[:, 1].reshape(-1), profile)
    halves[:, 0] = cosine.reshape(-1, BLOCK // 2)
    halves[:, 1] = sine.reshape(-1, BLOCK // 2)
    if uniform.dtype == np.float64:
        return fused_multiply_add(uniform, std, mean)
    if mean == 0.0 and std == 1.0:
        # the sum makes a negative zero positive
        uniform += 0.0
        return uniform
    wide = uniform.astype(np.float64)
    wide *= float(np.float32(std))
    wide += float(np.float32(mean))
    return wide.astype(np.float32)


def normal(
    generator: Generator, shape: Shape, mean: float = 0.0, std: float = 1.0, dtype: np.typing.DTypeLike = np.float32
) -> np.ndarray:
    """A new array of normal numbers. Raises as `fill_normal` does.

    >>> normal(Generator().manual_seed(0), 2).round(4)
    array([ 1.541 , -0.2934], dtype=float32)
    """
    return fill_normal(generator, np.empty(shape, dtype), mean, std)


# --- log-normal, Cauchy, exponential ---


def fill_log_normal(generator: Generator, array: np.ndarray, mean: float = 1.0, std: float = 2.0) -> np.ndarray:
    """Fill `array` (floating) with the exponentials of normal numbers.

    Raises RuntimeError unless std > 0, NotImplementedError for other dtypes.

    >>> fill_log_normal(Generator().manual_seed(0), np.empty(2)).round(4)
    array([59.2634,  1.5116])
    """
    bounds.check_positive("log_normal_", "std", std)
    if not array.size:
        return array
    bounds.check_implemented("log_normal_cpu", array.dtype, bounds.FLOATS)

    def draw(count: int) -> np.ndarray:
        normals = fused_multiply_add(standard_normals(generator, count, array.dtype), std, mean)
        return elementary("exp", normals, array.dtype)

    with generator.lock:
        return fill_quietly(array, draw)


def fill_cauchy(generator: Generator, array: np.ndarray, median: float = 0.0, sigma: float = 1.0) -> np.ndarray:
    """Fill `array` (floating) with numbers from a Cauchy distribution.

    Raises RuntimeError unless sigma > 0, or for a dtype that is not floating point.

    >>> fill_cauchy(Generator().manual_seed(0), np.empty(2)).round(4)
    array([10.5977,  0.7648])
    """
    bounds.check_positive("cauchy_", "sigma", sigma)
    bounds.check_continuous("Cauchy", array.dtype, bounds.cpp_name(array.dtype))
    if not array.size:
        return array
    bounds.check_implemented("cauchy_cpu", array.dtype, bounds.FLOATS)

    def draw(count: int) -> np.ndarray:
        angles = math.pi * (generator.uniform53(count) - 0.5)
        return fused_multiply_add(elementary("tan", angles, array.dtype), sigma, median)

    with generator.lock:
        return fill_quietly(array, draw)


def fill_exponential(generator: Generator, array: np.ndarray, rate: float = 1.0) -> np.ndarray:
    """Fill `array` (floating) with numbers from an exponential distribution of mean 1/rate.

    Raises RuntimeError unless rate > 0, or for a dtype that is not floating point.

    >>> fill_exponential(Generator().manual_seed(0), np.empty(2)).round(4)
    array([3.5083, 1.2304])
    """
    bounds.check_positive("exponential_", "lambda", rate)
    if not array.size:
        return array
    bounds.check_continuous("Exponential", array.dtype, bounds.scalar_name(array.dtype))
    bounds.check_implemented("exponential_cpu", array.dtype, bounds.FLOATS)

    def draw(count: int) -> np.ndarray:
        values = elementary("log1p", -generator.uniform53(count), array.dtype)
        values *= -1.0 / rate
        return values

    with generator.lock:
        return fill_quietly(array, draw)
