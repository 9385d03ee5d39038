"""Writing results into tensors that exist: does a result fit, and `out=`.

Nothing is written unless everything fits. A write tells the clock of the memory, so that the engine can notice that a
value which a node kept is no longer what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import config, dtypes, errors
from ..ops.table import Op
from ..storage import bump
from ..xp import numpy as xnp
from .operands import result_dtype
from .return_types import named
from .tensor import Tensor, current_edge


def write_out(row: Op, outputs: list[Tensor], out: Any, several: bool) -> Any:
    """Copy a row's results into the tensors given as `out`, and return these."""
    targets = list(out) if isinstance(out, (tuple, list)) else [out]
    store(row.name, outputs, targets)
    if not several:
        return targets[0]
    return named_result(row, targets) if row.returns else tuple(targets)


def write_result(name: str, result: Any, out: Any, exact: bool = False) -> Any:
    """Write what a function of tensors gave (a tensor or several) into `out`, and return `out`.

    exact: the targets must have the dtypes of the results.
    """
    if not isinstance(result, tuple):
        store(name, [result], [out], exact)
        return out
    targets = list(out)
    store(name, list(result), targets, exact)
    return named(f"{type(result).__name__}_out")(targets) if type(result) is not tuple else tuple(targets)


def store(name: str, results: list[Tensor], targets: list[Any], exact: bool = False) -> None:
    """Write results into the tensors given as `out`. Nothing is written unless all of them fit."""
    modes = config.modes()
    for target, output in zip(targets, results, strict=True):
        if not isinstance(target, Tensor):
            raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(target).__name__}")
        if modes.grad and (current_edge(output) is not None or current_edge(target) is not None):
            raise errors.out_with_grad(name)
        if exact and output.dtype is not target.dtype:
            raise errors.out_of_other_dtype(output.dtype, target.dtype)
        if not dtypes.can_cast(output.dtype, target.dtype):
            raise RuntimeError(
                f"result type {output.dtype.scalar_name} can't be cast to the desired output type "
                f"{target.dtype.scalar_name}"
            )
    for target, output in zip(targets, results, strict=True):
        resize_out(target, output._array.shape)
        if overlaps_itself(target._array):
            raise errors.overlapping_write()
        write(target, output._array)


def resize_out(target: Tensor, shape: tuple[int, ...]) -> None:
    """Give an `out` tensor the shape of the result; only an empty one silently."""
    if target._array.shape == shape:
        return
    if target._array.size:
        errors.warn_resized_out(target._array.shape, shape)
    if target._view is None:
        target._array = target._kind.xp.empty(shape, dtype=target._kind.native)


def write(t: Tensor, values: Any) -> None:
    """Copy values of the right shape into a tensor's memory, and say so to the clock."""
    array = t._array
    if not array.flags.writeable:
        raise errors.read_only()
    t._kind.run(xnp.copyto, array, values, casting="unsafe") if isinstance(array, xnp.ndarray) else array.write(values)
    bump(array)


def check_fits(t: Tensor, shape: tuple[int, ...], dtype: dtypes.dtype) -> None:
    """Raise unless a result of that shape and dtype can be written into `t`."""
    if shape != t._array.shape:
        raise RuntimeError(
            f"output with shape {list(t._array.shape)} doesn't match the broadcast shape {list(shape)}\n"
            "  An in-place operation keeps the shape of its tensor. Use the operation that makes a new tensor."
        )
    if not dtypes.can_cast(dtype, t._kind.dtype):
        raise RuntimeError(
            f"result type {dtype.scalar_name} can't be cast to the desired output type {t._kind.dtype.scalar_name}\n"
            f"  An in-place operation keeps the dtype of its tensor, {t._kind.dtype}; the result is {dtype}. Use the "
            "operation that makes a new tensor."
        )
    if overlaps_itself(t._array):
        raise errors.overlapping_write()


def check_before_kernel(row: Op, operands: Sequence[Any], target: Any, resizable: bool) -> None:
    """A row has no kernel for a dtype: raise what PyTorch complains of before it looks for one, if there is anything.

    First shapes that do not broadcast, then a target of another shape or of a dtype that cannot hold the result.
    """
    if row.promote is None:
        return
    tensors = [x for x in operands if isinstance(x, Tensor)]
    shapes = [x._array.shape for x in tensors]
    try:
        shape = xnp.broadcast_shapes(*shapes)
    except ValueError:
        raise errors.broadcast([i.name for i in row.inputs], shapes) from None
    if not isinstance(target, Tensor):
        return
    dtype = dtypes.bool_ if row.promote == "bool" else result_dtype(operands)
    if row.promote == "float" and not (dtype.is_floating_point or dtype.is_complex):
        dtype = config.default_dtype()
    check_fits(target, target._array.shape if resizable else shape, dtype)


def overlaps_itself(array: Any) -> bool:
    """Whether several elements of an array lie at one place, as in an expanded one."""
    return (
        0 in array.strides
        and array.size > 1
        and any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True))
    )


def named_result(row: Op, outputs: list) -> Any:
    """The named tuple of a row that returns several arrays."""
    return named(row.name.removesuffix("_dim"))(outputs)
