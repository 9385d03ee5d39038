"""Products of matrices and vectors. The functions that call these rows have checked dtypes and dimensions."""

from __future__ import annotations

from . import shapes
from .table import Array, op


def as_matrix(xp, x):
    """An array with all axes but the last folded into one."""
    return x if x.ndim == 2 else xp.reshape(x, (shapes.numel(x.shape[:-1]), x.shape[-1]))


@op(
    input=lambda xp, g, mat2: xp.mm(g, xp.conjugate_transpose(mat2)),
    mat2=lambda xp, g, input: xp.mm(xp.conjugate_transpose(input), g),
    public=False,
    method=False,
)
def mm(xp, input, mat2):
    """The product of two matrices."""
    return xp.mm(input, mat2)


def _outer(xp, x, y):
    return xp.expand_dims(x, axis=-1) * xp.expand_dims(y, axis=-2)


@op(
    input=lambda xp, g, vec: _outer(xp, g, xp.conj(vec)),
    vec=lambda xp, g, input: xp.mv(xp.conjugate_transpose(input), g),
    public=False,
    method=False,
)
def mv(xp, input, vec):
    """The product of a matrix and a vector."""
    return xp.mv(input, vec)


@op(
    input=lambda xp, g, tensor: g * xp.conj(tensor),
    tensor=lambda xp, g, input: g * xp.conj(input),
    public=False,
    method=False,
)
def dot(xp, input, tensor):
    """The sum of the products of two vectors' elements."""
    return xp.dot(input, tensor)


@op(
    input=lambda xp, g, other: xp.conj(g) * other,
    other=lambda xp, g, input: g * input,
    public=False,
    method=False,
)
def vdot(xp, input, other):
    """The sum of the products of two vectors' elements, those of the first conjugated."""
    return xp.dot(xp.conj(input), other)


@op(
    input=lambda xp, g, mat2: xp.matmul(g, xp.conjugate_transpose(mat2)),
    mat2=lambda xp, g, input: xp.matmul(xp.conjugate_transpose(input), g),
    public=False,
    method=False,
)
def bmm(xp, input, mat2):
    """The products of the matrices of two batches, one by one."""
    return xp.matmul(input, mat2)


def _right_gradient(xp, g, input, other_shape):
    """Where one matrix stands to the right of a batch, its gradient is one product too."""
    if len(other_shape) == 2:
        return xp.mm(xp.conjugate_transpose(as_matrix(xp, input)), as_matrix(xp, g))
    return xp.matmul(xp.conjugate_transpose(input), g)


@op(
    input=lambda xp, g, other: xp.matmul(g, xp.conjugate_transpose(other)),
    other=_right_gradient,
    public=False,
    method=False,
    node="UnsafeView",
)
def matmul(xp, input, other):
    """The matrix product over the last two dims; the others broadcast. Both have two dims at least."""
    return xp.matmul(input, other)


@op(input=lambda xp, g: xp.conjugate_transpose(g), public=False, method=False, node="Conj")
def conjugate_transpose(xp, input):
    """The last two dims swapped and the numbers conjugated."""
    return xp.conjugate_transpose(input)


# ---- affine maps -----------------------------------------------------------------------------------------------------


def _folded_input(xp, g, weight, input_shape):
    return xp.reshape(xp.mm(as_matrix(xp, g), xp.conj(weight)), input_shape)


def _folded_weight(xp, g, input):
    return xp.mm(xp.matrix_transpose(as_matrix(xp, g)), xp.conj(as_matrix(xp, input)))


@op(
    input=lambda xp, g, weight: xp.mm(g, xp.conj(weight)),
    weight=lambda xp, g, input: xp.mm(xp.matrix_transpose(g), xp.conj(input)),
    bias=lambda g: g,
    public=False,
    method=False,
    node="Addmm",
)
def linear(xp, input, weight, bias: Array | None = None):
    """`input @ weight.T + bias` for a matrix `input`: (n, in), (out, in) and (out,) or None give (n, out)."""
    return xp.linear(input, weight, bias)


@op(
    input=lambda xp, g, weight: xp.mm(g, xp.conj(weight)),
    weight=lambda xp, g, input: xp.mm(xp.matrix_transpose(g), xp.conj(input)),
    public=False,
    method=False,
    node="Mm",
)
def linear_without_bias(xp, input, weight):
    """`input @ weight.T` for a matrix `input`."""
    return xp.linear(input, weight, None)


@op(input=_folded_input, weight=_folded_weight, bias=lambda g: g, public=False, method=False, node="View")
def linear_of_batch(xp, input, weight, bias):
    """`input @ weight.T + bias` for an `input` of any number of dims, folded into one product."""
    return xp.linear(input, weight, bias)


@op(input=_folded_input, weight=_folded_weight, public=False, method=False, node="UnsafeView")
def linear_of_batch_without_bias(xp, input, weight):
    """`input @ weight.T` for an `input` of any number of dims, folded into one product."""
    return xp.linear(input, weight, None)


def _scaled(g, factor):
    return g if factor == 1 else g * factor.conjugate()


@op(
    input=lambda g, beta: _scaled(g, beta),
    mat1=lambda xp, g, mat2, alpha: _scaled(xp.mm(g, xp.conjugate_transpose(mat2)), alpha),
    mat2=lambda xp, g, mat1, alpha: _scaled(xp.mm(xp.conjugate_transpose(mat1), g), alpha),
    public=False,
    method=False,
)
def addmm(xp, input, mat1, mat2, beta: float = 1, alpha: float = 1):
    """`beta * input + alpha * (mat1 @ mat2)`."""
    return xp.scaled_add(input, xp.mm(mat1, mat2), beta, alpha)


@op(
    input=lambda g, beta: _scaled(g, beta),
    mat=lambda xp, g, vec, alpha: _scaled(_outer(xp, g, xp.conj(vec)), alpha),
    vec=lambda xp, g, mat, alpha: _scaled(xp.mv(xp.conjugate_transpose(mat), g), alpha),
    public=False,
    method=False,
)
def addmv(xp, input, mat, vec, beta: float = 1, alpha: float = 1):
    """`beta * input + alpha * (mat @ vec)`."""
    return xp.scaled_add(input, xp.mv(mat, vec), beta, alpha)


@op(
    input=lambda g, beta: _scaled(g, beta),
    vec1=lambda xp, g, vec2, alpha: _scaled(xp.mv(g, xp.conj(vec2)), alpha),
    vec2=lambda xp, g, vec1, alpha: _scaled(xp.mv(xp.matrix_transpose(g), xp.conj(vec1)), alpha),
    promote="same",
    public=False,
    method=False,
)
def addr(xp, input, vec1, vec2, beta: float = 1, alpha: float = 1):
    """`beta * input + alpha * outer(vec1, vec2)`."""
    return xp.scaled_add(input, _outer(xp, vec1, vec2), beta, alpha)


@op(
    input=lambda g, beta: _scaled(g, beta),
    batch1=lambda xp, g, batch2, alpha: _scaled(xp.matmul(g, xp.conjugate_transpose(batch2)), alpha),
    batch2=lambda xp, g, batch1, alpha: _scaled(xp.matmul(xp.conjugate_transpose(batch1), g), alpha),
    public=False,
    method=False,
)
def baddbmm(xp, input, batch1, batch2, beta: float = 1, alpha: float = 1):
    """`beta * input + alpha * (batch1 @ batch2)`, for each matrix of the batches."""
    return xp.scaled_add(input, xp.matmul(batch1, batch2), beta, alpha)


@op(
    input=lambda g, beta: _scaled(g, beta),
    batch1=lambda xp, g, batch2, alpha: _scaled(
        xp.matmul(xp.expand_dims(g, axis=0), xp.conjugate_transpose(batch2)), alpha
    ),
    batch2=lambda xp, g, batch1, alpha: _scaled(
        xp.matmul(xp.conjugate_transpose(batch1), xp.expand_dims(g, axis=0)), alpha
    ),
    public=False,
    method=False,
)
def addbmm(xp, input, batch1, batch2, beta: float = 1, alpha: float = 1):
    """`beta * input + alpha * (batch1 @ batch2).sum(0)`, which is one product of long matrices."""
    n, k = batch1.shape[1], batch1.shape[0] * batch1.shape[2]
    left = xp.reshape(xp.permute_dims(batch1, (1, 0, 2)), (n, k))
    return xp.scaled_add(input, xp.mm(left, xp.reshape(batch2, (k, batch2.shape[2]))), beta, alpha)


def _cross(xp, x, y, axis):
    """Each element is the product of the next two minus that of the next two swapped, around the circle of three."""
    return xp.roll(x, -1, axis=axis) * xp.roll(y, -2, axis=axis) - xp.roll(x, -2, axis=axis) * xp.roll(y, -1, axis=axis)


@op(
    input=lambda xp, g, other, axis: _cross(xp, xp.conj(other), g, axis),
    other=lambda xp, g, input, axis: _cross(xp, g, xp.conj(input), axis),
    public=False,
    method=False,
    node="LinalgCross",
    refuses=("bool",),
)
def cross_product(xp, input, other, axis: int):
    """The cross product of vectors of three elements along an axis."""
    return _cross(xp, input, other, axis)
