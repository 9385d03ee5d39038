"""`functionalize` and `debug_unwrap`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..tensor.tensor import Tensor
from .batching import unwrapped


def functionalize(func: Callable, *, remove: str = "mutations") -> Callable:
    """`func` without in-place operations, as a trace of it shows: its results, and what it writes to, are the same.

    Operations here are recorded in terms of arrays that are never written to, so the function itself is what is asked
    for.
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. Valid options are:\n"
            "     remove='mutations': all inplace and out= operators will be removed from the program, and replaced "
            "with "
            "their out-of-place equivalents.\n     remove='mutations_and_views': In addition to the above, all "
            "aliasing "
            "operators {view} will be replaced with their non-aliasing counterparts, {view}_copy.\n"
        )

    @functools.wraps(func)
    def called(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return called


def debug_unwrap(tensor: Tensor, *, recurse: bool = True) -> Tensor:
    """What is inside a tensor that a transform made, to look at; other tensors as they are.

    recurse: through all transforms, not only the last.
    """
    if not isinstance(tensor, Tensor):
        raise AssertionError("tensor must be a torch.Tensor")
    return unwrapped(tensor, recurse)
