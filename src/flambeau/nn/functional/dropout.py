"""Dropout of elements and of channels, in PyTorch's signatures."""

from __future__ import annotations

import warnings
from typing import Any

from ...tensor.functions.neural import dropped


def _check(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input, p=0.5, training=True, inplace=False):
    """Set each element to 0 with probability `p` and divide the others by `1 - p`; nothing in evaluation.

    >>> dropout(tensor([1., 2.]), training=False)
    tensor([1., 2.])
    """
    _check(p)
    return dropped(input, p, training, False, False, inplace, "dropout")


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps the mean and the variance of what `selu` gives.

    >>> alpha_dropout(tensor([1., 2.]))
    tensor([1., 2.])
    """
    _check(p)
    return dropped(input, p, training, False, True, inplace, "alpha_dropout")


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """`alpha_dropout` of whole channels of (N, C, ...).

    >>> feature_alpha_dropout(tensor([[1., 2.]]))
    tensor([[1., 2.]])
    """
    _check(p)
    return dropped(input, p, training, True, True, inplace, "feature_alpha_dropout")


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels of (N, C, L) or (C, L).

    >>> dropout1d(ones(1, 2, 3), training=False).shape
    torch.Size([1, 2, 3])
    """
    _check(p)
    ndim = input.dim()
    if ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {ndim}D input. Note that dropout1d exists to provide "
            "channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch "
            "dimension (i.e. 2D or 3D inputs)."
        )
    return _channels(input, p, training, inplace, batched=ndim == 3)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels of (N, C, H, W).

    >>> dropout2d(ones(1, 2, 3, 3), training=False).shape
    torch.Size([1, 2, 3, 3])
    """
    _check(p)
    ndim = input.dim()
    if ndim not in (3, 4):
        warnings.warn(
            f"dropout2d: Received a {ndim}-D input to dropout2d, which is deprecated and will result in an error in a "
            "future release. To retain the behavior and silence this warning, please use dropout instead. Note that "
            "dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel "
            "dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
            stacklevel=2,
        )
    if ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a "
            "future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain "
            "the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
            stacklevel=2,
        )
    return dropped(input, p, training, True, False, inplace, "feature_dropout")


def dropout3d(input, p=0.5, training=True, inplace=False):
    """Dropout of whole channels of (N, C, D, H, W) or (C, D, H, W).

    >>> dropout3d(ones(1, 2, 3, 3, 3), training=False).shape
    torch.Size([1, 2, 3, 3, 3])
    """
    _check(p)
    ndim = input.dim()
    if ndim not in (4, 5):
        warnings.warn(
            f"dropout3d: Received a {ndim}-D input to dropout3d, which is deprecated and will result in an error in a "
            "future release. To retain the behavior and silence this warning, please use dropout instead. Note that "
            "dropout3d exists to provide channel-wise dropout on inputs with 3 spatial dimensions, a channel "
            "dimension, and an optional batch dimension (i.e. 4D or 5D inputs).",
            stacklevel=2,
        )
    return _channels(input, p, training, inplace, batched=ndim != 4)


def _channels(input: Any, p: float, training: bool, inplace: bool, batched: bool) -> Any:
    """Feature dropout of an input that may lack the dim of examples."""
    whole = input if batched else input.unsqueeze_(0) if inplace else input.unsqueeze(0)
    result = dropped(whole, p, training, True, False, inplace, "feature_dropout")
    return result if batched else result.squeeze_(0) if inplace else result.squeeze(0)
