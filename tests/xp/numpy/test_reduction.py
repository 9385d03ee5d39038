"""Sums take a short way where the layout allows one; whatever way, they are sums over the axes asked for."""

import itertools

import numpy as np
import pytest

from flambeau.xp import numpy as xnp


@pytest.mark.parametrize("shape", list(itertools.product((1, 3, 30), repeat=4)))
def test_the_sum_over_any_axes_of_any_shape_is_that_sum(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    for array in (x, np.ascontiguousarray(x.swapaxes(1, 2)).swapaxes(1, 2), x[:, ::2]):
        for axes in itertools.chain.from_iterable(itertools.combinations(range(4), n) for n in range(1, 5)):
            for keepdims in (False, True):
                expected = array.sum(axes, keepdims=keepdims)
                found = xnp.sum(array, axes, keepdims=keepdims)
                assert np.shape(found) == expected.shape
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
