"""The order in memory of results. NumPy keeps that of the operands; PyTorch makes many results row by row instead.

It matters: `view` needs rows, and random numbers are drawn in the order of memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ...storage import channels_last, channels_last_3d, in_format, to_format
from .direct import direct

ndarray = np.ndarray
_concatenate = direct(np.concatenate)
_BY_CHANNELS = {4: channels_last, 5: channels_last_3d}


def contiguous(x: ndarray) -> ndarray:
    """`x` itself where it is laid out row by row, else a copy that is."""
    return x if x.flags.c_contiguous else x.copy("C")


def by_channels(x: ndarray) -> bool:
    """Whether images or volumes (N, C, ...) lie with their channels side by side."""
    return x.ndim in _BY_CHANNELS and in_format(x, _BY_CHANNELS[x.ndim])


def concat(arrays: Sequence[Any], axis: int | None = 0, model: ndarray | None = None) -> ndarray:
    """Arrays one after the other along an axis: row by row, unless they, or `model`, are images by channels."""
    joined = _concatenate(arrays, axis)
    if joined.flags.c_contiguous or by_channels(joined if model is None else model):
        return joined
    return joined.copy("C")


def keeps_channels(kernel: Callable) -> Callable:
    """Let a kernel of images, whose results are laid out row by row, keep channels side by side where its images do."""

    @wraps(kernel)
    def called(x: Any, *rest: Any, **options: Any) -> Any:
        result = kernel(x, *rest, **options)
        if x.flags.c_contiguous or not by_channels(x):
            return result
        return to_format(result, _BY_CHANNELS[result.ndim])

    return called
