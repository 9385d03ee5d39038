"""Sparse arrays in coordinates (COO): the values that are there, and where each of them stands.

They are the arrays of kinds of their own, so that no fast path takes them for dense ones. The functions of tensors for
them stand in `tensor/functions/sparse_functions.py`; whatever else is asked of such an array is refused, never guessed.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from ..config import state
from ..device import CPU, Kind
from . import numpy as xnp

# by NumPy's dtype; made with the first sparse tensor
KINDS: dict[Any, Kind] = {}
ndarray = np.ndarray


class Refused(NotImplementedError, AttributeError):
    """The error of what sparse arrays lack; to `hasattr` it says that the attribute is not there."""


Refused.__module__ = "builtins"
Refused.__name__ = Refused.__qualname__ = "NotImplementedError"


def refused(name: str, backend: str = "SparseCPU") -> NotImplementedError:
    """The error for a function that there is not for sparse tensors, or only for these."""
    hint = "to_dense() makes" if backend == "SparseCPU" else "to_sparse() makes"
    return Refused(
        f"Could not run 'aten::{name}' with arguments from the '{backend}' backend.\n"
        f"  {name} is not there for this layout; x.{hint} a tensor of the other."
    )


class Coo:
    """A sparse array: `values[k]` stands at `indices[:, k]`, and what stands at one place several times adds up.

    indices: (sparse dims, n), int64. values: (n, *dense dims). coalesced: whether the places are in order, each once.
    """

    __slots__ = ("indices", "values", "shape", "coalesced", "__weakref__")
    __array_priority__ = 1000.0

    def __init__(self, indices: Any, values: Any, shape: Any, coalesced: bool = False) -> None:
        self.indices = indices
        self.values = values
        self.shape = tuple(shape)
        self.coalesced = coalesced or indices.shape[1] < 2

    def __getattr__(self, name: str) -> Any:
        raise refused(name)

    # ---- what the dispatcher and the engine ask of any array

    dtype = property(lambda self: self.values.dtype)
    itemsize = property(lambda self: self.values.dtype.itemsize)
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: math.prod(self.shape))
    strides = property(lambda self: (0,) * len(self.shape))
    # the memory whose writes count
    base = memory = property(lambda self: self.values)
    xp = property(lambda self: sys.modules[__name__])

    @property
    def kind(self) -> Kind:
        """The kind of tensors of such arrays. From the first on, functions of tensors are asked about their layout."""
        if not KINDS:
            me = sys.modules[__name__]
            KINDS.update({n: Kind(d, CPU, me, n, xnp.run, False, False) for d, n in xnp.NATIVE.items()})
            state.overrides += 1
        return KINDS[self.values.dtype]

    def copy(self, order: str = "C") -> Coo:
        return Coo(self.indices, self.values.copy(), self.shape, self.coalesced)

    def with_values(self, values: Any) -> Coo:
        """Other values at the same places."""
        return Coo(self.indices, values, self.shape, self.coalesced)

    # ---- places ----------------------------------------------------------------------------------------------------

    @property
    def split(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The sizes of the sparse and of the dense dims."""
        count = self.indices.shape[0]
        return self.shape[:count], self.shape[count:]

    def keys(self) -> Any:
        """The place of each value as one number, row by row."""
        return places(self.indices, self.split[0])

    def in_order(self) -> tuple[Any, Any]:
        """The order of the values by place, and where in it each place comes first."""
        keys = self.keys()
        order = np.argsort(keys, kind="stable")
        return order, starts(keys[order])

    def one_each(self) -> tuple[Any, Coo]:
        """One value of each place: which they are, and the coalesced array of them."""
        order, first = self.in_order()
        chosen = order[first]
        return chosen, Coo(self.indices[:, chosen], self.values[chosen], self.shape, True)

    def coalesce(self) -> Coo:
        """The same array with the places in order, each once."""
        if self.coalesced:
            return self
        order, first = self.in_order()
        values = np.add.reduceat(self.values[order], first, axis=0, dtype=self.values.dtype)
        return Coo(self.indices[:, order[first]], values, self.shape, True)

    def to_dense(self) -> Any:
        sparse, dense = self.split
        x = self.coalesce()
        flat = np.zeros((math.prod(sparse), *dense), self.values.dtype)
        flat[x.keys()] = x.values
        return flat.reshape(self.shape)

    # ---- arithmetic, of which gradients have need ------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        return add(self, other) if isinstance(other, Coo) else other + self.to_dense()

    def __mul__(self, other: Any) -> Coo:
        if getattr(other, "shape", ()) == ():
            return self.with_values(self.values * other)
        return self.with_values(self.values * picked(np.broadcast_to(other, self.shape), self))

    def __neg__(self) -> Coo:
        return self.with_values(-self.values)

    def __truediv__(self, other: Any) -> Coo:
        if getattr(other, "shape", ()) != ():
            raise refused("div")
        return self.with_values(self.values / other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc is np.negative:
                return -self
            if ufunc in (np.add, np.multiply):
                return self + _other(self, inputs) if ufunc is np.add else self * _other(self, inputs)
            if ufunc is np.divide and inputs[0] is self:
                return self / inputs[1]
        raise refused(ufunc.__name__)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        raise refused(function.__name__)

    def tolist(self) -> Any:
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")

    ctypes = __array_interface__ = property(tolist)

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first.")


def _other(x: Any, pair: Any) -> Any:
    return pair[1] if pair[0] is x else pair[0]


def places(indices: Any, shape: tuple[int, ...]) -> Any:
    """The places that columns of indices mean, as numbers, row by row."""
    if math.prod(shape) >= 1 << 63:
        raise RuntimeError(f"a sparse tensor of sparse sizes {list(shape)} has more places than int64 has numbers")
    keys = np.zeros(indices.shape[1], np.int64)
    for row, n in zip(indices, shape, strict=True):
        keys = keys * n + row
    return keys


def starts(*keys: Any) -> Any:
    """Where in sorted keys a new one begins."""
    new = np.ones(keys[0].size, bool)
    if new.size:
        new[1:] = np.logical_or.reduce([k[1:] != k[:-1] for k in keys])
    return np.flatnonzero(new)


def add(a: Coo, b: Coo) -> Coo:
    """The sum, coalesced where both are; of arrays in order, equal places are paired one by one."""
    coalesced = a.coalesced and b.coalesced
    dtype = np.result_type(a.dtype, b.dtype)
    if a.indices is b.indices or np.array_equal(a.indices, b.indices):
        return Coo(a.indices, a.values + b.values, a.shape, coalesced)
    keys = [a.keys(), b.keys()]
    both = np.concatenate(keys)
    values = np.concatenate([a.values, b.values], dtype=dtype)
    indices = np.concatenate([a.indices, b.indices], axis=1)
    if any((k[1:] < k[:-1]).any() for k in keys):
        whole = Coo(indices, values, a.shape)
        # so that sums of many do not grow without end
        if values.shape[0] > whole.size:
            whole = whole.coalesce()
            whole.coalesced = False
        return whole
    turn = np.concatenate([np.arange(k.size) - np.searchsorted(k, k) for k in keys])
    order = np.lexsort((turn, both))
    first = starts(both[order], turn[order])
    values = np.add.reduceat(values[order], first, axis=0, dtype=dtype) if both.size else values
    return Coo(indices[:, order[first]], values, a.shape, coalesced)


def positions(x: Coo, at: Coo) -> tuple[Any, Any]:
    """For each place of `at`, where it is among those of a coalesced `x`, and whether it is there."""
    keys, wanted = x.keys(), at.keys()
    found = np.minimum(np.searchsorted(keys, wanted), max(keys.size - 1, 0))
    return found, (keys[found] == wanted if keys.size else np.zeros(wanted.size, bool))


def picked(x: Any, at: Coo) -> Any:
    """The values of a dense array at the places of a sparse one."""
    sparse, dense = at.split
    return x.reshape((math.prod(sparse), *dense))[at.keys()]


def from_dense(x: Any, count: int) -> Coo:
    """What is not zero of an array, of whose dims the first `count` become sparse."""
    if not x.ndim:
        return Coo(np.zeros((0, int(x != 0)), np.int64), x[None][: int(x != 0)], (), True)
    filled = (x != 0).any(tuple(range(count, x.ndim)))
    found = np.nonzero(filled)
    return Coo(np.stack(found), x[found], x.shape, True)


def by_rows(values: Any, rows: Any, count: int) -> Any:
    """An array of `count` rows, in which the values are added up whose rows, in order, are given."""
    total = np.zeros((count, *values.shape[1:]), values.dtype)
    if rows.size:
        first = starts(rows)
        total[rows[first]] = np.add.reduceat(values, first, axis=0)
    return total


def mm(a: Coo, b: Any) -> Any:
    """The product of a matrix and a dense matrix or vector, or another sparse one."""
    a = a.coalesce()
    rows, columns = a.indices
    if not isinstance(b, Coo):
        factors = a.values if b.ndim == 1 else a.values[:, None]
        return by_rows(factors * b[columns], rows, a.shape[0])
    b = b.coalesce()
    begin, end = np.searchsorted(b.indices[0], columns), np.searchsorted(b.indices[0], columns, "right")
    lengths = end - begin
    left = np.repeat(np.arange(columns.size), lengths)
    right = np.arange(left.size) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(begin, lengths)
    indices = np.stack([rows[left], b.indices[1][right]])
    return Coo(indices, a.values[left] * b.values[right], (a.shape[0], b.shape[1])).coalesce()


def groups(x: Coo, dim: int) -> tuple[Any, int]:
    """A number for each value, the same for those that differ in one sparse dim only; and how many there are."""
    others = [i for i in range(x.indices.shape[0]) if i != dim]
    keys = places(x.indices[others], tuple([x.shape[i] for i in others]))
    found, numbers = np.unique(keys, return_inverse=True)
    return numbers.reshape(-1), found.size


def group_maxima(values: Any, numbers: Any, count: int) -> Any:
    """The largest value of each group."""
    largest = np.full((count, *values.shape[1:]), -np.inf, values.dtype)
    np.maximum.at(largest, numbers, values)
    return largest


# ---- the namespace of the kinds: what the engine does with gradients of any layout -----------------------------------


def astype(x: Any, dtype: Any) -> Any:
    return x.with_values(xnp.astype(x.values, dtype)) if isinstance(x, Coo) else xnp.astype(x, dtype)


def is_complex(x: Any) -> bool:
    return x.dtype.kind == "c"


def real(x: Any) -> Any:
    return x.with_values(x.values.real) if isinstance(x, Coo) else x.real


def copy(x: Any) -> Any:
    return x.copy()


def widen(x: Any) -> Any:
    return x.with_values(xnp.widen(x.values)) if isinstance(x, Coo) else xnp.widen(x)


def to_numpy(x: Any) -> Any:
    return x.__array__()


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise refused(name)
