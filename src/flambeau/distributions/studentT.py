"""Student's t distribution."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from . import constraints
from .chi2 import Chi2
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, normal_as

__all__ = ["StudentT"]


class StudentT(Distribution):
    """Normal numbers over the root of mean squares of `df` others; moved by `loc` and stretched by `scale`.

    >>> StudentT(tensor([4.0])).variance
    tensor([2.])
    """

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    _state = {"df": 0, "loc": 0, "scale": 0, "_chi2": 0}

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.loc.masked_fill(self.df <= 1, math.nan)

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        finite = self.df > 2
        df = fn.where(finite, self.df, 3.0)
        infinite = fn.where(self.df > 1, math.inf, math.nan).to(self.df.dtype)
        return fn.where(finite, self.scale.pow(2) * df / (df - 2), infinite)

    def rsample(self, sample_shape=ONE_DRAW):
        # the normal numbers come first in the stream
        normal = normal_as(self._extended_shape(sample_shape), self.df)
        squares = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (normal * (squares / self.df).rsqrt())

    def log_prob(self, value):
        self._check_value(value)
        df = self.df
        y = (value - self.loc) / self.scale
        normalizer = self.scale.log() + 0.5 * df.log() + 0.5 * math.log(math.pi)
        normalizer = normalizer + (0.5 * df).lgamma() - (0.5 * (df + 1.0)).lgamma()
        return -0.5 * (df + 1.0) * (y**2.0 / df).log1p() - normalizer

    def entropy(self):
        half, more = 0.5 * self.df, 0.5 * (self.df + 1)
        log_beta = half.lgamma() + math.lgamma(0.5) - more.lgamma()
        return self.scale.log() + more * (more.digamma() - half.digamma()) + 0.5 * self.df.log() + log_beta
