"""Normalisation in PyTorch's signatures: layer_norm, rms_norm, group_norm, batch_norm, instance_norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import dtypes, errors
from ...config import quiet, state
from ...ops.shapes import numel
from .. import rows
from ..operands import type_name
from ..outputs import write
from ..public import public
from ..tensor import Tensor, make


def _check_float(kernel: str, input: Tensor) -> None:
    if not input._kind.dtype.is_floating_point:
        raise errors.not_for_dtype(kernel, input._kind.dtype)


def _fits(parameter: Any, kind: Any) -> bool:
    """Whether a parameter may go with an input: it has its dtype, or float32 where that is a half type."""
    if parameter is None or parameter._kind is kind:
        return True
    return parameter._kind.dtype is kind.dtype or (kind.half and parameter._kind.dtype is dtypes.float32)


def _wide(*tensors: Any) -> list[Any]:
    """Half types as float32: statistics are kept in the precision that they are computed in."""
    return [t.float() if t is not None and t._kind.half else t for t in tensors]


def _moments(input: Any, axes: tuple) -> tuple[Any, Any]:
    """The mean and the variance, which have no history; straight from the kernel where no mode wants to know of it."""
    kind = input._kind
    if kind.floating and (not state.special or quiet()):
        mean, var = kind.run(kind.xp.moments, input._array, axes)
        return make(mean, kind), make(var, kind)
    return rows.moments(input, axes)


# ---- over the last dims ----------------------------------------------------------------------------------------------


def _check_normalized_shape(input: Tensor, shape: Sequence[int], function: str, weight: Any, bias: Any = None) -> tuple:
    """The dims to normalise over, as a tuple. Raises where they are not the last ones of the input."""
    if isinstance(shape, int) or not hasattr(shape, "__iter__"):
        raise TypeError(
            f"{function}(): argument 'normalized_shape' (position 2) must be tuple of ints, not {type_name(shape)}"
        )
    dims = tuple(shape)
    if not dims:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for name, one in (("weight", weight), ("bias", bias)):
        if one is not None and one._array.shape != dims:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(one._array.shape)} and normalized_shape = {list(dims)}"
            )
    have = input._array.shape
    if have[len(have) - len(dims) :] != dims or len(have) < len(dims):
        wanted = ", ".join(map(str, dims))
        star = "*, " if function == "layer_norm" else "*"
        raise RuntimeError(
            f"Given normalized_shape=[{wanted}], expected input with shape [{star}{wanted}], but got input of "
            f"size{list(have)}\n  normalized_shape names the last dims of the input, which end in {have[-len(dims) :]}."
        )
    return dims


def _layer_norm(input: Any, dims: tuple, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    """The result, the mean and the variance."""
    kind = input._kind
    if not kind.inexact:
        _check_float("LayerNormKernelImpl", input)
    wanted = "Float" if kind.half else kind.dtype.scalar_name
    if not all(_fits(one, kind) for one in (weight, bias)):
        raise RuntimeError(f"mixed dtype (CPU): expect parameter to have scalar type of {wanted}")
    count, ndim = len(dims), input._array.ndim
    if kind.half:
        input, weight, bias = _wide(input, weight, bias)
    mean, var = _moments(input, tuple(range(ndim - count, ndim)))
    out = rows.layer_norm_with(input, mean, var, weight, bias, count, eps)
    return (out.to(kind.dtype) if kind.half else out), mean, var


@public(method=False)
def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True):
    """Each example with mean 0 and variance 1 over the last dims, then `* weight + bias`, both of `normalized_shape`.

    Raises RuntimeError where `normalized_shape` is not what the shape of the input ends in.

    >>> layer_norm(tensor([[1., 3.]]), [2])
    tensor([[-1.0000,  1.0000]])
    """
    dims = _check_normalized_shape(input, normalized_shape, "layer_norm", weight, bias)
    return _layer_norm(input, dims, weight, bias, eps)[0]


@public(method=False)
def native_layer_norm(input, normalized_shape, weight, bias, eps):
    """`layer_norm`, and the mean and the inverse deviation that it used."""
    dims = _check_normalized_shape(input, normalized_shape, "layer_norm", weight, bias)
    out, mean, var = _layer_norm(input, dims, weight, bias, eps)
    return out, *_statistics(input, weight, mean, var, eps)


def _statistics(input: Any, weight: Any, mean: Any, var: Any, eps: float) -> tuple[Any, Any]:
    """The mean and the inverse deviation, in float32 where half types meet parameters in float32."""
    rstd = (var.detach() + eps).rsqrt()
    mixed = weight is not None and weight._kind.dtype is not input._kind.dtype
    dtype = mean._kind.dtype if mixed else input._kind.dtype
    return mean.detach().to(dtype), rstd.to(dtype)


@public(method=False)
def rms_norm(input, normalized_shape, weight=None, eps=None):
    """Each example divided by the root of its mean square over the last dims, then `* weight`.

    eps: what is added to the mean square; None is the smallest step of the dtype at 1.
    From Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.

    >>> rms_norm(tensor([[3., 3.]]), [2])
    tensor([[1., 1.]])
    """
    dims = _check_normalized_shape(input, normalized_shape, "rms_norm", weight)
    if not (input._kind.dtype.is_floating_point or input._kind.dtype.is_complex):
        raise errors.not_for_dtype("rms_norm", input._kind.dtype)
    (wide,) = _wide(input.contiguous())
    if eps is None:
        eps = dtypes.finfo(wide._kind.dtype).eps
    axes = tuple(range(-len(dims), 0))
    out = wide * (wide.pow(2).mean(axes, keepdim=True) + eps).rsqrt()
    if weight is not None:
        out = out * weight
    return out.type_as(input)


# ---- over groups of channels -----------------------------------------------------------------------------------------


def _group_norm(input: Any, groups: int, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    kind = input._kind
    if not kind.inexact:
        _check_float("GroupNormKernelImpl", input)
    for one in (weight, bias):
        if one is not None and one._kind.dtype is not kind.dtype and not kind.half:
            raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
    if kind.half:
        input, weight, bias = _wide(input, weight, bias)
    shape = input._array.shape
    length = numel(shape[1:]) // groups
    mean, var = _moments(input.detach().reshape(shape[0], groups, length), (2,))
    out = rows.group_norm_with(input, mean, var, weight, bias, groups, eps)
    return (out.to(kind.dtype) if kind.half else out), mean, var


@public(method=False)
def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05, cudnn_enabled=True):
    """Each example of (N, C, ...) with mean 0 and variance 1 over groups of channels, then `* weight + bias`, (C,).

    Raises RuntimeError where the groups are not of one size. From Wu and He, "Group Normalization", 2018.

    >>> group_norm(tensor([[1., 3.]]), 1)
    tensor([[-1.0000,  1.0000]])
    """
    shape = input._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if num_groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    if shape[1] % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {list(shape)} "
            f"and num_groups={num_groups}\n  Dim 1 has {shape[1]} channels."
        )
    for name, one in (("weight", weight), ("bias", bias)):
        if one is not None and one._array.shape != (shape[1],):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of "
                f"shape {list((weight if weight is not None else one)._array.shape)} and input of shape {list(shape)}"
            )
    return _group_norm(input, num_groups, weight, bias, eps)[0]


@public(method=False)
def native_group_norm(input, weight, bias, N, C, HxW, group, eps):
    """`group_norm`, and the mean and the inverse deviation that it used."""
    out = _group_norm(input, group, weight, bias, eps)[0]
    grouped = input.reshape(N, group, C * HxW // group)
    return out, grouped.mean(2), (grouped.var(2, correction=0) + eps).rsqrt()


# ---- over the batch --------------------------------------------------------------------------------------------------


def _check_channels(input: Tensor, running_mean: Any, running_var: Any, weight: Any, bias: Any) -> None:
    """Raise unless everything that is given has one number for each channel, in one dtype."""
    kind, count = input._kind, input._array.shape[1]
    given = (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias))
    for name, one in given:
        if one is not None:
            if one._array.size != count:
                raise RuntimeError(
                    f"{name} should contain {count} elements not {one._array.size}\n"
                    f"  The input has shape {input._array.shape}; its dim 1 counts the channels."
                )
            if not _fits(one, kind):
                raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")


def _update(running: Any, batch: Any, momentum: float) -> None:
    """Move a running statistic towards that of a batch, in place."""
    kind = running._kind
    new = kind.run(_mix, kind.xp, running._array, batch._array, momentum)
    write(running, new.astype(kind.native, copy=False))


def _mix(xp: Any, old: Any, batch: Any, momentum: float) -> Any:
    return xp.reshape(batch, old.shape) * momentum + old * (1 - momentum)


def _batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float, eps: float
) -> tuple[Any, Any, Any]:
    """The result, and the mean and the variance of the batch (None in evaluation)."""
    kind = input._kind
    if input._array.ndim < 2:
        if not input._array.size:
            return input.clone(), None, None
        n = input._array.ndim
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-max(n, 1)}, {max(n, 1) - 1}], but got 1)"
        )
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if not training and running_mean is None:
        raise RuntimeError("running_mean must be defined in evaluation mode")
    if not kind.inexact:
        _check_float("batch_norm", input)
    _check_channels(input, running_mean, running_var, weight, bias)
    if kind.half:
        input, weight, bias = _wide(input, weight, bias)
    if not training:
        mean, var = _wide(running_mean, running_var)
        out = rows.batch_norm_fixed(input, mean, var, weight, bias, eps)
        return (out.to(kind.dtype) if kind.half else out), None, None
    axes = (0, *range(2, input._array.ndim))
    mean, var = _moments(input, axes)
    if running_mean is not None:
        n = numel([input._array.shape[a] for a in axes])
        if n:
            _update(running_mean, mean, momentum)
            _update(running_var, var if n == 1 else var * (n / (n - 1)), momentum)
    out = rows.batch_norm_with(input, mean, var, weight, bias, eps)
    return (out.to(kind.dtype) if kind.half else out), mean, var


@public(method=False)
def batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled):
    """Each channel of (N, C, ...) with mean 0 and variance 1, then `* weight + bias`, (C,).

    In training by the statistics of the batch, which move the running ones by `momentum`; else by the running ones.
    """
    return _batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)[0]


@public(method=False, out=True)
def native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps):
    """`batch_norm`, and the mean and the inverse deviation of the batch (empty in evaluation)."""
    out, mean, var = _batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)
    if mean is None:
        return out, input.new_empty((0,)), input.new_empty((0,))
    mean, rstd = _statistics(input, weight, mean, var, eps)
    return out, mean.reshape(-1), rstd.reshape(-1)


@public(method=False)
def instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled):
    """Each channel of each example of (N, C, ...) with mean 0 and variance 1, then `* weight + bias`, (C,).

    The running statistics move towards the mean over the examples.
    """
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    if input._array.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input._array.ndim}")
    n, c = input._array.shape[:2]
    shape = input._array.shape
    if not all(_fits(one, input._kind) for one in (weight, bias)):
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
    spread = [None if one is None else one.repeat(n) for one in (weight, bias, running_mean, running_var)]
    flat = input.contiguous().view(1, n * c, *shape[2:])
    out, _, _ = _batch_norm(flat, *spread, use_input_stats, momentum, eps)
    for running, moved in ((running_mean, spread[2]), (running_var, spread[3])):
        if running is not None and use_input_stats:
            write(running, moved.view(n, c).mean(0)._array)
    return out.view(*shape)
