"""Adagrad: the gradient divided by the root of the sum of all its squares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..storage import bump
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from .elementwise import ElementwiseOptimizer, Numbers, Results, advance, as_number, number_tensor, tensor_of
from .optimizer import check_at_least_zero, check_fused, check_lr
from .sparse_adam import entries


def adagrad(xp: Any, p: Any, g: Any, total: Any, s: Any, r: Any, decay: Any, eps: Any, rate: Any) -> Results:
    """total ← total + g²; p ← p − rate·g / (√total + eps)"""
    if decay is not None:
        r = xp.multiply(p, decay, r)
        g = r = xp.add(g, r, r)
    s = xp.multiply(g, g, s)
    total = xp.add(total, s, total)
    s = xp.sqrt(total, s)
    s = xp.add(s, eps, s)
    s = xp.divide(g, s, s)
    s = xp.multiply(s, rate, s)
    return xp.subtract(p, s, p), total


class Adagrad(ElementwiseOptimizer):
    """Adagrad (Duchi, Hazan and Singer, 2011). Takes sparse gradients.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.9000])
    """

    names = ("sum",)
    scratch = 2

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        check_at_least_zero(lr_decay, "lr_decay value")
        check_at_least_zero(weight_decay, "weight_decay value")
        check_at_least_zero(initial_accumulator_value, "initial_accumulator_value value")
        check_at_least_zero(eps, "epsilon value")
        defaults = {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)
        check_fused(fused, foreach, differentiable)
        for group in self.param_groups:
            for p in group["params"]:
                self._start(p, group, self.state[p])

    defaults_of_old_states = {"foreach": None, "maximize": False, "differentiable": False, "fused": None}

    def _start(self, p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["step"] = number_tensor(0.0, group["fused"])
        state["sum"] = tensor_of(p, group["initial_accumulator_value"])

    def share_memory(self) -> None:
        """Let the state be shared between processes."""
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p]["sum"].share_memory_()

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return adagrad

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        return group["weight_decay"] or None, group["eps"], lr / (1 + (t - 1) * group["lr_decay"])

    def _sparse(self, p: Tensor, grad: Any, group: dict[str, Any]) -> None:
        if group["weight_decay"]:
            raise RuntimeError("weight_decay option is not compatible with sparse gradients")
        if group["fused"]:
            raise RuntimeError("`fused` does not support sparse grad or complex param")
        state = self.state[p]
        _, eps, rate = self._numbers(group, as_number(group["lr"]), advance(state), state)
        index, values = entries(grad, group["maximize"])
        total = state["sum"]._array
        total[index] += values * values
        p._array[index] -= rate * values / (xnp.sqrt(total[index]) + eps)
        bump(p._array)
        bump(total)
