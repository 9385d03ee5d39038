"""Samples of decompositions, systems and norms. Where only a triangle is read, or vectors may be turned, derivatives
are compared with PyTorch's instead (tests/tensor/functions/test_decompositions_oracle.py)."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

SQUARE = A((2, 2, 2), values=[[[2.0, 0.5], [-1.0, 3.0]], [[1.0, 2.0], [3.0, -1.0]]])
POSITIVE = A((2, 2), values=[[4.0, 1.0], [1.0, 3.0]])
SINGULAR = A((2, 2), values=[[1.0, 2.0], [2.0, 4.0]])
TALL = A((3, 2), values=[[2.0, 0.5], [-1.0, 3.0], [0.5, 1.0]])
WIDE = A((2, 3), values=[[2.0, 0.5, 1.0], [-1.0, 3.0, 0.3]])
PIVOTS = A((2,), values=[2, 2], dtype="int32")
LARGEST = A((2, 3), values=[[1.0, -4.0, 2.0], [0.5, 3.0, -1.5]])


def none(x):
    return np.zeros(x.shape[:-2], np.int32)


def norm(x, ord, dim, keepdim=False):
    size = np.abs(x)
    if np.isinf(ord):
        return (size.max if ord > 0 else size.min)(axis=dim, keepdims=keepdim)
    if ord == 0:
        return (size != 0).sum(axis=dim, keepdims=keepdim)
    return (size**ord).sum(axis=dim, keepdims=keepdim) ** (1 / ord)


def cofactor(x):
    return (np.linalg.det(x)[..., None, None] * np.linalg.inv(x)).mT


def taylor(x):
    """The exponential by its series."""
    total = term = np.broadcast_to(np.eye(x.shape[-1]), x.shape)
    for i in range(1, 60):
        term = term @ x / i
        total = total + term
    return total


SAMPLES = [
    Sample("linalg_inv_ex", (SQUARE,), {}, lambda x: (np.linalg.inv(x), none(x)), complex=True),
    Sample("linalg_det", (SQUARE,), {}, np.linalg.det, complex=True),
    Sample("linalg_det", (SINGULAR,), {}, np.linalg.det, second=False),
    Sample("linalg_cofactor", (SQUARE,), {}, cofactor, complex=True),
    Sample("linalg_slogdet", (SQUARE,), {}, lambda x: tuple(np.linalg.slogdet(x)), complex=True),
    *[
        Sample("linalg_solve_ex", (SQUARE, A(b)), {}, lambda a, b: (np.linalg.solve(a, b), none(a)), complex=True)
        for b in ((2, 3), (2, 2, 1))
    ],
    *[
        Sample(
            "linalg_solve_triangular",
            (SQUARE, A((2, 3))),
            {"upper": u},
            lambda a, b, upper: np.linalg.solve(np.triu(a) if upper else np.tril(a), b),
            complex=True,
        )
        for u in (True, False)
    ],
    Sample(
        "linalg_solve_triangular",
        (A((40, 40), 0.0, 0.1), A((40, 2))),
        {"upper": True, "unitriangular": True},
        lambda a, b, upper, unitriangular: np.linalg.solve(np.triu(a, 1) + np.eye(40), b),
        grad=False,
    ),
    Sample(
        "linalg_lstsq",
        (TALL, A((3, 2))),
        {"rcond": 1e-12},
        lambda a, b, rcond: (np.linalg.lstsq(a, b, rcond)[0], np.empty(0), *np.linalg.lstsq(a, b, rcond)[2:]),
        grad=False,
    ),
    *[
        Sample(
            "linalg_cholesky_ex",
            (POSITIVE,),
            {"upper": u},
            lambda x, upper: (np.linalg.cholesky(x, upper=upper), none(x)),
            grad=False,
        )
        for u in (False, True)
    ],
    *[Sample("linalg_lu_factor_ex", (x,), {}, complex=True) for x in (SQUARE, TALL, WIDE)],
    Sample("linalg_pivot_order", (PIVOTS,), {"m": 3}, lambda p, m: np.array([1, 0, 2])),
    Sample(
        "linalg_ldl_factor",
        (POSITIVE,),
        {},
        lambda x: (np.array([[4.0, 0.0], [0.25, 2.75]]), np.array([1, 2]), none(x)),
        grad=False,
    ),
    Sample(
        "linalg_ldl_solve",
        (A((2, 2), values=[[4.0, 0.0], [0.25, 2.75]]), A((2,), values=[1, 2], dtype="int32"), A((2, 1))),
        {},
        lambda x, p, b: np.linalg.solve(np.array(POSITIVE.values), b),
    ),
    *[
        Sample("linalg_qr", (x,), {"mode": m}, lambda x, mode: tuple(np.linalg.qr(x, mode)))
        for x, m in ((TALL, "reduced"), (WIDE, "reduced"), (SQUARE, "complete"))
    ],
    Sample("geqrf", (TALL,), {}, lambda x: (np.linalg.qr(x, "raw")[0].T, np.linalg.qr(x, "raw")[1]), grad=False),
    Sample("linalg_eigh", (POSITIVE,), {}, lambda x: tuple(np.linalg.eigh(x)), grad=False),
    Sample("linalg_eigvalsh", (POSITIVE,), {}, np.linalg.eigvalsh),
    Sample("linalg_eig", (POSITIVE,), {}, lambda x: tuple(np.linalg.eig(x)), grad=False),
    Sample("linalg_eigvals", (POSITIVE,), {}, np.linalg.eigvals),
    *[
        Sample(
            "linalg_svd",
            (x,),
            {"full_matrices": False},
            lambda x, full_matrices: tuple(np.linalg.svd(x, full_matrices)),
        )
        for x in (TALL, WIDE, POSITIVE)
    ],
    Sample("linalg_svdvals", (TALL,), {}, lambda x: np.linalg.svd(x, compute_uv=False)),
    *[
        Sample("linalg_pinv", (x,), {"rtol": 1e-12}, lambda x, rtol: np.linalg.pinv(x, rcond=rtol), complex=True)
        for x in (TALL, WIDE)
    ],
    *[Sample("linalg_matrix_exp", (A((2, 3, 3), -s, s),), {}, taylor, complex=True) for s in (0.5, 3.0)],
    *[
        Sample("linalg_vector_norm", (A((2, 3)),), {"ord": o, "dim": d, "keepdim": k}, norm, complex=True)
        for o in (1, 2, 3, 1.5)
        for d, k in (((0, 1), False), ((1,), True))
    ],
    *[Sample("linalg_vector_norm", (LARGEST,), {"ord": o, "dim": (1,)}, norm) for o in (0, np.inf, -np.inf)],
]


def singular(t):
    return t.tensor([[1.0, 2.0], [2.0, 4.0]])


ERRORS = [
    Mistake(lambda t: t.linalg.inv(singular(t)), RuntimeError, "linalg.inv: The diagonal element 2 is zero"),
    Mistake(
        lambda t: t.linalg.solve(singular(t), t.ones(2)),
        RuntimeError,
        "torch.linalg.solve: The solver failed .* is singular",
    ),
    Mistake(
        lambda t: t.linalg.cholesky(-t.eye(2).expand(3, 2, 2)),
        RuntimeError,
        r"\(Batch element 0\): .*leading minor of order 1",
    ),
    Mistake(lambda t: t.linalg.lu_factor(singular(t)), RuntimeError, r"U\[2,2\] is zero and using it on lu_solve"),
    Mistake(
        lambda t: t.linalg.inv(t.ones(2, 3)), RuntimeError, "batches of square matrices, but they are 2 by 3 matrices"
    ),
    Mistake(
        lambda t: t.linalg.det(t.ones(3)),
        RuntimeError,
        "linalg.det: The input tensor A must have at least 2 dimensions",
    ),
    Mistake(
        lambda t: t.linalg.inv(t.eye(2, dtype=t.int64)), RuntimeError, "Expected a floating point or complex tensor"
    ),
    Mistake(lambda t: t.linalg.inv(t.eye(2).half()), RuntimeError, "Low precision dtypes not supported. Got Half"),
    Mistake(
        lambda t: t.linalg.eigh(t.eye(2), UPLO="X"), RuntimeError, "Expected UPLO argument to be 'L' or 'U', but got X"
    ),
    Mistake(lambda t: t.linalg.qr(t.eye(2), mode="x"), RuntimeError, "unrecognized mode 'x'"),
    Mistake(lambda t: t.linalg.solve(t.eye(2), t.ones(3, 2)), RuntimeError, r"AX = B \(2x2 and 3x2\)"),
    Mistake(lambda t: t.linalg.norm(t.ones(2, 2), "x"), RuntimeError, "Order x not supported"),
    Mistake(lambda t: t.linalg.vector_norm(t.ones(0), float("inf")), RuntimeError, "inf norm on an empty tensor"),
    Mistake(lambda t: t.linalg.svd(t.full((2, 2), float("nan"))), RuntimeError, "contained non-finite values"),
    Mistake(
        lambda t: t.geqrf(t.ones(2, 2).requires_grad_())[0].sum().backward(),
        NotImplementedError,
        "derivative for 'geqrf'",
    ),
    Mistake(
        lambda t: t.linalg.qr(t.ones(3, 2).requires_grad_(), "complete")[0].sum().backward(),
        RuntimeError,
        "nrows > ncols",
    ),
]
