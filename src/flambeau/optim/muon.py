"""Muon: momentum, made orthogonal by a few matrix products."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ..device import backend
from ..dtypes import bfloat16
from ..storage import bump
from ..tensor.tensor import Tensor
from .elementwise import as_number, tensor_of
from .optimizer import Optimizer, check_lr, grad_mode

# the quintic iteration of Jordan and others (https://kellerjordan.github.io/posts/muon/)
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
EPS = 1e-7
STEPS = 5


class Muon(Optimizer):
    """Muon (Jordan and others, 2024), for the matrices of a model; its other parameters want another optimizer.

    adjust_lr_fn: how lr depends on the shape, "original" or "match_rms_adamw". Raises ValueError for options out of
    range and for parameters that are no matrices.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = COEFFICIENTS,
        eps: float = EPS,
        ns_steps: int = STEPS,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_lr(lr, "Learning rate should be >= 0 but is: {}")
        if not momentum >= 0.0:
            raise ValueError(f"momentum should be >= 0 but is: {momentum}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight decay should be >= 0 but is: {weight_decay}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn,
        }  # fmt: skip
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim != 2:
                    raise ValueError(
                        f"Muon only supports 2D parameters whereas we found a parameter with size: {p.shape}"
                    )

    def step(self, closure: Callable | None = None) -> Any:
        """Change the parameters once. `closure`, if given, computes the loss and the gradients first."""
        loss = None
        if closure is not None:
            with grad_mode(True):
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if p.dtype.is_complex:
                    raise RuntimeError("Muon does not support complex parameters")
                if getattr(p.grad, "is_sparse", False):
                    raise RuntimeError("Muon does not support sparse gradients")
                state = self.state[p]
                if "momentum_buffer" not in state:
                    state["momentum_buffer"] = tensor_of(p)
                p._kind.run(self._update, p, state["momentum_buffer"], group)
        return loss

    def _update(self, p: Tensor, buffer: Tensor, group: dict[str, Any]) -> None:
        xp = p._kind.xp
        lr, momentum = as_number(group["lr"]), group["momentum"]
        g = xp.widen(p.grad._array)  # type: ignore[union-attr]
        b = xp.widen(buffer._array)
        b = b + (1 - momentum) * (g - b)
        buffer._array[...] = b
        update = g + momentum * (b - g) if group["nesterov"] else b
        update = orthogonal(p._kind, update, group["ns_coefficients"], group["ns_steps"], group["eps"])
        array = xp.widen(p._array) * (1 - lr * group["weight_decay"])
        p._array[...] = array - update * adjusted(lr, group["adjust_lr_fn"], p._array.shape)
        bump(p._array)
        bump(buffer._array)


def orthogonal(kind: Any, matrix: Any, coefficients: tuple[float, float, float], steps: int, eps: float) -> Any:
    """A matrix with nearly the same singular vectors, and singular values near 1; each product rounded to bfloat16."""
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    xp = kind.xp
    half = backend(kind.device.type).kinds[bfloat16].native

    def rounded(x: Any) -> Any:
        return xp.widen(xp.astype(x, half))

    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    x = rounded(matrix)
    x = xp.matrix_transpose(x) if tall else x
    # at most 1 in the spectral norm, or the iteration diverges
    x = rounded(x / max(float(rounded(xp.sqrt(xp.sum(xp.square(x))))), eps))
    for _ in range(steps):
        gram = rounded(xp.matmul(x, xp.matrix_transpose(x)))
        change = rounded(b * gram + c * xp.matmul(gram, gram))
        x = rounded(a * x + xp.matmul(change, x))
    return xp.matrix_transpose(x) if tall else x


def adjusted(lr: float, how: str | None, shape: tuple[int, ...]) -> float:
    """The learning rate for a matrix of a shape."""
    rows, columns = shape
    if how == "match_rms_adamw":
        return lr * 0.2 * math.sqrt(max(rows, columns))
    return lr * math.sqrt(max(1, rows / columns))
