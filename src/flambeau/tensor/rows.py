"""The rows of the op table as functions of tensors: `rows.add(x, y)`. Each is bound when it is first asked for.

Binding generates and compiles the row's function, some 0.2 ms; a program uses a fraction of the table.
"""

from __future__ import annotations

from typing import Any

from .. import ops  # noqa: F401  fills the table
from ..ops.table import TABLE
from .generated import bind
from .later import ROW_FUNCTIONS


def __getattr__(name: str) -> Any:
    row = TABLE.get(name)
    if row is None:
        raise AttributeError(f"there is no row {name!r} in the op table")
    function = globals()[name] = ROW_FUNCTIONS.get(name) or bind(row)
    return function
