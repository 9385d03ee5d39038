"""Sums with products of matrices refuse shapes and dtypes in PyTorch's order: the first that is wrong is told."""

from __future__ import annotations

import itertools

import pytest

import flambeau

torch = pytest.importorskip("torch")
FITTING = {
    "addmm": ((2, 4), (2, 3), (3, 4)),
    "addmv": ((2,), (2, 3), (3,)),
    "addr": ((2, 3), (2,), (3,)),
    "baddbmm": ((2, 2, 4), (2, 2, 3), (2, 3, 4)),
    "addbmm": ((2, 4), (5, 2, 3), (5, 3, 4)),
}


def outcome(T, name: str, shapes, dtypes):
    """The shape of the sum, or the class and first line of what was raised."""
    try:
        return tuple(
            getattr(T, name)(
                *[T.ones(shape, dtype=getattr(T, d)) for shape, d in zip(shapes, dtypes, strict=True)]
            ).shape
        )
    except Exception as error:
        return type(error).__name__, str(error).splitlines()[0]


@pytest.mark.parametrize("name", FITTING)
def test_the_first_thing_wrong_is_told_as_in_pytorch(name):
    own, a, b = FITTING[name]
    wrong = [(own, a, b), ((7,) * len(own), a, b), ((3, 1, 1, 2), a, b), (own, a, tuple(n + 1 for n in b))]
    for shapes, dtypes in itertools.product(wrong, itertools.product(["float32", "float64"], repeat=3)):
        expected, got = (outcome(T, name, shapes, dtypes) for T in (torch, flambeau))
        assert got == expected, f"{name} of {shapes} in {dtypes}"
