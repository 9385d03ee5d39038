"""`torch.autograd.Variable`, which early PyTorch wrapped tensors in; tensors are variables themselves now."""

from __future__ import annotations

from typing import Any

from ..tensor.tensor import Tensor, make, set_requires_grad

__all__ = ["Variable"]


class _VariableMeta(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)

    def __call__(cls, data: Any = None, requires_grad: bool = False, volatile: bool | None = None) -> Tensor:
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        made = make(data._array, data._kind)
        if requires_grad:
            set_requires_grad(made, True)
        return made


class Variable(metaclass=_VariableMeta):
    """`Variable(tensor, requires_grad=False)`: the same memory as a tensor without history."""
