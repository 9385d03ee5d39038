"""Convolutions of tensors: arguments, ways of computing, memory."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import flambeau as torch
import flambeau.nn.functional as F
from flambeau.xp.numpy import convolution, correlation, threads


def draw(*shape):
    return torch.from_numpy(np.random.default_rng(len(shape)).standard_normal(shape))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_an_image_alone_is_a_batch_of_one(dims):
    conv = (F.conv1d, F.conv2d, F.conv3d)[dims - 1]
    back = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[dims - 1]
    x, w, b = draw(2, *(5,) * dims), draw(3, 2, *(2,) * dims), draw(3)
    assert torch.equal(conv(x, w, b), conv(x[None], w, b)[0])
    y = draw(3, *(4,) * dims)
    assert torch.equal(back(y, w), back(y[None], w)[0])


def test_same_padding_keeps_the_size_and_adds_its_odd_zero_at_the_end():
    x, w = draw(1, 1, 6, 7), draw(1, 1, 4, 3)
    same = F.conv2d(x, w, padding="same", dilation=(1, 2))
    assert same.shape == x.shape
    assert torch.allclose(same, F.conv2d(F.pad(x, (2, 2, 1, 2)), w, dilation=(1, 2)))
    assert torch.equal(F.conv2d(x, w, padding="valid"), F.conv2d(x, w))


def test_the_transposed_convolution_is_the_transpose():
    x, w = draw(2, 4, 7, 8), draw(6, 2, 3, 2)
    y = F.conv2d(x, w, stride=2, padding=1, groups=2)
    g = draw(*y.shape)
    # 7 rows give as many windows as 6 would: one row is output padding
    back = F.conv_transpose2d(g, w, stride=2, padding=1, groups=2, output_padding=(0, 0))
    extended = F.pad(back, (0, x.shape[3] - back.shape[3], 0, x.shape[2] - back.shape[2]))
    assert torch.allclose((y * g).sum(), (x * extended).sum())


CUTS = list(itertools.product([1 << 6, 1 << 18], [0, 1 << 60], [0.0, 1.0]))


@pytest.mark.parametrize("piece, worth, waste", CUTS)
@pytest.mark.parametrize("short", [0, 1 << 10])
@pytest.mark.parametrize("padding, stride, groups", [(0, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2), (1, 1, 4), (0, 2, 4)])
def test_pieces_threads_and_ways_of_computing_change_nothing(
    monkeypatch, piece, worth, waste, short, padding, stride, groups
):
    x, w = draw(3, 4, 9, 8), draw(8, 4 // groups, 3, 2)
    window = ((stride,) * 2, (padding,) * 2, (1, 1), groups)

    def everything():
        y = convolution.conv_forward(x.numpy(), w.numpy(), None, *window)
        return (
            y,
            convolution.conv_input_gradient(y, w.numpy(), None, (9, 8), *window),
            convolution.conv_weight_gradient(y, x.numpy(), (3, 2), *window),
        )

    expected = everything()
    monkeypatch.setattr(correlation, "PIECE", piece)
    monkeypatch.setattr(correlation, "WASTE", waste)
    monkeypatch.setattr(correlation, "SHORT", short)
    monkeypatch.setattr(threads, "WORTH", worth)
    monkeypatch.setattr(threads.config.settings, "num_threads", 3)
    for found, one in zip(everything(), expected, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-10, atol=1e-10)


def test_an_error_in_a_thread_reaches_the_caller(monkeypatch):
    monkeypatch.setattr(threads.config.settings, "num_threads", 2)

    def fail(part):
        raise ValueError(f"part {part}")

    if threads.width() > 1:
        with pytest.raises(ValueError, match="part"):
            threads.share(fail, [1, 2], 1e12)


def test_results_lie_by_channels_where_the_images_do_and_row_by_row_elsewhere():
    x, w = draw(2, 5, 6, 3).permute(0, 3, 1, 2), draw(4, 3, 2, 2)
    y = F.conv2d(x, w)
    assert y.is_contiguous(memory_format=torch.channels_last)
    assert torch.allclose(y, F.conv2d(x.contiguous(), w))
    assert F.conv2d(x.contiguous(), w).is_contiguous() and F.conv2d(x.mT, w).is_contiguous()


def test_integers_convolve_as_integers():
    x = torch.arange(16).reshape(1, 1, 4, 4)
    y = F.conv2d(x, torch.ones(1, 1, 2, 2, dtype=torch.int64))
    assert y.dtype is torch.int64
    assert y[0, 0].tolist() == [[10, 14, 18], [26, 30, 34], [42, 46, 50]]


def test_gradients_stay_in_half_precision():
    for dtype in (torch.float16, torch.bfloat16):
        x = torch.ones(1, 2, 4, 4, dtype=dtype, requires_grad=True)
        w = torch.ones(3, 2, 2, 2, dtype=dtype, requires_grad=True)
        F.conv2d(x, w).sum().backward()
        assert x.grad.dtype is dtype
        assert w.grad.flatten().tolist() == [9.0] * 24
