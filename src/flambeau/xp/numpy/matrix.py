"""Products of matrices on NumPy: the calls that reach BLAS soonest.

`np.dot` of small matrices takes a third of the time of `np.matmul`, and takes transposed operands without a copy;
`np.matmul` calls BLAS once for each matrix of a batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import native
from .direct import direct

ndarray = np.ndarray
_float32 = np.float32

# products of a matrix and a vector, of two vectors; shapes that do not fit are a ValueError
dot = mv = small_product = direct(np.dot)

# multiplications from which BLAS would use threads of its own, and from which it shares them better than we do
_THREADED, _LONG = 1 << 18, 1 << 30


def mm(a: ndarray, b: ndarray) -> ndarray:
    """The product of two matrices. Large ones are shared among our threads, since those of BLAS go on spinning for
    some 25 ms after each product and hold up every other thread meanwhile."""
    if a.size + b.size < 8192:
        return small_product(a, b)
    (m, k), n = a.shape, b.shape[-1]
    cost = float(m) * k * n
    if not _THREADED < cost < _LONG or a.dtype is not b.dtype or b.shape[0] != k:
        return small_product(a, b)
    if not native.has_products(a.dtype) or not _lies_well(a) or not _lies_well(b):
        return small_product(a, b)
    out = np.empty((m, n), a.dtype)
    by_rows = m >= n
    given = (int(by_rows), m, n, k, a, *_steps(a), b, *_steps(b), out)
    native.multiply("multiply", a.dtype, m if by_rows else n, cost, *given)
    return out


def _lies_well(x: ndarray) -> bool:
    """Whether the rows or the columns of the matrices are dense, and do not overlap."""
    rows, columns = x.shape[-2:]
    row, column = x.strides[-2] // x.itemsize, x.strides[-1] // x.itemsize
    return column == 1 and row >= columns or row == 1 and column >= rows


def _steps(x: ndarray) -> list[int]:
    """From one element to the next along each axis, counted in elements."""
    return [s // x.itemsize for s in x.strides]


def _batched(a: ndarray, b: ndarray) -> ndarray:
    """The products of two batches of matrices."""
    (m, k), n = a.shape[-2:], b.shape[-1]
    cost = float(a.size) * n
    if cost <= _THREADED or a.dtype is not b.dtype or a.shape[:-2] != b.shape[:-2] or b.shape[-2] != k or a.ndim > 4:
        return np.matmul(a, b)
    if not native.has_products(a.dtype) or not _lies_well(a) or not _lies_well(b):
        return np.matmul(a, b)
    outer, inner = (1, *a.shape[:-2])[-2:]
    out = np.empty((*a.shape[:-1], n), a.dtype)
    # a batch of one axis is one of two, the first of them of size 1
    left, right = ([0] * (4 - a.ndim) + _steps(x) for x in (a, b))
    native.multiply("multiply_batches", a.dtype, outer * inner, cost, inner, m, n, k, a, *left, b, *right, out)
    return out


def conj(x: ndarray) -> ndarray:
    """The complex conjugate; a real array as it is, without a copy."""
    if type(x) is _float32:
        # a scalar, whose dtype costs more than its product
        return x
    return np.conjugate(x) if x.dtype.kind == "c" else x


def matrix_transpose(x: ndarray) -> ndarray:
    """A view with the last two axes swapped."""
    return x.mT


def conjugate_transpose(x: ndarray) -> ndarray:
    """The last two axes swapped and the numbers conjugated; a view where they are real."""
    return x.mT if x.dtype.kind != "c" else np.conjugate(x.mT)


def matmul(a: ndarray, b: ndarray) -> ndarray:
    """The matrix product over the last two axes; a batch of matrices times one matrix is a single product."""
    if b.ndim == 2:
        if a.ndim == 2:
            return mm(a, b)
        if a.ndim > 2:
            *batch, n, k = a.shape
            rows = n
            for size in batch:
                rows *= size
            return mm(a.reshape(rows, k), b).reshape(*batch, n, b.shape[1])
    return _batched(a, b) if a.ndim > 2 and b.ndim > 2 else np.matmul(a, b)


def linear(x: ndarray, weight: ndarray, bias: ndarray | None) -> ndarray:
    """`x @ weight.T + bias`, the bias added in place to the product."""
    if x.size * len(weight) > _THREADED and bias is not None:
        result = _affine(x, weight, bias)
        if result is not None:
            return result
    result = mm(x, weight.T) if x.ndim == 2 else _fold(x, weight)
    if bias is not None:
        result += bias
    return result


def _affine(x: ndarray, weight: ndarray, bias: ndarray) -> ndarray | None:
    """The same by native code, which writes the result once; None where there is none."""
    outputs, inputs = weight.shape
    cost = float(x.size) * outputs
    if not native.fits(x, 1) or not native.has_products(x.dtype) or x.shape[-1] != inputs:
        return None
    if weight.dtype is not x.dtype or bias.dtype is not x.dtype or not weight.flags.c_contiguous:
        return None
    out = np.empty((*x.shape[:-1], outputs), x.dtype)
    given = outputs, inputs, x, weight, np.ascontiguousarray(bias), out
    native.multiply("affine", x.dtype, x.size // inputs, cost, *given)
    return out


def _fold(x: ndarray, weight: ndarray) -> ndarray:
    """`x @ weight.T` for an `x` that is no matrix, as one product of matrices."""
    rows = 1
    for size in x.shape[:-1]:
        rows *= size
    return mm(x.reshape(rows, x.shape[-1]), weight.T).reshape(*x.shape[:-1], weight.shape[0])


def scaled_add(input: ndarray, product: ndarray, beta: Any, alpha: Any) -> ndarray:
    """`beta * input + alpha * product`, written over `product`. Where beta is 0, nan in `input` does not count."""
    if alpha != 1:
        product *= product.dtype.type(alpha)
    if beta == 0:
        return product
    product += input if beta == 1 else input * input.dtype.type(beta)
    return product
