"""Averaged stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..tensor.tensor import Tensor
from .elementwise import ElementwiseOptimizer, Numbers, Results, as_number, number_tensor, tensor_of
from .optimizer import check_at_least_zero, check_lr


def asgd(xp: Any, p: Any, g: Any, mean: Any, s: Any, decay: Any, shrink: Any, eta: Any, mu: Any) -> Results:
    """p ← shrink·p − eta·g; mean ← mean + mu(p − mean)"""
    if decay is not None:
        s = xp.multiply(p, decay, s)
        g = s = xp.add(g, s, s)
    p = xp.multiply(p, shrink, p)
    s = xp.multiply(g, eta, s)
    p = xp.subtract(p, s, p)
    if mu is None:
        mean = xp.positive(p, mean)
    else:
        s = xp.subtract(p, mean, s)
        s = xp.multiply(s, mu, s)
        mean = xp.add(mean, s, mean)
    return p, mean


class ASGD(ElementwiseOptimizer):
    """Gradient descent that also keeps the mean of the parameter, `state["ax"]` (Polyak and Juditsky, 1992).

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.ASGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.8000])
    """

    names = ("ax",)
    number_names = ("step", "eta", "mu")
    _numbers_vary = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_lr(lr)
        check_at_least_zero(weight_decay, "weight_decay value")
        defaults = {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _start(self, p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["step"] = number_tensor(0.0)
        state["eta"] = number_tensor(as_number(group["lr"]))
        state["mu"] = number_tensor(1.0)
        state["ax"] = tensor_of(p)

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return asgd

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        eta, mu = state["eta"]._array.item(), state["mu"]._array.item()
        lambd = group["lambd"]
        # both for the next step
        state["eta"]._array.fill(as_number(lr) / (1 + lambd * as_number(lr) * t) ** group["alpha"])
        state["mu"]._array.fill(1 / max(1, t - group["t0"]))
        return group["weight_decay"] or None, 1 - lambd * eta, eta, None if mu == 1 else mu
