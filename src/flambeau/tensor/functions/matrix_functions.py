"""Functions of matrices: powers, the exponential, rank, norms, condition numbers, Vandermonde's matrices."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...ops import shapes
from .. import rows
from ..operands import type_name
from ..public import FUNCTIONS, public
from ..tensor import KINDS, Tensor, make
from .arguments import need_tensor
from .decompositions import linalg_eigvalsh, linalg_svdvals
from .join import cat
from .matrices import check_float, check_matrix, check_square, eye_like
from .products import matmul
from .solvers import linalg_inv, tolerances

INFINITY = float("inf")

# ---- powers, exponential, rank ---------------------------------------------------------------------------------------


@public(function=False, method=False, out=True)
def linalg_matrix_power(A: Tensor, n: int) -> Tensor:
    """The n-th power of square matrices, by repeated squaring; of the inverse where n is negative.

    >>> torch.linalg.matrix_power(tensor([[1, 1], [0, 1]]), 5)
    tensor([[1, 5],
            [0, 1]])
    """
    if not isinstance(n, int):
        raise TypeError(f"linalg_matrix_power(): argument 'n' (position 2) must be int, not {type_name(n)}")
    check_square("linalg.matrix_power", A)
    size = A._array.shape[-1]
    if n == 0:
        return rows.clone(A).copy_(eye_like(A, size, size))  # type: ignore[attr-defined]
    if n < 0:
        return linalg_matrix_power(linalg_inv(A), -n)
    if n == 1:
        return rows.clone(A)
    result, square = None, A
    while n:
        if n & 1:
            result = square if result is None else matmul(result, square)
        n >>= 1
        if n:
            square = matmul(square, square)
    assert result is not None
    return result


@public(out=True)
def matrix_power(input: Tensor, n: int) -> Tensor:
    """Alias of `linalg.matrix_power`."""
    return linalg_matrix_power(input, n)


@public(name="linalg_matrix_exp", function=False, method=False)
def linalg_matrix_exp(A: Tensor) -> Tensor:
    """The exponential of square matrices, `1 + A + A @ A / 2 + …`.

    >>> torch.linalg.matrix_exp(tensor([[0., 1.], [0., 0.]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    check_square("linalg.matrix_exp", A)
    check_float("linalg.matrix_exp", A)
    return rows.linalg_matrix_exp(A)


@public()
def matrix_exp(input: Tensor) -> Tensor:
    """Alias of `linalg.matrix_exp`."""
    return linalg_matrix_exp(input)


@public(name="linalg_matrix_rank", function=False, method=False, out=True)
def linalg_matrix_rank(
    A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """The number of singular values above max(atol, rtol * largest). tol: an older name of atol.

    >>> torch.linalg.matrix_rank(tensor([[1., 2.], [2., 4.]]))
    tensor(1)
    """
    name = "torch.linalg.matrix_rank"
    check_matrix(name, A, "input")
    if A._kind.half or not (A.dtype.is_floating_point or A.dtype.is_complex):
        raise RuntimeError("This function doesn't handle types other than float and double")
    if tol is not None and atol is None:
        atol, rtol = tol, 0.0 if rtol is None else rtol
    absolute, relative = tolerances(name, A, atol, rtol)
    xp = A._kind.xp
    if not A._array.size:
        return make(xp.zeros(A._array.shape[:-2], dtype=xp.int64), KINDS[dtypes.int64])
    values = linalg_eigvalsh(A.detach()) if hermitian else linalg_svdvals(A.detach())  # type: ignore[attr-defined]
    size = xp.abs(values._array)
    cutoff = xp.maximum(absolute, relative * size.max(axis=-1))
    count = (size > xp.expand_dims(cutoff, axis=-1)).sum(axis=-1)
    return make(xp.asarray(count, dtype=xp.int64), KINDS[dtypes.int64])


@public(name="linalg_vander", function=False, method=False)
def linalg_vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """The powers 0, 1, …, N - 1 of each element, along a new last dim; N is by default the size of the last dim.

    >>> torch.linalg.vander(tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    need_tensor("linalg_vander", "x", 1, x)
    if x.dtype is dtypes.bool_ or x._kind.half:
        raise RuntimeError(
            f"linalg.vander supports floating point, complex, and integer tensors, but got {x.dtype.scalar_name}"
        )
    if x._array.ndim == 0:
        x = rows.unsqueeze(x, 0)
    count = x._array.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    column = rows.unsqueeze(x, -1)
    ones = column.new_ones((*x._array.shape, 1))  # type: ignore[attr-defined]
    repeated = rows.expand_to(column, shape=(*x._array.shape, count - 1)).cumprod(-1)
    return cat([ones, repeated], -1)


# ---- norms -----------------------------------------------------------------------------------------------------------


def _norm_dtype(name: str, x: Tensor, dtype: Any) -> Tensor:
    """The operand in the dtype asked for, which must be able to hold it."""
    if dtype is None:
        return x
    if not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(f"{name}: dtype should be floating point or complex, but got {dtype.scalar_name}")
    if x.dtype.is_complex != dtype.is_complex:
        kind = "complex" if x.dtype.is_complex else "real"
        raise RuntimeError(f"{name}: dtype should be {kind} for {kind} inputs, but got {dtype.scalar_name}")
    if dtypes.promote_types(x.dtype, dtype) is not dtype:
        raise RuntimeError(
            f"{name}: the dtype of the input ({x.dtype.scalar_name}) should be convertible without narrowing to the "
            f"specified dtype ({dtype.scalar_name})"
        )
    return x if x.dtype is dtype else rows.to_copy(x, dtype=dtype)


@public(name="linalg_vector_norm", function=False, method=False, out=True)
def linalg_vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """`sum(|x| ** ord) ** (1 / ord)` over dims, all if None; inf and -inf mean the largest and smallest size, 0 counts.

    >>> torch.linalg.vector_norm(tensor([3., 4.]))
    tensor(5.)
    """
    name = "linalg.vector_norm"
    need_tensor("linalg_vector_norm", "x", 1, x)
    if isinstance(ord, str) or not isinstance(ord, (int, float)):
        raise TypeError(f"linalg_vector_norm(): argument 'ord' must be Number, not {type_name(ord)}")
    check_float(name, x)
    x = _norm_dtype(name, x, dtype)
    shape = x._array.shape
    axes = shapes.dims(dim, len(shape))
    if axes is None or (dim is not None and not isinstance(dim, int) and not len(dim)):
        axes = tuple(range(len(shape)))
    if (ord < 0 or ord == INFINITY) and any(shape[a] == 0 for a in axes):
        text = "inf" if ord == INFINITY else "-inf" if ord == -INFINITY else f"{ord:g}"
        if dim is None:
            raise RuntimeError(
                f"{name} cannot compute the {text} norm on an empty tensor because the operation does not have an "
                "identity"
            )
        empty = next(a for a in axes if shape[a] == 0)
        raise RuntimeError(
            f"{name} cannot compute the {text} norm on the dimension {empty}because this dimension is empty and the "
            "operation does not have an identity"
        )
    return rows.linalg_vector_norm(x, ord=ord, dim=axes, keepdim=bool(keepdim))


def _two_dims(name: str, dim: Any, ndim: int) -> tuple[int, int]:
    many = (dim,) if isinstance(dim, int) else tuple(dim)
    if len(many) != 2:
        raise RuntimeError(f"{name}: dim must be a 2-tuple. Got {' '.join(map(str, many))}")
    a, b = (shapes.one_dim(d, ndim) for d in many)
    if a == b:
        raise RuntimeError(f"{name}: dims must be different. Got ({many[0]}, {many[1]})")
    return a, b


@public(name="linalg_matrix_norm", function=False, method=False, out=True)
def linalg_matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Norms of matrices: "fro", "nuc" (singular values' sum), 2, -2 (largest, smallest), 1, inf (columns, rows).

    >>> torch.linalg.matrix_norm(tensor([[3., 0.], [0., 4.]]), 2)
    tensor(4.)
    """
    name = "linalg.matrix_norm"
    check_matrix(name, A)
    check_float(name, A)
    if isinstance(ord, str):
        if ord not in ("fro", "nuc"):
            raise RuntimeError(f"{name}: Order {ord} not supported.")
    elif abs(ord) not in (1, 2, INFINITY):
        raise RuntimeError(f"{name}: Order {ord:g} not supported.")
    row, column = _two_dims(name, dim, A._array.ndim)
    if ord == "fro":
        return linalg_vector_norm(A, 2, (row, column), keepdim, dtype=dtype)
    A = _norm_dtype(name, A, dtype)
    if ord in ("nuc", 2, -2):
        check_float(name, A, half=False)
        order = [i for i in range(A._array.ndim) if i not in (row, column)]
        values = linalg_svdvals(rows.permute_dims(A, (*order, row, column)))
        if ord == "nuc" or not values._array.shape[-1]:
            result = values.sum(-1)  # type: ignore[attr-defined]
        else:
            result = rows.select_index(values, (..., 0 if ord == 2 else -1))
        return _keep(result, (row, column)) if keepdim else result
    if abs(ord) == INFINITY:
        row, column = column, row
    sums = linalg_vector_norm(A, 1, row, True)
    return _extreme(sums, row, column, keepdim, ord > 0)


def _keep(x: Tensor, axes: tuple) -> Tensor:
    for axis in sorted(axes):
        x = rows.unsqueeze(x, axis)
    return x


def _extreme(x: Tensor, row: int, column: int, keepdim: bool, largest: bool) -> Tensor:
    """The largest or smallest sum; 0 for matrices without any."""
    if not x._array.shape[column] and largest:
        result = x.sum(column, True)  # type: ignore[attr-defined]
    else:
        result = (rows.amax if largest else rows.amin)(x, (column,), True)
    return result if keepdim else rows.squeeze_dims(result, axes=(row, column))


@public(name="linalg_norm", function=False, method=False, out=True)
def linalg_norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of vectors (one dim) or of matrices (two dims); by default the 2-norm of all elements.

    >>> torch.linalg.norm(tensor([[3., 0.], [0., 4.]]))
    tensor(5.)
    """
    need_tensor("linalg_norm", "A", 1, A)
    if dim is not None and not isinstance(dim, int):
        dim = tuple(dim)
        if len(dim) not in (1, 2):
            raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    if ord is None:
        return linalg_vector_norm(A, 2, dim, keepdim, dtype=dtype)
    ndim = A._array.ndim
    if dim is None:
        if not isinstance(ord, str) and ndim not in (1, 2):
            raise RuntimeError(
                f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {ndim}D."
            )
        if isinstance(ord, str) and ndim > 2:
            raise RuntimeError(
                f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {ndim}D."
            )
        matrix = isinstance(ord, str) or ndim == 2
        return (
            linalg_matrix_norm(A, ord, (-2, -1), keepdim, dtype=dtype)
            if matrix
            else linalg_vector_norm(A, ord, 0, keepdim, dtype=dtype)
        )
    if isinstance(ord, str) or (not isinstance(dim, int) and len(dim) == 2):
        return linalg_matrix_norm(A, ord, dim, keepdim, dtype=dtype)
    return linalg_vector_norm(A, ord, dim, keepdim, dtype=dtype)


@public(name="linalg_cond", function=False, method=False, out=True)
def linalg_cond(A: Tensor, p: Any = None) -> Tensor:
    """The condition number: the norm of a matrix times that of its inverse; infinite where that does not exist.

    p: None or 2 (largest by smallest singular value), -2, "fro", "nuc", 1, -1, inf, -inf.

    >>> torch.linalg.cond(tensor([[4., 0.], [0., 2.]]))
    tensor(2.)
    """
    need_tensor("linalg_cond", "A", 1, A)
    if A._array.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p is None or p in (2, -2):
        values = linalg_svdvals(A)
        if not values._array.shape[-1]:
            return values.sum(-1)  # type: ignore[attr-defined]
        first, last = (rows.select_index(values, (..., i)) for i in (0, -1))
        return rows.true_div(last, first) if p == -2 else rows.true_div(first, last)
    if p not in ("fro", "nuc", 1, -1, INFINITY, -INFINITY):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    if A._array.shape[-1] != A._array.shape[-2]:
        check_square(f"linalg.cond(ord={p})" if isinstance(p, str) else f"linalg.cond(ord={p:g})", A)
    if p == "nuc":
        values = linalg_svdvals(A)
        return rows.mul(values.sum(-1), rows.reciprocal(values).sum(-1))  # type: ignore[attr-defined]
    inverse, info = rows.linalg_inv_ex(A)
    result = rows.mul(linalg_matrix_norm(A, p), linalg_matrix_norm(inverse, p))
    if not info._array.any():
        return result
    xp = A._kind.xp
    infinite = make(xp.full(result._array.shape, INFINITY, dtype=result._array.dtype), result._kind)
    return rows.where_same(make(xp.asarray(info._array != 0), KINDS[dtypes.bool_]), infinite, result)


@public(method=False)
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The matrix of the powers of each element of a vector, (n, N), N - 1 first unless `increasing`.

    >>> vander(tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])
    """
    if x._array.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x._array.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    if count < 2:
        return FUNCTIONS["ones"](x._array.shape[0], count, dtype=x.dtype, device=x.device)
    powers = linalg_vander(x, N=count)
    return powers if increasing else FUNCTIONS["flip"](powers, (1,))
