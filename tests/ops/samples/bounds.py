"""Samples of `ops/bounds.py`: bounds, larger and smaller."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

INTEGERS = (A(values=[7, -7, 6, -6], dtype="int64"), A(values=[2, 2, -4, -4], dtype="int64"))
BOUNDED = {"maximum": np.maximum, "minimum": np.minimum, "fmax": np.fmax, "fmin": np.fmin}

SAMPLES = [
    *[Sample(name, (A((3, 4)), A((4,))), reference=f) for name, f in BOUNDED.items()],
    Sample("relu", (A((3, 4)),), reference=lambda x: np.maximum(x, 0)),
    Sample("clamp_numbers", (A((3, 4)),), {"min": -1.0, "max": 1.0}, lambda x, min, max: np.clip(x, min, max)),
    Sample("clamp_numbers", (A((3, 4)),), {"min": None, "max": 0.5}, lambda x, min, max: np.minimum(x, max)),
    Sample("clamp_tensors", (A((3, 4)), A((4,), -1, 0), A((3, 1), 0, 1)), reference=np.clip),
    Sample("clamp_tensors", (A((3, 4)), A((4,)), None), reference=lambda x, low, high: np.maximum(x, low)),
    Sample("clamp_min_number", (A((3, 4)),), {"min": 0.25}, lambda x, min: np.maximum(x, min)),
    Sample("clamp_max_number", (A((3, 4)),), {"max": 0.25}, lambda x, max: np.minimum(x, max)),
    *[Sample(name, INTEGERS, reference=f) for name, f in BOUNDED.items()],
]

ERRORS = [
    Mistake(
        lambda torch: torch.maximum(torch.ones(2), 1),
        TypeError,
        r"argument 'other' \(position 2\) must be Tensor, not int",
    ),
    Mistake(lambda torch: torch.clamp(torch.ones(2)), RuntimeError, "At least one of 'min' or 'max' must not be None"),
    Mistake(
        lambda torch: torch.clamp(torch.ones(2) * 1j, 0), NotImplementedError, "^clamp is not supported for complex"
    ),
]
