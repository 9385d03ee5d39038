"""Permutations: three ways to make them, which agree with the plain algorithms."""

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, randperm
from flambeau.random.fill import PIECE
from flambeau.random.permutation import _insert_in_turn, _swap_at_once, _swap_in_turn


def targets(n, seed):
    rng = np.random.default_rng(seed)
    return np.array([rng.integers(place, n) for place in range(n - 1)], np.int64)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 30, 300, 2000])
@pytest.mark.parametrize("seed", range(5))
def test_swaps_at_once_are_swaps_in_turn(n, seed):
    drawn = targets(n, seed)
    assert np.array_equal(_swap_at_once(drawn), _swap_in_turn(drawn))


@pytest.mark.parametrize(
    "drawn",
    [np.arange(99), np.full(99, 99), np.arange(1, 100), np.maximum(np.arange(99), 50)],
    ids=["no swap", "all with the last", "each with the next", "many with one"],
)
def test_swaps_that_build_on_each_other_keep_their_order(drawn):
    assert np.array_equal(_swap_at_once(drawn), _swap_in_turn(drawn))


@pytest.mark.parametrize("n", [0, 1, 2, 10, 255, 256, 257, 5000])
def test_every_integer_appears_once_and_takes_one_word_but_for_the_last(n):
    generator, words = Generator().manual_seed(5), Generator().manual_seed(5)
    order = randperm(generator, n)
    assert sorted(order.tolist()) == list(range(n))
    words.words(max(n - 1, 0))
    assert np.array_equal(generator.words(5), words.words(5))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.float16, ml_dtypes.bfloat16, np.float64])
def test_the_order_is_the_same_in_every_dtype(dtype):
    order = randperm(Generator().manual_seed(5), 100, dtype)
    assert order.dtype == dtype
    assert np.array_equal(order.astype(np.int64), randperm(Generator().manual_seed(5), 100))


def test_permutations_too_long_for_32_bits_insert_in_turn():
    """Integer i goes to a place drawn from 0 to i, and what was there moves to place i."""
    n = PIECE + 100
    words = Generator().manual_seed(2).words64(n).tolist()
    expected: list[int] = []
    for number, word in enumerate(words):
        place = word % (number + 1)
        expected.append(number)
        expected[number], expected[place] = expected[place], number
    assert _insert_in_turn(Generator().manual_seed(2), n).tolist() == expected
