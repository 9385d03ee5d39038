"""RMSprop: the gradient divided by a running root mean square of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .elementwise import ElementwiseOptimizer, Numbers, Results
from .optimizer import check_at_least_zero, check_lr


def rmsprop(xp: Any, p: Any, g: Any, v: Any, *rest: Any) -> Results:
    """v ← α·v + (1−α)g²; p ← p − lr·g / (√v + eps). Centered: v less the square of a running mean of g."""
    *kept, s, r, decay, alpha, fresh, eps, lr, momentum, centered = rest
    if decay is not None:
        r = xp.multiply(p, decay, r)
        g = r = xp.add(g, r, r)
    s = xp.multiply(g, g, s)
    s = xp.multiply(s, fresh, s)
    v = xp.multiply(v, alpha, v)
    v = xp.add(v, s, v)
    if centered:
        mean = kept[-1]
        s = xp.subtract(g, mean, s)
        s = xp.multiply(s, fresh, s)
        kept[-1] = mean = xp.add(mean, s, mean)
        s = xp.multiply(mean, mean, s)
        s = xp.subtract(v, s, s)
        s = xp.sqrt(s, s)
    else:
        s = xp.sqrt(v, s)
    s = xp.add(s, eps, s)
    s = xp.divide(g, s, s)
    if momentum is not None:
        b = kept[0]
        b = xp.multiply(b, momentum, b)
        kept[0] = b = xp.add(b, s, b)
        s = xp.multiply(b, lr, s)
    else:
        s = xp.multiply(s, lr, s)
    return xp.subtract(p, s, p), v, *kept


class RMSprop(ElementwiseOptimizer):
    """RMSprop (Hinton's lecture notes, 2012), optionally with momentum and centered (Graves, 2013).

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.9000])
    """

    scratch = 2

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        check_at_least_zero(eps, "epsilon value")
        check_at_least_zero(momentum, "momentum value")
        check_at_least_zero(weight_decay, "weight_decay value")
        check_at_least_zero(alpha, "alpha value")
        defaults = {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    defaults_of_old_states = {"momentum": 0, "centered": False, **ElementwiseOptimizer.defaults_of_old_states}

    def _names(self, group: dict[str, Any]) -> tuple[str, ...]:
        names = ["square_avg"]
        if group["momentum"] > 0:
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        return tuple(names)

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return rmsprop

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        alpha = group["alpha"]
        momentum = group["momentum"] if group["momentum"] > 0 else None
        return group["weight_decay"] or None, alpha, 1 - alpha, group["eps"], lr, momentum, bool(group["centered"])
