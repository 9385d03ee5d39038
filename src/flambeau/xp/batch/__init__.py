"""Batches as an array namespace: `vmap` runs the rows, and their gradient rules, on arrays that hold a whole batch.

`batch.f` looks for the newest level among its arguments. There is none: it is `f` of NumPy. Else the rule of `f`
computes
for all elements of that level at once, with `batch` itself, since the batch may be batched again. A function without a
rule is called once for each element.
"""

from __future__ import annotations

import sys
from typing import Any

from ... import dtypes
from ...device import BATCHED, CPU, Kind
from .. import numpy as xnp
from . import places  # noqa: F401  registers its rules
from .array import BatchedArray, Level, data_dependent, set_functions
from .rules import RULES, call_function, enter, leave, loop, top_level, ufunc_accumulate, ufunc_call, ufunc_reduce

__all__ = ["BatchedArray", "Level", "data_dependent", "enter", "leave", "loop", "top_level"]

ndarray = BatchedArray
_made: dict[str, Any] = {}


def __getattr__(name: str) -> Any:
    found = _made.get(name)
    if found is None:
        found = _made[name] = _batched(name, getattr(xnp, name))
    return found


def _batched(name: str, f: Any) -> Any:
    """A function of NumPy's namespace, for batches too."""
    if not callable(f) or isinstance(f, type):
        return f
    rule = RULES.get(name)

    def called(*args: Any, **options: Any) -> Any:
        level = top_level(args) or (top_level(tuple(options.values())) if options else None)
        if level is None:
            return f(*args, **options)
        # without a rule, element by element, each of which may be a batch of another level
        return loop(level, called, args, options) if rule is None else rule(level, *args, **options)

    called.__name__ = called.__qualname__ = name
    return called


def to_numpy(x: Any) -> Any:
    raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")


run = xnp.run
# kernels of NumPy alone; elsewhere rules use their general form
fuse = layer_norm_grads = batch_norm_grads = None

BatchedArray.xp = sys.modules[__name__]
set_functions({"__call__": ufunc_call, "reduce": ufunc_reduce, "accumulate": ufunc_accumulate}, call_function)


def load() -> None:
    """Make the kinds of batches, on the first use: while there are none, nobody needs to look for batches."""
    if BATCHED:
        return
    kinds = {d: Kind(d, CPU, sys.modules[__name__], n, run, False, False) for d, n in xnp.NATIVE.items()}
    for kind in kinds.values():
        kind.wide = kinds[dtypes.float32 if kind.half else kind.dtype]
        kind.batched = True
    BATCHED.update(kinds)
