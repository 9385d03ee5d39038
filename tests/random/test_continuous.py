"""Continuous draws: intervals stay half open, sums are rounded once, and normals wait in pairs."""

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

from flambeau.random import Generator, fill_exponential, fill_normal, fill_uniform, normal, uniform
from flambeau.random.continuous import fused_multiply_add

bfloat16 = np.dtype(ml_dtypes.bfloat16)


@pytest.mark.parametrize("seed", range(20))
def test_a_product_and_a_sum_are_rounded_once(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(50) * 2.0 ** rng.integers(-30, 30, 50)
    factor, addend = (float(rng.standard_normal() * 2.0 ** rng.integers(-30, 30)) for _ in range(2))
    exact = [float(Fraction(element) * Fraction(factor) + Fraction(addend)) for element in x.tolist()]
    assert fused_multiply_add(x, factor, addend).tolist() == exact


@pytest.mark.parametrize(("factor", "addend"), [(np.inf, 0.0), (1e300, 1.0), (0.3, np.nan), (0.0, 1.5)])
def test_extreme_factors_give_what_the_plain_formula_gives(factor, addend):
    x = np.array([0.5, -2.0, 3.0])
    assert np.array_equal(fused_multiply_add(x, factor, addend), x * factor + addend, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.float16, bfloat16, np.float32, np.float64])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 3), (1, 1.0078125), (0.1, 0.7), (1000, 1008)])
def test_uniform_numbers_never_reach_the_end(dtype, low, high):
    values = uniform(Generator().manual_seed(0), 5000, low, high, dtype)
    assert (values >= np.array(low).astype(dtype)).all()
    assert (values < np.array(high).astype(dtype)).all()


def test_an_interval_of_one_number_gives_that_number():
    assert uniform(Generator(), 3, 2.5, 2.5).tolist() == [2.5] * 3


@pytest.mark.parametrize("count", range(1, 40))
def test_normals_drawn_one_by_one_are_those_drawn_together(count):
    """Below 16 elements, or without contiguity, the second normal of a pair waits for the next draw."""
    together, alone = Generator().manual_seed(3), Generator().manual_seed(3)
    expected = fill_normal(together, np.empty((count, 2))[:, 0])
    got = [float(normal(alone, 1, dtype=np.float64)[0]) for _ in range(count)]
    assert got == pytest.approx(expected.tolist(), rel=1e-14)
    assert (alone.cached_normal is None) == (count % 2 == 0)
    assert np.array_equal(alone.get_state_bytes(), together.get_state_bytes())


@pytest.mark.parametrize("dtype", [np.float16, bfloat16, np.float32, np.float64])
@pytest.mark.parametrize("count", [16, 17, 31, 32, 8192, 8200])
def test_blocks_of_normals_take_their_words_and_leave_the_waiting_normal(dtype, count):
    generator, words = Generator().manual_seed(3), Generator().manual_seed(3)
    normal(generator, 1)
    words.words(4)
    waiting = generator.cached_normal
    normal(generator, count, dtype=dtype)
    rest = count % 16
    size = np.dtype(dtype).itemsize
    drawn = count + 16 * (rest > 0) if size > 2 else count - rest + 16 * (rest > 0)
    words.words(drawn * (2 if size == 8 else 1))
    assert generator.twister.position == words.twister.position
    assert generator.cached_normal == waiting


def test_the_last_sixteen_normals_are_drawn_again():
    whole, more = normal(Generator().manual_seed(0), 48), normal(Generator().manual_seed(0), 53)
    assert np.array_equal(more[:37], whole[:37])
    assert not np.isin(more[37:], whole).any()


@pytest.mark.parametrize("count", [5, 40])
def test_mean_and_deviation_move_the_same_normals(count):
    standard = normal(Generator().manual_seed(0), count, dtype=np.float64)
    moved = normal(Generator().manual_seed(0), count, 1.5, 0.3, np.float64)
    assert moved.tolist() == pytest.approx((standard * 0.3 + 1.5).tolist(), rel=1e-14)
    assert (normal(Generator(), count, 2.0, 0.0) == 2).all()


def test_complex_normals_share_the_variance_between_their_parts():
    numbers = normal(Generator().manual_seed(0), 10, dtype=np.complex128)
    parts = normal(Generator().manual_seed(0), 20, std=1 / 2**0.5, dtype=np.float64)
    assert numbers.view(np.float64).tolist() == pytest.approx(parts.tolist(), rel=1e-15)


def test_extreme_parameters_overflow_without_a_warning():
    assert np.isinf(fill_normal(Generator(), np.empty(40, np.float16), 0, 1e300)).all()
    assert (fill_exponential(Generator(), np.empty(40, np.float32), 1e-300) == np.inf).all()
    assert (fill_uniform(Generator(), np.empty(3), 1e307, 1.5e307) < 1.5e307).all()
