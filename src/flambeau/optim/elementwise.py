"""Updates that treat every element alike, as nearly all optimizers do: written once, run in place on arrays.

An optimizer gives a *kernel*: a function of an array namespace, the parameter, its gradient, the state arrays, scratch
arrays and numbers, which returns the parameter and the state as they are afterwards. The third argument of functions
such as `xp.multiply(a, b, out)` is memory that may be written; who calls the kernel decides what happens with it:

- NumPy: the arrays change in place. Large ones are walked through in pieces that stay in the processor's cache, so
  that a dozen passes cost little more than one; pieces are shared among threads. For small ones scratch arrays are
  None, and NumPy makes them. float16 and bfloat16 are computed in float32; complex numbers are pairs of real ones.
- `scalars`: a parameter of one element, with Python's numbers.
- `recorded`: tensors (`differentiable=True`, other devices, tracing), so that every operation is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import config, dtypes
from ..config import state as process
from ..storage import bump
from ..tensor.tensor import KINDS, Parameter, Tensor, make
from ..xp import numpy as xnp
from . import pieces, recorded
from .optimizer import POST_HOOKS, PRE_HOOKS, Optimizer, call_hooked, grad_mode
from .pieces import Constants

# what a kernel takes beside arrays, and what it returns: the parameter and the state, changed
Numbers = tuple[Any, ...]
Results = tuple[Any, ...]


def tensor_of(p: Tensor, fill: float = 0.0) -> Tensor:
    """State of the shape, layout and kind of a parameter. A complex one is filled in both parts."""
    array = xnp.empty_like(p._array) if p._kind.local else p._kind.xp.empty_like(p._array)
    array[...] = complex(fill, fill) if p._kind.dtype.is_complex else fill
    return make(array, p._kind)


def number_tensor(value: float, fused: Any = False) -> Tensor:
    """A count or a rate that the state keeps as a tensor: float32, or float64 where that is the default dtype."""
    dtype = dtypes.float64 if config.default_dtype() is dtypes.float64 and not fused else dtypes.float32
    kind = KINDS[dtype]
    return make(xnp.asarray(value, kind.native), kind)


def advance(state: dict[str, Any]) -> float:
    """Count a step, and say which one it is."""
    array = state["step"]._array
    count = array.item() + 1.0
    array.fill(count)
    return count


def as_number(value: Any) -> Any:
    """An option that may be a tensor of one element, as a Python number."""
    return value.item() if isinstance(value, Tensor) else value


class ElementwiseOptimizer(Optimizer):
    """An optimizer that changes each element of a parameter after the gradient and state of that element alone.

    A subclass says: `names`, the state arrays that the kernel writes (a function of the group where they vary),
    `scratch`, how many scratch arrays it uses; `_start` makes the state; `_numbers` computes the kernel's numbers for
    a step; `_kernel_of` gives the kernel.
    """

    names: tuple[str, ...] = ()
    scratch = 1
    # options that files of old versions lack
    defaults_of_old_states: dict[str, Any] = {
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "capturable": False,
    }
    # state that is a tensor, and was a number in old versions
    number_names: tuple[str, ...] = ("step",)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name, value in self.defaults_of_old_states.items():
                group.setdefault(name, value)
            for p in group["params"]:
                kept = self.state.get(p) or {}
                for name in self.number_names:
                    if name in kept and not isinstance(kept[name], Tensor):
                        kept[name] = number_tensor(float(kept[name]), group.get("fused"))

    def _kernel_of(self, group: dict[str, Any]) -> Callable:
        raise NotImplementedError

    def _names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return self.names

    def _start(self, p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        """Fill in the state of a parameter before its first step."""
        state["step"] = number_tensor(0.0, group.get("fused"))
        for name in self._names(group):
            state[name] = tensor_of(p)

    def _numbers(self, group: dict[str, Any], lr: Any, t: float, state: dict[str, Any]) -> Numbers:
        """The kernel's numbers in step `t`. None stands for a term that is left out."""
        raise NotImplementedError

    # whether `_numbers` depends on more state than the count of steps
    _numbers_vary = False

    def step(self, closure: Callable | None = None) -> Any:
        """Change the parameters once. `closure`, if given, computes the loss and the gradients first."""
        if self._has_step_hooks or PRE_HOOKS or POST_HOOKS:
            return call_hooked(ElementwiseOptimizer._step, (self, closure) if closure is not None else (self,), {})
        if closure is None:
            self._opt_called = True
            update = self._update_group
            for group in self.param_groups:
                xnp.run(update, group)
            return None
        return self._step(closure)

    step.hooked = True  # type: ignore[attr-defined]

    def _step(self, closure: Callable | None = None) -> Any:
        self._opt_called = True
        loss = None
        if closure is not None:
            with grad_mode(True):
                loss = closure()
        for group in self.param_groups:
            xnp.run(self._update_group, group)
        return loss

    def _update_group(self, group: dict[str, Any]) -> None:
        if group.get("differentiable") or process.special and config.modes().transform is not None:
            self._record_group(group)
            return
        names = self._names(group)
        lr = as_number(group["lr"])
        sign = group["maximize"]
        kernel, scratch = self._kernel_of(group), self.scratch
        known: Any = None
        constants = Constants(())
        for p in group["params"]:
            grad = p._grad
            if grad is None:
                continue
            if not self._fits(p, grad):
                self._unusual(p, grad, group)
                continue
            state = self.state[p]
            if not state:
                self._begin(p, grad, group, state)
            t = advance(state)
            if known != t or self._numbers_vary:
                constants = Constants(self._numbers(group, lr, t, state))
                known = t
            arrays = [p._array, grad._array, *[state[name]._array for name in names]]
            pieces.run(kernel, arrays, scratch, constants, sign, p._kind)
            bump(p._array)
            for array in arrays[2:]:
                bump(array)

    @staticmethod
    def _fits(p: Tensor, grad: Any) -> bool:
        """Whether both are dense arrays of NumPy's."""
        c = type(grad)
        return p._kind.local and (c is Tensor or c is Parameter) and grad._kind is p._kind

    def _begin(self, p: Tensor, grad: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        if group.get("fused"):
            check_fused_dtype(p)
        self._start(p, group, state)

    def _unusual(self, p: Tensor, grad: Tensor, group: dict[str, Any]) -> None:
        """Update one parameter whose gradient is sparse, or whose arrays are not NumPy's."""
        if getattr(grad, "is_sparse", False):
            self._sparse(p, grad, group)
            return
        with grad_mode(False):
            self._record(p, grad, group, as_number(group["lr"]))

    def _sparse(self, p: Tensor, grad: Tensor, group: dict[str, Any]) -> None:
        raise RuntimeError(f"{type(self).__name__} does not support sparse gradients")

    # ---- over tensors ----------------------------------------------------------------------------------------------

    def _record_group(self, group: dict[str, Any]) -> None:
        differentiable = bool(group.get("differentiable"))
        with grad_mode(differentiable):
            lr = group["lr"] if differentiable else as_number(group["lr"])
            for p in group["params"]:
                if p.grad is not None:
                    self._record(p, p.grad, group, lr)

    def _record(self, p: Tensor, grad: Tensor, group: dict[str, Any], lr: Any) -> None:
        """The same update as operations on tensors."""
        state = self.state[p]
        if not state:
            self._begin(p, grad, group, state)
        t = advance(state)
        kept = [state[name] for name in self._names(group)]
        recorded.run(
            self._kernel_of(group), [p, -grad if group["maximize"] else grad, *kept], self.scratch,
            self._numbers(group, lr, t, state),
        )  # fmt: skip


def check_fused_dtype(p: Tensor) -> None:
    """Raise RuntimeError where PyTorch has no fused kernel."""
    if not p.dtype.is_floating_point:
        raise RuntimeError(
            "`fused=True` requires all the params to be floating point Tensors of supported devices: "
            f"['mps', 'cuda', 'xpu', 'hpu', 'cpu', 'mtia', 'xla'] but {p.dtype} and {p.device.type}"
        )
