"""Decompositions and solvers on NumPy: LAPACK through `np.linalg`, and what that lacks over blocks and batches.

All take stacks of matrices in the last two axes. A routine that can meet a matrix it cannot handle returns `info` too:
for each matrix 0, or the 1-based place where LAPACK would have stopped.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ndarray = np.ndarray

_BLOCK = 48  # columns that are eliminated one by one; beyond, products of blocks do the work


def _matrices(x: ndarray) -> ndarray:
    """A stack of matrices with one batch axis."""
    count = 1
    for n in x.shape[:-2]:
        count *= n
    return x.reshape(count, *x.shape[-2:])


def conjugated(x: ndarray) -> ndarray:
    """The conjugate transpose of each matrix."""
    return x.mT if x.dtype.kind != "c" else np.conjugate(x.mT)


def _no_info(x: ndarray) -> ndarray:
    return np.zeros(x.shape[:-2], np.int32)


# ---- LU --------------------------------------------------------------------------------------------------------------


def linalg_lu_factor_ex(x: ndarray, pivot: bool = True) -> tuple[ndarray, ndarray, ndarray]:
    """LU decomposition with row exchanges: the packed factors, LAPACK's 1-based pivots and info."""
    m, n = x.shape[-2:]
    a = _matrices(x).copy()
    batch, k = len(a), min(m, n)
    pivots = np.tile(np.arange(1, k + 1, dtype=np.int32), (batch, 1))
    every = np.arange(batch)
    for start in range(0, k, _BLOCK):
        stop = min(start + _BLOCK, k)
        _eliminate_panel(a, start, stop, pivots, every, pivot)
        if stop < n:
            top = a[:, start:stop, stop:]
            top[...] = linalg_solve_triangular(a[:, start:stop, start:stop], top, False, True)
            a[:, stop:, stop:] -= np.matmul(a[:, stop:, start:stop], top)
    diagonal = np.einsum("bii->bi", a[:, :k, :k])
    zero = diagonal == 0
    info = np.where(zero.any(1), zero.argmax(1) + 1, 0).astype(np.int32) if k else np.zeros(batch, np.int32)
    head = x.shape[:-2]
    return a.reshape(x.shape), pivots.reshape(*head, k), info.reshape(head)


def _eliminate_panel(a: ndarray, start: int, stop: int, pivots: ndarray, every: ndarray, pivot: bool) -> None:
    """Eliminate the columns from `start` to `stop`, exchanging whole rows."""
    for j in range(start, stop):
        column = a[:, j:, j]
        if pivot:
            size = np.abs(column.real) + np.abs(column.imag) if a.dtype.kind == "c" else np.abs(column)
            row = size.argmax(1) + j
            pivots[:, j] = row + 1
            if (row != j).any():
                a[every, j], a[every, row] = a[every, row], a[every, j]
        below = a[:, j + 1 :, j]
        if below.shape[1]:
            head = a[:, j, j, None]
            below /= np.where(head == 0, 1, head)
            if j + 1 < stop:
                a[:, j + 1 :, j + 1 : stop] -= below[:, :, None] * a[:, j, None, j + 1 : stop]


def linalg_pivot_order(pivots: ndarray, m: int) -> ndarray:
    """The permutation of `m` rows that a sequence of row exchanges (1-based, as LAPACK gives them) makes."""
    flat = _matrices(pivots[..., None, :])[:, 0]
    order = np.tile(np.arange(m), (len(flat), 1))
    every = np.arange(len(flat))
    for j in range(flat.shape[1]):
        row = flat[:, j].astype(np.int64) - 1
        order[every, j], order[every, row] = order[every, row], order[every, j]
    return order.reshape(*pivots.shape[:-1], m)


# ---- triangular systems ----------------------------------------------------------------------------------------------


def linalg_solve_triangular(a: ndarray, b: ndarray, upper: bool, unit: bool) -> ndarray:
    """The solution X of `A X = B` where only one triangle of A is read; 1 on the diagonal where `unit`.

    Halves the system until some rows are left, so that most of the work is in products of matrices.
    """
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.array(np.broadcast_to(b, (*shape, *b.shape[-2:])), dtype=np.result_type(a, b))
    if x.size:
        _solve_rows(a, x, upper, unit)
    return x


def _solve_rows(a: ndarray, x: ndarray, upper: bool, unit: bool) -> None:
    n = a.shape[-1]
    if n > 16:
        half = n // 2
        first, last = slice(0, half), slice(half, n)
        known, other = (last, first) if upper else (first, last)
        _solve_rows(a[..., known, known], x[..., known, :], upper, unit)
        x[..., other, :] -= np.matmul(a[..., other, known], x[..., known, :])
        _solve_rows(a[..., other, other], x[..., other, :], upper, unit)
        return
    for i in range(n - 1, -1, -1) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(0, i)
        row = x[..., i, :]
        if known.start < known.stop:
            row -= np.matmul(a[..., i : i + 1, known], x[..., known, :])[..., 0, :]
        if not unit:
            row /= a[..., i, i, None]


# ---- inverse, determinant, systems -----------------------------------------------------------------------------------


def linalg_inv_ex(x: ndarray) -> tuple[ndarray, ndarray]:
    """The inverse, and info: where U has a zero. The inverse of a singular matrix is filled with nan and inf."""
    try:
        return np.linalg.inv(x), _no_info(x)
    except np.linalg.LinAlgError:
        factors, pivots, info = linalg_lu_factor_ex(x)
        order = linalg_pivot_order(pivots, x.shape[-1])
        eye = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
        return lu_solve(factors, order, eye), info


def lu_solve(factors: ndarray, order: ndarray, b: ndarray) -> ndarray:
    """The solution of `A X = B` from the packed factors of A and the permutation of its rows."""
    permuted = np.take_along_axis(b, np.broadcast_to(order[..., None], b.shape), -2)
    return linalg_solve_triangular(factors, linalg_solve_triangular(factors, permuted, False, True), True, False)


def linalg_solve_ex(a: ndarray, b: ndarray) -> tuple[ndarray, ndarray]:
    """The solution X of `A X = B`, whose batches broadcast, and info."""
    try:
        return np.linalg.solve(a, b), _no_info(a)
    except np.linalg.LinAlgError:
        factors, pivots, info = linalg_lu_factor_ex(a)
        order = linalg_pivot_order(pivots, a.shape[-1])
        shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:])
        order = np.broadcast_to(order, (*shape[:-2], order.shape[-1]))
        return lu_solve(factors, order, np.broadcast_to(b, shape)), info


linalg_det = np.linalg.det


def linalg_slogdet(x: ndarray) -> tuple[ndarray, ndarray]:
    """The sign of the determinant and the logarithm of its absolute value."""
    sign, logabs = np.linalg.slogdet(x)
    return np.asarray(sign), np.asarray(logabs)


def linalg_cofactor(x: ndarray) -> ndarray:
    """`det(x) * inv(x).mT`, which exists for singular matrices too: the derivatives of the determinant.

    Computed from singular values, where each derivative of their product leaves one of them out.
    """
    if not x.size:
        return x.copy()
    u, s, vh = np.linalg.svd(x)
    n = s.shape[-1]
    others = np.broadcast_to(s[..., None, :], (*s.shape, n)).copy()
    others[..., np.arange(n), np.arange(n)] = 1
    phase = np.linalg.det(u) * np.linalg.det(vh)
    return np.conjugate(np.matmul(u * (others.prod(-1) * np.conjugate(phase)[..., None])[..., None, :], vh))


# ---- Cholesky --------------------------------------------------------------------------------------------------------


def linalg_cholesky_ex(x: ndarray) -> tuple[ndarray, ndarray]:
    """The lower factor L of `L @ L^H`, and info: the order of the first leading minor that is not positive."""
    try:
        factor = np.linalg.cholesky(x)
        if not np.isnan(factor).any():
            return factor, _no_info(x)
    except np.linalg.LinAlgError:
        pass
    a = np.tril(_matrices(x))
    info = np.array([_cholesky_by_columns(one) for one in a], np.int32)
    return a.reshape(x.shape), info.reshape(x.shape[:-2])


def _cholesky_by_columns(a: ndarray) -> int:
    """Factor one matrix in place as far as possible; 0, or the order of the minor that is not positive."""
    n = len(a)
    for j in range(n):
        head = a[j, j].real - (np.abs(a[j, :j]) ** 2).sum()
        if not head > 0:
            a[j, j] = head
            return j + 1
        head = np.sqrt(head)
        a[j, j] = head
        a[j + 1 :, j] = (a[j + 1 :, j] - a[j + 1 :, :j] @ np.conjugate(a[j, :j])) / head
    return 0


# ---- eigenvalues and singular values ---------------------------------------------------------------------------------


def linalg_eigh(x: ndarray, lower: bool) -> tuple[ndarray, ndarray]:
    """Eigenvalues in ascending order and eigenvectors of Hermitian matrices, of which one triangle is read."""
    values, vectors = np.linalg.eigh(x, "L" if lower else "U")
    return values, vectors


def linalg_eigvalsh(x: ndarray, lower: bool) -> ndarray:
    """Eigenvalues of Hermitian matrices in ascending order."""
    return np.linalg.eigvalsh(x, "L" if lower else "U")


def linalg_eig(x: ndarray) -> tuple[ndarray, ndarray]:
    """Eigenvalues and eigenvectors, always complex."""
    values, vectors = np.linalg.eig(x)
    dtype = np.result_type(x.dtype, np.complex64)
    return values.astype(dtype, copy=False), vectors.astype(dtype, copy=False)


def linalg_eigvals(x: ndarray) -> ndarray:
    """Eigenvalues, always complex."""
    return np.linalg.eigvals(x).astype(np.result_type(x.dtype, np.complex64), copy=False)


def linalg_svd(x: ndarray, full_matrices: bool) -> tuple[ndarray, ndarray, ndarray]:
    """`U`, the singular values in descending order, and `V^H`."""
    u, s, vh = np.linalg.svd(x, full_matrices=full_matrices)
    return u, s, vh


def linalg_svdvals(x: ndarray) -> ndarray:
    """Singular values in descending order."""
    return np.linalg.svd(x, compute_uv=False)


def linalg_pinv(x: ndarray, atol: Any, rtol: Any, hermitian: bool) -> ndarray:
    """The pseudoinverse, in which singular values not above `atol`, nor above `rtol` times the largest, count as 0."""
    if not x.size:
        return np.zeros((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)
    if hermitian:
        s, u = np.linalg.eigh(x)
        vh = conjugated(u)
    else:
        u, s, vh = np.linalg.svd(x, full_matrices=False)
    size = np.abs(s)
    large = size > np.maximum(atol, rtol * size.max(-1))[..., None]
    inverse = np.where(large, 1 / np.where(large, s, 1), 0).astype(s.dtype)
    return np.matmul(conjugated(vh) * inverse[..., None, :], conjugated(u))


# ---- QR and reflections ----------------------------------------------------------------------------------------------


def linalg_qr(x: ndarray, mode: Any) -> tuple[Any, Any]:
    """`Q` and `R`; Q has no elements where the mode is "r"."""
    if mode == "r":
        return np.empty(0, x.dtype), np.linalg.qr(x, "r")
    q, r = np.linalg.qr(x, mode)
    return q, r


def linalg_geqrf(x: ndarray) -> tuple[ndarray, ndarray]:
    """LAPACK's compact QR: R above the diagonal, the vectors of the reflections below, and their factors."""
    if not x.size:
        return x.copy(), np.empty((*x.shape[:-2], min(x.shape[-2:])), x.dtype)
    packed, tau = np.linalg.qr(x, "raw")
    return np.ascontiguousarray(packed.mT), tau


def linalg_ldl_factor(x: ndarray, hermitian: bool) -> tuple[ndarray, ndarray, ndarray]:
    """Bunch and Kaufman's `L D L^T` (or `L D L^H`) of the lower triangle, LAPACK's pivots and info."""
    a = np.tril(_matrices(x))
    n = a.shape[-1]
    pivots = np.zeros((len(a), n), np.int32)
    info = np.array([_bunch_kaufman(one, p, hermitian) for one, p in zip(a, pivots, strict=True)], np.int32)
    head = x.shape[:-2]
    return a.reshape(x.shape), pivots.reshape(*head, n), info.reshape(head)


def _bunch_kaufman(a: ndarray, pivots: ndarray, hermitian: bool) -> int:
    """Factor one matrix in place; 0, or the 1-based place of the first pivot block that is zero."""
    n, info, j = len(a), 0, 0
    conj = np.conjugate if hermitian and a.dtype.kind == "c" else lambda v: v
    alpha = (1 + np.sqrt(17)) / 8
    size = (lambda v: np.abs(v.real) + np.abs(v.imag)) if a.dtype.kind == "c" else np.abs
    while j < n:
        step, row = _choose_pivot(a, j, alpha, size, hermitian)
        if row < 0:
            info, row = info or j + 1, j
            pivots[j] = j + 1
            j += 1
            continue
        if hermitian:
            a[j, j] = a[j, j].real
        last = j + step - 1
        if row != last:
            _exchange(a, last, row, conj)
            if step == 2:
                a[last, j], a[row, j] = a[row, j], a[last, j]
        below = slice(j + step, n)
        if step == 1:
            factor = a[below, j] / a[j, j]
            a[below, below] -= np.tril(np.outer(factor, conj(a[below, j])))
            a[below, j] = factor
            pivots[j] = row + 1
        else:
            block = a[j : j + 2, j : j + 2].copy()
            block[0, 1] = conj(block[1, 0])
            old = a[below, j : j + 2].copy()
            factor = np.linalg.solve(block.T, old.T).T
            a[below, below] -= np.tril(factor @ conj(old).T)
            a[below, j : j + 2] = factor
            pivots[j] = pivots[j + 1] = -(row + 1)
        j += step
    return info


def _choose_pivot(a: ndarray, j: int, alpha: float, size, hermitian: bool) -> tuple[int, int]:
    """The size of the next pivot block and the row to exchange with; row -1 where the column is zero."""
    n = len(a)
    own = abs(a[j, j].real) if hermitian else size(a[j, j])
    column = size(a[j + 1 :, j])
    row = j + 1 + int(column.argmax()) if len(column) else j
    largest = column.max() if len(column) else 0
    if max(own, largest) == 0 or np.isnan(own):
        return 1, -1
    if own >= alpha * largest:
        return 1, j
    across = max(size(a[row, j:row]).max(initial=0), size(a[row + 1 : n, row]).max(initial=0))
    if own * across >= alpha * largest * largest:
        return 1, j
    if (abs(a[row, row].real) if hermitian else size(a[row, row])) >= alpha * across:
        return 1, row
    return 2, row


def _exchange(a: ndarray, k: int, row: int, conj) -> None:
    """Exchange two rows and columns of the lower triangle."""
    below = slice(row + 1, len(a))
    a[below, k], a[below, row] = a[below, row].copy(), a[below, k].copy()
    between = slice(k + 1, row)
    a[between, k], a[row, between] = conj(a[row, between].copy()), conj(a[between, k].copy())
    a[row, k] = conj(a[row, k])
    a[k, k], a[row, row] = a[row, row], a[k, k]


def linalg_ldl_solve(factors: ndarray, pivots: ndarray, b: ndarray, hermitian: bool) -> ndarray:
    """The solution of `A X = B` from what `ldl_factor` gave."""
    shape = np.broadcast_shapes(factors.shape[:-2], b.shape[:-2])
    x = _matrices(np.array(np.broadcast_to(b, (*shape, *b.shape[-2:]))))
    n = factors.shape[-1]
    packed = _matrices(np.broadcast_to(factors, (*shape, n, n)))
    places = np.broadcast_to(pivots, (*shape, n)).reshape(len(packed), n)
    for one, p, right in zip(packed, places, x, strict=True):
        _ldl_solve_one(one, p, right, hermitian)
    return x.reshape(*shape, *b.shape[-2:])


def _ldl_solve_one(a: ndarray, pivots: ndarray, x: ndarray, hermitian: bool) -> None:
    n = len(a)
    conj = np.conjugate if hermitian else lambda v: v
    blocks = []
    j = 0
    while j < n:
        step = 1 if pivots[j] > 0 else 2
        row, last = abs(int(pivots[j])) - 1, j + step - 1
        if row != last:
            x[[last, row]] = x[[row, last]]
        x[j + step :] -= a[j + step :, j : j + step] @ x[j : j + step]
        blocks.append((j, step, row))
        j += step
    for j, step, _ in reversed(blocks):
        if step == 1:
            x[j] /= a[j, j]
        else:
            p, q, r = a[j, j], a[j + 1, j], a[j + 1, j + 1]
            first, second = x[j].copy(), x[j + 1].copy()
            whole = p * r - q * conj(q)
            x[j] = (r * first - conj(q) * second) / whole
            x[j + 1] = (p * second - q * first) / whole
    for j, step, row in reversed(blocks):
        x[j : j + step] -= conj(a[j + step :, j : j + step]).T @ x[j + step :]
        last = j + step - 1
        if row != last:
            x[[last, row]] = x[[row, last]]


# ---- least squares ---------------------------------------------------------------------------------------------------


def linalg_lstsq(a: ndarray, b: ndarray, rcond: float, residuals: bool) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    """Solutions of least squares and least norm, sums of squared residuals, ranks, and singular values.

    Singular values below `rcond` times the largest count as 0. The residuals have no elements where they are not asked
    for, or the solution is exact or not unique.
    """
    shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    m, n = a.shape[-2:]
    left = _matrices(np.broadcast_to(a, (*shape, m, n)))
    right = _matrices(np.broadcast_to(b, (*shape, *b.shape[-2:])))
    k = b.shape[-1]
    solution = np.zeros((len(left), n, k), a.dtype)
    rank = np.zeros(len(left), np.int64)
    singular = np.zeros((len(left), min(m, n)), np.abs(a[..., :0, :0]).dtype)
    if m and n:
        for i in range(len(left)):
            solution[i], _, rank[i], singular[i] = np.linalg.lstsq(left[i], right[i], rcond)
    if residuals and m > n and (rank == n).all():
        rest = np.matmul(left, solution) - right
        squares = (rest * rest.conj()).real.sum(-2).reshape(*shape, k)
    else:
        squares = np.empty(0, singular.dtype)
    return solution.reshape(*shape, n, k), squares, rank.reshape(shape), singular.reshape(*shape, min(m, n))


# ---- exponential -----------------------------------------------------------------------------------------------------

# Higham (2005), "The scaling and squaring method for the matrix exponential revisited": the [13/13] Padé approximant
_PADE = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
    10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
_RADIUS = 5.371920351148152


def linalg_matrix_exp(x: ndarray) -> ndarray:
    """The exponential of square matrices. float32 is computed in float64, since scaling loses digits."""
    if not x.size:
        return x.copy()
    if x.dtype.itemsize == (8 if x.dtype.kind == "c" else 4):
        return linalg_matrix_exp(x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)).astype(x.dtype)
    a = _matrices(x)
    norm = np.abs(a).sum(-2).max(-1)
    finite = np.isfinite(norm)
    squarings = np.ceil(np.log2(np.maximum(np.where(finite, norm, 1) / _RADIUS, 1))).astype(int)
    a = a * (0.5**squarings)[:, None, None]
    b, eye = _PADE, np.eye(a.shape[-1], dtype=a.dtype)
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    odd = a @ (a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * eye)
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * eye
    result = np.full_like(a, np.nan)
    result[finite] = np.linalg.solve((even - odd)[finite], (even + odd)[finite])
    for i in range(int(squarings.max(initial=0))):
        more = squarings > i
        result[more] = result[more] @ result[more]
    return result.reshape(x.shape)
