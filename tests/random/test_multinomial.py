"""Categories: a race of exponential times for one sample or distinct ones, cumulative sums with replacement."""

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, fill_exponential, multinomial

DTYPES = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("count", "replacement"), [(1, False), (1, True), (3, False), (3, True)])
def test_impossible_categories_are_never_drawn(dtype, count, replacement):
    weights = np.array([[0, 1, 0, 2, 3]] * 200, dtype)
    samples = multinomial(Generator().manual_seed(0), weights, count, replacement)
    assert (samples.shape, samples.dtype) == ((200, count), np.int64)
    assert set(samples.ravel().tolist()) == {1, 3, 4}
    if not replacement:
        assert all(len(set(row)) == count for row in samples.tolist())


def test_one_sample_is_the_winner_of_a_race():
    weights = np.random.default_rng(0).random((30, 7)).astype(np.float32)
    times = fill_exponential(Generator().manual_seed(4), np.empty((30, 7), np.float32))
    for replacement in (False, True):
        winners = multinomial(Generator().manual_seed(4), weights, 1, replacement)
        assert np.array_equal(winners[:, 0], np.argmax(weights / times, -1))
    order = multinomial(Generator().manual_seed(4), weights, 7)
    assert np.array_equal(order, np.argsort(-weights / times, -1))


def test_the_race_follows_the_memory_of_the_weights():
    """A transposed matrix draws column by column; an expanded one like the contiguous matrix that it stands for."""
    weights = np.random.default_rng(0).random((6, 4)).astype(np.float32)
    times = fill_exponential(Generator().manual_seed(4), np.empty((6, 4), np.float32)).T
    assert np.array_equal(multinomial(Generator().manual_seed(4), weights.T, 1)[:, 0], np.argmax(weights.T / times, -1))
    expanded = np.broadcast_to(weights[0], (5, 4))
    assert np.array_equal(
        multinomial(Generator().manual_seed(4), expanded, 1),
        multinomial(Generator().manual_seed(4), expanded.copy(), 1),
    )


def test_samples_with_replacement_invert_the_cumulative_sums():
    weights = np.array([1, 2, 3, 4], np.float64)
    samples = multinomial(Generator().manual_seed(4), weights, 500, True)
    numbers = Generator().manual_seed(4).uniform53(500)
    limits = [0.1, 0.3, 0.6]
    assert np.array_equal(samples, sum((numbers > limit).astype(int) for limit in limits))


def test_weights_whose_sum_overflows_still_choose():
    """What PyTorch does: beside an infinite sum the first category is nothing, and its search ends at the second."""
    weights = np.full(3, 3e38, np.float32)
    assert multinomial(Generator().manual_seed(0), weights, 50, True).tolist() == [1] * 50
