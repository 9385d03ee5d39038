"""`torch.nn.functional`: the functions of neural networks, without state. Most are the bodies of layers in `torch.nn`."""

from __future__ import annotations

from ...tensor.functions.products import linear
from .activation import log_softmax, relu, sigmoid, softmax, tanh
from .dropout import dropout
from .embedding import one_hot
from .loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
)
