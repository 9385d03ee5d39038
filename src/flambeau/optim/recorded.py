"""A kernel of `elementwise` over tensors: every operation is an ordinary one, which autograd and tracers see.

A kernel writes into its arguments. Here these are boxes: writing puts a new tensor into the box, so that no value that
the graph needs is overwritten on the way; the tensors themselves are written once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..tensor import functions as fn
from ..tensor.tensor import Tensor


class Box:
    """Holds the tensor that stands for an array."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def value(x: Any) -> Any:
    return x.value if type(x) is Box else x


def boxed(name: str) -> Callable:
    """The function of tensors `name` as one of boxes, whose last argument may be the box to write into."""

    def called(*args: Any) -> Box:
        *operands, out = args if len(args) > ARITY[name] else (*args, None)
        operands = [value(x) for x in operands]
        if not isinstance(operands[0], Tensor):
            operands[0] = fn.full_like(next(x for x in operands if isinstance(x, Tensor)), operands[0])
        if name in BETWEEN and not isinstance(operands[1], Tensor):
            operands[1] = fn.full_like(operands[0], operands[1])
        result = getattr(fn, TORCH_NAMES.get(name, name))(*operands)
        if out is None:
            return Box(result)
        out.value = result
        return out

    return called


ARITY = {
    "add": 2, "subtract": 2, "multiply": 2, "divide": 2, "maximum": 2, "minimum": 2, "greater": 2, "less": 2,
    "equal": 2, "positive": 1, "sqrt": 1, "square": 1, "abs": 1, "sign": 1, "negative": 1,
}  # fmt: skip
BETWEEN = ("maximum", "minimum")
TORCH_NAMES = {
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "greater": "gt",
    "less": "lt",
    "equal": "eq",
    "negative": "neg",
    "positive": "clone",
}


class Namespace:
    """What a kernel finds in `xp`."""

    def __getattr__(self, name: str) -> Callable:
        function = boxed(name)
        setattr(self, name, function)
        return function

    @staticmethod
    def copyto(out: Box, source: Any, where: Any = True) -> None:
        """Write `source`, where the mask holds. A whole copy starts without history, as PyTorch's momentum does."""
        source = value(source)
        out.value = source.detach() if where is True else fn.where(value(where), source, out.value)


NAMESPACE = Namespace()


def run(kernel: Callable, tensors: Sequence[Tensor], scratch: int, numbers: Sequence[Any]) -> None:
    """Call a kernel on a parameter, its gradient and its state, then write what changed, in place."""
    complex_ = tensors[0].is_complex()
    boxes = [Box(fn.view_as_real(t) if complex_ else t) for t in tensors]
    before = [box.value for box in boxes]
    kernel(NAMESPACE, *boxes, *(None,) * scratch, *numbers)
    for t, box, old in zip(tensors, boxes, before, strict=True):
        if box.value is not old:
            t.copy_(fn.view_as_complex(box.value) if complex_ else box.value)
