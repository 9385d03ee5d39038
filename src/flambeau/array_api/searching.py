"""Where elements are, in which order, and which there are."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import Tensor, wrap
from .promotion import numpy, on_arrays, promoted, whole

__all__ = [
    "argmax", "argmin", "argsort", "nonzero", "searchsorted", "sort", "unique_all", "unique_counts",
    "unique_inverse", "unique_values", "where",
]  # fmt: skip

UniqueAll = namedtuple("UniqueAll", "values indices inverse_indices counts")
UniqueCounts = namedtuple("UniqueCounts", "values counts")
UniqueInverse = namedtuple("UniqueInverse", "values inverse_indices")


def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The index of the largest element along an axis, or among all; the first of several."""
    return _place("argmax", x, axis, keepdims)


def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The index of the smallest element along an axis, or among all; the first of several."""
    return _place("argmin", x, axis, keepdims)


def _place(name: str, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    if whole(x):
        return on_arrays(getattr(numpy, name), x, axis=axis, keepdims=keepdims)
    found = getattr(fn, name)(x, axis, keepdims and axis is not None)
    return fn.reshape(found, (1,) * x.ndim) if keepdims and axis is None else found


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """The indices of the elements that are not 0, an array for each axis."""
    if not x.ndim:
        raise ValueError("nonzero(): an array without axes has no indices")
    return tuple(namespace.nonzero(x))


def searchsorted(x1: Tensor, x2: Any, /, *, side: str = "left", sorter: Tensor | None = None) -> Tensor:
    """Where to insert each element of `x2` into the sorted `x1`: before ("left") or after ("right") equal ones."""
    if side not in ("left", "right"):
        raise ValueError(f"searchsorted(): side must be 'left' or 'right', not {side!r}")
    x1, x2 = promoted("searchsorted", x1, x2)
    if sorter is not None:
        x1 = x1[sorter]
    if whole(x1):
        return on_arrays(numpy.searchsorted, x1, x2, side=side)
    return fn.searchsorted(x1, x2, right=side == "right")


def where(condition: Tensor, x1: Any, x2: Any, /) -> Tensor:
    """`x1` where the condition holds, else `x2`: arrays or numbers that broadcast."""
    return fn.where(condition, *promoted("where", x1, x2))


def sort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The elements in order along an axis."""
    return fn.sort(x, dim=axis, descending=descending, stable=stable)[0]


def argsort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The indices that put the elements in order along an axis."""
    return fn.sort(x, dim=axis, descending=descending, stable=stable)[1]


def unique_all(x: Tensor, /) -> UniqueAll:
    """The different elements, the first place of each, where each element of `x` is among them, and their counts."""
    return UniqueAll(*[wrap(part) for part in numpy.unique_all(x.detach()._array)])


def unique_counts(x: Tensor, /) -> UniqueCounts:
    """The different elements and how often each occurs."""
    return UniqueCounts(*[wrap(part) for part in numpy.unique_counts(x.detach()._array)])


def unique_inverse(x: Tensor, /) -> UniqueInverse:
    """The different elements and where each element of `x` is among them."""
    return UniqueInverse(*[wrap(part) for part in numpy.unique_inverse(x.detach()._array)])


def unique_values(x: Tensor, /) -> Tensor:
    """The different elements."""
    return wrap(numpy.unique_values(x.detach()._array))
