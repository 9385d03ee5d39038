"""Kernels of special functions: exact against the standard library and against their own functional equations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flambeau.xp.numpy import bessel, incomplete, pointwise, special
from flambeau.xp.numpy.series import BLOCK, blockwise, chebyshev, pieces, polynomial


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def worst(found, expected):
    """The largest relative error."""
    return np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1e-300))


@pytest.mark.parametrize(
    ("kernel", "exact", "low", "high"),
    [
        (special.erf, math.erf, -6, 6),
        (special.erfc, math.erfc, -6, 26),
        (special.lgamma, math.lgamma, 0.001, 0.9),
        (special.lgamma, math.lgamma, 2.2, 60),
        (special.lgamma, math.lgamma, 1e3, 1e9),
    ],
)
def test_float64_is_exact_to_a_few_units_in_the_last_place(kernel, exact, low, high):
    x = np.random.default_rng(0).uniform(low, high, 3000)
    # the lgamma of Python's math is itself exact to some 1e-14 only
    assert worst(kernel(x), np.vectorize(exact)(x)) < (1e-13 if kernel is special.lgamma else 4e-15)


def test_lgamma_keeps_its_precision_at_its_roots():
    """Near 1 and 2 the result is as small as the distance: gamma'(1) = -0.577..., gamma'(2) = 0.422..."""
    h = np.array([1e-9, -1e-9])
    assert worst(special.lgamma(1 + h), -0.5772156649015329 * ((1 + h) - 1)) < 1e-8
    assert worst(special.lgamma(2 + h), 0.42278433509846713 * ((2 + h) - 2)) < 1e-8


def test_erf_of_float32_is_within_six_units_in_the_last_place():
    x = np.linspace(-5, 5, 40001, dtype=np.float32)
    exact = np.vectorize(math.erf)(x.astype(np.float64))
    assert np.max(np.abs(special.erf(x) - exact) / np.spacing(np.abs(exact).astype(np.float32))) < 6


def test_erfinv_and_ndtri_undo_erf_and_the_normal_distribution():
    x = np.concatenate([np.linspace(-0.999, 0.999, 999), [1e-12, 1 - 1e-12]])
    assert worst(special.erf(special.erfinv(x)), x) < 1e-14
    p = np.array([1e-300, 1e-20, 0.01, 0.3, 0.9])
    assert worst(special.erfc(-special.ndtri(p) / math.sqrt(2)) / 2, p) < 1e-12


def test_polygammas_obey_the_recurrence():
    x = np.random.default_rng(1).uniform(0.05, 20, 500)
    assert worst(special.digamma(x + 1), special.digamma(x) + 1 / x) < 1e-11
    for n in (1, 2, 5):
        step = (-1) ** n * math.factorial(n) / x ** (n + 1)
        assert np.allclose(special.polygamma(n, x + 1), special.polygamma(n, x) + step, rtol=1e-9)


def test_zeta_at_even_numbers_is_eulers():
    assert (
        worst(special.zeta(np.array([2.0, 4.0]), np.array([1.0, 1.0])), np.array([np.pi**2 / 6, np.pi**4 / 90])) < 1e-15
    )


@pytest.mark.parametrize("a", [0.5, 3.0, 50.0, 99.9, 100.1, 3e4])
def test_the_incomplete_gamma_functions_add_up_and_obey_the_recurrence(a):
    x = a * np.linspace(0.7, 1.4, 200)
    shape = np.full_like(x, a)
    lower, upper = incomplete.igamma(shape, x), incomplete.igammac(shape, x)
    assert np.allclose(lower + upper, 1, rtol=1e-15)
    step = np.exp(a * np.log(x) - x - math.lgamma(a + 1))
    assert np.allclose(incomplete.igamma(shape + 1, x), lower - step, rtol=1e-8, atol=1e-12 * a)


def test_bessel_functions_obey_the_wronskian():
    x = np.random.default_rng(2).uniform(0.05, 50, 2000)
    j = bessel.bessel_j1(x) * bessel.bessel_y0(x) - bessel.bessel_j0(x) * bessel.bessel_y1(x)
    assert worst(j, 2 / (np.pi * x)) < 1e-12
    k = bessel.i0e(x) * bessel.scaled_modified_bessel_k1(x) + bessel.i1e(x) * bessel.scaled_modified_bessel_k0(x)
    assert worst(k, 1 / x) < 1e-14


def test_airy_solves_its_equation_across_the_pieces():
    h = 1e-3
    x = np.concatenate([np.linspace(-9, 5, 301), [-6.0, 2.0]])
    second = (bessel.airy_ai(x + h) - 2 * bessel.airy_ai(x) + bessel.airy_ai(x - h)) / h**2
    assert np.allclose(second, x * bessel.airy_ai(x), atol=2e-5)


def test_sigmoid_neither_overflows_nor_loses_small_values():
    x = np.array([-1000.0, -80.0, 0.0, 40.0, 1000.0], np.float32)
    assert np.allclose(pointwise.sigmoid(x), [0, math.exp(-80), 0.5, 1, 1], rtol=1e-6, atol=0)
    large = np.linspace(-5, 5, 3 * 16384 + 7, dtype=np.float32)
    assert np.array_equal(pointwise.sigmoid(large)[::1000], pointwise.sigmoid(large[::1000].copy()))


def test_arrays_larger_than_a_block_and_strided_ones_are_computed_alike():
    x = np.random.default_rng(3).uniform(0.1, 5, (2, BLOCK + 3))
    whole = special.lgamma(x)
    assert whole.shape == x.shape
    assert np.array_equal(whole[:, ::7], special.lgamma(x[:, ::7]))
    assert np.array_equal(whole[1], special.lgamma(x[1]))


def test_a_kernel_in_blocks_keeps_shape_and_dtype():
    double = blockwise(lambda x: 2 * x)
    for shape in ((), (0,), (3, 2)):
        result = double(np.ones(shape, np.float32))
        assert result.shape == shape and result.dtype == np.float32


def test_series_and_pieces_agree_with_numpy():
    t = np.linspace(-1, 1, 11)
    assert np.allclose(chebyshev(t, [1.0, 2.0, 3.0, 4.0]), np.polynomial.chebyshev.chebval(t, [1, 2, 3, 4]))
    assert np.allclose(polynomial(t, [4.0, 3.0, 2.0]), np.polyval([4, 3, 2], t))
    found = pieces(t, (t < 0, np.abs), (t > 0, np.sqrt))
    assert np.isnan(found[t == 0]).all() and np.allclose(found[t > 0], np.sqrt(t[t > 0]))
