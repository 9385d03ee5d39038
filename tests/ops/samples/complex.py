"""Samples of `ops/complex.py`: parts, conjugates, angles, pairs."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

NUMBERS = A((2, 3), dtype="complex128")


def pairs(z):
    return np.stack([z.real, z.imag], -1)


SAMPLES = [
    Sample("real", (NUMBERS,), reference=np.real),
    Sample("imag", (NUMBERS,), reference=np.imag),
    Sample("conj", (NUMBERS,), reference=np.conj),
    Sample("angle", (A((2, 3), 0.1, 2, dtype="complex128"),), reference=np.angle),
    Sample("angle", (A((2, 3)),), reference=np.angle),
    Sample("view_as_real", (NUMBERS,), reference=pairs),
    Sample("view_as_complex", (A((3, 2)),), reference=lambda x: x[..., 0] + 1j * x[..., 1]),
    Sample("complex_of", (A((2, 3)), A((2, 3))), reference=lambda x, y: x + 1j * y),
    Sample("polar", (A((2, 3), 0.1), A((2, 3))), reference=lambda r, angle: r * np.exp(1j * angle)),
]

ERRORS = [
    Mistake(
        lambda torch: torch.imag(torch.ones(2)), RuntimeError, "^imag is not implemented for tensors with non-complex"
    ),
    Mistake(
        lambda torch: torch.view_as_real(torch.ones(2)), RuntimeError, "^view_as_real is only supported for complex"
    ),
    Mistake(
        lambda torch: torch.view_as_complex(torch.ones(3)), RuntimeError, "^Tensor must have a last dimension of size 2"
    ),
    Mistake(
        lambda torch: torch.view_as_complex(torch.ones(2, 2).t()),
        RuntimeError,
        "^Tensor must have a last dimension with stride 1",
    ),
    Mistake(
        lambda torch: torch.complex(torch.ones(2), torch.ones(2).double()),
        RuntimeError,
        "^Expected object of scalar type Float but got scalar type Double for second argument",
    ),
    Mistake(
        lambda torch: torch.complex(torch.tensor([1]), torch.tensor([1])),
        RuntimeError,
        "^Expected both inputs to be Half, Float or Double tensors but got Long and Long",
    ),
]
