"""Draws fill arrays in the order of their memory, and convert numbers as C++ does."""

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, fill_bernoulli_each, fill_normal, fill_random, fill_uniform
from flambeau.random.fill import PIECE, fill, memory_axes, real_parts, store

LAYOUTS = {
    "transposed": lambda dtype: np.empty((6, 4), dtype).T,
    "every second column": lambda dtype: np.empty((5, 12), dtype)[:, ::2],
    "permuted": lambda dtype: np.empty((2, 3, 4), dtype).transpose(2, 0, 1),
    "channels last": lambda dtype: np.empty((2, 4, 4, 3), dtype).transpose(0, 3, 1, 2),
    "axes of size one": lambda dtype: np.empty((1, 6, 1, 4), dtype).transpose(3, 2, 1, 0),
    "one element": lambda dtype: np.empty((), dtype),
    "more than a piece": lambda dtype: np.empty((130, 140), dtype).T[3:, ::2],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_follow_memory_whatever_the_strides(layout):
    array = LAYOUTS[layout](np.float64)
    count = iter(range(array.size))
    assert fill(array, lambda size: np.array([next(count) for _ in range(size)], np.float64)) is array
    addresses = sum(
        index * stride for index, stride in zip(np.indices(array.shape), array.strides, strict=True)
    ) + np.zeros(array.shape)
    assert np.array_equal(array.ravel()[np.argsort(addresses.ravel())], np.arange(array.size))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("draw", [fill_uniform, fill_random], ids=lambda draw: draw.__name__)
def test_the_stream_of_a_strided_array_is_that_of_a_flat_one(layout, draw):
    array = LAYOUTS[layout](np.float32)
    flat = draw(Generator().manual_seed(0), np.empty(array.size, np.float32))
    draw(Generator().manual_seed(0), array)
    assert np.array_equal(array.transpose(memory_axes(array)).ravel(), flat)


def test_probabilities_belong_to_their_elements_in_any_layout():
    p = np.arange(24.0).reshape(6, 4) % 2
    for array in (np.empty((6, 4)), np.empty((4, 6)).T):
        assert np.array_equal(fill_bernoulli_each(Generator(), array, p), p)
    assert np.array_equal(fill_bernoulli_each(Generator(), np.empty((3, 2)).T, np.array([1.0, 0, 1])), [[1, 0, 1]] * 2)


def test_pieces_and_whole_are_the_same_stream():
    count = 2 * PIECE + 5
    whole = Generator().manual_seed(1).uniform24(count)
    assert np.array_equal(fill_uniform(Generator().manual_seed(1), np.empty(count, np.float32)), whole)


def test_an_expanded_array_is_refused():
    array = np.lib.stride_tricks.as_strided(np.empty(1), (4,), (0,))
    with pytest.raises(RuntimeError, match="^unsupported operation: more than one element of the written-to tensor"):
        fill_uniform(Generator(), array)


@pytest.mark.parametrize("shape", [(), (3,), (2, 5)])
def test_complex_numbers_are_pairs_of_real_ones(shape):
    numbers = np.empty((*shape, 4), np.complex64)[..., 1:3]
    parts = real_parts(numbers)
    assert np.shares_memory(parts, numbers)
    fill_normal(Generator(), numbers)
    assert np.array_equal(parts[..., 0], numbers.real)
    assert np.array_equal(parts[..., 1], numbers.imag)


def test_sixteen_bit_numbers_are_rounded_twice():
    """From double precision by way of single: this number lies above a tie that single precision cannot tell."""
    above_tie = np.array([1 + 2.0**-11 + 2.0**-40, 1 + 3 * 2.0**-8 - 2.0**-40])
    half, brain = np.empty(2, np.float16), np.empty(2, ml_dtypes.bfloat16)
    store(half, above_tie)
    store(brain, above_tie)
    assert half[0] == 1
    assert float(brain[1]) == 1 + 2.0**-6
