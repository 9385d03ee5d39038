"""Affine and bilinear maps, and the order of channels."""

from __future__ import annotations

from ...tensor.dispatch import write_result
from ...tensor.functions import products
from ...tensor.functions.neural import bilinear, channel_shuffle, native_channel_shuffle

__all__ = ["bilinear", "channel_shuffle", "linear", "native_channel_shuffle"]

_linear = products.linear


def linear(input, weight, bias=None, *, out=None):
    """Affine map `input @ weight.T + bias`.

    input: (*, in), weight: (out, in) or (in,), bias: (out,) or None. Returns (*, out), in the dtype that all have.
    Raises RuntimeError, naming both shapes, where `in` differs.

    >>> linear(ones(2, 3), ones(4, 3)).shape
    torch.Size([2, 4])
    """
    if out is not None:
        return write_result("linear", _linear(input, weight, bias), out)
    try:
        return _linear(input, weight, bias)
    except AttributeError:
        products.check_tensor("linear", "input", 1, input)
        products.check_tensor("linear", "weight", 2, weight)
        raise
