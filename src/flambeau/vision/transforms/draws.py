"""Random draws of the transforms: each takes from PyTorch's stream what torchvision takes."""

from __future__ import annotations

from typing import Any

from ...tensor import functions as fn


def uniform(low: float, high: float) -> float:
    """A number from [low, high), in single precision."""
    return fn.empty(1).uniform_(low, high).item()


def integer(low: int, high: int) -> int:
    """A whole number from low to high - 1."""
    return int(fn.randint(low, high, (1,)).item())


def chance(p: float) -> bool:
    """True with probability p."""
    return fn.rand(1).item() < p


def exp_uniform(low: float, high: float) -> float:
    """A number whose logarithm is uniform, drawn and raised in single precision."""
    ends: Any = fn.log(fn.tensor([low, high]))
    return fn.exp(fn.empty(1).uniform_(ends[0].item(), ends[1].item())).item()
