"""The negative binomial distribution."""

from __future__ import annotations

from ..tensor import functions as fn
from ..tensor import rows
from . import constraints
from .distribution import Distribution
from .gamma import Gamma
from .odds import ByProbability
from .utils import (
    ONE_DRAW,
    lazy_property,
    recording,
)

__all__ = ["NegativeBinomial"]


class NegativeBinomial(ByProbability, Distribution):
    """Successes of probability `probs`, or of log odds `logits`, before `total_count` failures.

    >>> NegativeBinomial(tensor([3.0]), tensor([0.5])).mean
    tensor([3.])
    """

    arg_constraints = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer
    _state = {"total_count": 0, "probs": 0, "logits": 0, "_param": 0}

    def __init__(self, total_count, probs=None, logits=None, validate_args=None):
        (count,) = self._take(probs, logits, total_count)
        self.total_count = count.type_as(self._param)
        super().__init__(self._param.size(), validate_args=validate_args)

    @lazy_property
    def _gamma(self):
        return Gamma(concentration=self.total_count, rate=(-self.logits).exp(), validate_args=False)

    @property
    def mean(self):
        return self.total_count * self.logits.exp()

    @property
    def mode(self):
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self):
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape=ONE_DRAW):
        # Poisson numbers whose rates are gamma numbers
        with recording(False):
            return fn.poisson(self._gamma.sample(sample_shape=sample_shape))

    def log_prob(self, value):
        self._check_value(value)
        n = self.total_count
        powers = n * rows.logsigmoid(-self.logits) + value * rows.logsigmoid(self.logits)
        normalizer = -(n + value).lgamma() + (1.0 + value).lgamma() + n.lgamma()
        return powers - normalizer.masked_fill(n + value == 0.0, 0.0)
