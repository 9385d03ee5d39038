"""What transforms have in common: they are modules without parameters, and show their settings."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

from ...nn import Module


class Shown(Module):
    """A transform whose `repr` names the attributes listed in `shown`."""

    shown = ""
    between = ", "

    def __repr__(self) -> str:
        pairs = (f"{name}={getattr(self, name)}" for name in self.shown.split())
        return f"{type(self).__name__}({self.between.join(pairs)})"


def pair(size: Any, error_msg: str = "Please provide only two dimensions (h, w) for size.") -> Any:
    """(height, width) from one number or two. Raises ValueError."""
    if isinstance(size, numbers.Number):
        return int(size), int(size)  # type: ignore[call-overload]
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(error_msg)
    return size


def check_sequence(value: Any, name: str, lengths: tuple[int, ...]) -> None:
    """Raises TypeError for what is no sequence, ValueError for one of another length."""
    words = str(lengths[0]) if len(lengths) == 1 else " or ".join(str(n) for n in lengths)
    message = f"{name} should be a sequence of length {words}."
    if not isinstance(value, Sequence):
        raise TypeError(message)
    if len(value) not in lengths:
        raise ValueError(message)


def angles(value: Any, name: str, lengths: tuple[int, ...] = (2,)) -> list[float]:
    """[-x, x] from a number x, or the numbers of a sequence. Raises ValueError, TypeError."""
    if isinstance(value, numbers.Number):
        if value < 0:  # type: ignore[operator]
            raise ValueError(f"If {name} is a single number, it must be positive.")
        value = [-value, value]  # type: ignore[operator]
    else:
        check_sequence(value, name, lengths)
    return [float(x) for x in value]
