"""The extension `linalg`: decompositions, norms, equations."""

from __future__ import annotations

from typing import Any

from .. import linalg as ours
from ..ops import shapes
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from . import statistical
from .products import matmul, matrix_transpose, tensordot, vecdot
from .promotion import numpy, on_arrays, promoted, whole

__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot",
    "trace", "vecdot", "vector_norm",
]  # fmt: skip

Axes = int | tuple[int, ...] | None


def cholesky(x: Tensor, /, *, upper: bool = False) -> Tensor:
    """The triangular factor L of positive definite matrices L @ L.mH, or its transpose."""
    return ours.cholesky(x, upper=upper)


def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """The cross products of vectors of 3 numbers along an axis."""
    x1, x2 = promoted("cross", x1, x2)
    for x in (x1, x2):
        if x.shape[shapes.one_dim(axis, x.ndim)] != 3:
            raise ValueError(f"cross(): the vectors have {x.shape[axis]} elements, not 3")
    a, b = fn.broadcast_tensors(x1, x2)
    if whole(a, b):
        return on_arrays(numpy.linalg.cross, a, b, axis=axis)
    return ours.cross(a, b, dim=axis)


def det(x: Tensor, /) -> Tensor:
    """The determinants of square matrices."""
    return ours.det(x)


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """A diagonal of the matrices in the last two axes."""
    return fn.diagonal(x, offset, -2, -1)


def eigh(x: Tensor, /) -> Any:
    """The eigenvalues and eigenvectors of symmetric or Hermitian matrices."""
    return ours.eigh(x)


def eigvalsh(x: Tensor, /) -> Tensor:
    """The eigenvalues of symmetric or Hermitian matrices."""
    return ours.eigvalsh(x)


def inv(x: Tensor, /) -> Tensor:
    """The inverses of square matrices."""
    return ours.inv(x)


def matrix_norm(x: Tensor, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """The norms of the matrices in the last two axes."""
    return ours.matrix_norm(x, ord, keepdim=keepdims)


def matrix_power(x: Tensor, n: int, /) -> Tensor:
    """Square matrices to an integer power."""
    return ours.matrix_power(x, n)


def matrix_rank(x: Tensor, /, *, rtol: Any = None) -> Tensor:
    """How many singular values exceed the largest one times `rtol`."""
    return ours.matrix_rank(x, rtol=rtol)


def outer(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The products of each element of one vector with each of another."""
    x1, x2 = promoted("outer", x1, x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"outer() takes two vectors, not arrays of {x1.ndim} and {x2.ndim} axes")
    return on_arrays(numpy.outer, x1, x2) if whole(x1, x2) else fn.outer(x1, x2)


def pinv(x: Tensor, /, *, rtol: Any = None) -> Tensor:
    """The pseudo-inverses of matrices; singular values below the largest one times `rtol` count as 0."""
    return ours.pinv(x, rtol=rtol)


def qr(x: Tensor, /, *, mode: str = "reduced") -> Any:
    """Matrices as products of Q, with orthonormal columns, and an upper triangular R."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f"qr(): mode must be 'reduced' or 'complete', not {mode!r}")
    return ours.qr(x, mode)


def slogdet(x: Tensor, /) -> Any:
    """The signs of determinants and the logarithms of their absolute values."""
    return ours.slogdet(x)


def solve(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The solutions of `x1 @ x = x2`; `x2` is a vector if it has one axis, else matrices."""
    x1, x2 = promoted("solve", x1, x2)
    if x2.ndim > 1 and x2.ndim == x1.ndim - 1:
        # or it would be taken for a batch of vectors
        x2 = fn.unsqueeze(x2, 0)
    return ours.solve(x1, x2)


def svd(x: Tensor, /, *, full_matrices: bool = True) -> Any:
    """Matrices as products U @ diag(S) @ Vh."""
    return ours.svd(x, full_matrices)


def svdvals(x: Tensor, /) -> Tensor:
    """The singular values, largest first."""
    return ours.svdvals(x)


def trace(x: Tensor, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """The sums along a diagonal of the matrices in the last two axes."""
    return statistical.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def vector_norm(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """The norms of vectors along some axes, of all elements by default."""
    if axis == ():
        return fn.abs(x)
    return ours.vector_norm(x, ord, dim=axis, keepdim=keepdims)
