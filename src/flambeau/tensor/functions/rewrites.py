"""Methods that change a tensor in place as no row does: its shape, its diagonal, its elements by a Python function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import config, dtypes
from ...ops import shapes
from ...storage import bump
from ...xp import numpy as xnp
from .. import rows
from ..inplace import check_inplace
from ..public import FUNCTIONS, public
from ..tensor import KINDS, Tensor, current_edge, make, new
from .shape import as_shape, expand, squeeze, view

# ---- another shape ---------------------------------------------------------------------------------------------------


def reshaped_in_place(input: Tensor, reshape: Callable[[Tensor], Tensor]) -> Tensor:
    """Let a tensor look at its memory as a view of it does, with the history of that view."""
    check_inplace(input, config.modes())
    if input._view is None:
        shown = reshape(input)
        input._array = shown._array
        if shown._edge is not None:
            input._edge = shown._edge
            input._rewrites += 1
        return input
    # the view that it was stays behind as the parent of the view that it becomes
    before = new(Tensor)
    for slot in ("_array", "_kind", "_edge", "_grad", "_view", "_rewrites"):
        setattr(before, slot, getattr(input, slot))
    shown = reshape(before)
    input._array, input._edge, input._view = shown._array, shown._edge, shown._view
    return input


@public(function=False)
def squeeze_(input: Tensor, dim: Any = None) -> Tensor:
    """In-place version of `squeeze`."""
    return reshaped_in_place(input, lambda t: squeeze(t, dim))


@public(function=False)
def unsqueeze_(input: Tensor, dim: int) -> Tensor:
    """In-place version of `unsqueeze`."""
    return reshaped_in_place(input, lambda t: rows.unsqueeze(t, dim))


@public(function=False, aliases=("swapaxes_", "swapdims_"))
def transpose_(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """In-place version of `transpose`."""
    return reshaped_in_place(input, lambda t: rows.transpose(t, dim0, dim1))


@public(function=False)
def t_(input: Tensor) -> Tensor:
    """In-place version of `t`."""
    return reshaped_in_place(input, rows.t)


@public(function=False, variadic="size")
def sum_to_size(input: Tensor, size: Any) -> Tensor:
    """The sum over the dims that broadcasting a tensor of shape `size` to this shape would repeat.

    >>> ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    wanted, have = as_shape("sum_to_size", size), input._array.shape
    extra = len(have) - len(wanted)
    if extra < 0 or any(n not in (1, m) for n, m in zip(wanted, have[extra:], strict=True)):
        raise RuntimeError(f"size {{{list(wanted)}}} is not expandable to size {{{list(have)}}}.")
    axes = [i for i, m in enumerate(have) if i < extra or (wanted[i - extra] == 1 and m != 1)]
    if not axes:
        return rows.clone(view(input, wanted))
    return rows.reshape_to(FUNCTIONS["sum"](input, tuple(axes), True), wanted)


# ---- other elements --------------------------------------------------------------------------------------------------


@public(function=False)
def fill_diagonal_(input: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Write one number to the main diagonal; with `wrap`, to further ones below it, in a matrix that is tall.

    >>> zeros(2, 2).fill_diagonal_(1)
    tensor([[1., 0.],
            [0., 1.]])
    """
    shape = input._array.shape
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) != 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    strides = [s // input._array.itemsize for s in input._array.strides]
    count, step = min(shape), sum(strides)
    if not count:
        return input
    offset = input.storage_offset()  # type: ignore[attr-defined]
    input.as_strided((count,), (step,), offset).fill_(fill_value)  # type: ignore[attr-defined]
    if wrap and len(shape) == 2 and shape[0] > shape[1] + 1:
        begin = strides[0] * (shape[1] + 1)
        rest = shape[0] - shape[1] - 1
        width = strides[0] * (shape[1] + 1)
        for start in range(0, rest, shape[1] + 1):
            left = min(shape[1], rest - start)
            at = offset + begin + start // (shape[1] + 1) * width
            input.as_strided((left,), (step,), at).fill_(fill_value)  # type: ignore[attr-defined]
    return input


def _elements(input: Tensor, name: str) -> None:
    if input.requires_grad:
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")


def _called(input: Tensor, name: str, others: tuple[Tensor, ...], callable: Callable) -> Tensor:
    """Write what a Python function makes of each element, and of those of other tensors at its place."""
    for t in (input, *others):
        _elements(t, name)
    columns = [input.tolist() if not input.ndim else rows.reshape_to(input, (-1,)).tolist()]  # type: ignore[attr-defined]
    if not input.ndim:
        columns = [[columns[0]]]
    for other in others:
        columns.append(rows.reshape_to(expand(other, input.shape), (-1,)).tolist())
    values = [callable(*elements) for elements in zip(*columns, strict=True)]
    array = xnp.asarray(values or [0])[: len(values)].astype(input._kind.native).reshape(input._array.shape)
    xnp.copyto(input._array, array)
    bump(input._array)
    return input


@public(function=False)
def apply_(input: Tensor, callable: Callable) -> Tensor:
    """Replace each element by what `callable` gives for it. Slow: one Python call for each element."""
    return _called(input, "apply_", (), callable)


@public(function=False, name="map_")
def map_(input: Tensor, tensor: Tensor, callable: Callable) -> Tensor:
    """Replace each element by what `callable` gives for it and for that of `tensor`, which broadcasts."""
    return _called(input, "map_", (tensor,), callable)


@public(function=False)
def map2_(input: Tensor, x: Tensor, y: Tensor, callable: Callable) -> Tensor:
    """Replace each element by what `callable` gives for it and for those of two tensors, which broadcast."""
    return _called(input, "map2_", (x, y), callable)


@public(function=False)
def float_power_(input: Tensor, exponent: Any) -> Tensor:
    """In-place version of `float_power`, for tensors of the dtype of its result."""
    result = FUNCTIONS["float_power"](input, exponent)
    if result.dtype is not input.dtype:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {input.dtype.scalar_name} but the operation's result requires "
            f"dtype {result.dtype.scalar_name}"
        )
    return input.copy_(result) if current_edge(result) is None else input.pow_(exponent)  # type: ignore[attr-defined]


# ---- positions -------------------------------------------------------------------------------------------------------


@public(method=False)
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The coordinates, one tensor for each dim, of positions in a tensor of a shape that is read row by row.

    >>> unravel_index(tensor([5, 1]), (2, 3))
    (tensor([1, 0]), tensor([2, 1]))
    """
    if indices.dtype.is_floating_point or indices.dtype.is_complex or indices.dtype is dtypes.bool_:
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    for n in sizes:
        if not isinstance(n, int):
            raise TypeError(f"expected 'shape' sequence to only contain ints, but got {type(n)}")
        if n < 0:
            raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    found, rest = [], rows.to_copy(indices, dtype=dtypes.int64)
    for i in range(len(sizes)):
        step = shapes.numel(sizes[i + 1 :])
        found.append(rows.remainder(rows.floor_divide(rest, step), sizes[i]))
    return tuple(found)


# ---- sums ------------------------------------------------------------------------------------------------------------


@public(out=True)
def hash_tensor(input: Tensor, dim: Any = (), *, keepdim: bool = False, mode: int = 0) -> Tensor:
    """The exclusive or of the bits of all elements (or of those along some dims), as uint64: equal tensors agree.

    Floating elements count with their bits in float64.
    """
    if mode != 0:
        raise RuntimeError(f"Unknown hash_tensor mode: {mode}")
    dtype = input.dtype
    if dtype.is_complex:
        raise NotImplementedError(f"\"xor_sum_cpu\" not implemented for '{dtype.scalar_name}'")
    array = input._array
    if dtype.is_floating_point:
        bits = array.astype(xnp.float64).view(KINDS[dtypes.uint64].native)
    else:
        bits = array.astype(KINDS[dtypes.int64].native).view(KINDS[dtypes.uint64].native)
    axes = shapes.dims(dim if isinstance(dim, int) or dim else None, array.ndim)
    return make(xnp.asarray(xnp.bitwise_xor.reduce(bits, axis=axes, keepdims=keepdim)), KINDS[dtypes.uint64])
