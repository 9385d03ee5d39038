"""Samples of the activations and of softmax."""

from __future__ import annotations

import math

import numpy as np

from . import A, Mistake, Sample

erf = np.vectorize(math.erf, otypes=[float])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, dim):
    weights = np.exp(x - x.max(dim, keepdims=True))
    return weights / weights.sum(dim, keepdims=True)


def elu(x, alpha=1.0, scale=1.0, input_scale=1.0):
    return scale * np.where(x > 0, x, alpha * np.expm1(input_scale * x))


def glu(x, dim):
    value, gate = np.split(x, 2, dim)
    return value * sigmoid(gate)


# values away from the kinks of the curves, which are at 0, 0.5, 1 and 3
APART = A((2, 4), values=[[-3.7, -2.3, -0.8, -0.2], [0.3, 0.8, 1.9, 3.4]])
SMOOTH = A((3, 4))

SAMPLES = [
    Sample("softmax_dim", (A((2, 3)), 1), reference=softmax),
    Sample("softmax_dim", (A((2, 3, 2)), -2), reference=softmax),
    Sample(
        "softmax_dim",
        (A((2, 3), values=[[900.0, 901.0, -900.0], [-math.inf, 0.0, 1.0]]), 1),
        reference=softmax,
        grad=False,
    ),
    Sample("softmax_dim", (A(()), 0), reference=lambda x, dim: np.ones_like(x)),
    Sample("softmax_dim", (A((0, 3)), 1), reference=lambda x, dim: x),
    Sample(
        "softmax_grad",
        (A((2, 3)), A((2, 3)), 1),
        reference=lambda g, out, dim: out * (g - (g * out).sum(dim, keepdims=True)),
    ),
    Sample("log_softmax_dim", (A((2, 3)), 1), reference=lambda x, dim: np.log(softmax(x, dim))),
    Sample("log_softmax_dim", (A((2, 3, 2)), 0), reference=lambda x, dim: np.log(softmax(x, dim))),
    Sample("log_softmax_dim", (A(()), 0), reference=lambda x, dim: np.zeros_like(x)),
    Sample(
        "log_softmax_grad",
        (A((2, 3)), A((2, 3)), 1),
        reference=lambda g, out, dim: g - np.exp(out) * g.sum(dim, keepdims=True),
    ),
    Sample("safe_softmax", (A((2, 3)), 1), reference=softmax),
    Sample(
        "safe_softmax",
        (A((2, 2), values=[[-math.inf, -math.inf], [1.0, 1.0]]), 1),
        reference=lambda x, dim: np.array([[0, 0], [0.5, 0.5]]),
        grad=False,
    ),
    Sample("hardtanh", (APART,), reference=lambda x: np.clip(x, -1, 1)),
    Sample("hardtanh", (APART, 0, 2.5), reference=np.clip),
    Sample("leaky_relu", (APART,), reference=lambda x: np.where(x > 0, x, 0.01 * x)),
    Sample("leaky_relu", (APART, -0.5), reference=lambda x, slope: np.where(x > 0, x, slope * x)),
    Sample(
        "leaky_relu",
        (A((2,), values=[math.inf, -1.0]), 0.0),
        reference=lambda x, slope: np.array([np.inf, -0.0]),
        grad=False,
    ),
    Sample("prelu_kernel", (APART, A((4,))), reference=lambda x, w: np.where(x > 0, x, w * x)),
    Sample("rrelu_with_noise", (APART, A((2, 4), grad=False)), reference=lambda x, noise: x * noise),
    Sample("rrelu_mean", (APART, 0.2), reference=lambda x, slope: np.where(x > 0, x, slope * x)),
    Sample("threshold", (APART, 0.5, 7.0), reference=lambda x, t, v: np.where(x > t, x, v)),
    Sample("elu", (APART,), reference=elu),
    Sample("elu", (APART, 0.7, 1.5, 0.5), reference=elu),
    Sample("celu", (APART, 0.7), reference=lambda x, a: np.where(x > 0, x, a * np.expm1(x / a))),
    Sample("selu", (APART,), reference=lambda x: elu(x, 1.6732632423543772, 1.0507009873554805)),
    Sample("gelu", (SMOOTH,), reference=lambda x: x * (1 + erf(x / np.sqrt(2))) / 2),
    Sample(
        "gelu",
        (SMOOTH,),
        {"approximate": "tanh"},
        reference=lambda x, approximate: x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2,
    ),
    Sample("silu", (SMOOTH,), reference=lambda x: x * sigmoid(x), complex=True),
    Sample("mish", (SMOOTH,), reference=lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    Sample("softplus", (SMOOTH,), reference=lambda x: np.log1p(np.exp(x))),
    Sample(
        "softplus",
        (APART, 2, 5),
        reference=lambda x, beta, t: np.where(x * beta > t, x, np.log1p(np.exp(beta * x)) / beta),
    ),
    Sample(
        "softplus",
        (APART, 2, -3),
        reference=lambda x, beta, t: np.where(x * beta > t, x, np.log1p(np.exp(beta * x)) / beta),
    ),
    Sample("logsigmoid", (SMOOTH,), reference=lambda x: np.log(sigmoid(x))),
    Sample(
        "logsigmoid", (A((2,), values=[-1000.0, 1000.0]),), reference=lambda x: np.array([-1000.0, 0.0]), grad=False
    ),
    Sample("hardsigmoid", (APART,), reference=lambda x: np.clip(x + 3, 0, 6) / 6),
    Sample("hardswish", (APART,), reference=lambda x: x * np.clip(x + 3, 0, 6) / 6),
    Sample("hardshrink", (APART,), reference=lambda x: np.where(abs(x) > 0.5, x, 0)),
    Sample("hardshrink", (APART, 1.0), reference=lambda x, lambd: np.where(abs(x) > lambd, x, 0)),
    Sample("softshrink", (APART, 0.4), reference=lambda x, lambd: np.sign(x) * np.maximum(abs(x) - lambd, 0)),
    Sample("glu", (A((2, 4)), -1), reference=glu),
    Sample("glu", (A((4, 3)), 0), reference=glu),
]

ERRORS = [
    Mistake(
        lambda torch: torch.softmax(torch.ones(2, 3), 2), IndexError, r"^Dimension out of range \(expected to be in"
    ),
    Mistake(
        lambda torch: torch.softmax(torch.ones(2, 3).long(), 1),
        NotImplementedError,
        r"^\"softmax_lastdim_kernel_impl\" not implemented for 'Long'",
    ),
    Mistake(
        lambda torch: torch.log_softmax(torch.ones(2, 3).long(), 0),
        NotImplementedError,
        r"^\"log_softmax_kernel_impl\" not implemented for 'Long'",
    ),
    Mistake(lambda torch: torch.celu(torch.ones(2), 0.0), RuntimeError, "alpha cannot be 0 for CELU"),
    Mistake(
        lambda torch: torch.prelu(torch.ones(2, 3), torch.ones(2)),
        RuntimeError,
        "Found parameter numbers = 2 and channel size = 3",
    ),
    Mistake(
        lambda torch: torch.prelu(torch.ones(2, 3), torch.ones(3).double()),
        RuntimeError,
        r"^prelu: Type promoting not supported. Got Float and Double",
    ),
    Mistake(
        lambda torch: torch.rrelu(torch.ones(2), 0.5, 0.1),
        RuntimeError,
        "^Lower bound should be less than or equal to the upper bound",
    ),
    Mistake(
        lambda torch: torch.selu(torch.ones(2).long()), NotImplementedError, "\"elu_cpu\" not implemented for 'Long'"
    ),
]
