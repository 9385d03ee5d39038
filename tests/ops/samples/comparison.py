"""Samples of `ops/comparison.py`: comparison, truth values, bits, choice."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

NUMBERS = (A(values=[[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), A(values=[1.0, 3.0, 1.0]))
TRUTHS = (A(values=[0, 1, 2, 0], dtype="int64"), A(values=[0.0, 0.5, 0.0, 3.0], dtype="float32"))
BITS = (A(values=[[1, 2, 12], [7, -3, 0]], dtype="int32"), A(values=[3, 1, 2], dtype="int64"))
BOOLS = (A(values=[True, True, False], dtype="bool"), A(values=[True, False, False], dtype="bool"))
STRANGE = A(values=[0.0, -0.0, 1.5, -2.0, float("inf"), -float("inf"), float("nan")])

COMPARISONS = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
LOGIC = {"logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor}
BITWISE = {"bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor}
SHIFTS = {"bitwise_left_shift": np.left_shift, "bitwise_right_shift": np.right_shift}
TESTS = {
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "isposinf": np.isposinf, "isneginf": np.isneginf,
    "isreal": np.isreal, "signbit": np.signbit, "logical_not": np.logical_not,
}  # fmt: skip


def close(x, y, rtol, atol, equal_nan):
    return np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)


SAMPLES = [
    *[Sample(name, NUMBERS, reference=f) for name, f in COMPARISONS.items()],
    *[Sample(name, (NUMBERS[0], 2.0), reference=f) for name, f in COMPARISONS.items()],
    *[Sample(name, TRUTHS, reference=f) for name, f in {**COMPARISONS, **LOGIC}.items()],
    *[Sample(name, (STRANGE,), reference=f) for name, f in TESTS.items()],
    *[Sample(name, operands, reference=f) for name, f in BITWISE.items() for operands in (BITS, BOOLS)],
    *[Sample(name, BITS, reference=f) for name, f in SHIFTS.items()],
    Sample("bitwise_not", (BITS[0],), reference=np.invert),
    Sample("bitwise_not", (BOOLS[0],), reference=np.invert),
    Sample("isclose", (STRANGE, STRANGE), {"rtol": 1e-5, "atol": 1e-8, "equal_nan": True}, close),
    Sample("isclose", NUMBERS, {"rtol": 0.0, "atol": 1.5, "equal_nan": False}, close),
    Sample("where_same", (A(values=[True, False], dtype="bool"), A((3, 2)), A((2,))), reference=np.where),
    Sample("heaviside", (A(values=[-1.5, 0.0, 2.0]), A(values=[0.25])), reference=np.heaviside, grad=False),
]

ERRORS = [
    Mistake(lambda torch: torch.ones(2) * 1j < 1, NotImplementedError, "\"lt_cpu\" not implemented for 'ComplexFloat'"),
    Mistake(lambda torch: torch.ones(2) & 1, NotImplementedError, "\"bitwise_and_cpu\" not implemented for 'Float'"),
    Mistake(lambda torch: torch.ones(2) << 1, NotImplementedError, "\"lshift_cpu\" not implemented for 'Float'"),
    Mistake(
        lambda torch: torch.logical_and(torch.ones(2), 1), TypeError, r"argument 'other' \(position 2\) must be Tensor"
    ),
    Mistake(
        lambda torch: torch.signbit(torch.ones(2) * 1j), NotImplementedError, "^signbit is not implemented for complex"
    ),
    Mistake(
        lambda torch: torch.isposinf(torch.ones(2) * 1j), RuntimeError, "^isposinf does not support complex inputs"
    ),
    Mistake(
        lambda torch: torch.where(torch.tensor([1]), 1, 2),
        RuntimeError,
        "^where expected condition to be a boolean tensor, but got a tensor with dtype Long",
    ),
    Mistake(
        lambda torch: torch.where(torch.tensor([True]), torch.ones(1)),
        TypeError,
        r"^where\(\) received an invalid combination of arguments",
    ),
    Mistake(
        lambda torch: torch.isclose(torch.ones(2), torch.tensor([1, 1])), RuntimeError, "^Float did not match Long"
    ),
    Mistake(
        lambda torch: torch.heaviside(torch.ones(2), torch.tensor([1, 1])),
        RuntimeError,
        "^heaviside is not yet implemented for tensors with different dtypes",
    ),
]
