"""The Laplace distribution."""

from __future__ import annotations

from . import constraints
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, empty_like_shape, finfo

__all__ = ["Laplace"]


class Laplace(Distribution):
    """The density falls exponentially on both sides of `loc`, over the length `scale`.

    >>> Laplace(tensor([0.0]), tensor([1.0])).variance
    tensor([2.])
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
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return 2 * self.scale.pow(2)

    @property
    def stddev(self):
        return 2**0.5 * self.scale

    def rsample(self, sample_shape=ONE_DRAW):
        u = empty_like_shape(self._extended_shape(sample_shape), self.loc).uniform_(finfo(self.loc).eps - 1, 1)
        return self.loc - self.scale * u.sign() * (-u.abs()).log1p()

    def log_prob(self, value):
        self._check_value(value)
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def cdf(self, value):
        self._check_value(value)
        away = value - self.loc
        return 0.5 - 0.5 * away.sign() * (-away.abs() / self.scale).expm1()

    def icdf(self, value):
        from_half = value - 0.5
        return self.loc - self.scale * from_half.sign() * (-2 * from_half.abs()).log1p()

    def entropy(self):
        return 1 + (2 * self.scale).log()
