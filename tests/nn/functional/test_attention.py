"""Attention in one operation, and what masks do to it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import flambeau as torch
from flambeau.autograd import gradcheck, gradgradcheck

F = torch.nn.functional
attend = F.scaled_dot_product_attention


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def double(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


def heads() -> tuple[torch.Tensor, ...]:
    return double(2, 3, 4, 5), double(2, 3, 6, 5), double(2, 3, 6, 7)


@pytest.mark.parametrize("causal", [False, True])
def test_one_operation_gives_what_its_steps_give(causal):
    q, k, v = heads()
    fused = attend(q, k, v, is_causal=causal)
    steps = attend(*(x.flatten(0, 1) for x in (q, k, v)), is_causal=causal).unflatten(0, (2, 3))
    np.testing.assert_allclose(fused.detach().numpy(), steps.detach().numpy(), rtol=1e-12)
    cotangent = torch.randn(fused.shape, dtype=torch.float64)
    for a, b in zip(*(torch.autograd.grad(out, (q, k, v), cotangent) for out in (fused, steps)), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10, atol=1e-12)


def test_gradients_are_the_numerical_ones():
    mask = torch.randn(4, 6, dtype=torch.float64)
    small = double(1, 1, 3, 2), double(1, 1, 4, 2), double(1, 1, 4, 2)
    assert gradcheck(lambda q, k, v: attend(q, k, v, mask[:3, :4]), small)
    assert gradgradcheck(lambda q, k, v: attend(q, k, v, is_causal=True), small)


def test_a_mask_that_wants_a_gradient_gets_one():
    mask = double(3, 4)
    q, k, v = (x.detach() for x in (double(1, 1, 3, 2), double(1, 1, 4, 2), double(1, 1, 4, 2)))
    assert gradcheck(lambda m: attend(q, k, v, m), (mask,))


def test_bools_hide_keys():
    q, k, v = heads()
    seen = torch.tensor([True, False, True, True, False, True])
    a = attend(q, k, v, seen.expand(4, 6))
    b = attend(q, k[:, :, seen], v[:, :, seen])
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("dims", [2, 4])
def test_a_query_that_may_look_at_nothing_gives_zeros(dims):
    q, k, v = (torch.randn(*(1,) * (dims - 2), n, 2) for n in (2, 3, 3))
    out = attend(q, k, v, torch.tensor([[False] * 3, [True] * 3]))
    assert not out[..., 0, :].any()
    assert out[..., 1, :].isfinite().all()


def test_heads_of_keys_are_shared_among_those_of_queries():
    q, k, v = torch.randn(1, 4, 3, 2), torch.randn(1, 2, 3, 2), torch.randn(1, 2, 3, 2)
    shared = attend(q, k, v, enable_gqa=True)
    repeated = attend(q, k.repeat_interleave(2, 1), v.repeat_interleave(2, 1))
    assert shared.equal(repeated)


def arguments(width: int, count: int) -> list:
    packed = torch.randn(3 * width, width), torch.randn(3 * width)
    return [width, count, *packed, None, None, False, 0.0, torch.randn(width, width), torch.randn(width)]


def test_attention_with_heads_is_the_same_with_and_without_weights():
    x, given = torch.randn(5, 2, 6), arguments(6, 3)
    a, weights = F.multi_head_attention_forward(x, x, x, *given)
    b, none = F.multi_head_attention_forward(x, x, x, *given, need_weights=False)
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-5)
    assert none is None
    np.testing.assert_allclose(weights.sum(-1).numpy(), np.ones((2, 5)), rtol=1e-5)


def test_padding_hides_keys_from_all_queries():
    x, given = torch.randn(5, 2, 6), arguments(6, 3)
    padding = torch.tensor([[False, False, False, True, True], [False] * 5])
    _, weights = F.multi_head_attention_forward(x, x, x, *given, key_padding_mask=padding, average_attn_weights=False)
    assert weights.shape == (2, 3, 5, 5)
    assert not weights[0, :, :, 3:].any()
    assert weights[1].all()


def test_an_unbatched_query_gives_what_a_batch_of_one_gives():
    x, given = torch.randn(5, 6), arguments(6, 2)
    a, w = F.multi_head_attention_forward(x, x, x, *given)
    b, v = F.multi_head_attention_forward(*[x.unsqueeze(1)] * 3, *given)
    assert a.shape == (5, 6)
    np.testing.assert_allclose(a.numpy(), b.squeeze(1).numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(w.numpy(), v.squeeze(0).numpy(), rtol=1e-5, atol=1e-6)


def test_the_scale_is_one_over_the_root_of_the_width():
    q, k, v = heads()
    a, b = attend(q, k, v), attend(q, k, v, scale=1 / math.sqrt(5))
    assert a.equal(b)
