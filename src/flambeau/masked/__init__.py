"""`torch.masked`: reductions and normalisations that leave some elements out.

`mask` broadcasts to the input; elements where it is false count as the operation's neutral element.

>>> import torch
>>> torch.masked.mean(torch.tensor([1., 2., 9.]), mask=torch.tensor([True, True, False]))
tensor(1.5000)
"""

from __future__ import annotations

from typing import Any

from .. import dtypes, missing
from ..ops import shapes
from ..tensor import functions as fn
from ..tensor.functions.matrix_functions import linalg_vector_norm as vector_norm
from ..tensor.tensor import Tensor

__all__ = (
    "amax amin argmax argmin cumprod cumsum log_softmax logaddexp logsumexp mean median norm normalize prod softmax "
    "softmin std sum var"
).split()

INF = float("inf")


def _low(dtype: dtypes.dtype) -> Any:
    return -INF if dtype.is_floating_point else dtypes.iinfo(dtype).min


def _high(dtype: dtypes.dtype) -> Any:
    return INF if dtype.is_floating_point else dtypes.iinfo(dtype).max


def _check_mask(input: Tensor, mask: Any) -> None:
    if mask is not None:
        if mask.ndim > input.ndim:
            raise IndexError(
                "_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)"
            )
        if mask.dtype is not dtypes.bool_:
            mask.to(dtypes.bool_)


def _kept(input: Tensor, mask: Any, neutral: Any) -> Tensor:
    """The input, with a neutral element where the mask is false."""
    if mask is None:
        return input
    _check_mask(input, mask)
    return fn.where(mask, input, fn.scalar_tensor(neutral, dtype=input.dtype))


def _dims(input: Tensor, dim: Any) -> tuple[int, ...]:
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(input.ndim))
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    found = []
    for d in dims:
        d = shapes.one_dim(d, input.ndim)
        if d in found:
            raise RuntimeError(f"dim={d} appears multiple times in the list of dims")
        found.append(d)
    return tuple(sorted(found)) if input.ndim else ()


def _converted(input: Tensor, dtype: Any) -> Tensor:
    return input if dtype is None else input.to(dtype)


# ---- reductions ------------------------------------------------------------------------------------------------------


def sum(input: Tensor, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The sum of what the mask keeps."""
    dtype = dtype or (input.dtype if input.dtype.is_floating_point or input.dtype.is_complex else dtypes.int64)
    kept = _kept(input, mask, 0)
    return fn.sum(kept, _dims(input, dim) or None, bool(keepdim), dtype=dtype)


def prod(
    input: Tensor, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The product of what the mask keeps."""
    dtype = dtype or (input.dtype if input.dtype.is_floating_point or input.dtype.is_complex else dtypes.int64)
    result = _kept(input, mask, 1).to(dtype)
    for d in reversed(_dims(input, dim)):
        result = fn.prod(result, d, bool(keepdim))
    return result


def amax(
    input: Tensor, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The largest of what the mask keeps."""
    if input.dtype.is_complex:
        raise ValueError("amax does not support complex input")
    input = _converted(input, dtype)
    return fn.amax(_kept(input, mask, _low(input.dtype)), _dims(input, dim), bool(keepdim))


def amin(
    input: Tensor, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The smallest of what the mask keeps."""
    if input.dtype.is_complex:
        raise ValueError("amin does not support complex input")
    input = _converted(input, dtype)
    return fn.amin(_kept(input, mask, _high(input.dtype)), _dims(input, dim), bool(keepdim))


def argmax(
    input: Tensor, dim: int | None = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """Where the largest of what the mask keeps stands, in the dtype of the input."""
    input = _converted(input, dtype)
    return fn.argmax(_kept(input, mask, _low(input.dtype)), dim, bool(keepdim)).to(input.dtype)


def argmin(
    input: Tensor, dim: int | None = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """Where the smallest of what the mask keeps stands, in the dtype of the input."""
    input = _converted(input, dtype)
    return fn.argmin(_kept(input, mask, _high(input.dtype)), dim, bool(keepdim)).to(input.dtype)


def _count(input: Tensor, dim: Any, keepdim: bool, mask: Any) -> Tensor:
    """How many elements the mask keeps."""
    ones = fn.ones_like(input, dtype=dtypes.int64)
    return sum(ones, dim, keepdim=keepdim, mask=mask)


def mean(
    input: Tensor, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The mean of what the mask keeps; nan where it keeps nothing."""
    dtype = dtype or input.dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        raise ValueError(f"input dtype={dtype!r} does not support mean; ask for a floating dtype")
    if mask is None:
        return fn.mean(_converted(input, dtype), _dims(input, dim), bool(keepdim))
    total = sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask)
    return total / _count(input, dim, bool(keepdim), mask)


def median(input: Tensor, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The median of what the mask keeps; nan where it keeps nothing."""
    input = _converted(input, dtype)
    if not input.ndim:
        return input if mask is None else _kept(input, mask, float("nan"))
    if mask is None:
        return fn.median(input, dim, keepdim).values
    if not input.dtype.is_floating_point:
        kept = fn.nanmedian(_kept(input.to(dtypes.float64), mask, float("nan")), dim, keepdim).values
        if bool(kept.isnan().any()):
            raise ValueError("masked median expects no fully masked out rows if dtype is integer")
        return kept.to(input.dtype)
    return fn.nanmedian(_kept(input, mask, float("nan")), dim, keepdim).values


def logsumexp(input: Tensor, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The logarithm of the sum of the exponentials of what the mask keeps."""
    input = _converted(input, dtype)
    return fn.logsumexp(_kept(input, mask, _low(input.dtype)), _dims(input, dim), keepdim).to(input.dtype)


def norm(
    input: Tensor, ord: Any = 2.0, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The norm of what the mask keeps, as `torch.linalg.vector_norm` counts it."""
    ord = float(ord)
    kept = _kept(input, mask, INF if ord < 0 else 0)
    return vector_norm(kept, ord, _dims(input, dim) or None, bool(keepdim), dtype=dtype)


def _deviation(input: Tensor, dim: Any, correction: Any, keepdim: Any, dtype: Any, mask: Any) -> Tensor:
    dtype = dtype or input.dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        dtype = dtypes.float32
    count: Any = _count(input, dim, True, mask)
    center = fn.divide(sum(input, dim, keepdim=True, dtype=dtype, mask=mask), count)
    away = _converted(input, dtype) - center
    total = sum(away * away.conj(), dim, keepdim=keepdim, dtype=dtype, mask=mask)
    count = count.reshape(total.shape)
    if correction:
        count = fn.clamp(count - correction, min=0)
    return fn.divide(total, count).real if dtype.is_complex else fn.divide(total, count)


def var(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    *,
    correction: Any = None,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Any = None,
) -> Tensor:
    """The variance of what the mask keeps."""
    return _deviation(input, dim, _correction(unbiased, correction), keepdim, dtype, mask)


def std(
    input: Tensor,
    dim: Any = None,
    unbiased: bool | None = None,
    *,
    correction: Any = None,
    keepdim: bool | None = False,
    dtype: Any = None,
    mask: Any = None,
) -> Tensor:
    """The standard deviation of what the mask keeps."""
    return fn.sqrt(_deviation(input, dim, _correction(unbiased, correction), keepdim, dtype, mask))


def _correction(unbiased: bool | None, correction: Any) -> Any:
    if unbiased is not None and correction is not None:
        raise ValueError("unbiased and correction cannot both be given")
    if unbiased is not None:
        return int(unbiased)
    return 1 if correction is None else correction


# ---- along a dim -----------------------------------------------------------------------------------------------------


def cumsum(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The sums of what the mask keeps so far."""
    return fn.cumsum(_kept(input, mask, 0), dim, dtype=dtype or input.dtype)


def cumprod(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The products of what the mask keeps so far."""
    return fn.cumprod(_kept(input, mask, 1), dim, dtype=dtype or input.dtype)


def softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Exponentials that sum to 1, of what the mask keeps; 0 elsewhere."""
    input = _converted(input, dtype)
    return fn.softmax(_kept(input, mask, -INF), dim)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The logarithm of `softmax`."""
    input = _converted(input, dtype)
    return fn.log_softmax(_kept(input, mask, -INF), dim)


def softmin(input: Tensor, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """`softmax` of the negated input."""
    input = _converted(input, dtype)
    return fn.softmax(-_kept(input, mask, INF), dim)


def normalize(input: Tensor, ord: Any, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None) -> Tensor:
    """What the mask keeps, divided by its norm; 0 elsewhere."""
    input = _converted(input, dtype)
    size = norm(input, ord, dim, keepdim=True, mask=mask)
    return _kept(input, mask, 0) / fn.maximum(size, fn.scalar_tensor(eps, dtype=size.dtype))


def logaddexp(
    input: Tensor, other: Tensor, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None
) -> Tensor:
    """The logarithm of the sum of two exponentials, each of which a mask may leave out."""
    input, other = _converted(input, dtype), _converted(other, dtype)
    return fn.logaddexp(_kept(input, input_mask, -INF), _kept(other, other_mask, -INF))


# ---- masks -----------------------------------------------------------------------------------------------------------

_REDUCTIONS = frozenset("sum prod amax amin argmax argmin mean median norm var std logsumexp".split())


def _input_mask(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """The mask in the shape of the input; all true where there is none."""
    mask = kwargs.get("mask")
    if mask is None:
        return fn.ones_like(input, dtype=dtypes.bool_)
    _check_mask(input, mask)
    return mask.to(dtypes.bool_).expand(input.shape)


def _output_mask(op: Any, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Where the result of a function of this module has a meaning: where the mask keeps something."""
    mask = _input_mask(input, *args, **kwargs)
    name = op.__name__
    if name not in _REDUCTIONS:
        return mask
    given = args[1:] if name == "norm" else args
    dim = given[0] if given else kwargs.get("dim", -1 if name == "median" else None)
    keepdim = bool(kwargs.get("keepdim", False))
    for d in reversed(_dims(input, dim)):
        mask = mask.any(d, keepdim)
    return mask


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, __all__)
