"""Tables of vectors: bags are sums of rows, and rows that do not count get no gradient."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch

F = torch.nn.functional
NUMBERS = torch.tensor([[0, 3, 3], [2, 1, 3]])


@pytest.fixture
def table():
    torch.manual_seed(0)
    return torch.randn(4, 5).requires_grad_()


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_a_bag_is_a_reduction_of_rows(table, mode):
    rows = F.embedding(NUMBERS, table)
    expected = {"sum": rows.sum(1), "mean": rows.mean(1), "max": rows.max(1)[0]}[mode]
    bags = F.embedding_bag(NUMBERS, table, mode=mode)
    np.testing.assert_allclose(bags.detach().numpy(), expected.detach().numpy(), rtol=1e-6)
    cotangent = torch.randn(2, 5)
    ours, theirs = (torch.autograd.grad(out, table, cotangent)[0] for out in (bags, expected))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_offsets_say_where_bags_begin_and_an_empty_bag_is_zero(table, mode):
    flat = NUMBERS.reshape(-1)
    bags = F.embedding_bag(flat, table, torch.tensor([0, 2, 2]), mode=mode)
    for i, part in enumerate((flat[:2], flat[:0], flat[2:])):
        whole = F.embedding_bag(part[None], table, mode=mode)[0] if len(part) else torch.zeros(5)
        np.testing.assert_allclose(bags[i].detach().numpy(), whole.detach().numpy(), rtol=1e-6)
    last = F.embedding_bag(flat, table, torch.tensor([0, 2, 2, 6]), mode=mode, include_last_offset=True)
    assert last.equal(bags)


def test_weights_of_samples_scale_rows_and_get_a_gradient(table):
    weights = torch.rand(2, 3).requires_grad_()
    bags = F.embedding_bag(NUMBERS, table, mode="sum", per_sample_weights=weights)
    expected = (F.embedding(NUMBERS, table) * weights[..., None]).sum(1)
    cotangent = torch.randn(2, 5)
    ours = torch.autograd.grad(bags, (table, weights), cotangent)
    theirs = torch.autograd.grad(expected, (table, weights), cotangent)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_the_padding_row_gets_no_gradient_and_does_not_count_in_a_mean(table):
    F.embedding(NUMBERS, table, padding_idx=3).sum().backward()
    assert not table.grad[3].any()
    assert table.grad[0].tolist() == [1] * 5
    mean = F.embedding_bag(NUMBERS, table, padding_idx=-1)
    np.testing.assert_allclose(mean[0].detach().numpy(), table[0].detach().numpy(), rtol=1e-6)


def test_gradients_are_divided_by_the_frequency_where_asked_for(table):
    F.embedding(NUMBERS, table, scale_grad_by_freq=True).sum().backward()
    np.testing.assert_allclose(table.grad.numpy(), 1, rtol=1e-6)


def test_long_rows_are_scaled_down_in_place():
    table = torch.tensor([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]])
    F.embedding(torch.tensor([0, 1]), table, max_norm=1.0)
    np.testing.assert_allclose(table.numpy(), [[0.6, 0.8], [0.3, 0.4], [6, 8]], rtol=1e-5)


def test_one_hot_puts_a_one_at_each_number():
    numbers = torch.tensor([[2, 0], [1, 1]])
    hot = F.one_hot(numbers, 4)
    assert hot.shape == (2, 2, 4)
    assert hot.dtype is torch.int64
    assert hot.argmax(-1).equal(numbers)
    assert hot.sum(-1).equal(torch.ones(2, 2, dtype=torch.int64))
