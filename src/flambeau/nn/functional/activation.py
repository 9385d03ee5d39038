"""Activations, in PyTorch's signatures. `inplace=True` overwrites the input where it may be overwritten."""

from __future__ import annotations

import warnings

from ...ops import shapes
from ...tensor import functions as fn
from ...tensor import rows
from ...tensor.functions.neural import celu_, in_place, relu_, rrelu_, selu_, threshold_


def elu_(input, alpha=1.0):
    """`elu`, in place."""
    return in_place("elu")(input, alpha)


def hardtanh_(input, min_val=-1.0, max_val=1.0):
    """`hardtanh`, in place."""
    return in_place("hardtanh")(input, min_val, max_val)


def leaky_relu_(input, negative_slope=0.01):
    """`leaky_relu`, in place."""
    return in_place("leaky_relu")(input, negative_slope)


# ---- softmax ---------------------------------------------------------------------------------------------------------


def _implicit_dim(name: str, ndim: int, stacklevel: int) -> int:
    """The dim that old programs mean by not saying one."""
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Exponentials along `dim`, divided by their sum: positive numbers that add up to 1. Keeps the shape.

    dtype: convert to it first. Raises NotImplementedError for integers.

    >>> softmax(tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
    """
    if dim is None:
        dim = _implicit_dim("softmax", input.dim(), _stacklevel)
    return fn.softmax(input, dim, dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """`softmax(-input, dim)`: the smallest numbers weigh most.

    >>> softmin(tensor([0., 0.]), dim=0)
    tensor([0.5000, 0.5000])
    """
    if dim is None:
        dim = _implicit_dim("softmin", input.dim(), _stacklevel)
    return fn.softmax(-input, dim, dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """The logarithm of `softmax(input, dim)`, exact also where softmax would be 0. Keeps the shape.

    >>> log_softmax(tensor([0., 0.]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    if dim is None:
        dim = _implicit_dim("log_softmax", input.dim(), _stacklevel)
    return fn.log_softmax(input, dim, dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """A random softmax: Gumbel noise is added to `logits`, and their sum divided by `tau`.

    hard: one-hot results, with the gradient of the soft ones. `eps` has no effect any more.
    From Jang et al., "Categorical Reparameterization with Gumbel-Softmax", 2017.

    >>> gumbel_softmax(zeros(2, 3), hard=True).sum(1)
    tensor([1., 1.])
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    noise = -fn.empty_like(logits).exponential_().log()
    soft = fn.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    best = soft.max(dim, keepdim=True)[1]
    one_hot = fn.zeros_like(logits).scatter_(dim, best, 1.0)
    return one_hot - soft.detach() + soft


# ---- rectifiers ------------------------------------------------------------------------------------------------------


def relu(input, inplace=False):
    """Elementwise `max(input, 0)`.

    >>> relu(tensor([-1., 2.]))
    tensor([0., 2.])
    """
    return relu_(input) if inplace else rows.relu(input)


def threshold(input, threshold, value, inplace=False):
    """Elementwise `input` where it is above `threshold`, else `value`.

    >>> threshold(tensor([-1., 2.]), 0., 9.)
    tensor([9., 2.])
    """
    return threshold_(input, threshold, value) if inplace else rows.threshold(input, threshold, value)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """Elementwise `input`, cut off at `min_val` and `max_val`.

    Raises ValueError where `min_val` is above `max_val`.

    >>> hardtanh(tensor([-3., 0.5]))
    tensor([-1.0000,  0.5000])
    """
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    dtype = input._kind.dtype
    if dtype.category == 1:
        if dtype.itemsize == 1 and not dtype.is_signed and min_val < 0:
            raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
        min_val, max_val = int(min_val), int(max_val)
    return hardtanh_(input, min_val, max_val) if inplace else rows.hardtanh(input, min_val, max_val)


def relu6(input, inplace=False):
    """Elementwise `min(max(input, 0), 6)`.

    >>> relu6(tensor([-1., 8.]))
    tensor([0., 6.])
    """
    return hardtanh_(input, 0, 6) if inplace else rows.hardtanh(input, 0, 6)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """Elementwise `input` where it is above 0, else `negative_slope * input`.

    >>> leaky_relu(tensor([-1., 2.]), 0.5)
    tensor([-0.5000,  2.0000])
    """
    return leaky_relu_(input, negative_slope) if inplace else rows.leaky_relu(input, negative_slope)


def prelu(input, weight):
    """Elementwise `input` where it is above 0, else `weight * input`; `weight` has 1 element, or 1 for each channel.

    >>> prelu(tensor([-1., 2.]), tensor([0.5]))
    tensor([-0.5000,  2.0000])
    """
    return fn.prelu(input, weight)


# ---- exponential below zero ------------------------------------------------------------------------------------------


def elu(input, alpha=1.0, inplace=False):
    """Elementwise `input` above 0, `alpha * (exp(input) - 1)` below.

    >>> elu(tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """
    return elu_(input, alpha) if inplace else rows.elu(input, alpha)


def selu(input, inplace=False):
    """Elementwise exponential unit whose constants keep mean 0 and variance 1 from layer to layer.

    >>> selu(tensor([-1., 2.]))
    tensor([-1.1113,  2.1014])
    """
    return selu_(input) if inplace else rows.selu(input)


def celu(input, alpha=1.0, inplace=False):
    """Elementwise `input` above 0, `alpha * (exp(input / alpha) - 1)` below.

    >>> celu(tensor([-1., 2.]))
    tensor([-0.6321,  2.0000])
    """
    return celu_(input, alpha) if inplace else rows.celu(input, alpha)


# ---- smooth curves ---------------------------------------------------------------------------------------------------


def sigmoid(input):
    """Elementwise `1 / (1 + exp(-input))`.

    >>> sigmoid(tensor([0.]))
    tensor([0.5000])
    """
    return input.sigmoid()


def tanh(input):
    """Elementwise hyperbolic tangent.

    >>> tanh(tensor([0.]))
    tensor([0.])
    """
    return input.tanh()


def gelu(input, *, approximate="none", out=None):
    """Elementwise `input` times the probability that a standard normal number is below it.

    approximate: "none", or "tanh" for a formula with tanh that is within 0.001 of it.

    >>> gelu(tensor([-1., 2.]))
    tensor([-0.1587,  1.9545])
    """
    return rows.gelu(input, approximate=approximate, out=out)


def silu(input, inplace=False):
    """Elementwise `input * sigmoid(input)`.

    >>> silu(tensor([0., 2.]))
    tensor([0.0000, 1.7616])
    """
    return in_place("silu")(input) if inplace else rows.silu(input)


def mish(input, inplace=False):
    """Elementwise `input * tanh(softplus(input))`.

    >>> mish(tensor([0., 2.]))
    tensor([0.0000, 1.9440])
    """
    return in_place("mish")(input) if inplace else rows.mish(input)


def softplus(input, beta=1, threshold=20, *, out=None):
    """Elementwise `log(1 + exp(beta * input)) / beta`; `input` itself where `beta * input` is above the threshold.

    >>> softplus(tensor([0., 30.]))
    tensor([ 0.6931, 30.0000])
    """
    return rows.softplus(input, beta, threshold, out=out)


def logsigmoid(input, *, out=None):
    """Elementwise `log(sigmoid(input))`, without overflow.

    >>> logsigmoid(tensor([0.]))
    tensor([-0.6931])
    """
    return rows.logsigmoid(input, out=out)


def softsign(input):
    """Elementwise `input / (1 + |input|)`.

    >>> softsign(tensor([-1., 3.]))
    tensor([-0.5000,  0.7500])
    """
    return input / (input.abs() + 1)


def tanhshrink(input):
    """Elementwise `input - tanh(input)`.

    >>> tanhshrink(tensor([0.]))
    tensor([0.])
    """
    return input - input.tanh()


# ---- hard curves -----------------------------------------------------------------------------------------------------


def hardsigmoid(input, inplace=False):
    """Elementwise `(input + 3) / 6`, cut off at 0 and 1.

    >>> hardsigmoid(tensor([0., 5.]))
    tensor([0.5000, 1.0000])
    """
    return in_place("hardsigmoid")(input) if inplace else rows.hardsigmoid(input)


def hardswish(input, inplace=False):
    """Elementwise `input * hardsigmoid(input)`.

    >>> hardswish(tensor([-4., 1.]))
    tensor([-0.0000,  0.6667])
    """
    return in_place("hardswish")(input) if inplace else rows.hardswish(input)


def hardshrink(input, lambd=0.5, *, out=None):
    """Elementwise `input`, 0 where it lies within `-lambd` and `lambd`.

    >>> hardshrink(tensor([0.2, 2.]))
    tensor([0., 2.])
    """
    return rows.hardshrink(input, lambd, out=out)


def softshrink(input, lambd=0.5, *, out=None):
    """Elementwise `input` moved towards 0 by `lambd`, 0 where it lies within `-lambd` and `lambd`.

    >>> softshrink(tensor([0.2, 2.]))
    tensor([0.0000, 1.5000])
    """
    return rows.softshrink(input, lambd, out=out)


# ---- gates, and functions with noise ---------------------------------------------------------------------------------


def glu(input, dim=-1):
    """The first half along `dim`, times the sigmoid of the second half. The size of `dim` is even, and halved.

    >>> glu(tensor([2., 0.]))
    tensor([1.])
    """
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    axis = shapes.one_dim(dim, input.dim())
    if input.size(axis) % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {axis} is size {input.size(axis)}")
    return rows.glu(input, dim)


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """Elementwise `input` above 0, `slope * input` below, the slopes drawn evenly from `lower` to `upper`.

    In evaluation the slope is `(lower + upper) / 2`.

    >>> rrelu(tensor([-1., 2.]), 0.5, 0.5)
    tensor([-0.5000,  2.0000])
    """
    return (rrelu_ if inplace else fn.rrelu)(input, lower, upper, training)
