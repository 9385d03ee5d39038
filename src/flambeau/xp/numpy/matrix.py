"""Products of matrices on NumPy: the calls that reach BLAS soonest.

`np.dot` of small matrices takes a third of the time of `np.matmul`, and takes transposed operands without a copy;
`np.matmul` calls BLAS once for each matrix of a batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .direct import direct

ndarray = np.ndarray
_float32 = np.float32

# products of two matrices, of a matrix and a vector, of two vectors; shapes that do not fit are a ValueError
dot = mm = mv = direct(np.dot)


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
            return dot(a, b)
        if a.ndim > 2:
            *batch, n, k = a.shape
            rows = n
            for size in batch:
                rows *= size
            return dot(a.reshape(rows, k), b).reshape(*batch, n, b.shape[1])
    return np.matmul(a, b)


def linear(x: ndarray, weight: ndarray, bias: ndarray | None) -> ndarray:
    """`x @ weight.T + bias`, the bias added in place to the product."""
    result = dot(x, weight.T) if x.ndim == 2 else _fold(x, weight)
    if bias is not None:
        result += bias
    return result


def _fold(x: ndarray, weight: ndarray) -> ndarray:
    """`x @ weight.T` for an `x` that is no matrix, as one product of matrices."""
    rows = 1
    for size in x.shape[:-1]:
        rows *= size
    return dot(x.reshape(rows, x.shape[-1]), weight.T).reshape(*x.shape[:-1], weight.shape[0])


def scaled_add(input: ndarray, product: ndarray, beta: Any, alpha: Any) -> ndarray:
    """`beta * input + alpha * product`, written over `product`. Where beta is 0, nan in `input` does not count."""
    if alpha != 1:
        product *= product.dtype.type(alpha)
    if beta == 0:
        return product
    product += input if beta == 1 else input * input.dtype.type(beta)
    return product
