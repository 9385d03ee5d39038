"""Normalisation: over the last dims of each example, over the batch, over groups of channels.

Rows take the mean and the variance, which `moments` has worked out, as inputs: the backward pass needs them again. The
gradient rules know that both depend on the input. `standardized` and `inverse_deviation` are kernels that use what was
saved; where a gradient is itself to be differentiated, their bodies work everything out anew from the input.
"""

from __future__ import annotations

from . import shapes
from .table import Array, op

REAL = ("bool", "integer", "complex")


def channels(xp, v, ndim):
    """One number for each channel, in the shape that broadcasts along dim 1."""
    return xp.reshape(v, (1, v.shape[0]) + (1,) * (ndim - 2))


def all_but_channels(ndim):
    """The axes of (N, C, ...) but for that of the channels."""
    return (0, *range(2, ndim))


def _mean(xp, x, axes):
    return xp.sum(x, axis=axes, keepdims=True) / max(shapes.numel([x.shape[a] for a in axes]), 1)


@op(public=False, method=False, outputs=2)
def moments(xp, input, axes: tuple):
    """The mean and the variance, not corrected for bias, over some axes, which stay with size 1."""
    return xp.moments(input, axes)


@op(composite=True, public=False, method=False)
def standardized(xp, input, mean, var, axes: tuple, eps: float):
    """The input with mean 0 and variance 1 over some axes."""
    difference = input - _mean(xp, input, axes)
    return difference / xp.sqrt(_mean(xp, difference * difference, axes) + eps)


@op(composite=True, public=False, method=False)
def inverse_deviation(xp, input, var, axes: tuple, eps: float):
    """One over the standard deviation over some axes, which stay with size 1."""
    difference = input - _mean(xp, input, axes)
    return 1 / xp.sqrt(_mean(xp, difference * difference, axes) + eps)


@op(composite=True, public=False, method=False)
def standardized_grad(xp, g, xhat, rstd, axes: tuple):
    """The gradient for the input of `standardized`, which gave `xhat`, from the gradient of that."""
    return rstd * (g - _mean(xp, g, axes) - xhat * _mean(xp, g * xhat, axes))


# ---- over the last dims ----------------------------------------------------------------------------------------------


def _layer_norm_rule(xp, g, input, mean, var, weight, count, eps, needs):
    if xp.layer_norm_grads is not None:
        found = xp.layer_norm_grads(g, input, mean, var, weight, count, eps)
        if found is not None:
            return found[0], None, None, found[1], found[2]
    ndim = len(input.shape)
    axes = tuple(range(ndim - count, ndim))
    xhat = xp.standardized(input, mean, var, axes, eps)
    gx = gw = None
    if needs[0]:
        rstd = xp.inverse_deviation(input, var, axes, eps)
        gx = xp.standardized_grad(g if weight is None else g * weight, xhat, rstd, axes)
    if needs[3]:
        gw = xp.sum(g * xhat, axis=tuple(range(ndim - count)))
    return gx, None, None, gw, (g if needs[4] else None)


@op(joint=_layer_norm_rule, public=False, method=False, node="NativeLayerNorm", refuses=REAL)
def layer_norm_with(xp, input, mean, var, weight: Array | None, bias: Array | None, count: int, eps: float):
    """`(input - mean) / sqrt(var + eps) * weight + bias`; mean and variance are over the last `count` dims."""
    return xp.normalized(input, mean, var, weight, bias, eps)


# ---- over the batch --------------------------------------------------------------------------------------------------


def _batch_norm_rule(xp, g, input, mean, var, weight, eps, needs):
    if xp.batch_norm_grads is not None:
        found = xp.batch_norm_grads(g, input, mean, var, weight, eps)
        if found is not None:
            return found[0], None, None, found[1], found[2]
    ndim = len(input.shape)
    axes = all_but_channels(ndim)
    xhat = xp.standardized(input, mean, var, axes, eps)
    gx = gw = None
    if needs[0]:
        rstd = xp.inverse_deviation(input, var, axes, eps)
        if weight is not None:
            rstd = rstd * channels(xp, weight, ndim)
        gx = xp.standardized_grad(g, xhat, rstd, axes)
    if needs[3]:
        gw = xp.sum(g * xhat, axis=axes)
    return gx, None, None, gw, (xp.sum(g, axis=axes) if needs[4] else None)


def _batch_norm(xp, input, mean, var, weight, bias, eps):
    """One product and one sum for each element: everything else is for each channel."""
    scale = 1 / xp.sqrt(var + eps)
    if weight is not None:
        scale = scale * channels(xp, weight, input.ndim)
    shift = -mean * scale
    if bias is not None:
        shift = shift + channels(xp, bias, input.ndim)
    return xp.scaled_shifted(input, scale, shift)


@op(joint=_batch_norm_rule, public=False, method=False, node="NativeBatchNorm", refuses=REAL)
def batch_norm_with(xp, input, mean, var, weight: Array | None, bias: Array | None, eps: float):
    """Batch normalisation of (N, C, ...) in training; mean and variance are those of the batch, (1, C, 1, ...)."""
    return _batch_norm(xp, input, mean, var, weight, bias, eps)


def _fixed_rule(xp, g, input, mean, var, weight, eps, needs):
    ndim = len(input.shape)
    axes = all_but_channels(ndim)
    rstd = 1 / xp.sqrt(var + eps)
    scale = rstd if weight is None else rstd * weight
    gx = g * channels(xp, scale, ndim) if needs[0] else None
    gw = None
    if needs[3]:
        gw = xp.sum(g * (input - channels(xp, mean, ndim)), axis=axes) * rstd
    return gx, None, None, gw, (xp.sum(g, axis=axes) if needs[4] else None)


@op(joint=_fixed_rule, public=False, method=False, node="NativeBatchNorm", refuses=REAL)
def batch_norm_fixed(xp, input, mean, var, weight: Array | None, bias: Array | None, eps: float):
    """Batch normalisation of (N, C, ...) in evaluation, by a mean and a variance (C,) that are given."""
    ndim = input.ndim
    return _batch_norm(xp, input, channels(xp, mean, ndim), channels(xp, var, ndim), weight, bias, eps)


# ---- over groups of channels -----------------------------------------------------------------------------------------


def _grouped(xp, x, groups):
    """(N, C, ...) as (N, groups, elements of a group)."""
    return xp.reshape(x, (x.shape[0], groups, shapes.numel(x.shape[1:]) // groups))


def _group_norm_rule(xp, g, input, mean, var, weight, groups, eps, needs):
    shape, ndim = input.shape, len(input.shape)
    grouped = _grouped(xp, input, groups)
    xhat = xp.standardized(grouped, mean, var, (2,), eps)
    gx = gw = None
    if needs[0]:
        scaled = g if weight is None else g * channels(xp, weight, ndim)
        rstd = xp.inverse_deviation(grouped, var, (2,), eps)
        gx = xp.reshape(xp.standardized_grad(_grouped(xp, scaled, groups), xhat, rstd, (2,)), shape)
    if needs[3]:
        gw = xp.sum(g * xp.reshape(xhat, shape), axis=all_but_channels(ndim))
    return gx, None, None, gw, (xp.sum(g, axis=all_but_channels(ndim)) if needs[4] else None)


@op(joint=_group_norm_rule, public=False, method=False, node="NativeGroupNorm", refuses=REAL)
def group_norm_with(xp, input, mean, var, weight: Array | None, bias: Array | None, groups: int, eps: float):
    """Normalisation of (N, C, ...) over groups of channels, by mean and variance (N, groups, 1)."""
    ndim = input.ndim
    out = xp.reshape(xp.normalized(_grouped(xp, input, groups), mean, var, None, None, eps), input.shape)
    if weight is None and bias is None:
        return out
    scale = None if weight is None else channels(xp, weight, ndim)
    return xp.scaled_shifted(out, scale, None if bias is None else channels(xp, bias, ndim))
