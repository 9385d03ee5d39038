"""How losses are reduced: PyTorch's words, the numbers behind them, and the two flags from before the words."""

from __future__ import annotations

import warnings

NUMBERS = {"none": 0, "mean": 1, "sum": 2}


def number(reduction: str) -> int:
    """The number of a reduction. Raises ValueError for any other word."""
    found = NUMBERS.get(reduction)
    if found is None:
        if reduction == "elementwise_mean":
            warnings.warn(
                "reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=4
            )
            return 1
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return found


def word(reduction: str, size_average: bool | None, reduce: bool | None, warn: bool = True) -> str:
    """The reduction that was asked for, be it by word or by the deprecated flags, which warn."""
    if size_average is None and reduce is None:
        return reduction
    meant = "none" if reduce is False else "sum" if size_average is False else "mean"
    if warn:
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.", stacklevel=4
        )
    return meant
