"""Writing to a tensor, or changing what memory it looks at: `copy_`, `fill_`, `zero_`, `set_`, `resize_`."""

from __future__ import annotations

from typing import Any

from ... import config
from ...ops.shapes import numel as numel_of
from ...ops.table import TABLE
from ...storage import is_shared, memory
from ...xp import numpy as xnp
from ...xp.sparse import Coo, refused
from .. import functions as fn
from .. import indexing
from ..functions.allocation import allocate
from ..functions.allocation import sizes as shape_of
from ..inplace import general_inplace
from ..outputs import write
from ..recording import rename_node
from ..tensor import Tensor, current_edge
from .conversion import NUMBERS
from .members import method


@method
def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Copy the elements of `src`, broadcast and converted, into this tensor."""
    if not isinstance(src, Tensor):
        if not isinstance(src, NUMBERS):
            raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {src.__class__.__name__}")
        src = fn.scalar_tensor(src, dtype=self.dtype)
    if type(self._array) is Coo or type(src._array) is Coo:
        return fn.sparse_functions.copy_(self, src)
    if src._kind.device.type != self._kind.device.type:
        src = src.to(self.device)  # type: ignore[attr-defined]
    return general_inplace(TABLE["copy"], (self, src), {"non_blocking": non_blocking})


@method
def fill_(self: Tensor, value: Any) -> Tensor:
    """Write one number to all elements."""
    return fill_with(self, value)


def fill_with(self: Tensor, value: Any, node: str = "FillBackward2") -> Tensor:
    """Write one number to all elements, under the name of a node of the graph."""
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value._array.ndim} dimensions."
            )
        return _filled(self, value, "FillBackward3")
    number = indexing._value(self, value)
    if not config.state.special and (self._edge is None and self._view is None):
        write(self, number._array)
        return self
    return _filled(self, number, node)


def _filled(self: Tensor, value: Tensor, node: str) -> Tensor:
    before = self._edge
    general_inplace(TABLE["fill"], (self, value), {})
    return self if self._edge is before or self._view is not None else rename_node(self, node)


@method
def zero_(self: Tensor) -> Tensor:
    """Set all elements to 0."""
    return fn.sparse_functions.zero_(self) if type(self._array) is Coo else fill_with(self, 0, "ZeroBackward0")


@method
def set_(self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = (), stride: Any = ()) -> Tensor:
    """Let this tensor look at the memory of another."""
    if type(self._array) is Coo:
        raise refused("set_")
    if source is None:
        self._array = xnp.empty((0,), dtype=self._kind.native)
        return self
    if isinstance(source, Tensor):
        if source.dtype is not self.dtype:
            raise RuntimeError(
                "Could not set tensor of type "
                f"{source.dtype.scalar_name.lower()} to a tensor of type {self.dtype.scalar_name.lower()}"
            )
        self._array = source._array
        return self
    array = source._array.view(self._kind.native)
    self._array = xnp.as_strided(array, tuple(size) or (array.size,), tuple(stride) or (1,), storage_offset)
    return self


@method
def resize_(self: Tensor, *sizes: Any, memory_format: Any = None) -> Tensor:
    """Change the shape in place; elements that are new have no defined values."""
    shape = shape_of("resize_", sizes)
    if current_edge(self) is not None:
        raise RuntimeError("cannot resize variables that require grad")
    old, count = self._array, numel_of(shape)
    if count == old.size and old.flags.c_contiguous:
        self._array = old.reshape(shape)
        return self
    if isinstance(old, xnp.ndarray) and old.size:
        row_major, step = [], 1
        for n in reversed(shape):
            row_major.append(step)
            step *= n
        if (self.storage_offset() + count) * old.itemsize <= memory(old).nbytes:  # type: ignore[attr-defined]
            self._array = xnp.as_strided(old, shape, tuple(row_major[::-1]), self.storage_offset())  # type: ignore[attr-defined]
            return self
        if is_shared(old):
            # the other processes would not see what is written to other memory
            raise RuntimeError("Trying to resize storage that is not resizable")
    array = allocate(shape, self._kind)
    flat = old.reshape(-1)
    array.reshape(-1)[: min(flat.size, array.size)] = flat[: array.size]
    self._array = array
    return self


@method
def resize_as_(self: Tensor, other: Tensor, memory_format: Any = None) -> Tensor:
    """Change the shape in place to that of another tensor."""
    return self.resize_(*other.shape)  # type: ignore[attr-defined]
