"""Elementary functions: those of the C library where few are asked for, NumPy's otherwise, infinities included."""

import math

import numpy as np
import pytest

from flambeau.random.elementary import elementary

DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)


@pytest.mark.parametrize("name", ["log", "log1p", "exp", "sin", "cos", "tan"])
def test_few_doubles_are_the_c_librarys_to_the_last_bit(name):
    x = np.random.default_rng(0).random(1000)
    wanted = [getattr(math, name)(element) for element in x.tolist()]
    assert elementary(name, x, DOUBLE).tolist() == wanted
    assert elementary(name, x[:16], SINGLE).tolist() == wanted[:16]
    assert elementary(name, x, SINGLE).tolist() == pytest.approx(wanted, rel=1e-14)


def test_where_python_raises_the_result_is_infinite_or_nan():
    with np.errstate(all="ignore"):
        assert elementary("log", np.array([0.0, 1.0]), DOUBLE).tolist() == [-math.inf, 0]
        assert elementary("exp", np.array([1000.0]), DOUBLE).tolist() == [math.inf]
        assert np.isnan(elementary("tan", np.array([math.inf]), DOUBLE)).all()
