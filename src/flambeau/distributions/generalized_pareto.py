"""The generalised Pareto distribution."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from . import constraints
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, rand_as

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Distribution):
    """Excesses over a threshold `loc`, of width `scale`; `concentration` is the shape of the tail, 0 for exponential.

    >>> GeneralizedPareto(tensor([0.0]), tensor([1.0]), tensor([0.5])).mean
    tensor([2.])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive, "concentration": constraints.real}
    has_rsample = True
    _state = {"loc": 0, "scale": 0, "concentration": 0}

    def __init__(self, loc, scale, concentration, validate_args=None):
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(self.loc.size(), validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self):
        end = self.loc - self.scale / self.concentration
        return constraints.interval(self.loc, fn.where(self.concentration < 0, end, math.inf))

    def _tail(self):
        """Where the shape is 0, and the shape with 1 in those places."""
        c = self.concentration
        is_zero = fn.isclose(c, fn.zeros_like(c))
        return is_zero, fn.where(is_zero, fn.ones_like(c), c)

    def _z(self, x):
        return (x - self.loc) / self.scale

    def rsample(self, sample_shape=ONE_DRAW):
        return self.icdf(rand_as(self._extended_shape(sample_shape), self.loc))

    def log_prob(self, value):
        self._check_value(value)
        z = self._z(value)
        is_zero, c = self._tail()
        power = 1 / c + fn.ones_like(z)
        decay = fn.where(power == 0, power, power * (c * z).log1p())
        return -self.scale.log() - fn.where(is_zero, z, decay)

    def log_survival_function(self, value):
        """The logarithm of the probability of what is above a value."""
        self._check_value(value)
        z = self._z(value)
        is_zero, c = self._tail()
        return fn.where(is_zero, -z, -(c * z).log1p() / c)

    def log_cdf(self, value):
        """The logarithm of `cdf`."""
        return (-self.log_survival_function(value).exp()).log1p()

    def cdf(self, value):
        return self.log_cdf(value).exp()

    def icdf(self, value):
        is_zero, c = self._tail()
        log_rest = (-value).log1p()
        curved = self.loc + self.scale / c * (-c * log_rest).expm1()
        return fn.where(is_zero, self.loc - self.scale * log_rest, curved)

    @property
    def mean(self):
        finite = self.concentration < 1
        c = fn.where(finite, self.concentration, 0.5)
        return fn.where(finite, self.loc + self.scale / (1 - c), math.nan)

    @property
    def variance(self):
        finite = self.concentration < 0.5
        c = fn.where(finite, self.concentration, 0.25)
        return fn.where(finite, self.scale**2 / ((1 - c) ** 2 * (1 - 2 * c)), math.nan)

    def entropy(self):
        return fn.broadcast_to(self.scale.log() + self.concentration + 1, self._batch_shape)

    @property
    def mode(self):
        return self.loc
