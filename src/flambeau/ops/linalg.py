"""Decompositions, inverses, determinants, linear systems, the exponential of matrices, and norms.

Stacks of matrices stand in the last two dims. Gradients: Giles (2008), "Collected matrix derivative results";
Walter, Lehmann and Lamour (2012) for QR; Wan and Zhang (2019) for complex SVD; Golub and Pereyra (1973) for pinv.
"""

from __future__ import annotations

from . import shapes
from .table import op


def adjoint(xp, x):
    return xp.conjugate_transpose(x)


def product(xp, first, *others):
    """The product of several matrices, from left to right."""
    for x in others:
        first = xp.matmul(first, x)
    return first


def as_rows(xp, x):
    """A vector for each matrix, to scale the columns with."""
    return xp.expand_dims(x, axis=-2)


def as_columns(xp, x):
    """A vector for each matrix, to scale the rows with."""
    return xp.expand_dims(x, axis=-1)


def safe_divide(xp, x, by, hidden=False):
    """`x / by`, but 0 where both are 0 or where `hidden` and `by` is 0."""
    nothing = (by == 0) & ((x == 0) | hidden)
    return xp.where(nothing, xp.zeros_like(x), x) / xp.where(nothing, xp.ones_like(by), by)


def real_as(xp, g, like):
    """The real part of a gradient for a real matrix."""
    return xp.real(g) if xp.is_complex(g) and not xp.is_complex(like) else g


def identity(xp, n, like):
    return xp.eye(n, dtype=like.dtype)


def half_triangle(xp, x, upper=False):
    """One triangle, with half of the diagonal."""
    triangle = xp.triu(x) if upper else xp.tril(x)
    return triangle - 0.5 * identity(xp, x.shape[-1], x) * x


# ---- inverse and determinant -----------------------------------------------------------------------------------------


def _inverse_rule(xp, g, out):
    h = adjoint(xp, out[0])
    return -product(xp, h, g[0], h)


@op(input=_inverse_rule, returns=("inverse", "info"), public=False, method=False)
def linalg_inv_ex(xp, input):
    """The inverse of square matrices, and the place of a zero pivot or 0."""
    return xp.linalg_inv_ex(input)


def _number_per_matrix(xp, g):
    return xp.expand_dims(xp.expand_dims(g, axis=-1), axis=-1)


@op(
    input=lambda xp, g, input: _number_per_matrix(xp, g) * xp.conj(xp.linalg_cofactor(input)),
    public=False,
    method=False,
)
def linalg_det(xp, input):
    """The determinant of square matrices."""
    return xp.linalg_det(input)


def _cofactor_rule(xp, g, input, out):
    inverse = adjoint(xp, xp.linalg_inv_ex(input)[0])
    total = xp.sum(g * xp.conj(out), axis=(-2, -1), keepdims=True)
    return inverse * total - product(xp, xp.conj(out), xp.matrix_transpose(g), inverse)


@op(input=_cofactor_rule, public=False, method=False)
def linalg_cofactor(xp, input):
    """The derivatives of the determinant with respect to each element."""
    return xp.linalg_cofactor(input)


def _slogdet_rule(xp, g, input, out):
    factor = g[1]
    if xp.is_complex(input):
        factor = factor - 1j * xp.imag(xp.conj(g[0]) * out[0])
    return _number_per_matrix(xp, factor) * adjoint(xp, xp.linalg_inv_ex(input)[0])


@op(input=_slogdet_rule, returns=("sign", "logabsdet"), public=False, method=False)
def linalg_slogdet(xp, input):
    """The sign (or phase) of the determinant, and the logarithm of its absolute value."""
    return xp.linalg_slogdet(input)


# ---- linear systems --------------------------------------------------------------------------------------------------


def _solve_rule(xp, g, A, out, needs):
    right = xp.linalg_solve_ex(adjoint(xp, A), g[0])[0]
    return (-xp.matmul(right, adjoint(xp, out[0])) if needs[0] else None), right


@op(joint=_solve_rule, returns=("result", "info"), public=False, method=False)
def linalg_solve_ex(xp, A, B):
    """The matrices X of `A X = B`, and the place of a zero pivot of A or 0. Batches broadcast."""
    return xp.linalg_solve_ex(A, B)


def _solve_triangular_rule(xp, g, A, out, upper, unitriangular, needs):
    right = xp.linalg_solve_triangular(adjoint(xp, A), g, not upper, unitriangular)
    if not needs[0]:
        return None, right
    left = -xp.matmul(right, adjoint(xp, out))
    skip = 1 if unitriangular else 0
    return (xp.triu(left, k=skip) if upper else xp.tril(left, k=-skip)), right


@op(joint=_solve_triangular_rule, public=False, method=False)
def linalg_solve_triangular(xp, A, B, upper: bool = False, unitriangular: bool = False):
    """The matrices X of `A X = B`, where one triangle of A is read. Batches broadcast."""
    return xp.linalg_solve_triangular(A, B, upper, unitriangular)


def _lstsq_rule(xp, g, A, B, out, rcond, needs):
    """Through the pseudoinverse. The residuals do not change through the solution, which is a minimum."""
    inverse, solution = xp.linalg_pinv(A, 0.0, rcond, False), out[0]
    right = xp.matmul(adjoint(xp, inverse), g[0])
    left = _pinv_rule(xp, xp.matmul(g[0], adjoint(xp, B)), A, inverse) if needs[0] else None
    if len(out[1].shape) > 1 or out[1].shape != (0,):
        rest = 2 * (xp.matmul(A, solution) - B) * as_rows(xp, g[1])
        right = right - rest
        left = left + xp.matmul(rest, adjoint(xp, solution)) if needs[0] else None
    return left, (right if needs[1] else None)


@op(joint=_lstsq_rule, outputs=4, public=False, method=False, node="LinalgLstsq")
def linalg_lstsq(xp, A, B, rcond: float = 0.0, residuals: bool = False):
    """Solutions X of least squares of `A X = B`, sums of squared residuals, the rank of A and its singular values."""
    return xp.linalg_lstsq(A, B, rcond, residuals)


# ---- triangular factors ----------------------------------------------------------------------------------------------


def _cholesky_rule(xp, g, out, upper):
    factor, grad = out[0], g[0]
    if upper:
        factor, grad = adjoint(xp, factor), adjoint(xp, grad)
    phi = half_triangle(xp, xp.matmul(adjoint(xp, factor), grad))
    turned = adjoint(xp, factor)
    left = xp.linalg_solve_triangular(turned, phi + adjoint(xp, phi), True, False)
    return 0.5 * adjoint(xp, xp.linalg_solve_triangular(turned, adjoint(xp, left), True, False))


@op(input=_cholesky_rule, returns=("L", "info"), public=False, method=False)
def linalg_cholesky_ex(xp, input, upper: bool = False):
    """The lower factor L of `L L^H` (or U of `U^H U`), and the order of a minor that is not positive or 0."""
    factor, info = xp.linalg_cholesky_ex(adjoint(xp, input) if upper else input)
    return (adjoint(xp, factor) if upper else factor), info


def _square_lu_rule(xp, lower, upper, g_lower, g_upper):
    """The gradient of a square matrix whose factors have these gradients."""
    inner = xp.tril(xp.matmul(adjoint(xp, lower), g_lower), k=-1) + xp.triu(xp.matmul(g_upper, adjoint(xp, upper)))
    left = xp.linalg_solve_triangular(adjoint(xp, lower), inner, True, True)
    return adjoint(xp, xp.linalg_solve_triangular(upper, adjoint(xp, left), True, False))


def _lu_rule(xp, g, out, pivot):
    """The square part has a formula; the rows below it and the columns beside it solve triangular systems."""
    packed, grad = out[0], g[0]
    m, n = packed.shape[-2], packed.shape[-1]
    k = min(m, n)
    head, g_head = packed[..., :k, :k], grad[..., :k, :k]
    lower = xp.tril(head, k=-1) + identity(xp, k, head)
    upper = xp.triu(head)
    g_lower, g_upper = xp.tril(g_head, k=-1), xp.triu(g_head)
    if m > n:
        below = adjoint(xp, xp.linalg_solve_triangular(upper, adjoint(xp, grad[..., k:, :]), True, False))
        g_upper = g_upper - xp.matmul(adjoint(xp, packed[..., k:, :]), below)
        square = _square_lu_rule(xp, lower, upper, g_lower, g_upper)
        result = xp.concat([square, below], axis=-2)
    elif m < n:
        beside = xp.linalg_solve_triangular(adjoint(xp, lower), grad[..., k:], True, True)
        g_lower = g_lower - xp.matmul(beside, adjoint(xp, packed[..., k:]))
        square = _square_lu_rule(xp, lower, upper, g_lower, g_upper)
        result = xp.concat([square, beside], axis=-1)
    else:
        result = _square_lu_rule(xp, lower, upper, g_lower, g_upper)
    return permute_rows(xp, result, xp.argsort(xp.linalg_pivot_order(out[1], m), axis=-1)) if pivot else result


def permute_rows(xp, x, order):
    """The rows of each matrix in another order."""
    return xp.take_along_axis(x, xp.broadcast_to(xp.expand_dims(order, axis=-1), x.shape), axis=-2)


@op(input=_lu_rule, returns=("LU", "pivots", "info"), public=False, method=False)
def linalg_lu_factor_ex(xp, input, pivot: bool = True):
    """The packed factors of an LU decomposition, the row exchanges, and the place of a zero pivot or 0."""
    return xp.linalg_lu_factor_ex(input, pivot)


@op(public=False, method=False)
def linalg_pivot_order(xp, pivots, m: int):
    """The permutation of `m` rows that a sequence of row exchanges makes."""
    return xp.linalg_pivot_order(pivots, m)


def _no_ldl_rule(xp, g):
    raise NotImplementedError("the derivative for 'linalg_ldl_factor_ex' is not implemented.")


@op(input=_no_ldl_rule, public=False, method=False, outputs=3, node="NotImplemented")
def linalg_ldl_factor(xp, input, hermitian: bool = False):
    """The packed factors of `L D L^T`, the exchanges, and the place of a zero pivot block or 0."""
    return xp.linalg_ldl_factor(input, hermitian)


@op(public=False, method=False)
def linalg_ldl_solve(xp, LD, pivots, B, hermitian: bool = False):
    """The matrices X of `A X = B` from what `linalg_ldl_factor` gave."""
    return xp.linalg_ldl_solve(LD, pivots, B, hermitian)


# ---- QR --------------------------------------------------------------------------------------------------------------


def _qr_rule(xp, g, out, mode):
    q, r = out
    if mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, "
            "mode='reduced') if you are going to require gradients"
        )
    m, n = q.shape[-2], r.shape[-1]
    if mode == "complete" and m > n:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols")
    g_q, g_r = g
    if m >= n:
        return _tall_qr_rule(xp, q, r, g_q, g_r)
    # the columns beyond the square part of R are Q^H times those of the matrix
    head, rest, g_rest = r[..., :m], r[..., m:], g_r[..., m:]
    g_q = g_q + product(xp, q, rest, adjoint(xp, g_rest))
    return xp.concat([_tall_qr_rule(xp, q, head, g_q, g_r[..., :m]), xp.matmul(q, g_rest)], axis=-1)


def _tall_qr_rule(xp, q, r, g_q, g_r):
    phi = half_triangle(xp, xp.matmul(g_r, adjoint(xp, r)) - xp.matmul(adjoint(xp, q), g_q), upper=True)
    inner = g_q + xp.matmul(q, phi + adjoint(xp, phi))
    return adjoint(xp, xp.linalg_solve_triangular(r, adjoint(xp, inner), True, False))


@op(input=_qr_rule, returns=("Q", "R"), public=False, method=False)
def linalg_qr(xp, input, mode: str = "reduced"):
    """Orthonormal columns Q and a triangle R, whose product is the matrix."""
    return xp.linalg_qr(input, mode)


def _no_geqrf_rule(xp, g):
    raise NotImplementedError("the derivative for 'geqrf' is not implemented.")


@op(input=_no_geqrf_rule, returns=("a", "tau"), public=False, method=False)
def geqrf(xp, input):
    """LAPACK's compact QR: R, and below it the vectors of the reflections whose product is Q; and their factors."""
    return xp.linalg_geqrf(input)


# ---- eigenvalues and singular values ---------------------------------------------------------------------------------


def _eigh_rule(xp, g, out):
    values, vectors = out
    n = vectors.shape[-1]
    turned = xp.matmul(adjoint(xp, vectors), g[1])
    gaps = as_rows(xp, values) - as_columns(xp, values)
    eye = identity(xp, n, values)
    inner = safe_divide(xp, turned, gaps, eye == 1) + eye * as_rows(xp, g[0])
    return product(xp, vectors, inner, adjoint(xp, vectors))


@op(input=_eigh_rule, returns=("eigenvalues", "eigenvectors"), public=False, method=False)
def linalg_eigh(xp, input, lower: bool = True):
    """Eigenvalues in ascending order and eigenvectors of Hermitian matrices."""
    return xp.linalg_eigh(input, lower)


@op(public=False, method=False)
def linalg_eigvalsh(xp, input, lower: bool = True):
    """Eigenvalues of Hermitian matrices in ascending order, without history."""
    return xp.linalg_eigvalsh(input, lower)


def _eig_rule(xp, g, input, out):
    values, vectors = out
    adjoint_vectors = adjoint(xp, vectors)
    turned = xp.matmul(adjoint_vectors, g[1])
    eye = identity(xp, vectors.shape[-1], vectors)
    lengths = xp.sum(eye * xp.real(turned), axis=-2, keepdims=True)
    gaps = xp.conj(as_rows(xp, values) - as_columns(xp, values))
    # eigenvectors have length 1: what would only change their lengths has no effect
    inner = turned - product(xp, adjoint_vectors, vectors) * lengths
    inner = safe_divide(xp, inner * (1 - eye), gaps, xp.real(eye) == 1) + eye * as_rows(xp, g[0])
    return real_as(xp, xp.linalg_solve_ex(adjoint_vectors, xp.matmul(inner, adjoint_vectors))[0], input)


@op(input=_eig_rule, returns=("eigenvalues", "eigenvectors"), public=False, method=False)
def linalg_eig(xp, input):
    """Complex eigenvalues, in no order, and eigenvectors of square matrices."""
    return xp.linalg_eig(input)


@op(public=False, method=False)
def linalg_eigvals(xp, input):
    """Complex eigenvalues of square matrices, without history."""
    return xp.linalg_eigvals(input)


def _svd_rule(xp, g, input, out):
    u, s, vh = out
    k = s.shape[-1]
    u, vh, g_u, g_vh = u[..., :k], vh[..., :k, :], g[0][..., :k], g[2][..., :k, :]
    m, n = u.shape[-2], vh.shape[-1]
    left, right = xp.matmul(adjoint(xp, u), g_u), xp.matmul(vh, adjoint(xp, g_vh))
    squares = s * s
    gaps = as_rows(xp, squares) - as_columns(xp, squares)
    eye = identity(xp, k, s)
    diagonal = eye == 1
    inner = safe_divide(xp, left - adjoint(xp, left), gaps, diagonal) * as_rows(xp, s)
    inner = (
        inner
        + as_columns(xp, s) * safe_divide(xp, right - adjoint(xp, right), gaps, diagonal)
        + eye * as_rows(xp, g[1])
    )
    if xp.is_complex(input):
        inner = inner + 1j * safe_divide(xp, eye * xp.imag(left), eye * as_rows(xp, s))
    result = product(xp, u, inner, vh)
    if m > k:
        outside = g_u - xp.matmul(u, left)
        result = result + xp.matmul(safe_divide(xp, outside, as_rows(xp, s)), vh)
    if n > k:
        outside = g_vh - xp.matmul(adjoint(xp, right), vh)
        result = result + xp.matmul(u, safe_divide(xp, outside, as_columns(xp, s)))
    return result


@op(input=_svd_rule, returns=("U", "S", "Vh"), public=False, method=False)
def linalg_svd(xp, input, full_matrices: bool = True):
    """`U`, singular values in descending order, and `V^H`."""
    return xp.linalg_svd(input, full_matrices)


@op(public=False, method=False)
def linalg_svdvals(xp, input):
    """Singular values in descending order, without history."""
    return xp.linalg_svdvals(input)


def _pinv_rule(xp, g, input, out):
    h, gh = adjoint(xp, out), adjoint(xp, g)
    rest_left = gh - product(xp, input, out, gh)
    rest_right = gh - product(xp, gh, out, input)
    return product(xp, rest_left, out, h) + product(xp, h, out, rest_right) - product(xp, h, g, h)


@op(input=_pinv_rule, public=False, method=False)
def linalg_pinv(xp, input, atol: object = 0.0, rtol: object = 0.0, hermitian: bool = False):
    """The pseudoinverse, in which singular values not above `atol`, nor above `rtol` times the largest, count as 0."""
    return xp.linalg_pinv(input, atol, rtol, hermitian)


# ---- exponential -----------------------------------------------------------------------------------------------------


def _matrix_exp_rule(xp, g, input):
    """The derivative in a direction stands in a corner of the exponential of a matrix of four blocks."""
    n = input.shape[-1]
    h = adjoint(xp, input)
    top, bottom = xp.concat([h, g], axis=-1), xp.concat([xp.zeros_like(h), h], axis=-1)
    return xp.linalg_matrix_exp(xp.concat([top, bottom], axis=-2))[..., :n, n:]


@op(input=_matrix_exp_rule, public=False, method=False)
def linalg_matrix_exp(xp, input):
    """The exponential of square matrices."""
    return xp.linalg_matrix_exp(input)


# ---- norms -----------------------------------------------------------------------------------------------------------

INFINITY = float("inf")


def _spread(xp, x, shape, dim, keepdim):
    """A result of a reduction with the reduced dims back as 1."""
    return x if keepdim else xp.reshape(x, shapes.without(shape, dim, True))


def _unit(xp, x):
    """`x / |x|`, 0 at 0."""
    return safe_divide(xp, x, xp.astype(xp.abs(x), x.dtype))


def _norm_rule(xp, g, input, out, ord, dim, keepdim):
    g, out = _spread(xp, g, input.shape, dim, keepdim), _spread(xp, out, input.shape, dim, keepdim)
    if ord == 0:
        return xp.zeros_like(input)
    if ord == 1:
        return g * _unit(xp, input)
    if ord == 2:
        return safe_divide(xp, g * input, out, True)
    size = xp.abs(input)
    if ord in (INFINITY, -INFINITY):
        hits = xp.astype(size == out, size.dtype)
        return _unit(xp, input) * (g * hits / xp.sum(hits, axis=dim, keepdims=True))
    zero = size == 0
    power = xp.where(zero, xp.zeros_like(size), xp.pow(xp.where(zero, xp.ones_like(size), size), ord - 1))
    return _unit(xp, input) * power * safe_divide(xp, g, xp.pow(out, ord - 1), True)


@op(input=_norm_rule, public=False, method=False)
def linalg_vector_norm(xp, input, ord: float, dim: tuple, keepdim: bool = False):
    """`sum(|x| ** ord) ** (1 / ord)` over some dims; the largest or smallest size for infinite `ord`."""
    if ord == 2:
        if len(dim) == input.ndim and not keepdim and not xp.is_complex(input):
            flat = xp.reshape(input, (shapes.numel(input.shape),))
            return xp.sqrt(xp.dot(flat, flat))
        size = xp.abs(input) if xp.is_complex(input) else input
        return xp.sqrt(xp.sum(size * size, axis=dim, keepdims=keepdim))
    size = xp.abs(input)
    if ord == INFINITY:
        return xp.max(size, axis=dim, keepdims=keepdim)
    if ord == -INFINITY:
        return xp.min(size, axis=dim, keepdims=keepdim)
    if ord == 1:
        return xp.sum(size, axis=dim, keepdims=keepdim)
    if ord == 0:
        return xp.sum(xp.astype(size != 0, size.dtype), axis=dim, keepdims=keepdim)
    return xp.pow(xp.sum(xp.pow(size, ord), axis=dim, keepdims=keepdim), 1 / ord)
