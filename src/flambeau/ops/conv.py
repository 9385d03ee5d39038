"""Convolution: cross-correlation of images with kernels, and its two transposes.

The three rows are bilinear in images, kernels and gradients, and each one's derivatives are the other two: the
transposed convolution is the gradient for the images, so it needs no row of its own.
"""

from __future__ import annotations

from .table import Array, op


def conj(xp, x):
    """The complex conjugate; the array itself where it is real."""
    return xp.conj(x) if xp.is_complex(x) else x


def bias_gradient(xp, g):
    """The sum over all but the channels."""
    return xp.sum(g, axis=(0, *range(2, len(g.shape))))


def _forward_for_input(xp, g, weight, input_shape, stride, padding, dilation, groups):
    return xp.conv_input_gradient(g, conj(xp, weight), None, tuple(input_shape[2:]), stride, padding, dilation, groups)


def _forward_for_weight(xp, g, input, weight_shape, stride, padding, dilation, groups):
    return xp.conv_weight_gradient(g, conj(xp, input), tuple(weight_shape[2:]), stride, padding, dilation, groups)


@op(
    input=_forward_for_input,
    weight=_forward_for_weight,
    bias=lambda xp, g: bias_gradient(xp, g),
    public=False,
    method=False,
    node="Convolution",
)
def conv_forward(xp, input, weight, bias: Array | None, stride: tuple, padding: tuple, dilation: tuple, groups: int):
    """Cross-correlation of images (N, C, *S) with kernels (O, C / groups, *K), plus a bias (O,)."""
    return xp.conv_forward(input, weight, bias, stride, padding, dilation, groups)


def cropped(xp, x, sizes):
    """The first places along each dim: with output padding, images are larger than the kernels have reached."""
    if tuple(x.shape[2:]) == tuple(sizes):
        return x
    return xp.getitem(x, (slice(None), slice(None), *[slice(0, n) for n in sizes]))


def _input_gradient_for_input(xp, g, weight, input_shape, stride, padding, dilation, groups):
    result = xp.conv_forward(g, conj(xp, weight), None, stride, padding, dilation, groups)
    return cropped(xp, result, input_shape[2:])


def _input_gradient_for_weight(xp, g, input, weight_shape, stride, padding, dilation, groups):
    return xp.conv_weight_gradient(conj(xp, input), g, tuple(weight_shape[2:]), stride, padding, dilation, groups)


@op(
    input=_input_gradient_for_input,
    weight=_input_gradient_for_weight,
    bias=lambda xp, g: bias_gradient(xp, g),
    public=False,
    method=False,
    node="Convolution",
)
def conv_input_gradient(
    xp, input, weight, bias: Array | None, sizes: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
):
    """Transposed convolution: the gradient of `conv_forward` for images of spatial shape `sizes`, plus a bias."""
    return xp.conv_input_gradient(input, weight, bias, sizes, stride, padding, dilation, groups)


def _weight_gradient_for_grad(xp, g, input, grad_shape, stride, padding, dilation, groups):
    result = xp.conv_forward(conj(xp, input), g, None, stride, padding, dilation, groups)
    return cropped(xp, result, grad_shape[2:])


def _weight_gradient_for_input(xp, g, grad, input_shape, stride, padding, dilation, groups):
    return xp.conv_input_gradient(conj(xp, grad), g, None, tuple(input_shape[2:]), stride, padding, dilation, groups)


@op(
    grad=_weight_gradient_for_grad,
    input=_weight_gradient_for_input,
    public=False,
    method=False,
    node="ConvolutionBackward",
)
def conv_weight_gradient(xp, grad, input, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int):
    """The gradient of `conv_forward` for kernels of spatial shape `kernel`."""
    return xp.conv_weight_gradient(grad, input, kernel, stride, padding, dilation, groups)
