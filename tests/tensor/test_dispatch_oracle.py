"""Promotion: pairs of dtypes, 0-d tensors and Python numbers give PyTorch's dtype, value and error in every form."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")
DTYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()
NUMBERS = (True, 3, 2.5, 1 + 2j)
OPS = (
    "add sub mul div floor_divide remainder fmod pow eq ne lt le gt ge maximum minimum atan2 bitwise_and bitwise_or "
    "bitwise_left_shift logical_and logical_xor hypot copysign logaddexp gcd"
).split()
OPERATORS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "//": lambda x, y: x // y,
    "%": lambda x, y: x % y,
    "**": lambda x, y: x**y,
    "&": lambda x, y: x & y,
    "<<": lambda x, y: x << y,
    "<": lambda x, y: x < y,
    "==": lambda x, y: x == y,
}


def outcome(call):
    """The dtype, shape and values of a result, or the class and first line of the error."""
    try:
        result = call()
    except Exception as error:
        return type(error).__name__, str(error).partition("\n")[0]
    if not hasattr(result, "dtype"):
        return ("plain", repr(result))
    return str(result.dtype), tuple(result.shape), result.tolist()


def agrees(expected, found) -> bool:
    if expected == found:
        return True
    # complex numbers of two halves are PyTorch's alone
    if "complex32" in str((expected, found)) or "ComplexHalf" in str(expected) or expected[0] == "UserWarning":
        return True
    if len(expected) != 3 or len(found) != 3 or expected[:2] != found[:2]:
        return False
    rough = "16" in expected[0]
    return np.allclose(np.array(found[2]), np.array(expected[2]), rtol=1e-2 if rough else 1e-5, equal_nan=True)


def tensor(T, dtype, zero_dim=False):
    return T.tensor(2 if zero_dim else [1, 2, 3], dtype=getattr(T, dtype))


def others(T):
    """Makers of the second operand: tensors with and without dims of every dtype, and Python numbers."""
    for d in DTYPES:
        yield lambda T, d=d: tensor(T, d)
        yield lambda T, d=d: tensor(T, d, True)
    for number in NUMBERS:
        yield lambda T, number=number: number


@pytest.mark.parametrize("form", ["function", "in place", "out"])
@pytest.mark.parametrize("op", OPS)
def test_every_pair_of_dtypes_promotes_as_in_pytorch(op, form):
    wrong = []
    for dtype in DTYPES:
        for zero_dim in (False, True):
            for other in others(torch):

                def call(T, dtype=dtype, zero_dim=zero_dim, other=other):
                    x = tensor(T, dtype, zero_dim)
                    if form == "function":
                        return getattr(T, op)(x, other(T))
                    if form == "in place":
                        return getattr(x, f"{op}_")(other(T))
                    return getattr(T, op)(T.tensor([4.0, 5.0, 6.0]), other(T), out=tensor(T, dtype))

                # no such method; powers of bools are refused before their shape is looked at
                if form == "in place" and (not hasattr(torch.Tensor, f"{op}_") or (op, dtype) == ("pow", "bool")):
                    continue
                expected, found = outcome(lambda: call(torch)), outcome(lambda: call(flambeau))
                if not agrees(expected, found):
                    wrong.append((dtype, zero_dim, other(torch), expected, found))
    assert not wrong, (len(wrong), wrong[:3])


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operators_with_numbers_on_either_side_promote_as_in_pytorch(symbol):
    f = OPERATORS[symbol]
    wrong = []
    for dtype in DTYPES:
        for zero_dim in (False, True):
            for number in (*NUMBERS, 0, -2, np.float32(2), np.int64(3), np.float64(1.5)):
                for swapped in (False, True):

                    def call(T, dtype=dtype, zero_dim=zero_dim, number=number, swapped=swapped):
                        x = tensor(T, dtype, zero_dim)
                        return f(number, x) if swapped else f(x, number)

                    expected, found = outcome(lambda: call(torch)), outcome(lambda: call(flambeau))
                    same_class = expected[0] == found[0] and len(expected) == 2
                    if not agrees(expected, found) and not same_class:
                        wrong.append((dtype, zero_dim, number, swapped, expected, found))
    assert not wrong, (len(wrong), wrong[:4])
