"""`torch._foreach_*`: one operation on each of several tensors, as optimizers and moving averages call them.

PyTorch runs them in one launch on a GPU; here they are the plain functions, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..public import public
from ..tensor import Tensor
from .matrix_functions import linalg_vector_norm

UNARY = (
    "abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 neg reciprocal round "
    "rsqrt sigmoid sign sin sinh sqrt tan tanh trunc"
).split()
# the second operand: a list of tensors, one number for all, or a list of numbers
BINARY = "add clamp_max clamp_min div lerp maximum minimum mul pow sub".split()
TERNARY = "addcdiv addcmul lerp".split()


def _each(name: str, function: Callable) -> None:
    """Register `_foreach_<name>`."""
    function.__name__ = f"_foreach_{name}"
    public(method=False, name=f"_foreach_{name}")(function)


def _check(name: str, tensors: Any, *others: Any) -> None:
    if not tensors:
        raise RuntimeError("Tensor list must have at least one tensor.")
    for other in others:
        if isinstance(other, (list, tuple)) and len(other) != len(tensors):
            have = f"{len(tensors)} and {len(other)}"
            if other and isinstance(other[0], Tensor):
                raise RuntimeError(f"Tensor lists must have the same number of tensors, got {have}")
            raise RuntimeError(f"Tensor list must have same number of elements as scalar list.\n  There are {have}.")


def _listed(value: Any, count: int) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value] * count


def _unary(name: str, in_place: bool) -> Callable:
    def run(self: Any) -> Any:
        """The operation on each tensor."""
        _check(name, self)
        if in_place:
            for t in self:
                getattr(t, f"{name}_")()
            return self
        return tuple([getattr(t, name)() for t in self])

    return run


def _binary(name: str, in_place: bool) -> Callable:
    method = {"clamp_min": "maximum", "clamp_max": "minimum"}.get(name, name)

    def one(t: Tensor, other: Any, options: dict[str, Any]) -> Tensor:
        chosen = name if method in ("maximum", "minimum") and not isinstance(other, Tensor) else method
        if method in ("maximum", "minimum") and chosen in ("maximum", "minimum") and not isinstance(other, Tensor):
            chosen = "clamp_min" if method == "maximum" else "clamp_max"
        result = getattr(t, chosen)(other, **options)
        return t.copy_(result) if in_place else result  # type: ignore[attr-defined]

    def quick(t: Tensor, other: Any, options: dict[str, Any]) -> Tensor:
        return getattr(t, f"{name}_" if in_place else name)(other, **options)

    step = one if method in ("maximum", "minimum") else quick

    def run(self: Any, other: Any = None, *, alpha: Any = 1, **named: Any) -> Any:
        """The operation on each tensor and its counterpart: a tensor, or a number."""
        for known in ("scalars", "scalar", "tensor", "exponent", "weight"):
            if known in named:
                other = named.pop(known)
        _check(name, self, other)
        options = {"alpha": alpha} if alpha != 1 else {}
        results = [step(t, o, options) for t, o in zip(self, _listed(other, len(self)), strict=True)]
        return self if in_place else tuple(results)

    return run


def _ternary(name: str, in_place: bool) -> Callable:
    def run(self: Any, tensors1: Any, tensors2: Any = None, scalars: Any = 1, **named: Any) -> Any:
        """The operation on each tensor and two counterparts, and a number or a list of them."""
        scalars = named.pop("value", named.pop("tensor", scalars))
        if name == "lerp":
            tensors2 = named.pop("weight", tensors2)
        _check(name, self, tensors1, tensors2, scalars)
        if isinstance(scalars, Tensor):
            scalars = scalars.tolist()  # type: ignore[attr-defined]
        results = []
        for t, a, b, s in zip(self, tensors1, _listed(tensors2, len(self)), _listed(scalars, len(self)), strict=True):
            call = getattr(t, f"{name}_" if in_place else name)
            results.append(call(a, b) if name == "lerp" else call(a, b, value=s))
        return self if in_place else tuple(results)

    return run


for _name in UNARY:
    _each(_name, _unary(_name, False))
    _each(f"{_name}_", _unary(_name, True))
for _name in BINARY:
    _each(_name, _binary(_name, False))
    _each(f"{_name}_", _binary(_name, True))
for _name in TERNARY:
    _each(_name, _ternary(_name, False))
    _each(f"{_name}_", _ternary(_name, True))


@public(method=False, name="_foreach_zero_")
def foreach_zero_(self: Any) -> Any:
    """Set all elements of each tensor to 0."""
    for t in self:
        t.zero_()
    return self


@public(method=False, name="_foreach_copy_")
def foreach_copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Copy the elements of each tensor of `src` into its counterpart."""
    _check("copy_", self, src)
    for t, s in zip(self, src, strict=True):
        t.copy_(s)
    return self


@public(method=False, name="_foreach_norm")
def foreach_norm(self: Any, ord: Any = 2, dtype: Any = None) -> tuple:
    """The norm of each tensor."""
    _check("norm", self)
    return tuple([linalg_vector_norm(t, ord, dtype=dtype) for t in self])


@public(method=False, name="_foreach_max")
def foreach_max(self: Any) -> tuple:
    """The largest element of each tensor."""
    _check("max", self)
    return tuple([t.max() for t in self])
