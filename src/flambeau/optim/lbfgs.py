"""L-BFGS: steps along the inverse of a curvature that the last gradients tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from .line_search import add_scaled, dot, strong_wolfe
from .optimizer import Optimizer, check_lr, grad_mode

# below this, a change of the gradient says nothing about the curvature
LEAST_CURVATURE = 1e-10


class LBFGS(Optimizer):
    """L-BFGS (Nocedal, 1980). `step` takes a closure, which it calls several times.

    line_search_fn: "strong_wolfe", or None for steps of length lr. Raises ValueError for several parameter groups.

    >>> w = torch.nn.Parameter(torch.tensor([5.0]))
    >>> optimizer = torch.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 2) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> _ = optimizer.step(closure)
    >>> w.data
    tensor([2.])
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_lr(lr)
        if max_eval is None:
            max_eval = max_iter * 5 // 4
        defaults = {
            "lr": lr, "max_iter": max_iter, "max_eval": max_eval, "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change, "history_size": history_size, "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    # ---- all parameters as one vector ------------------------------------------------------------------------------

    def _gradient(self) -> Tensor:
        """All gradients in one vector; complex numbers as pairs."""
        parts = []
        for p in self._params:
            if p.grad is None:
                part = fn.zeros_like(p)
            else:
                part = p.grad.to_dense() if getattr(p.grad, "is_sparse", False) else p.grad
            parts.append((fn.view_as_real(part) if part.is_complex() else part).reshape(-1))
        return fn.cat(parts, 0)

    def _move(self, length: Any, direction: Tensor) -> None:
        offset = 0
        for p in self._params:
            real = fn.view_as_real(p) if p.is_complex() else p
            n = real.numel()
            add_scaled(real, direction[offset : offset + n].view(real.shape), length)
            offset += n

    def _evaluate(self, closure: Callable, start: list[Tensor], length: Any, direction: Tensor) -> tuple[float, Tensor]:
        """Loss and gradient at a point of the line. The parameters are left where they were."""
        self._move(length, direction)
        loss = float(closure())
        gradient = self._gradient()
        for p, before in zip(self._params, start, strict=True):
            p.copy_(before)
        return loss, gradient

    # ---- one step --------------------------------------------------------------------------------------------------

    def step(self, closure: Callable) -> Any:  # type: ignore[override]
        """Minimise for up to `max_iter` iterations. `closure` computes the gradients, and returns the loss."""

        def evaluate() -> Any:
            with grad_mode(True):
                return closure()

        with grad_mode(False):
            return self._minimise(evaluate)

    def _minimise(self, closure: Callable) -> Any:
        group = self.param_groups[0]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = closure()
        loss = float(first_loss)
        evaluations = 1
        state["func_evals"] += 1
        gradient = self._gradient()
        if gradient.abs().max() <= group["tolerance_grad"]:
            return first_loss
        kept = {name: state.get(name) for name in KEPT}
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            self._direct(kept, state, gradient, group["history_size"])
            if kept["prev_flat_grad"] is None:
                kept["prev_flat_grad"] = gradient.clone()
            else:
                kept["prev_flat_grad"].copy_(gradient)
            kept["prev_loss"] = loss
            lr = group["lr"].squeeze() if isinstance(group["lr"], Tensor) else group["lr"]
            kept["t"] = min(1.0, 1.0 / gradient.abs().sum()) * lr if state["n_iter"] == 1 else lr
            slope = dot(gradient, kept["d"])
            if slope > -group["tolerance_change"]:
                break
            last = iteration == group["max_iter"]
            loss, gradient, used = self._advance(closure, kept, loss, gradient, slope, evaluations, last)
            evaluations += used
            state["func_evals"] += used
            if last or evaluations >= group["max_eval"] or self._has_converged(kept, loss, gradient):
                break
        state.update(kept)
        return first_loss

    def _direct(self, kept: dict[str, Any], state: dict[str, Any], gradient: Tensor, history: int) -> None:
        """Find the direction of the next step: the gradient times the inverse curvature, by two loops over the past."""
        if state["n_iter"] == 1:
            kept.update(d=gradient.neg(), old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return
        changes, steps, ro = kept["old_dirs"], kept["old_stps"], kept["ro"]
        y = gradient.sub(kept["prev_flat_grad"])
        s = kept["d"].mul(kept["t"])
        curvature = dot(y, s)
        if curvature > LEAST_CURVATURE:
            if len(changes) == history:
                for old in (changes, steps, ro):
                    old.pop(0)
            changes.append(y)
            steps.append(s)
            ro.append(1.0 / curvature)
            kept["H_diag"] = curvature / dot(y, y)
        al = state.setdefault("al", [None] * history)
        q = gradient.neg()
        for i in range(len(changes) - 1, -1, -1):
            al[i] = dot(steps[i], q) * ro[i]
            add_scaled(q, changes[i], -al[i])
        kept["d"] = d = q.mul(kept["H_diag"])
        for i in range(len(changes)):
            add_scaled(d, steps[i], al[i] - dot(changes[i], d) * ro[i])

    def _advance(
        self, closure: Callable, kept: dict[str, Any], loss: float, gradient: Tensor, slope: Tensor, evaluations: int,
        last: bool,
    ) -> tuple[float, Tensor, int]:  # fmt: skip
        """Go along the direction. Returns the new loss and gradient, and how often the closure was called."""
        group = self.param_groups[0]
        direction = kept["d"]
        if group["line_search_fn"] is None:
            self._move(kept["t"], direction)
            if last:
                return loss, gradient, 0
            return float(closure()), self._gradient(), 1
        if group["line_search_fn"] != "strong_wolfe":
            raise RuntimeError("only 'strong_wolfe' is supported")
        start = [p.clone() for p in self._params]
        loss, gradient, kept["t"], used = strong_wolfe(
            lambda length: self._evaluate(closure, start, length, direction),
            kept["t"], direction, loss, gradient, slope, max_evaluations=group["max_eval"] - evaluations,
        )  # fmt: skip
        self._move(kept["t"], direction)
        return loss, gradient, used

    def _has_converged(self, kept: dict[str, Any], loss: float, gradient: Tensor) -> bool:
        group = self.param_groups[0]
        least = group["tolerance_change"]
        return bool(
            gradient.abs().max() <= group["tolerance_grad"]
            or kept["d"].mul(kept["t"]).abs().max() <= least
            or abs(loss - kept["prev_loss"]) < least
        )


# what a step hands on to the next one, under PyTorch's names
KEPT = ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")
