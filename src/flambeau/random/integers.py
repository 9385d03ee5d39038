"""Draws of integers, uniform within bounds."""

from __future__ import annotations

import numpy as np

from . import bounds
from .bounds import name_of
from .continuous import Shape
from .fill import fill
from .generator import Generator

# from this width of a range on, numbers take 64 bits, because the remainder of a division is not quite uniform
_WIDE_RANGE = 2**28


def fill_randint(generator: Generator, array: np.ndarray, low: int, high: int | None) -> np.ndarray:
    """Fill `array` with integers from [low, high); without `high`, up to the largest that its dtype counts to.

    For floating dtypes the bounds move inwards where the dtype cannot hold them. `low` = -2**63 without `high` means
    all integers of 64 bits. Raises RuntimeError for an empty range or bounds that the dtype cannot hold.

    >>> fill_randint(Generator().manual_seed(1234), np.empty(6, np.int64), 0, 100)
    array([75, 71,  6, 65, 16, 64])
    """
    dtype = array.dtype
    if high is None and low == -(2**63):
        return _fill_all_integers(generator, array)
    low, high = bounds.integer_range(dtype, low, high)
    if not array.size:
        return array
    size = high - low

    def draw_narrow(count: int) -> np.ndarray:
        values = generator.words(count) % np.uint32(size)
        if not low:
            return values
        signed = values.astype(np.int64)
        signed += low
        return signed

    def draw_wide(count: int) -> np.ndarray:
        values = generator.words64(count)
        values %= np.uint64(size)
        values += np.uint64(low % 2**64)
        return values.view(np.int64)

    with generator.lock:
        return fill(array, draw_narrow if size < _WIDE_RANGE else draw_wide)


def _fill_all_integers(generator: Generator, array: np.ndarray) -> np.ndarray:
    if not array.size:
        return array
    kernel = "random_full_64_bits_range_kernel_cpu"
    bounds.check_implemented(kernel, array.dtype, bounds.NUMBERS - {"float16"})
    if name_of(array.dtype) not in ("int64", "float64", "float32", "bfloat16"):
        raise RuntimeError(f"{kernel} handles only int64, double, float and bfloat16")
    with generator.lock:
        return fill(array, lambda count: generator.words64(count).view(np.int64))


def fill_random(generator: Generator, array: np.ndarray) -> np.ndarray:
    """Fill `array` with integers from 0 up to the largest of its dtype, or, for floating dtypes, up to 2**digits.

    Raises NotImplementedError for complex dtypes and for unsigned ones of more than 8 bits.

    >>> fill_random(Generator().manual_seed(0), np.empty(4, np.uint8))
    array([172,  47, 117, 192], dtype=uint8)
    """
    if not array.size:
        return array
    name = name_of(array.dtype)
    bounds.check_implemented("random_kernel_cpu", array.dtype, bounds.NUMBERS_AND_BOOL)
    if name == "bool":
        size = 2
    elif name in bounds.DIGITS:
        size = 2 ** bounds.DIGITS[name] + 1
    else:
        size = int(np.iinfo(array.dtype).max) + 1
    with generator.lock:
        if name in ("int64", "float64"):
            return fill(array, lambda count: (generator.words64(count) % np.uint64(size)).view(np.int64))
        return fill(array, lambda count: generator.words(count) % np.uint32(size))


def randint(
    generator: Generator, shape: Shape, low: int, high: int | None, dtype: np.typing.DTypeLike = np.int64
) -> np.ndarray:
    """A new array of integers from [low, high). Raises as `fill_randint` does.

    >>> randint(Generator().manual_seed(1234), 3, 0, 2**40)
    array([204000912083, 166721346613, 878802328948])
    """
    return fill_randint(generator, np.empty(shape, dtype), low, high)
