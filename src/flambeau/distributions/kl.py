"""The Kullback-Leibler divergence: which formula serves for two distributions. The formulas are in `divergences`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import inf
from typing import Any

from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from .distribution import Distribution

__all__ = ["register_kl", "kl_divergence"]

_KL_REGISTRY: dict[tuple[type, type], Callable] = {}
# the answers so far, None where there is no formula
_KL_MEMOIZE: dict[tuple[type, type], Callable | None] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Callable], Callable]:
    """A decorator for a function of (p, q): it gives `kl_divergence` for these types and their subclasses.

    Of several that fit, the most specific one is called.
    """
    for name, kind in (("type_p", type_p), ("type_q", type_q)):
        if not isinstance(kind, type):
            raise TypeError(
                f"issubclass() arg 1 must be a class\n  {name} is {kind!r}; a subclass of Distribution belongs here."
            )

    def register(function: Callable) -> Callable:
        _KL_REGISTRY[type_p, type_q] = function
        _KL_MEMOIZE.clear()
        return function

    return register


def _dispatch_kl(type_p: type, type_q: type) -> Callable | None:
    """The formula of the nearest classes; p's class counts first, and a warning says if counting q's first differs."""
    fits = [pair for pair in _KL_REGISTRY if issubclass(type_p, pair[0]) and issubclass(type_q, pair[1])]
    if not fits:
        return None
    steps = [(type_p.__mro__.index(p), type_q.__mro__.index(q), (p, q)) for p, q in fits]
    by_p = min(steps, key=lambda s: (s[0], s[1]))[2]
    by_q = min(steps, key=lambda s: (s[1], s[0]))[2]
    if _KL_REGISTRY[by_p] is not _KL_REGISTRY[by_q]:
        warnings.warn(
            f"Ambiguous kl_divergence({type_p.__name__}, {type_q.__name__}). "
            f"Please register_kl({by_p[0].__name__}, {by_q[1].__name__})",
            RuntimeWarning,
            stacklevel=3,
        )
    return _KL_REGISTRY[by_p]


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """The mean of `p.log_prob(x) - q.log_prob(x)` over x from p, of shape batch_shape.

    Raises NotImplementedError for pairs of types without a formula.

    >>> kl_divergence(Bernoulli(tensor([0.5])), Bernoulli(tensor([0.5])))
    tensor([0.])
    """
    pair = type(p), type(q)
    if pair not in _KL_MEMOIZE:
        _KL_MEMOIZE[pair] = _dispatch_kl(*pair)
    formula = _KL_MEMOIZE[pair]
    if formula is None:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {p.__class__.__name__} and q type {q.__class__.__name__}"
        )
    return formula(p, q)


def _infinite_like(like: Any) -> Tensor:
    return fn.full_like(like, inf)
