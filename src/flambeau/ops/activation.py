"""Activations: rectifiers, smooth and hard curves, gates, and softmax with its logarithm.

Curves of two branches are written with `maximum`, `minimum` and factors that are 0 or 1: that is exact, and several
times as fast on NumPy as `where`, which cannot foresee its branches.
"""

from __future__ import annotations

from . import shapes
from .table import fused, op

SQRT_HALF = 0.7071067811865476
SQRT_2_OVER_PI = 0.7978845608028654
INV_SQRT_2PI = 0.3989422804014327  # the density of a standard normal at 0
GELU_CUBIC = 0.044715  # of the tanh approximation: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016
REAL = ("bool", "integer", "complex")  # what an op of real floating numbers refuses


# ---- softmax ---------------------------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, out, dim: xp.softmax_grad(g, out, dim),
    public=False,
    method=False,
    node="Softmax",
    refuses=REAL,
)
def softmax_dim(xp, input, dim: int):
    """`exp(input)` divided by its sum along a dim."""
    return xp.softmax(input, shapes.one_dim(dim, input.ndim))


@op(composite=True, public=False, method=False)
def softmax_grad(xp, g, result, dim: int):
    """The gradient of softmax, from that of its result."""
    return result * (g - _sum(xp, g * result, dim))


@op(
    input=lambda xp, g, out, dim: xp.log_softmax_grad(g, out, dim),
    public=False,
    method=False,
    node="LogSoftmax",
    refuses=REAL,
)
def log_softmax_dim(xp, input, dim: int):
    """The logarithm of softmax along a dim, computed without overflow."""
    return xp.log_softmax(input, shapes.one_dim(dim, input.ndim))


@op(composite=True, public=False, method=False)
def log_softmax_grad(xp, g, result, dim: int):
    """The gradient of log-softmax, from that of its result."""
    return g - xp.exp(result) * _sum(xp, g, dim)


@op(
    input=lambda xp, g, out, dim: xp.softmax_grad(g, out, dim),
    public=False,
    method=False,
    node="SafeSoftmax",
    refuses=REAL,
)
def safe_softmax(xp, input, dim: int):
    """Softmax along a dim, 0 where all is -inf: attention of a query that may look at nothing."""
    return xp.safe_softmax(input, shapes.one_dim(dim, input.ndim))


def _sum(xp, x, dim):
    """The sum along one dim, which stays; numbers without dims are their own sum."""
    return xp.sum(x, axis=dim, keepdims=True) if x.ndim else x


# ---- rectifiers ------------------------------------------------------------------------------------------------------


def _clip(xp, x, low, high):
    return xp.minimum(xp.maximum(x, low), high)


def _positive(xp, x, g):
    """1 where `x` is above 0, else 0, in the dtype of `g`."""
    return xp.astype(x > 0, g.dtype)


@fused
def _leaky(xp, x, slope):
    return xp.maximum(x, 0) + slope * xp.minimum(x, 0)


@fused
def _leaky_grad(xp, g, x, slope):
    above = _positive(xp, x, g)
    return g * (above + slope * (1 - above))


@op(
    input=lambda xp, g, input, min_val, max_val: g * ((input > min_val) & (input < max_val)),
    inplace=True,
    public=False,
    method=False,
    refuses=("bool", "complex"),
)
def hardtanh(xp, input, min_val=-1.0, max_val=1.0):
    """Elementwise `input`, cut off at `min_val` and `max_val`; the gradient there is 0."""
    return _clip(xp, input, min_val, max_val)


@op(
    input=lambda xp, g, input, negative_slope: _leaky_grad(xp, g, input, negative_slope),
    inplace=True,
    public=False,
    method=False,
    refuses=REAL,
)
def leaky_relu(xp, input, negative_slope=0.01):
    """Elementwise `input` where it is above 0, else `negative_slope * input`."""
    if 0 < negative_slope <= 1:
        return xp.maximum(input, input * negative_slope)
    return _leaky(xp, input, negative_slope)


@op(
    input=lambda xp, g, input, weight: _leaky_grad(xp, g, input, weight),
    weight=lambda xp, g, input: g * xp.minimum(input, 0),
    public=False,
    method=False,
    refuses=REAL,
)
def prelu_kernel(xp, input, weight):
    """Elementwise `input` where it is above 0, else `weight * input`; `weight` broadcasts."""
    return _leaky(xp, input, weight)


@op(input=lambda g, noise: g * noise, public=False, method=False, refuses=REAL)
def rrelu_with_noise(xp, input, noise):
    """`input * noise`, the noise being 1 above 0 and a random slope below."""
    return input * noise


@op(
    input=lambda xp, g, input, slope: _leaky_grad(xp, g, input, slope),
    public=False,
    method=False,
    node="RreluWithNoise",
    refuses=REAL,
)
def rrelu_mean(xp, input, slope: float):
    """What a randomised leaky rectifier does in evaluation: its mean slope below 0."""
    return _leaky(xp, input, slope)


@op(
    input=lambda xp, g, input, threshold: xp.where(input <= threshold, xp.zeros_like(g), g),
    inplace=True,
    method=False,
    refuses=("bool", "complex"),
)
def threshold(xp, input, threshold: float, value: float):
    """Elementwise `input` where it is above `threshold`, else `value`."""
    return xp.where(input <= threshold, xp.astype(xp.full_like(input, value), input.dtype), input)


# ---- exponential below zero ------------------------------------------------------------------------------------------


@fused
def _elu(xp, x, alpha, scale, input_scale):
    return xp.maximum(x, 0) * scale + xp.expm1(xp.minimum(x, 0) * input_scale) * (alpha * scale)


@fused
def _elu_grad(xp, g, x, alpha, scale, input_scale):
    above = _positive(xp, x, g)
    slope = xp.exp(xp.minimum(x, 0) * input_scale) * (alpha * scale * input_scale)
    return g * (above * scale + slope * (1 - above))


@op(
    input=lambda xp, g, input, alpha, scale, input_scale: _elu_grad(xp, g, input, alpha, scale, input_scale),
    inplace=True,
    public=False,
    method=False,
    refuses=REAL,
)
def elu(xp, input, alpha=1.0, scale=1.0, input_scale=1.0):
    """Elementwise `scale * input` above 0, `scale * alpha * (exp(input_scale * input) - 1)` below."""
    return _elu(xp, input, alpha, scale, input_scale)


@op(
    input=lambda xp, g, input, alpha: _elu_grad(xp, g, input, alpha, 1.0, 1.0 / alpha),
    inplace=True,
    method=False,
    refuses=REAL,
)
def celu(xp, input, alpha=1.0):
    """Elementwise `input` above 0, `alpha * (exp(input / alpha) - 1)` below."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _elu(xp, input, alpha, 1.0, 1.0 / alpha)


# Klambauer et al., "Self-Normalizing Neural Networks", 2017, in the digits of a double
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


@op(
    input=lambda xp, g, input: _elu_grad(xp, g, input, SELU_ALPHA, SELU_SCALE, 1.0),
    inplace=True,
    method=False,
    node="Elu",
    refuses=REAL,
)
def selu(xp, input):
    """Elementwise exponential unit whose two constants keep mean 0 and variance 1 from layer to layer."""
    return _elu(xp, input, SELU_ALPHA, SELU_SCALE, 1.0)


# ---- smooth curves ---------------------------------------------------------------------------------------------------


@fused
def _gelu(xp, x, approximate):
    if approximate == "none":
        return 0.5 * x * (1 + xp.erf(x * SQRT_HALF))
    return 0.5 * x * (1 + xp.tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x)))


@fused
def _gelu_grad(xp, g, x, approximate):
    if approximate == "none":
        cdf = 0.5 * (1 + xp.erf(x * SQRT_HALF))
        return g * (cdf + x * (INV_SQRT_2PI * xp.exp(-0.5 * x * x)))
    square = x * x
    t = xp.tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * square * x))
    inner = SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * square)
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner)


@op(
    input=lambda xp, g, input, approximate: _gelu_grad(xp, g, input, approximate),
    inplace=True,
    public=False,
    method=False,
    refuses=REAL,
)
def gelu(xp, input, *, approximate="none"):
    """Elementwise `input` times the probability that a standard normal number is below it."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return _gelu(xp, input, approximate)


@fused
def _silu(xp, x):
    return x * xp.sigmoid(x)


@fused
def _silu_grad(xp, g, x):
    s = xp.sigmoid(x)
    return g * xp.conj(s * (1 + x * (1 - s)))


@op(
    input=lambda xp, g, input: _silu_grad(xp, g, input),
    inplace=True,
    public=False,
    method=False,
    refuses=("bool", "integer"),
)
def silu(xp, input):
    """Elementwise `input * sigmoid(input)`."""
    return _silu(xp, input)


@fused
def _mish_grad(xp, g, x):
    t = xp.tanh(xp.logaddexp(x, xp.zeros_like(x)))
    return g * (t + x * xp.sigmoid(x) * (1 - t * t))


@op(input=lambda xp, g, input: _mish_grad(xp, g, input), inplace=True, public=False, method=False, refuses=REAL)
def mish(xp, input):
    """Elementwise `input * tanh(softplus(input))`."""
    return input * xp.tanh(xp.log1p(xp.exp(input)))


@fused
def _softplus_grad(xp, g, x, threshold):
    straight = xp.astype(x > threshold, g.dtype)
    return g * (straight + xp.sigmoid(x) * (1 - straight))


@op(
    input=lambda xp, g, input, beta, threshold: _softplus_grad(xp, g, input * beta, threshold),
    public=False,
    method=False,
    refuses=REAL,
)
def softplus(xp, input, beta=1, threshold=20):
    """Elementwise `log(1 + exp(beta * input)) / beta`; `input` itself where `beta * input` is above the threshold."""
    scaled = input if beta == 1 else input * beta
    bend = xp.log1p(xp.exp(-xp.abs(scaled))) * (scaled <= threshold)
    if threshold >= 0:
        smooth = xp.maximum(scaled, 0) + bend
    else:
        smooth = xp.where(scaled > threshold, scaled, xp.maximum(scaled, 0) + bend)
    return smooth if beta == 1 else smooth / beta


@op(input=lambda xp, g, input: g * xp.sigmoid(-input), public=False, method=False, node="LogSigmoid", refuses=REAL)
def logsigmoid(xp, input):
    """Elementwise `log(sigmoid(input))`, without overflow."""
    return xp.minimum(input, 0) - xp.log1p(xp.exp(-xp.abs(input)))


# ---- hard curves -----------------------------------------------------------------------------------------------------


@op(
    input=lambda xp, g, input: g * ((input > -3) & (input < 3)) / 6,
    inplace=True,
    public=False,
    method=False,
    refuses=REAL,
)
def hardsigmoid(xp, input):
    """Elementwise `(input + 3) / 6`, cut off at 0 and 1."""
    return _clip(xp, input + 3, 0, 6) / 6


@fused
def _hardswish_grad(xp, g, x):
    # the slope of what is cut off is not infinity times 0
    return g * (xp.astype(x >= 3, g.dtype) + (_clip(xp, x, -3, 3) / 3 + 0.5) * ((x > -3) & (x < 3)))


@op(
    input=lambda xp, g, input: _hardswish_grad(xp, g, input),
    inplace=True,
    public=False,
    method=False,
    refuses=REAL,
)
def hardswish(xp, input):
    """Elementwise `input * hardsigmoid(input)`."""
    return input * _clip(xp, input + 3, 0, 6) / 6


@op(
    input=lambda xp, g, input, lambd: g * xp.logical_not(xp.abs(input) <= lambd),
    refuses=REAL,
)
def hardshrink(xp, input, lambd=0.5):
    """Elementwise `input`, 0 where it lies within `-lambd` and `lambd`."""
    # the sum makes 0 of -0
    return input * xp.logical_not(xp.abs(input) <= lambd) + 0.0


@op(
    input=lambda xp, g, input, lambd: g * xp.logical_not(xp.abs(input) <= lambd),
    public=False,
    method=False,
    refuses=REAL,
)
def softshrink(xp, input, lambd=0.5):
    """Elementwise `input` moved towards 0 by `lambd`, 0 where it lies within `-lambd` and `lambd`."""
    if lambd < 0:
        name, largest = ("Double", 1.79769e308) if input.dtype == xp.float64 else ("Float", 3.40282e38)
        raise RuntimeError(f"lambda must be in range [0, {largest:g}] for input dtype {name}, but found {lambd:g}")
    return input - _clip(xp, input, -lambd, lambd)


# ---- gates -----------------------------------------------------------------------------------------------------------


def halves(xp, x, dim):
    """The two halves of `x` along a dim."""
    axis = shapes.one_dim(dim, x.ndim)
    half = x.shape[axis] // 2
    front = (slice(None),) * axis
    return xp.getitem(x, (*front, slice(0, half))), xp.getitem(x, (*front, slice(half, None)))


def _glu_grad(xp, g, x, dim):
    value, gate = halves(xp, x, dim)
    s = xp.sigmoid(gate)
    return xp.concat([g * s, g * value * s * (1 - s)], axis=shapes.one_dim(dim, x.ndim))


@op(input=lambda xp, g, input, dim: _glu_grad(xp, g, input, dim), public=False, method=False, refuses=REAL)
def glu(xp, input, dim=-1):
    """The first half along a dim, times the sigmoid of the second half."""
    value, gate = halves(xp, input, dim)
    return value * xp.sigmoid(gate)
