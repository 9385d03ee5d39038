"""Pooling: the largest, the mean or the norm of windows and regions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...tensor import functions as fn
from ...tensor import rows
from ...tensor.functions.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pooled,
    adaptive_max_pooled,
    avg_pool1d,
    avg_pooled,
    max_pooled,
    max_unpooled,
    sizes_of,
)
from ...tensor.public import public
from ...tensor.tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

builtin = public(function=False, method=False, out=True)


def local(f: Callable) -> Callable:
    """Make a function that `torch.nn.functional` alone has, with PyTorch's complaints about arguments."""
    called = public(function=False, method=False)(f)
    called.__module__ = "torch.nn.functional"
    return called


# ---- maxima ----------------------------------------------------------------------------------------------------------


@local
def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window of a signal (N, C, L) or (C, L); with `return_indices` also their places.

    stride is kernel_size by default. Raises RuntimeError for windows that do not fit.
    """
    return max_pooled(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@local
def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window of images (N, C, H, W) or (C, H, W); with `return_indices` also their places.

    stride is kernel_size by default. ceil_mode: windows may reach over the end. Raises RuntimeError for windows that do
    not fit.
    """
    return max_pooled(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@local
def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest element of each window of volumes (N, C, D, H, W); with `return_indices` also their places."""
    return max_pooled(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@local
def max_pool1d_with_indices(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """`max_pool1d` and the places of the maxima."""
    return max_pooled(1, input, kernel_size, stride, padding, dilation, ceil_mode, True)


@local
def max_pool2d_with_indices(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """`max_pool2d` and the places of the maxima, counted in reading order over the image."""
    return max_pooled(2, input, kernel_size, stride, padding, dilation, ceil_mode, True)


@local
def max_pool3d_with_indices(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """`max_pool3d` and the places of the maxima, counted in reading order over the volume."""
    return max_pooled(3, input, kernel_size, stride, padding, dilation, ceil_mode, True)


def _check_dims(input: Tensor, output_size: Any) -> None:
    """Raise where the sizes asked for are as many as the input has dims, or more."""
    if isinstance(output_size, (tuple, list)) and len(output_size) >= input._array.ndim:
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")


@local
def adaptive_max_pool1d_with_indices(input, output_size, return_indices=False):
    """`adaptive_max_pool1d` and the places of the maxima."""
    return fn.adaptive_max_pool1d(input, output_size)


@local
def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The maxima of `output_size` nearly equal regions that cover a signal (N, C, L)."""
    both = fn.adaptive_max_pool1d(input, output_size)
    return both if return_indices else both[0]


@local
def adaptive_max_pool2d_with_indices(input, output_size, return_indices=False):
    """`adaptive_max_pool2d` and the places of the maxima."""
    _check_dims(input, output_size)
    return adaptive_max_pooled(2, input, output_size)


@local
def adaptive_max_pool2d(input, output_size, return_indices=False):
    """The maxima of nearly equal regions that cover images (N, C, H, W); None in `output_size` keeps a size."""
    _check_dims(input, output_size)
    both = adaptive_max_pooled(2, input, output_size)
    return both if return_indices else both[0]


@local
def adaptive_max_pool3d_with_indices(input, output_size, return_indices=False):
    """`adaptive_max_pool3d` and the places of the maxima."""
    _check_dims(input, output_size)
    return adaptive_max_pooled(3, input, output_size)


@local
def adaptive_max_pool3d(input, output_size, return_indices=False):
    """The maxima of nearly equal regions that cover volumes (N, C, D, H, W)."""
    _check_dims(input, output_size)
    both = adaptive_max_pooled(3, input, output_size)
    return both if return_indices else both[0]


# ---- means and norms -------------------------------------------------------------------------------------------------


@builtin
def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window of images (N, C, H, W) or (C, H, W).

    stride is kernel_size by default. count_include_pad: zeros of the padding count as elements. divisor_override:
    divide the sums by this instead.
    """
    return avg_pooled(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@builtin
def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window of volumes (N, C, D, H, W) or (C, D, H, W)."""
    return avg_pooled(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@local
def adaptive_avg_pool2d(input, output_size):
    """The means of nearly equal regions that cover images (N, C, H, W); None in `output_size` keeps a size."""
    _check_dims(input, output_size)
    return adaptive_avg_pooled(2, input, output_size)


@local
def adaptive_avg_pool3d(input, output_size):
    """The means of nearly equal regions that cover volumes (N, C, D, H, W)."""
    _check_dims(input, output_size)
    return adaptive_avg_pooled(3, input, output_size)


def _norm_of_windows(means: Any, norm_type: float, elements: int) -> Any:
    """`(elements * mean) ** (1 / norm_type)`, with the sign of the mean kept until the root."""
    return (fn.sign(means) * fn.relu(fn.abs(means))).mul(elements).pow(1.0 / norm_type)


def _largest_of_windows(dims: int, input: Tensor, p: float, kernel: Any, stride: Any, ceil: bool) -> Tensor:
    """The norm for infinite p: the largest magnitude, or for minus infinity the smallest."""
    sizes: Any = input.abs()  # type: ignore[attr-defined]
    if p > 0:
        return max_pooled(dims, sizes, kernel, stride, 0, 1, ceil, False)
    return -max_pooled(dims, -sizes, kernel, stride, 0, 1, ceil, False)  # type: ignore[operator]


@local
def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm, p = `norm_type`, of each window of a signal (N, C, L) or (C, L)."""
    if abs(norm_type) == math.inf:
        return _largest_of_windows(1, input, norm_type, kernel_size, stride, ceil_mode)
    means = fn.avg_pool1d(input.pow(norm_type), kernel_size, stride or kernel_size, 0, ceil_mode)
    return _norm_of_windows(means, norm_type, sizes_of(kernel_size, 1, "lp_pool1d: kernel_size")[0])


@local
def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm, p = `norm_type`, of each window of images (N, C, H, W) or (C, H, W)."""
    if abs(norm_type) == math.inf:
        return _largest_of_windows(2, input, norm_type, kernel_size, stride, ceil_mode)
    kh, kw = sizes_of(kernel_size, 2, "lp_pool2d: kernel_size must either be a single int, or a tuple of two ints")
    means = avg_pooled(2, input.pow(norm_type), kernel_size, stride, 0, ceil_mode, True, None)
    return _norm_of_windows(means, norm_type, kh * kw)


@local
def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The p-norm, p = `norm_type`, of each window of volumes (N, C, D, H, W) or (C, D, H, W)."""
    if abs(norm_type) == math.inf:
        return _largest_of_windows(3, input, norm_type, kernel_size, stride, ceil_mode)
    kd, kh, kw = sizes_of(
        kernel_size, 3, "lp_pool3d: kernel_size must either be a single int, or a tuple of three ints"
    )
    means = avg_pooled(3, input.pow(norm_type), kernel_size, stride, 0, ceil_mode, True, None)
    return _norm_of_windows(means, norm_type, kd * kh * kw)


# ---- windows at random places ----------------------------------------------------------------------------------------


def _window_starts(samples: Any, n: int, out: int, k: int, xp: Any) -> Any:
    """Where windows begin: steps of about `(n - k) / (out - 1)`, rounded by a random shift for each image and "
    "channel."""
    last = n - k
    if out < 2:
        return xp.full((*samples.shape, out), last, dtype=xp.int64)
    alpha = (n - k) / (out - 1)
    alpha = samples.dtype.type(alpha) if hasattr(samples.dtype, "type") else alpha
    steps = xp.arange(out - 1, dtype=samples.dtype)
    shifted = (
        xp.astype((steps + samples[..., None]) * alpha, xp.int64) - xp.astype(samples * alpha, xp.int64)[..., None]
    )
    return xp.concat([shifted, xp.full((*samples.shape, 1), last, dtype=xp.int64)], axis=-1)


def _fractional(dims: int, input: Tensor, kernel_size: Any, output_size: Any, output_ratio: Any, samples: Any) -> Any:
    name = f"fractional_max_pool{dims}d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    shape = input._array.shape
    if len(shape) <= dims:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [-{len(shape)}, {len(shape) - 1}], "
            f"but got {-dims - 1})"
        )
    kernel = sizes_of(kernel_size, dims, f"{name}: kernel_size must either be a single int, or a tuple of ints")
    if output_size is None:
        if dims == 3 and isinstance(output_ratio, (int, float)):
            output_ratio = (output_ratio,) * dims
        if len(output_ratio) != dims:
            raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
        output_size = tuple(int(n * r) for n, r in zip(shape[-dims:], output_ratio, strict=True))
    sizes = sizes_of(output_size, dims, f"{name}: output_size must either be a single int, or a tuple of ints")
    single = len(shape) == dims + 1
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got: {list(shape)}")
    images = rows.unsqueeze(input, 0) if single else input
    if samples is None:
        samples = fn.rand(images._array.shape[0], images._array.shape[1], dims, dtype=input.dtype, device=input.device)
    label = name if dims == 2 else "fractional_max_pool3d_out"
    # volumes need one place more, and are judged in another order
    words = {"height": -2, "width": -1} if dims == 2 else {"time": -3, "width": -1, "height": -2}
    for word, dim in words.items():
        n, k = shape[dim], kernel[dim]
        if sizes[dim] + k - 1 > n - (dims == 3):
            raise RuntimeError(f"{label}(): pool {word} {k} too large relative to input {word} {n}")
    xp = input._kind.xp
    # more samples than images are not looked at
    drawn = xp.widen(samples._array)[: images._array.shape[0], : images._array.shape[1]]
    order = (1, 0) if dims == 2 else (0, 1, 2)
    starts = [
        _window_starts(drawn[..., which], n, out, k, xp)
        for which, n, out, k in zip(order, shape[-dims:], sizes, kernel, strict=True)
    ]
    places = fn.from_numpy(xp.window_max_places(images._array, starts, kernel))
    row = getattr(rows, f"fractional_max_pool_{dims}")
    result = row(images, places)
    if single:
        result, places = rows.squeeze_dims(result, (0,)), rows.squeeze_dims(places, (0,))
    return result, places


@local
def fractional_max_pool2d_with_indices(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """`fractional_max_pool2d` and the places of the maxima."""
    return _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)


@local
def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """The maxima of windows at random places (Graham, 2014) of images (N, C, H, W) or (C, H, W).

    output_size, or output_ratio times the size of the input, says how many windows there are.
    """
    both = _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return both if return_indices else both[0]


@local
def fractional_max_pool3d_with_indices(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """`fractional_max_pool3d` and the places of the maxima."""
    return _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)


@local
def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """The maxima of windows at random places of volumes (N, C, D, H, W) or (C, D, H, W)."""
    both = _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return both if return_indices else both[0]


# ---- the inverse of max pooling --------------------------------------------------------------------------------------


def _unpooled_size(input: Tensor, kernel: tuple, stride: tuple, padding: tuple, output_size: Any) -> tuple[int, ...]:
    """The spatial shape before pooling; `output_size` chooses among those that pool to the same shape."""
    dims = len(kernel)
    default = [
        (n - 1) * s + k - 2 * p for n, s, k, p in zip(input._array.shape[-dims:], stride, kernel, padding, strict=True)
    ]
    if output_size is None:
        return tuple(default)
    given = list(output_size)
    if len(given) == dims + 2:
        given = given[2:]
    if len(given) != dims:
        raise ValueError(
            f"output_size should be a sequence containing {dims} or {dims + 2} elements, but it has a length of "
            f"'{len(given)}'"
        )
    for d in range(dims):
        low, high = default[d] - stride[d], default[d] + stride[d]
        if not low < given[d] < high:
            raise ValueError(f'invalid output_size "{output_size}" (dim {d} must be between {low} and {high})')
    return tuple(given)


def _max_unpool(
    dims: int, input: Tensor, indices: Tensor, kernel: Any, stride: Any, padding: Any, output_size: Any
) -> Tensor:
    message = f"max_unpool{dims}d: sizes must be ints or tuples of {dims}"
    kernel = sizes_of(kernel, dims, message)
    stride = kernel if stride is None else sizes_of(stride, dims, message)
    padding = sizes_of(padding, dims, message)
    sizes = _unpooled_size(input, kernel, stride, padding, output_size)
    if dims > 1:
        return max_unpooled(dims, input, indices, sizes)
    result = max_unpooled(2, rows.unsqueeze(input, -2), rows.unsqueeze(indices, -2), (1, *sizes))
    return result.squeeze(-2)  # type: ignore[attr-defined]


@local
def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Zeros with the maxima of `max_pool1d` at their places."""
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


@local
def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Zeros with the maxima of `max_pool2d` at their places."""
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


@local
def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Zeros with the maxima of `max_pool3d` at their places."""
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)
