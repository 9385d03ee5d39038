"""Draws move with their parameters as implicit differentiation says: the derivative is -(dF/da) / density."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch
from flambeau.distributions import Beta, Chi2, Dirichlet, Gamma, StudentT

# step of the numerical derivative with respect to a parameter
H = 1e-4


def quadrature(density, x, power):
    """The integral of a density from 0 to x, where it grows like a small power of x."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    u = (1 + nodes) / 2
    t = x * u**power
    return (density(t) * weights * x * power * u ** (power - 1)).sum() / 2


def implicit(log_density, x, a):
    """-(dF/da) / density at x, by quadrature and central differences."""
    power = max(1, 3 / a)

    def cumulative(b):
        return quadrature(lambda t: np.exp(log_density(torch.tensor(t), b).numpy()), x, power)

    slope = (cumulative(a + H) - cumulative(a - H)) / (2 * H)
    return -slope / float(log_density(torch.tensor(x, dtype=torch.float64), a).exp())


def double(value):
    return torch.tensor(float(value), dtype=torch.float64)


@pytest.mark.parametrize("a", [0.1, 0.7, 1.0, 2.5, 7.9, 8.1, 40.0, 300.0])
@pytest.mark.parametrize("quantile", [-1.5, -0.5, 0.05, 0.7, 2.0])
def test_gamma_numbers_move_as_their_distribution_says(a, quantile):
    x = a + quantile * np.sqrt(a) if a > 2 else a * np.exp(quantile)
    if x < 1e-3:
        pytest.skip("no such value")
    wanted = implicit(lambda t, b: Gamma(double(b), double(1)).log_prob(t), x, a)
    found = torch._standard_gamma_grad(double(a), double(x))
    assert found.item() == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize("a", [0.3, 1.0, 4.0, 7.0, 30.0])
@pytest.mark.parametrize("b", [0.4, 1.0, 5.0, 6.5, 50.0])
@pytest.mark.parametrize("place", [-1.2, 0.02, 0.9])
def test_beta_numbers_move_as_their_distribution_says(a, b, place):
    mean, total = a / (a + b), a + b
    x = 1 / (1 + np.exp(-(np.log(mean / (1 - mean)) + place * np.sqrt(1 / a + 1 / b))))
    wanted = implicit(lambda t, c: Beta(double(c), double(b)).log_prob(t), x, a) / (1 - x)
    found = torch._dirichlet_grad(double(x), double(a), double(total))
    assert found.item() == pytest.approx(wanted, rel=2e-2)


@pytest.mark.parametrize(
    "family", [lambda a: Gamma(a, 2.0), lambda a: Chi2(a), lambda a: Beta(a, 3.0), lambda a: Beta(3.0, a)]
)
def test_the_mean_of_the_gradient_is_the_gradient_of_the_mean(family):
    torch.manual_seed(0)
    a = torch.tensor(2.5, dtype=torch.float64, requires_grad=True)
    (pathwise,) = torch.autograd.grad(family(a).rsample((4000,)).mean(), a)
    (exact,) = torch.autograd.grad(family(a).mean, a)
    assert pathwise.item() == pytest.approx(exact.item(), rel=0.05)


def test_dirichlet_gradients_keep_the_sum_of_the_coordinates():
    torch.manual_seed(0)
    a = torch.tensor([0.5, 2.0, 9.0], dtype=torch.float64, requires_grad=True)
    draws = Dirichlet(a).rsample((5,))
    (gradient,) = torch.autograd.grad(draws.sum(), a)
    np.testing.assert_allclose(gradient.numpy(), 0, atol=1e-12)


def test_the_variance_of_student_numbers_has_a_gradient():
    torch.manual_seed(0)
    df = torch.tensor(8.0, dtype=torch.float64, requires_grad=True)
    (pathwise,) = torch.autograd.grad(StudentT(df).rsample((4000,)).pow(2).mean(), df)
    (exact,) = torch.autograd.grad(StudentT(df).variance, df)
    assert pathwise.item() == pytest.approx(exact.item(), rel=0.3)


@pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
def test_gradients_have_the_shape_and_dtype_of_the_concentration(shape):
    for dtype in (torch.float32, torch.float64):
        a = torch.full(shape, 1.5, dtype=dtype, requires_grad=True)
        Gamma(a, 1.0).rsample((2,)).sum().backward()
        assert a.grad.shape == shape and a.grad.dtype == dtype
