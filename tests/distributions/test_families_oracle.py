"""Every distribution agrees with PyTorch: draws, values, gradients, facts, representations and errors."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau

from .families import CASES

torch = pytest.importorskip("torch")

FACTS = [
    "mean",
    "mode",
    "variance",
    "stddev",
    "batch_shape",
    "event_shape",
    "support",
    "has_rsample",
    "has_enumerate_support",
]
METHODS = ["entropy", "perplexity", "enumerate_support"]


def outcome(library, compute):
    """What a computation gives: tensors as arrays, their gradients, or the error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = compute()
    except Exception as error:
        return type(error).__name__, str(error).split("\n")[0].replace("flambeau.", "torch.")
    return (
        result.detach().numpy() if isinstance(result, library.Tensor) else repr(result).replace("flambeau.", "torch.")
    )


def gradients(library, result, params):
    if not isinstance(result, library.Tensor) or not result.requires_grad:
        return None
    cotangent = np.random.default_rng(5).uniform(0.5, 1.5, tuple(result.shape)).astype(np.float32)
    found = library.autograd.grad(result, params, library.tensor(cotangent), allow_unused=True)
    return [None if g is None else g.numpy() for g in found]


def differentiated(library, name, compute):
    """A computation with its gradients with respect to all parameters."""
    make, params = CASES[name](library)
    params = [p.requires_grad_() for p in params]
    kept = {}

    def run():
        library.manual_seed(11)
        kept["result"] = compute(make(*params))
        return kept["result"]

    result = outcome(library, run)
    return result, outcome_of_gradient(library, kept.get("result"), params)


def outcome_of_gradient(library, result, params):
    try:
        return gradients(library, result, params)
    except Exception as error:
        return type(error).__name__


def assert_same(ours, theirs, rtol=2e-4, atol=2e-5):
    if isinstance(theirs, list):
        assert isinstance(ours, list), (ours, theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b, rtol, atol)
    elif isinstance(theirs, np.ndarray):
        assert isinstance(ours, np.ndarray), (ours, theirs)
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(
            ours, theirs, rtol, atol * max(1, np.abs(theirs[np.isfinite(theirs)]).max(initial=0))
        )
    else:
        assert ours == theirs


def compare(name, compute, **tolerance):
    ours = differentiated(flambeau, name, lambda d: compute(flambeau, d))
    theirs = differentiated(torch, name, lambda d: compute(torch, d))
    assert_same(ours[0], theirs[0], **tolerance)
    assert_same(ours[1], theirs[1], rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 9)], ids=str)
def test_draws_are_those_of_pytorch(name, shape):
    compare(name, lambda library, d: d.sample(shape), atol=2e-6)


@pytest.mark.parametrize("name", CASES)
def test_differentiable_draws_and_their_gradients_are_those_of_pytorch(name):
    compare(name, lambda library, d: d.rsample((4,)), atol=2e-6)


def values(name):
    """Values of a distribution, drawn by PyTorch."""
    make, params = CASES[name](torch)
    torch.manual_seed(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(*params).sample((4,)).numpy()


@pytest.mark.parametrize("name", CASES)
def test_log_probabilities_and_their_gradients_are_those_of_pytorch(name):
    given = values(name)
    compare(name, lambda library, d: d.log_prob(library.tensor(given)))


@pytest.mark.parametrize("name", CASES)
def test_distribution_functions_and_quantiles_are_those_of_pytorch(name):
    given = values(name)
    compare(name, lambda library, d: d.cdf(library.tensor(given)))
    inside = np.random.default_rng(1).uniform(0.05, 0.95, given.shape).astype(np.float32)
    compare(name, lambda library, d: d.icdf(library.tensor(inside)))


@pytest.mark.parametrize("name", CASES)
def test_facts_are_those_of_pytorch(name):
    compare(name, lambda library, d: repr(d))
    for fact in FACTS:
        compare(name, lambda library, d, fact=fact: getattr(d, fact))
    for method in METHODS:
        compare(name, lambda library, d, method=method: getattr(d, method)())


@pytest.mark.parametrize("name", CASES)
def test_expanded_distributions_are_those_of_pytorch(name):
    def expanded(library, d):
        return d.expand((2, *d.batch_shape))

    given = values(name)[:1]
    compare(name, lambda library, d: repr(expanded(library, d)))
    compare(name, lambda library, d: expanded(library, d).batch_shape)
    compare(name, lambda library, d: expanded(library, d).sample((2,)), atol=2e-6)
    compare(name, lambda library, d: expanded(library, d).log_prob(library.tensor(given)))
    compare(name, lambda library, d: expanded(library, d).mean)
