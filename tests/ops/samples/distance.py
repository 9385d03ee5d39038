"""Samples of norms and distances."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

INF = float("inf")
ORDERS = [2, 1, 3, 1.5, 0.5, -2, INF, -INF]


def norm(x, ord=2, dim=None, keepdim=False):
    """The textbook's norm."""
    size = np.abs(x)
    if ord in (INF, -INF):
        return (np.max if ord > 0 else np.min)(size, axis=dim, keepdims=keepdim)
    if ord == 0:
        return np.sum(size != 0, axis=dim, keepdims=keepdim).astype(size.dtype)
    return np.sum(size**ord, axis=dim, keepdims=keepdim) ** (1 / ord)


def cdist(a, b, p=2, product=False):
    return norm(a[..., :, None, :] - b[..., None, :, :], p, -1)


def pdist(x, p=2):
    i, j = np.triu_indices(len(x), 1)
    return norm(x[i] - x[j], p, -1)


def renorm(x, p, dim, maxnorm):
    n = norm(x, p, tuple(a for a in range(x.ndim) if a != dim % x.ndim), True)
    return x * np.where(n > maxnorm, maxnorm / (n + 1e-7), 1)


SAMPLES = [
    *[Sample("vector_norm", (A((2, 3, 4)),), {"ord": p, "dim": d, "keepdim": k}, norm, complex=True)
      for p in ORDERS for d, k in ((None, False), ((1,), True), ((0, -1), False))],
    Sample("vector_norm", (A((2, 3)),), {"ord": 0}, norm, second=False),
    Sample("vector_norm", (A(()),), {"ord": 2}, norm),
    Sample("sum_of_squares", (A((3, 4)),), {}, lambda x: np.sum(x * x)),
    Sample("sum_of_squares", (A((3, 4)),), {"axis": (1,), "keepdims": True},
           lambda x, axis, keepdims: np.sum(x * x, axis, keepdims=keepdims)),
    *[Sample("dist_of", (A((3, 4)), A((3, 4))), {"p": p}, lambda a, b, p: norm(a - b, p)) for p in (2, 1, 3, INF)],
    *[Sample("cdist_of", (A((2, 3, 4)), A((2, 5, 4))), {"p": p}, cdist) for p in (2, 1, 3, INF)],
    Sample("cdist_of", (A((3, 4)), A((5, 4))), {"p": 2, "product": True}, cdist),
    *[Sample("pdist_of", (A((4, 3)),), {"p": p}, pdist) for p in (2, 1, 3)],
    *[Sample("renorm_of", (A((3, 4)),), {"p": p, "dim": d, "maxnorm": m}, renorm)
      for p, d, m in ((2, 0, 1.0), (1, 1, 0.5), (3, -1, 100.0))],
]  # fmt: skip

ERRORS = [
    Mistake(lambda torch: torch.norm(torch.ones(3, dtype=torch.int64)), RuntimeError,
            r"^linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long"),
    Mistake(lambda torch: torch.norm(torch.zeros(0), INF), RuntimeError,
            r"^linalg.vector_norm cannot compute the inf norm on an empty tensor because"),
    Mistake(lambda torch: torch.norm(torch.zeros(2, 2), "foo"), RuntimeError, r"^linalg.matrix_norm: Order foo not"),
    Mistake(lambda torch: torch.cdist(torch.zeros(2, 3), torch.zeros(2, 4)), RuntimeError,
            r"^X1 and X2 must have the same number of columns. X1: 3 X2: 4"),
    Mistake(lambda torch: torch.cdist(torch.zeros(2, 3), torch.zeros(2, 3), -1), RuntimeError,
            r"^cdist only supports non-negative p values"),
    Mistake(lambda torch: torch.renorm(torch.zeros(3), 2, 0, 1.0), RuntimeError,
            r"^renorm: input needs at least 2 dimensions, got 1 dimensions"),
    Mistake(lambda torch: torch.renorm(torch.zeros(2, 3), 2, 0, -1.0), RuntimeError,
            r"^renorm: expected maxnorm to be >= 0 but got -1"),
]  # fmt: skip
