"""Adamax: Adam with a running maximum in place of the running mean square."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .elementwise import ElementwiseOptimizer, Numbers, Results
from .optimizer import check_at_least_zero, check_betas, check_lr


def adamax(
    xp: Any, p: Any, g: Any, m: Any, u: Any, s: Any, r: Any, decay: Any, fresh: Any, beta2: Any, eps: Any, rate: Any
) -> Results:
    """m ← m + (1−β₁)(g − m); u ← max(β₂·u, |g| + eps); p ← p − rate·m / u"""
    if decay is not None:
        r = xp.multiply(p, decay, r)
        g = r = xp.add(g, r, r)
    s = xp.subtract(g, m, s)
    s = xp.multiply(s, fresh, s)
    m = xp.add(m, s, m)
    s = xp.abs(g, s)
    s = xp.add(s, eps, s)
    u = xp.multiply(u, beta2, u)
    u = xp.maximum(u, s, out=u)
    s = xp.divide(m, u, s)
    s = xp.multiply(s, rate, s)
    return xp.subtract(p, s, p), m, u


class Adamax(ElementwiseOptimizer):
    """Adamax (Kingma and Ba, 2015): Adam after the infinity norm.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.9000])
    """

    names = ("exp_avg", "exp_inf")
    scratch = 2

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_lr(lr)
        check_at_least_zero(eps, "epsilon value")
        check_betas(betas)
        check_at_least_zero(weight_decay, "weight_decay value")
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return adamax

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        beta1, beta2 = group["betas"]
        return group["weight_decay"] or None, 1 - beta1, beta2, group["eps"], lr / (1 - beta1**t)
