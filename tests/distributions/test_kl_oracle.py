"""`kl_divergence` agrees with PyTorch for every pair of families, those without a formula included."""

from __future__ import annotations

import itertools
import sys
import warnings

import numpy as np
import pytest

import flambeau

from .families import CASES, named, numbers

torch = pytest.importorskip("torch")
kl = pytest.importorskip("torch.distributions.kl")

# second distributions of the same families, so that nothing compared with itself hides a mistake
OTHERS = {
    **{
        name.removesuffix("[3]"): case
        for name, case in {
            **numbers("Normal", (-1, 1), (1, 2)),
            **numbers("Laplace", (-1, 1), (1, 2)),
            **numbers("Cauchy", (-1, 1), (1, 2)),
            **numbers("Gumbel", (-1, 1), (1, 2)),
            **numbers("LogNormal", (0, 1), (1, 2)),
            **numbers("Uniform", (-3, -2), (2, 4)),
            **numbers("Exponential", (1, 2)),
            **numbers("Poisson", (1, 5)),
            **numbers("Gamma", (1, 5), (1, 3)),
            **numbers("Beta", (1, 5), (1, 5)),
            **numbers("Chi2", (1, 5)),
            **numbers("HalfNormal", (1, 3)),
            **numbers("Pareto", (0.1, 0.4), (1, 2)),
        }.items()
        if name.endswith("[3]")
    },
    **named("probs", "Bernoulli", lambda D, p: D.Bernoulli(p), ((3,), 0.2, 0.5)),
    **named("probs", "ContinuousBernoulli", lambda D, p: D.ContinuousBernoulli(p), ((3,), 0.05, 0.3)),
    **named("probs", "Geometric", lambda D, p: D.Geometric(p), ((3,), 0.2, 0.5)),
    **named("probs", "Binomial", lambda D, p: D.Binomial(9, p), ((3, 4), 0.2, 0.5)),
    **named("fewer", "Binomial", lambda D, p: D.Binomial(5, p), ((3, 4), 0.2, 0.5)),
    **named("probs", "Categorical", lambda D, p: D.Categorical(p), ((3, 4), 0.2, 0.5)),
    **named("zeros", "Categorical", lambda D, p: D.Categorical((p - 0.3).clamp(min=0)), ((3, 4), 0.2, 0.5)),
    **named("probs", "OneHotCategorical", lambda D, p: D.OneHotCategorical(p), ((3, 4), 0.2, 0.5)),
    **named("batch", "Dirichlet", lambda D, a: D.Dirichlet(a), ((3, 4), 1, 5)),
    **named("normal", "Independent", lambda D, m, s: D.Independent(D.Normal(m, s), 1), ((3, 4), -1, 1), ((3, 4), 1, 2)),
    **named(
        "factor",
        "MultivariateNormal",
        lambda D, m, a: D.MultivariateNormal(m, scale_tril=a.tril() + 2 * a.diagonal(dim1=-2, dim2=-1).diag_embed()),
        ((3, 4), -1, 1),
        ((4, 4), 0.3, 1),
    ),
    **named(
        "factors",
        "MultivariateNormal",
        lambda D, m, a: D.MultivariateNormal(m, a @ a.mT + a.diagonal(dim1=-2, dim2=-1).diag_embed()),
        ((4,), -1, 1),
        ((3, 4, 4), 0.3, 1),
    ),
    **named(
        "batch",
        "LowRankMultivariateNormal",
        lambda D, m, w, d: D.LowRankMultivariateNormal(m, w, d),
        ((3, 4), -1, 1),
        ((4, 2), -1, 1),
        ((4,), 0.5, 2),
    ),
    **named(
        "factor",
        "Wishart",
        lambda D, n, a: D.Wishart(n, scale_tril=a.tril() + a.diagonal(dim1=-2, dim2=-1).diag_embed()),
        ((3,), 5, 6),
        ((3, 4, 4), 0.3, 1),
    ),
}
FIRST = {
    "Uniform": numbers("Uniform", (0.1, 0.3), (0.5, 0.9))["Uniform[3]"],
    "ContinuousBernoulli": CASES["ContinuousBernoulli-probs[3]"],
    **{name: CASES[f"{name}[3]"] for name in ("Normal", "Laplace", "Gumbel", "Exponential", "Poisson", "Beta")},
    **{name: CASES[f"{name}[3]"] for name in ("Gamma", "Pareto", "LogNormal", "HalfNormal", "Cauchy")},
    **{name: case for name, case in OTHERS.items() if "-" in name},
}


def divergence(library, p, q):
    """The divergence and its gradients, or the error."""
    parts = [FIRST[p](library), OTHERS[q](library)]
    params = [t.requires_grad_() for _, given in parts for t in given]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first, second = (make(*given) for make, given in parts)
            result = library.distributions.kl_divergence(first, second)
    except Exception as error:
        return type(error).__name__, str(error)
    grads = [None] * len(params)
    if result.requires_grad:
        ones = library.ones_like(result)
        grads = library.autograd.grad(result, params, ones, allow_unused=True)
    return result.detach().numpy(), [None if g is None else g.numpy() for g in grads]


@pytest.mark.parametrize("p", FIRST)
def test_divergences_and_their_gradients_are_those_of_pytorch(p):
    for q in OTHERS:
        ours, theirs = divergence(flambeau, p, q), divergence(torch, p, q)
        if isinstance(theirs[0], str):
            assert ours == theirs, (p, q)
            continue
        np.testing.assert_allclose(ours[0], theirs[0], 1e-4, 1e-4, err_msg=f"{p}, {q}")
        assert ours[0].dtype == theirs[0].dtype
        for mine, wanted in zip(ours[1], theirs[1], strict=True):
            assert (mine is None) == (wanted is None), (p, q)
            if wanted is not None:
                np.testing.assert_allclose(mine, wanted, 2e-3, 1e-3, err_msg=f"{p}, {q}")


def test_the_same_pairs_have_formulas():
    from flambeau.distributions.kl import _KL_REGISTRY

    def names(registry):
        return sorted((p.__name__, q.__name__) for p, q in registry)

    assert names(_KL_REGISTRY) == names(kl._KL_REGISTRY)


def test_every_registered_pair_is_compared():
    """A family in the registry stands in both tables above."""
    bases = {"ExponentialFamily", "TransformedDistribution"}
    families = {kind.__name__ for pair in kl._KL_REGISTRY for kind in pair} - bases
    assert families <= {name.partition("-")[0] for name in OTHERS}
    assert families <= {name.partition("-")[0] for name in FIRST}


def test_the_nearest_classes_decide_and_ties_are_warned_of():
    def session(library):
        D = library.distributions

        class A(D.Normal):
            pass

        class B(A):
            pass

        register = D.register_kl
        before = dict(sys.modules[D.kl_divergence.__module__]._KL_REGISTRY)
        registry = sys.modules[D.kl_divergence.__module__]._KL_REGISTRY
        register(A, D.Normal)(lambda p, q: "A, Normal")
        register(D.Normal, A)(lambda p, q: "Normal, A")
        seen = []
        try:
            for p, q in itertools.product((D.Normal, A, B), repeat=2):
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    result = D.kl_divergence(p(0.0, 1.0), q(0.0, 1.0))
                seen.append((str(result), [str(w.message) for w in caught]))
        finally:
            registry.clear()
            registry.update(before)
            sys.modules[D.kl_divergence.__module__]._KL_MEMOIZE.clear()
        return seen

    assert session(flambeau) == session(torch)
