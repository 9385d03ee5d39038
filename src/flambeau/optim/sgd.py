"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .. import config, dtypes
from ..config import state as process
from ..storage import bump
from ..tensor.tensor import KINDS, Tensor
from ..xp import numpy as xnp
from . import pieces, recorded
from .elementwise import ElementwiseOptimizer, Numbers, Results, as_number, check_fused_dtype, tensor_of
from .optimizer import check_fused, grad_mode
from .pieces import Constants
from .sparse_adam import entries

FLOAT, DOUBLE = KINDS[dtypes.float32], KINDS[dtypes.float64]


def descend(xp: Any, p: Any, g: Any, s: Any, decay: Any, lr: Any) -> Results:
    """p ← p − lr·(g + decay·p)"""
    if decay is not None:
        s = xp.multiply(p, decay, s)
        g = s = xp.add(g, s, s)
    s = xp.multiply(g, lr, s)
    return (xp.subtract(p, s, p),)


def begin_momentum(
    xp: Any, p: Any, g: Any, b: Any, s: Any, r: Any, decay: Any, momentum: Any, fresh: Any, lr: Any, nesterov: bool
) -> Results:
    """The first step: b ← g + decay·p"""
    if decay is not None:
        s = xp.multiply(p, decay, s)
        g = s = xp.add(g, s, s)
    b = xp.positive(g, b)
    return follow(xp, p, g, b, r, momentum, lr, nesterov), b


def descend_with_momentum(
    xp: Any, p: Any, g: Any, b: Any, s: Any, r: Any, decay: Any, momentum: Any, fresh: Any, lr: Any, nesterov: bool
) -> Results:
    """b ← momentum·b + fresh·(g + decay·p)"""
    if decay is not None:
        s = xp.multiply(p, decay, s)
        g = s = xp.add(g, s, s)
    b = xp.multiply(b, momentum, b)
    b = xp.add(b, g if fresh is None else xp.multiply(g, fresh, r), b)
    return follow(xp, p, g, b, r, momentum, lr, nesterov), b


def follow(xp: Any, p: Any, g: Any, b: Any, s: Any, momentum: Any, lr: Any, nesterov: bool) -> Any:
    """p ← p − lr·b; after Nesterov, p ← p − lr·(g + momentum·b)"""
    if nesterov:
        s = xp.multiply(b, momentum, s)
        b = s = xp.add(g, s, s)
    s = xp.multiply(b, lr, s)
    return xp.subtract(p, s, p)


class SGD(ElementwiseOptimizer):
    """Stochastic gradient descent: p ← p − lr·g; with momentum, g is replaced by a running sum of the gradients.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.8000])
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        for value, what in ((lr, "learning rate"), (momentum, "momentum value"), (weight_decay, "weight_decay value")):
            if value < 0.0:
                raise ValueError(f"Invalid {what}: {value}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)
        check_fused(fused, foreach, differentiable)

    defaults_of_old_states = {
        "nesterov": False, "maximize": False, "foreach": None, "differentiable": False, "fused": False,
    }  # fmt: skip

    def _update_group(self, group: dict[str, Any]) -> None:
        if (
            group["momentum"]
            or group["weight_decay"]
            or group["maximize"]
            or group["differentiable"]
            or process.special
        ):
            self._update_in_general(group)
            return
        rate = lr = as_number(group["lr"])
        known = None
        for p in group["params"]:
            grad = p._grad
            if grad is None:
                continue
            kind = p._kind
            if not (kind is FLOAT or kind is DOUBLE) or grad._kind is not kind:
                self._update(p, grad, group, Constants((None, lr)))
                continue
            array = p._array
            if array.size == 1:
                # writing one element in place costs NumPy 0.5 µs, Python's numbers 0.2; rounded once, as in PyTorch
                array.fill(array.item() - lr * grad._array.item())
            else:
                if known is not kind:
                    known, rate = kind, xnp.asarray(lr, kind.native)
                if array.size <= pieces.SMALL:
                    xnp.subtract(array, xnp.multiply(grad._array, rate), array)
                else:
                    pieces.run(descend, [array, grad._array], 1, Constants((None, lr)), False, kind)
            bump(array)

    def _update_in_general(self, group: dict[str, Any]) -> None:
        """The same with any options, on any device."""
        if group["differentiable"] or process.special and config.modes().transform is not None:
            self._record_group(group)
            return
        constants = Constants(self._numbers(group, as_number(group["lr"]), 0, {}))
        for p in group["params"]:
            if p._grad is not None:
                self._update(p, p._grad, group, constants)

    def _update(self, p: Tensor, grad: Tensor, group: dict[str, Any], constants: Constants) -> None:
        if not self._fits(p, grad):
            self._unusual(p, grad, group)
            return
        kernel, names, scratch = self._method(p, group)
        arrays = [p._array, grad._array]
        if names:
            arrays.append(self.state[p]["momentum_buffer"]._array)
            bump(arrays[2])
        pieces.run(kernel, arrays, scratch, constants, group["maximize"], p._kind)
        bump(arrays[0])

    def _sparse(self, p: Tensor, grad: Any, group: dict[str, Any]) -> None:
        if group["fused"]:
            raise RuntimeError("`_fused_sgd` does not support sparse gradients")
        with grad_mode(False):
            grad = -grad if group["maximize"] else grad
            if group["weight_decay"]:
                grad = grad.add(p, alpha=group["weight_decay"])
            if group["momentum"]:
                grad = self._momentum(grad, group, self.state[p])
        index, values = entries(grad)
        p._array[index] -= as_number(group["lr"]) * values
        bump(p._array)

    @staticmethod
    def _momentum(grad: Any, group: dict[str, Any], state: dict[str, Any]) -> Any:
        """A sparse gradient with the momentum, which is sparse too."""
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = total = grad.clone()
        else:
            total = state["momentum_buffer"].mul_(group["momentum"]).add_(grad, alpha=1 - group["dampening"])
        return grad.add(total, alpha=group["momentum"]) if group["nesterov"] else total

    def _method(self, p: Tensor, group: dict[str, Any]) -> tuple[Callable, tuple[str, ...], int]:
        """The kernel, the state that it writes, and its number of scratch arrays."""
        if group["fused"]:
            check_fused_dtype(p)
        if not group["momentum"]:
            return descend, (), 1
        state = self.state[p]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = tensor_of(p)
            return begin_momentum, ("momentum_buffer",), 2
        return descend_with_momentum, ("momentum_buffer",), 2

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        momentum, decay = group["momentum"], group["weight_decay"] or None
        if not momentum:
            return decay, lr
        fresh = 1 - group["dampening"] if group["dampening"] else None
        return decay, momentum, fresh, lr, group["nesterov"]

    def _record(self, p: Tensor, grad: Tensor, group: dict[str, Any], lr: Any) -> None:
        kernel, names, scratch = self._method(p, group)
        kept = [self.state[p][name] for name in names]
        tensors = [p, -grad if group["maximize"] else grad, *kept]
        recorded.run(kernel, tensors, scratch, self._numbers(group, lr, 0, {}))
