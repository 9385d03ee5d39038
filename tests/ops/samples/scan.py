"""Samples of what runs along a dim."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

SHAPE = (3, 4)
ZEROS = A((2, 4), values=[[1.5, 0.0, -2.0, 3.0], [0.0, 2.0, 0.0, 0.5]])
TIES = A((2, 4), values=[[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 1.0, 2.0]])
LARGE = A((2, 3), values=[[-800.0, 0.5, 800.0], [900.0, 1.0, -3.0]])


def running(extreme):
    """The running extreme of NumPy, and the last index where it stood."""

    def reference(x, dim):
        if not x.ndim:
            return x, np.int64(0)
        values = extreme.accumulate(x, axis=dim)
        place = np.arange(x.shape[dim]).reshape([-1 if a == dim % x.ndim else 1 for a in range(x.ndim)])
        return values, np.maximum.accumulate(np.where(x == values, place, 0), axis=dim)

    return reference


def recurrence(a, b, dim=-1):
    """One step after the other."""
    a, y = np.moveaxis(a, dim, 0), np.moveaxis(b, dim, 0).copy()
    for i in range(1, len(y)):
        y[i] += a[i] * y[i - 1]
    return np.moveaxis(y, 0, dim)


def logsumexp(x, dim=None, keepdim=False):
    top = x.real.max()
    return np.log(np.sum(np.exp(x - top), axis=dim, keepdims=keepdim)) + top


SAMPLES = [
    *[Sample("cumsum_dim", (A(SHAPE),), {"dim": d}, lambda x, dim: np.cumsum(x, dim), complex=True) for d in (0, -1)],
    *[Sample("cumprod_dim", (A(SHAPE),), {"dim": d}, lambda x, dim: np.cumprod(x, dim), complex=True) for d in (0, -1)],
    Sample("cumprod_dim", (ZEROS,), {"dim": 1}, lambda x, dim: np.cumprod(x, dim)),
    *[Sample(f"{op}_dim", (A(()),), {"dim": 0}, lambda x, dim: x) for op in ("cumsum", "cumprod", "logcumsumexp")],
    *[Sample(f"cum{name}_dim", (A(s),), {"dim": d}, running(f))
      for name, f in (("max", np.maximum), ("min", np.minimum)) for s, d in (((3, 5), 0), ((3, 5), -1), ((), 0))],
    *[Sample(f"cum{name}_dim", (TIES,), {"dim": 1}, running(f), grad=False)
      for name, f in (("max", np.maximum), ("min", np.minimum))],
    *[Sample("linear_recurrence", (A(s, -1.0, 1.0), A(s)), {"dim": d}, recurrence, complex=True)
      for s, d in (((3, 4), 0), ((3, 4), -1), ((40,), 0))],
    *[Sample("logcumsumexp_dim", (A(SHAPE),), {"dim": d}, lambda x, dim: np.logaddexp.accumulate(x, dim))
      for d in (0, -1)],
    Sample("logcumsumexp_dim", (LARGE,), {"dim": 1}, lambda x, dim: np.logaddexp.accumulate(x, dim), grad=False),
    *[Sample("logsumexp_dims", (A((2, 3, 4)),), {"dim": d, "keepdim": k}, logsumexp, complex=True)
      for d, k in ((None, False), ((1,), True), ((0, -1), False))],
    Sample("logsumexp_dims", (LARGE,), {"dim": (1,)}, lambda x, dim: np.logaddexp.reduce(x, 1), grad=False),
]  # fmt: skip

ERRORS = [
    Mistake(lambda torch: torch.zeros(2, 3).cumsum(2), IndexError, r"^Dimension out of range"),
    Mistake(lambda torch: torch.zeros(2, 3).cumsum("a"), TypeError,
            r"^cumsum\(\): argument 'dim' \(position 2\) must be int, not str"),
    Mistake(lambda torch: torch.cumprod(torch.zeros(2)), TypeError,
            r"^cumprod\(\) missing 1 required positional arguments: \"dim\""),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.complex64).cummax(0), NotImplementedError,
            r"^\"cummax_cpu\" not implemented for 'ComplexFloat'"),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.int64).logcumsumexp(0), NotImplementedError,
            r"^\"logcumsumexp_out_cpu\" not implemented for 'Long'"),
    Mistake(lambda torch: torch.diff(torch.zeros(3), -1), RuntimeError, r"^order must be non-negative but got -1"),
    Mistake(lambda torch: torch.diff(torch.tensor(1.0)), RuntimeError, r"^diff expects input to be at least one-dim"),
    Mistake(lambda torch: torch.trapezoid(torch.zeros(2, 3), torch.arange(4.0)), RuntimeError,
            r"^trapezoid: There must be one `x` value for each sample point"),
    Mistake(lambda torch: torch.gradient(torch.zeros(1)), RuntimeError,
            r"^torch.gradient expected each dimension size to be at least edge_order\+1"),
    Mistake(lambda torch: torch.gradient(torch.zeros(2, 2), spacing=[1.0]), RuntimeError,
            r"^torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to"
            r" 'self.dim\(\) = 2'"),
    Mistake(lambda torch: torch.logsumexp(torch.zeros(2), None), TypeError,
            r"^logsumexp\(\): argument 'dim' \(position 2\) must be tuple of ints, not NoneType"),
]  # fmt: skip
