"""Dropout keeps the mean, repeats itself under a seed, and does nothing in evaluation."""

from __future__ import annotations

import pytest

import flambeau as torch

F = torch.nn.functional
KINDS = [F.dropout, F.alpha_dropout, F.dropout1d, F.feature_alpha_dropout]


@pytest.mark.parametrize("drop", KINDS)
def test_evaluation_returns_the_input_itself_and_draws_nothing(drop):
    x = torch.ones(2, 3, 4)
    state = torch.get_rng_state()
    assert drop(x, 0.5, False) is x
    assert drop(x, 0.0, True) is x
    drop(x, 1.0, True)
    assert torch.get_rng_state().equal(state)


@pytest.mark.parametrize("drop", KINDS)
def test_a_seed_repeats_it_and_in_place_gives_the_same(drop):
    x = torch.randn(2, 3, 4)
    results = []
    for inplace in (False, False, True):
        torch.manual_seed(3)
        y = x.clone()
        results.append(drop(y, 0.4, True, inplace))
        assert (results[-1] is y) == inplace
    assert results[0].equal(results[1])
    assert results[0].equal(results[2])


def test_what_is_kept_is_divided_by_the_probability_of_that():
    torch.manual_seed(0)
    y = F.dropout(torch.ones(10000), 0.2)
    assert set(y.tolist()) == {0.0, 1.25}
    assert y.mean().item() == pytest.approx(1, abs=0.02)


def test_whole_channels_are_dropped():
    torch.manual_seed(0)
    y = F.dropout2d(torch.ones(8, 16, 3, 3), 0.5)
    means = y.mean((2, 3))
    assert set(means.flatten().tolist()) == {0.0, 2.0}


def test_alpha_dropout_keeps_mean_and_variance():
    torch.manual_seed(0)
    y = F.alpha_dropout(torch.randn(100000), 0.3, True)
    assert y.mean().item() == pytest.approx(0, abs=0.02)
    assert y.std().item() == pytest.approx(1, abs=0.02)


def test_the_gradient_is_the_mask():
    torch.manual_seed(0)
    x = torch.ones(100).requires_grad_()
    y = F.dropout(x, 0.5)
    y.sum().backward()
    assert x.grad.equal(y)


def test_hard_gumbel_softmax_is_one_hot_and_has_the_soft_gradient():
    torch.manual_seed(0)
    x = torch.randn(5, 4).requires_grad_()
    hard = F.gumbel_softmax(x, hard=True)
    assert hard.detach().sum(1).allclose(torch.ones(5))
    assert hard.detach().max(1)[0].allclose(torch.ones(5))
    (hard * torch.randn(5, 4)).sum().backward()
    assert x.grad.abs().sum() > 0
