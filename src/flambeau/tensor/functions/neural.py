"""Functions of neural networks that PyTorch has under `torch` itself: softmax, activations with parameters, dropout."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from ... import config, dtypes, errors
from ...device import META
from ...random import default_generator, fill_bernoulli, fill_uniform
from ...xp import numpy as xnp
from .. import rows
from ..inplace import inplace_result
from ..later import INPLACE
from ..operands import type_name
from ..public import public, shortcut
from ..tensor import KINDS, Tensor, kind_of, make
from . import draws
from .allocation import kind_for, preserved

# ---- softmax ---------------------------------------------------------------------------------------------------------


def _floating(input: Tensor, dim: int, dtype: Any, name: str) -> Tensor:
    """The input in the dtype asked for. Raises where that is not a real floating dtype."""
    if dtype is not None and dtype is not input._kind.dtype:
        input = input.to(dtype)  # type: ignore[attr-defined]
    if not input._kind.dtype.is_floating_point:
        if not isinstance(dim, int):
            raise TypeError(f"{name}(): argument 'dim' (position 2) must be int, not {type_name(dim)}")
        last = dim in (-1, input._array.ndim - 1)
        raise errors.not_for_dtype(f"{name}{'_lastdim' if last else ''}_kernel_impl", input._kind.dtype)
    return input


@public(out=True)
def softmax(input, dim, dtype=None):
    """Exponentials along `dim`, divided by their sum: positive numbers that add up to 1.

    dtype: convert to it first. Raises NotImplementedError for integers.

    >>> softmax(tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
    """
    if dtype is None and input._kind.inexact:
        return rows.softmax_dim(input, dim)
    return rows.softmax_dim(_floating(input, dim, dtype, "softmax"), dim)


@shortcut("softmax")
def _short_softmax(general):
    """Floating numbers, without another dtype."""

    def called(*args, **rest):
        if not rest and len(args) == 2 and type(args[0]) is Tensor and args[0]._kind.inexact:
            return rows.softmax_dim(*args)
        return general(*args, **rest)

    return called


@public(out=True)
def log_softmax(input, dim, dtype=None):
    """The logarithm of `softmax(input, dim)`, exact also where softmax would be 0.

    >>> log_softmax(tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    if dtype is None and input._kind.inexact:
        return rows.log_softmax_dim(input, dim)
    return rows.log_softmax_dim(_floating(input, dim, dtype, "log_softmax"), dim)


@public(name="_softmax_backward_data", method=False)
def softmax_backward_data(grad_output: Tensor, output: Tensor, dim: int, input_dtype: Any) -> Tensor:
    """The gradient that arrives at the input of `softmax(input, dim)`, whose result is `output`."""
    return rows.softmax_grad(grad_output, output, dim=dim).to(input_dtype)


@public(name="_log_softmax_backward_data", method=False)
def log_softmax_backward_data(grad_output: Tensor, output: Tensor, dim: int, input_dtype: Any) -> Tensor:
    """The gradient that arrives at the input of `log_softmax(input, dim)`, whose result is `output`."""
    return rows.log_softmax_grad(grad_output, output, dim=dim).to(input_dtype)


# ---- dropout ---------------------------------------------------------------------------------------------------------

# minus the limit of SELU at minus infinity: what alpha dropout puts in place of a dropped element
SELU_LIMIT = 1.7580993408473766


def draw_kept(input: Tensor, shape: tuple[int, ...] | None, p: float) -> Any:
    """An array of ones with probability `1 - p` and zeros, in the dtype of `input` and its order of memory."""
    kind = input._kind
    if config.modes().levels:
        wanted = input._array.shape if shape is None else shape
        draw = partial(fill_bernoulli, p=1 - p)
        return draws.drawn(wanted, kind_for(kind.dtype), draw, default_generator)._array
    array = preserved(input, kind) if shape is None else kind.xp.empty(shape, dtype=kind.native)
    if kind.device != META:
        fill_bernoulli(default_generator, array, 1 - p)
    return array


def dropped(input: Tensor, p: float, train: bool, feature: bool, alpha: bool, inplace: bool, name: str) -> Tensor:
    """The four kinds of dropout. Draws nothing where nothing, or everything, is dropped."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type_name(input)}")
    if not 0 <= p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")
    if p == 0 or not train or not input._array.size:
        return input
    if p == 1:
        zero = make(xnp.zeros((), dtype=input._kind.native), input._kind)
        return input.mul_(zero) if inplace else rows.mul(input, zero)  # type: ignore[attr-defined]
    kind = input._kind
    shape = None
    if feature:
        if input._array.ndim < 2:
            raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
        shape = (*input._array.shape[:2], *(1,) * (input._array.ndim - 2))
    if not (kind.dtype.is_floating_point or kind.dtype.is_complex):
        raise RuntimeError(
            f"result type Float can't be cast to the desired output type {kind.dtype.scalar_name}\n"
            "  Dropout divides what it keeps by 1 - p, so the input must be floating point."
        )
    kept = draw_kept(input, shape, p)
    if config.modes().levels:
        kind = kind_of(kept)
    if not alpha:
        xnp.run(_divide, kept, 1 - p)
        noise = make(kept, kind)
        return input.mul_(noise) if inplace else rows.mul(input, noise)  # type: ignore[attr-defined]
    scale = 1.0 / math.sqrt((SELU_LIMIT * SELU_LIMIT * p + 1) * (1 - p))
    noise = make(kept, kind)
    shift = (noise - 1) * (SELU_LIMIT * scale) + SELU_LIMIT * scale * p  # type: ignore[operator]
    noise = noise * scale  # type: ignore[operator]
    if inplace:
        return input.mul_(noise).add_(shift)  # type: ignore[attr-defined]
    return rows.add(rows.mul(input, noise), shift)


def _divide(array: Any, divisor: float) -> None:
    """Divide in place; half types in float32, rounded once."""
    wide = xnp.float64 if array.dtype == xnp.float64 else xnp.float32
    if array.dtype.itemsize < 4:
        factor = (xnp.asarray(1, wide) / xnp.asarray(divisor, wide)).astype(array.dtype)
        array *= factor
    else:
        array /= wide.type(divisor)


@public(method=False)
def dropout(input, p, train):
    """`input` with each element set to 0 with probability `p`, the others divided by `1 - p`; as it is unless `train`.

    >>> dropout(tensor([1., 2.]), 0.5, False)
    tensor([1., 2.])
    """
    return dropped(input, p, train, False, False, False, "dropout")


@public(method=False, name="dropout_")
def dropout_(input, p, train):
    """`dropout`, in place."""
    return dropped(input, p, train, False, False, True, "dropout_")


@public(method=False, name="alpha_dropout_")
def alpha_dropout_(input, p, train):
    """`alpha_dropout`, in place."""
    return dropped(input, p, train, False, True, True, "alpha_dropout_")


@public(method=False, name="feature_dropout_")
def feature_dropout_(input, p, train):
    """`feature_dropout`, in place."""
    return dropped(input, p, train, True, False, True, "feature_dropout_")


@public(method=False, name="feature_alpha_dropout_")
def feature_alpha_dropout_(input, p, train):
    """`feature_alpha_dropout`, in place."""
    return dropped(input, p, train, True, True, True, "feature_alpha_dropout_")


@public(method=False)
def feature_dropout(input, p, train):
    """`dropout` of whole channels: `input` is (N, C, ...) and a draw counts for all of an `input[n, c]`."""
    return dropped(input, p, train, True, False, False, "feature_dropout")


@public(method=False)
def alpha_dropout(input, p, train):
    """Dropout that keeps mean and variance of what `selu` gives."""
    return dropped(input, p, train, False, True, False, "alpha_dropout")


@public(method=False)
def feature_alpha_dropout(input, p, train):
    """`alpha_dropout` of whole channels."""
    return dropped(input, p, train, True, True, False, "feature_alpha_dropout")


# ---- rectifiers ------------------------------------------------------------------------------------------------------


def in_place(row: str) -> Any:
    """The in-place function of a row; rows are bound when they are first asked for."""
    getattr(rows, row)
    return INPLACE[row]


@public(method=False, name="relu_")
def relu_(input):
    """`relu`, in place."""
    return in_place("relu")(input)


@public(method=False, name="celu_")
def celu_(input, alpha=1.0):
    """`celu`, in place."""
    return in_place("celu")(input, alpha)


@public(method=False, name="selu_")
def selu_(input):
    """`selu`, in place."""
    return in_place("selu")(input)


@public(method=False, name="threshold_")
def threshold_(input, threshold, value):
    """`threshold`, in place."""
    return in_place("threshold")(input, threshold, value)


@public()
def prelu(input, weight):
    """Elementwise `input` where it is above 0, else `weight * input`.

    weight: of one element, or (C,) where dim 1 of `input` has C channels. Raises RuntimeError where that does not fit.

    >>> prelu(tensor([-1., 2.]), tensor([0.5]))
    tensor([-0.5000,  2.0000])
    """
    if not isinstance(weight, Tensor):
        raise TypeError(f"prelu(): argument 'weight' (position 2) must be Tensor, not {type_name(weight)}")
    if input._kind.dtype is not weight._kind.dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {input._kind.dtype.scalar_name} and "
            f"{weight._kind.dtype.scalar_name}"
        )
    count, ndim = weight._array.size, input._array.ndim
    if count != 1:
        if not ndim:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input._array.shape[1] if ndim > 1 else 1
        if channels != count:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{count} and channel size = {channels}.\n"
                "  weight has one element, or one for each channel; channels are dim 1 of the input."
            )
    if weight._array.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight._array.ndim}"
        )
    if ndim > 1 and weight._array.ndim:
        weight = rows.reshape_to(weight, (1, count) + (1,) * (ndim - 2))
    elif not ndim:
        weight = rows.reshape_to(weight, ())
    return rows.prelu_kernel(input, weight)


def _slopes(input: Tensor, lower: float, upper: float, generator: Any) -> Tensor:
    """Ones where the input is above 0, and slopes drawn from `lower` to `upper` where it is not."""
    kind = input._kind
    array = xnp.asarray(input._array)
    below = array <= 0
    drawn = xnp.empty(int(below.sum()), dtype=xnp.float64)
    fill_uniform(generator or default_generator, drawn, lower, upper)
    noise = xnp.ones_like(array, order="C")
    noise[below] = drawn.astype(array.dtype)
    return make(noise, kind)


def _rrelu(input: Tensor, lower: float, upper: float, training: bool, generator: Any) -> Tensor:
    if lower > upper:
        raise RuntimeError(
            f"Lower bound should be less than or equal to the upper bound\n  lower is {lower:g}, upper {upper:g}."
        )
    if not training:
        return rows.rrelu_mean(input, (lower + upper) / 2)
    if not input._kind.dtype.is_floating_point:
        raise errors.not_for_dtype("rrelu_with_noise_out_cpu", input._kind.dtype)
    return rows.rrelu_with_noise(input, _slopes(input, lower, upper, generator))


@public(method=False)
def rrelu(input, lower=0.125, upper=0.3333333333333333, training=False, generator=None):
    """Elementwise `input` above 0, `slope * input` below; the slopes are drawn evenly from `lower` to `upper`.

    In evaluation the slope is `(lower + upper) / 2`. Raises RuntimeError where `lower` is above `upper`.

    >>> rrelu(tensor([-1., 2.]), 0.5, 0.5)
    tensor([-0.5000,  2.0000])
    """
    return _rrelu(input, lower, upper, training, generator)


@public(method=False, name="rrelu_")
def rrelu_(input, lower=0.125, upper=0.3333333333333333, training=False, generator=None):
    """`rrelu`, in place."""
    return inplace_result(input, lambda: _rrelu(input, lower, upper, training, generator))


@public(method=False)
def native_dropout(input, p, train):
    """`(dropout(input, p), mask)`; the mask, of bools, is true where an element was kept. `train=None` means True."""
    if train is False or not input._array.size:
        return input.clone(), ones_like_bool(input)
    if not 0 <= p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")
    mask = make(draw_kept(input, None, p).astype(bool), KINDS[dtypes.bool_])
    scale = 0.0 if p == 1 else 1 / (1 - p)
    return input * mask * scale, mask


def ones_like_bool(input: Tensor) -> Tensor:
    """Truth everywhere, in the shape of a tensor."""
    return make(xnp.ones(input._array.shape, dtype=xnp.bool_), KINDS[dtypes.bool_])


# ---- bilinear maps, channels -----------------------------------------------------------------------------------------


@public(method=False)
def bilinear(input1, input2, weight, bias=None):
    """`input1 @ weight[k] @ input2 + bias[k]` for each k: (*, in1), (*, in2), (out, in1, in2) and (out,) give (*, out).

    >>> bilinear(tensor([2.]), tensor([3.]), tensor([[[10.]]]))
    tensor([60.])
    """
    a, b, w = input1._array.shape, input2._array.shape, weight._array.shape
    if len(a) != len(b):
        raise RuntimeError(f"bilinear(): input dimensions do not match: got {len(a)} and {len(b)}")
    for i, (m, n) in enumerate(zip(a[:-1], b[:-1], strict=True)):
        if m != n:
            raise RuntimeError(f"bilinear(): input batch dimensions do not match at dim {i}: got {m} and {n}")
    if len(w) < 3:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-len(w)}, {len(w) - 1}], but got {len(w)})"
        )
    for i, n in ((1, a[-1]), (2, b[-1])):
        if n != w[i]:
            raise RuntimeError(f"bilinear(): input{i} size does not match weight size: got {n} but expected {w[i]}")
    if bias is not None and bias._array.shape[0] != w[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias._array.shape[0]} but expected {w[0]}"
        )
    left, right = input1.reshape(-1, a[-1]), input2.reshape(-1, b[-1])
    # (N, in1) @ (in1, out * in2), then a sum over in2
    spread = (left @ weight.permute(1, 0, 2).reshape(w[1], w[0] * w[2])).reshape(-1, w[0], w[2])
    out = (spread * right.unsqueeze(1)).sum(2).reshape(*a[:-1], w[0])
    return out if bias is None else out + bias


@public(method=False)
def channel_shuffle(input, groups):
    """The channels of (N, C, ...) with those of each of `groups` spread over the others: the first of each, and so on.

    >>> channel_shuffle(arange(4).reshape(1, 4, 1), 2).flatten()
    tensor([0, 2, 1, 3])
    """
    shape = input._array.shape
    if len(shape) <= 2:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if shape[1] % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} groups."
        )
    split = input.reshape(shape[0], groups, shape[1] // groups, *shape[2:])
    return split.transpose(1, 2).reshape(shape)


@public(method=False)
def native_channel_shuffle(input, groups):
    """`channel_shuffle`."""
    return channel_shuffle(input, groups)
