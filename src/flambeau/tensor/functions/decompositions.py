"""Decompositions of matrices: Cholesky, LU, LDL, QR, eigenvalues, singular values.

Stacks of matrices stand in the last two dims. Functions of `torch.linalg` are called `linalg_…` here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ... import dtypes, errors
from .. import rows
from ..outputs import write_result
from ..public import public
from ..return_types import named
from ..tensor import Tensor, kind_of, make, numbers
from .matrices import (
    check_float,
    check_info,
    check_kernel,
    check_matrix,
    check_square,
    eye_like,
    make_like,
    recorded,
)

# ---- Cholesky --------------------------------------------------------------------------------------------------------


def _cholesky(name: str, A: Tensor, upper: bool, check: bool, kernel_only: bool = False) -> Any:
    check_square(name.removesuffix("_ex"), A)
    if not kernel_only:
        check_float(name.removesuffix("_ex"), A)
    check_kernel("cholesky_cpu", A)
    result = rows.linalg_cholesky_ex(A, upper=bool(upper))
    if check:
        check_info(
            result[1],
            lambda batch, order: (
                f"{name}: {batch}The factorization could not be completed because the input is not positive-definite "
                f"(the leading minor of order {order} is not positive-definite).\n"
                "  A covariance or Gram matrix may be so by rounding: add a small multiple of the identity."
            ),
        )
    return result


@public(function=False, method=False, out=True)
def linalg_cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangle L with `A = L @ L.mH` of positive-definite matrices, or the upper one with `A = U.mH @ U`.

    Raises LinAlgError where a matrix is not positive-definite.

    >>> torch.linalg.cholesky(tensor([[4., 2.], [2., 5.]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    return _cholesky("linalg.cholesky", A, upper, True)[0]


@public(function=False, method=False, out=True)
def linalg_cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """As `cholesky`, and `info`: 0, or the order of the leading minor that is not positive-definite."""
    return _cholesky("linalg.cholesky_ex", A, upper, check_errors)


@public(out=True)
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """The Cholesky factor of positive-definite matrices; `linalg.cholesky` is its successor."""
    return _cholesky("cholesky", input, upper, True, kernel_only=True)[0]


# ---- LU --------------------------------------------------------------------------------------------------------------


def _lu_factor(name: str, A: Tensor, pivot: bool, check: bool) -> Any:
    if not isinstance(A, Tensor) or A._array.ndim >= 2:
        check_matrix(name, A)
    else:
        asked = "linalg.lu" if name == "linalg.lu" else "torch.lu_factor"
        raise RuntimeError(
            f"{asked}: Expected tensor with 2 or more dimensions. Got size: {list(A._array.shape)} instead"
        )
    check_kernel("lu_cpu", A)
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")
    result = rows.linalg_lu_factor_ex(A, pivot=True)
    if check:
        check_info(
            result[2],
            lambda batch, i: (
                f"torch.{name}: {batch}U[{i},{i}] is zero and using it on lu_solve would result in a division by zero. "
                "If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or "
                "linalg.lu_factor_ex(A, pivot)"
            ),
            RuntimeError,
        )
    return result


@public(function=False, method=False, out=True)
def linalg_lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """LU decomposition with row exchanges, packed: U on and above the diagonal, L below it; and the exchanges.

    Raises RuntimeError where a pivot is 0.

    >>> torch.linalg.lu_factor(tensor([[1., 2.], [2., 1.]])).LU
    tensor([[2.0000, 1.0000],
            [0.5000, 1.5000]])
    """
    return named("linalg_lu_factor")(_lu_factor("linalg.lu_factor", A, pivot, True)[:2])


@public(function=False, method=False, out=True)
def linalg_lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """As `lu_factor`, and `info`: 0, or the place of a pivot that is 0."""
    return _lu_factor("linalg.lu_factor_ex", A, pivot, check_errors)


@public(function=False, method=False, out=True)
def linalg_lu(A: Tensor, *, pivot: bool = True) -> Any:
    """A permutation, a lower triangle with ones on its diagonal, and an upper triangle: `A = P @ L @ U`.

    >>> P, L, U = torch.linalg.lu(tensor([[1., 2.], [2., 1.]]))
    >>> (P @ L @ U)
    tensor([[1., 2.],
            [2., 1.]])
    """
    packed, pivots, _ = _lu_factor("linalg.lu", A, pivot, False)
    return named("linalg_lu")(_unpack(packed, pivots))


def _unpack(packed: Tensor, pivots: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    m, n = packed._array.shape[-2:]
    k = min(m, n)
    lower = packed if n == k else rows.slice_index(packed, (..., slice(0, k)))
    upper = packed if m == k else rows.slice_index(packed, (..., slice(0, k), slice(None)))
    ones = eye_like(packed, m, k)
    return _permutation(packed, pivots, m), rows.add(rows.tril(lower, -1), ones), rows.triu(upper)


def _permutation(like: Tensor, pivots: Tensor, m: int) -> Tensor:
    """The matrices P of `A = P L U`: column `i` has its one in the row that came to place `i`."""
    order = rows.linalg_pivot_order(pivots, m=m)
    xp = order._kind.xp
    identity = xp.eye(m, dtype=like._kind.native)
    found = xp.matrix_transpose(xp.take(identity, order._array, axis=0))
    return make(found, kind_of(found)) if order._kind.batched else make_like(found, like)


@public(method=False, out=True)
def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """P, L and U from what `linalg.lu_factor` gave; what is not asked for is empty."""
    if LU_pivots.dtype is not dtypes.int32 or not LU_pivots._array.flags.c_contiguous:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    empty = make_like(LU_data._kind.xp.empty((0,), dtype=LU_data._kind.native), LU_data)
    p = lower = upper = empty
    if unpack_data:
        p, lower, upper = _unpack(LU_data, LU_pivots)
    if not unpack_pivots:
        p = empty
    elif not unpack_data:
        p = _permutation(LU_data, LU_pivots, LU_data._array.shape[-2])
    return named("lu_unpack")((p, lower, upper))


class LuWithInfo(NamedTuple):
    """What `lu(get_infos=True)` returns."""

    LU: Tensor
    pivots: Tensor
    info: Tensor


LuWithInfo.__name__ = LuWithInfo.__qualname__ = "_lu_with_info"


@public()
def lu(A: Tensor, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """The packed LU decomposition and its pivots; `linalg.lu_factor` is its successor."""
    result = _lu_factor("linalg.lu_factor_ex", A, pivot, False)
    result = LuWithInfo(*result) if get_infos else (result[0], result[1])
    return result if out is None else write_result("lu", tuple(result), out)


# ---- LDL -------------------------------------------------------------------------------------------------------------


def _ldl(name: str, A: Tensor, hermitian: bool, check: bool) -> Any:
    check_square("torch.linalg.ldl_factor_ex", A)
    check_float("torch.linalg.ldl_factor_ex", A)
    check_kernel("ldl_factor_kernel_cpu", A)
    result = rows.linalg_ldl_factor(A, hermitian=bool(hermitian))
    if check:
        check_info(
            result[2],
            lambda batch, place: (
                f"torch.{name}: {batch}The factorization could not be completed because the diagonal block at "
                f"{place} is zero."
            ),
            RuntimeError,
        )
    return result


@public(function=False, method=False, out=True)
def linalg_ldl_factor(A: Tensor, *, hermitian: bool = False) -> Any:
    """The packed decomposition `L D L^T` (or `L D L^H`) of symmetric matrices that need not be positive-definite."""
    return named("linalg_ldl_factor")(_ldl("linalg.ldl_factor", A, hermitian, True)[:2])


@public(function=False, method=False, out=True)
def linalg_ldl_factor_ex(A: Tensor, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """As `ldl_factor`, and `info`: 0, or the place of a block of D that is 0."""
    return named("linalg_ldl_factor_ex")(_ldl("linalg.ldl_factor_ex", A, hermitian, check_errors))


# ---- QR --------------------------------------------------------------------------------------------------------------


@public(function=False, method=False, out=True)
def linalg_qr(A: Tensor, mode: str = "reduced") -> Any:
    """Orthonormal columns Q and an upper triangle R with `A = Q @ R`.

    mode: "reduced" (m, k) and (k, n) with k = min(m, n); "complete" (m, m) and (m, n); "r" only R.

    >>> Q, R = torch.linalg.qr(tensor([[3., 1.], [4., 1.]]))
    >>> R
    tensor([[-5.0000, -1.4000],
            [ 0.0000, -0.2000]])
    """
    check_matrix("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    check_float("linalg.qr", A)
    check_kernel("geqrf_cpu", A)
    return rows.linalg_qr(A, mode=mode)


@public(out=True)
def qr(input: Tensor, some: bool = True) -> Any:
    """Q and R of a QR decomposition; `linalg.qr` is its successor."""
    return named("qr")(linalg_qr(input, "reduced" if some else "complete"))


@public(out=True)
def geqrf(input: Tensor) -> Any:
    """LAPACK's compact QR: R, below it the vectors of the reflections whose product is Q, and their factors tau."""
    if input._array.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    check_kernel("geqrf_cpu", input)
    return rows.geqrf(input)


def _reflections(input: Tensor, tau: Tensor) -> tuple[Tensor, Tensor]:
    """V and T of `H_1 H_2 … H_k = 1 - V T V^H`, the product of the reflections `1 - tau_i v_i v_i^H`."""
    m, n = input._array.shape[-2:]
    k = tau._array.shape[-1]
    vectors = rows.slice_index(input, (..., slice(0, k))) if k < n else input
    vectors = rows.add(rows.tril(vectors, -1), eye_like(input, m, k))
    products = rows.triu(rows.matmul(rows.conjugate_transpose(vectors), vectors), 1)
    identity = eye_like(input, k, k)
    system = rows.add(identity, rows.mul(rows.unsqueeze(tau, -1), products))
    right = rows.mul(identity, rows.unsqueeze(tau, -2))
    return vectors, rows.linalg_solve_triangular(system, right, upper=True, unitriangular=True)


@public(name="linalg_householder_product", function=False, method=False, out=True)
def linalg_householder_product(input: Tensor, tau: Tensor) -> Tensor:
    """The first n columns of the product of the reflections that `geqrf` gave."""
    name = "torch.linalg.householder_product"
    if input._array.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    m, n = input._array.shape[-2:]
    if m < n:
        raise RuntimeError(f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if n < tau._array.shape[-1]:
        raise RuntimeError(f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    check_tau(name, input, tau)
    if input.dtype is not tau.dtype:
        raise RuntimeError(
            f"{name}: tau dtype {tau.dtype.scalar_name} does not match input dtype {input.dtype.scalar_name}"
        )
    check_kernel("orgqr_cpu", input)
    vectors, t = _reflections(input, tau)
    top = rows.slice_index(vectors, (..., slice(0, n), slice(None)))
    change = rows.matmul(vectors, rows.matmul(t, rows.conjugate_transpose(top)))
    return rows.sub(eye_like(input, m, n), change)


def check_tau(name: str, input: Tensor, tau: Tensor) -> None:
    a, b = input._array.shape, tau._array.shape
    if len(b) != len(a) - 1:
        raise RuntimeError(
            f"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {len(b)} and "
            f"input.ndim is equal to {len(a)}"
        )
    if a[:-2] != b[:-1]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {list(b[:-1])}"
        )


@public(out=True)
def orgqr(input: Tensor, input2: Tensor) -> Tensor:
    """Alias of `linalg.householder_product`."""
    return linalg_householder_product(input, input2)


@public(out=True)
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """The product of `other` with the square Q that `geqrf` gave, or with its conjugate transpose."""
    a, b, c = input._array.shape, tau._array.shape, other._array.shape
    if len(a) < 2 or len(c) < 2:
        raise RuntimeError(f"torch.ormqr: {'input' if len(a) < 2 else 'other'} must have at least 2 dimensions.")
    side = -2 if left else -1
    if c[side] < b[-1]:
        raise RuntimeError(f"torch.ormqr: other.shape[{side}] must be greater than or equal to tau.shape[-1]")
    if c[side] != a[-2]:
        raise RuntimeError(f"torch.ormqr: other.shape[{side}] must be equal to input.shape[-2]")
    if b[-1] != min(c[side], a[-1]):
        raise RuntimeError(f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])")
    check_tau("torch.ormqr", input, tau)
    if len(c) != len(a) or c[:-2] != a[:-2]:
        raise RuntimeError(
            f"torch.ormqr: Expected batch dimensions of other to be equal to input.shape[:-2], but got {list(c[:-2])}"
        )
    for known, x in (("tau", tau), ("other", other)):
        if x.dtype is not input.dtype:
            raise RuntimeError(
                f"torch.ormqr: Expected input and {known} to have the same dtype, but input has dtype"
                f"{input.dtype.scalar_name} and {known} has dtype {x.dtype.scalar_name}"
            )
    check_kernel("ormqr_cpu", input)
    vectors, t = _reflections(input, tau)
    if transpose:
        t = rows.conjugate_transpose(t)
    if left:
        change = rows.matmul(vectors, rows.matmul(t, rows.matmul(rows.conjugate_transpose(vectors), other)))
    else:
        change = rows.matmul(rows.matmul(rows.matmul(other, vectors), t), rows.conjugate_transpose(vectors))
    return rows.sub(other, change)


# ---- eigenvalues -----------------------------------------------------------------------------------------------------


def _is_lower(UPLO: str) -> bool:
    if UPLO not in ("L", "U", "l", "u"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO in ("L", "l")


def _check_eigh(A: Tensor, UPLO: str) -> bool:
    check_square("linalg.eigh", A)
    lower = _is_lower(UPLO)
    check_kernel("linalg_eigh_cpu", A)
    return lower


@public(function=False, method=False, out=True)
def linalg_eigh(A: Tensor, UPLO: str = "L") -> Any:
    """Eigenvalues in ascending order, and eigenvectors as columns, of symmetric or Hermitian matrices.

    Only one triangle is read, the lower one unless UPLO="U". The gradient of eigenvectors needs distinct eigenvalues.

    >>> torch.linalg.eigh(tensor([[2., 0.], [0., 1.]])).eigenvalues
    tensor([1., 2.])
    """
    lower = _check_eigh(A, UPLO)
    return rows.linalg_eigh(A, lower=lower)


@public(function=False, method=False, out=True)
def linalg_eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """Eigenvalues of symmetric or Hermitian matrices, in ascending order."""
    lower = _check_eigh(A, UPLO)
    return rows.linalg_eigh(A, lower=lower)[0] if recorded(A) else rows.linalg_eigvalsh(A, lower=lower)


def _check_eig(name: str, A: Tensor) -> None:
    check_square(name, A)
    if not (A.dtype.is_floating_point or A.dtype.is_complex):
        raise RuntimeError(f"Unknown Complex ScalarType for {A.dtype.scalar_name}")
    check_kernel("linalg_eig_out_cpu", A)
    if not A._kind.run(A._kind.xp.isfinite, numbers(A._array)).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")


@public(function=False, method=False, out=True)
def linalg_eig(A: Tensor) -> Any:
    """Eigenvalues and eigenvectors of square matrices: always complex, in no order.

    >>> torch.linalg.eigvals(tensor([[0., -1.], [1., 0.]]))
    tensor([0.+1.j, 0.-1.j])
    """
    _check_eig("linalg.eig", A)
    return rows.linalg_eig(A)


@public(function=False, method=False, out=True)
def linalg_eigvals(A: Tensor) -> Tensor:
    """Eigenvalues of square matrices: always complex, in no order."""
    _check_eig("linalg.eigvals", A)
    return rows.linalg_eig(A)[0] if recorded(A) else rows.linalg_eigvals(A)


# ---- singular values -------------------------------------------------------------------------------------------------


def _check_svd(A: Tensor, driver: Any) -> None:
    check_matrix("linalg.svd", A)
    check_float("linalg.svd", A)
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )
    check_kernel("linalg_svd_cpu", A)
    if not A._kind.run(A._kind.xp.isfinite, numbers(A._array)).all():
        raise errors.LinAlgError(
            "linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values."
        )


@public(function=False, method=False, out=True)
def linalg_svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """Singular value decomposition `A = U @ diag(S) @ Vh`, singular values in descending order.

    full_matrices: whether U and Vh are square; else they have min(m, n) columns and rows. The gradient of U and Vh
    needs distinct singular values.

    >>> torch.linalg.svd(tensor([[3., 0.], [0., 4.]])).S
    tensor([4., 3.])
    """
    _check_svd(A, driver)
    return rows.linalg_svd(A, full_matrices=bool(full_matrices))


@public(function=False, method=False, out=True)
def linalg_svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """Singular values in descending order."""
    _check_svd(A, driver)
    return rows.linalg_svd(A, full_matrices=False)[1] if recorded(A) else rows.linalg_svdvals(A)


@public(out=True)
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """U, S and V (not its transpose) of a singular value decomposition; `linalg.svd` is its successor."""
    if input._array.ndim < 2:
        raise RuntimeError(
            f"linalg.svd: input should have at least 2 dimensions, but has {input._array.ndim} dimensions instead"
        )
    _check_svd(input, None)
    if compute_uv:
        u, s, vh = rows.linalg_svd(input, full_matrices=not some)
        return named("svd")((u, s, rows.conjugate_transpose(vh)))
    m, n = input._array.shape[-2:]
    batch = input._array.shape[:-2]
    zeros = input._kind.xp.zeros
    u, v = (make_like(zeros((*batch, k, k), dtype=input._kind.native), input) for k in (m, n))
    return named("svd")((u, linalg_svdvals(input), v))
