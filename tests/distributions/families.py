"""Distributions of every family with parameters of several shapes, for the tests beside this file.

A case is a name and a function of the library (this one or PyTorch): it returns a function that makes the distribution
from the list of tensors that it is to be differentiated by, and these tensors.
"""

from __future__ import annotations

import numpy as np

# batch shapes of the parameters; 20 elements take the streams of long draws
SHAPES = [(), (3,), (2, 1, 4), (20,)]


def uniform(seed, shape, low, high):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def numbers(name, *ranges, **fixed):
    """Cases of a family whose parameters are numbers within ranges, positional by their order or by name."""

    def at(shape):
        def build(torch):
            params = [torch.tensor(uniform(i, shape, *bounds)) for i, bounds in enumerate(ranges)]
            return (lambda *p: getattr(torch.distributions, name)(*p, **fixed)), params

        return build

    return {f"{name}{list(shape)}": at(shape) for shape in SHAPES}


def named(name, family, make, *parameters):
    """One case: `make(D, *params)` with `parameters`, each (shape, low, high)."""

    def build(torch):
        params = [torch.tensor(uniform(i, *p)) for i, p in enumerate(parameters)]
        return (lambda *p: make(torch.distributions, *p)), params

    return {f"{family}-{name}": build}


def weights(family, **options):
    """Cases of a family with weights along the last dim."""
    found = {}
    for shape in [(4,), (3, 5), (2, 1, 3)]:
        for how in ("probs", "logits"):
            found |= named(
                f"{how}{list(shape)}",
                family,
                lambda D, w, how=how: getattr(D, family)(**{how: w}, **options),
                (shape, 0.1, 1.0),
            )
    return found


def binary(family, low=0.1, high=0.9):
    found = {}
    for shape in SHAPES:
        found |= named(f"probs{list(shape)}", family, lambda D, p: getattr(D, family)(probs=p), (shape, low, high))
        found |= named(f"logits{list(shape)}", family, lambda D, p: getattr(D, family)(logits=p), (shape, -2, -0.4))
    return found


def of_matrix(D, family, first, root, how):
    """A family with a covariance, given in one of three ways."""
    n = root.shape[-1]
    factor = root.tril(-1) + (root.diagonal(dim1=-2, dim2=-1).abs() + 1).diag_embed()
    matrix = {
        "scale_tril": lambda: factor,
        "covariance_matrix": lambda: factor @ factor.mT,
        "precision_matrix": lambda: factor @ factor.mT,
    }[how]()
    assert n == matrix.shape[-2]
    return getattr(D, family)(first, **{how: matrix})


CASES = {
    **numbers("Normal", (-2, 2), (0.5, 2)),
    **numbers("Laplace", (-2, 2), (0.5, 2)),
    **numbers("Cauchy", (-2, 2), (0.5, 2)),
    **numbers("Gumbel", (-2, 2), (0.5, 2)),
    **numbers("LogNormal", (-1, 1), (0.3, 1)),
    **numbers("Uniform", (-2, 0), (0.5, 2)),
    **numbers("Exponential", (0.3, 3)),
    **numbers("Poisson", (0.3, 30)),
    **numbers("Gamma", (0.3, 12), (0.5, 2)),
    **numbers("InverseGamma", (2.1, 6), (0.5, 2)),
    **numbers("Beta", (0.3, 9), (0.3, 9)),
    **numbers("Chi2", (0.3, 20)),
    **numbers("FisherSnedecor", (0.6, 9), (1, 12)),
    **numbers("StudentT", (0.6, 9), (-2, 2), (0.5, 2)),
    **numbers("HalfNormal", (0.5, 2)),
    **numbers("HalfCauchy", (0.5, 2)),
    **numbers("Kumaraswamy", (0.7, 3), (0.7, 3)),
    **numbers("Pareto", (0.5, 2), (0.7, 4)),
    **numbers("Weibull", (0.5, 2), (0.7, 4)),
    **numbers("VonMises", (-3, 3), (0.3, 8)),
    **numbers("GeneralizedPareto", (-1, 1), (0.5, 2), (-0.4, 0.4)),
    **binary("Bernoulli"),
    # nearer to 1/2 the formulas cancel to noise in float32, until the series take over
    **binary("ContinuousBernoulli", 0.05, 0.4),
    **named("high", "ContinuousBernoulli", lambda D, p: D.ContinuousBernoulli(p), ((3,), 0.6, 0.95)),
    **named("half", "ContinuousBernoulli", lambda D, p: D.ContinuousBernoulli(p), ((3,), 0.4995, 0.5005)),
    **binary("Geometric"),
    **weights("Categorical"),
    **weights("OneHotCategorical"),
    **weights("OneHotCategoricalStraightThrough"),
    **weights("Multinomial", total_count=7),
    **named("probs", "Binomial", lambda D, p: D.Binomial(9, probs=p), ((3, 4), 0.1, 0.9)),
    **named("many", "Binomial", lambda D, p: D.Binomial(90, probs=p), ((3, 4), 0.1, 0.9)),
    **named("logits", "Binomial", lambda D, p: D.Binomial(5, logits=p), ((3,), -2, 2)),
    **named("several", "Binomial", lambda D, n, p: D.Binomial(n.round(), p), ((3,), 2, 9), ((3,), 0.1, 0.9)),
    **named("probs", "NegativeBinomial", lambda D, n, p: D.NegativeBinomial(n, p), ((3,), 1, 9), ((3,), 0.1, 0.8)),
    **named("logits", "NegativeBinomial", lambda D, p: D.NegativeBinomial(4, logits=p), ((2, 3), -2, 2)),
    **named("vector", "Dirichlet", lambda D, a: D.Dirichlet(a), ((4,), 0.3, 9)),
    **named("small", "Dirichlet", lambda D, a: D.Dirichlet(a), ((4,), 0.1, 0.9)),
    **named("batch", "Dirichlet", lambda D, a: D.Dirichlet(a), ((3, 2, 3), 0.3, 9)),
    **named("one", "RelaxedBernoulli", lambda D, t, p: D.RelaxedBernoulli(t, probs=p), ((), 0.5, 2), ((3,), 0.1, 0.9)),
    **named(
        "logits", "RelaxedBernoulli", lambda D, t, p: D.RelaxedBernoulli(t, logits=p), ((), 0.5, 2), ((2, 3), -2, 2)
    ),
    **named(
        "logits",
        "LogitRelaxedBernoulli",
        lambda D, t, p: D.relaxed_bernoulli.LogitRelaxedBernoulli(t, logits=p),
        ((3,), 0.5, 2),
        ((2, 3), -2, 2),
    ),
    **named(
        "one",
        "RelaxedOneHotCategorical",
        lambda D, t, p: D.RelaxedOneHotCategorical(t, probs=p),
        ((), 0.5, 2),
        ((2, 3), 0.1, 0.9),
    ),
    **named(
        "log",
        "ExpRelaxedCategorical",
        lambda D, t, p: D.relaxed_categorical.ExpRelaxedCategorical(t, logits=p),
        ((), 0.5, 2),
        ((2, 3), 0.1, 0.9),
    ),
    **named("one", "LogisticNormal", lambda D, m, s: D.LogisticNormal(m, s), ((3,), -1, 1), ((3,), 0.5, 1)),
    **named("batch", "LogisticNormal", lambda D, m, s: D.LogisticNormal(m, s), ((2, 3), -1, 1), ((2, 3), 0.5, 1)),
    **named("one", "LKJCholesky", lambda D, a: D.LKJCholesky(3, a), ((), 0.5, 3)),
    **named("batch", "LKJCholesky", lambda D, a: D.LKJCholesky(4, a), ((3,), 0.5, 3)),
    **{
        key: value
        for how in ("scale_tril", "covariance_matrix", "precision_matrix")
        for batch in [(), (3,), (2, 3)]
        for family, first in {"MultivariateNormal": ((3, 3), -2, 2), "Wishart": (batch, 4, 6)}.items()
        for key, value in named(
            f"{how}{list(batch)}",
            family,
            lambda D, first, root, family=family, how=how: of_matrix(D, family, first, root, how),
            first,
            ((*batch, 3, 3), -1, 1),
        ).items()
    },
    **named(
        "one",
        "LowRankMultivariateNormal",
        lambda D, m, w, d: D.LowRankMultivariateNormal(m, w, d),
        ((4,), -1, 1),
        ((4, 2), -1, 1),
        ((4,), 0.5, 2),
    ),
    **named(
        "batch",
        "LowRankMultivariateNormal",
        lambda D, m, w, d: D.LowRankMultivariateNormal(m, w, d),
        ((3, 4), -1, 1),
        ((2, 1, 4, 2), -1, 1),
        ((4,), 0.5, 2),
    ),
    **named(
        "normal",
        "MixtureSameFamily",
        lambda D, w, m, s: D.MixtureSameFamily(D.Categorical(w), D.Normal(m, s)),
        ((3,), 0.1, 1),
        ((3,), -1, 1),
        ((3,), 0.5, 2),
    ),
    **named(
        "vectors",
        "MixtureSameFamily",
        lambda D, w, m, s: D.MixtureSameFamily(D.Categorical(w), D.Independent(D.Normal(m, s), 1)),
        ((2, 3), 0.1, 1),
        ((2, 3, 4), -1, 1),
        ((2, 3, 4), 0.5, 2),
    ),
    **named("one", "Independent", lambda D, m, s: D.Independent(D.Normal(m, s), 1), ((2, 3), -1, 1), ((2, 3), 0.5, 2)),
    **named("none", "Independent", lambda D, p: D.Independent(D.Bernoulli(p), 0), ((2, 3), 0.1, 0.9)),
    **named(
        "chain",
        "TransformedDistribution",
        lambda D, m, s: D.TransformedDistribution(
            D.Normal(m, s), [D.AffineTransform(1.0, -2.0), D.TanhTransform(), D.AffineTransform(0.5, m)]
        ),
        ((3,), 0.2, 1),
        ((3,), 0.3, 0.8),
    ),
    **named(
        "simplex",
        "TransformedDistribution",
        lambda D, m: D.TransformedDistribution(D.Normal(m, 1.0), D.StickBreakingTransform()),
        ((2, 3), -1, 1),
    ),
}
