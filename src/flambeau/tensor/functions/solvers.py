"""Inverses, determinants and systems of linear equations. Functions of `torch.linalg` are called `linalg_…`."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from .. import rows
from ..public import public
from ..return_types import named
from ..tensor import Tensor, numbers
from .arguments import need_tensor
from .matrices import check_float, check_info, check_kernel, check_matrix, check_square, eye_like, make_like
from .sorting import argsort

# ---- inverse ---------------------------------------------------------------------------------------------------------


def _inverse(name: str, A: Any, check: bool) -> Any:
    check_square("linalg.inv", A)
    check_float("linalg.inv", A, half=False)
    result = rows.linalg_inv_ex(A)
    if check:
        check_info(result[1], lambda batch, i: _singular(name, batch, i))
    return result


def _singular(name: str, batch: str, i: int) -> str:
    return (
        f"{name}: {batch}The diagonal element {i} is zero, the inversion could not be completed because the input "
        "matrix "
        "is singular.\n  linalg.pinv(A) inverts as far as possible; linalg.lstsq solves systems in least squares."
    )


@public(function=False, method=False, out=True)
def linalg_inv(A: Tensor) -> Tensor:
    """The inverse of square matrices. Raises LinAlgError where one is singular. To solve a system, prefer `solve`.

    >>> torch.linalg.inv(tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    return _inverse("linalg.inv", A, True)[0]


@public(function=False, method=False, out=True)
def linalg_inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """As `inv`, and `info`: 0, or the place of a pivot that is 0."""
    return _inverse("linalg.inv_ex", A, check_errors)


@public(out=True)
def inverse(input: Tensor) -> Tensor:
    """Alias of `linalg.inv`."""
    return linalg_inv(input)


def _tolerance(name: str, what: str, value: Any) -> Any:
    """A tolerance as a number or an array; None stays."""
    if isinstance(value, Tensor):
        if value.dtype.is_complex:
            raise RuntimeError(f"{name}: {what} tensor of complex type is not supported. Got {value.dtype.scalar_name}")
        return value._array
    return value


def tolerances(name: str, A: Tensor, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """Absolute and relative tolerance for singular values; by default relative, the larger size times epsilon."""
    atol, rtol = _tolerance(name, "atol", atol), _tolerance(name, "rtol", rtol)
    if rtol is None:
        rtol = dtypes.finfo(A.dtype).eps * max(A._array.shape[-2:])
        if atol is not None:
            # where an absolute tolerance above 0 is given, there is no relative one
            rtol = rtol * (atol <= 0)
    return 0.0 if atol is None else atol, rtol


@public(function=False, method=False, out=True)
def linalg_pinv(A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """The Moore-Penrose pseudoinverse: the inverse where there is one, else the least-squares solution of least norm.

    Singular values not above max(atol, rtol * largest) count as 0. rcond: older name of rtol.

    >>> torch.linalg.pinv(tensor([[1.], [1.]]))
    tensor([[0.5000, 0.5000]])
    """
    need_tensor("linalg_pinv", "A", 1, A)
    if A._array.ndim < 2 or A._kind.half or not (A.dtype.is_floating_point or A.dtype.is_complex):
        raise RuntimeError(
            f"linalg.pinv({A.dtype.scalar_name}{{{list(A._array.shape)}}}): expected a tensor with 2 or more "
            "dimensions "
            "of float, double, cfloat or cdouble types"
        )
    if rtol is None and rcond is not None:
        rtol = rcond
    if hermitian:
        check_square("linalg.eigh", A)
    atol, rtol = tolerances("torch.linalg.pinv", A, atol, rtol)
    return rows.linalg_pinv(A, atol=atol, rtol=rtol, hermitian=bool(hermitian))


@public()
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """The pseudoinverse; `linalg.pinv` is its successor."""
    return linalg_pinv(input, rtol=rcond)


# ---- determinant -----------------------------------------------------------------------------------------------------


@public(name="linalg_det", function=False, method=False, out=True)
def linalg_det(A: Tensor) -> Tensor:
    """The determinant of square matrices.

    >>> torch.linalg.det(tensor([[1., 2.], [3., 4.]]))
    tensor(-2.)
    """
    check_square("linalg.det", A)
    check_float("linalg.det", A)
    check_kernel("lu_cpu", A)
    return rows.linalg_det(A)


@public()
def det(input: Tensor) -> Tensor:
    """Alias of `linalg.det`."""
    return linalg_det(input)


def _slogdet(name: str, A: Tensor) -> Any:
    check_square(name, A)
    check_float(name, A, half=False)
    return rows.linalg_slogdet(A)


@public(function=False, method=False, out=True)
def linalg_slogdet(A: Tensor) -> Any:
    """The sign (for complex matrices the phase) of the determinant and the logarithm of its absolute value.

    >>> torch.linalg.slogdet(tensor([[0., 1.], [1., 0.]])).sign
    tensor(-1.)
    """
    return _slogdet("linalg.slogdet", A)


@public(out=True)
def slogdet(input: Tensor) -> Any:
    """Alias of `linalg.slogdet`."""
    return named("slogdet")(_slogdet("linalg.slogdet", input))


@public()
def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant of square matrices; nan where that is negative.

    >>> logdet(tensor([[2., 0.], [0., 0.5]]))
    tensor(0.)
    """
    sign, logabs = _slogdet("logdet", input)
    if input.dtype.is_complex:
        return rows.add(rows.log(sign), logabs)
    nan = make_like(input._kind.xp.asarray(float("nan"), dtype=input._kind.native), input)
    return rows.where_same(rows.eq(sign, -1.0), nan, logabs)


# ---- systems with a square matrix ------------------------------------------------------------------------------------


def _is_vector(A: Tensor, B: Tensor) -> bool:
    """Whether B is a vector, or a stack of as many vectors as there are matrices, and not of matrices."""
    a, b = A._array.shape, B._array.shape
    return len(b) == 1 or (len(a) - 1 == len(b) and a[:-1] == b)


def _check_dtypes(name: str, A: Tensor, B: Tensor, first: str = "A") -> None:
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"{name}: Expected {first} and B to have the same dtype, but found {first} of type "
            f"{A.dtype.scalar_name} and B "
            f"of type {B.dtype.scalar_name} instead"
        )


def _check_equation(name: str, A: Tensor, b: tuple, left: bool) -> None:
    a = A._array.shape
    if (b[-2] if left else b[-1]) != a[-1]:
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} "
            f"({a[-2]}x{a[-1]} and {b[-2]}x{b[-1]})"
        )
    check_batches(a, b)


def check_batches(a: tuple, b: tuple) -> None:
    """Raise unless the batches of two stacks of matrices broadcast."""
    if shapes.broadcast(a[:-2], b[:-2]) is None:
        raise errors.broadcast(["B", "A"], [b[:-2], a[:-2]])


def _solve(name: str, A: Any, B: Any, left: bool, check: bool) -> Any:
    check_square("linalg.solve", A)
    need_tensor("linalg_solve", "B", 2, B)
    check_float("linalg.solve", A)
    _check_dtypes("linalg.solve", A, B)
    check_kernel("lu_cpu", A)
    vector = _is_vector(A, B)
    if vector:
        B = rows.unsqueeze(B, -1)
    check_matrix("linalg.solve", B, "B")
    _check_equation("linalg.solve", A, B._array.shape, left)
    if not left:
        A, B = rows.transpose(A, -2, -1), rows.transpose(B, -2, -1)
    result, info = rows.linalg_solve_ex(A, B)
    if check:
        check_info(
            info,
            lambda batch, i: (
                f"torch.{name}: {batch}The solver failed because the input matrix is singular.\n"
                "  linalg.lstsq gives the solution of least squares."
            ),
        )
    if not left:
        result = rows.transpose(result, -2, -1)
    return (rows.squeeze_dims(result, axes=(result._array.ndim - 1,)) if vector else result), info


@public(function=False, method=False, out=True)
def linalg_solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The solution X of `A @ X = B` (or of `X @ A = B` where `left` is False) for square matrices.

    B: (*, n, k), or a vector (n,) or one vector for each matrix. Batches broadcast. Raises LinAlgError where a matrix
    is singular.

    >>> torch.linalg.solve(tensor([[2., 0.], [0., 4.]]), tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    return _solve("linalg.solve", A, B, left, True)[0]


@public(function=False, method=False, out=True)
def linalg_solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """As `solve`, and `info`: 0, or the place of a pivot that is 0."""
    return named("linalg_solve_ex")(_solve("linalg.solve_ex", A, B, left, check_errors))


@public(function=False, method=False, out=True)
def linalg_solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """The solution X of `A @ X = B` (or `X @ A = B`) where A is triangular; the other triangle is not read.

    unitriangular: the diagonal counts as ones.

    >>> torch.linalg.solve_triangular(tensor([[2., 1.], [0., 1.]]), tensor([[3.], [1.]]), upper=True)
    tensor([[1.],
            [1.]])
    """
    name = "linalg.solve_triangular"
    check_square(name, A)
    need_tensor("linalg_solve_triangular", "B", 2, B)
    check_matrix(name, B, "B")
    _check_equation(name, A, B._array.shape, left)
    check_kernel("triangular_solve_cpu", A)
    if B.dtype is not A.dtype:
        B = rows.to_copy(B, dtype=A.dtype)
    return triangular(A, B, bool(upper), bool(left), bool(unitriangular))


def triangular(A: Tensor, B: Tensor, upper: bool, left: bool, unit: bool) -> Tensor:
    """The solution of a triangular system that fits."""
    if left:
        return rows.linalg_solve_triangular(A, B, upper=upper, unitriangular=unit)
    turned = rows.linalg_solve_triangular(
        rows.transpose(A, -2, -1), rows.transpose(B, -2, -1), upper=not upper, unitriangular=unit
    )
    return rows.transpose(turned, -2, -1)


def _check_older(name: str, b: Tensor, A: Tensor) -> None:
    """What the older solvers ask of a right side and a square matrix."""
    m, n = A._array.shape[-2:]
    if m != n:
        raise RuntimeError(f"A must be batches of square matrices, but they are {m} by {n} matrices")
    _check_right_side(name, b, A)


def _check_right_side(name: str, b: Tensor, A: Tensor) -> None:
    """Refuse a right side that does not fit a square matrix."""
    n = A._array.shape[-1]
    if b._array.shape[-2] != n:
        raise RuntimeError(
            f"Incompatible matrix sizes for {name}: each A matrix is {n} by {n} but each b matrix is "
            f"{b._array.shape[-2]} by {b._array.shape[-1]}"
        )
    if b.dtype is not A.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {b.dtype.scalar_name} and A of type "
            f"{A.dtype.scalar_name} instead."
        )
    check_batches(A._array.shape, b._array.shape)


@public(out=True)
def triangular_solve(
    input: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """The solution X of `A @ X = input` for a triangular A, and A again; `linalg.solve_triangular` is its successor."""
    need_tensor("triangular_solve", "A", 2, A)
    for letter, x in (("b", input), ("A", A)):
        if x._array.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {letter} to have at least 2 dimensions, but it has {x._array.ndim} "
                "dimensions instead"
            )
    _check_older("triangular_solve", input, A)
    check_kernel("triangular_solve_cpu", A)
    solution = triangular(
        rows.transpose(A, -2, -1) if transpose else A, input, bool(upper) != bool(transpose), True, bool(unitriangular)
    )
    batch = shapes.broadcast(A._array.shape[:-2], input._array.shape[:-2])
    assert batch is not None
    return named("triangular_solve")((solution, rows.clone(rows.expand_to(A, shape=(*batch, *A._array.shape[-2:])))))


@public(out=True)
def cholesky_solve(input: Tensor, input2: Tensor, upper: bool = False) -> Tensor:
    """The solution X of `A @ X = input`, where `input2` is the Cholesky factor of A.

    >>> cholesky_solve(tensor([[4.], [9.]]), tensor([[2., 0.], [0., 3.]]))
    tensor([[1.],
            [1.]])
    """
    need_tensor("cholesky_solve", "input2", 2, input2)
    for letter, x in (("b", input), ("u", input2)):
        if x._array.ndim < 2:
            raise RuntimeError(
                f"{letter} should have at least 2 dimensions, but has {x._array.ndim} dimensions instead"
            )
    _check_older("cholesky_solve", input, input2)
    check_kernel("cholesky_solve_cpu", input2)
    turned = rows.conjugate_transpose(input2)
    first, second = (turned, input2) if upper else (input2, turned)
    return triangular(second, triangular(first, input, False, True, False), True, True, False)


@public(out=True)
def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """The inverse of a matrix whose Cholesky factor is given.

    >>> cholesky_inverse(tensor([[2., 0.], [0., 1.]]))
    tensor([[0.2500, 0.0000],
            [0.0000, 1.0000]])
    """
    check_square("cholesky_inverse", input)
    check_kernel("cholesky_inverse_out_cpu", input)
    xp, array = input._kind.xp, input._array
    zero = numbers(xp.diagonal(array, 0, -2, -1)) == 0
    if zero.any():
        flat = zero.reshape(-1, zero.shape[-1])
        batch = int(flat.any(1).argmax())
        text = f"(Batch element {batch}): " if array.ndim > 2 else ""
        raise errors.LinAlgError(_singular("cholesky_inverse", text, int(flat[batch].argmax()) + 1))
    n = array.shape[-1]
    return cholesky_solve(eye_like(input, n, n), input, upper)


def _lu_solution(LU: Tensor, pivots: Tensor, B: Tensor, left: bool, adjoint: bool) -> Tensor:
    n = LU._array.shape[-1]
    order = rows.linalg_pivot_order(pivots, m=n)
    if not left:
        # X A = B means A^H X^H = B^H
        turned = _lu_solution(LU, pivots, rows.conjugate_transpose(B), True, not adjoint)
        return rows.conjugate_transpose(turned)
    batch = shapes.broadcast(LU._array.shape[:-2], B._array.shape[:-2])
    assert batch is not None
    B = rows.expand_to(B, shape=(*batch, *B._array.shape[-2:]))
    if not adjoint:
        lower = triangular(LU, _rows_in_order(B, order), False, True, True)
        return triangular(LU, lower, True, True, False)
    turned = rows.conjugate_transpose(LU)
    upper = triangular(turned, B, False, True, False)
    return _rows_in_order(triangular(turned, upper, True, True, True), argsort(order))


def _rows_in_order(x: Tensor, order: Tensor) -> Tensor:
    places = rows.expand_to(rows.unsqueeze(order, -1), shape=x._array.shape)
    return x.take_along_dim(places, -2)  # type: ignore[attr-defined]


@public(function=False, method=False, out=True)
def linalg_lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """The solution X of `A @ X = B` (or `X @ A = B`, or with A^H for A) from what `lu_factor` gave.

    >>> LU, pivots = torch.linalg.lu_factor(tensor([[1., 2.], [2., 1.]]))
    >>> torch.linalg.lu_solve(LU, pivots, tensor([[3.], [3.]]))
    tensor([[1.],
            [1.]])
    """
    name = "linalg.lu_solve"
    check_square(f"torch.{name}", LU)
    need_tensor("linalg_lu_solve", "pivots", 2, pivots)
    check_matrix(name, B, "B", 3)
    check_float(name, LU)
    _check_dtypes(name, LU, B, "LU")
    if pivots.dtype is not dtypes.int32:
        raise RuntimeError(f"{name}: pivots should be a Tensor of scalar type torch.int32")
    if pivots._array.shape[-1:] != LU._array.shape[-1:]:
        raise RuntimeError(f"{name}: Number of pivots per batch should be same as the dimension of the matrix")
    if pivots._array.shape[:-1] != LU._array.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots._array.shape)} instead"
        )
    _check_equation(name, LU, B._array.shape, left)
    check_kernel("lu_solve_cpu", LU)
    return _lu_solution(LU, pivots, B, bool(left), bool(adjoint))


@public(out=True)
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """The solution of a system from `linalg.lu_factor`; `linalg.lu_solve` is its successor."""
    return linalg_lu_solve(LU_data, LU_pivots, input)


@public(function=False, method=False, out=True)
def linalg_ldl_solve(LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: bool = False) -> Tensor:
    """The solution X of `A @ X = B` from what `ldl_factor` gave."""
    name = "torch.linalg.ldl_solve"
    check_square(name, LD, "LD")
    if pivots._array.shape != LD._array.shape[:-1]:
        raise RuntimeError(
            f"{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots._array.shape)} instead"
        )
    if pivots.dtype.is_floating_point or pivots.dtype.is_complex or pivots.dtype is dtypes.bool_:
        raise RuntimeError(f"{name}: Expected pivots to be integers. Got {pivots.dtype.scalar_name}")
    need_tensor("linalg_ldl_solve", "B", 3, B)
    shapes.one_dim(-2, B._array.ndim)
    _check_right_side(name, B, LD)
    check_kernel("ldl_solve_cpu", LD)
    return rows.linalg_ldl_solve(LD, pivots, B, hermitian=bool(hermitian))


# ---- tensors as matrices ---------------------------------------------------------------------------------------------


@public(name="linalg_tensorinv", function=False, method=False, out=True)
def linalg_tensorinv(input: Tensor, ind: int = 2) -> Tensor:
    """The inverse of a tensor as the matrix from its last dims to its first `ind` dims."""
    need_tensor("linalg_tensorinv", "A", 1, input)
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    shape = input._array.shape
    first, last = shape[:ind], shape[ind:]
    a, b = shapes.numel(first), shapes.numel(last)
    if a != b:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{b} != {a}"
        )
    inverse_ = _inverse("inv", rows.reshape_to(input, shape=(a, b)), True)[0]
    return rows.reshape_to(inverse_, shape=(*last, *first))


@public(name="linalg_tensorsolve", function=False, method=False, out=True)
def linalg_tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """The tensor X with `tensordot(A, X, X.ndim) == B`; `dims` of A are moved to the end first."""
    need_tensor("linalg_tensorsolve", "B", 2, B)
    if dims is not None:
        axes = shapes.dims(tuple(dims), A._array.ndim)
        assert axes is not None
        A = rows.permute_dims(A, (*[i for i in range(A._array.ndim) if i not in axes], *axes))
    shape, k = A._array.shape, B._array.ndim
    a, b = shapes.numel(shape[:k]), shapes.numel(shape[k:])
    if a != b:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            "prod(self.shape[:other.ndim]), but "
            f"got {b} != {a}"
        )
    right = rows.reshape_to(B, shape=(shapes.numel(B._array.shape),))
    return rows.reshape_to(linalg_solve(rows.reshape_to(A, shape=(a, b)), right), shape=shape[k:])
