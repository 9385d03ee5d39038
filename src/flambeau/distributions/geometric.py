"""The geometric distribution."""

from __future__ import annotations

from ..tensor import functions as fn
from . import constraints
from .distribution import Distribution
from .odds import ByProbability
from .utils import (
    ONE_DRAW,
    broadcast_all,
    empty_like_shape,
    finfo,
    recording,
)

__all__ = ["Geometric"]


class Geometric(ByProbability, Distribution):
    """Failures before the first success of probability `probs`, or of log odds `logits`.

    >>> Geometric(tensor([0.25])).mean
    tensor([3.])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.nonnegative_integer
    _state = {"probs": 0, "logits": 0, "_param": 0}

    def __init__(self, probs=None, logits=None, validate_args=None):
        self._take(probs, logits)
        super().__init__(self._param.size(), validate_args=validate_args)
        given = self._param
        if self._validate_args and probs is not None and not (given > 0).all():
            raise ValueError(
                f"Expected parameter probs ({type(given).__name__} of shape {tuple(given.shape)}) of distribution "
                f"{self!r} to be positive but found invalid values:\n{given.data[~(given > 0)]}"
            )

    @property
    def mean(self):
        return 1.0 / self.probs - 1.0

    @property
    def mode(self):
        return fn.zeros_like(self.probs)

    @property
    def variance(self):
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape=ONE_DRAW):
        with recording(False):
            u = empty_like_shape(self._extended_shape(sample_shape), self.probs).uniform_(finfo(self.probs).tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value):
        self._check_value(value)
        value, probs = broadcast_all(value, self.probs)
        # a certain success at once: 0 log 0 is 0
        probs = probs.masked_fill((probs == 1) & (value == 0), 0)
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self):
        return fn.binary_cross_entropy_with_logits(self.logits, self.probs) / self.probs
