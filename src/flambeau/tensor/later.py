"""What the core calls and only modules further up can give: each of these sets its function here when it is loaded.

It is the one place where a call goes up. The modules of the core import this one and say `later.tensor_namespace()`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..ops.table import TABLE, Op


def bind(row: Op) -> Callable:
    """The function of a row. Set by `generated`."""
    raise RuntimeError("the functions of rows are not loaded yet")


class RowFunctions(dict[str, Callable]):
    """The functions of rows by name; one that nobody has used yet is made when it is asked for."""

    def __missing__(self, name: str) -> Callable:
        return bind(TABLE[name])


ROW_FUNCTIONS = RowFunctions()
# the in-place methods of rows, of those whose function is made
INPLACE: dict[str, Callable] = {}
# the functions of the namespace `torch` by name, which `public` fills
FUNCTIONS: dict[str, Callable] = {}


def refresh_view(t: Any) -> Any:
    """The edge of a view whose base has a new history. Set by `views`."""
    raise RuntimeError("views are not loaded yet")


def lift_saved(node: Any) -> tuple:
    """A node's saved arrays as tensors, for gradients of gradients. Set by `recording`."""
    raise RuntimeError("recording is not loaded yet")


def sum_level(grad: Any, level: Any) -> Any:
    """The sum of a gradient, an array or a tensor, over a level of batches. Set by `batching`."""
    raise RuntimeError("batching is not loaded yet")


def tensor_namespace() -> Any:
    """The array namespace over tensors, with which rules compute gradients that are tensors. Set by `namespace`."""
    raise RuntimeError("the array namespace over tensors is not loaded yet")


def array_namespace() -> Any:
    """The array API standard over tensors, which is built upon them. Set by the package itself."""
    raise RuntimeError("the array API standard is not loaded yet")


def process_sharing() -> Any:
    """`torch.multiprocessing`, which shares memory between processes. Set by the package itself."""
    raise RuntimeError("multiprocessing is not loaded yet")


def is_for_process() -> bool:
    """Whether a `__reduce_ex__` that asks was called by the pickler of Python's `multiprocessing`.

    That knows nothing of tensors before `torch.multiprocessing` is loaded, which takes as long as all else.
    """
    if "multiprocessing.reduction" not in sys.modules:
        return False
    caller = sys._getframe(1)
    while caller.f_code.co_name == "__reduce_ex__" and caller.f_back is not None:
        caller = caller.f_back
    return caller.f_globals.get("__name__") == "multiprocessing.reduction"


def replace_sparse(t: Any, result: Any) -> Any:
    """Let a sparse tensor be what was computed of it. Set by `functions.sparse_functions`."""
    raise RuntimeError("functions of sparse tensors are not loaded yet")


def sparse_call(func: Callable, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What a function gives for arguments of which some are sparse tensors. Set by `functions.sparse_functions`."""
    raise RuntimeError("functions of sparse tensors are not loaded yet")


def of_layout(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What a function that makes a tensor makes in another layout than the dense one. Set by `functions.sparse`."""
    raise RuntimeError("functions of sparse tensors are not loaded yet")
