"""The Bernoulli distribution."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from . import constraints
from .exp_family import ExponentialFamily
from .odds import ByProbability
from .utils import (
    ONE_DRAW,
    broadcast_all,
    counted,
    recording,
)

__all__ = ["Bernoulli"]


class Bernoulli(ByProbability, ExponentialFamily):
    """1 with probability `probs`, or with log odds `logits`, else 0.

    >>> Bernoulli(tensor([0.25])).log_prob(tensor([1.0]))
    tensor([-1.3863])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True
    _mean_carrier_measure = 0
    _state = {"probs": 0, "logits": 0, "_param": 0}

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._take(probs, logits)
        super().__init__(self._param.size(), validate_args=validate_args)

    @property
    def mean(self):
        return self.probs

    @property
    def mode(self):
        return (self.probs >= 0.5).to(self.probs).masked_fill(self.probs == 0.5, math.nan)

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape=ONE_DRAW):
        with recording(False):
            return fn.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value):
        self._check_value(value)
        logits, value = broadcast_all(self.logits, value)
        return -fn.binary_cross_entropy_with_logits(logits, value)

    def entropy(self):
        return fn.binary_cross_entropy_with_logits(self.logits, self.probs)

    def enumerate_support(self, expand=True):
        return counted(2, self._param, self._batch_shape, expand)

    @property
    def _natural_params(self):
        return (fn.logit(self.probs),)

    def _log_normalizer(self, x):
        return x.exp().log1p()
