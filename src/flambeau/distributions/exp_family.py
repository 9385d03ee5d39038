"""Exponential families: densities `exp(<t(x), theta> - F(theta) + k(x))`."""

from __future__ import annotations

from typing import Any

from ..tensor.tensor import Tensor
from .distribution import Distribution
from .utils import _sum_rightmost, recording

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    """Gives the entropy, and the divergence within the family, from the log normaliser F and its gradient.

    Subclasses define `_natural_params` (theta), `_log_normalizer` (F) and `_mean_carrier_measure` (the mean of k).
    Nielsen and Nock (2010), "Entropies and cross-entropies of exponential families".
    """

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Tensor) -> Tensor:
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> Any:
        raise NotImplementedError

    def _normalizer_at_params(self) -> tuple[list, Any, list]:
        """The natural parameters cut off from their history, F there, and its gradient, which can be differentiated."""
        params: list[Any] = [p.detach().requires_grad_() for p in self._natural_params]  # type: ignore[attr-defined]
        with recording(True):
            value: Any = self._log_normalizer(*params)
            value.sum().backward(create_graph=True, inputs=params)
        gradients = []
        for p in params:
            gradients.append(p.grad)
            p.grad = None
        return params, value, gradients

    def entropy(self) -> Any:
        result = -self._mean_carrier_measure
        params, value, gradients = self._normalizer_at_params()
        result = result + value
        for p, g in zip(params, gradients, strict=True):
            result = result - _sum_rightmost(p * g, p.dim() - len(self._batch_shape))
        return result
