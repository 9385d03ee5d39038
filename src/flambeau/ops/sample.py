"""Random numbers that can be differentiated with respect to the parameters of their distribution.

Rows draw nothing: the numbers come as an attribute, drawn before from a generator.
"""

from __future__ import annotations

from .elementwise import no_derivative
from .table import op


@op(
    input=lambda xp, g, input, out: g * xp.standard_gamma_grad(input, out),
    method=False,
    public=False,
    node="StandardGamma",
)
def standard_gamma(xp, input, values: object):
    """`values`, drawn from gamma distributions of the concentrations `input` and of rate 1."""
    return values


@op(
    input=no_derivative("_standard_gamma_grad"),
    output=no_derivative("_standard_gamma_grad"),
    method=False,
    public=False,
    node="NotImplemented",
)
def standard_gamma_grad(xp, input, output):
    """The derivative of gamma numbers `output` with respect to their concentrations `input`."""
    return xp.standard_gamma_grad(input, output)


def _dirichlet_rule(xp, g, input, out):
    total = xp.broadcast_to(xp.sum(input, axis=-1, keepdims=True), input.shape)
    # a larger concentration moves its own coordinate, and the others in proportion to what they are
    return xp.dirichlet_grad(out, input, total) * (g - xp.sum(out * g, axis=-1, keepdims=True))


@op(input=_dirichlet_rule, method=False, public=False, node="_DirichletBackward")
def sample_dirichlet(xp, input, values: object):
    """`values`, drawn from Dirichlet distributions whose concentrations stand along the last axis of `input`."""
    return values


@op(
    x=no_derivative("_dirichlet_grad"),
    alpha=no_derivative("_dirichlet_grad"),
    total=no_derivative("_dirichlet_grad"),
    method=False,
    public=False,
    node="NotImplemented",
)
def dirichlet_grad(xp, x, alpha, total):
    """The derivative of Dirichlet coordinates `x` with respect to their concentrations `alpha`, over `1 - x`."""
    return xp.dirichlet_grad(x, alpha, total)
