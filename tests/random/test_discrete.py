"""Bernoulli and geometric draws compare uniform numbers of 53 bits, and dropout's mask is one of them."""

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, bernoulli, dropout_mask, fill_bernoulli, fill_bernoulli_each, fill_geometric

bfloat16 = np.dtype(ml_dtypes.bfloat16)


def uniforms(count, seed=8):
    return Generator().manual_seed(seed).uniform53(count)


@pytest.mark.parametrize("p", [0.0, 1.0, 0.5, 0.3, 1 / 3, 2.0**-21, 3 * 2.0**-21, 2.0**-53, 1 - 2.0**-53, 1e-300])
def test_ones_are_where_a_uniform_number_is_below_p(p):
    ones = fill_bernoulli(Generator().manual_seed(8), np.empty(5000, np.bool_), p)
    assert np.array_equal(ones, uniforms(5000) < p)


def test_a_uniform_number_that_p_equals_in_its_high_bits_is_compared_in_all():
    numbers = uniforms(300)
    for p in (numbers[100], np.nextafter(numbers[100], 1), np.nextafter(numbers[200], 0)):
        ones = fill_bernoulli(Generator().manual_seed(8), np.empty(300, np.bool_), float(p))
        assert np.array_equal(ones, numbers < p)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int64, np.float16, bfloat16, np.float32, np.float64])
def test_ones_and_zeros_come_in_every_dtype(dtype):
    values = fill_bernoulli(Generator().manual_seed(8), np.empty(100, dtype), 0.4)
    assert values.dtype == dtype
    assert np.array_equal(values.astype(bool), uniforms(100) < 0.4)


def test_probabilities_of_single_precision_take_one_word_each():
    generator = Generator().manual_seed(8)
    p = generator.clone().uniform24(1000)[::-1].copy()
    expected = generator.clone().uniform24(1000) < p
    assert np.array_equal(bernoulli(generator.clone(), p), expected)
    half = p.astype(np.float16)
    assert np.array_equal(bernoulli(generator.clone(), half, np.bool_), generator.uniform24(1000) < half)


def test_probabilities_of_double_precision_take_two_words_each():
    p = np.linspace(0, 1, 9000).reshape(90, 100)
    ones = fill_bernoulli_each(Generator().manual_seed(8), np.empty((90, 100), np.int8), p)
    assert np.array_equal(ones.ravel(), uniforms(9000) < p.ravel())


def test_dropout_keeps_with_the_opposite_probability():
    assert np.array_equal(dropout_mask(Generator().manual_seed(8), (20, 30), 0.3).ravel(), uniforms(600) < 0.7)


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_the_first_success_comes_at_its_trial(dtype):
    trials = fill_geometric(Generator().manual_seed(8), np.empty(2000, dtype), 0.25)
    # after k trials, a uniform number u below (1 - p)**(k - 1) has not yet met a success
    assert np.array_equal(trials, np.ceil(np.log(uniforms(2000)) / np.log(0.75)))
    assert trials.min() == 1
