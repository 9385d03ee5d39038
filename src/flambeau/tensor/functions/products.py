"""Products of matrices and vectors: matmul and its kin, and the sums with a product (addmm, …).

The rows take operands that fit. Here dimensions and dtypes are judged, by identities of kinds on the way to the most
common cases, and with PyTorch's sentences where something does not fit.
"""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...config import modes, state
from ...ops import shapes
from ...xp import numpy as xnp
from .. import rows
from ..public import public
from ..tensor import KIND_BY_NUMBER, Tensor, wrap
from .arguments import need_tensor

# ---- judging operands ------------------------------------------------------------------------------------------------


def refuse_bool(kernel: str, x: Tensor) -> None:
    """PyTorch multiplies no matrices of bools."""
    if x.dtype is dtypes.bool_:
        raise errors.not_for_dtype(kernel, x.dtype)


def _size(shape: tuple) -> str:
    return "x".join(str(n) for n in shape)


def _cannot_multiply(a: tuple, b: tuple, given_a: tuple, given_b: tuple) -> RuntimeError:
    """Two matrices whose inner sizes differ; `given_…` are the shapes as the user knows them."""
    lines = [
        f"mat1 and mat2 shapes cannot be multiplied ({_size(a)} and {_size(b)})",
        f"  input: {tuple(given_a)}",
        f"  other: {tuple(given_b)}",
        f"  The last size of the first, {a[-1]}, must equal the last but one of the second, {b[-2]}.",
    ]
    if a[-1] == b[-1]:
        lines.append("  The second fits transposed: other.mT.")
    elif len(given_a) == len(given_b) == 2 and a[0] == b[0]:
        lines.append("  The first fits transposed: input.mT.")
    elif len(given_a) == len(given_b) == 2 and b[1] == a[0]:
        lines.append("  They fit in the other order: other @ input.")
    return RuntimeError("\n".join(lines))


def _unequal_dtypes(x: Tensor, y: Tensor) -> RuntimeError:
    return RuntimeError(
        f"expected m1 and m2 to have the same dtype, but got: {errors.c_name(x.dtype)} != "
        f"{errors.c_name(y.dtype)}\n{_dtype_hint(x, y)}"
    )


def _dtype_hint(x: Tensor, y: Tensor) -> str:
    return (
        f"  One is {x.dtype}, the other {y.dtype}; products of matrices convert nothing. "
        f"Convert one of them: x.to({max(x.dtype, y.dtype, key=_width)})."
    )


def _width(dtype: Any) -> tuple[int, int]:
    return dtype.category, dtype.itemsize


def _scalar_names(*tensors: Tensor) -> list[str]:
    return [t.dtype.scalar_name for t in tensors]


# ---- two operands ----------------------------------------------------------------------------------------------------


def matmul(input, other):
    """The matrix product of two tensors.

    Vectors: their dot product. Matrices: (n, k) @ (k, m) gives (n, m). A vector on the left counts as a row, on the
    right as a column. With more dims the last two are matrices, and the others are batches that broadcast. Both have
    one dtype. Raises RuntimeError where dtypes or inner sizes differ.

    >>> matmul(ones(2, 3), ones(3, 4)).shape
    torch.Size([2, 4])
    """
    try:
        m, n, alike = input._array.ndim, other._array.ndim, input._kind is other._kind and input._kind.inexact
    except AttributeError:
        need_tensor("matmul", "input", 1, input)
        need_tensor("matmul", "other", 2, other)
        raise
    if alike and m > 1 and n > 1:
        # what does not fit fails here, and is judged with care below
        try:
            return rows.mm(input, other) if m == 2 == n else rows.matmul(input, other)
        except Exception:
            pass
    return _matmul(input, other)


def operator_matmul(self, other):
    """`self @ other`: straight to the product of two matrices, which saves half a microsecond."""
    try:
        if self._array.ndim == 2 == other._array.ndim and self._kind is other._kind and self._kind.inexact:
            return rows.mm(self, other)
    except Exception:
        pass
    if isinstance(other, xnp.ndarray) and other.dtype.num in KIND_BY_NUMBER:
        other = wrap(other)
    return matmul(self, other) if isinstance(other, Tensor) else NotImplemented


def _matmul(input: Tensor, other: Tensor) -> Tensor:
    """Any matmul: by the numbers of dims."""
    m, n = input._array.ndim, other._array.ndim
    if m == 0 or n == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {m}D and {n}D")
    if m == 2 and n == 2:
        return mm(input, other)
    if m == 1 and n == 1:
        return dot(input, other)
    if m == 2 and n == 1:
        return mv(input, other)
    if m == 1 and n == 2:
        return rows.squeeze_dims(mm(rows.unsqueeze(input, 0), other), axes=(0,))
    if n == 1:
        return _batch_times_vector(input, other)
    if m == 1:
        return rows.squeeze_dims(_matmul(rows.unsqueeze(input, 0), other), axes=(n - 2,))
    return _batched(input, other)


def _batch_times_vector(input: Tensor, vec: Tensor) -> Tensor:
    shape = input._array.shape
    folded = rows.reshape_to(input, shape=(shapes.numel(shape[:-1]), shape[-1]))
    return rows.reshape_to(mv(folded, vec), shape=shape[:-1])


def _batched(input: Tensor, other: Tensor) -> Tensor:
    a, b = input._array.shape, other._array.shape
    folds = len(b) == 2
    if input.dtype is not other.dtype:
        raise _unequal_dtypes(input, other) if folds else _unexpected_scalar(input, other)
    refuse_bool("addmm_impl_cpu_" if folds else "bmm", input)
    if a[-1] == b[-2]:
        batch = shapes.broadcast(a[:-2], b[:-2])
        if batch is not None:
            return rows.matmul(input, other)
        raise errors.broadcast(["input", "other"], [a[:-2], b[:-2]])
    if folds:
        raise _cannot_multiply((shapes.numel(a[:-1]), a[-1]), b, a, b)
    batch = shapes.broadcast(a[:-2], b[:-2])
    if batch is None:
        raise errors.broadcast(["input", "other"], [a[:-2], b[:-2]])
    raise _unequal_batches((shapes.numel(batch), *a[-2:]), (shapes.numel(batch), *b[-2:]), a, b)


def _unexpected_scalar(x: Tensor, y: Tensor) -> RuntimeError:
    first, second = _scalar_names(x, y)
    return RuntimeError(f"expected scalar type {first} but found {second}\n{_dtype_hint(x, y)}")


def _unequal_batches(a: tuple, b: tuple, given_a: tuple, given_b: tuple) -> RuntimeError:
    return RuntimeError(
        f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but got: [{b[0]}, {b[1]}].\n"
        f"  first:  {tuple(given_a)}\n"
        f"  second: {tuple(given_b)}\n"
        "  (b, n, k) @ (b, k, m) gives (b, n, m): the numbers of matrices and the sizes k must be equal."
    )


def _matrix_pair(name: str, input: Any, mat2: Any) -> bool:
    """Whether two operands are matrices of one kind that the fast path serves; raises where one is no tensor."""
    try:
        return input._array.ndim == 2 == mat2._array.ndim and input._kind is mat2._kind and input._kind.inexact
    except AttributeError:
        need_tensor(name, "input", 1, input)
        need_tensor(name, "mat2", 2, mat2)
        raise


def mm(input, mat2):
    """The product of two matrices, (n, k) and (k, m) of one dtype; nothing broadcasts. Gives (n, m).

    >>> mm(ones(2, 3), ones(3, 4)).shape
    torch.Size([2, 4])
    """
    if _matrix_pair("mm", input, mat2):
        try:
            return rows.mm(input, mat2)
        except ValueError:
            pass
    a, b = input._array.shape, mat2._array.shape
    if len(a) != 2:
        raise RuntimeError(f"self must be a matrix\n  It is {len(a)}-D: {tuple(a)}. matmul takes any number of dims.")
    if len(b) != 2:
        raise RuntimeError(f"mat2 must be a matrix\n  It is {len(b)}-D: {tuple(b)}. matmul takes any number of dims.")
    if a[1] != b[0]:
        raise _cannot_multiply(a, b, a, b)
    if input.dtype is not mat2.dtype:
        raise _unequal_dtypes(input, mat2)
    refuse_bool("addmm_impl_cpu_", input)
    return rows.mm(input, mat2)


@public(out=True)
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of the matrices of two batches: (b, n, k) and (b, k, m) give (b, n, m); nothing broadcasts.

    >>> bmm(ones(5, 2, 3), ones(5, 3, 4)).shape
    torch.Size([5, 2, 4])
    """
    need_tensor("bmm", "mat2", 2, mat2)
    _check_batches(input, mat2)
    if input.dtype is not mat2.dtype:
        raise _unexpected_scalar(input, mat2)
    refuse_bool("bmm", input)
    return rows.bmm(input, mat2)


def _check_batches(batch1: Tensor, batch2: Tensor) -> None:
    a, b = batch1._array.shape, batch2._array.shape
    for i, shape in enumerate((a, b), 1):
        if len(shape) != 3:
            raise RuntimeError(f"batch{i} must be a 3D tensor\n  It is {len(shape)}-D: {tuple(shape)}.")
    if a[0] != b[0] or a[2] != b[1]:
        raise _unequal_batches(a, b, a, b)


@public(out=True)
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix (n, k) and a vector (k,) of one dtype: a vector (n,).

    >>> mv(ones(2, 3), ones(3))
    tensor([3., 3.])
    """
    need_tensor("mv", "vec", 2, vec)
    a, b = input._array.shape, vec._array.shape
    if len(a) != 2 or len(b) != 1:
        # PyTorch judges it as an addmv to a vector
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {len(a)}, {len(b)}")
    if a[1] != b[0]:
        raise RuntimeError(
            f"size mismatch, got input ({a[0]}), mat ({_size(a)}), vec ({b[0]})\n"
            f"  A matrix (n, m) times a vector needs m elements: here {a[1]} columns meet {b[0]} elements."
        )
    if input.dtype is not vec.dtype:
        x, y = _scalar_names(input, vec)
        raise RuntimeError(
            f"addmv input tensors must have the same dtype, but got {y}, {x}, and {y}\n{_dtype_hint(input, vec)}"
        )
    refuse_bool("addmv_impl_cpu", input)
    return rows.mv(input, vec)


def _check_vectors(x: Tensor, y: Tensor) -> None:
    a, b = x._array.shape, y._array.shape
    if len(a) != 1 or len(b) != 1:
        raise RuntimeError(
            f"1D tensors expected, but got {len(a)}D and {len(b)}D tensors\n"
            "  Unlike NumPy's, this dot takes vectors only; matmul takes matrices."
        )
    if x.dtype is not y.dtype:
        first, second = _scalar_names(x, y)
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {first} and {second}\n{_dtype_hint(x, y)}"
        )
    if a != b:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same number of elements, "
            f"but got {a[0]} and {b[0]} elements respectively"
        )
    refuse_bool("dot", x)


@public(out=True)
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of the products of the elements of two vectors of one size and dtype.

    >>> dot(tensor([2., 3.]), tensor([2., 1.]))
    tensor(7.)
    """
    need_tensor("dot", "tensor", 2, tensor)
    _check_vectors(input, tensor)
    return rows.dot(input, tensor)


@public(out=True)
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The sum of the products of two vectors' elements, those of the first conjugated.

    >>> vdot(tensor([1j]), tensor([1j]))
    tensor(1.+0.j)
    """
    need_tensor("vdot", "other", 2, other)
    _check_vectors(input, other)
    return rows.vdot(input, other) if input.is_complex() else rows.dot(input, other)


@public(out=True)
def inner(input: Tensor, other: Tensor) -> Tensor:
    """The sums of products along the last dims: (*, k) and (+, k) give (*, +). A number scales the other tensor.

    >>> inner(ones(2, 3), ones(4, 3)).shape
    torch.Size([2, 4])
    """
    need_tensor("inner", "other", 2, other)
    a, b = input._array.shape, other._array.shape
    if not a or not b:
        return rows.mul(input, other)
    if a[-1] != b[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(a)} and {list(b)}"
        )
    if len(a) == len(b) == 1:
        return dot(input, other)
    if input.dtype is not other.dtype:
        raise RuntimeError(f"both inputs should have same dtype\n{_dtype_hint(input, other)}")
    left = rows.reshape_to(input, shape=(shapes.numel(a[:-1]), a[-1]))
    right = rows.reshape_to(other, shape=(shapes.numel(b[:-1]), b[-1]))
    return rows.reshape_to(mm(left, rows.t(right)), shape=(*a[:-1], *b[:-1]))


@public(out=True, aliases=("ger",))
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of an element of one vector and an element of another: (n,) and (m,) give (n, m).

    >>> outer(tensor([1., 2.]), tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    need_tensor("outer", "vec2", 2, vec2)
    _check_1d("outer", "self", input)
    _check_1d("outer", "vec2", vec2)
    return rows.mul(rows.unsqueeze(input, 1), vec2)


def _check_1d(name: str, argument: str, x: Tensor) -> None:
    if x._array.ndim != 1:
        raise RuntimeError(f"{name}: Expected 1-D argument {argument}, but got {x._array.ndim}-D")


matmul = public(out=True)(matmul)
mm = public(out=True)(mm)


# ---- affine maps -----------------------------------------------------------------------------------------------------


def linear(input, weight, bias=None):
    """`input @ weight.T + bias`: (*, in), (out, in) and (out,) or None give (*, out). `nn.functional.linear`."""
    kind = input._kind
    if kind.inexact and kind is weight._kind and input._array.ndim == 2 == weight._array.ndim:
        try:
            if bias is None:
                return rows.linear_without_bias(input, weight)
            if bias._kind is kind:
                return rows.linear(input, weight, bias)
        except Exception:
            pass
    return _any_linear(input, weight, bias)


def _any_linear(input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Any linear map, judged with care."""
    if state.special and (casting := modes().autocast) is not None:
        return casting.call("linear", _any_linear, (input, weight, bias), {})
    a, w = input._array.shape, weight._array.shape
    if not a or not w:
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {len(a)}D and {len(w)}D")
    if len(w) == 1:
        if bias is not None:
            raise RuntimeError("mat2 must be a matrix, got 1-D tensor")
        return matmul(input, weight)
    if len(w) > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {len(w)}D")
    _check_linear(input, weight, bias)
    if bias is None:
        return (
            rows.linear_without_bias(input, weight) if len(a) == 2 else rows.linear_of_batch_without_bias(input, weight)
        )
    shapes.expanded(bias._array.shape, (*a[:-1], w[0]), bias._kind.dtype)
    return rows.linear(input, weight, bias) if len(a) == 2 else rows.linear_of_batch(input, weight, bias)


def _check_linear(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    a, w = input._array.shape, weight._array.shape
    if a[-1] != w[1]:
        first, second = f"{shapes.numel(a[:-1])}x{a[-1]}", f"{w[1]}x{w[0]}"
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({first} and {second})\n"
            f"  input:  {tuple(a)}\n"
            f"  weight: {tuple(w)}, used transposed\n"
            f"  The last size of the input is {a[-1]}; this layer takes {w[1]} features (in_features) and gives {w[0]}."
        )
    if input.dtype is not weight.dtype:
        if bias is None:
            raise _unequal_dtypes(input, weight)
        first, second = _scalar_names(input, weight)
        raise RuntimeError(
            f"mat1 and mat2 must have the same dtype, but got {first} and {second}\n{_dtype_hint(input, weight)}"
        )
    if bias is not None and bias.dtype is not weight.dtype:
        raise _unlike_self(bias, weight)
    refuse_bool("addmm_impl_cpu_", input)


def _unlike_self(x: Tensor, y: Tensor) -> RuntimeError:
    first, second = _scalar_names(x, y)
    return RuntimeError(f"self and mat2 must have the same dtype, but got {first} and {second}\n{_dtype_hint(x, y)}")
