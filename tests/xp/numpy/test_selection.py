"""Choosing between an array and zero."""

from __future__ import annotations

import numpy as np
import pytest

from flambeau.xp.numpy import selection

NUMBERS = [1.5, -2.0, np.inf, -np.inf, np.nan, -0.0, 0.0, 1e-45]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64", "int64"])
def test_what_is_not_kept_is_a_positive_zero_and_what_is_keeps_its_bits(dtype):
    with np.errstate(invalid="ignore"):
        values = np.array(NUMBERS).astype(dtype)
    for mask in (np.array([True, False] * 4), np.array([False, True] * 4)):
        found = selection.kept(values, mask)
        expected = np.where(mask, values, np.zeros((), dtype))
        assert found.dtype == values.dtype
        assert found.tobytes() == expected.tobytes()
        spaced = np.ones(16, dtype)
        selection.kept(values, mask, out=spaced[::2])
        assert spaced[::2].tobytes() == expected.tobytes()
        assert (spaced[1::2] == 1).all()


@pytest.mark.parametrize("shape", [(), (4,), (2, 1, 4)])
def test_where_is_numpys(shape):
    rng = np.random.default_rng(0)
    x, mask = rng.standard_normal(shape), rng.random((2, 3, 4) if shape else ()) < 0.5
    for condition in (mask, x > 0):
        np.testing.assert_array_equal(selection.where(condition, 0, x), np.where(condition, 0, x))
        np.testing.assert_array_equal(selection.where(condition, x, 0), np.where(condition, x, 0))
        np.testing.assert_array_equal(selection.where(condition, x, -x), np.where(condition, x, -x))
