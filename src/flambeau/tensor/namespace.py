"""The array namespace over tensors: what the rules of the rows compute with when gradients are to be differentiated.

It speaks the Array API (`axis`, `keepdims`, `concat`, …) and the extras of `xp/vocabulary.py`. A name that has no
definition here means the public function, or else the row, of that name.
"""

from __future__ import annotations

import sys
from typing import Any

from .. import dtypes
from ..xp import numpy as xnp
from . import functions as fn
from . import later, rows
from .engine import Captured, run_backward
from .tensor import KIND_BY_NUMBER, Tensor, current_edge, kind_of, make

ALIASES = {
    "multiply": "mul", "subtract": "sub", "divide": "true_div", "negative": "neg", "equal": "eq", "not_equal": "ne",
    "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "bitwise_invert": "bitwise_not",
    "concat": "cat", "spread": "broadcast_to", "floor_divide": "div_floor", "trunc_divide": "div_trunc",
    "sign": "sgn", "permute_dims": "permute_dims", "matrix_transpose": "mT",
}  # fmt: skip

# kernels of NumPy alone; elsewhere rules use their general form
fuse = layer_norm_grads = batch_norm_grads = None

float32, float64 = dtypes.float32, dtypes.float64
int64, bool = dtypes.int64, dtypes.bool_
complex64, complex128 = dtypes.complex64, dtypes.complex128


def __getattr__(name: str) -> Any:
    known = ALIASES.get(name, name)
    if known.startswith("__"):
        raise AttributeError(name)
    try:
        found = getattr(fn, known)
    except AttributeError:
        try:
            found = getattr(rows, known)
        except AttributeError:
            raise AttributeError(f"the array namespace over tensors has no {name!r}") from None
    globals()[name] = found
    return found


def dtype_of(value: Any) -> Any:
    """A dtype of ours, from one or from an array library's."""
    if value is None or isinstance(value, dtypes.dtype):
        return value
    return KIND_BY_NUMBER[xnp.as_dtype(value).num].dtype


def astype(x: Tensor, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Tensor:
    dtype = dtype_of(dtype)
    if x.dtype is dtype and not copy:
        return x
    if x.dtype.is_complex and not dtype.is_complex:
        x = fn.real(x)
    return rows.to_copy(x, dtype=dtype)


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return fn.zeros(shape, dtype=dtype_of(dtype), device=device)


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return fn.ones(shape, dtype=dtype_of(dtype), device=device)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return fn.full(shape, fill_value, dtype=dtype_of(dtype), device=device)


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    return fn.empty(shape, dtype=dtype_of(dtype), device=device)


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Tensor:
    if isinstance(obj, xnp.ndarray) or hasattr(obj, "level"):
        obj = make(obj, kind_of(obj))
    return fn.asarray(obj, dtype=dtype_of(dtype), device=device, copy=copy)


def lifted(x: Any) -> Any:
    """An array that a rule kept, as a tensor."""
    if isinstance(x, xnp.ndarray) or hasattr(x, "level"):
        return make(x, kind_of(x))
    return x


def where(condition: Any, x1: Any, x2: Any, /) -> Tensor:
    return fn.where(lifted(condition), x1, x2)


def maximum(x1: Tensor, x2: Any, /) -> Tensor:
    """Unlike the public function it takes numbers, as NumPy's does."""
    return rows.maximum(x1, x2 if isinstance(x2, Tensor) else asarray(x2, dtype=x1.dtype))


def minimum(x1: Tensor, x2: Any, /) -> Tensor:
    """Unlike the public function it takes numbers, as NumPy's does."""
    return rows.minimum(x1, x2 if isinstance(x2, Tensor) else asarray(x2, dtype=x1.dtype))


def _axes(axis: Any) -> Any:
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


def sum(x: Tensor, /, *, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Tensor:
    if axis == ():
        return x
    return fn.sum(x, _axes(axis), keepdims, dtype=dtype_of(dtype))


def mean(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.mean(x, _axes(axis), keepdims)


def prod(x: Tensor, /, *, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Tensor:
    if axis is None or isinstance(axis, int):
        return fn.prod(x, dtype=dtype_of(dtype)) if axis is None else fn.prod(x, axis, keepdims, dtype=dtype_of(dtype))
    for a in sorted((a % x.ndim for a in axis), reverse=True):
        x = fn.prod(x, a, keepdims, dtype=dtype_of(dtype))
    return x


def max(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.amax(x, () if axis is None else _axes(axis), keepdims)


def min(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.amin(x, () if axis is None else _axes(axis), keepdims)


def all(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.all(x) if axis is None else fn.all(x, _axes(axis), keepdims)


def any(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.any(x) if axis is None else fn.any(x, _axes(axis), keepdims)


def argmax(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.argmax(x, axis, keepdims)


def argmin(x: Tensor, /, *, axis: Any = None, keepdims: Any = False) -> Tensor:
    return fn.argmin(x, axis, keepdims)


def cumulative_sum(x: Tensor, /, *, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Tensor:
    return fn.cumsum(x, 0 if axis is None else axis, dtype=dtype_of(dtype))


def cumulative_prod(x: Tensor, /, *, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Tensor:
    return fn.cumprod(x, 0 if axis is None else axis, dtype=dtype_of(dtype))


def expand_dims(x: Tensor, /, *, axis: int = 0) -> Tensor:
    return rows.unsqueeze(x, axis)


def squeeze(x: Tensor, /, axis: Any) -> Tensor:
    return rows.squeeze_dims(x, (axis,) if isinstance(axis, int) else tuple(axis))


def permute_dims(x: Tensor, /, axes: Any) -> Tensor:
    return rows.permute_dims(x, tuple(axes))


def moveaxis(x: Tensor, source: Any, destination: Any, /) -> Tensor:
    return fn.movedim(x, source, destination)


def matrix_transpose(x: Tensor, /) -> Tensor:
    return rows.transpose(x, -2, -1)


def concat(arrays: Any, /, *, axis: Any = 0) -> Tensor:
    if axis is None:
        return fn.cat([fn.ravel(a) for a in arrays], 0)
    return fn.cat(list(arrays), axis)


def stack(arrays: Any, /, *, axis: int = 0) -> Tensor:
    return fn.stack(list(arrays), axis)


def flip(x: Tensor, /, *, axis: Any = None) -> Tensor:
    return fn.flip(x, tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis))


def roll(x: Tensor, /, shift: Any, *, axis: Any = None) -> Tensor:
    return fn.roll(x, shift, axis)


def take(x: Tensor, indices: Any, /, *, axis: Any = None) -> Tensor:
    return fn.index_select(x, 0 if axis is None else axis, lifted(indices))


def take_along_axis(x: Tensor, indices: Any, /, *, axis: int = -1) -> Tensor:
    return fn.take_along_dim(x, lifted(indices), axis)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    return fn.nonzero(x, as_tuple=True)


def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    return fn.tril(x, k)


def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    return fn.triu(x, k)


def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    return fn.diagonal(x, offset, axis1, axis2)


def repeat(x: Tensor, repeats: Any, /, *, axis: Any = None) -> Tensor:
    return fn.repeat_interleave(x, repeats, axis)


def tile(x: Tensor, repetitions: Any, /) -> Tensor:
    return fn.tile(x, tuple(repetitions))


# ---- extras ----------------------------------------------------------------------------------------------------------


def getitem(x: Tensor, index: Any) -> Tensor:
    """`x[index]` for an index as the rows keep it: numbers, slices, new axes, arrays."""
    parts = index if type(index) is tuple else (index,)
    for part in parts:
        if isinstance(part, xnp.ndarray) or hasattr(part, "level"):
            return rows.gather_index(x, index=index)
    return x[index]


def put(x: Tensor, index: Any, values: Any, accumulate: Any = False) -> Tensor:
    """A copy of `x` with values written, or added, at `index`."""
    if not isinstance(values, Tensor):
        values = fn.scalar_tensor(values, dtype=x.dtype)
    return rows.put_index(x, values, index=index if type(index) is tuple else (index,), accumulate=accumulate)


def copy(x: Tensor) -> Tensor:
    return rows.clone(x)


def contiguous(x: Tensor) -> Tensor:
    return x.contiguous()  # type: ignore[attr-defined]


def view_shape(x: Tensor, shape: tuple) -> Tensor:
    return fn.reshape(x, shape)


def reshape(x: Tensor, shape: Any, /, *, copy: Any = None) -> Tensor:
    return fn.reshape(x, tuple(shape))


def is_complex(x: Tensor) -> Any:
    return x.dtype.is_complex


def is_floating(x: Tensor) -> Any:
    return x.dtype.is_floating_point


def conj(x: Tensor) -> Tensor:
    return fn.conj_physical(x) if x.dtype.is_complex else x


def real(x: Tensor) -> Tensor:
    return fn.real(x) if x.dtype.is_complex else x


def widen(x: Tensor) -> Tensor:
    return x


def vjp(body: Any, inputs: Any, grads: Any, kernel: Any = None) -> tuple:
    """The gradients of `body(*inputs)`, given those of its results, for each input: found by running it on tensors.

    Rules that have a `kernel` for a gradient use this where that gradient is itself to be differentiated. Inputs may be
    None.
    """
    # aliases: what arrives there is this body's alone, however the inputs were made
    lifted_inputs = [None if x is None else rows.alias(x) for x in inputs]
    edges = [None if x is None else current_edge(x) for x in lifted_inputs]
    results = body(*lifted_inputs)
    seeds = [(current_edge(y), g) for y, g in zip(results, grads, strict=True) if current_edge(y) is not None]
    captures = [None if edge is None else Captured(edge) for edge in edges]
    run_backward(
        [edge for edge, _ in seeds],
        [g for _, g in seeds],
        retain=True,
        tensors=sys.modules[__name__],
        wanted=[c for c in captures if c is not None],
        wrap=make,
    )
    return tuple(None if c is None else c.grad for c in captures)


def _namespace() -> Any:
    return sys.modules[__name__]


later.tensor_namespace = _namespace
