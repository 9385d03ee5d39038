"""Functions of each element. They take Python numbers beside arrays, and bring arrays to their common dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import Tensor
from .promotion import numpy, on_arrays, promoted, whole

# the standard's name -> ours, where they differ
OURS = {
    "bitwise_invert": "bitwise_not", "equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater":
    "gt", "greater_equal": "ge", "sign": "sgn", "negative": "neg", "divide": "true_divide",
}  # fmt: skip
UNARY = (
    "abs acos acosh asin asinh atan atanh bitwise_invert cos cosh exp expm1 floor ceil trunc isfinite isinf isnan "
    "log log1p log2 log10 logical_not negative positive reciprocal sign signbit sin sinh square sqrt tan tanh"
).split()
BINARY = (
    "add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign divide equal "
    "floor_divide greater greater_equal hypot less less_equal logaddexp logical_and logical_or logical_xor maximum "
    "minimum multiply nextafter not_equal pow remainder subtract"
).split()
# what is defined for integers or bools, and left to NumPy
WHOLE = (
    "abs bitwise_invert floor ceil trunc isfinite isinf isnan logical_not negative positive sign square signbit add "
    "bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor equal floor_divide greater "
    "greater_equal less less_equal logical_and logical_or logical_xor maximum minimum multiply not_equal pow "
    "remainder subtract"
).split()

__all__ = [*UNARY, *BINARY, "clip", "conj", "imag", "real", "round"]


def _dressed(function: Callable, name: str, ours: Callable) -> Callable:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = ours.__doc__
    return function


def _unary(name: str) -> Callable:
    ours = getattr(fn, OURS.get(name, name))
    numpys = getattr(numpy, name) if name in WHOLE else None

    def function(x: Tensor, /) -> Tensor:
        return on_arrays(numpys, x) if numpys is not None and whole(x) else ours(x)

    return _dressed(function, name, ours)


def _binary(name: str) -> Callable:
    ours = getattr(fn, OURS.get(name, name))
    numpys = getattr(numpy, name) if name in WHOLE else None

    def function(x1: Any, x2: Any, /) -> Tensor:
        x1, x2 = promoted(name, x1, x2)
        return on_arrays(numpys, x1, x2) if numpys is not None and whole(x1, x2) else ours(x1, x2)

    return _dressed(function, name, ours)


for _name in UNARY:
    globals()[_name] = _unary(_name)
for _name in BINARY:
    globals()[_name] = _binary(_name)


def clip(x: Tensor, /, min: Any = None, max: Any = None) -> Tensor:
    """The elements, raised to `min` and lowered to `max` where they lie beyond; the dtype is that of `x`."""
    result = x
    for bound, choose in ((min, "maximum"), (max, "minimum")):
        if bound is not None:
            if isinstance(bound, Tensor):
                bound = namespace.astype(bound, x.dtype, copy=False)
            result = namespace.astype(globals()[choose](result, bound), x.dtype, copy=False)
    return fn.clone(x) if result is x else result


def conj(x: Tensor, /) -> Tensor:
    """The complex conjugates; real numbers as they are."""
    return namespace.conj(x)


def imag(x: Tensor, /) -> Tensor:
    """The imaginary parts; zeros for real numbers."""
    return fn.imag(x) if x.dtype.is_complex else fn.zeros_like(x)


def real(x: Tensor, /) -> Tensor:
    """The real parts."""
    return namespace.real(x)


def round(x: Tensor, /) -> Tensor:
    """The nearest integers, of two equally near ones the even one; of complex numbers each part."""
    if whole(x):
        return fn.clone(x)
    if x.dtype.is_complex:
        return fn.complex(fn.round(fn.real(x)), fn.round(fn.imag(x)))
    return fn.round(x)
