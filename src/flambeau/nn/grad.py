"""`torch.nn.grad`: the gradients of convolutions, as functions of their own; they can be differentiated in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..tensor import rows
from ..tensor.functions.convolutions import check_kernel, check_numbers, check_shapes, spread
from ..tensor.tensor import Tensor


def _judged(dims: int, input: Sequence[int], weight: Sequence[int], grad: Sequence[int], *options: Any) -> tuple:
    """Stride, padding, dilation and groups of a convolution, checked against the shapes. Raises RuntimeError."""
    *given, groups = options
    names = ("stride", "padding", "dilation")
    stride, padding, dilation = (
        spread(v, len(weight) - 2, n, f"conv{dims}d", dims) for n, v in zip(names, given, strict=True)
    )
    check_numbers(stride, padding, dilation, None)
    check_shapes(input, weight, None, groups, False)
    check_kernel(input, weight, padding, dilation)
    sizes = zip(input[2:], weight[2:], stride, padding, dilation, strict=True)
    wanted = (input[0], weight[0], *[(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sizes])
    if tuple(grad) != wanted:
        raise RuntimeError(
            f"Expected grad_output of size {list(wanted)}, but got {list(grad)}\n"
            f"  It has the shape of the result of conv{dims}d on an input of size {list(input)}."
        )
    return stride, padding, dilation, groups


def _input_gradient(dims: int, input_size: Sequence[int], weight: Tensor, grad: Tensor, *options: Any) -> Tensor:
    judged = _judged(dims, input_size, weight.shape, grad.shape, *options)
    return rows.conv_input_gradient(grad, weight, None, tuple(input_size[2:]), *judged)


def _weight_gradient(dims: int, input: Tensor, weight_size: Sequence[int], grad: Tensor, *options: Any) -> Tensor:
    judged = _judged(dims, input.shape, weight_size, grad.shape, *options)
    return rows.conv_weight_gradient(grad, input, tuple(weight_size[2:]), *judged)


def conv1d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of `conv1d` for its input, of shape `input_size`.

    >>> conv1d_input((1, 1, 3), tensor([[[1., 2.]]]), tensor([[[1., 1.]]]))
    tensor([[[1., 3., 2.]]])
    """
    return _input_gradient(1, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv1d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of `conv1d` for its weight, of shape `weight_size`.

    >>> conv1d_weight(tensor([[[1., 2., 3.]]]), (1, 1, 2), tensor([[[1., 1.]]]))
    tensor([[[3., 5.]]])
    """
    return _weight_gradient(1, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv2d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of `conv2d` for its input, of shape `input_size`."""
    return _input_gradient(2, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv2d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of `conv2d` for its weight, of shape `weight_size`."""
    return _weight_gradient(2, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv3d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of `conv3d` for its input, of shape `input_size`."""
    return _input_gradient(3, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv3d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of `conv3d` for its weight, of shape `weight_size`."""
    return _weight_gradient(3, input, weight_size, grad_output, stride, padding, dilation, groups)
