"""Adam and AdamW: steps scaled by running averages of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..tensor.tensor import Tensor
from .elementwise import ElementwiseOptimizer, Numbers, Results, as_number
from .optimizer import check_at_least_zero, check_betas, check_fused, check_lr


def adam(
    xp: Any, p: Any, g: Any, m: Any, v: Any, s: Any, shrink: Any, decay: Any, fresh1: Any, beta2: Any, fresh2: Any,
    eps: Any, rate: Any,
) -> Results:  # fmt: skip
    """m ← m + (1−β₁)(g − m); v ← β₂·v + (1−β₂)g²; p ← p − rate·m / (√v + eps)"""
    p, m, v, s = average(xp, p, g, m, v, s, shrink, decay, fresh1, beta2, fresh2)
    return move(xp, p, m, v, s, eps, rate), m, v


def adam_with_maximum(
    xp: Any, p: Any, g: Any, m: Any, v: Any, largest: Any, s: Any, shrink: Any, decay: Any, fresh1: Any, beta2: Any,
    fresh2: Any, eps: Any, rate: Any,
) -> Results:  # fmt: skip
    """AMSGrad: the same, divided by the root of the largest v so far."""
    p, m, v, s = average(xp, p, g, m, v, s, shrink, decay, fresh1, beta2, fresh2)
    largest = xp.maximum(largest, v, out=largest)
    return move(xp, p, m, largest, s, eps, rate), m, v, largest


def average(
    xp: Any, p: Any, g: Any, m: Any, v: Any, s: Any, shrink: Any, decay: Any, fresh1: Any, beta2: Any, fresh2: Any
) -> Results:
    """Decay the parameter (`shrink`: apart from the gradient), then update both running averages."""
    if shrink is not None:
        p = xp.multiply(p, shrink, p)
    if decay is not None:
        g = xp.add(g, xp.multiply(p, decay))
    s = xp.subtract(g, m, s)
    s = xp.multiply(s, fresh1, s)
    m = xp.add(m, s, m)
    s = xp.multiply(g, g, s)
    s = xp.multiply(s, fresh2, s)
    v = xp.multiply(v, beta2, v)
    v = xp.add(v, s, v)
    return p, m, v, s


def move(xp: Any, p: Any, m: Any, v: Any, s: Any, eps: Any, rate: Any) -> Any:
    """p ← p − rate·m / (√v + eps)"""
    s = xp.sqrt(v, s)
    s = xp.add(s, eps, s)
    s = xp.divide(m, s, s)
    s = xp.multiply(s, rate, s)
    return xp.subtract(p, s, p)


class Adam(ElementwiseOptimizer):
    """Adam (Kingma and Ba, 2015). `weight_decay` adds to the gradient, or, if decoupled, shrinks the parameter.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.9000])
    """

    names = ("exp_avg", "exp_avg_sq")

    def _sparse(self, p: Tensor, grad: Tensor, group: dict[str, Any]) -> None:
        raise RuntimeError("Adam does not support sparse gradients, please consider SparseAdam instead")

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_lr(lr)
        check_at_least_zero(eps, "epsilon value")
        check_betas(betas)
        check_at_least_zero(weight_decay, "weight_decay value")
        defaults = {
            "lr": lr, "betas": _checked_betas(betas, foreach, capturable), "eps": eps, "weight_decay": weight_decay,
            "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach, "capturable": capturable,
            "differentiable": differentiable, "fused": fused, "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, defaults)
        check_fused(fused, foreach, differentiable)

    defaults_of_old_states = {
        "amsgrad": False, "maximize": False, "foreach": None, "capturable": False, "differentiable": False,
        "decoupled_weight_decay": False, "fused": None,
    }  # fmt: skip

    def _names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if group["amsgrad"] else self.names

    def _kernel_of(self, group: dict[str, Any]) -> Any:
        return adam_with_maximum if group["amsgrad"] else adam

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        beta1, beta2 = group["betas"]
        if not group["differentiable"]:
            beta1, beta2 = as_number(beta1), as_number(beta2)
        decay = group["weight_decay"] or None
        shrink = None
        if decay is not None and group["decoupled_weight_decay"]:
            shrink, decay = 1 - lr * decay, None
        # rate·m / (√v + eps) with both bias corrections in the two numbers
        root = (1 - beta2**t) ** 0.5
        return shrink, decay, 1 - beta1, beta2, 1 - beta2, group["eps"] * root, lr * root / (1 - beta1**t)


def _checked_betas(betas: tuple[Any, Any], foreach: Any, capturable: bool) -> tuple[Any, Any]:
    tensors = [isinstance(beta, Tensor) for beta in betas]
    if not all(tensors) and not all(isinstance(beta, float) for beta in betas):
        raise ValueError("betas must be either both floats or both Tensors")
    for i, beta in enumerate(betas):
        if tensors[i]:
            if foreach and not capturable:
                raise ValueError(f"betas[{i}] as a Tensor is not supported for capturable=False and foreach=True")
            if beta.numel() != 1:
                raise ValueError(f"Tensor betas[{i}] must be 1-element")
    return tuple(b.squeeze() if is_tensor and b.ndim else b for b, is_tensor in zip(betas, tensors, strict=True))  # type: ignore[return-value]


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter apart from the gradient (Loshchilov and Hutter, 2019).

    >>> w = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = torch.optim.AdamW([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([0.8990])
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
