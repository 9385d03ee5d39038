"""Operators, and what else Python asks of an object: truth, being a number, length, iteration, indexing, printing.

Operators that are rows stand in the class as generated functions of their own; others are public functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import config
from ...ops.table import TABLE
from ...xp import numpy as xnp
from .. import functions as fn
from .. import indexing, printing, rows
from ..functions import products
from ..functions.arguments import warn_once
from ..generated import bind_operator, no_method
from ..operands import python_number
from ..tensor import KIND_BY_NUMBER, Parameter, Tensor, wrap
from .members import Lacking, attach_lazily, method


def attach_operators() -> None:
    """Give Tensor its binary operators, from the left, from the right and in place."""
    for name, row in {
        "add": "add", "sub": "sub", "mul": "mul", "truediv": "true_div", "mod": "remainder", "and": "bitwise_and",
        "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
    }.items():  # fmt: skip
        _row_operator(f"__{name}__", row)
        _row_operator(f"__r{name}__", row, lead=1)
    _row_operator("__rsub__", "sub", 1, "RsubBackward1")
    Tensor.__rtruediv__ = _divide_other  # type: ignore[method-assign]
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        _row_operator(f"__{name}__", name)
    for name, function in {"floordiv": "floor_divide", "pow": "pow", "matmul": "matmul"}.items():
        _function_operator(f"__{name}__", function)
        _function_operator(f"__r{name}__", function, swapped=True)
    Tensor.__matmul__ = products.operator_matmul  # type: ignore[attr-defined, method-assign]
    for name in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift", "pow", "truediv"):
        method = {
            "truediv": "div_", "floordiv": "floor_divide_", "mod": "remainder_", "and": "bitwise_and_",
            "or": "bitwise_or_", "xor": "bitwise_xor_", "lshift": "bitwise_left_shift_",
            "rshift": "bitwise_right_shift_",
        }.get(name, f"{name}_")  # fmt: skip
        _attach_inplace_operator(f"__i{name}__", method)
    attach_lazily("__div__", lambda: Tensor.__truediv__)
    Tensor.__idiv__ = Tensor.__itruediv__  # type: ignore[attr-defined]


def _row_operator(name: str, row: str, lead: int = 0, node_name: str | None = None) -> None:
    """An operator that is a row: its generated function itself stands in the class, bound on first use."""

    def find() -> Callable:
        getattr(rows, row)
        return bind_operator(TABLE[row], name, lead, node_name)

    attach_lazily(name, find)


def _function_operator(name: str, function: str, swapped: bool = False) -> None:
    """An operator that is a public function, which gives way to classes that it does not know."""

    def operate(self: Tensor, other: Any) -> Any:
        if not isinstance(self, Tensor):
            raise no_method(name, self)
        if isinstance(other, xnp.generic):
            other = python_number(other)
        elif not isinstance(other, (Tensor, int, float, complex)):
            if isinstance(other, xnp.ndarray) and other.dtype.num in KIND_BY_NUMBER:
                other = wrap(other)
            else:
                return NotImplemented
        f = getattr(fn, function)
        return f(other, self) if swapped else f(self, other)

    operate.__name__ = operate.__qualname__ = name
    setattr(Tensor, name, operate)


def _attach_inplace_operator(name: str, method: str) -> None:
    def operate(self: Tensor, other: Any) -> Any:
        if not isinstance(other, (Tensor, int, float, complex, xnp.generic)):
            return NotImplemented
        return getattr(self, method)(other)

    operate.__name__ = operate.__qualname__ = name
    setattr(Tensor, name, operate)


def _divide_other(self: Tensor, other: Any) -> Any:
    """PyTorch rounds `other / x` twice, and its graph shows that."""
    return rows.reciprocal(self).__mul__(other)


@method
def __neg__(self: Tensor) -> Tensor:
    return rows.neg(self)


@method
def __pos__(self: Tensor) -> Tensor:
    return fn.positive(self)


@method
def __abs__(self: Tensor) -> Tensor:
    return rows.abs(self)


@method
def __invert__(self: Tensor) -> Tensor:
    if self.dtype.category > 1:
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return rows.bitwise_not(self)


# ---- as a number, as a sequence --------------------------------------------------------------------------------------


@method
def __bool__(self: Tensor) -> bool:
    array = self._array
    if array.size != 1:
        if not array.size:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError(
            "Boolean value of Tensor with more than one value is ambiguous\n"
            f"  The tensor has shape {list(array.shape)}; say what is meant: x.any(), x.all() or x.numel() > 0."
        )
    # a batch under vmap refuses in words of its own
    return bool(array if self._kind.batched else self.item())  # type: ignore[attr-defined]


@method
def __float__(self: Tensor) -> float:
    value = _only(self)
    _warn_of_history(self)
    if isinstance(value, complex):
        if value.imag:
            raise _complex_to("double", value)
        value = value.real
    return float(value)


@method
def __int__(self: Tensor) -> int:
    value = _only(self)
    if isinstance(value, complex):
        if value.imag:
            raise _complex_to("int64_t", value)
        value = value.real
    return int(value)


Tensor.__long__ = __int__  # type: ignore[attr-defined]


def _complex_to(name: str, value: complex) -> Exception:
    return RuntimeError(f"value cannot be converted to type {name} without overflow")


@method
def __complex__(self: Tensor) -> complex:
    value = complex(_only(self))
    _warn_of_history(self)
    return value


@method
def __index__(self: Tensor) -> int:
    if self._array.size != 1 or self.dtype.is_floating_point or self.dtype.is_complex:
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self._array.reshape(())[()])


def _warn_of_history(t: Tensor) -> None:
    if t.requires_grad and config.grad_enabled():
        warn_once(
            "float",
            "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
            "Consider using tensor.detach() first.",
            stacklevel=4,
        )


def _only(t: Tensor) -> Any:
    if t._array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return t.item()  # type: ignore[attr-defined]


@method
def __len__(self: Tensor) -> int:
    if not self._array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return self._array.shape[0]


@method
def __iter__(self: Tensor) -> Any:
    if not self._array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(fn.unbind(self, 0))


@method
def __contains__(self: Tensor, element: Any) -> bool:
    if isinstance(element, (Tensor, int, float, complex)):
        return bool((self == element).any())  # type: ignore[attr-defined]
    raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")


@method
def __hash__(self: Tensor) -> int:
    return id(self)


@method
def __dir__(self: Tensor) -> list[str]:
    known = {name for name in dir(type(self)) if type(vars(Tensor).get(name)) is not Lacking}
    return sorted(known | set(self.__dict__))


Tensor.__getitem__ = indexing.getitem  # type: ignore[method-assign]

Tensor.__setitem__ = indexing.setitem  # type: ignore[method-assign]

Tensor.__repr__ = printing.tensor_str  # type: ignore[assignment, method-assign]

Tensor.__format__ = printing.tensor_format  # type: ignore[assignment, method-assign]

Parameter.__repr__ = printing.parameter_str  # type: ignore[assignment, method-assign]
