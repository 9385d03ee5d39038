"""Python's numbers as an array namespace, for kernels on parameters of one element.

NumPy takes half a microsecond to write one element in place, Python's numbers a tenth of that. Where they raise an
error and NumPy would give inf or nan, the caller turns to NumPy.
"""

from __future__ import annotations

import math
from typing import Any

# what is raised in place of inf and nan
ERRORS = (ZeroDivisionError, ValueError, OverflowError)


def add(a: float, b: float, out: Any = None) -> float:
    return a + b


def subtract(a: float, b: float, out: Any = None) -> float:
    return a - b


def multiply(a: float, b: float, out: Any = None) -> float:
    return a * b


def divide(a: float, b: float, out: Any = None) -> float:
    return a / b


def sqrt(a: float, out: Any = None) -> float:
    return math.sqrt(a)


def abs(a: float, out: Any = None) -> float:
    return math.fabs(a)


def positive(a: float, out: Any = None) -> float:
    return a


def sign(a: float, out: Any = None) -> float:
    return (a > 0) - (a < 0) if a == a else a


def maximum(a: float, b: float, out: Any = None) -> float:
    return a if a >= b or a != a else b


def minimum(a: float, b: float, out: Any = None) -> float:
    return a if a <= b or a != a else b


def greater(a: float, b: float) -> bool:
    return a > b


def less(a: float, b: float) -> bool:
    return a < b


def where(condition: bool, a: float, b: float) -> float:
    return a if condition else b
