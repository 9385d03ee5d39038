"""What must hold of every distribution: probabilities sum to 1, draws have the moments that they should, and so on."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import flambeau as torch
from flambeau import distributions as D

from .families import CASES


def make(name):
    build, params = CASES[name](torch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build(*params)


SCALARS = [n for n in CASES if n.endswith("[3]") and make(n).event_shape == () and not make(n).support.is_discrete]
COUNTED = [n for n in CASES if make(n).has_enumerate_support]


def bounds(d):
    support = d.support
    low = np.broadcast_to(np.asarray(getattr(support, "lower_bound", -np.inf), dtype=float), d.batch_shape)
    high = np.broadcast_to(np.asarray(getattr(support, "upper_bound", np.inf), dtype=float), d.batch_shape)
    return low, high


def nodes(low, high, count=6000):
    """Points and weights of the double-exponential rule: from `low` to `high`, either of which may be infinite."""
    t = np.linspace(-4.2, 4.2, count)
    step = t[1] - t[0]
    s, ds = np.pi / 2 * np.sinh(t), np.pi / 2 * np.cosh(t)
    if np.isfinite(low) and np.isfinite(high):
        x = low + (high - low) / (1 + np.exp(-2 * s))
        return x, step * (high - low) * ds / (2 * np.cosh(s) ** 2)
    if np.isfinite(low):
        return low + np.exp(s), step * ds * np.exp(s)
    return np.sinh(s), step * ds * np.cosh(s)


@pytest.mark.parametrize("name", SCALARS)
def test_the_density_integrates_to_one(name):
    build, params = CASES[name](torch)
    for i in range(3):
        d = build(*[p.double() if p.ndim == 0 else p[i].double() for p in params])
        low, high = bounds(d)
        x, weights = nodes(float(low), float(high))
        if name.startswith("VonMises"):
            # of the real line only one turn counts
            x = np.linspace(-np.pi, np.pi, 2001)
            weights = np.full(2001, 2 * np.pi / 2000)
            weights[[0, -1]] /= 2
        inside = (x > low) & (x < high)
        x, weights = x[inside], weights[inside]
        d._validate_args = False
        density = d.log_prob(torch.tensor(x)).exp().numpy()
        assert (np.nan_to_num(density) * weights).sum() == pytest.approx(1, abs=2e-3), name


@pytest.mark.parametrize("name", COUNTED)
def test_the_probabilities_of_all_values_sum_to_one(name):
    try:
        values = make(name).enumerate_support()
    except NotImplementedError:
        pytest.skip("values of several distributions differ")
    total = make(name).log_prob(values).exp().sum(0)
    np.testing.assert_allclose(total.numpy(), 1, rtol=1e-4)


HAS_MOMENTS = [
    n
    for n in CASES
    if not n.startswith(("Cauchy", "HalfCauchy", "Categorical", "Pareto", "StudentT", "FisherSnedecor", "InverseGamma"))
    and not n.startswith(("Relaxed", "LogitRelaxed", "ExpRelaxed", "Logistic", "LKJ", "VonMises", "Transformed"))
    and not n.startswith("GeneralizedPareto")
]


@pytest.mark.parametrize("name", HAS_MOMENTS)
def test_the_moments_of_draws_are_mean_and_variance(name):
    d = make(name)
    torch.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draws = d.sample((1000,)).numpy().astype(float)
    mean, variance = d.mean.numpy(), d.variance.numpy()
    assert draws.shape[1:] == mean.shape == variance.shape
    deviation = np.sqrt(variance)
    assert (np.abs(draws.mean(0) - mean) < 5 * deviation / np.sqrt(1000) + 1e-6).all()
    np.testing.assert_allclose(draws.var(0), variance, rtol=0.6, atol=1e-3)


@pytest.mark.parametrize("name", CASES)
def test_draws_lie_in_the_support(name):
    d = make(name)
    torch.manual_seed(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draws = d.sample((50,))
    assert draws.shape == (50, *d.batch_shape, *d.event_shape)
    # rounding leaves some sums of simplex points off by more than the constraint allows
    assert d.support.check(draws).float().mean() > 0.9
    assert not draws.requires_grad


@pytest.mark.parametrize("name", SCALARS)
def test_quantiles_invert_the_distribution_function(name):
    build, params = CASES[name](torch)
    d = build(*[p.double() for p in params])
    p = torch.tensor([[0.1], [0.5], [0.9]], dtype=torch.float64)
    try:
        x = d.icdf(p)
        found = d.cdf(x)
    except NotImplementedError:
        pytest.skip("no quantiles")
    np.testing.assert_allclose(found.numpy(), p.expand(3, *d.batch_shape).numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", SCALARS)
def test_the_density_is_the_derivative_of_the_distribution_function(name):
    build, params = CASES[name](torch)
    d = build(*[p.double() for p in params])
    torch.manual_seed(4)
    x = d.sample((5,)).requires_grad_()
    try:
        cdf = d.cdf(x)
    except NotImplementedError:
        pytest.skip("no distribution function")
    (density,) = torch.autograd.grad(cdf.sum(), x)
    np.testing.assert_allclose(density.numpy(), d.log_prob(x).exp().detach().numpy(), rtol=1e-4, atol=1e-9)


MOVING = [n for n in CASES if make(n).has_rsample and n.endswith(("[3]", "one", "vector", "chain"))]


@pytest.mark.parametrize("name", MOVING)
def test_a_seed_gives_the_same_draws_with_and_without_gradient(name):
    d = make(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(5)
        free = d.sample((4,))
        torch.manual_seed(5)
        tracked = d.rsample((4,))
    np.testing.assert_allclose(free.numpy(), tracked.detach().numpy(), rtol=1e-6)


def test_the_divergence_is_the_mean_difference_of_log_probabilities():
    torch.manual_seed(0)
    for p, q in [
        (D.Normal(0.0, 1.0), D.Laplace(0.5, 2.0)),
        (D.Gamma(3.0, 2.0), D.Gumbel(1.0, 1.0)),
        (D.Beta(2.0, 3.0), D.Normal(0.3, 0.5)),
        (D.Uniform(0.2, 0.8), D.Beta(2.0, 2.0)),
        (D.Exponential(1.0), D.Gamma(2.0, 1.0)),
        (D.Gumbel(0.0, 1.0), D.Normal(0.0, 2.0)),
        (D.Wishart(5.0, torch.eye(2)), D.Wishart(4.0, 1.5 * torch.eye(2))),
    ]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            x = p.sample((4000,))
        q._validate_args = p._validate_args = False
        estimate = (p.log_prob(x) - q.log_prob(x)).mean().item()
        assert D.kl_divergence(p, q).item() == pytest.approx(estimate, rel=0.1, abs=0.02)


def test_a_policy_learns_by_its_score():
    """The estimator of policy gradients: log-probability of the action, times its reward."""
    torch.manual_seed(0)
    logits = torch.zeros(3, requires_grad=True)
    for _ in range(200):
        policy = D.Categorical(logits=logits)
        action = policy.sample()
        loss = -policy.log_prob(action) * float(action == 2)
        (gradient,) = torch.autograd.grad(loss, logits)
        with torch.no_grad():
            logits -= 0.2 * gradient
    assert D.Categorical(logits=logits).probs[2] > 0.9


def test_default_validation_can_be_switched_off():
    try:
        D.Distribution.set_default_validate_args(False)
        assert D.Normal(0.0, -1.0).scale == -1
    finally:
        D.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="^Expected parameter scale"):
        D.Normal(0.0, -1.0)
    assert D.Normal(0.0, -1.0, validate_args=False).scale == -1


def test_a_distribution_that_is_a_module_shows_no_buffers():
    class Prior(D.Gamma, torch.nn.Module):
        def __init__(self):
            torch.nn.Module.__init__(self)
            D.Gamma.__init__(self, 3.0, 6.0)
            rate = self.rate
            del self.rate
            self.register_buffer("rate", rate)

    assert repr(Prior()) == "Prior(concentration: 3.0)"
