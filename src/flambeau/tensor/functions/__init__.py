"""Functions of tensors, by family, in PyTorch's signatures: what `torch.<name>` and `Tensor.<name>` are made of.

Families build on rows and on each other; a function is found here under its public name, `functions.softmax`.
"""

from __future__ import annotations

from typing import Any

from ...ops.table import TABLE
from .. import rows
from ..public import FUNCTIONS
from . import (  # noqa: F401  registers what they define
    affine,
    allocation,
    arrange,
    attention,
    complex_numbers,
    contractions,
    convolutions,
    copies,
    counting,
    creation,
    decompositions,
    distances,
    elements,
    facts,
    foreach,
    fourier,
    from_data,
    gammas,
    grids,
    index,
    join,
    layouts,
    least_squares,
    losses,
    low_rank,
    masking,
    matrix_functions,
    neural,
    normalization,
    padding,
    pieces,
    pointwise,
    pooling,
    products,
    ranges,
    recurrent,
    reduction,
    resampling,
    rewrites,
    sampling,
    scans,
    segments,
    shape,
    solvers,
    sorting,
    sparse,
    sparse_functions,
    special,
    spectral,
    statistics,
    storages,
    tables,
)


def __getattr__(name: str) -> Any:
    found = FUNCTIONS.get(name)
    if found is None:
        row = PUBLIC_ROWS.get(name)
        found = getattr(rows, row) if row is not None else copies.in_place(name)
        if found is None:
            raise AttributeError(f"there is no function of tensors {name!r}")
    globals()[name] = found
    return found


# public name -> name of the row, aliases included
PUBLIC_ROWS = {known: row.name for row in TABLE.values() if row.public for known in (row.name, *row.aliases)}
# further names of functions that `torch` has
IN_PLACE = copies.IN_PLACE
