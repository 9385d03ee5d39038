"""The gradients of normalisation pass through mean and variance, and running statistics follow the batches."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch
from flambeau.autograd import gradcheck, gradgradcheck

F = torch.nn.functional


def double(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


CALLS = {
    "layer_norm": lambda: (lambda x, w, b: F.layer_norm(x, (4,), w, b), (double(3, 4), double(4), double(4))),
    "layer_norm over two dims": lambda: (lambda x, w: F.layer_norm(x, (2, 3), w), (double(2, 2, 3), double(2, 3))),
    "layer_norm plain": lambda: (lambda x: F.layer_norm(x, (4,)), (double(3, 4),)),
    "rms_norm": lambda: (lambda x, w: F.rms_norm(x, (4,), w), (double(3, 4), double(4))),
    "batch_norm": lambda: (
        lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
        (double(4, 3), double(3), double(3)),
    ),
    "batch_norm of images": lambda: (lambda x: F.batch_norm(x, None, None, training=True), (double(2, 3, 2, 2),)),
    "batch_norm in evaluation": lambda: (
        lambda x, w: F.batch_norm(x, torch.zeros(3).double(), torch.ones(3).double(), w),
        (double(2, 3, 2), double(3)),
    ),
    "group_norm": lambda: (lambda x, w, b: F.group_norm(x, 2, w, b), (double(2, 4, 3), double(4), double(4))),
    "instance_norm": lambda: (lambda x, w: F.instance_norm(x, weight=w), (double(2, 3, 4), double(3))),
    "local_response_norm": lambda: (lambda x: F.local_response_norm(x, 3, 0.5), (double(2, 4, 2),)),
    "normalize": lambda: (F.normalize, (double(3, 4),)),
}


@pytest.mark.parametrize("name", CALLS)
def test_first_and_second_gradients_are_the_numerical_ones(name):
    call, inputs = CALLS[name]()
    assert gradcheck(call, inputs)
    assert gradgradcheck(call, inputs)


def test_layer_norm_leaves_mean_0_and_variance_1():
    out = F.layer_norm(torch.randn(5, 100) * 7 + 3, (100,)).numpy()
    np.testing.assert_allclose(out.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(out.var(1), 1, rtol=1e-4)


def test_variance_is_exact_far_from_0():
    """The differences to the mean are squared, not the numbers: nothing is lost to a large mean."""
    x = torch.randn(64, 3, dtype=torch.float64)
    far = F.batch_norm((x + 1e7), None, None, training=True)
    near = F.batch_norm(x, None, None, training=True)
    np.testing.assert_allclose(far.numpy(), near.numpy(), atol=1e-6)


def test_running_statistics_move_towards_those_of_the_batch():
    mean, var = torch.full((3,), 5.0), torch.full((3,), 2.0)
    x = torch.randn(10, 3, 4)
    F.batch_norm(x, mean, var, training=True, momentum=0.25)
    flat = x.numpy().transpose(1, 0, 2).reshape(3, -1)
    np.testing.assert_allclose(mean.numpy(), 0.75 * 5 + 0.25 * flat.mean(1), rtol=1e-5)
    np.testing.assert_allclose(var.numpy(), 0.75 * 2 + 0.25 * flat.var(1, ddof=1), rtol=1e-5)


def test_evaluation_leaves_running_statistics_alone():
    mean, var = torch.zeros(3), torch.ones(3)
    F.batch_norm(torch.randn(4, 3), mean, var)
    assert mean.tolist() == [0, 0, 0]
    assert var.tolist() == [1, 1, 1]


def test_a_write_to_the_input_after_batch_norm_is_noticed_in_the_backward_pass():
    x = torch.randn(4, 3).requires_grad_()
    y = x * 1
    out = F.batch_norm(y, None, None, training=True)
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_half_types_are_normalised_in_float32_and_rounded_once():
    x = torch.randn(4, 64).bfloat16()
    rounded = F.layer_norm(x.float(), (64,)).bfloat16()
    assert F.layer_norm(x, (64,)).equal(rounded)
