"""Pooling, padding, resampling and coordinates: what their samples in tests/ops do not show."""

from __future__ import annotations

import math

import numpy as np
import pytest

import flambeau as torch
import flambeau.nn.functional as F
from flambeau.autograd import gradcheck, gradgradcheck


def draw(*shape, grad=False):
    return torch.from_numpy(np.random.default_rng(len(shape)).standard_normal(shape)).requires_grad_(grad)


def test_the_first_of_equal_maxima_gets_the_gradient():
    for window in ({"stride": 2}, {"stride": 1}, {"stride": 1, "padding": 1}):
        x = torch.zeros(1, 1, 4, 4, dtype=torch.float64, requires_grad=True)
        y, places = F.max_pool2d(x, 2, return_indices=True, **window)
        y.sum().backward()
        expected = torch.zeros(16, dtype=torch.float64)
        for place in places.flatten().tolist():
            expected[place] += 1
        assert torch.equal(x.grad.flatten(), expected)


@pytest.mark.parametrize("stride", [1, 2])
def test_the_last_nan_is_the_maximum(stride):
    x = torch.tensor([[[[math.nan, 5.0, 1.0, 2.0], [math.nan, 0.0, 3.0, 4.0]]]], requires_grad=True)
    y, places = F.max_pool2d(x, 2, stride, return_indices=True)
    assert y[0, 0, 0, 0].isnan() and places[0, 0, 0, 0] == 4
    assert y[0, 0, 0, -1] == 4 and places[0, 0, 0, -1] == 7
    y.sum().backward()
    assert x.grad[0, 0, 1, 0] == 1 and x.grad[0, 0, 0, 0] == 0


def test_infinite_gradients_stay_where_they_belong():
    x = draw(1, 1, 4, 4).requires_grad_()
    F.max_pool2d(x, 2).backward(torch.full((1, 1, 2, 2), math.inf, dtype=torch.float64))
    assert sorted(x.grad.flatten().tolist()) == [0.0] * 12 + [math.inf] * 4


def test_integers_pool_as_integers():
    x = torch.tensor([[[[-3, -4], [-4, -4]]]])
    assert F.max_pool2d(x, 2).item() == -3
    # towards zero, as in C
    assert F.avg_pool2d(x, 2).item() == -3


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpooling_puts_the_maxima_back(dims):
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[dims - 1]
    unpool = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[dims - 1]
    x = draw(2, 2, *(4,) * dims, grad=True)
    y, places = pool(x, 2, return_indices=True)
    back = unpool(y, places, 2)
    assert torch.equal(back, torch.where(back == x, x, torch.zeros_like(x)))
    assert torch.equal(pool(back.abs() * back.sign(), 2).clamp(min=0), y.clamp(min=0))


def test_adaptive_pooling_to_one_element_is_the_mean_and_the_maximum():
    x = draw(2, 3, 4, 5)
    assert torch.allclose(F.adaptive_avg_pool2d(x, 1)[..., 0, 0], x.mean((2, 3)))
    assert torch.equal(F.adaptive_max_pool2d(x, (1, None)), x.amax(2, keepdim=True))


def test_norms_of_windows_are_norms():
    x = draw(1, 2, 4, 4)
    windows = F.unfold(x, 2, stride=2).reshape(1, 2, 4, 2, 2)
    assert torch.allclose(F.lp_pool2d(x, 2.0, 2), windows.square().sum(2).sqrt())


def test_fractional_windows_are_maxima_of_windows_and_follow_the_seed():
    x = draw(2, 3, 9, 8)
    torch.manual_seed(1)
    y, places = F.fractional_max_pool2d(x, 2, output_size=(4, 5), return_indices=True)
    assert torch.equal(x.flatten(2).gather(2, places.flatten(2)).reshape(y.shape), y)
    torch.manual_seed(1)
    assert torch.equal(F.fractional_max_pool2d(x, 2, output_size=(4, 5)), y)
    assert torch.equal(y[..., -1, -1] >= x[..., -1, -1], torch.ones(2, 3, dtype=torch.bool))


def test_fold_counts_how_often_unfold_takes_an_element():
    x = torch.ones(1, 1, 3, 3)
    assert F.fold(F.unfold(x, 2), (3, 3), 2)[0, 0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def test_circular_padding_crops_before_it_wraps():
    assert F.pad(torch.arange(5)[None], (-1, 2), mode="circular").tolist() == [[1, 2, 3, 4, 1, 2]]


@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("align", [False, True])
def test_the_identity_map_shows_the_image(mode, padding, align):
    x = draw(2, 3, 5, 4)
    theta = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]] * 2, dtype=torch.float64)
    grid = F.affine_grid(theta, (2, 3, 5, 4), align_corners=align)
    assert torch.allclose(F.grid_sample(x, grid, mode, padding, align), x)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_sampling_has_gradients_to_the_second_order(mode, padding):
    x, grid = draw(1, 1, 4, 3, grad=True), (draw(1, 2, 2, 2) * 0.8).requires_grad_()
    assert gradcheck(lambda x, g: F.grid_sample(x, g, mode, padding, False), (x, grid))
    assert gradgradcheck(lambda x, g: F.grid_sample(x, g, mode, padding, False), (x, grid))


def test_places_that_are_no_numbers_show_nothing_from_outside():
    grid = torch.tensor([[[[math.inf, 0.0], [-1e30, 0.0]]]])
    assert F.grid_sample(torch.ones(1, 1, 2, 2), grid, "nearest", align_corners=False).tolist() == [[[[0.0, 0.0]]]]


def test_bytes_are_resampled_to_bytes():
    x = torch.tensor([[[[0, 255], [255, 0]]]], dtype=torch.uint8)
    y = F.interpolate(x, size=3, mode="bilinear", align_corners=True)
    assert y.dtype is torch.uint8 and y[0, 0, 1].tolist() == [128, 128, 128]


def test_shrinking_with_antialias_keeps_the_mean():
    x = draw(1, 1, 16, 16)
    small = F.interpolate(x, size=(4, 4), mode="bilinear", antialias=True)
    assert abs(small.mean() - x.mean()) < 0.05
    assert torch.allclose(F.interpolate(x, scale_factor=0.25, mode="area"), F.avg_pool2d(x, 4))
