"""Sorting, and selecting by rank: sort, topk, medians, quantiles, modes."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from .. import rows
from ..outputs import write_result
from ..public import FUNCTIONS, public
from ..return_types import named
from ..tensor import Tensor, numbers
from .arguments import check_apart, mismatch
from .reduction import check_keepdim, check_not_empty, one_integer, pair

_sort_dim, _topk_dim, _kthvalue_dim, _mode_dim = (pair(f"{name}_dim") for name in ("sort", "topk", "kthvalue", "mode"))
_MEDIANS = {name: pair(f"{name}_dim") for name in ("median", "nanmedian")}

_SORT = """ * (Tensor input, *, bool stable, int dim = -1, bool descending = False, tuple of Tensors out = None)
 * (Tensor input, int dim = -1, bool descending = False, *, tuple of Tensors out = None)
"""


def integer_dim(name: str, input: Tensor, dim: Any, position: int = 2) -> int:
    """A dim that must be one number, judged against the tensor."""
    dim = one_integer(name, "dim", position, dim)
    shapes.one_dim(dim, input._array.ndim)
    return dim


def refuse(name: str, input: Tensor, kernel: str, bools: bool = True) -> None:
    """Raise for what has no order."""
    dtype = input._kind.dtype
    if dtype.is_complex or (bools and dtype is dtypes.bool_):
        raise errors.not_for_dtype(kernel, dtype)


# ---- sort ------------------------------------------------------------------------------------------------------------


@public(out="exact")
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> Any:
    """The sorted values along `dim`, and the indices where they stood, as (values, indices).

    A nan counts as larger than everything; equal values keep their order.

    >>> sort(tensor([3., 1., 2.])).indices
    tensor([1, 2, 0])
    """
    if type(dim) is bool or type(descending) is not bool:
        raise mismatch("sort", (input, dim, descending), _SORT)
    try:
        dim = one_integer("sort", "dim", 2, dim)
    except TypeError:
        raise mismatch("sort", (input, dim), _SORT) from None
    if input._kind.dtype.is_complex:
        raise RuntimeError(" Sort does not support complex dtypes on CPU")
    if stable:
        return named("sort")(rows.sort_stable(input, dim, descending))
    return _sort_dim(input, dim, descending)


@public()
def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The indices that sort along `dim`. Equal values keep their order.

    >>> argsort(tensor([3., 1., 2.]))
    tensor([1, 2, 0])
    """
    return sort(input.detach(), dim, descending)[1]


@public(out="exact")
def msort(input: Tensor) -> Tensor:
    """The values sorted along the first dim.

    >>> msort(tensor([3., 1., 2.]))
    tensor([1., 2., 3.])
    """
    return sort(input, 0)[0]


@public(out="exact")
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) values along `dim`, in order, and their indices, as (values, indices).

    Raises RuntimeError for more values than there are.

    >>> topk(tensor([1., 5., 3.]), 2).values
    tensor([5., 3.])
    """
    k = one_integer("topk", "k", 2, k)
    dim = integer_dim("topk", input, dim, 3)
    dtype = input._kind.dtype
    if dtype.is_complex or dtype is dtypes.bool_:
        what = " topk does not support complex" if dtype.is_complex else "topk does not support bool"
        raise RuntimeError(f"{what} dtypes on CPU")
    shape = input._array.shape
    have = shape[dim] if shape else 1
    if not 0 <= k <= have:
        raise RuntimeError(f"selected index k out of range\n  k is {k}, and there are {have} values along dim {dim}.")
    return _topk_dim(input, k, dim, largest)


@public()
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """The k-th smallest value along `dim`, counted from 1, and its index, as (values, indices).

    >>> kthvalue(tensor([3., 1., 2.]), 2)
    torch.return_types.kthvalue(
    values=tensor(2.),
    indices=tensor(2))
    """
    k = one_integer("kthvalue", "k", 2, k)
    dim = integer_dim("kthvalue", input, dim, 3)
    check_keepdim("kthvalue", keepdim, 4)
    check_not_empty("kthvalue", input, (dim,))
    refuse("kthvalue", input, "kthvalue_cpu")
    shape = input._array.shape
    if not 1 <= k <= (shape[dim] if shape else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim % max(len(shape), 1)}")
    result = _kthvalue_dim(input, k, dim, keepdim)
    if out is None:
        return result
    values, indices = out
    if indices.dtype is not dtypes.int64:
        raise RuntimeError("output indices must be of scalar type Long")
    check_apart(values, input)
    return write_result("kthvalue", result, out, exact=True)


# ---- medians and modes -----------------------------------------------------------------------------------------------


def _median(name: str, input: Tensor, dim: Any, keepdim: Any) -> Any:
    refuse(name, input, "median_cpu")
    if dim is None:
        if not input._array.size:
            return FUNCTIONS["full"]((), float("nan"), dtype=input.dtype, device=input.device)
        return getattr(rows, f"{name}_all")(input)
    dim = integer_dim(name, input, dim)
    check_keepdim(name, keepdim)
    check_not_empty(name, input, (dim,))
    return _MEDIANS[name](input, dim, keepdim)


@public(out="exact")
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The median of everything; or (values, indices) along `dim`. Of two middle values the lower; nan if one is nan.

    >>> median(tensor([1., 4., 2., 3.]))
    tensor(2.)
    """
    return _median("median", input, dim, keepdim)


@public(out="exact")
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The median of what is not nan; or (values, indices) along `dim`. Of two middle values the lower.

    >>> nanmedian(tensor([1., nan, 3.]))
    tensor(1.)
    """
    return _median("nanmedian", input, dim, keepdim)


@public(out="exact")
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent value along `dim`, the smallest of several, and an index of it, as (values, indices).

    >>> mode(tensor([3, 1, 1, 3, 2])).values
    tensor(1)
    """
    dim = integer_dim("mode", input, dim)
    check_keepdim("mode", keepdim)
    check_not_empty("mode", input, (dim,))
    refuse("mode", input, "mode_cpu", bools=False)
    return _mode_dim(input, dim, keepdim)


# ---- quantiles -------------------------------------------------------------------------------------------------------

_BETWEEN = ("linear", "lower", "higher", "midpoint", "nearest")


def _levels(input: Tensor, q: Any) -> Tensor:
    """The argument q as a tensor, checked."""
    if isinstance(q, Tensor):
        if q.ndim > 1:
            raise RuntimeError("quantile() q must be a scalar or 1D tensor")
        if q.dtype is not input.dtype:
            raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
        if q._array.size and not (numbers(q._array).min() >= 0 and numbers(q._array).max() <= 1):
            raise RuntimeError("quantile() q values must be in the range [0, 1]")
        return q
    if not 0 <= q <= 1:
        raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
    return FUNCTIONS["full"]((), float(q), dtype=input.dtype, device=input.device)


def _quantile(name: str, input: Tensor, q: Any, dim: Any, keepdim: bool, interpolation: str) -> Tensor:
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    levels = _levels(input, q)
    if interpolation not in _BETWEEN:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}"
        )
    if not input._array.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    ndim = input.ndim
    axis = None if dim is None else shapes.one_dim(one_integer(name, "dim", 3, dim), ndim)
    flat = input.reshape(-1) if axis is None or not ndim else input.movedim(axis, -1)
    ordered = rows.sort_dim(flat, -1, False)[0]
    result = _between(ordered, _ranks(ordered, levels, name == "nanquantile"), interpolation)
    if keepdim and ndim:
        result = result.reshape(*(1,) * ndim, -1) if axis is None else result.unsqueeze(axis)
    return result.movedim(-1, 0) if levels.ndim else result.squeeze(-1)


def _ranks(ordered: Tensor, levels: Tensor, skip_nan: bool) -> Tensor:
    """Where the quantiles stand in the sorted values, nan being last: (*, number of levels)."""
    n = ordered.shape[-1]
    levels = levels.reshape(-1)
    lost = ordered.detach().isnan()
    if skip_nan:
        kept = (~lost).sum(-1, keepdim=True)
        return levels * (kept - 1).clamp(min=0)
    ranks = (levels * (n - 1)).expand(*ordered.shape[:-1], levels.shape[0])
    return ranks.masked_fill(lost.any(-1, keepdim=True), n - 1)


def _between(ordered: Tensor, ranks: Tensor, interpolation: str) -> Tensor:
    """The values at ranks that need not be whole numbers."""
    if interpolation in ("lower", "higher", "nearest"):
        how = {"lower": "floor", "higher": "ceil", "nearest": "round"}[interpolation]
        return ordered.gather(-1, getattr(ranks, how)().to(dtypes.int64))
    below = ranks.detach().floor()
    low = ordered.gather(-1, below.to(dtypes.int64))
    high = ordered.gather(-1, ranks.detach().ceil().to(dtypes.int64))
    weights = ranks - below if interpolation == "linear" else FUNCTIONS["full_like"](ranks.detach(), 0.5)
    return FUNCTIONS["lerp"](low, high, weights)


@public(out="exact")
def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The values below which a share `q` of the elements lies, over `dim` or all; nan if there is a nan.

    q: a number, or a tensor (n,) in the dtype of `input`, which gives a result with a first dim of n. interpolation:
    "linear", "lower", "higher", "midpoint" or "nearest".

    >>> quantile(tensor([1., 2., 3., 4.]), 0.5)
    tensor(2.5000)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


@public(out="exact")
def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """What `quantile` gives for the elements that are not nan.

    >>> nanquantile(tensor([1., nan, 3.]), 0.5)
    tensor(2.)
    """
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)
