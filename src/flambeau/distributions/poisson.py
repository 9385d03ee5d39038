"""The Poisson distribution."""

from __future__ import annotations

from ..tensor import functions as fn
from . import constraints
from .exp_family import ExponentialFamily
from .utils import ONE_DRAW, broadcast_all, recording

__all__ = ["Poisson"]


class Poisson(ExponentialFamily):
    """Counts of independent events, `rate` of them on average.

    >>> Poisson(tensor([2.0])).log_prob(tensor([0.0]))
    tensor([-2.])
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer
    _state = {"rate": 0}

    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.rate

    @property
    def mode(self):
        return self.rate.floor()

    @property
    def variance(self):
        return self.rate

    def sample(self, sample_shape=ONE_DRAW):
        with recording(False):
            return fn.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        self._check_value(value)
        rate, value = broadcast_all(self.rate, value)
        return value.xlogy(rate) - rate - (value + 1).lgamma()

    @property
    def _natural_params(self):
        return (self.rate.log(),)

    def _log_normalizer(self, x):
        return x.exp()
