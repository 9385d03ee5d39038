"""What the distributions share: broadcasting of parameters, probabilities and logits, properties computed once."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from .. import config, dtypes
from ..tensor import functions as fn
from ..tensor.size import Size
from ..tensor.tensor import Tensor

euler_constant = 0.57721566490153286060

__all__ = [
    "broadcast_all",
    "logits_to_probs",
    "clamp_probs",
    "probs_to_logits",
    "lazy_property",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

NUMBERS = (int, float, bool)
# the shape that stands before batch and event where one draw is wanted
ONE_DRAW = Size()


class recording:
    """A block whose operations the graph sees (True), or does not (False)."""

    __slots__ = ("value", "before")

    def __init__(self, value: bool) -> None:
        self.value = value

    def __enter__(self) -> None:
        self.before = config.set_mode("grad", self.value)

    def __exit__(self, *error: object) -> None:
        config.set_mode("grad", self.before)


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Numbers and tensors as tensors of one shape. Numbers take the dtype of the first tensor, or the default dtype.

    Raises ValueError for anything else.
    """
    if not all(isinstance(v, (Tensor, *NUMBERS)) for v in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__."
        )
    first = next((v for v in values if isinstance(v, Tensor)), None)
    dtype, device = (config.default_dtype(), None) if first is None else (first.dtype, first.device)
    tensors = [v if isinstance(v, Tensor) else fn.tensor(v, dtype=dtype, device=device) for v in values]
    return tuple(fn.broadcast_tensors(*tensors))


def finfo(x):
    """The limits of a tensor's dtype."""
    return dtypes.finfo(x.dtype)


def empty_like_shape(shape, like):
    """A tensor to be filled, in the dtype and on the device of `like`."""
    return fn.empty(tuple(shape), dtype=like.dtype, device=like.device)


def rand_as(shape, like):
    """Uniform numbers from [0, 1), in the dtype and on the device of `like`."""
    return fn.rand(tuple(shape), dtype=like.dtype, device=like.device)


def _standard_normal(shape, dtype, device):
    return fn.empty(tuple(shape), dtype=dtype, device=device).normal_()


def normal_as(shape, like):
    """Standard normal numbers, in the dtype and on the device of `like`."""
    return _standard_normal(shape, like.dtype, like.device)


def filled(shape, value, like):
    """One number everywhere, in the dtype and on the device of `like`."""
    return fn.full(tuple(shape), value, dtype=like.dtype, device=like.device)


def counted(n, like, batch_shape, expand, dtype=None):
    """0, 1, …, n - 1 along a new first dim: what `enumerate_support` gives for integers."""
    values = fn.arange(n, dtype=dtype or like.dtype, device=like.device)
    values = values.view((-1,) + (1,) * len(batch_shape))
    return values.expand((-1, *batch_shape)) if expand else values


def _sum_rightmost(value, dim):
    """The sum over the last `dim` dims."""
    if dim == 0:
        return value
    return value.reshape(tuple(value.shape[:-dim]) + (-1,)).sum(-1)


def logits_to_probs(logits, is_binary=False):
    """Probabilities of log odds (binary), or of log-probabilities along the last dim, which need not be normalised."""
    return fn.sigmoid(logits) if is_binary else fn.softmax(logits, -1)


def clamp_probs(probs):
    """Probabilities kept away from 0 and 1 by the precision of their dtype.

    >>> clamp_probs(tensor([0.0, 0.5, 1.0]))
    tensor([1.1921e-07, 5.0000e-01, 1.0000e+00])
    """
    eps = finfo(probs).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs, is_binary=False):
    """The inverse of `logits_to_probs`, of clamped probabilities."""
    inside = clamp_probs(probs)
    return inside.log() - (-inside).log1p() if is_binary else inside.log()


def refuse_unless_one(first: Any, second: Any) -> None:
    """Exactly one of `probs` and `logits` must be given."""
    if (first is None) == (second is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")


class lazy_property:
    """A property that is computed when first asked for, with gradients, and then kept as an attribute."""

    def __init__(self, wrapped: Callable) -> None:
        self.wrapped = wrapped
        update_wrapper(self, wrapped)  # type: ignore[arg-type]

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with recording(True):
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


def _lower_mask(n, diag, device):
    columns = fn.arange(n, device=device)
    return columns < columns.view(-1, 1) + (diag + 1)


def tril_matrix_to_vec(mat, diag=0):
    """The elements of square matrices up to a diagonal, row after row, along the last dim.

    >>> tril_matrix_to_vec(tensor([[1, 2], [3, 4]]))
    tensor([1, 3, 4])
    """
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    return mat[..., _lower_mask(n, diag, mat.device)]


def vec_to_tril_matrix(vec, diag=0):
    """The inverse of `tril_matrix_to_vec`; what lies above the diagonal is zero.

    >>> vec_to_tril_matrix(tensor([1., 3., 4.]))
    tensor([[1., 0.],
            [3., 4.]])
    """
    count, shift = vec.shape[-1], 1 + 2 * diag
    # the positive root of n**2 + shift * n = 2 * count + abs(diag) * (diag + 1)
    n = (-shift + (shift**2 + 8 * count + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    if round(n) - n > finfo(vec).eps:
        raise ValueError(
            f"The size of last dimension is {count} which cannot be expressed as "
            "the lower triangular part of a square D x D matrix."
        )
    n = round(n)
    mat = fn.zeros((*vec.shape[:-1], n, n), dtype=vec.dtype, device=vec.device)
    mat[..., _lower_mask(n, diag, vec.device)] = vec
    return mat


def size(shape: Any) -> Size:
    """A shape as `torch.Size`."""
    return shape if isinstance(shape, Size) else Size(shape)
