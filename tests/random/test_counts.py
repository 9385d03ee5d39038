"""Poisson and binomial numbers at the edges of their methods."""

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, binomial, poisson


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_poisson_numbers_keep_shape_and_dtype(dtype):
    counts = poisson(Generator(), np.full((3, 4), 20, dtype))
    assert (counts.shape, counts.dtype) == ((3, 4), dtype)


def test_a_rate_of_zero_gives_zero_and_draws_nothing():
    generator = Generator()
    assert poisson(generator, np.zeros(5)).tolist() == [0] * 5
    assert np.array_equal(generator.words(3), Generator().words(3))


def test_small_means_count_the_uniform_numbers_above_a_limit():
    generator = Generator().manual_seed(3)
    counts = poisson(generator, np.full(50, 4.0))
    numbers = Generator().manual_seed(3).uniform53(1000)
    place = 0
    for count in counts.astype(int).tolist():
        products = np.cumprod(numbers[place : place + count + 1])
        assert (products[:-1] > np.exp(-4.0)).all()
        assert products[-1] <= np.exp(-4.0)
        place += count + 1


def test_means_on_both_sides_of_the_change_of_methods_are_close_to_the_counts():
    for mean in (9.99, 10.0, 1e6):
        assert np.mean(poisson(Generator().manual_seed(0), np.full(2000, mean))) == pytest.approx(mean, rel=0.03)


@pytest.mark.parametrize(
    ("count", "prob", "expected"),
    [(10, 0, 0), (10, -0.5, 0), (10, 1, 10), (10, 1.5, 10), (0, 0.5, 0), (-3, 0.5, 0), (10, np.nan, np.nan)],
)
def test_certain_outcomes_draw_nothing(count, prob, expected):
    generator = Generator()
    got = binomial(generator, np.array([count], np.float32), np.array([prob], np.float32))
    assert np.array_equal(got, np.array([expected], np.float32), equal_nan=True)
    assert np.array_equal(generator.words(3), Generator().words(3))


def test_a_count_that_is_nan_ends():
    assert binomial(Generator(), np.array([np.nan]), np.array([0.5])).tolist() == [0]


@pytest.mark.parametrize("count", [5.0, 100.0, 1e6])
@pytest.mark.parametrize("prob", [0.01, 0.3, 0.7, 0.99])
def test_successes_lie_between_none_and_all_about_their_mean(count, prob):
    successes = binomial(Generator().manual_seed(1), np.full(1000, count), np.full(1000, prob))
    assert successes.min() >= 0
    assert successes.max() <= count
    assert np.mean(successes) == pytest.approx(count * prob, abs=0.2 * (count * prob * (1 - prob)) ** 0.5)


def test_counts_and_probabilities_broadcast():
    got = binomial(Generator().manual_seed(1), np.full((3, 1), 20.0), np.linspace(0.1, 0.9, 4))
    assert got.shape == (3, 4)
    wide = binomial(Generator().manual_seed(1), np.full((3, 4), 20.0), np.tile(np.linspace(0.1, 0.9, 4), (3, 1)))
    assert np.array_equal(got, wide)
