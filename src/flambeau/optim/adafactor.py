"""Adafactor: the mean square of a matrix of gradients kept as a row and a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .. import dtypes
from ..storage import bump
from ..tensor.tensor import Tensor, make
from .elementwise import advance, as_number, number_tensor
from .optimizer import Optimizer, check_lr, grad_mode


class Adafactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018): like Adam, with memory for rows and columns in place of elements.

    Raises ValueError for options out of range.

    >>> w = torch.nn.Parameter(torch.ones(2, 2))
    >>> optimizer = torch.optim.Adafactor([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    tensor([[0.9000, 0.9000],
            [0.9000, 0.9000]])
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_lr(lr, "Learning rate should be >= 0 but is: {}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group.setdefault("foreach", None)
            for p in group["params"]:
                kept = self.state.get(p) or {}
                if "step" in kept and not isinstance(kept["step"], Tensor):
                    kept["step"] = number_tensor(float(kept["step"]))

    def step(self, closure: Callable | None = None) -> Any:
        """Change the parameters once. `closure`, if given, computes the loss and the gradients first."""
        loss = None
        if closure is not None:
            with grad_mode(True):
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._check(p)
                    state = self.state[p]
                    if not state:
                        self._start(p, state)
                    p._kind.run(self._update, p, state, group, advance(state))
        return loss

    def _check(self, p: Tensor) -> None:
        if p.dtype.is_complex:
            raise RuntimeError("Adafactor does not support complex parameters")
        if getattr(p.grad, "is_sparse", False):
            raise RuntimeError("Adafactor does not support sparse gradients")

    def _start(self, p: Tensor, state: dict[str, Any]) -> None:
        state["step"] = number_tensor(0.0)
        shape, kind = p.grad._array.shape, p.grad._kind  # type: ignore[union-attr]

        def zeros(shape: tuple[int, ...]) -> Tensor:
            return make(kind.xp.zeros(shape, dtype=kind.native), kind)

        if len(shape) > 1:
            state["row_var"] = zeros((*shape[:-1], 1))
            state["col_var"] = zeros((*shape[:-2], 1, shape[-1]))
        else:
            state["variance"] = zeros(shape)

    def _update(self, p: Tensor, state: dict[str, Any], group: dict[str, Any], t: float) -> None:
        kind = p._kind
        xp = kind.xp
        lr, (eps1, eps2) = as_number(group["lr"]), group["eps"]
        if eps1 is None:
            eps1 = dtypes.finfo(kind.dtype).eps
        array = xp.widen(p._array)
        g = xp.widen(p.grad._array)  # type: ignore[union-attr]
        g = -g if group["maximize"] else g
        size = array.size**0.5 or 1.0
        fresh = t ** group["beta2_decay"]
        alpha = max(eps2, _norm(xp, array) / size) * min(lr, 1 / t**0.5)
        if group["weight_decay"]:
            array = array * (1 - lr * group["weight_decay"])
        if g.ndim > 1:
            square = xp.square(g)
            rows = _follow(xp, state["row_var"], xp.mean(square, axis=-1, keepdims=True), fresh)
            columns = _follow(xp, state["col_var"], xp.mean(square, axis=-2, keepdims=True), fresh)
            variance = xp.matmul(rows, columns) / xp.maximum(xp.mean(rows, axis=-2, keepdims=True), eps1)
        else:
            variance = _follow(xp, state["variance"], xp.square(g), fresh)
        update = g / xp.sqrt(xp.maximum(variance, eps1 * eps1))
        limit = max(1.0, _norm(xp, update) / (size * group["d"]))
        p._array[...] = array - update * (alpha / limit)
        bump(p._array)


def _norm(xp: Any, x: Any) -> float:
    return float(xp.sqrt(xp.sum(xp.square(x))))


def _follow(xp: Any, kept: Tensor, now: Any, fresh: float) -> Any:
    """Move a running mean towards `now`; return it, not yet rounded to a half type."""
    before = xp.widen(kept._array)
    # the exact end value in the first step, in which nothing of the past counts
    mean = before + fresh * (now - before) if fresh < 0.5 else now - (now - before) * (1 - fresh)
    kept._array[...] = mean
    bump(kept._array)
    return mean
