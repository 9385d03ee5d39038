"""What the distributions of yes and no share: a probability, or the logarithm of its odds."""

from __future__ import annotations

from typing import Any

from ..tensor.tensor import Tensor
from .utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits, refuse_unless_one


class ByProbability:
    """Given by one of `probs` and `logits`; the other is worked out when it is asked for."""

    _param: Tensor

    def _take(self, probs: Any, logits: Any, *others: Any) -> list[Tensor]:
        """Keep the one that is given, broadcast with other parameters, and return these."""
        refuse_unless_one(probs, logits)
        *rest, self._param = broadcast_all(*others, logits if probs is None else probs)
        setattr(self, "logits" if probs is None else "probs", self._param)
        return rest

    def _new(self, *args, **kwargs):
        return self._param.new(*args, **kwargs)

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self):
        return self._param.size()
