"""Functions of functions: derivatives, and `vmap`, which makes a function of one example one of a batch.

All of them nest in each other: `vmap(grad(loss))` are gradients per example, `jacfwd(jacrev(f))` is a Hessian.
"""

from __future__ import annotations

import importlib
from typing import Any

from .. import missing
from .batching import vmap
from .derivatives import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, linearize, vjp
from .functional import debug_unwrap, functionalize

__all__ = [
    "debug_unwrap",
    "functional_call",
    "functionalize",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]

# these know modules, and are loaded when they are asked for
_MODULES = ("functional_call", "replace_all_batch_norm_modules_", "stack_module_state")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(".modules", __name__), name)
    raise missing.missing_attribute(__name__, name, [*globals(), *_MODULES])


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
