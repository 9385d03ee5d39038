"""Integers: remainders of 32-bit words for narrow ranges, of 64-bit words for wide ones."""

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, fill_random, randint

bfloat16 = np.dtype(ml_dtypes.bfloat16)


@pytest.mark.parametrize("low", [0, -7, 2**40, -(2**62)])
@pytest.mark.parametrize("size", [1, 2, 10, 2**28 - 1, 2**28, 2**33, 2**62 + 5])
def test_integers_are_remainders_of_words(low, size):
    wide = size >= 2**28
    words = Generator().manual_seed(6)
    expected = [int(word) % size + low for word in (words.words64(20) if wide else words.words(20))]
    assert randint(Generator().manual_seed(6), 20, low, low + size).tolist() == expected


def test_all_integers_of_64_bits_are_the_words_themselves():
    words = Generator().manual_seed(6).words64(10).view(np.int64)
    assert np.array_equal(randint(Generator().manual_seed(6), 10, -(2**63), None), words)
    assert np.array_equal(randint(Generator().manual_seed(6), 10, -(2**63), None, np.float32), words.astype(np.float32))


@pytest.mark.parametrize(
    ("dtype", "largest"),
    [(np.bool_, 1), (np.uint8, 255), (np.int8, 127), (np.float16, 2**11), (bfloat16, 2**8), (np.uint16, 65535)],
)
def test_without_an_upper_bound_everything_up_to_the_largest_appears(dtype, largest):
    values = randint(Generator().manual_seed(0), 40 * largest, 0, None, dtype).astype(np.int64)
    assert (values.min(), values.max()) == (0, largest)
    if dtype != np.uint16:
        assert np.array_equal(fill_random(Generator().manual_seed(0), np.empty(values.size, dtype)), values)


def test_doubles_are_drawn_up_to_two_to_the_53():
    words = Generator().manual_seed(6).words64(10).tolist()
    values = fill_random(Generator().manual_seed(6), np.empty(10))
    assert values.tolist() == [word % (2**53 + 1) for word in words]
