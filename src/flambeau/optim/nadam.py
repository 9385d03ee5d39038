"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..tensor.tensor import Tensor
from .adam import average
from .elementwise import ElementwiseOptimizer, Numbers, Results, number_tensor, tensor_of
from .optimizer import check_at_least_zero, check_betas, check_lr


def nadam(
    xp: Any, p: Any, g: Any, m: Any, v: Any, s: Any, r: Any, shrink: Any, decay: Any, fresh1: Any, beta2: Any,
    fresh2: Any, correction: Any, eps: Any, rate: Any, rate_next: Any,
) -> Results:  # fmt: skip
    """p ← p − (rate·g + rate_next·m) / (√(correction·v) + eps), with the running averages m and v of Adam"""
    if decay is not None:
        # the gradient is needed again below, with the decay in it
        g = xp.add(g, xp.multiply(p, decay))
    if shrink is not None:
        p = xp.multiply(p, shrink, p)
    p, m, v, s = average(xp, p, g, m, v, s, None, None, fresh1, beta2, fresh2)
    s = xp.multiply(v, correction, s)
    s = xp.sqrt(s, s)
    s = xp.add(s, eps, s)
    r = xp.multiply(g, rate, r)
    r = xp.divide(r, s, r)
    p = xp.subtract(p, r, p)
    r = xp.multiply(m, rate_next, r)
    r = xp.divide(r, s, r)
    return xp.subtract(p, r, p), m, v


class NAdam(ElementwiseOptimizer):
    """NAdam (Dozat, 2016). Weight decay as in Adam.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.8944])
    """

    names = ("exp_avg", "exp_avg_sq")
    number_names = ("step", "mu_product")
    scratch = 2
    _numbers_vary = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
        check_at_least_zero(momentum_decay, "momentum_decay value")
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    defaults_of_old_states = {**ElementwiseOptimizer.defaults_of_old_states, "decoupled_weight_decay": False}

    def _start(self, p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["step"] = number_tensor(0.0)
        state["mu_product"] = number_tensor(1.0)
        for name in self.names:
            state[name] = tensor_of(p)

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return nadam

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        beta1, beta2 = group["betas"]
        decay = group["weight_decay"] or None
        shrink = None
        if decay is not None and group["decoupled_weight_decay"]:
            shrink, decay = 1 - lr * decay, None
        # the momentum warms up; the product of all of it so far is part of the state
        momentum = beta1 * (1.0 - 0.5 * 0.96 ** (t * group["momentum_decay"]))
        following = beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1) * group["momentum_decay"]))
        array = state["mu_product"]._array
        array *= array.dtype.type(momentum)
        product = array.item()
        rate = lr * (1.0 - momentum) / (1.0 - product)
        rate_next = lr * following / (1.0 - product * following)
        return shrink, decay, 1 - beta1, beta2, 1 - beta2, 1 / (1 - beta2**t), group["eps"], rate, rate_next
