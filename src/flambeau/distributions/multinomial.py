"""The multinomial distribution."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from ..tensor.size import Size
from . import constraints
from .binomial import Binomial
from .categorical import Categorical
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, size

__all__ = ["Multinomial"]


class Multinomial(Distribution):
    """How often each category comes up in `total_count` draws with the weights `probs`, or log weights `logits`.

    total_count: one int for the whole batch.

    >>> Multinomial(4, tensor([1.0, 3.0])).mean
    tensor([1., 3.])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    _state = {"total_count": None, "_categorical": 0, "_binomial": 1}

    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs=probs, logits=logits)
        self._binomial = Binomial(total_count=total_count, probs=self.probs)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    def _new(self, *args, **kwargs):
        return self._categorical._new(*args, **kwargs)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self):
        return constraints.multinomial(self.total_count)

    @property
    def probs(self):
        return self._categorical.probs

    @property
    def logits(self):
        return self._categorical.logits

    @property
    def param_shape(self):
        return self._categorical.param_shape

    @property
    def mean(self):
        return self.probs * self.total_count

    @property
    def variance(self):
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape=ONE_DRAW):
        sample_shape = size(sample_shape)
        drawn = self._categorical.sample(Size((self.total_count, *sample_shape))).movedim(0, -1)
        counts = fn.zeros(tuple(self._extended_shape(sample_shape)), dtype=drawn.dtype, device=drawn.device)
        return counts.scatter_add_(-1, drawn, fn.ones_like(drawn)).type_as(self.probs)

    def entropy(self):
        n = self.total_count
        counts = self._binomial.enumerate_support(expand=False)[1:]
        # the mean of log x! over the counts of all categories, each of which is binomial
        expected = (self._binomial.log_prob(counts).exp() * (counts + 1).lgamma()).sum([0, -1])
        return n * self._categorical.entropy() - fn.tensor(n + 1).lgamma() + expected

    def log_prob(self, value):
        self._check_value(value)
        logits, value = broadcast_all(self.logits, value)
        # 0 log 0 is 0
        logits = logits.masked_fill((value == 0) & (logits == -math.inf), 0)
        normalizer = (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1)
        return normalizer + (logits * value).sum(-1)
