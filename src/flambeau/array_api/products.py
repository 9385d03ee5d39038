"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

from .. import linalg as ours
from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import Tensor
from .promotion import numpy, on_arrays, promoted, whole

__all__ = ["matmul", "matrix_transpose", "tensordot", "vecdot"]


def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The matrix product over the last two axes; a vector is a row on the left and a column on the right."""
    x1, x2 = promoted("matmul", x1, x2)
    return on_arrays(numpy.matmul, x1, x2) if whole(x1, x2) else fn.matmul(x1, x2)


def matrix_transpose(x: Tensor, /) -> Tensor:
    """`x` with its last two axes swapped."""
    return namespace.matrix_transpose(x)


def tensordot(x1: Tensor, x2: Tensor, /, *, axes: Any = 2) -> Tensor:
    """The sum of products over axes: the last of `x1` with the first of `x2`, or two sequences of axes."""
    x1, x2 = promoted("tensordot", x1, x2)
    if whole(x1, x2):
        return on_arrays(numpy.tensordot, x1, x2, axes=axes)
    return fn.tensordot(x1, x2, axes if isinstance(axes, int) else tuple(list(a) for a in axes))


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """The dot products of vectors along an axis, those of `x1` conjugated. The other axes broadcast."""
    x1, x2 = promoted("vecdot", x1, x2)
    if whole(x1, x2):
        return on_arrays(numpy.vecdot, x1, x2, axis=axis)
    return ours.vecdot(x1, x2, dim=axis)
