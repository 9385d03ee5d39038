"""Scans: what accumulates along a dim, and the linear recurrence that is the derivative of most of them."""

from __future__ import annotations

from . import shapes
from .reduce import hidden, slab


def _reversed_sum(xp, g, input_shape, dim):
    if not len(input_shape):
        return g
    axis = shapes.one_dim(dim, len(input_shape))
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


@hidden(input=_reversed_sum, node="Cumsum")
def cumsum_dim(xp, input, dim: int):
    """The running sum along a dim."""
    return (
        xp.cumulative_sum(xp.contiguous(input), axis=shapes.one_dim(dim, input.ndim)) if input.ndim else xp.copy(input)
    )


def shifted(xp, x, axis, first):
    """The elements one place further along an axis; `first` is the value put before them."""
    head = xp.full_like(x[slab(x.ndim, axis, slice(0, 1))], first)
    return xp.concat([head, x[slab(x.ndim, axis, slice(0, x.shape[axis] - 1))]], axis=axis)


def backwards(xp, a, g, axis):
    """`s[i] = g[i] + a[i + 1] * s[i + 1]` along an axis, from the end."""
    return xp.flip(
        xp.linear_recurrence(shifted(xp, xp.flip(a, axis=axis), axis, 0), xp.flip(g, axis=axis), dim=axis), axis=axis
    )


def _cumprod_rule(xp, g, input, dim):
    """No division: zeros do no harm. The product before an element, times what the later outputs hand back."""
    if not input.ndim or not shapes.numel(input.shape):
        return g
    axis = shapes.one_dim(dim, input.ndim)
    before = xp.cumulative_prod(shifted(xp, input, axis, 1), axis=axis)
    return xp.conj(before) * backwards(xp, xp.conj(input), g, axis)


@hidden(input=_cumprod_rule, node="Cumprod")
def cumprod_dim(xp, input, dim: int):
    """The running product along a dim."""
    return (
        xp.cumulative_prod(xp.contiguous(input), axis=shapes.one_dim(dim, input.ndim)) if input.ndim else xp.copy(input)
    )


@hidden(
    a=lambda xp, g, a, out, dim: _recurrence_slope(xp, g, a, dim) * xp.conj(shifted(xp, out, dim % a.ndim, 0)),
    b=lambda xp, g, a, dim: _recurrence_slope(xp, g, a, dim),
)
def linear_recurrence(xp, a, b, dim: int = -1):
    """`y[i] = a[i] * y[i - 1] + b[i]` along a dim, from `y[0] = b[0]`."""
    return xp.linear_recurrence(a, b, dim=dim)


def _recurrence_slope(xp, g, a, dim):
    return backwards(xp, xp.conj(a), g, dim % a.ndim)


# ---- running extremes ------------------------------------------------------------------------------------------------


def _running_rule(xp, g, out, input_shape, dim):
    if not len(input_shape):
        return g[0]
    axis = shapes.one_dim(dim, len(input_shape))
    return xp.spread_along(g[0], out[1], dim=axis, size=input_shape[axis])


def _running(xp, kernel, input, dim):
    if input.ndim:
        return kernel(input, axis=shapes.one_dim(dim, input.ndim))
    shapes.one_dim(dim, 0)
    return xp.copy(input), xp.zeros((), dtype=xp.int64)


@hidden(input=_running_rule, returns=("values", "indices"), node="Cummax")
def cummax_dim(xp, input, dim: int):
    """The running maximum along a dim, and the last index where it stood."""
    return _running(xp, xp.cumulative_max, input, dim)


@hidden(input=_running_rule, returns=("values", "indices"), node="Cummin")
def cummin_dim(xp, input, dim: int):
    """The running minimum along a dim, and the last index where it stood."""
    return _running(xp, xp.cumulative_min, input, dim)


# ---- running log-sum-exp ---------------------------------------------------------------------------------------------


def _weight(xp, difference):
    """exp of a difference that is at most 0; that of two infinite terms counts as 0."""
    weight = xp.exp(difference)
    return xp.where(xp.isnan(weight), xp.zeros_like(weight), weight)


def _logcumsumexp_rule(xp, g, input, out, dim):
    """Each factor is the exp of what is at most 0, so that nothing overflows."""
    if not input.ndim or not shapes.numel(input.shape):
        return g
    axis = shapes.one_dim(dim, input.ndim)
    # decay[i] is exp(out[i - 1] - out[i]): the share that the terms before i have in the sum at i
    decay = _weight(xp, shifted(xp, out, axis, 0) - out)
    return xp.conj(_weight(xp, input - out)) * backwards(xp, xp.conj(decay), g, axis)


@hidden(input=_logcumsumexp_rule, node="Logcumsumexp", refuses=("bool", "integer"))
def logcumsumexp_dim(xp, input, dim: int):
    """`log(cumsum(exp(input)))` along a dim, without overflow."""
    axis = shapes.one_dim(dim, input.ndim)
    return xp.cumulative_logsumexp(xp.contiguous(input), axis=axis) if input.ndim else xp.copy(input)


def _finite(xp, top):
    return xp.where(xp.isfinite(top), top, xp.zeros_like(top))


def _logsumexp_rule(xp, g, input, out, dim, keepdim):
    from_out = restore_to(xp, out, input, dim, keepdim)
    return restore_to(xp, g, input, dim, keepdim) * xp.conj(_weight(xp, input - from_out))


def restore_to(xp, g, input, dim, keepdim):
    """A reduced array with its dims back, for broadcasting against the input."""
    if keepdim or not input.ndim:
        return g
    axes = range(input.ndim) if dim is None else shapes.dims(dim, input.ndim)
    return xp.reshape(g, shapes.without(input.shape, axes, True))


@hidden(input=_logsumexp_rule, node="Logsumexp", promote="float")
def logsumexp_dims(xp, input, dim: tuple | None = None, keepdim=False):
    """`log(sum(exp(input)))` over some dims, without overflow."""
    axes = shapes.dims(dim, input.ndim)
    if not shapes.numel(input.shape):
        return xp.log(xp.sum(xp.exp(input), axis=axes, keepdims=keepdim))
    top = _finite(xp, xp.max(xp.real(input) if xp.is_complex(input) else input, axis=axes, keepdims=True))
    total = xp.log(xp.sum(xp.exp(input - top), axis=axes, keepdims=True)) + top
    return (
        total
        if keepdim or not input.ndim
        else xp.squeeze(total, axis=tuple(range(input.ndim)) if axes is None else axes)
    )
