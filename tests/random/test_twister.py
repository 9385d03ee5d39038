"""The Mersenne Twister gives the words of its authors' algorithm, however they are asked for."""

import numpy as np
import pytest

from flambeau.random.twister import BLOCK, MersenneTwister


def test_the_ten_thousandth_word_is_the_one_that_the_cpp_standard_names():
    assert MersenneTwister(5489).words(10000)[-1] == 4123659995


def test_only_the_low_32_bits_of_the_seed_count():
    assert np.array_equal(MersenneTwister(2**40 + 7).words(5), MersenneTwister(7).words(5))


@pytest.mark.parametrize("seed", range(12))
def test_any_pieces_make_the_same_words_and_leave_the_same_state(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.choice([0, 1, 2, 7, 100, 623, 624, 625, 1248, 3000], 12)
    whole, pieces = MersenneTwister(seed), MersenneTwister(seed)
    expected = whole.words(int(sizes.sum()))
    got = np.concatenate([pieces.words(int(size)).copy() for size in sizes])
    assert np.array_equal(got, expected)
    for a, b in zip(whole.state(), pieces.state(), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("drawn", [0, 1, 5, 623, 624, 625, 1247, 1248, 2000])
def test_a_state_continues_the_words_from_any_place(drawn):
    twister, other = MersenneTwister(3), MersenneTwister(4)
    twister.words(drawn)
    other.words(17)
    other.set_state(*twister.state())
    assert [np.array_equal(a, b) for a, b in zip(other.state(), twister.state(), strict=True)] == [True] * 3
    assert np.array_equal(other.words(1500), twister.words(1500))


@pytest.mark.parametrize(("index", "left"), [(0, 0), (0, 625), (1, 5), (700, 1), (-75, 700)])
def test_numbers_that_cannot_be_a_place_are_refused(index, left):
    with pytest.raises(RuntimeError, match="^Invalid mt19937 state$"):
        MersenneTwister(0).set_state(np.zeros(BLOCK, np.uint32), index, left)
