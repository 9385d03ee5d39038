"""The categorical distribution."""

from __future__ import annotations

import math

from .. import dtypes
from ..tensor import functions as fn
from . import constraints
from .distribution import Distribution
from .utils import (
    ONE_DRAW,
    counted,
    filled,
    finfo,
    lazy_property,
    logits_to_probs,
    probs_to_logits,
    refuse_unless_one,
    size,
)

__all__ = ["Categorical"]


class Categorical(Distribution):
    """Numbers of categories, whose weights `probs`, or log weights `logits`, stand along the last dim.

    >>> Categorical(tensor([1.0, 3.0])).probs
    tensor([0.2500, 0.7500])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True
    _state = {"probs": 1, "logits": 1, "_param": 1, "_num_events": None}

    def __init__(self, probs=None, logits=None, validate_args=None):
        refuse_unless_one(probs, logits)
        name, given = ("probs", probs) if probs is not None else ("logits", logits)
        if given.dim() < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if probs is not None:
            self.probs = self._param = probs / probs.sum(-1, keepdim=True)
        else:
            self.logits = self._param = logits - logits.logsumexp(dim=-1, keepdim=True)
        self._num_events = self._param.size()[-1]
        super().__init__(self._param.size()[:-1], validate_args=validate_args)

    def _new(self, *args, **kwargs):
        return self._param.new(*args, **kwargs)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self):
        return constraints.integer_interval(0, self._num_events - 1)

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits)

    @property
    def param_shape(self):
        return self._param.size()

    @property
    def mean(self):
        return filled(self._extended_shape(), math.nan, self.probs)

    @property
    def mode(self):
        return self.probs.argmax(dim=-1)

    @property
    def variance(self):
        return filled(self._extended_shape(), math.nan, self.probs)

    def sample(self, sample_shape=ONE_DRAW):
        sample_shape = size(sample_shape)
        rows = self.probs.reshape(-1, self._num_events)
        drawn = fn.multinomial(rows, sample_shape.numel(), True)
        return drawn.T.reshape(self._extended_shape(sample_shape))

    def log_prob(self, value):
        self._check_value(value)
        value, logits = fn.broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self):
        # 0 log 0 is 0
        logits = self.logits.clamp(min=finfo(self.logits).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand=True):
        return counted(self._num_events, self._param, self._batch_shape, expand, dtypes.int64)
