"""The Cauchy distribution."""

from __future__ import annotations

import math

from . import constraints
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, empty_like_shape, filled

__all__ = ["Cauchy"]


class Cauchy(Distribution):
    """The Cauchy distribution with median `loc` and half width at half maximum `scale`. It has no mean.

    >>> Cauchy(tensor([0.0]), tensor([1.0])).cdf(tensor([1.0]))
    tensor([0.7500])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    _state = {"loc": 0, "scale": 0}

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.size(), validate_args=validate_args)

    @property
    def mean(self):
        return filled(self._extended_shape(), math.nan, self.loc)

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return filled(self._extended_shape(), math.inf, self.loc)

    def rsample(self, sample_shape=ONE_DRAW):
        standard = empty_like_shape(self._extended_shape(sample_shape), self.loc).cauchy_()
        return self.loc + standard * self.scale

    def log_prob(self, value):
        self._check_value(value)
        return -math.log(math.pi) - self.scale.log() - (((value - self.loc) / self.scale) ** 2).log1p()

    def cdf(self, value):
        self._check_value(value)
        return ((value - self.loc) / self.scale).atan() / math.pi + 0.5

    def icdf(self, value):
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self):
        return math.log(4 * math.pi) + self.scale.log()
