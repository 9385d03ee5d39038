"""Reductions: sums, means, products, extremes, spreads, norms, and what is true of all or any.

`dim` is a tuple of dims or None, which means all of them. The rows are called by `tensor/functions/reduction.py`, which
knows PyTorch's signatures.
"""

from __future__ import annotations

from . import shapes
from .table import op


def hidden(**options):
    """A row that public functions call, and users do not."""
    return op(public=False, method=False, **options)


def restore(xp, g, shape, dim, keepdim):
    """Spread a reduced gradient over the shape that was reduced."""
    if dim is not None and len(shape) and not keepdim:
        g = xp.reshape(g, shapes.without(shape, shapes.dims(dim, len(shape)), True))
    return xp.spread(g, shape)


def count(shape, dim):
    """How many elements each result of a reduction stands for."""
    axes = shapes.dims(dim, len(shape))
    return shapes.numel(shape if axes is None else [shape[a] for a in axes])


def slab(ndim, axis, part):
    """The index that takes a slice along one axis."""
    return (slice(None),) * axis + (part,) + (slice(None),) * (ndim - axis - 1)


# ---- sums and means --------------------------------------------------------------------------------------------------


@hidden(input=lambda xp, g, input_shape: restore(xp, g, input_shape, None, False), node="Sum")
def sum_all(xp, input):
    """The sum of everything."""
    return xp.sum(input)


@hidden(input=lambda xp, g, input_shape, dim, keepdim: restore(xp, g, input_shape, dim, keepdim), node="SumBackward1")
def sum_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """The sum over some dims, all if None. Integers have been widened to int64."""
    return xp.sum(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden()
def sum_integers(xp, input, dim: tuple | None = None, keepdim=False):
    """The sum over some dims of integers or bools, as int64."""
    return xp.sum(input, axis=shapes.dims(dim, input.ndim), dtype=xp.int64, keepdims=keepdim)


@hidden(
    input=lambda xp, g, input_shape: restore(xp, g / max(count(input_shape, None), 1), input_shape, None, False),
    node="Mean",
)
def mean_all(xp, input):
    """The mean of everything."""
    return xp.mean(input)


@hidden(
    input=lambda xp, g, input_shape, dim, keepdim: restore(
        xp, g / max(count(input_shape, dim), 1), input_shape, dim, keepdim
    ),
    node="MeanBackward1",
)
def mean_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """The mean over some dims, all if None."""
    return xp.mean(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden(
    input=lambda xp, g, input, dim, keepdim: xp.where(
        xp.isnan(input), xp.zeros_like(input), restore(xp, g, input.shape, dim, keepdim)
    ),
    node="Nansum",
)
def nansum_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """The sum over some dims of what is not nan."""
    kept = xp.where(xp.isnan(input), xp.zeros_like(input), input)
    return xp.sum(kept, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


# ---- products --------------------------------------------------------------------------------------------------------


def products_of_others(xp, x, axis):
    """For each element the product of all others along an axis, without a division, so that zeros do no harm."""
    n = x.shape[axis]
    if n == 0:
        return x
    one = xp.ones_like(x[slab(x.ndim, axis, slice(0, 1))])
    before = xp.cumulative_prod(xp.concat([one, x[slab(x.ndim, axis, slice(0, n - 1))]], axis=axis), axis=axis)
    flipped = xp.flip(x, axis=axis)
    after = xp.cumulative_prod(xp.concat([one, flipped[slab(x.ndim, axis, slice(0, n - 1))]], axis=axis), axis=axis)
    return before * xp.flip(after, axis=axis)


def _prod_all_rule(xp, g, input):
    flat = xp.reshape(input, (-1,)) if count(input.shape, None) else input
    others = products_of_others(xp, flat, 0) if flat.ndim else xp.ones_like(flat)
    return xp.reshape(xp.conj(others) * g, input.shape)


@hidden(input=_prod_all_rule, node="Prod")
def prod_all(xp, input):
    """The product of everything."""
    return xp.prod(input)


def _prod_rule(xp, g, input, dim, keepdim):
    if not input.ndim:
        return xp.reshape(g, ())
    axis = shapes.one_dim(dim, input.ndim)
    return restore(xp, g, input.shape, (axis,), keepdim) * xp.conj(products_of_others(xp, input, axis))


@hidden(input=_prod_rule, node="ProdBackward1")
def prod_dim(xp, input, dim: int, keepdim=False):
    """The product along a dim."""
    return xp.prod(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden()
def prod_integers(xp, input, dim: int | None = None, keepdim=False):
    """The product along a dim, or of everything, of integers or bools, as int64."""
    return xp.prod(input, axis=shapes.dims(dim, input.ndim), dtype=xp.int64, keepdims=keepdim)


# ---- extremes --------------------------------------------------------------------------------------------------------


def shared(xp, g, input, extreme):
    """A gradient, shared evenly by all elements that are the extreme of everything; nan is one too."""
    hits = xp.astype(xp.logical_or(input == extreme, xp.logical_and(xp.isnan(input), xp.isnan(extreme))), input.dtype)
    return g * hits / xp.sum(hits)


def _extreme_rule(xp, g, input, out, dim, keepdim):
    """Ties share the gradient evenly; that of a nan is nan, as in PyTorch."""
    hits = xp.astype(input == restore(xp, out, input.shape, dim, keepdim), input.dtype)
    total = xp.sum(hits, axis=shapes.dims(dim, input.ndim), keepdims=True)
    return restore(xp, g, input.shape, dim, keepdim) * hits / total


def _extreme_all_rule(xp, g, input, out):
    return shared(xp, g, input, out)


@hidden(input=_extreme_rule)
def amax(xp, input, dim: tuple | None = None, keepdim=False):
    """The largest value over some dims. Ties share the gradient."""
    return xp.max(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden(input=_extreme_rule)
def amin(xp, input, dim: tuple | None = None, keepdim=False):
    """The smallest value over some dims. Ties share the gradient."""
    return xp.min(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden(input=_extreme_all_rule, node="MaxBackward1")
def max_all(xp, input):
    """The largest of all values. Ties share the gradient."""
    return xp.max(input)


@hidden(input=_extreme_all_rule, node="MinBackward1")
def min_all(xp, input):
    """The smallest of all values. Ties share the gradient."""
    return xp.min(input)


def chosen_rule(xp, g, out, input_shape, dim, keepdim):
    """The gradient of values picked along a dim goes to where they were picked."""
    if not len(input_shape):
        return xp.reshape(g[0], ())
    axis = shapes.one_dim(dim, len(input_shape))
    values, indices = g[0], out[1]
    if not keepdim:
        values, indices = xp.expand_dims(values, axis=axis), xp.expand_dims(indices, axis=axis)
    return xp.spread_along(values, indices, dim=axis, size=input_shape[axis])


def chosen(xp, input, indices, dim, keepdim):
    """The values at one index along a dim, and the indices, which come with that dim; both without it unless kept."""
    if not input.ndim:
        return input, xp.reshape(indices, ())
    axis = shapes.one_dim(dim, input.ndim)
    values = xp.take_along_axis(input, indices, axis=axis)
    if not keepdim:
        values, indices = xp.squeeze(values, axis=axis), xp.squeeze(indices, axis=axis)
    return values, indices


@hidden(input=chosen_rule, returns=("values", "indices"), node="Max")
def max_dim(xp, input, dim: int, keepdim=False):
    """The largest value along a dim and the first index where it stands."""
    return chosen(xp, input, xp.argmax(input, axis=dim if input.ndim else None, keepdims=True), dim, keepdim)


@hidden(input=chosen_rule, returns=("values", "indices"), node="Min")
def min_dim(xp, input, dim: int, keepdim=False):
    """The smallest value along a dim and the first index where it stands."""
    return chosen(xp, input, xp.argmin(input, axis=dim if input.ndim else None, keepdims=True), dim, keepdim)


def _aminmax_rule(xp, g, input, out, dim, keepdim):
    low, high = (_extreme_rule(xp, g[i], input, out[i], dim, keepdim) for i in (0, 1))
    return low + high


@hidden(input=_aminmax_rule, returns=("min", "max"), node="Aminmax")
def aminmax_dim(xp, input, dim: tuple | None = None, keepdim=False):
    """The smallest and the largest value along a dim, or of everything."""
    axes = shapes.dims(dim, input.ndim)
    return xp.min(input, axis=axes, keepdims=keepdim), xp.max(input, axis=axes, keepdims=keepdim)


@hidden()
def argmax_dim(xp, input, dim: int | None = None, keepdim=False):
    """The first index of the largest value along a dim, or in the flattened tensor."""
    return xp.argmax(input, axis=dim, keepdims=keepdim)


@hidden()
def argmin_dim(xp, input, dim: int | None = None, keepdim=False):
    """The first index of the smallest value along a dim, or in the flattened tensor."""
    return xp.argmin(input, axis=dim, keepdims=keepdim)


@hidden()
def all_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """Whether no value is zero."""
    return xp.all(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden()
def any_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """Whether some value is not zero."""
    return xp.any(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)


@hidden()
def count_nonzero_dims(xp, input, dim: tuple | None = None):
    """How many values are not zero, as int64."""
    return xp.sum(input != 0, axis=shapes.dims(dim, input.ndim), dtype=xp.int64)


# ---- spreads ---------------------------------------------------------------------------------------------------------


def _centred(xp, input, axes):
    return input - xp.mean(input, axis=axes, keepdims=True)


def squared_size(xp, x):
    """`|x|**2`, real."""
    return xp.real(x * xp.conj(x)) if xp.is_complex(x) else x * x


def freedom(shape, dim, correction):
    """The degrees of freedom of a variance, at least 0; a float, so that 0 / 0 is nan."""
    return max(float(count(shape, dim) - correction), 0.0)


def _variance(xp, input, dim, correction, keepdim):
    axes = shapes.dims(dim, input.ndim)
    # measured from the first element: equal elements have the variance 0, whatever rounding makes of their mean
    first = tuple(slice(0, 1) if axes is None or axis in axes else slice(None) for axis in range(input.ndim))
    squares = squared_size(xp, _centred(xp, input - xp.getitem(input, first), axes))
    return xp.divide(xp.sum(squares, axis=axes, keepdims=keepdim), freedom(input.shape, dim, correction))


def _variance_slope(xp, g, input, dim, correction, keepdim):
    spread = restore(xp, g, input.shape, dim, keepdim)
    return xp.divide(spread * 2, freedom(input.shape, dim, correction)) * _centred(
        xp, input, shapes.dims(dim, input.ndim)
    )


def _deviation_slope(xp, g, out, input, dim, correction, keepdim):
    per_variance = xp.where(out == 0, xp.zeros_like(out), g / (out * 2))
    return _variance_slope(xp, per_variance, input, dim, correction, keepdim)


@hidden(input=_variance_slope, node="Var")
def var_dims(xp, input, dim: tuple | None = None, correction=1, keepdim=False):
    """The variance over some dims: squared deviations, summed and divided by `count - correction`."""
    return _variance(xp, input, dim, correction, keepdim)


@hidden(input=_deviation_slope, node="Std")
def std_dims(xp, input, dim: tuple | None = None, correction=1, keepdim=False):
    """The standard deviation over some dims."""
    return xp.sqrt(_variance(xp, input, dim, correction, keepdim))


def _mean_slope(xp, g, shape, dim, keepdim):
    return restore(xp, g / max(count(shape, dim), 1), shape, dim, keepdim)


@hidden(
    joint=lambda xp, g, input, dim, correction, keepdim: (
        _variance_slope(xp, g[0], input, dim, correction, keepdim) + _mean_slope(xp, g[1], input.shape, dim, keepdim),
    ),
    outputs=2,
    node="VarMean",
)
def var_mean_dims(xp, input, dim: tuple | None = None, correction=1, keepdim=False):
    """The variance and the mean over some dims."""
    mean = xp.mean(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)
    return _variance(xp, input, dim, correction, keepdim), mean


@hidden(
    joint=lambda xp, g, out, input, dim, correction, keepdim: (
        _deviation_slope(xp, g[0], out[0], input, dim, correction, keepdim)
        + _mean_slope(xp, g[1], input.shape, dim, keepdim),
    ),
    outputs=2,
    node="StdMean",
)
def std_mean_dims(xp, input, dim: tuple | None = None, correction=1, keepdim=False):
    """The standard deviation and the mean over some dims."""
    mean = xp.mean(input, axis=shapes.dims(dim, input.ndim), keepdims=keepdim)
    return xp.sqrt(_variance(xp, input, dim, correction, keepdim)), mean
