"""Sparse gradients: which entries they have, and Adam for these alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..storage import bump
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from .elementwise import as_number, tensor_of
from .optimizer import Optimizer, check_betas, grad_mode


def entries(grad: Any, maximize: bool = False) -> tuple[tuple[Any, ...], Any]:
    """The index of each entry, once, for indexing an array, and the values."""
    grad = grad.coalesce()
    values = grad._values()._array
    return tuple(grad._indices()._array), -values if maximize else values


class SparseAdam(Optimizer):
    """Adam that, for a sparse gradient, updates only the entries that the gradient has.

    Raises ValueError for options out of range and sparse or complex parameters.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr > 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps > 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        for what, found, text in (
            ("Sparse", lambda p: p.is_sparse, "requires dense parameter tensors"),
            ("Complex", lambda p: p.dtype.is_complex, "does not support complex parameters"),
        ):
            places = [
                [i, j] for i, group in enumerate(self.param_groups) for j, p in enumerate(group["params"]) if found(p)
            ]
            if places:
                raise ValueError(f"{what} params at indices {places}: SparseAdam {text}")

    def step(self, closure: Callable | None = None) -> Any:
        """Change the parameters once. `closure`, if given, computes the loss and the gradients first."""
        loss = None
        if closure is not None:
            with grad_mode(True):
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, p.grad, group)
        return loss

    def _update(self, p: Tensor, grad: Any, group: dict[str, Any]) -> None:
        if not grad.is_sparse:
            raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
        state = self.state[p]
        if not state:
            state.update(step=0, exp_avg=tensor_of(p), exp_avg_sq=tensor_of(p))
        state["step"] += 1
        t = state["step"]
        index, g = entries(grad, group.get("maximize", False))
        if not g.size:
            return
        beta1, beta2 = group["betas"]
        m, v = state["exp_avg"]._array, state["exp_avg_sq"]._array
        mean = m[index] + (1 - beta1) * (g - m[index])
        square = v[index] + (1 - beta2) * (g * g - v[index])
        m[index] = mean
        v[index] = square
        rate = as_number(group["lr"]) * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
        p._array[index] -= rate * mean / (xnp.sqrt(square) + group["eps"])
        for array in (p._array, m, v):
            bump(array)
