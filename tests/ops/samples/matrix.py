"""Samples of the products of matrices and vectors."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample


def scaled(product):
    """`beta * input + alpha * product(a, b)`."""
    return lambda x, a, b, beta=1, alpha=1: beta * x + alpha * product(a, b)


SAMPLES = [
    *[Sample("mm", (A((n, k)), A((k, m))), {}, np.matmul, complex=True) for n, k, m in ((2, 3, 4), (1, 1, 1))],
    *[Sample("mm", (A((n, k)), A((k, m))), {}, np.matmul) for n, k, m in ((0, 3, 2), (2, 0, 3))],
    Sample("mv", (A((2, 3)), A((3,))), {}, np.matmul, complex=True),
    Sample("dot", (A((4,)), A((4,))), {}, np.dot, complex=True),
    Sample("vdot", (A((4,)), A((4,))), {}, np.vdot, complex=True),
    Sample("bmm", (A((3, 2, 4)), A((3, 4, 2))), {}, np.matmul, complex=True),
    *[
        Sample("matmul", (A(a), A(b)), {}, np.matmul, complex=True)
        for a, b in (
            ((2, 3), (3, 2)),
            ((4, 2, 3), (3, 2)),
            ((2, 3), (4, 3, 2)),
            ((2, 1, 2, 3), (3, 3, 2)),
            ((0, 2, 3), (3, 2)),
        )
    ],
    Sample("conjugate_transpose", (A((2, 3, 4)),), {}, lambda x: x.mT.conj(), complex=True),
    *[Sample("linear", (A((n, 3)), A((4, 3)), A((4,))), {}, lambda x, w, b: x @ w.T + b, complex=True) for n in (1, 5)],
    Sample("linear_without_bias", (A((5, 3)), A((4, 3))), {}, lambda x, w: x @ w.T, complex=True),
    *[
        Sample("linear_of_batch", (A(s), A((4, 3)), A((4,))), {}, lambda x, w, b: x @ w.T + b, complex=True)
        for s in ((3,), (2, 5, 3))
    ],
    Sample("linear_of_batch_without_bias", (A((2, 5, 3)), A((4, 3))), {}, lambda x, w: x @ w.T, complex=True),
    *[
        Sample(op, (A(x), A(a), A(b)), k, scaled(product), complex=True)
        for k in ({}, {"beta": 0.5, "alpha": -2.0})
        for op, x, a, b, product in (
            ("addmm", (4,), (2, 3), (3, 4), np.matmul),
            ("addmv", (2,), (2, 3), (3,), np.matmul),
            ("addr", (2, 3), (2,), (3,), np.outer),
            ("baddbmm", (2, 1), (3, 2, 4), (3, 4, 2), np.matmul),
            ("addbmm", (2,), (3, 2, 4), (3, 4, 2), lambda a, b: (a @ b).sum(0)),
        )
    ],
    Sample(
        "addmm",
        (A((2, 2), values=[[np.nan] * 2] * 2), A((2, 3)), A((3, 2))),
        {"beta": 0},
        lambda x, a, b, beta: a @ b,
        grad=False,
    ),
    *[
        Sample(
            "cross_product",
            (A((2, 3, 3)), A((1, 3, 3))),
            {"axis": a},
            lambda x, y, axis: np.cross(x, y, axis=axis),
            complex=True,
        )
        for a in (1, 2)
    ],
]

ERRORS = [
    Mistake(
        lambda t: t.ones(2, 3) @ t.ones(4, 5),
        RuntimeError,
        r"mat1 and mat2 shapes cannot be multiplied \(2x3 and 4x5\)",
    ),
    Mistake(lambda t: t.ones(2, 3) @ t.ones(2, 3), RuntimeError, r"fits transposed: other\.mT"),
    Mistake(
        lambda t: t.ones(2, 3) @ t.ones(4), RuntimeError, r"size mismatch, got input \(2\), mat \(2x3\), vec \(4\)"
    ),
    Mistake(
        lambda t: t.ones(3) @ t.ones(4), RuntimeError, r"inconsistent tensor size, expected tensor \[3\] and src \[4\]"
    ),
    Mistake(
        lambda t: t.ones(2, 3, 4) @ t.ones(2, 5, 4),
        RuntimeError,
        r"first two dimensions of batch2 tensor to be: \[2, 4\]",
    ),
    Mistake(lambda t: t.ones(2, 3, 4) @ t.ones(3, 4, 5), RuntimeError, r"size of tensor a \(2\) must match .* b \(3\)"),
    Mistake(
        lambda t: t.ones(2, 2) @ t.ones(2, 2, dtype=t.float64), RuntimeError, "same dtype, but got: float != double"
    ),
    Mistake(
        lambda t: t.ones(2, 2, dtype=t.bool) @ t.ones(2, 2, dtype=t.bool),
        NotImplementedError,
        "addmm_impl_cpu_.*'Bool'",
    ),
    Mistake(lambda t: t.mm(t.ones(3), t.ones(3, 2)), RuntimeError, "self must be a matrix"),
    Mistake(
        lambda t: t.mm(t.ones(2, 3), 3), TypeError, r"mm\(\): argument 'mat2' \(position 2\) must be Tensor, not int"
    ),
    Mistake(lambda t: t.ones(2, 2) @ 3, TypeError, "unsupported operand type"),
    Mistake(lambda t: t.bmm(t.ones(3, 4), t.ones(2, 4, 5)), RuntimeError, "batch1 must be a 3D tensor"),
    Mistake(
        lambda t: t.nn.functional.linear(t.ones(2, 3), t.ones(4, 5)), RuntimeError, r"\(2x3 and 5x4\)[\s\S]*in_features"
    ),
    Mistake(
        lambda t: t.nn.functional.linear(t.ones(2, 3), t.ones(4, 3), t.ones(5)),
        RuntimeError,
        r"expanded size of the tensor \(4\)",
    ),
    Mistake(
        lambda t: t.addmm(t.ones(3, 5), t.ones(2, 3), t.ones(3, 5)), RuntimeError, r"must match the existing size \(3\)"
    ),
    Mistake(
        lambda t: t.einsum("ij,jk->il", t.ones(2, 3), t.ones(3, 4)), RuntimeError, "output subscript l does not appear"
    ),
    Mistake(
        lambda t: t.einsum("ij,jk", t.ones(2, 3), t.ones(4, 4)), RuntimeError, "subscript j has size 4 for operand 1"
    ),
    Mistake(lambda t: t.cross(t.ones(2, 4), t.ones(2, 4)), RuntimeError, "no dimension of size 3 in input"),
]
