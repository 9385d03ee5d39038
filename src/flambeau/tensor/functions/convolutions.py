"""Convolutions in one to three dims, and their transposes: arguments are judged here, rows compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import errors
from .. import rows
from ..operands import type_name
from ..public import public
from ..tensor import Tensor

# ---- arguments -------------------------------------------------------------------------------------------------------


def spread(value: Any, count: int, name: str, function: str, dims: int | None = None) -> tuple[int, ...]:
    """A size argument as one number for each of `count` dims of the kernel. Raises where there are more or fewer.

    dims: the dims of the function's name, for which one number stands.
    """
    if not isinstance(value, (tuple, list)):
        if isinstance(value, str):
            raise TypeError(f"{function}(): argument '{name}' must be tuple of ints, not str")
        if not hasattr(value, "__index__"):
            raise TypeError(
                f"{function}() received an invalid combination of arguments - got {name}={type(value).__name__}\n"
                f"  {name} is a number, or a tuple of {count} numbers."
            )
        value = (value,) * (dims or count)
    numbers = []
    for i, n in enumerate(value, 1):
        if not hasattr(n, "__index__"):
            raise TypeError(
                f"{function}(): argument '{name}' failed to unpack the object at pos {i} with error "
                f'"type must be tuple of ints,but got {type_name(n)}"'
            )
        numbers.append(n.__index__())
    if len(numbers) == 1:
        return (numbers[0],) * count
    if len(numbers) != count:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {count} values to match the convolution "
            f"dimensions, but got {name}={numbers}"
        )
    return tuple(numbers)


def check_tensors(function: str, input: Any, weight: Any, bias: Any) -> None:
    """Raise unless these are tensors of one dtype."""
    for i, (name, t) in enumerate((("input", input), ("weight", weight), ("bias", bias)), 1):
        if not isinstance(t, Tensor) and (name != "bias" or t is not None):
            raise TypeError(f"{function}(): argument '{name}' (position {i}) must be Tensor, not {type_name(t)}")
    if input._kind is weight._kind and (bias is None or bias._kind is input._kind):
        if input.dtype.category == 0:
            raise errors.not_for_dtype("slow_conv2d_cpu", input.dtype)
        return
    if bias is not None and bias.dtype is not input.dtype and not function.startswith("conv_transpose"):
        raise RuntimeError(
            f"Input type ({errors.c_name(input.dtype)}) and bias type ({errors.c_name(bias.dtype)}) should be the "
            "same\n"
            f"  input is {input.dtype}, weight is {weight.dtype}: convert one of them, input.to(weight.dtype)."
        )
    if input.dtype is not weight.dtype:
        raise RuntimeError(
            f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}\n"
            f"  input is {input.dtype}, weight is {weight.dtype}: convert one of them, input.to(weight.dtype)."
        )


def check_numbers(stride: Any, padding: Any, dilation: Any, output_padding: Any) -> None:
    """Raise where a number is out of its range."""
    if min(padding) < 0:
        raise RuntimeError("negative padding is not supported")
    if output_padding and min(output_padding) < 0:
        raise RuntimeError("negative output_padding is not supported")
    if min(stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(dilation) < 0:
        raise RuntimeError("dilation should be greater than zero")
    if min(dilation) == 0:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")


def check_shapes(input: Sequence[int], weight: Sequence[int], bias: Any, groups: int, transposed: bool) -> None:
    """Raise where channels, groups and bias do not fit together."""
    i, w = list(input), list(weight)
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if len(i) != len(w):
        raise RuntimeError(
            f"Expected {len(w)}-dimensional input for {len(w)}-dimensional weight {w}, but got {len(i)}-dimensional "
            f"input of size {i} instead"
        )
    if w[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{w} instead"
        )
    if w[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{w}] instead"
        )
    wanted = w[0] if transposed else w[1] * groups
    given = "transposed=1" if transposed else f"groups={groups}"
    if i[1] != wanted:
        raise RuntimeError(
            f"Given {given}, weight of size {w}, expected input{i} to have {wanted} channels, but got {i[1]} channels "
            "instead\n" + _channels_hint(i, wanted)
        )
    outputs = w[1] * groups if transposed else w[0]
    if bias is not None and tuple(bias) != (outputs,):
        transposed_text = "transposed=1, " if transposed else ""
        raise RuntimeError(
            f"Given {transposed_text}weight of size {w}, expected bias to be 1-dimensional with {outputs} elements, "
            f"but got bias of size {list(bias)} instead"
        )


def _channels_hint(shape: list[int], wanted: int) -> str:
    where = f"  Channels are dim 1 of (batch, channels, ...); dim 1 of the input has size {shape[1]}."
    if shape[-1] == wanted and len(shape) > 2:
        order = ", ".join(map(str, (0, len(shape) - 1, *range(1, len(shape) - 1))))
        return where + f"\n  The last dim has {wanted}: images with channels last are turned by input.permute({order})."
    return where


def check_kernel(input: Sequence[int], weight: Sequence[int], padding: Any, dilation: Any) -> None:
    """Raise where the kernel is empty, or larger than the padded image."""
    kernel = weight[2:]
    padded = [n + 2 * p for n, p in zip(input[2:], padding, strict=True)]
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    if any(n < r for n, r in zip(padded, reach, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, padded))}). Kernel size: "
            f"({' x '.join(map(str, reach))}). Kernel size can't be greater than actual input size"
        )
    if 0 in kernel:
        names = dict(zip(("time", "height", "width")[-len(kernel) :], kernel, strict=True))
        raise RuntimeError(
            "kernel size should be greater than zero, but got " + " ".join(f"kernel_{n}: {k}" for n, k in names.items())
        )
    if 0 in input[2:]:
        raise RuntimeError(f"Only zero batch or zero channel inputs are supported, but got input shape: {list(input)}")


def _batched(input: Tensor, weight: Tensor, dims: int, name: str) -> tuple[Tensor, bool]:
    """The input with a batch dim, and whether it had none."""
    if weight._array.ndim < 3:
        raise RuntimeError("weight should have at least three dimensions")
    ndim = input._array.ndim
    if ndim == dims + 2:
        return input, False
    if ndim == dims + 1:
        return rows.unsqueeze(input, 0), True
    raise RuntimeError(
        f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of size: "
        f"{list(input.shape)}"
    )


def _ready(value: Any, count: int) -> bool:
    """Whether a size argument is a tuple of the right number of integers already, as layers give it."""
    return type(value) is tuple and len(value) == count and type(value[0]) is int and type(value[-1]) is int


# ---- convolution -----------------------------------------------------------------------------------------------------


def _conv(
    name: str, dims: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    if not isinstance(input, Tensor) or not isinstance(weight, Tensor):
        check_tensors(name, input, weight, bias)
    input, single = _batched(input, weight, dims, name)
    places = weight._array.ndim - 2
    # the arguments of layers arrive as tuples of the right length
    if not _ready(stride, places):
        stride = spread(stride, places, "stride", name, dims)
    if not _ready(dilation, places):
        dilation = spread(dilation, places, "dilation", name, dims)
    if isinstance(padding, str):
        input, padding = _named_padding(input, weight, stride, padding, dilation, groups)
    elif not _ready(padding, places):
        padding = spread(padding, places, "padding", name, dims)
    x, w = input._array.shape, weight._array.shape
    check_numbers(stride, padding, dilation, None)
    check_shapes(x, w, None if bias is None else bias._array.shape, groups, False)
    check_tensors(name, input, weight, bias)
    check_kernel(x, w, padding, dilation)
    result = rows.conv_forward(input, weight, bias, stride, padding, dilation, groups)
    return rows.squeeze_dims(result, (0,)) if single else result


def _named_padding(
    input: Tensor, weight: Tensor, stride: Any, padding: str, dilation: Any, groups: int
) -> tuple[Tensor, tuple]:
    """Padding by name; where 'same' needs one more zero at the end than at the beginning, it is added here."""
    if padding == "valid":
        return input, (0,) * len(stride)
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    check_shapes(input._array.shape, weight._array.shape, None, groups, False)
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for d, k in zip(dilation, weight._array.shape[2:], strict=True)]
    if any(t % 2 for t in totals):
        more: list[int] = []
        for t in reversed(totals):
            more += [0, t % 2]
        input = rows.constant_pad(input, pad=tuple(more), value=0)
    return input, tuple(t // 2 for t in totals)


@public(method=False)
def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide kernels along a signal: at each place, the sum of products, plus a bias.

    input: (N, C, L) or (C, L); weight: (O, C / groups, K); bias: (O,). Returns (N, O, M) or (O, M). padding: a number,
    'same' or 'valid'. Raises RuntimeError where the shapes do not fit.

    >>> conv1d(tensor([[[1., 2., 4.]]]), tensor([[[-1., 1.]]]))
    tensor([[[1., 2.]]])
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@public(method=False)
def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide kernels over an image: at each place, the sum of products, plus a bias.

    input: (N, C, H, W) or (C, H, W); weight: (O, C / groups, KH, KW); bias: (O,). padding: numbers, 'same' or 'valid'.
    Raises RuntimeError where the shapes do not fit.

    >>> conv2d(ones(1, 3, 8, 8), ones(6, 3, 3, 3)).shape
    torch.Size([1, 6, 6, 6])
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@public(method=False)
def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide kernels through a volume: at each place, the sum of products, plus a bias.

    input: (N, C, D, H, W) or (C, D, H, W); weight: (O, C / groups, KD, KH, KW); bias: (O,).

    >>> conv3d(ones(1, 2, 4, 4, 4), ones(3, 2, 3, 3, 3)).shape
    torch.Size([1, 3, 2, 2, 2])
    """
    return _conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


# ---- transposed convolution ------------------------------------------------------------------------------------------


def _conv_transpose(
    name: str, dims: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, output_padding: Any, groups:
    int, dilation: Any,
) -> Tensor:  # fmt: skip
    if not isinstance(input, Tensor) or not isinstance(weight, Tensor):
        check_tensors(name, input, weight, bias)
    input, single = _batched(input, weight, dims, name)
    places = weight._array.ndim - 2
    numbers = (("stride", stride), ("padding", padding), ("output_padding", output_padding), ("dilation", dilation))
    stride, padding, output_padding, dilation = (spread(v, places, k, name, dims) for k, v in numbers)
    result = transpose_convolution(input, weight, bias, stride, padding, output_padding, groups, dilation, name)
    return rows.squeeze_dims(result, (0,)) if single else result


def transpose_convolution(
    input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, output_padding: Any, groups: int, dilation:
    Any, name: str,
) -> Tensor:  # fmt: skip
    """The transposed convolution of a batch; arguments are tuples."""
    x, w = input._array.shape, weight._array.shape
    check_numbers(stride, padding, dilation, output_padding)
    check_shapes(x, w, None if bias is None else bias._array.shape, groups, True)
    check_tensors(name, input, weight, bias)
    for i in range(len(stride)):
        if output_padding[i] >= max(stride[i], dilation[i]):
            raise RuntimeError(_output_padding_message(output_padding, stride, dilation))
    sizes = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + o + 1
        for n, s, p, d, k, o in zip(x[2:], stride, padding, dilation, w[2:], output_padding, strict=True)
    )
    if min(sizes) < 1:
        raise RuntimeError(
            f"Given input size per channel: ({' x '.join(map(str, x[2:]))}). Calculated output size per channel: "
            f"({' x '.join(map(str, sizes))}). Output size is too small"
        )
    return rows.conv_input_gradient(input, weight, bias, sizes, stride, padding, dilation, groups)


def _output_padding_message(output_padding: Any, stride: Any, dilation: Any) -> str:
    names = ("depth", "height", "width")[-max(len(stride), 2) :]
    given = []
    for what, values in (("output_padding", output_padding), ("stride", stride), ("dilation", dilation)):
        full = values if len(values) > 1 else ({"output_padding": 0}.get(what, 1), *values)
        given += [f"{what}_{n}: {v}" for n, v in zip(names, full, strict=True)]
    return "output padding must be smaller than either stride or dilation, but got " + " ".join(given)


@public(method=False)
def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv1d`: each input number adds a scaled kernel to the output.

    input: (N, C, L) or (C, L); weight: (C, O / groups, K); bias: (O,).

    >>> conv_transpose1d(tensor([[[1., 2.]]]), tensor([[[1., 1.]]]), stride=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    return _conv_transpose(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


@public(method=False)
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv2d`: each input number adds a scaled kernel to the output.

    input: (N, C, H, W) or (C, H, W); weight: (C, O / groups, KH, KW); bias: (O,).

    >>> conv_transpose2d(ones(1, 3, 4, 4), ones(3, 6, 2, 2), stride=2).shape
    torch.Size([1, 6, 8, 8])
    """
    return _conv_transpose(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


@public(method=False)
def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv3d`: each input number adds a scaled kernel to the output.

    input: (N, C, D, H, W) or (C, D, H, W); weight: (C, O / groups, KD, KH, KW); bias: (O,).

    >>> conv_transpose3d(ones(1, 2, 2, 2, 2), ones(2, 1, 2, 2, 2), stride=2).shape
    torch.Size([1, 1, 4, 4, 4])
    """
    return _conv_transpose(
        "conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


@public(method=False)
def convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups):
    """Convolution, or transposed convolution, of a batch in as many dims as the kernels have.

    >>> convolution(ones(1, 1, 3, 3), ones(1, 1, 2, 2), None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1).shape
    torch.Size([1, 1, 2, 2])
    """
    places = weight._array.ndim - 2
    numbers = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": output_padding}
    s, p, d, o = (spread(v, places, k, "convolution") for k, v in numbers.items())
    if transposed:
        return transpose_convolution(input, weight, bias, s, p, o, groups, d, "convolution")
    if input._array.ndim != weight._array.ndim:
        check_shapes(input._array.shape, weight._array.shape, None, groups, False)
    return _conv("convolution", places, input, weight, bias, s, p, d, groups)


@public(method=False)
def conv_tbc(input, weight, bias, pad=0):
    """Convolution of sequences with time first.

    input: (T, N, C); weight: (K, C, O); bias: (O,). Returns (T', N, O).

    >>> conv_tbc(ones(5, 2, 3), ones(2, 3, 4), zeros(4)).shape
    torch.Size([4, 2, 4])
    """
    if input._array.ndim != 3:
        raise RuntimeError("Input must have 3 dims: time, batch, in_channel")
    if weight._array.ndim != 3:
        raise RuntimeError("Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.")
    if bias._array.ndim != 1:
        raise RuntimeError("Bias must be 1-D")
    if input._array.shape[2] != weight._array.shape[1]:
        raise RuntimeError("Input dim 2 (input channels) is not == dim 1 in the weight tensor")
    if weight._array.shape[2] != bias._array.shape[0]:
        raise RuntimeError("Bias size must equal dim 2 in the weight tensor (output channels).")
    images = rows.permute_dims(input, (1, 2, 0))
    kernels = rows.permute_dims(weight, (2, 1, 0))
    return rows.permute_dims(conv1d(images, kernels, bias, 1, pad), (2, 0, 1))
