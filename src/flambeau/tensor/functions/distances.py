"""Distances between tensors and between rows, and slices brought to a norm."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...ops import shapes
from .. import rows
from ..operands import result_dtype, type_name
from ..public import public
from ..tensor import Tensor
from .reduction import in_dtype, is_floating

_MODES = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")


def _order(p: Any) -> Any:
    """An order as an int where it is one."""
    p = float(p)
    return int(p) if p.is_integer() else p


@public()
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The norm of order `p` of `input - other`. Shapes broadcast.

    >>> dist(tensor([1., 2.]), tensor([4., 6.]))
    tensor(5.)
    """
    if not isinstance(other, Tensor):
        raise TypeError(f"dist(): argument 'other' (position 2) must be Tensor, not {type_name(other)}")
    dtype = result_dtype((input, other))
    if not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(
            f"norm(): input dtype should be either floating point or complex. Got {dtype.scalar_name} instead."
        )
    return rows.dist_of(in_dtype(input, dtype), in_dtype(other, dtype), _order(p))


@public(method=False)
def cdist(
    x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary"
) -> Tensor:
    """The distances of order `p` between rows: x1 (*, P, M) and x2 (*, R, M) give (*, P, R). Batches broadcast.

    >>> cdist(tensor([[0., 0.]]), tensor([[3., 4.], [0., 1.]]))
    tensor([[5., 1.]])
    """
    if compute_mode is not None and compute_mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    for name, x in (("X1", x1), ("X2", x2)):
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    for name, x in (("X1", x1), ("X2", x2)):
        if not x.dtype.is_floating_point:
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {x.dtype.scalar_name}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if x1.dtype is not x2.dtype:
        raise RuntimeError(f"expected scalar type {x1.dtype.scalar_name} but found {x2.dtype.scalar_name}")
    if x1._kind.half:
        raise errors.not_for_dtype("cdist", x1.dtype)
    many = x1.shape[-2] > 25 or x2.shape[-2] > 25
    product = p == 2 and compute_mode != _MODES[2] and (many or compute_mode == _MODES[1])
    batch = shapes.broadcast(x1.shape[:-2], x2.shape[:-2])
    if batch is None:
        raise errors.broadcast(("x1", "x2"), (tuple(x1.shape[:-2]), tuple(x2.shape[:-2])))
    return rows.cdist_of(x1, x2, _order(p), bool(product and x1.shape[-1]))


@public(method=False)
def pdist(input: Tensor, p: float = 2) -> Tensor:
    """The distances of order `p` between all pairs of different rows: (N, M) to (N * (N - 1) / 2,).

    >>> pdist(tensor([[0., 0.], [3., 4.], [0., 4.]]))
    tensor([5., 4., 3.])
    """
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not input.dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    if input._kind.half:
        raise errors.not_for_dtype("pdist", input.dtype)
    return rows.pdist_of(input, _order(p))


@public(out="exact", inplace=True)
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Each slice along `dim` whose norm of order `p` is above `maxnorm`, shrunk to that norm.

    >>> renorm(tensor([[3., 4.], [0., 1.]]), 2, 0, 1.)
    tensor([[0.6000, 0.8000],
            [0.0000, 1.0000]])
    """
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if input.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions")
    shapes.one_dim(dim, input.ndim)
    if not is_floating(input):
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {input.dtype.scalar_name}"
        )
    return rows.renorm_of(input, _order(p), dim, float(maxnorm))
