"""Resilient backpropagation: the sign of the gradient, and for each element a step size of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..tensor.tensor import Tensor
from .elementwise import ElementwiseOptimizer, Numbers, Results, as_number, number_tensor, tensor_of
from .optimizer import check_lr


def rprop(
    xp: Any, p: Any, g: Any, previous: Any, size: Any, s: Any,
    zero: Any, slower: Any, faster: Any,
    smallest: Any, largest: Any,
) -> Results:  # fmt: skip
    """Where the sign of g stayed, larger steps; where it changed, smaller ones, and none this time."""
    s = xp.multiply(g, previous, s)
    stayed, changed = xp.greater(s, zero), xp.less(s, zero)
    size = xp.where(stayed, xp.multiply(size, faster), xp.where(changed, xp.multiply(size, slower), size))
    size = xp.maximum(size, smallest, out=size)
    size = xp.minimum(size, largest, out=size)
    g = xp.where(changed, zero, g)
    s = xp.sign(g, s)
    s = xp.multiply(s, size, s)
    return xp.subtract(p, s, p), xp.positive(g, previous), size


class Rprop(ElementwiseOptimizer):
    """Resilient backpropagation (Riedmiller and Braun, 1993). For gradients of the whole data, not of batches.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.Rprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.9000])
    """

    names = ("prev", "step_size")

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _start(self, p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["step"] = number_tensor(0.0)
        state["prev"] = tensor_of(p)
        state["step_size"] = tensor_of(p, as_number(group["lr"]))

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        return rprop

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        return 0.0, *group["etas"], *group["step_sizes"]
