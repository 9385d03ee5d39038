"""The errors of `assert_close` are PyTorch's, word for word."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

import flambeau

NAN, INF = float("nan"), float("inf")
CASES = {
    "numbers": lambda T: ((1.0, 2.0), {}),
    "integers": lambda T: ((1, 2), {}),
    "number types": lambda T: ((1, 1.0), {"check_dtype": True}),
    "complex numbers": lambda T: ((1 + 1j, 1 + 2j), {}),
    "infinite": lambda T: ((INF, 1.0), {}),
    "bools": lambda T: ((True, False), {}),
    "none": lambda T: ((None, 1), {}),
    "floats": lambda T: ((T.tensor([1.0, 2, 3]), T.tensor([1.0, 4, 5])), {}),
    "long": lambda T: ((T.tensor([1, 2, 3]), T.tensor([1, 4, 5])), {}),
    "masks": lambda T: ((T.tensor([True, False]), T.tensor([True, True])), {}),
    "complex": lambda T: ((T.tensor([1 + 1j]), T.tensor([1 + 2j])), {}),
    "bfloat16": lambda T: ((T.ones(1).bfloat16(), T.tensor([1.1]).bfloat16()), {}),
    "dtype": lambda T: ((T.ones(2), T.tensor([1, 1])), {}),
    "shape": lambda T: ((T.ones(2, 2), T.ones(2)), {}),
    "strides": lambda T: ((T.ones(2, 2).t(), T.ones(2, 2)), {"check_stride": True}),
    "scalar": lambda T: ((T.tensor(1.0), T.tensor(2.0)), {}),
    "zero": lambda T: ((T.tensor([5]), T.tensor([0])), {}),
    "nan": lambda T: ((T.tensor([NAN, 1]), T.tensor([NAN, 1])), {}),
    "exact": lambda T: ((T.tensor([1.0, 2]), T.tensor([1.0, 2.1])), {"rtol": 0, "atol": 0}),
    "one tolerance": lambda T: ((T.ones(1), T.ones(1)), {"rtol": 0.1}),
    "nested": lambda T: (({"x": [1, {"y": T.ones(1)}]}, {"x": [1, {"y": T.zeros(1)}]}), {}),
    "lengths": lambda T: (([1], [1, 2]), {}),
    "keys": lambda T: (({"a": 1}, {"b": 1}), {}),
}


def outcome(T, case):
    args, options = case(T)
    try:
        T.testing.assert_close(*args, **options)
    except Exception as error:
        return type(error).__name__, str(error)
    return None


@pytest.mark.parametrize("name", CASES)
def test_the_error_is_pytorchs(name):
    assert outcome(flambeau, CASES[name]) == outcome(torch, CASES[name])
