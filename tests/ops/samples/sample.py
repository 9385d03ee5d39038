"""Samples of `ops/sample.py`. Values of the derivatives: `tests/distributions/test_reparameterisation.py`."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

SIMPLEX = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
CONCENTRATIONS = np.array([[0.5, 3.0, 1.5], [7.0, 20.0, 9.0]])
TOTALS = np.broadcast_to(CONCENTRATIONS.sum(-1, keepdims=True), (2, 3)).copy()

SAMPLES = [
    Sample("standard_gamma", (A((2, 3), 0.5, 9),), {"values": np.ones((2, 3))}, grad=False),
    Sample("standard_gamma_grad", (A((2, 3), 0.5, 9), A((2, 3), 0.1, 12)), grad=False),
    Sample("sample_dirichlet", (A((2, 3), 0.5, 9),), {"values": SIMPLEX}, grad=False),
    Sample(
        "dirichlet_grad",
        (A(values=SIMPLEX.tolist()), A(values=CONCENTRATIONS.tolist()), A(values=TOTALS.tolist())),
        grad=False,
    ),
]

ERRORS = [
    Mistake(
        lambda torch: torch._standard_gamma(torch.ones(2, dtype=torch.int64)),
        NotImplementedError,
        "\"gamma_cpu\" not implemented for 'Long'",
    ),
    Mistake(
        lambda torch: torch._sample_dirichlet(torch.ones(2).half()),
        NotImplementedError,
        "\"dirichlet\" not implemented for 'Half'",
    ),
    Mistake(
        lambda torch: torch._dirichlet_grad(torch.ones(2), torch.ones(2).double(), torch.ones(2)),
        RuntimeError,
        "^Found dtype Double but expected Float",
    ),
    Mistake(
        lambda torch: torch._standard_gamma_grad(torch.ones(2, requires_grad=True), torch.ones(2)).sum().backward(),
        NotImplementedError,
        "^the derivative for '_standard_gamma_grad' is not implemented",
    ),
]
