"""Pooling: arguments are judged here, and the sizes of results worked out; rows compute."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...xp import numpy as xnp
from .. import rows
from ..operands import type_name
from ..public import public
from ..tensor import Tensor

NUMBERS = {1: "one int", 2: "two ints", 3: "three ints"}


# ---- arguments -------------------------------------------------------------------------------------------------------


def sizes_of(value: Any, dims: int, message: str) -> tuple[int, ...]:
    """A number, or one for each dim, as a tuple. Raises RuntimeError with `message` where there are more or fewer."""
    if type(value) is int:
        return (value,) * dims
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            return (value[0].__index__(),) * dims
        if len(value) == dims:
            return tuple([v.__index__() for v in value])
        raise RuntimeError(message)
    if hasattr(value, "__index__"):
        return (value.__index__(),) * dims
    raise TypeError(f"{message.split(':')[0]}(): sizes must be ints or tuples of ints, not {type_name(value)}")


def pooled_size(n: int, k: int, s: int, p: int, d: int, ceil: bool) -> int:
    """How many windows there are along a dim. With `ceil` the last may reach over the end, but must begin before it."""
    size = (n + 2 * p - d * (k - 1) - 1 + (s - 1 if ceil else 0)) // s + 1
    return size - 1 if ceil and (size - 1) * s >= n + p else size


def _window(name: str, dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[tuple[int, ...], ...]:
    count = NUMBERS[dims]
    kernel = sizes_of(kernel, dims, f"{name}: kernel_size must either be a single int, or a tuple of {count}")
    if stride is None or stride == () or stride == []:
        stride = kernel
    else:
        stride = sizes_of(stride, dims, f"{name}: stride must either be omitted, a single int, or a tuple of {count}")
    padding = sizes_of(padding, dims, f"{name}: padding must either be a single int, or a tuple of {count}")
    dilation = sizes_of(dilation, dims, f"{name}: dilation must be either a single int, or a tuple of {count}")
    return kernel, stride, padding, dilation


def _check_window(kernel: Any, stride: Any, padding: Any, dilation: Any) -> None:
    if 0 in stride:
        raise RuntimeError("stride should not be zero")
    if min(stride) < 0:
        raise RuntimeError("stride should be greater than zero")
    if min(padding) < 0:
        raise RuntimeError(f"pad must be non-negative, but got pad: {min(padding)}")
    if min(kernel) <= 0:
        names = ("kT", "kH", "kW")[-len(kernel) :]
        text = " ".join(f"{n}: {k}" for n, k in zip(names, kernel, strict=True))
        raise RuntimeError(f"kernel size should be greater than zero, but got {text}")
    if min(dilation) <= 0:
        names = ("dilationT", "dilationH", "dilationW")[-len(kernel) :]
        text = " ".join(f"{n}: {d}" for n, d in zip(names, dilation, strict=True))
        raise RuntimeError(f"dilation should be greater than zero, but got {text}")
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        if p > (d * (k - 1) + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and "
                f"dilation={d}"
            )


def _check_images(input: Tensor, dims: int) -> None:
    shape = input._array.shape
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input")
    if 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(shape)}"
        )


def _result_sizes(input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> tuple[int, ...]:
    shape = input._array.shape
    dims = len(kernel)
    window = zip(shape[-dims:], kernel, stride, padding, dilation, strict=True)
    sizes = tuple([pooled_size(n, k, s, p, d, ceil) for n, k, s, p, d in window])
    if min(sizes) < 1:
        before = "x".join(map(str, shape[-dims - 1 :]))
        after = "x".join(map(str, (shape[-dims - 1], *sizes)))
        raise RuntimeError(f"Given input size: ({before}). Calculated output size: ({after}). Output size is too small")
    return sizes


# ---- the largest of each window --------------------------------------------------------------------------------------


def max_pooled(
    dims: int, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool, indices: bool
) -> Any:
    """Max pooling over the last `dims` dims, and the places of the maxima where asked for."""
    name = f"max_pool{dims}d"
    if dims == 1:
        return _max_pooled_1(input, kernel, stride, padding, dilation, ceil, indices)
    kernel, stride, padding, dilation = _window(name, dims, kernel, stride, padding, dilation)
    _check_window(kernel, stride, padding, dilation)
    _check_images(input, dims)
    if input.dtype.category in (0, 3):
        raise errors.not_for_dtype(f"max_pool{dims}d", input.dtype)
    sizes = _result_sizes(input, kernel, stride, padding, dilation, ceil)
    row = rows.max_pool_2 if dims == 2 else rows.max_pool_3
    result = row(input, kernel, stride, padding, dilation, sizes)
    if not indices:
        return result
    places = rows.max_pool_places(input.detach(), kernel, stride, padding, dilation, sizes)
    return result, places


def _max_pooled_1(
    input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool, indices: bool
) -> Any:
    shape = input._array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(shape)}"
        )
    if stride is None or stride == () or stride == []:
        stride = kernel
    numbers = {}
    for what, value in (("kernel_size", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation)):
        if isinstance(value, (tuple, list)) and len(value) != 1:
            raise RuntimeError(
                f"max_pool1d() {what} must be an int, list of ints or tuple of ints of size 1 but got size {len(value)}"
            )
        numbers[what] = sizes_of(value, 1, "max_pool1d: sizes must be ints")[0]
    for what in ("kernel_size", "stride"):
        if numbers[what] <= 0:
            raise RuntimeError(f"max_pool1d() {what} must be greater than zero, but got {numbers[what]}")
    if numbers["padding"] < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {numbers['padding']}")
    if numbers["padding"] > numbers["kernel_size"] // 2:
        if indices:
            _check_window(*[(v,) for v in numbers.values()])
        raise RuntimeError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={numbers['padding']} and "
            f"kernel_size={numbers['kernel_size']}"
        )
    if numbers["dilation"] <= 0:
        raise RuntimeError(f"max_pool1d() dilation must be greater than zero, but got {numbers['dilation']}")
    k, s, p, d = numbers.values()
    size = pooled_size(shape[-1], k, s, p, d, ceil)
    if size < 1:
        if indices:
            _result_sizes(rows.unsqueeze(input, -2), (1, k), (1, s), (0, p), (1, d), ceil)
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {size}")
    if not input._kind.dtype.is_floating_point:
        raise errors.not_for_dtype("max_pool1d_impl", input.dtype)
    window = ((1, k), (1, s), (0, p), (1, d), (1, size))
    image = rows.unsqueeze(input, -2)
    result = rows.squeeze_dims(rows.max_pool_2(image, *window), (len(shape) - 1,))
    if not indices:
        return result
    places = rows.max_pool_places(image.detach(), *window)
    return result, rows.squeeze_dims(places, (len(shape) - 1,))


@public(method=False)
def max_pool1d(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """The largest element of each window of a signal (N, C, L) or (C, L). stride is kernel_size by default.

    >>> max_pool1d(tensor([[1., 3., 2., 4.]]), 2)
    tensor([[3., 4.]])
    """
    return max_pooled(1, input, kernel_size, stride, padding, dilation, ceil_mode, False)


@public(method=False)
def max_pool1d_with_indices(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """`max_pool1d`, and where in the signal the largest elements are."""
    return max_pooled(1, input, kernel_size, stride, padding, dilation, ceil_mode, True)


@public(method=False)
def max_pool2d(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """The largest element of each window of images (N, C, H, W) or (C, H, W). stride is kernel_size by default.

    >>> max_pool2d(arange(16.).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    return max_pooled(2, input, kernel_size, stride, padding, dilation, ceil_mode, False)


@public(method=False)
def max_pool3d(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """The largest element of each window of volumes (N, C, D, H, W) or (C, D, H, W). stride is kernel_size by "
    "default."""
    return max_pooled(3, input, kernel_size, stride, padding, dilation, ceil_mode, False)


# ---- the mean of each window -----------------------------------------------------------------------------------------


def avg_pooled(
    dims: int, input: Tensor, kernel: Any, stride: Any, padding: Any, ceil: bool, count_include_pad: bool, divisor: Any
) -> Tensor:
    """Average pooling over the last `dims` dims, 2 or 3."""
    name = f"avg_pool{dims}d"
    ones = (1,) * dims
    kernel, stride, padding, _ = _window(name, dims, kernel, stride, padding, ones)
    if divisor == 0:
        raise RuntimeError("divisor must be not zero")
    shape = input._array.shape
    if len(shape) < dims:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [-{len(shape)}, {len(shape) - 1}], "
            f"but got {-dims - 1})"
        )
    _check_window(kernel, stride, padding, ones)
    if len(shape) == dims == 2:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [-{dims}, {dims - 1}], but got {-dims - 1})"
        )
    _check_images(input, dims)
    if input.dtype.category not in (1, 2) or (input.dtype.category == 1 and input.dtype.itemsize != 8):
        raise errors.not_for_dtype(f"avg_pool{dims}d", input.dtype)
    if dims == 3 and any(n < k for n, k in zip(shape[-3:], kernel, strict=True)):
        (t, h, w), (kt, kh, kw) = shape[-3:], kernel
        raise RuntimeError(f"input image (T: {t} H: {h} W: {w}) smaller than kernel size (kT: {kt} kH: {kh} kW: {kw})")
    sizes = _result_sizes(input, kernel, stride, padding, ones, ceil)
    row = rows.avg_pool_2 if dims == 2 else rows.avg_pool_3
    return row(input, kernel, stride, padding, sizes, bool(count_include_pad), divisor)


def check_dims(input: Tensor, low: int, high: int, name: str) -> None:
    """Raise unless the input has from `low` to `high` dims."""
    ndim = input._array.ndim
    if not low <= ndim <= high:
        raise RuntimeError(
            f"Expected {low} to {high} dimensions, but got {ndim}-dimensional tensor for argument #1 'self' (while "
            f"checking arguments for {name})"
        )


@public(method=False)
def avg_pool1d(input, kernel_size, stride=(), padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window of a signal (N, C, L) or (C, L). stride is kernel_size by default.

    >>> avg_pool1d(tensor([[1., 3., 2., 4.]]), 2)
    tensor([[2., 3.]])
    """
    check_dims(input, 2, 3, "avg_pool1d")
    kernel = sizes_of(kernel_size, 1, "avg_pool1d() argument 'kernel_size' should contain one int")
    if stride is None or stride == () or stride == []:
        stride = kernel
    stride = sizes_of(stride, 1, "avg_pool1d() argument 'stride' should contain one int")
    padding = sizes_of(padding, 1, "avg_pool1d() argument 'padding' should contain one int")
    image = rows.unsqueeze(input, -2)
    result = avg_pooled(2, image, (1, *kernel), (1, *stride), (0, *padding), ceil_mode, count_include_pad, None)
    return rows.squeeze_dims(result, (result._array.ndim - 2,))


# ---- regions ---------------------------------------------------------------------------------------------------------


def adaptive_sizes(output_size: Any, input: Tensor, dims: int, message: str) -> tuple[int, ...]:
    """The sizes of the result; None stands for the size of the input."""
    if isinstance(output_size, (tuple, list)):
        if len(output_size) != dims:
            raise RuntimeError(message)
        own = input._array.shape[-dims:]
        return tuple([n if s is None else s.__index__() for s, n in zip(output_size, own, strict=True)])
    return (output_size.__index__(),) * dims


def adaptive_avg_pooled(dims: int, input: Tensor, output_size: Any) -> Tensor:
    """The means of nearly equal regions that cover the last `dims` dims, 2 or 3."""
    name = f"adaptive_avg_pool{dims}d"
    shape = input._array.shape
    sizes = adaptive_sizes(output_size, input, dims, f"{name}: output_size must be {dims}")
    if min(sizes) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            f"{{{', '.join(map(str, sizes))}}}"
        )
    if sizes == (1,) * dims:
        return input.mean(tuple(range(-1, -dims - 1, -1)), keepdim=True)  # type: ignore[attr-defined]
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got {list(shape)}")
    if 0 in shape[-dims:]:
        empty = next(i for i in range(len(shape) - dims, len(shape)) if shape[i] == 0)
        raise RuntimeError(
            f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(shape)} with dimension {empty} being empty"
        )
    if not input._kind.dtype.is_floating_point:
        raise errors.not_for_dtype(name, input.dtype)
    row = rows.adaptive_avg_pool_2 if dims == 2 else rows.adaptive_avg_pool_3
    return row(input, sizes)


def adaptive_max_pooled(dims: int, input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """The maxima of nearly equal regions that cover the last `dims` dims, 2 or 3, and their places."""
    name = f"adaptive_max_pool{dims}d"
    shape = input._array.shape
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got: {list(shape)}")
    message = f"{name}(): internal error: output_size.size() must be {dims}"
    sizes = adaptive_sizes(output_size, input, dims, message)
    for i in range(len(shape) - dims - (len(shape) == dims + 1), len(shape)):
        if shape[i] == 0:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
                f"{list(shape)} with dimension {i} being empty"
            )
    if min(sizes) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(sizes)}: {[*shape[:-dims], *sizes]}")
    if not input._kind.dtype.is_floating_point:
        raise errors.not_for_dtype(name, input.dtype)
    images = input if len(shape) == dims + 2 else rows.unsqueeze(input, 0)
    places = rows.adaptive_max_places(images.detach(), sizes)  # type: ignore[attr-defined]
    row = rows.adaptive_max_pool_2 if dims == 2 else rows.adaptive_max_pool_3
    result = row(images, places)
    if images is not input:
        result, places = rows.squeeze_dims(result, (0,)), rows.squeeze_dims(places, (0,))
    return result, places


@public(method=False, out=True)
def adaptive_avg_pool1d(input, output_size):
    """The means of `output_size` nearly equal regions that cover a signal (N, C, L) or (C, L).

    >>> adaptive_avg_pool1d(tensor([[1., 3., 2., 4.]]), 2)
    tensor([[2., 3.]])
    """
    check_dims(input, 2, 3, "adaptive_avg_pool1d")
    size = _one_size(output_size, "adaptive_avg_pool1d")
    return adaptive_avg_pooled(2, rows.unsqueeze(input, -2), (1, size)).squeeze(-2)  # type: ignore[attr-defined]


@public(method=False)
def adaptive_max_pool1d(input, output_size):
    """The maxima of `output_size` nearly equal regions that cover a signal (N, C, L) or (C, L), and their places.

    >>> adaptive_max_pool1d(tensor([[1., 3., 2., 4.]]), 2)[0]
    tensor([[3., 4.]])
    """
    check_dims(input, 2, 3, "adaptive_max_pool1d")
    size = _one_size(output_size, "adaptive_max_pool1d")
    result, places = adaptive_max_pooled(2, rows.unsqueeze(input, -2), (1, size))
    return result.squeeze(-2), places.squeeze(-2)  # type: ignore[attr-defined]


def _one_size(output_size: Any, name: str) -> int:
    if isinstance(output_size, (tuple, list)):
        if len(output_size) != 1:
            raise RuntimeError(f"{name}() argument 'output_size' should contain one int (got {len(output_size)})")
        output_size = output_size[0]
    return output_size.__index__()


# ---- from places back to images --------------------------------------------------------------------------------------


def max_unpooled(dims: int, input: Tensor, indices: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Zeros of spatial shape `sizes` with the elements of `input` at their places; `dims` is 2 or 3."""
    if indices.dtype is not dtypes.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.scalar_name}")
    shape = input._array.shape
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Input to max_unpooling{dims}d should be a {dims + 1}d or {dims + 2}d Tensor, but got a tensor with "
            f"{len(shape)} dimensions."
        )
    if shape != indices._array.shape:
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(shape)}) but got indices tensor with shape: {list(indices._array.shape)}"
        )
    if 0 in shape[-dims:] or 0 in shape[-dims - 1 : -dims]:
        raise RuntimeError(
            f"max_unpooling{dims}d_forward_out(): Expected input to have non-zero size for non-batch dimensions, but "
            f"got {list(shape)} with dimension {next(i for i in range(len(shape)) if shape[i] == 0)} being empty."
        )
    total = 1
    for n in sizes:
        total *= n
    found = indices._array
    if isinstance(found, xnp.ndarray) and found.size and (int(found.min()) < 0 or int(found.max()) >= total):
        wrong = int(found.min()) if int(found.min()) < 0 else int(found.max())
        raise RuntimeError(
            f"Found an invalid max index: {wrong} (output volumes are of size {'x'.join(map(str, sizes))})"
        )
    single = len(shape) == dims + 1
    if single:
        input, indices = rows.unsqueeze(input, 0), rows.unsqueeze(indices, 0)
    row = rows.max_unpool_2 if dims == 2 else rows.max_unpool_3
    result = row(input, indices, spatial=sizes)
    return rows.squeeze_dims(result, (0,)) if single else result
