"""Sums of a tensor and a product: addmm, addmv, addr, addbmm, baddbmm."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from .. import rows
from ..public import public
from ..tensor import Tensor
from .products import (
    _cannot_multiply,
    _check_1d,
    _check_batches,
    _dtype_hint,
    _scalar_names,
    _size,
    _unexpected_scalar,
    _unlike_self,
    refuse_bool,
)


def _factors(input: Tensor, beta: Any, alpha: Any) -> tuple[Any, Any]:
    """The two factors of a sum with a product; for integers they are integers."""
    if input._kind.dtype.is_floating_point or input._kind.dtype.is_complex:
        return beta, alpha
    return int(beta), int(alpha)


def _check_dtypes(input: Tensor, mat1: Tensor, mat2: Tensor) -> None:
    """Refuse a sum with a product whose dtypes differ."""
    if input.dtype is not mat2.dtype:
        raise _unlike_self(input, mat2)
    if mat1.dtype is not mat2.dtype:
        first, second = _scalar_names(mat1, mat2)
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {first} and {second}\n{_dtype_hint(mat1, mat2)}"
        )


@public(out=True, inplace=True, older=True)
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`: `input` broadcasts to (n, m). Where beta is 0 it does not count.

    >>> addmm(ones(4), ones(2, 3), ones(3, 4)).shape
    torch.Size([2, 4])
    """
    _check_dtypes(input, mat1, mat2)
    a, b = mat1._array.shape, mat2._array.shape
    for i, shape in enumerate((a, b), 1):
        if len(shape) != 2:
            raise RuntimeError(f"mat{i} must be a matrix, got {len(shape)}-D tensor")
    if a[1] != b[0]:
        raise _cannot_multiply(a, b, a, b)
    shapes.expanded(input._array.shape, (a[0], b[1]), input._kind.dtype)
    refuse_bool("addmm_impl_cpu_", input)
    return rows.addmm(input, mat1, mat2, *_factors(input, beta, alpha))


@public(out=True, inplace=True, older=True)
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (mat @ vec)`: (n, k) and (k,); `input` is (n,), or of one element.

    >>> addmv(ones(2), ones(2, 3), ones(3))
    tensor([4., 4.])
    """
    own, a, b = input._array.shape, mat._array.shape, vec._array.shape
    if len(a) != 2 or len(b) != 1 or len(own) > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {len(own)}, {len(a)}, {len(b)}")
    size = own[0] if own else 1
    if a[1] != b[0] or size not in (1, a[0]):
        raise RuntimeError(
            f"size mismatch, got input ({size}), mat ({_size(a)}), vec ({b[0]})\n"
            f"  A matrix (n, m) times a vector needs m elements: here {a[1]} columns meet {b[0]} elements."
        )
    if not input.dtype is mat.dtype is vec.dtype:
        names = _scalar_names(input, mat, vec)
        raise RuntimeError(
            f"addmv input tensors must have the same dtype, but got {names[0]}, {names[1]}, and {names[2]}"
        )
    refuse_bool("addmv_impl_cpu", input)
    return rows.addmv(input, mat, vec, *_factors(input, beta, alpha))


@public(out=True, inplace=True, older=True)
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)`: (n,) and (m,); `input` broadcasts to (n, m).

    >>> addr(zeros(2, 2), tensor([1., 2.]), tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    _check_1d("addr", "vec1", vec1)
    _check_1d("addr", "vec2", vec2)
    shapes.expanded(input._array.shape, (vec1._array.shape[0], vec2._array.shape[0]), input._kind.dtype)
    dtype = dtypes.promote_types(dtypes.promote_types(input.dtype, vec1.dtype), vec2.dtype)
    if not (dtype.is_floating_point or dtype.is_complex):
        for name, factor in (("beta", beta), ("alpha", alpha)):
            if isinstance(factor, float):
                raise RuntimeError(f"For integral input tensors, argument {name} must not be a floating point number.")
    if dtype is dtypes.bool_:
        return _bool_addr(input, vec1, vec2, bool(beta), bool(alpha))
    return rows.addr(input, vec1, vec2, beta, alpha)


def _bool_addr(input: Tensor, vec1: Tensor, vec2: Tensor, beta: bool, alpha: bool) -> Tensor:
    """For bools, sums are `or` and products are `and`."""
    product = rows.logical_and(rows.unsqueeze(vec1, 1), vec2)
    if not alpha:
        product = rows.logical_and(product, rows.logical_not(product))
    return rows.logical_or(input, product) if beta else product


@public(out=True, inplace=True, older=True)
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, matrix by matrix; `input` broadcasts to (b, n, m).

    >>> baddbmm(ones(4), ones(5, 2, 3), ones(5, 3, 4)).shape
    torch.Size([5, 2, 4])
    """
    a, b = batch1._array.shape, batch2._array.shape
    if len(a) > 1 and len(b) > 2:
        shapes.expanded(input._array.shape, (a[0], a[1], b[2]), input._kind.dtype)
    _check_batches(batch1, batch2)
    if input.dtype is not batch1.dtype:
        names = [errors.c_name(t.dtype) for t in (input, batch1, batch2)]
        raise RuntimeError(
            f"Input dtypes must be the same, got: input {names[0]}, batch1: {names[1]}, batch2: {names[2]}"
        )
    if batch1.dtype is not batch2.dtype:
        raise _unexpected_scalar(batch1, batch2)
    refuse_bool("baddbmm", input)
    return rows.baddbmm(input, batch1, batch2, *_factors(input, beta, alpha))


@public(out=True, inplace=True, older=True)
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2).sum(0)`: `input` broadcasts to (n, m).

    >>> addbmm(ones(4), ones(5, 2, 3), ones(5, 3, 4)).shape
    torch.Size([2, 4])
    """
    a, b = batch1._array.shape, batch2._array.shape
    if len(a) > 1 and len(b) > 2:
        shapes.expanded(input._array.shape, (a[1], b[2]), input._kind.dtype)
    for i, shape in enumerate((a, b), 1):
        if len(shape) != 3:
            raise RuntimeError(f"batch{i} must be a 3D tensor")
    if a[0] != b[0]:
        raise RuntimeError(f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}")
    if a[2] != b[1]:
        raise RuntimeError(f"Incompatible matrix sizes for bmm ({_size(a[1:])} and {_size(b[1:])})")
    _check_dtypes(input, batch1, batch2)
    refuse_bool("addmm_impl_cpu_", input)
    return rows.addbmm(input, batch1, batch2, *_factors(input, beta, alpha))
