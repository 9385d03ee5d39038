"""Scaled losses: the scale grows, shrinks, and steps with infinite gradients are skipped."""

from __future__ import annotations

import pickle

import pytest

import flambeau as torch
from flambeau.amp import GradScaler


def training(scale=4.0, **options):
    parameter = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    return parameter, torch.optim.SGD([parameter], lr=0.5), GradScaler("cpu", init_scale=scale, **options)


def backward(parameter, scaler):
    parameter.grad = None
    scaler.scale((parameter * 3).sum()).backward()


def test_the_step_is_that_of_the_unscaled_loss():
    parameter, optimizer, scaler = training()
    backward(parameter, scaler)
    assert parameter.grad.tolist() == [12, 12]
    scaler.step(optimizer)
    assert parameter.grad.tolist() == [3, 3] and parameter.tolist() == [-0.5, 0.5]


def test_the_scale_grows_after_enough_steps():
    parameter, optimizer, scaler = training(growth_interval=2, growth_factor=8.0)
    scales = []
    for _ in range(4):
        backward(parameter, scaler)
        scaler.step(optimizer)
        scaler.update()
        scales.append((scaler.get_scale(), scaler._get_growth_tracker()))
    assert scales == [(4, 1), (32, 0), (32, 1), (256, 0)]


def test_the_scale_does_not_grow_beyond_float32():
    parameter, optimizer, scaler = training(scale=2.0**127, growth_interval=1)
    scaler.scale(torch.ones(1))
    parameter.grad = torch.zeros(2)
    scaler.step(optimizer)
    scaler.update()
    assert scaler.get_scale() == 2.0**127 and scaler._get_growth_tracker() == 0


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_step_with_a_gradient_that_is_not_finite_is_skipped(value):
    parameter, optimizer, scaler = training(growth_interval=2)
    backward(parameter, scaler)
    parameter.grad[1] = value
    assert scaler.step(optimizer) is None
    assert parameter.tolist() == [1, 2]
    scaler.update()
    assert scaler.get_scale() == 2 and scaler._get_growth_tracker() == 0


def test_gradients_may_be_clipped_between():
    parameter, optimizer, scaler = training()
    backward(parameter, scaler)
    scaler.unscale_(optimizer)
    assert parameter.grad.tolist() == [3, 3]
    torch.nn.utils.clip_grad_value_([parameter], 1.0)
    scaler.step(optimizer)
    assert parameter.tolist() == [0.5, 1.5]


def test_calls_in_the_wrong_order_are_refused():
    parameter, optimizer, scaler = training()
    for name in ("step", "unscale_"):
        with pytest.raises(AssertionError, match=f"Attempted {name} but _scale is None"):
            getattr(scaler, name)(optimizer)
    with pytest.raises(AssertionError, match="Attempted update but _scale is None"):
        scaler.update()
    backward(parameter, scaler)
    with pytest.raises(AssertionError, match="No inf checks were recorded prior to update"):
        scaler.update()
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match=r"unscale_\(\) has already been called on this optimizer"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"step\(\) has already been called since the last update\(\)"):
        scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"unscale_\(\) is being called after step\(\)"):
        scaler.unscale_(optimizer)
    with pytest.raises(AssertionError, match="may only be pickled at the beginning of an iteration"):
        pickle.dumps(scaler)
    with pytest.raises(RuntimeError, match="Closure use is not currently supported"):
        scaler.step(optimizer, closure=lambda: 0)


def test_gradients_in_float16_are_refused():
    parameter = torch.nn.Parameter(torch.ones(1, dtype=torch.float16))
    scaler = GradScaler("cpu")
    scaler.scale(parameter.sum()).backward()
    with pytest.raises(ValueError, match="Attempting to unscale FP16 gradients"):
        scaler.unscale_(torch.optim.SGD([parameter], lr=1.0))


def test_its_state_can_be_kept():
    parameter, optimizer, scaler = training(growth_interval=3)
    backward(parameter, scaler)
    scaler.step(optimizer)
    scaler.update()
    state = scaler.state_dict()
    assert state == {
        "scale": 4.0, "growth_factor": 2.0, "backoff_factor": 0.5, "growth_interval": 3, "_growth_tracker": 1,
    }  # fmt: skip
    other = GradScaler("cpu")
    other.load_state_dict(state)
    assert other.state_dict() == pickle.loads(pickle.dumps(scaler)).state_dict() == state
    with pytest.raises(RuntimeError, match="The source state dict is empty"):
        other.load_state_dict({})


def test_several_outputs_are_scaled_at_once_and_the_scale_can_be_set():
    scaler = GradScaler("cpu", init_scale=2.0)
    first, (second,) = scaler.scale([torch.ones(1), (torch.ones(1),)])
    assert first.item() == second.item() == 2
    scaler.update(8.0)
    assert scaler.get_scale() == 8
    scaler.update(torch.tensor(16.0))
    assert scaler.get_scale() == 16
    with pytest.raises(ValueError, match="outputs must be a Tensor or an iterable of Tensors"):
        scaler.scale(3)


def test_a_disabled_one_passes_everything_on():
    parameter, optimizer, scaler = training(enabled=False)
    assert scaler.scale(parameter) is parameter and not scaler.is_enabled()
    parameter.grad = torch.ones(2)
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    assert parameter.tolist() == [0.5, 1.5] and scaler.state_dict() == {} and scaler.get_scale() == 1.0


def test_the_one_for_a_gpu_disables_itself():
    with pytest.warns(UserWarning, match="GradScaler is enabled, but CUDA is not available"):
        assert not GradScaler().is_enabled()


@pytest.mark.parametrize("options", [{"growth_factor": 1.0}, {"backoff_factor": 1.0}])
def test_factors_must_grow_and_shrink(options):
    with pytest.raises(AssertionError, match="factor must be"):
        GradScaler("cpu", **options)


def test_the_old_place_for_cuda_has_the_modules_of_pytorch():
    from flambeau.cuda.amp import autocast_mode, grad_scaler

    assert grad_scaler.GradScaler is torch.cuda.amp.GradScaler
    assert autocast_mode.autocast is torch.cuda.amp.autocast
