"""What Tensor gets beside its slots: every function as a method, operators, conversions, facts about its memory.

Each module here puts its own methods into the class; this one adds those of the rows and public functions, the
operators, and, for what PyTorch has and Flambeau has not, a word that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ...ops.table import TABLE
from .. import rows
from ..later import INPLACE
from ..public import METHODS
from ..tensor import Tensor
from . import conversion, copying, gradients, metadata, writing  # noqa: F401  each gives Tensor its methods
from .members import attach_lacking, attach_lazily
from .operators import attach_operators


def attach_functions() -> None:
    """Give Tensor the methods of all rows and public functions."""
    for row in TABLE.values():
        for known in (row.name, *row.aliases):
            if row.method:
                attach_lazily(known, partial(getattr, rows, row.name))
            if row.inplace and row.method:
                attach_lazily(f"{known}_", partial(_in_place, row.name))
    for name, function in METHODS.items():
        setattr(Tensor, name, function)


def _in_place(name: str) -> Callable:
    if name not in INPLACE:
        getattr(rows, name)
    return INPLACE[name]


attach_functions()
attach_operators()
attach_lacking()
