"""Samples of sorting and selecting. The numbers of a sample differ; one about ties has no derivative."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

SHAPE = (3, 5)
# more than the kernels sort by comparing
LONG = A((2, 200))
TIES = A((2, 6), values=[[3.0, 1.0, 2.0, 1.0, 3.0, 1.0], [0.0, -0.0, 5.0, 0.0, 5.0, -1.0]], grad=False)
NANS = A((2, 4), values=[[3.0, float("nan"), 1.0, 2.0], [1.0, 0.5, float("nan"), float("nan")]], grad=False)


def order(x, dim, descending=False):
    """The stable order, in which nan is the largest."""
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    flipped = np.flip(x, dim)
    return x.shape[dim] - 1 - np.flip(np.argsort(flipped, axis=dim, kind="stable"), dim)


def ordered(x, dim=-1, descending=False):
    if not x.ndim:
        return x, np.int64(0)
    indices = order(x, dim, descending)
    return np.take_along_axis(x, indices, dim), indices


def ranked(x, dim, ranks, keepdim=True, descending=False):
    """The values of some ranks along a dim, and where they stand."""
    if not x.ndim:
        return x, np.int64(0)
    values, indices = (np.take(p, ranks, axis=dim) for p in ordered(x, dim, descending))
    return (values, indices) if keepdim else (np.squeeze(values, dim), np.squeeze(indices, dim))


def kth(x, k, dim=-1, keepdim=False):
    return ranked(x, dim, [k - 1], keepdim)


def median(x, dim=-1, keepdim=False):
    return kth(x, (x.shape[dim] + 1) // 2 if x.ndim else 1, dim, keepdim)


def top(x, k, dim=-1, largest=True):
    return ranked(x, dim, list(range(k)), descending=largest)


def spread(values, indices, dim, size):
    result = np.zeros([size if a == dim % values.ndim else n for a, n in enumerate(values.shape)], values.dtype)
    grids = list(np.ogrid[tuple(slice(n) for n in values.shape)])
    grids[dim] = indices
    np.add.at(result, tuple(grids), values)
    return result


INDICES = A((3, 2), dtype="int64", values=[[4, 1], [0, 0], [2, 3]], grad=False)

SAMPLES = [
    *[Sample(op, (A(s),), {"dim": d, "descending": down}, ordered)
      for op in ("sort_dim", "sort_stable") for s, d, down in ((SHAPE, 1, False), (SHAPE, 0, True), ((), 0, False))],
    *[Sample("sort_dim", (x,), {"dim": 1, "descending": down}, ordered, grad=False)
      for x in (TIES, NANS) for down in (False, True)],
    Sample("sort_dim", (LONG,), {"descending": True}, ordered, grad=False),
    *[Sample("topk_dim", (A(s),), {"k": k, "dim": d, "largest": up}, top)
      for s, k, d, up in ((SHAPE, 2, 1, True), (SHAPE, 3, 0, False), ((), 1, 0, True))],
    *[Sample("topk_dim", (x,), {"k": 2, "largest": up}, top, grad=False) for x in (LONG, NANS) for up in (True, False)],
    *[Sample("kthvalue_dim", (A(s),), {"k": k, "dim": d, "keepdim": keep}, kth)
      for s, k, d, keep in ((SHAPE, 2, 1, False), (SHAPE, 3, 0, True), ((), 1, 0, False))],
    *[Sample("median_dim", (A(s),), {"dim": d, "keepdim": keep}, median)
      for s, d, keep in ((SHAPE, 1, False), ((4, 3), 0, True), ((), 0, False))],
    *[Sample("nanmedian_dim", (A(s),), {"dim": d}, median) for s, d in ((SHAPE, 1), ((4, 3), 0))],
    Sample("median_dim", (NANS,), {"dim": 1}, lambda x, dim: (np.full(2, np.nan), np.array([1, 2])), grad=False),
    Sample("nanmedian_dim", (NANS,), {"dim": 1}, lambda x, dim: (np.array([2.0, 0.5]), np.array([3, 1])), grad=False),
    *[Sample(op, (A((3, 3)),), {}, np.median) for op in ("median_all", "nanmedian_all")],
    Sample("nanmedian_all", (NANS,), {}, lambda x: np.float64(1.0), grad=False),
    Sample("mode_dim", (TIES,), {"dim": 1}, lambda x, dim: (np.array([1.0, 0.0]), np.array([5, 3])), grad=False),
    Sample("mode_dim", (A((), 1.0, 2.0),), {"dim": 0}, lambda x, dim: (x, np.int64(0))),
    Sample("spread_along", (A((3, 2)), INDICES), {"dim": 1, "size": 5}, spread, complex=True),
    Sample("take_along", (A(SHAPE), INDICES), {"dim": 1}, lambda x, i, dim: np.take_along_axis(x, i, dim)),
]  # fmt: skip

ERRORS = [
    Mistake(lambda torch: torch.zeros(2, 3).sort(2), IndexError, r"^Dimension out of range"),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.complex64).sort(), RuntimeError,
            r"^ Sort does not support complex dtypes on CPU"),
    Mistake(lambda torch: torch.zeros(2, 3).topk(4), RuntimeError, r"^selected index k out of range"),
    Mistake(lambda torch: torch.zeros(2, 3).topk(1.0), TypeError, r"^topk\(\): argument 'k' \(position 2\)"),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.bool).topk(1), RuntimeError, r"^topk does not support bool"),
    Mistake(lambda torch: torch.zeros(2, 3).kthvalue(4), RuntimeError,
            r"^kthvalue\(\): selected number k out of range for dimension 1"),
    Mistake(lambda torch: torch.zeros(0, 3).median(0), IndexError,
            r"^median\(\): Expected reduction dim 0 to have non-zero size."),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.bool).median(), NotImplementedError,
            r"^\"median_cpu\" not implemented for 'Bool'"),
    Mistake(lambda torch: torch.quantile(torch.zeros(3), 1.5), RuntimeError,
            r"^quantile\(\) q must be in the range \[0, 1\] but got 1.5"),
    Mistake(lambda torch: torch.quantile(torch.zeros(3), 0.5, interpolation="foo"), RuntimeError,
            r"^quantile\(\) interpolation must be one of linear, lower, higher, midpoint or nearest, but got foo"),
    Mistake(lambda torch: torch.quantile(torch.zeros(3), torch.tensor(0.5, dtype=torch.float64)), RuntimeError,
            r"^quantile\(\) q tensor must be same dtype as the input tensor"),
]  # fmt: skip
