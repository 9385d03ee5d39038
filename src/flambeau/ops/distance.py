"""Vector norms and distances: one gradient rule for every order."""

from __future__ import annotations

from . import shapes
from .reduce import hidden, restore, squared_size


def norm_of(xp, x, ord, axes, keepdims):
    """The norm of some order over some axes (None: all)."""
    if ord == 2:
        return xp.sqrt(sum_of_squares_of(xp, x, axes, keepdims))
    size = xp.abs(x)
    if ord == float("inf"):
        return xp.max(size, axis=axes, keepdims=keepdims)
    if ord == -float("inf"):
        return xp.min(size, axis=axes, keepdims=keepdims)
    if ord == 0:
        return xp.sum(xp.astype(size != 0, size.dtype), axis=axes, keepdims=keepdims)
    if ord == 1:
        return xp.sum(size, axis=axes, keepdims=keepdims)
    return xp.pow(xp.sum(xp.pow(size, ord), axis=axes, keepdims=keepdims), 1 / ord)


def sum_of_squares_of(xp, x, axes, keepdims):
    """The sum of `|x|**2`, for complex numbers too."""
    if xp.is_complex(x):
        return xp.sum(squared_size(xp, x), axis=axes, keepdims=keepdims)
    return xp.sum_of_squares(x, axis=axes, keepdims=keepdims)


@hidden(input=lambda xp, g, input, axis, keepdims: 2 * input * restore(xp, g, input.shape, axis, keepdims))
def sum_of_squares(xp, input, axis: tuple | None = None, keepdims=False):
    """The sum of the squares of real numbers over some dims."""
    return xp.sum_of_squares(input, axis=axis, keepdims=keepdims)


def norm_slope(xp, g, x, norm, ord, axes):
    """The gradient of a norm, 0 where the norm is 0. `g` and `norm` have the reduced axes with size 1."""
    if ord == 0:
        return xp.zeros_like(x)
    if ord == 1:
        return g * xp.sign(x)
    if ord in (float("inf"), -float("inf")):
        size = xp.abs(x)
        hits = xp.astype(xp.logical_or(size == norm, xp.isnan(size)), norm.dtype)
        return xp.sign(x) * (g * hits / xp.sum(hits, axis=axes, keepdims=True))
    none = norm == 0
    safe = xp.where(none, xp.ones_like(norm), norm)
    scale = xp.where(none, xp.zeros_like(g), g)
    if ord == 2:
        return x * (scale / safe)
    scale = scale * xp.pow(safe, 1 - ord)
    if ord > 2:
        return x * xp.pow(xp.abs(x), ord - 2) * scale
    zero = x == 0
    size = xp.where(zero, xp.ones_like(xp.abs(x)), xp.abs(x))
    return xp.where(zero, xp.zeros_like(x), xp.sign(x) * xp.pow(size, ord - 1) * scale)


def _kept(xp, g, shape, dim, keepdim):
    """A reduced array with its dims back, with size 1."""
    if not len(shape) or (keepdim and dim is not None):
        return g
    axes = range(len(shape)) if dim is None else shapes.dims(dim, len(shape))
    return xp.reshape(g, shapes.without(shape, axes, True))


def _norm_rule(xp, g, input, out, ord, dim, keepdim):
    shape = input.shape
    axes = shapes.dims(dim, len(shape))
    return norm_slope(xp, _kept(xp, g, shape, dim, keepdim), input, _kept(xp, out, shape, dim, keepdim), ord, axes)


@hidden(input=_norm_rule, node="LinalgVectorNorm")
def vector_norm(xp, input, ord=2, dim: tuple | None = None, keepdim=False):
    """The norm of order `ord` over some dims, all if None."""
    return norm_of(xp, input, ord, shapes.dims(dim, input.ndim), keepdim)


# ---- distances -------------------------------------------------------------------------------------------------------


def _dist_rule(xp, g, input, other, out, p):
    slope = norm_slope(xp, g, input - other, out, p, None)
    return slope, -slope


@hidden(joint=_dist_rule, node="Dist")
def dist_of(xp, input, other, p=2):
    """The norm of order `p` of the difference of two arrays."""
    return norm_of(xp, input - other, p, None, False)


def _pairs(xp, n):
    """The two row numbers of each pair, in order."""
    first, second = xp.nonzero(xp.triu(xp.ones((n, n)), k=1))
    return first, second


def _pdist_rule(xp, g, input, out, p):
    first, second = _pairs(xp, input.shape[0])
    slope = norm_slope(
        xp, xp.expand_dims(g, axis=-1), _pair_differences(xp, input), xp.expand_dims(out, axis=-1), p, (-1,)
    )
    zeros = xp.zeros(input.shape, dtype=g.dtype)
    return xp.put(xp.put(zeros, (first,), slope, accumulate=True), (second,), -slope, accumulate=True)


def _pair_differences(xp, x):
    first, second = _pairs(xp, x.shape[0])
    return xp.take(x, first, axis=0) - xp.take(x, second, axis=0)


@hidden(input=_pdist_rule, node="Pdist")
def pdist_of(xp, input, p=2):
    """The distances of order `p` between all pairs of different rows."""
    if not input.shape[1]:
        return xp.sum(_pair_differences(xp, input), axis=-1)
    return norm_of(xp, _pair_differences(xp, input), p, (-1,), False)


def differences(xp, x1, x2):
    """Each row of `x1` minus each row of `x2`: (*, P, M) and (*, R, M) to (*, P, R, M)."""
    return xp.expand_dims(x1, axis=-2) - xp.expand_dims(x2, axis=-3)


def _cdist_rule(xp, g, x1, x2, out, p):
    if p == 2:
        # without the differences, which need M times the memory of the distances
        near = out == 0
        pull = xp.where(near, xp.zeros_like(g), g / xp.where(near, xp.ones_like(out), out))
        other = xp.matrix_transpose(pull)
        return (
            xp.sum(pull, axis=-1, keepdims=True) * x1 - xp.matmul(pull, x2),
            xp.sum(other, axis=-1, keepdims=True) * x2 - xp.matmul(other, x1),
        )
    slope = norm_slope(xp, xp.expand_dims(g, axis=-1), differences(xp, x1, x2), xp.expand_dims(out, axis=-1), p, (-1,))
    return xp.sum(slope, axis=-2), -xp.sum(slope, axis=-3)


@hidden(joint=_cdist_rule, node="Cdist")
def cdist_of(xp, x1, x2, p=2, product=False):
    """The distances of order `p` between the rows of `x1` and of `x2`; by a matrix product if asked for, p being 2."""
    if not product:
        if not x1.shape[-1]:
            return xp.sum(differences(xp, x1, x2), axis=-1)
        return norm_of(xp, differences(xp, x1, x2), p, (-1,), False)
    # |a - b|² = |a|² - 2ab + |b|² loses digits where a is near b: so in double precision
    a, b = xp.astype(x1, xp.float64), xp.astype(x2, xp.float64)
    squares = xp.sum(a * a, axis=-1, keepdims=True) + xp.matrix_transpose(xp.sum(b * b, axis=-1, keepdims=True))
    squares = squares - 2 * xp.matmul(a, xp.matrix_transpose(b))
    return xp.astype(xp.sqrt(xp.where(squares < 0, xp.zeros_like(squares), squares)), x1.dtype)


# ---- renorm ----------------------------------------------------------------------------------------------------------

# what PyTorch adds to a norm before it divides by it
_TINY = 1e-7


def _others(ndim, dim):
    kept = shapes.one_dim(dim, ndim)
    return tuple([a for a in range(ndim) if a != kept])


def _factor(xp, norm, maxnorm):
    return xp.where(norm > maxnorm, maxnorm / (norm + _TINY), xp.ones_like(norm))


def _renorm_rule(xp, g, input, p, dim, maxnorm):
    axes = _others(input.ndim, dim)
    norm = norm_of(xp, input, p, axes, True)
    pull = squared_product(xp, g, input, axes)
    change = xp.where(norm > maxnorm, -maxnorm / ((norm + _TINY) * (norm + _TINY)), xp.zeros_like(norm))
    return g * _factor(xp, norm, maxnorm) + norm_slope(xp, pull * change, input, norm, p, axes)


def squared_product(xp, g, x, axes):
    """The real inner product over some axes, which stay."""
    product = g * xp.conj(x)
    return xp.sum(xp.real(product) if xp.is_complex(product) else product, axis=axes, keepdims=True)


@hidden(input=_renorm_rule, node="Renorm")
def renorm_of(xp, input, p: float, dim: int, maxnorm: float):
    """Each slice along `dim` whose norm of order `p` is above `maxnorm`, shrunk to that norm."""
    return input * _factor(xp, norm_of(xp, input, p, _others(input.ndim, dim), True), maxnorm)
