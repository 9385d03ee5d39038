"""Patches of images as columns, and back."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...tensor import rows
from ...tensor.tensor import Tensor
from .pool import local

__all__ = ["fold", "unfold"]


def _pair(value: Any, name: str) -> tuple[int, int]:
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            return (value[0], value[0])
        if len(value) != 2:
            raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(value)}")
        return (value[0], value[1])
    return (value, value)


def _window(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple:
    kernel, dilation = _pair(kernel_size, "kernel_size"), _pair(dilation, "dilation")
    padding, stride = _pair(padding, "padding"), _pair(stride, "stride")
    for what, short, values in (
        ("kernel size", "kernel", kernel),
        ("dilation", "dilation", dilation),
        ("stride", "stride", stride),
    ):
        if min(values) <= 0:
            raise RuntimeError(
                f"{what} should be greater than zero, but got {short}_height: {values[0]} {short}_width: {values[1]}"
            )
    if min(padding) < 0:
        raise RuntimeError(f"padding should be non-negative, but got pad_height: {padding[0]} pad_width: {padding[1]}")
    return kernel, stride, padding, dilation


def _blocks(sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[int, ...]:
    """How many patches there are along each dim."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True)
    )


def _check_floating(input: Tensor, name: str) -> None:
    if input.dtype.category == 1:
        raise errors.not_for_dtype(name, input.dtype)


@local
def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """The patches of images (N, C, H, W) as columns: (N, C * KH * KW, number of patches).

    Raises RuntimeError where no patch fits.
    """
    shape = input._array.shape
    if len(shape) < 3:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got 2)"
        )
    kernel, stride, padding, dilation = _window(kernel_size, dilation, padding, stride)
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {list(shape)}"
        )
    sizes = _blocks(shape[-2:], kernel, stride, padding, dilation)
    if min(sizes) < 1:
        raise RuntimeError(
            f"Given input with spatial size ({shape[-2]}, {shape[-1]}), kernel_size={kernel}, dilation={dilation}, "
            f"padding={padding}, calculated shape of the array of sliding blocks as {sizes}, but its components must "
            "be at least one."
        )
    _check_floating(input, "im2col_out_cpu")
    images = input if len(shape) == 4 else rows.unsqueeze(input, 0)
    result = rows.unfold_patches(images, kernel, stride, padding, dilation, sizes)
    return result if images is input else rows.squeeze_dims(result, (0,))


@local
def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Columns (N, C * KH * KW, number of patches) added up where `unfold` would take them, in images of `output_size`.

    Raises RuntimeError where the number of columns or their length does not fit.
    """
    shape = input._array.shape
    output = _pair(output_size, "output_size")
    kernel, stride, padding, dilation = _window(kernel_size, dilation, padding, stride)
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    if shape[-2] % (kernel[0] * kernel[1]):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={shape[-2]} and kernel_size={kernel}."
        )
    sizes = _blocks(output, kernel, stride, padding, dilation)
    if sizes[0] * sizes[1] != shape[-1] or min(sizes) < 1:
        raise RuntimeError(
            f"Given output_size={output}, kernel_size={kernel}, dilation={dilation}, padding={padding}, "
            f"stride={stride}, expected size of input's dimension 2 to match the calculated number of sliding blocks "
            f"{sizes[0]} * {sizes[1]} = {sizes[0] * sizes[1]}, but got input.size(2)={shape[-1]}."
        )
    _check_floating(input, "col2im_out_cpu")
    columns = input if len(shape) == 3 else rows.unsqueeze(input, 0)
    result = rows.fold_patches(columns, output, kernel, stride, padding, dilation, sizes)
    return result if columns is input else rows.squeeze_dims(result, (0,))
