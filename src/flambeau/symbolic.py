"""Functions on numbers that a compiler may not know yet (`torch.sym_max`): here numbers are always known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any


class SymInt:
    """An integer that a compiler does not know yet. There are none: for `isinstance` in programs that ask."""

    def __init__(self, *args: Any) -> None:
        raise TypeError(f"{type(self).__name__} stands for a number that is not known; here all numbers are")


class SymFloat(SymInt):
    """A float that a compiler does not know yet. There are none."""


class SymBool(SymInt):
    """A truth value that a compiler does not know yet. There are none."""


for _cls in (SymInt, SymFloat, SymBool):
    _cls.__module__ = "torch"


def sym_not(a: Any) -> bool:
    """Whether `a` is false."""
    return not a


def sym_float(a: Any) -> float:
    """`a` as a float."""
    return float(a)


def sym_int(a: Any) -> int:
    """`a` as an int, cut off towards 0."""
    return int(a)


def sym_max(a: Any, b: Any) -> Any:
    """The larger of two numbers, a float where either is one."""
    return float(max(a, b)) if isinstance(a, float) or isinstance(b, float) else max(a, b)


def sym_min(a: Any, b: Any) -> Any:
    """The smaller of two numbers, a float where either is one."""
    return float(min(a, b)) if isinstance(a, float) or isinstance(b, float) else min(a, b)


def sym_ite(b: bool, t: Any, f: Any) -> Any:
    """`t` if `b`, else `f`."""
    return t if b else f


def sym_sum(args: Iterable[Any]) -> Any:
    """The sum of several numbers."""
    return sum(args)


def sym_sqrt(a: Any) -> float:
    """The square root of a number."""
    return math.sqrt(a)
