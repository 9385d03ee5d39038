"""Gamma and Dirichlet numbers at the edges of their domains."""

import numpy as np
import pytest

from flambeau.random import Generator, dirichlet, normal, standard_gamma

TINY = np.finfo(np.float32).tiny


def test_numbers_are_never_below_the_smallest_normal_one():
    concentration = np.array([0.0, 1e-4, -1.0, np.nan, 1e-3], np.float32)
    values = standard_gamma(Generator().manual_seed(0), concentration)
    assert (values >= TINY).all()
    assert values[0] == TINY


def test_gamma_numbers_use_and_leave_the_waiting_normal():
    generator = Generator().manual_seed(0)
    normal(generator, 1)
    waiting = generator.cached_normal
    alone = standard_gamma(generator.clone(), np.array([5.0]))
    generator.cached_normal = None
    assert standard_gamma(generator, np.array([5.0])) != alone
    assert waiting is not None
    assert generator.cached_normal is not None


@pytest.mark.parametrize("concentration", [0.3, 1.0, 7.0, 200.0])
def test_the_mean_is_the_concentration(concentration):
    values = standard_gamma(Generator().manual_seed(0), np.full(3000, concentration, np.float32))
    assert np.mean(values) == pytest.approx(concentration, rel=0.1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dirichlet_numbers_sum_to_one_strictly_inside(dtype):
    values = dirichlet(Generator().manual_seed(0), np.full((50, 4), 0.2, dtype))
    assert values.dtype == dtype
    assert values.sum(-1).tolist() == pytest.approx([1] * 50, abs=1e-6)
    assert (values > 0).all()
    assert (values < 1).all()


def test_a_single_concentration_gives_the_largest_number_below_one():
    assert dirichlet(Generator(), np.array(1.0, np.float32)) == np.nextafter(np.float32(1), np.float32(0))
