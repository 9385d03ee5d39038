"""The continuous Bernoulli distribution (Loaiza-Ganem and Cunningham, 2019)."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from . import constraints
from .exp_family import ExponentialFamily
from .odds import ByProbability
from .utils import (
    ONE_DRAW,
    broadcast_all,
    clamp_probs,
    lazy_property,
    logits_to_probs,
    rand_as,
    recording,
)

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(ByProbability, ExponentialFamily):
    """Numbers x from 0 to 1 of density proportional to `probs**x * (1 - probs)**(1 - x)`.

    lims: between these probabilities, where the formulas are 0 / 0, series about 1/2 are used.

    >>> ContinuousBernoulli(tensor([0.5])).mean
    tensor([0.5000])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    _mean_carrier_measure = 0
    has_rsample = True
    _state = {"probs": 0, "logits": 0, "_param": 0, "_lims": None}

    def __init__(self, probs=None, logits=None, lims=(0.499, 0.501), validate_args=None):
        self._take(probs, logits)
        if probs is not None:
            if validate_args is not None and not self.arg_constraints["probs"].check(self.probs).all():
                raise ValueError("The parameter probs has invalid values")
            self.probs = self._param = clamp_probs(self.probs)
        self._lims = lims
        super().__init__(self._param.size(), validate_args=validate_args)

    @lazy_property
    def probs(self):
        return clamp_probs(logits_to_probs(self.logits, is_binary=True))

    # ---- formulas away from 1/2, series near it ----------------------------------------------------------------------

    def _outside_unstable_region(self):
        low, high = self._lims
        return (self.probs <= low) | (self.probs > high)

    def _cut_probs(self):
        """The probabilities with a harmless number in place of those near 1/2."""
        return fn.where(self._outside_unstable_region(), self.probs, self._lims[0] * fn.ones_like(self.probs))

    def _either(self, formula, series):
        return fn.where(self._outside_unstable_region(), formula, series)

    def _cont_bern_log_norm(self):
        """The logarithm of the density's constant."""
        cut = self._cut_probs()
        # each branch gets probabilities for which it is finite
        below = fn.where(cut <= 0.5, cut, fn.zeros_like(cut))
        above = fn.where(cut >= 0.5, cut, fn.ones_like(cut))
        width = fn.where(cut <= 0.5, (-2.0 * below).log1p(), (2.0 * above - 1.0).log())
        x = (self.probs - 0.5).pow(2)
        series = math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * x) * x
        return self._either(((-cut).log1p() - cut.log()).abs().log() - width, series)

    @property
    def mean(self):
        cut = self._cut_probs()
        x = self.probs - 0.5
        series = 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * x.pow(2)) * x
        return self._either(cut / (2.0 * cut - 1.0) + 1.0 / ((-cut).log1p() - cut.log()), series)

    @property
    def stddev(self):
        return self.variance.sqrt()

    @property
    def variance(self):
        cut = self._cut_probs()
        x = (self.probs - 0.5).pow(2)
        series = 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x
        formula = cut * (cut - 1.0) / (1.0 - 2.0 * cut).pow(2) + 1.0 / ((-cut).log1p() - cut.log()).pow(2)
        return self._either(formula, series)

    # ---- draws and values --------------------------------------------------------------------------------------------

    def sample(self, sample_shape=ONE_DRAW):
        with recording(False):
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=ONE_DRAW):
        return self.icdf(rand_as(self._extended_shape(sample_shape), self.probs))

    def log_prob(self, value):
        self._check_value(value)
        logits, value = broadcast_all(self.logits, value)
        return -fn.binary_cross_entropy_with_logits(logits, value) + self._cont_bern_log_norm()

    def cdf(self, value):
        self._check_value(value)
        cut = self._cut_probs()
        formula = (cut.pow(value) * (1.0 - cut).pow(1.0 - value) + cut - 1.0) / (2.0 * cut - 1.0)
        inside = self._either(formula, value)
        above = fn.where(value >= 1.0, fn.ones_like(value), inside)
        return fn.where(value <= 0.0, fn.zeros_like(value), above)

    def icdf(self, value):
        cut = self._cut_probs()
        log_rest = (-cut).log1p()
        formula = ((-cut + value * (2.0 * cut - 1.0)).log1p() - log_rest) / (cut.log() - log_rest)
        return self._either(formula, value)

    def entropy(self):
        log_rest = (-self.probs).log1p()
        return self.mean * (log_rest - self.probs.log()) - self._cont_bern_log_norm() - log_rest

    @property
    def _natural_params(self):
        return (self.logits,)

    def _log_normalizer(self, x):
        low, high = self._lims[0] - 0.5, self._lims[1] - 0.5
        outside = (x <= low) | (x > high)
        cut = fn.where(outside, x, low * fn.ones_like(x))
        series = 0.5 * x + x.pow(2) / 24.0 - x.pow(4) / 2880.0
        return fn.where(outside, cut.expm1().abs().log() - cut.abs().log(), series)
