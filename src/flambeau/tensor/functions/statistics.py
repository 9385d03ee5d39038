"""Spreads, norms, log-sum-exp, covariance: reductions of floating-point numbers."""

from __future__ import annotations

import warnings
from typing import Any

from ... import config, dtypes
from ...ops import shapes
from .. import rows
from ..public import FUNCTIONS, public
from ..tensor import Tensor, numbers
from .reduction import check_keepdim, in_dtype, is_floating, several_dims

# ---- standard deviation and variance ---------------------------------------------------------------------------------


def _spread(name: str, input: Tensor, dim: Any, unbiased: Any, keepdim: bool, correction: Any) -> Any:
    """What the four functions share: `unbiased` may come in the place of `dim`, and is short for a correction of 1."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if not is_floating(input):
        what = name if name.endswith("_mean") else "std and var"
        raise RuntimeError(f"{what} only support floating point and complex dtypes")
    signatures = _SPREAD if not isinstance(dim, (int, tuple, list, Tensor, type(None))) else None
    dims = several_dims(name, input, dim, signatures)
    check_keepdim(name, keepdim, 4)
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    shape = input._array.shape
    axes = shapes.dims(dims, len(shape))
    terms = shapes.numel(shape if axes is None else [shape[a] for a in axes])
    if terms - correction <= 0:
        warnings.warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
            "(input numel divided by output numel).",
            stacklevel=4,
        )
    return getattr(rows, f"{name}_dims")(input, dims, correction, keepdim)


_SPREAD = """ * (Tensor input, tuple of ints dim, bool unbiased = True, bool keepdim = False, *, Tensor out = None)
 * (Tensor input, tuple of ints dim = None, *, Number correction = None, bool keepdim = False, Tensor out = None)
 * (Tensor input, bool unbiased = True)
"""


@public(out=True)
def std(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """The standard deviation over `dim` (a number, several, or all): the root of `var`.

    >>> std(tensor([1., 2., 3.]))
    tensor(1.)
    """
    return _spread("std", input, dim, unbiased, keepdim, correction)


@public(out=True)
def var(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """The variance over `dim` (a number, several, or all): squared deviations, summed, over `count - correction`.

    correction: 1 by default. unbiased: an older name for a correction of 1 (True) or 0 (False).

    >>> var(tensor([1., 2., 3.]), correction=0)
    tensor(0.6667)
    """
    return _spread("var", input, dim, unbiased, keepdim, correction)


@public(method=False)
def std_mean(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean over `dim`.

    >>> std_mean(tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return _spread("std_mean", input, dim, unbiased, keepdim, correction)


@public(method=False)
def var_mean(
    input: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None
) -> tuple[Tensor, Tensor]:
    """The variance and the mean over `dim`.

    >>> var_mean(tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return _spread("var_mean", input, dim, unbiased, keepdim, correction)


# ---- norms -----------------------------------------------------------------------------------------------------------


def vector_norm(input: Tensor, ord: Any, dim: Any, keepdim: bool, dtype: Any = None) -> Tensor:
    """The vector norm over some dims, as `torch.linalg.vector_norm` computes it, errors included."""
    found = input._kind.dtype
    if not is_floating(input):
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {found.scalar_name}"
        )
    dims = several_dims("linalg.vector_norm", input, dim)
    shape = input._array.shape
    axes = shapes.dims(dims, len(shape))
    ord = float(ord)
    if 0 in (shape if axes is None else [shape[a] for a in axes]) and (ord < 0 or ord == float("inf")):
        empty = next((a for a in axes or () if not shape[a]), 0)
        what = (
            "an empty tensor because the operation does not have an identity"
            if axes is None
            else f"the dimension {empty}because this dimension is empty and the operation does not have an identity"
        )
        raise RuntimeError(f"linalg.vector_norm cannot compute the {ord:g} norm on {what}")
    return rows.vector_norm(in_dtype(input, dtype), int(ord) if ord.is_integer() else ord, dims, keepdim)


@public(out="exact")
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """The norm of order `p` over `dim`, or of everything taken as a vector.

    p: a number, inf and -inf included; "fro", the square root of the sum of squares; or "nuc", the sum of the singular
    values of a matrix.

    >>> norm(tensor([3., 4.]))
    tensor(5.)
    """
    if p is None or p == "fro":
        return vector_norm(input, 2, dim, keepdim, dtype)
    if isinstance(p, str):
        dims = (0, 1) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
        if p != "nuc":
            raise RuntimeError(f"linalg.matrix_norm: Order {p} not supported.")
        if len(dims) != 2:
            raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dims))}")
        return _nuclear(in_dtype(input, dtype), dims, keepdim)
    return vector_norm(input, p, dim, keepdim, dtype)


def _nuclear(input: Tensor, dims: tuple[int, int], keepdim: bool) -> Tensor:
    axes = tuple(shapes.one_dim(d, input.ndim) for d in dims)
    total = FUNCTIONS["svd"](input.movedim(axes, (-2, -1)))[1].sum(-1)
    return total.reshape(shapes.without(input.shape, axes, True)) if keepdim else total


@public(out=True)
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """`log(sum(exp(input), dim))`, without overflow. Integers give the default float.

    >>> logsumexp(tensor([0., 0.]), 0)
    tensor(0.6931)
    """
    if dim is None:
        raise TypeError("logsumexp(): argument 'dim' (position 2) must be tuple of ints, not NoneType")
    dims = several_dims("logsumexp", input, dim)
    check_keepdim("logsumexp", keepdim)
    return rows.logsumexp_dims(input, dims, keepdim)


@public()
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many values over `dim` (a number, several, or all) are not zero. int64.

    >>> count_nonzero(tensor([0., 1., 2.]))
    tensor(2)
    """
    return rows.count_nonzero_dims(input, several_dims("count_nonzero", input, dim))


# ---- covariance ------------------------------------------------------------------------------------------------------


def _weights(name: str, w: Any, integral: bool, count: int) -> None:
    """Judge an argument of weights of `cov`."""
    if w.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w.ndim} dimensions"
        )
    if integral and (w.dtype.is_floating_point or w.dtype.is_complex or w.dtype is dtypes.bool_):
        raise RuntimeError(
            f"cov(): expected fweights to have integral dtype but got fweights with {w.dtype.scalar_name} dtype"
        )
    if not integral and not w.dtype.is_floating_point:
        raise RuntimeError(
            f"cov(): expected aweights to have floating point dtype but got aweights with {w.dtype.scalar_name} dtype"
        )
    if w.numel() != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got "
            f"{w.numel()} != {count}"
        )
    if count and numbers(w._array).min() < 0:
        raise RuntimeError(f"cov(): {name} cannot be negative")


@public()
def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariance matrix of variables in rows, observed in columns: (n, m) to (n, n); of one variable its variance.

    fweights: (m,), how often each observation counts. aweights: (m,), how much it counts.

    >>> cov(tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions"
        )
    if input.dtype is dtypes.bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input.reshape(1, -1) if input.ndim < 2 else input
    x = x if is_floating(x) else x.to(config.default_dtype())
    n = x.shape[1]
    for name, given in (("fweights", fweights), ("aweights", aweights)):
        if given is not None:
            _weights(name, given, name == "fweights", n)
    w = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    if w is None:
        total: Any = n
        mean = x.sum(1, True) / n if n else x.sum(1, True) * float("nan")
        free: Any = n - correction
    else:
        total = w.sum()
        if n and total._array == 0:
            raise RuntimeError("cov(): weights sum to zero, can't be normalized")
        mean = (x * w).sum(1, True) / total
        spread = total if aweights is None or not correction else (w * aweights).sum() / total
        free = total - correction * (1 if aweights is None else spread) if correction else total
    if free <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.",
            stacklevel=3,
        )
        free = 0 if w is None else free * 0
    x = x - mean
    products = x @ (x if w is None else x * w).conj().t()
    return (products / free).squeeze()


@public()
def corrcoef(input: Tensor) -> Tensor:
    """The correlation matrix of variables in rows, observed in columns: `cov` divided by both standard deviations.

    >>> corrcoef(tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions"
        )
    c = cov(input)
    if not c.ndim:
        return c / c
    d = FUNCTIONS["diagonal"](c) if "diagonal" in FUNCTIONS else rows.diagonal(c)
    deviation = (FUNCTIONS["real"](d) if c.dtype.is_complex else d).sqrt()
    c = c / deviation.unsqueeze(1) / deviation.unsqueeze(0)
    if c.dtype.is_complex:
        return FUNCTIONS["complex"](FUNCTIONS["real"](c).clamp(-1, 1), FUNCTIONS["imag"](c).clamp(-1, 1))
    return c.clamp(-1, 1)
