"""Samples of the reductions."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

SHAPE = (2, 3, 4)
# (dim, keepdim) of rows that reduce several dims, and of those that reduce one
SEVERAL = [(None, False), (None, True), ((1,), False), ((0, -1), True), ((-1,), True), ((0, 1, 2), False)]
ONE = [(0, False), (1, True), (-1, False)]
TIES = A((2, 4), values=[[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 2.0, 2.0]])
NANS = A((2, 3), values=[[1.0, float("nan"), 3.0], [float("nan")] * 3])
ZEROS = A((2, 4), values=[[1.5, 0.0, -2.0, 3.0], [0.0, 2.0, 0.0, 0.5]])
INTEGERS = A((2, 3), dtype="int32", values=[[1, -2, 3], [0, 5, 4]], grad=False)
BOOLS = A((2, 3), dtype="bool", values=[[True, False, True], [False, False, False]], grad=False)


def over(function, **fixed):
    """NumPy's reduction in the words of a row."""
    return lambda x, dim=None, keepdim=False, **rest: function(x, axis=dim, keepdims=keepdim, **fixed, **rest)


def several(op, function, *, complex=False, second=True, low=-2.0, high=2.0):
    """Samples of a row that reduces several dims."""
    reference = over(function)
    samples = [
        Sample(op, (A(SHAPE, low, high),), {"dim": d, "keepdim": k}, reference, complex=complex, second=second)
        for d, k in SEVERAL
    ]
    return [*samples, Sample(op, (A((), low, high),), {}, reference, complex=complex, second=second)]


def whole(op, function, *, complex=False, second=True):
    """Samples of a row that reduces everything."""
    return [Sample(op, (A(s),), {}, function, complex=complex, second=second) for s in ((3, 4), (5,), ())]


def picked(function, where):
    """Values along a dim, and where they stand."""
    return lambda x, dim, keepdim=False: (function(x, axis=dim, keepdims=keepdim), where(x, axis=dim, keepdims=keepdim))


def variance(x, dim=None, correction=1, keepdim=False):
    return np.var(x, axis=dim, ddof=correction, keepdims=keepdim)


def deviation(x, dim=None, correction=1, keepdim=False):
    return np.std(x, axis=dim, ddof=correction, keepdims=keepdim)


def mean(x, dim=None, correction=1, keepdim=False):
    return np.mean(x, axis=dim, keepdims=keepdim)


SPREADS = [{}, {"dim": (1,)}, {"dim": (0, 2), "correction": 0, "keepdim": True}, {"dim": (-1,), "correction": 2}]

SAMPLES = [
    *whole("sum_all", np.sum, complex=True),
    *several("sum_dims", np.sum, complex=True),
    *whole("mean_all", np.mean, complex=True),
    *several("mean_dims", np.mean, complex=True),
    *several("nansum_dims", np.nansum),
    Sample("nansum_dims", (NANS,), {"dim": (1,)}, over(np.nansum), grad=False),
    *[Sample(f"{name}_integers", (x,), {"dim": d}, over(f, dtype=np.int64))
      for name, f in (("sum", np.sum), ("prod", np.prod)) for x in (INTEGERS, BOOLS) for d in (None, 1)],
    *whole("prod_all", np.prod, complex=True),
    *[Sample("prod_dim", (A(SHAPE),), {"dim": d, "keepdim": k}, over(np.prod), complex=True) for d, k in ONE],
    Sample("prod_all", (ZEROS,), {}, np.prod),
    Sample("prod_dim", (ZEROS,), {"dim": 1}, over(np.prod)),
    *[s for name, f in (("amax", np.max), ("amin", np.min)) for s in several(name, f)],
    *[s for name, f in (("max_all", np.max), ("min_all", np.min)) for s in whole(name, f)],
    *[Sample(name, (TIES,), {"dim": (1,)}, over(f), grad=False) for name, f in (("amax", np.max), ("amin", np.min))],
    *[Sample(f"{name}_dim", (x,), {"dim": d, "keepdim": k}, picked(f, at), grad=x is not TIES)
      for name, f, at in (("max", np.max, np.argmax), ("min", np.min, np.argmin))
      for x in (A(SHAPE), TIES) for d, k in ONE],
    Sample("max_dim", (A(()),), {"dim": 0}, lambda x, dim: (x, np.int64(0))),
    Sample("min_dim", (A(()),), {"dim": -1}, lambda x, dim: (x, np.int64(0))),
    Sample("max_dim", (NANS,), {"dim": 1}, lambda x, dim: (np.max(x, dim), np.argmax(x, dim)), grad=False),
    *[Sample("aminmax_dim", (A(SHAPE),), {"dim": d, "keepdim": k},
             lambda x, dim, keepdim: (np.min(x, dim, keepdims=keepdim), np.max(x, dim, keepdims=keepdim)))
      for d, k in ((None, False), ((1,), True), ((-1,), False))],
    *[Sample(f"{name}_dim", (x,), {"dim": d, "keepdim": k}, over(f))
      for name, f in (("argmax", np.argmax), ("argmin", np.argmin))
      for x in (A(SHAPE), TIES, INTEGERS) for d, k in ((None, False), (None, True), *ONE) if d is None or d < 1],
    *[Sample(f"{name}_dims", (x,), {"dim": d, "keepdim": k}, over(f))
      for name, f in (("all", np.all), ("any", np.any)) for x in (BOOLS, INTEGERS, ZEROS)
      for d, k in ((None, False), ((1,), True), ((0, 1), False))],
    *[Sample("count_nonzero_dims", (x,), {"dim": d}, lambda x, dim: np.count_nonzero(x, axis=dim))
      for x in (ZEROS, BOOLS) for d in (None, (0,))],
    *[Sample("var_dims", (A(SHAPE),), k, variance, complex=True) for k in SPREADS],
    *[Sample("std_dims", (A(SHAPE),), k, deviation, complex=True) for k in SPREADS],
    *[Sample("var_mean_dims", (A(SHAPE),), k, lambda x, **k: (variance(x, **k), mean(x, **k))) for k in SPREADS],
    *[Sample("std_mean_dims", (A(SHAPE),), k, lambda x, **k: (deviation(x, **k), mean(x, **k))) for k in SPREADS],
]  # fmt: skip

ERRORS = [
    Mistake(lambda torch: torch.zeros(2, 3).sum(2), IndexError,
            r"^Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)"),
    Mistake(lambda torch: torch.zeros(2, 3).sum((0, 0)), RuntimeError, r"^dim 0 appears multiple times"),
    Mistake(lambda torch: torch.zeros(2, 3).sum("a"), TypeError,
            r"^sum\(\) received an invalid combination of arguments - got \("),
    Mistake(lambda torch: torch.zeros(2, 3).sum(1, 2), TypeError,
            r"^sum\(\): argument 'keepdim' \(position 2\) must be bool, not int"),
    Mistake(lambda torch: torch.sum([1]), TypeError, r"^sum\(\): argument 'input' \(position 1\) must be Tensor"),
    Mistake(lambda torch: torch.ones(3, dtype=torch.int64).mean(), RuntimeError,
            r"^mean\(\): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            r"Got: Long"),
    Mistake(lambda torch: torch.ones(3).mean(dtype=torch.int32), RuntimeError,
            r"^mean\(\): could not infer output dtype. Optional dtype must be"),
    Mistake(lambda torch: torch.zeros(0).max(), RuntimeError,
            r"^max\(\): Expected reduction dim to be specified for input.numel\(\) == 0. Specify the "
            r"reduction dim with the 'dim' argument.$"),
    Mistake(lambda torch: torch.zeros(0, 3).min(-2), IndexError,
            r"^min\(\): Expected reduction dim 0 to have non-zero size.$"),
    Mistake(lambda torch: torch.zeros(0).argmax(), IndexError,
            r"^argmax\(\): Expected reduction dim to be specified for input.numel\(\) == 0.$"),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.bool).argmin(), RuntimeError, r"^argmin\(\): does not support"),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.complex64).max(0), RuntimeError,
            r"^max\(\): does not support complex input"),
    Mistake(lambda torch: torch.zeros(2, dtype=torch.complex64).max(), NotImplementedError,
            r"^\"max_all\" not implemented for 'ComplexFloat'"),
    Mistake(lambda torch: torch.zeros(2).max(1.5), TypeError, r"^max\(\) received an invalid combination of arguments"),
    Mistake(lambda torch: torch.aminmax(torch.zeros(0)), RuntimeError, r"^aminmax\(\): cannot compute aminmax over"),
    Mistake(lambda torch: torch.zeros(3, dtype=torch.int64).std(), RuntimeError,
            r"^std and var only support floating point and complex dtypes"),
    Mistake(lambda torch: torch.argmax(torch.zeros(2, 3), 0, out=torch.zeros(3)), RuntimeError,
            r"^Expected out tensor to have dtype long int, but got float instead"),
]  # fmt: skip
