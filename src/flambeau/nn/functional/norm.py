"""Normalisation layers' functions, in PyTorch's signatures."""

from __future__ import annotations

from typing import Any

from ...tensor import functions as fn
from ...tensor.size import size


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05):
    """Each example with mean 0 and variance 1 over the last dims, then `* weight + bias`, both of `normalized_shape`.

    Raises RuntimeError where `normalized_shape` is not what the shape of the input ends in.

    >>> layer_norm(tensor([[1., 3.]]), [2])
    tensor([[-1.0000,  1.0000]])
    """
    return fn.layer_norm(input, normalized_shape, weight, bias, eps)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """Each example divided by the root of its mean square over the last dims, then `* weight`.

    >>> rms_norm(tensor([[3., 3.]]), [2])
    tensor([[1., 1.]])
    """
    return fn.rms_norm(input, normalized_shape, weight, eps)


def _check_batch(shape: tuple[int, ...]) -> None:
    """Raise where a channel has a single value: it would become 0, whatever it was."""
    values = shape[0] if shape else 0
    for n in shape[2:]:
        values *= n
    if values == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {size(shape)}\n"
            "  Use a larger batch (drop_last=True keeps a DataLoader from giving a last one of size 1), or eval()."
        )


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05):
    """Each channel of (N, C, ...) with mean 0 and variance 1, then `* weight + bias`, (C,).

    training: by the statistics of the batch, which move the running ones, (C,), by `momentum`; else by those.
    Raises ValueError where there is 1 value for each channel in training.
    From Ioffe and Szegedy, "Batch Normalization", 2015.

    >>> batch_norm(tensor([[1.], [3.]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    if training:
        _check_batch(input._array.shape)
        if eps <= 0.0:
            raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    elif eps < 0.0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    return fn.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    """Each example of (N, C, ...) with mean 0 and variance 1 over groups of channels, then `* weight + bias`, (C,).

    Raises RuntimeError where the groups are not of one size.

    >>> group_norm(tensor([[1., 3.]]), 1)
    tensor([[-1.0000,  1.0000]])
    """
    shape = input._array.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    _check_batch((shape[0] * shape[1] // num_groups, num_groups, *shape[2:]))
    return fn.group_norm(input, num_groups, weight, bias, eps)


def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-05,
):
    """Each channel of each example of (N, C, ...) with mean 0 and variance 1, then `* weight + bias`, (C,).

    >>> instance_norm(tensor([[[1., 3.]]]))
    tensor([[[-1.0000,  1.0000]]])
    """
    if use_input_stats:
        shape = input._array.shape
        values = 1
        for n in shape[2:]:
            values *= n
        if values == 1:
            raise ValueError(f"Expected more than 1 spatial element when training, got input size {size(shape)}")
    return fn.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)


def local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0):
    """`input / (k + alpha * mean) ** beta`, the mean being that of the squares of `size` neighbouring channels.

    input: (N, C, ...), 3 dims at least. From Krizhevsky et al., "ImageNet Classification with Deep Convolutional
    Neural Networks", 2012.

    >>> local_response_norm(ones(1, 2, 1), 1, alpha=1.0, beta=1.0)
    tensor([[[0.5000],
             [0.5000]]])
    """
    dim = input.dim()
    if dim < 3:
        gap = " " * 25
        raise ValueError(f"Expected 3D or higher dimensionality {gap}input (got {dim} dimensions)")
    if input.numel() == 0:
        return input
    squares = _padded_channels(input * input, size // 2, (size - 1) // 2)
    count = input.shape[1]
    total = squares[:, 0:count]
    for offset in range(1, size):
        total = total + squares[:, offset : offset + count]
    mean = total / size if input.is_floating_point() else total.div(size, rounding_mode="trunc")
    return input / (mean * alpha + k) ** beta


def _padded_channels(x: Any, before: int, after: int) -> Any:
    """Zero channels before and after those of (N, C, ...)."""
    zeros = [x.new_zeros((x.shape[0], n, *x.shape[2:])) for n in (before, after)]
    return fn.cat([zeros[0], x, zeros[1]], 1)


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """`input` divided by its p-norm along `dim`, or by `eps` where that is larger. Keeps the shape.

    >>> normalize(tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    length = input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)
    return input / length if out is None else fn.div(input, length, out=out)
