"""Samples of `ops/elementwise.py`: arithmetic, signs, rounding, parts."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

PAIR = (A((2, 3)), A((3,), low=0.5, high=2))
INTEGERS = (A(values=[7, -7, 6, -6], dtype="int64"), A(values=[2, 2, -4, -4], dtype="int64"))


def trunc_divide(x, y):
    return np.trunc(x / y).astype(x.dtype)


BINARY = {"add": np.add, "sub": np.subtract, "rsub": lambda x, y: y - x, "mul": np.multiply, "true_div": np.divide}
STEPS = {"floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "round": np.rint, "sign": np.sign}
QUOTIENTS = {
    "div_floor": np.floor_divide, "div_trunc": trunc_divide, "floor_divide": np.floor_divide, "remainder": np.remainder,
    "fmod": np.fmod,
}  # fmt: skip

SAMPLES = [
    *[Sample(name, PAIR, reference=f, complex=True) for name, f in BINARY.items()],
    *[Sample(name, (A((3, 1)), A((1, 2), 1, 2)), reference=f, complex=True) for name, f in BINARY.items()],
    Sample("add", PAIR, {"alpha": 3}, lambda x, y, alpha: x + alpha * y, complex=True),
    Sample("sub", PAIR, {"alpha": -2}, lambda x, y, alpha: x - alpha * y, complex=True),
    Sample("rsub", PAIR, {"alpha": 2}, lambda x, y, alpha: y - alpha * x, complex=True),
    Sample("add", INTEGERS, reference=np.add),
    Sample("add", (A((2, 3)), 1.5), reference=np.add),
    *[Sample(name, INTEGERS, reference=f) for name, f in QUOTIENTS.items()],
    *[Sample(name, (A((3, 4)),), reference=f) for name, f in STEPS.items()],
    *[Sample(name, PAIR, reference=f, grad=name != "floor_divide") for name, f in QUOTIENTS.items()],
    Sample("neg", (A((2, 3)),), reference=np.negative, complex=True),
    Sample("abs", (A((2, 3), 0.1),), reference=np.abs, complex=True),
    Sample("abs", (A(values=[-3, 0, 3], dtype="int32"),), reference=np.abs),
    Sample("sgn", (A((2, 3), 0.2),), reference=np.sign, complex=True),
    Sample("copysign", (A((2, 3), 0.1), A((3,))), reference=np.copysign),
    Sample("reciprocal", (A((2, 3), 0.5),), reference=np.reciprocal, complex=True),
    Sample("square", (A((2, 3)),), reference=np.square, complex=True),
    Sample("frac", (A((2, 3)),), reference=lambda x: x - np.trunc(x)),
    Sample("round_decimals", (A((2, 3)),), {"decimals": 1}, lambda x, decimals: np.round(x, decimals)),
    Sample("round_decimals", (A((2, 3), -40, 40),), {"decimals": -1}, lambda x, decimals: np.round(x, decimals)),
    Sample(
        "addcmul",
        (A((2, 3)), A((3,)), A((2, 1))),
        {"value": 0.5},
        lambda x, y, z, value: x + value * y * z,
        complex=True,
    ),
    Sample(
        "addcdiv",
        (A((2, 3)), A((3,)), A((2, 1), 0.5)),
        {"value": 2},
        lambda x, y, z, value: x + value * y / z,
        complex=True,
    ),
    Sample(
        "lerp_number", (A((2, 3)), A((3,))), {"weight": 0.25}, lambda x, y, weight: x + weight * (y - x), complex=True
    ),
    Sample(
        "lerp_number", (A((2, 3)), A((3,))), {"weight": 0.75}, lambda x, y, weight: x + weight * (y - x), complex=True
    ),
    Sample(
        "lerp_tensor", (A((2, 3)), A((3,)), A((2, 1), 0, 1)), reference=lambda x, y, w: x + w * (y - x), complex=True
    ),
    Sample(
        "nan_to_num",
        (A(values=[1.5, float("nan"), float("inf")]),),
        {"posinf": 3.0},
        lambda x, posinf: np.nan_to_num(x, posinf=posinf),
        grad=False,
    ),
    Sample("nan_to_num", (A((2, 3)),), {"nan": 1.0, "posinf": 2.0, "neginf": -2.0}, lambda x, **_: x),
    Sample("next_number", (A((2, 3)), A((2, 3))), reference=np.nextafter, grad=False),
    Sample("frexp", (A((2, 3), 0.6, 0.9),), reference=np.frexp),
    Sample("ldexp", (A((2, 3)), A((3,))), reference=lambda x, y: x * 2**y),
    Sample("gcd", (A(values=[12, -18], dtype="int64"), A(values=[8, 27], dtype="int64")), reference=np.gcd),
    Sample("lcm", (A(values=[12, -18], dtype="int64"), A(values=[8, 27], dtype="int64")), reference=np.lcm),
]

ERRORS = [
    Mistake(
        lambda torch: torch.add(torch.ones(2), torch.ones(3)), RuntimeError, r"^The size of tensor a \(2\) must match"
    ),
    Mistake(
        lambda torch: torch.add(torch.tensor([1]), torch.tensor([1]), alpha=0.5),
        RuntimeError,
        "^For integral input tensors, argument alpha must not be a floating point number",
    ),
    Mistake(
        lambda torch: torch.tensor([True]) - torch.tensor([True]),
        RuntimeError,
        "^Subtraction, the `-` operator, with two",
    ),
    Mistake(lambda torch: torch.ones(2) - True, RuntimeError, "^Subtraction, the `-` operator, with a bool"),
    Mistake(lambda torch: -torch.tensor([True]), RuntimeError, "^Negation, the `-` operator, on a bool"),
    Mistake(lambda torch: torch.tensor([1]) // 0, RuntimeError, "^ZeroDivisionError"),
    Mistake(lambda torch: torch.tensor([1]) % torch.tensor([0]), RuntimeError, "^ZeroDivisionError"),
    Mistake(
        lambda torch: torch.abs(torch.tensor([True])), NotImplementedError, "\"abs_cpu\" not implemented for 'Bool'"
    ),
    Mistake(lambda torch: torch.floor(torch.tensor([1j])), NotImplementedError, "^floor is not supported for complex"),
    Mistake(
        lambda torch: torch.add(torch.ones(2), "a"),
        TypeError,
        r"argument 'other' \(position 2\) must be Tensor, not str",
    ),
    Mistake(lambda torch: torch.div(torch.ones(2), 2, rounding_mode="up"), RuntimeError, "^div expected rounding_mode"),
    Mistake(lambda torch: torch.gcd(torch.ones(2), torch.ones(2)), NotImplementedError, '"gcd_cpu" not implemented'),
    Mistake(
        lambda torch: torch.lerp(torch.ones(2), torch.ones(2).double(), 0.5),
        RuntimeError,
        "^expected dtype float for `end` but got dtype double",
    ),
    Mistake(
        lambda torch: torch.addcdiv(torch.tensor([1]), torch.tensor([1]), torch.tensor([1])),
        RuntimeError,
        "^Integer division with addcdiv",
    ),
]
