"""Views: the same memory in another shape, order or extent, and the copies where no view can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import dtypes
from ...device import as_device, backend
from ...ops import shapes
from ...storage import contiguous_format, in_format, preserve_format
from ...xp import numpy as xnp
from .. import rows
from ..operands import type_name
from ..public import public, shortcut
from ..recording import rename_node
from ..tensor import Tensor, make
from .arguments import need_tensor


def as_shape(name: str, shape: Any) -> tuple[int, ...]:
    """A shape argument as a tuple of ints."""
    if isinstance(shape, (int, Tensor, xnp.generic)):
        shape = (shape,)
    return tuple([n if type(n) is int else _as_int(name, n, i) for i, n in enumerate(shape)])


def _as_int(name: str, n: Any, position: int) -> int:
    if isinstance(n, float) or not hasattr(n, "__index__"):
        raise TypeError(
            f"{name}(): argument 'shape' must be tuple of ints, but found element of type {type_name(n)} at pos "
            f"{position}"
        )
    return n.__index__()


@public(variadic="shape")
def reshape(input: Tensor, shape: Any) -> Tensor:
    """The elements in another shape: a view if the strides allow, else a copy. One size may be -1, to be worked out.

    >>> reshape(arange(6), (2, -1)).shape
    torch.Size([2, 3])
    """
    try:
        if type(shape) is tuple:
            return rows.reshape_to(input, shape)
    except (ValueError, TypeError):
        # worked out again below, with PyTorch's complaint
        pass
    wanted = as_shape("reshape", shape)
    try:
        return rows.reshape_to(input, wanted)
    except ValueError:
        return rows.reshape_to(input, shapes.infer(wanted, input._array.size))


@shortcut("reshape", function=False)
def _short_reshape(general: Any) -> Any:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))`, where that is possible."""

    def called(input: Tensor, *shape: Any, **rest: Any) -> Tensor:
        if shape and not rest:
            try:
                return rows.reshape_to(input, shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape)
            except (ValueError, TypeError):
                # judged with care below
                pass
        return general(input, *shape, **rest)

    return called


@public(function=False, variadic="shape")
def view(input: Tensor, shape: Any = None, *, dtype: Any = None, size: Any = None) -> Tensor:
    """A view in another shape, or of the same bytes as another dtype. Raises RuntimeError where that needs a copy."""
    if shape is None:
        shape = dtype if dtype is not None else size
    if type(shape) is tuple and len(shape) == 1 and isinstance(shape[0], (dtypes.dtype, type)):
        shape = shape[0]
    shape = dtypes.meant(shape)
    if isinstance(shape, dtypes.dtype):
        return _view_dtype(input, shape)
    wanted = as_shape("view", shape)
    try:
        return rows.view_to(input, wanted)
    except ValueError:
        inferred = shapes.infer(wanted, input._array.size)
        if inferred != wanted and input._array.flags.c_contiguous:
            return rows.view_to(input, inferred)
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead.\n"
            f"  The tensor has shape {list(input.shape)} and strides {list(input.stride())}; "  # type: ignore[attr-defined]
            "x.contiguous() lays it out row by row."
        ) from None


def _view_dtype(input: Tensor, dtype: dtypes.dtype) -> Tensor:
    old, new = input.dtype.itemsize, dtype.itemsize
    if dtype is input.dtype:
        return rows.alias(input)
    array = input._array
    if old != new:
        if not array.ndim:
            raise RuntimeError(
                f"self.dim() cannot be 0 to view {input.dtype.scalar_name} as {dtype.scalar_name} (different element "
                "sizes)"
            )
        if array.strides[-1] != old and array.shape[-1] != 1:
            raise RuntimeError(
                f"self.stride(-1) must be 1 to view {input.dtype.scalar_name} as {dtype.scalar_name} (different "
                "element "
                f"sizes), but got {array.strides[-1] // old}"
            )
        ratio = new // old
        if ratio > 1 and array.shape[-1] % ratio:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {ratio} to view {input.dtype.scalar_name} as {dtype.scalar_name} "
                f"(different element sizes), but got {array.shape[-1]}"
            )
    return rows.view_dtype(input, dtype=dtype)


@public(function=False)
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """A view in the shape of another tensor."""
    need_tensor("view_as", "other", 1, other)
    return view(input, tuple(other._array.shape))


@public(function=False)
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """The elements in the shape of another tensor."""
    need_tensor("reshape_as", "other", 1, other)
    return reshape(input, other._array.shape)


@public()
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension, row by row: a view if that is possible."""
    return reshape(input, (-1,))


@public()
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dims from `start_dim` to `end_dim` as one: a view if that is possible.

    >>> flatten(ones(2, 3, 4), 1).shape
    torch.Size([2, 12])
    """
    shape = input._array.shape
    if not shape:
        shapes.one_dim(start_dim, 0), shapes.one_dim(end_dim, 0)
        return reshape(input, (1,))
    start, end = shapes.one_dim(start_dim, len(shape)), shapes.one_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end:
        return input
    return rows.reshape_to(input, (*shape[:start], shapes.numel(shape[start : end + 1]), *shape[end + 1 :]))


@public()
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One dim split into several; one of the sizes may be -1."""
    shape = input._array.shape
    at = shapes.one_dim(dim, len(shape))
    parts = as_shape("unflatten", sizes)
    if not parts:
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        parts = shapes.infer(parts, shape[at])
    except RuntimeError as error:
        if str(error).startswith("shape "):
            raise RuntimeError(
                f"unflatten: Provided sizes {list(parts)} don't multiply up to the size of dim {at} ({shape[at]}) in "
                "the "
                "input tensor"
            ) from None
        raise
    return view(input, (*shape[:at], *parts, *shape[at + 1 :]))


@public(variadic="dims")
def permute(input: Tensor, dims: Any) -> Tensor:
    """A view with the dims in another order.

    >>> permute(ones(2, 3, 4), (2, 0, 1)).shape
    torch.Size([4, 2, 3])
    """
    ndim = input._array.ndim
    order = as_shape("permute", dims)
    if len(order) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(order)}"
        )
    axes = tuple([shapes.one_dim(d, ndim) for d in order])
    if len(set(axes)) != len(axes):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return rows.permute_dims(input, axes)


@public(aliases=("moveaxis",))
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with some dims moved to other places, the rest in their order."""
    ndim = input._array.ndim
    source = (source,) if isinstance(source, int) else tuple(source)
    destination = (destination,) if isinstance(destination, int) else tuple(destination)
    if len(source) != len(destination):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(source)} dims) should contain the same "
            "number of "
            f"dims as destination ({list(destination)} dims)"
        )
    start = [shapes.one_dim(d, ndim) for d in source]
    end = [shapes.one_dim(d, ndim) for d in destination]
    if len(set(start)) != len(start):
        raise RuntimeError(f"movedim: repeated dim in `source` ({list(source)})")
    if len(set(end)) != len(end):
        raise RuntimeError(f"movedim: repeated dim in `destination` ({list(destination)})")
    if not ndim:
        return rows.alias(input)
    order = [d for d in range(ndim) if d not in start]
    for to, d in sorted(zip(end, start, strict=True)):
        order.insert(to, d)
    return rows.permute_dims(input, tuple(order))


@public()
def adjoint(input: Tensor) -> Tensor:
    """The last two dims swapped, and complex numbers conjugated."""
    if input._array.ndim == 1:
        raise RuntimeError("adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return _conj(rows.transpose(input, -2, -1)) if input._array.ndim else input


def _conj(input: Tensor) -> Tensor:
    return input.conj() if input.dtype.is_complex else input  # type: ignore[attr-defined]


@public()
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """A view without the dims of size 1, or without those of the given dims that have size 1."""
    shape = input._array.shape
    if dim is None:
        axes = tuple([i for i, n in enumerate(shape) if n == 1])
    else:
        given = shapes.dims(dim, len(shape)) or ()
        axes = tuple([i for i in given if shape[i] == 1])
        return rename_node(rows.squeeze_dims(input, axes), f"SqueezeBackward{1 if type(dim) is int else 2}")
    return rows.squeeze_dims(input, axes)


@public(function=False, variadic="sizes")
def expand(input: Tensor, sizes: Any, *, implicit: bool = False) -> Tensor:
    """A view in a larger shape, dims of size 1 repeated without a copy; -1 keeps a size.

    >>> tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return rows.expand_to(input, shapes.expanded(input._array.shape, as_shape("expand", sizes), input._kind.dtype))


@public(function=False)
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """A view expanded to the shape of another tensor."""
    need_tensor("expand_as", "other", 1, other)
    return expand(input, other._array.shape)


@public(variadic="size")
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """A view in a larger shape, as `expand`."""
    return expand(input, size)


@public()
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """A view of `length` elements along a dim, from `start` on."""
    shape = input._array.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if isinstance(start, Tensor):
        if start._array.ndim or start.dtype.is_floating_point or start.dtype.is_complex or start.dtype is dtypes.bool_:
            raise RuntimeError("start must be an 0-dim integral Tensor.")
        start = int(start._array)
    at = shapes.one_dim(dim, len(shape))
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -shape[at] <= start <= shape[at]:
        raise IndexError(
            f"start out of range (expected to be in range of [{-shape[at]}, {shape[at]}], but got {start})"
        )
    first = start + shape[at] if start < 0 else start
    if first + length > shape[at]:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({shape[at]}).")
    return rows.slice_index(input, at=(*[slice(None)] * at, slice(first, first + length)))


@public(out=True)
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """A copy of `length` elements along a dim, from `start` on."""
    if dim >= input._array.ndim > 0:
        raise RuntimeError("Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.")
    return rows.clone(narrow(input, dim, start, length))


@public()
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """A view of the elements at one place along a dim, which goes away."""
    shape = input._array.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    at = shapes.one_dim(dim, len(shape))
    index = index.__index__()
    if not -shape[at] <= index < shape[at]:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(shape)} at dimension {at}")
    return rows.select_index(input, at=(*[slice(None)] * at, index))


# ---- layout in memory ------------------------------------------------------------------------------------------------


@public(function=False)
def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if it lies row by row in memory, else a copy that does."""
    if memory_format is preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    if input._kind.xp is not xnp or in_format(input._array, memory_format):
        return input
    return rows.clone_as(input, memory_format=memory_format or contiguous_format)


@public()
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy in memory of its own. Gradients flow back to the tensor.

    >>> clone(tensor([1, 2]))
    tensor([1, 2])
    """
    if memory_format is None or memory_format is preserve_format:
        return rows.clone(input)
    return rows.clone_as(input, memory_format=memory_format)


@public(inplace=False)
def detach(input: Tensor) -> Tensor:
    """The same memory, without history: no gradient flows back from it."""
    return make(input._array, input._kind)


@public(name="detach_")
def detach_in_place(input: Tensor) -> Tensor:
    """Cut the tensor from the graph that made it, in place."""
    if input._view is not None:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
            "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
            "detach_() cannot be called on these gradients. To fix this error, please refer to the "
            "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
        )
    input._edge = None
    input._rewrites += 1
    return input


# ---- other dtypes and devices ----------------------------------------------------------------------------------------


def converted(
    input: Tensor, dtype: dtypes.dtype | None, device: Any = None, copy: bool = False, memory_format: Any = None
) -> Tensor:
    """The tensor in a dtype and on a device: itself, if it is so already."""
    if device is not None:
        where = as_device(device)
        if where.type != input.device.type:
            return _moved(input, dtype, where)
    if dtype is None or dtype is input._kind.dtype:
        if not copy:
            if memory_format is not None and memory_format is not preserve_format:
                return contiguous(input, memory_format)
            return input
        return clone(input, memory_format=memory_format)
    result = rows.to_copy(input, dtype=dtype)
    if memory_format is not None and memory_format is not preserve_format:
        return contiguous(result, memory_format)
    return result


@public(function=False)
def to(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """The tensor in another dtype, on another device, or as another tensor: itself, if nothing changes.

    `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(other)`, each with non_blocking, copy and memory_format.
    """
    if len(args) == 1 and not kwargs and type(args[0]) is dtypes.dtype:
        dtype = args[0]
        return input if dtype is input._kind.dtype else rows.to_copy(input, dtype=dtype)
    device, dtype, copy, memory_format = parse_to(args, kwargs)
    return converted(input, dtype, device, copy, memory_format)


def parse_to(args: tuple, kwargs: dict[str, Any]) -> tuple[Any, Any, bool, Any]:
    """(device, dtype, copy, memory_format) of the arguments of `to`."""
    device, dtype = kwargs.get("device"), dtypes.meant(kwargs.get("dtype"))
    rest = [dtypes.meant(a) for a in args]
    other = kwargs.get("other")
    if rest and isinstance(rest[0], Tensor):
        other = rest.pop(0)
    elif rest and isinstance(rest[0], dtypes.dtype):
        dtype = rest.pop(0)
    elif rest and not isinstance(rest[0], bool):
        device = rest.pop(0)
        if rest and (isinstance(rest[0], dtypes.dtype) or rest[0] is None):
            dtype = rest.pop(0)
    if other is not None:
        device, dtype = other.device, other.dtype
    if dtype is not None and not isinstance(dtype, dtypes.dtype):
        raise TypeError(f"to(): argument 'dtype' must be torch.dtype, not {type_name(dtype)}")
    # what is left are non_blocking and copy
    copy = bool(rest[1]) if len(rest) > 1 else bool(kwargs.get("copy", False))
    return device, dtype, copy, kwargs.get("memory_format")


def _moved(input: Tensor, dtype: Any, where: Any) -> Tensor:
    """A copy on a device of another type. The meta device has no data: shapes go there, and nothing comes back."""
    back = backend(where.type)
    if input.device.type == "meta":
        raise NotImplementedError(
            "Cannot copy out of meta tensor; no data!\n"
            "  A meta tensor has a shape and a dtype only; torch.empty_like(x, device='cpu') makes memory for it."
        )
    kind = back.kinds[dtype or input.dtype]
    if where.type == "meta":
        return make(kind.xp.empty(input._array.shape, dtype=kind.native), kind)
    return make(kind.xp.asarray(input._array, dtype=kind.native), kind)


def _converter(name: str, dtype: dtypes.dtype) -> None:
    def convert(input: Tensor, memory_format: Any = None) -> Tensor:
        if dtype is input._kind.dtype:
            return input
        return rows.to_copy(input, dtype=dtype)

    convert.__doc__ = f"The tensor as {dtype!r}: itself, if it is so already."
    public(function=False, name=name)(convert)


for _name, _dtype in {
    "float": dtypes.float32, "double": dtypes.float64, "half": dtypes.float16, "bfloat16": dtypes.bfloat16,
    "long": dtypes.int64, "int": dtypes.int32, "short": dtypes.int16, "char": dtypes.int8, "byte": dtypes.uint8,
    "bool": dtypes.bool_, "cfloat": dtypes.complex64, "cdouble": dtypes.complex128,
}.items():  # fmt: skip
    _converter(_name, _dtype)


@public(function=False)
def type_as(input: Tensor, other: Tensor) -> Tensor:
    """The tensor in the dtype and on the device of another."""
    need_tensor("type_as", "other", 1, other)
    return converted(input, other.dtype, other.device)


@public(function=False)
def cpu(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor on the CPU: itself, if it is there."""
    return converted(input, None, "cpu", memory_format=memory_format)


@public(function=False)
def cuda(input: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
    """The tensor on a GPU."""
    return converted(input, None, "cuda" if device is None else device, memory_format=memory_format)
