"""Decompositions of low rank by random projection.

Halko, Martinsson and Tropp (2009), "Finding structure with randomness", algorithms 4.4 and 5.1.
"""

from __future__ import annotations

from .. import rows
from ..public import public
from ..tensor import Tensor
from .arguments import need_tensor
from .decompositions import linalg_qr, linalg_svd
from .products import matmul
from .sampling import randn


def _range(A: Tensor, q: int, niter: int) -> Tensor:
    """Orthonormal columns that span most of the range of A: a random sketch, sharpened by powers of A."""
    sketch = randn(A._array.shape[-1], q, dtype=A.dtype, device=A.device)
    basis = linalg_qr(matmul(A, sketch)).Q
    for _ in range(niter):
        basis = linalg_qr(matmul(rows.conjugate_transpose(A), basis)).Q
        basis = linalg_qr(matmul(A, basis)).Q
    return basis


@public(method=False)
def svd_lowrank(A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None) -> tuple:
    """U, S and V of the `q` largest singular values of A, or of `A - M`, nearly; random numbers are drawn.

    niter: how many times the subspace is sharpened; more for singular values that fall off slowly.

    >>> svd_lowrank(ones(5, 4), q=2)[1].shape
    torch.Size([2])
    """
    need_tensor("svd_lowrank", "A", 1, A)
    if M is not None:
        A = rows.sub(A, M)
    m, n = A._array.shape[-2:]
    wide = m < n
    if wide:
        A = rows.conjugate_transpose(A)
    basis = _range(A, 6 if q is None else q, 2 if niter is None else niter)
    U, S, Vh = linalg_svd(matmul(rows.conjugate_transpose(basis), A), full_matrices=False)
    U, V = matmul(basis, U), rows.conjugate_transpose(Vh)
    return (V, S, U) if wide else (U, S, V)


@public(method=False)
def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple:
    """Principal components of the rows of A: U, S and V of the `q` largest singular values of the centered matrix.

    >>> pca_lowrank(ones(5, 4), q=2)[2].shape
    torch.Size([4, 2])
    """
    need_tensor("pca_lowrank", "A", 1, A)
    m, n = A._array.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if center:
        A = rows.sub(A, A.mean(-2, True))  # type: ignore[attr-defined]
    return svd_lowrank(A, q, niter)
