"""From constraints to transforms that fulfil them: `transform_to(constraint)(anything)` lies in the region.

`biject_to` gives bijections, whose Jacobian is known; `transform_to` need not, and suits optimisers.

>>> transform_to(constraints.positive)(tensor([0.]))
tensor([1.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import constraints, transforms
from .utils import NUMBERS

__all__ = ["ConstraintRegistry", "biject_to", "transform_to"]


class ConstraintRegistry:
    """Types of constraints, each with a function that makes a transform of such a constraint."""

    def __init__(self) -> None:
        self._registry: dict[type, Callable] = {}
        super().__init__()

    def register(self, constraint: Any, factory: Callable | None = None) -> Callable:
        """Enter a constraint, or a class of them; without `factory` a decorator of the function."""
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = type(constraint) if isinstance(constraint, constraints.Constraint) else constraint
        if not isinstance(kind, type) or not issubclass(kind, constraints.Constraint):
            raise TypeError(f"Expected constraint to be either a Constraint subclass or instance, but got {constraint}")
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Any) -> Any:
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"Cannot transform {type(constraint).__name__} constraints")
        return factory(constraint)


biject_to = ConstraintRegistry()
transform_to = ConstraintRegistry()


def _from_bound(constraint):
    return transforms.ComposeTransform(
        [transforms.ExpTransform(), transforms.AffineTransform(constraint.lower_bound, 1)]
    )


def _to_bound(constraint):
    return transforms.ComposeTransform(
        [transforms.ExpTransform(), transforms.AffineTransform(constraint.upper_bound, -1)]
    )


def _between(constraint):
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, NUMBERS) and isinstance(high, NUMBERS) and (low, high) == (0, 1):
        return transforms.SigmoidTransform()
    return transforms.ComposeTransform([transforms.SigmoidTransform(), transforms.AffineTransform(low, high - low)])


def _of_parts(registry: ConstraintRegistry) -> dict[Any, Callable]:
    """Constraints that are made of others, whose transforms the same registry gives."""
    return {
        constraints.independent: lambda c: transforms.IndependentTransform(
            registry(c.base_constraint), c.reinterpreted_batch_ndims
        ),
        constraints.cat: lambda c: transforms.CatTransform([registry(part) for part in c.cseq], c.dim, c.lengths),
        constraints.stack: lambda c: transforms.StackTransform([registry(part) for part in c.cseq], c.dim),
    }


# `positive` and `nonnegative` are half lines too: classes are registered
BIJECTIONS: dict[Any, Callable] = {
    constraints.real: lambda c: transforms.identity_transform,
    constraints.greater_than: _from_bound,
    constraints.greater_than_eq: _from_bound,
    constraints.less_than: _to_bound,
    constraints.interval: _between,
    constraints.half_open_interval: _between,
    constraints.corr_cholesky: lambda c: transforms.CorrCholeskyTransform(),
}
TO_SIMPLEX_AND_MATRICES: dict[Any, Callable] = {
    constraints.simplex: lambda c: transforms.SoftmaxTransform(),
    constraints.lower_cholesky: lambda c: transforms.LowerCholeskyTransform(),
    constraints.positive_definite: lambda c: transforms.PositiveDefiniteTransform(),
    constraints.positive_semidefinite: lambda c: transforms.PositiveDefiniteTransform(),
}

for _registry, _own in (
    (biject_to, {constraints.simplex: lambda c: transforms.StickBreakingTransform()}),
    (transform_to, TO_SIMPLEX_AND_MATRICES),
):
    for _constraint, _factory in {**BIJECTIONS, **_own, **_of_parts(_registry)}.items():
        _registry.register(_constraint, _factory)
