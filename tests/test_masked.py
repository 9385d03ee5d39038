"""Masked reductions leave out what the mask leaves out."""

from __future__ import annotations

import pytest

import flambeau as torch

X = torch.tensor([[1.0, 2.0, 9.0], [4.0, -5.0, 7.0]])
MASK = torch.tensor([[True, True, False], [True, False, True]])


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "amax", "amin", "var", "std", "norm", "median", "logsumexp"])
def test_a_masked_reduction_is_the_reduction_of_what_is_kept(name):
    found = getattr(torch.masked, name)(X, dim=1, mask=MASK)
    kept = [X[i][MASK[i]] for i in range(2)]
    plain = {"norm": torch.linalg.norm, "median": torch.median, "logsumexp": lambda r: r.logsumexp(0)}
    expected = torch.stack([plain.get(name, getattr(torch, name, None))(r) for r in kept])
    torch.testing.assert_close(found, expected)


def test_softmax_gives_nothing_to_what_is_left_out():
    found = torch.masked.softmax(X, 1, mask=MASK)
    assert (found[~MASK] == 0).all()
    torch.testing.assert_close(found.sum(1), torch.ones(2))


def test_the_mean_of_nothing_is_nan():
    assert torch.masked.mean(X, mask=torch.zeros_like(MASK)).isnan()
