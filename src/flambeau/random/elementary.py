"""Elementary functions of float64 arrays."""

from __future__ import annotations

import math

import numpy as np

_FEW = 16
_FEW_DOUBLES = 1024


def elementary(name: str, x: np.ndarray, result: np.dtype) -> np.ndarray:
    """The function `name`, which `math` and NumPy both have, of a float64 array, for a result of dtype `result`.

    Up to some size the C library's function computes it, to give PyTorch's result to the last bit. NumPy's own
    functions are faster for many elements, and differ by one unit in the last place now and then. That hardly ever
    shows in a dtype of lower precision than float64, so that the size is smaller there.
    """
    if x.size <= (_FEW_DOUBLES if result == np.float64 else _FEW):
        try:
            return np.fromiter(map(getattr(math, name), x.tolist()), np.float64, x.size)
        except (ValueError, OverflowError):
            # an infinite result, where Python raises
            pass
    return getattr(np, name)(x)
