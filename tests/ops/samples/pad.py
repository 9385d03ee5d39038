"""Samples of padding."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample
from .pool import transposed

NUMPYS = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def ends(x, pad):
    """`pad` as NumPy wants it: for each axis, from the first on."""
    given = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    return [(0, 0)] * (x.ndim - len(given)) + given[::-1]


def constant(x, pad, value):
    grown = np.pad(x, [(max(a, 0), max(b, 0)) for a, b in ends(x, pad)], constant_values=value)
    return grown[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(ends(x, pad), grown.shape, strict=True))]


def repeating(x, pad, mode):
    grown = np.pad(x, [(max(a, 0), max(b, 0)) for a, b in ends(x, pad)], NUMPYS[mode])
    return grown[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(ends(x, pad), grown.shape, strict=True))]


IMAGE = A((1, 2, 4, 5))

SAMPLES = [
    Sample("constant_pad", (IMAGE, (1, 2, 0, 3), 0.5), reference=constant, complex=True),
    Sample("constant_pad", (IMAGE, (-1, 2, 1, -2), -1.0), reference=constant),
    Sample("constant_pad", (A((3,)), (0, 0), 0), reference=constant),
    Sample("constant_pad", (A((2, 3)), (-3, 0), 0), grad=False),
    Sample("repeating_pad", (IMAGE, (5, 3), "circular"), reference=repeating),
    Sample("repeating_pad", (IMAGE, (0, 2, 1, 1), "reflect"), reference=repeating),
]
for _name, _mode in (("reflect", "reflect"), ("replicate", "replicate")):
    SAMPLES += [
        Sample(f"{_name}_pad_1", (A((2, 5)), (3, 2), _mode), reference=repeating),
        Sample(f"{_name}_pad_2", (IMAGE, (3, 2, 1, 0), _mode), reference=repeating),
        Sample(f"{_name}_pad_2", (IMAGE, (-1, 2, 1, -2), _mode)),
        Sample(f"{_name}_pad_3", (A((1, 2, 3, 3, 3)), (1, 2, 0, 1, 2, 1), _mode), reference=repeating),
    ]
SAMPLES += [
    Sample(
        "repeating_pad_gradient",
        (A((2, 10)), (2, 5), (3, 2), mode),
        reference=transposed(lambda x, mode=mode: repeating(x, (3, 2), mode), (2, 5)),
    )
    for mode in NUMPYS
]

ERRORS = [
    Mistake(
        lambda torch: torch.nn.functional.pad(torch.ones(1, 3, 5), (5, 1), mode="reflect"),
        RuntimeError,
        r"Padding size should be less than the corresponding input dimension, but got: padding \(5, 1\) at dimension 2",
    ),
    Mistake(
        lambda torch: torch.nn.functional.pad(torch.ones(1, 3, 5), (6, 1), mode="circular"),
        RuntimeError,
        "Padding value causes wrapping around more than once",
    ),
    Mistake(
        lambda torch: torch.nn.functional.pad(torch.ones(3), (1, 1), mode="reflect"),
        NotImplementedError,
        "Padding size 2 is not supported for 1D input tensor",
    ),
    Mistake(
        lambda torch: torch.nn.functional.pad(torch.ones(3), (1,)),
        RuntimeError,
        "Padding length must be divisible by 2",
    ),
]
