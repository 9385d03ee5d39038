"""Samples of `ops/exponential.py`: powers, exponentials, logarithms, circular and hyperbolic functions."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

# name -> NumPy's function, the interval of real inputs, and whether complex numbers are tested
UNARY = {
    "sqrt": (np.sqrt, 0.2, 3, True), "rsqrt": (lambda x: 1 / np.sqrt(x), 0.2, 3, True), "exp": (np.exp, -2, 2, True),
    "exp2": (lambda x: 2**x, -2, 2, True), "expm1": (np.expm1, -2, 2, True), "log": (np.log, 0.2, 3, True),
    "log2": (np.log2, 0.2, 3, True), "log10": (np.log10, 0.2, 3, True), "log1p": (np.log1p, -0.5, 3, True),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), -3, 3, True), "sin": (np.sin, -3, 3, True),
    "cos": (np.cos, -3, 3, True),
    "tan": (np.tan, -1, 1, True), "asin": (np.arcsin, -0.9, 0.9, True), "acos": (np.arccos, -0.9, 0.9, True),
    "atan": (np.arctan, -3, 3, True), "sinh": (np.sinh, -2, 2, True), "cosh": (np.cosh, -2, 2, True),
    "tanh": (np.tanh, -2, 2, True), "asinh": (np.arcsinh, -2, 2, True), "acosh": (np.arccosh, 1.2, 3, True),
    "atanh": (np.arctanh, -0.8, 0.8, True), "sinc": (np.sinc, -2, 2, True), "deg2rad": (np.deg2rad, -90, 90, False),
    "rad2deg": (np.rad2deg, -2, 2, False),
}  # fmt: skip

SAMPLES = [
    *[Sample(name, (A((2, 3), low, high),), {}, f, complex=c) for name, (f, low, high, c) in UNARY.items()],
    *[
        Sample(name, (A(values=[1], dtype="int64"),), {}, f)
        for name, (f, *_) in UNARY.items()
        if name not in ("rsqrt", "sigmoid", "atanh", "sinc")
    ],
    Sample("pow_tensor", (A((2, 3), 0.3, 2), A((3,))), reference=np.power, complex=True),
    Sample("pow_tensor", (A(values=[2, -3], dtype="int64"), A(values=[3, 2], dtype="int64")), reference=np.power),
    *[
        Sample("pow_scalar", (A((2, 3), 0.3, 2),), {"exponent": n}, lambda x, exponent: x**exponent, complex=True)
        for n in (0, 1, 2, 3, 2.5, 0.5, -0.5, -1, -2)
    ],
    Sample("hypot", (A((2, 3)), A((3,))), reference=np.hypot),
    Sample("logaddexp", (A((2, 3)), A((3,))), reference=lambda x, y: np.log(np.exp(x) + np.exp(y)), complex=True),
    Sample("logaddexp2", (A((2, 3)), A((3,))), reference=np.logaddexp2),
    Sample("atan2", (A((2, 3), 0.1), A((3,))), reference=np.arctan2),
    Sample("logit", (A((2, 3), 0.1, 0.9),), reference=lambda x: np.log(x / (1 - x))),
    Sample(
        "logit",
        (A((2, 3), -0.5, 1.5),),
        {"eps": 0.2},
        lambda x, eps: np.log(np.clip(x, eps, 1 - eps) / (1 - np.clip(x, eps, 1 - eps))),
    ),
]

ERRORS = [
    Mistake(
        lambda torch: torch.tensor([2]) ** -1, RuntimeError, "^Integers to negative integer powers are not allowed"
    ),
    Mistake(
        lambda torch: torch.pow(torch.ones(2), "a"), TypeError, r"^pow\(\) received an invalid combination of arguments"
    ),
    Mistake(
        lambda torch: torch.logaddexp(torch.tensor([1]), torch.tensor([1])),
        NotImplementedError,
        "\"logaddexp_cpu\" not implemented for 'Long'",
    ),
    Mistake(
        lambda torch: torch.atan2(torch.ones(2) * 1j, torch.ones(2)),
        NotImplementedError,
        "\"atan2_cpu\" not implemented for 'ComplexFloat'",
    ),
    Mistake(lambda torch: torch.deg2rad(torch.ones(2) * 1j), RuntimeError, "^deg2rad is not supported for complex"),
    Mistake(lambda torch: torch.sin(3), TypeError, r"argument 'input' \(position 1\) must be Tensor, not int"),
]
