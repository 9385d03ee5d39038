"""Adadelta: steps whose size comes from the ratio of two running root mean squares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .elementwise import ElementwiseOptimizer, Numbers, Results
from .optimizer import check_at_least_zero, check_lr


def adadelta(
    xp: Any, p: Any, g: Any, v: Any, d: Any, s: Any, r: Any, decay: Any, rho: Any, fresh: Any, eps: Any, lr: Any
) -> Results:
    """v ← ρ·v + (1−ρ)g²; step = √(d + eps) / √(v + eps) · g; d ← ρ·d + (1−ρ)step²; p ← p − lr·step"""
    if decay is not None:
        r = xp.multiply(p, decay, r)
        g = r = xp.add(g, r, r)
    s = xp.multiply(g, g, s)
    s = xp.multiply(s, fresh, s)
    v = xp.multiply(v, rho, v)
    v = xp.add(v, s, v)
    s = xp.add(d, eps, s)
    s = xp.sqrt(s, s)
    s = xp.multiply(s, g, s)
    r = xp.add(v, eps, r)
    r = xp.sqrt(r, r)
    s = xp.divide(s, r, s)
    r = xp.multiply(s, s, r)
    r = xp.multiply(r, fresh, r)
    d = xp.multiply(d, rho, d)
    d = xp.add(d, r, d)
    s = xp.multiply(s, lr, s)
    return xp.subtract(p, s, p), v, d


class Adadelta(ElementwiseOptimizer):
    """Adadelta (Zeiler, 2012).

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.Adadelta([w])
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.9968])
    """

    names = ("square_avg", "acc_delta")
    scratch = 2

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_at_least_zero(eps, "epsilon value")
        check_at_least_zero(weight_decay, "weight_decay value")
        defaults = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "capturable": capturable, "foreach": foreach, "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return adadelta

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        return group["weight_decay"] or None, group["rho"], 1 - group["rho"], group["eps"], lr
