"""RAdam: Adam whose adaptive part waits until its variance is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .adam import average
from .elementwise import ElementwiseOptimizer, Numbers, Results
from .optimizer import check_at_least_zero, check_betas, check_lr


def radam(
    xp: Any, p: Any, g: Any, m: Any, v: Any, s: Any, shrink: Any, decay: Any, fresh1: Any, beta2: Any, fresh2: Any,
    eps: Any, rate: Any,
) -> Results:  # fmt: skip
    """p ← p − rate·m / (√v + eps); without `eps`, while the variance is unknown, p ← p − rate·m"""
    p, m, v, s = average(xp, p, g, m, v, s, shrink, decay, fresh1, beta2, fresh2)
    if eps is None:
        s = xp.multiply(m, rate, s)
    else:
        s = xp.sqrt(v, s)
        s = xp.add(s, eps, s)
        s = xp.divide(m, s, s)
        s = xp.multiply(s, rate, s)
    return xp.subtract(p, s, p), m, v


class RAdam(ElementwiseOptimizer):
    """RAdam (Liu and others, 2020). Weight decay as in Adam.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.8000])
    """

    names = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        check_at_least_zero(eps, "epsilon value")
        check_betas(betas)
        check_at_least_zero(weight_decay, "weight_decay value")
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    defaults_of_old_states = {**ElementwiseOptimizer.defaults_of_old_states, "decoupled_weight_decay": False}

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return radam

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        beta1, beta2 = group["betas"]
        decay = group["weight_decay"] or None
        shrink = None
        if decay is not None and group["decoupled_weight_decay"]:
            shrink, decay = 1 - lr * decay, None
        rate = lr / (1 - beta1**t)
        correction = 1 - beta2**t
        # the length of the running mean square, in its limit and now
        limit = 2 / (1 - beta2) - 1
        length = limit - 2 * t * beta2**t / correction
        if length <= 5.0:
            return shrink, decay, 1 - beta1, beta2, 1 - beta2, None, rate
        rectified = ((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)) ** 0.5
        return shrink, decay, 1 - beta1, beta2, 1 - beta2, group["eps"], rate * correction**0.5 * rectified
