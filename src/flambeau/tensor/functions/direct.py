"""Two ways to run a row that writes at indices: for a new tensor, and in place.

In place, `table.index_add_(0, few, changes)` must cost what the few rows cost, not a copy of the table. Where nothing
is recorded and the memory is dense, the array library writes straight into it; else `general_inplace` does its work.
"""

from __future__ import annotations

from typing import Any

from ...config import quiet, state
from ...ops.table import TABLE
from ...storage import bump
from ...xp import numpy as xnp
from .. import rows
from ..inplace import general_inplace
from ..tensor import Tensor, current_edge


def forward(name: str, input: Tensor, *operands: Tensor, **attributes: Any) -> Tensor:
    """The row's result as a new tensor."""
    return getattr(rows, name)(input, *operands, **attributes)


def in_place(name: str, input: Tensor, *operands: Tensor, **attributes: Any) -> Tensor:
    """The row's result written into `input`."""
    writer = xnp.WRITERS.get(name)
    if writer is None or not _may_write(input, operands):
        # binds the row, whose node may be needed
        getattr(rows, name)
        return general_inplace(TABLE[name], (input, *operands), attributes)
    array = input._array
    xnp.enter(writer, array, *[t._array for t in operands], **attributes)
    bump(array)
    return input


def _may_write(input: Tensor, operands: tuple) -> bool:
    """Whether the memory of `input` is dense and plain, shared with no operand, and no history is to be kept."""
    kind, array = input._kind, input._array
    if not kind.plain or not array.flags.c_contiguous or not array.flags.writeable:
        return False
    special = state.special
    if special and not quiet():
        return False
    if not special and current_edge(input) is not None:
        return False
    for t in operands:
        if not t._kind.local or xnp.may_share_memory(t._array, array):
            return False
        if not special and current_edge(t) is not None:
            return False
    return True
