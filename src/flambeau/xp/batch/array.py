"""Arrays under `vmap`: a batch of arrays of one shape that looks like one of them.

A `BatchedArray` keeps the whole batch in `inner`, batch axis first, and shows the shape of one element. Every `vmap` in
progress is a `Level`; of nested ones the newest is outermost: `inner` may be batched at an older level. NumPy's own
functions find the rules of this package through `__array_ufunc__` and `__array_function__`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ...storage import tick


class Level:
    """One `vmap` in progress: how many elements its batches have, and what random functions are to do.

    Levels are ordered by `start`, on the clock of the graph's nodes: a node older than the level lies outside of it.
    """

    __slots__ = ("size", "randomness", "start", "number")

    def __init__(self, size: int, randomness: str = "error", number: int = 1) -> None:
        self.size = size
        self.randomness = randomness
        self.start = tick()
        self.number = number

    def batch(self, whole: Any) -> BatchedArray:
        """An array as a batch along its first axis."""
        return BatchedArray(whole, self)

    def whole(self, x: Any) -> Any:
        """The whole batch of an array; one that is not batched here is repeated."""
        if isinstance(x, BatchedArray) and x.level is self:
            return x.inner
        return BatchedArray.xp.broadcast_to(x, (self.size, *x.shape))

    def __repr__(self) -> str:
        return f"Level({self.number}, size={self.size})"


class BatchedArray(NDArrayOperatorsMixin):
    """A batch of arrays, one for each element of a level, that looks like one of them."""

    __slots__ = ("inner", "level", "__weakref__")
    __array_priority__ = 1000.0
    # the namespace that computes with such arrays; the package sets it
    xp: Any = None

    def __init__(self, inner: Any, level: Level) -> None:
        self.inner = inner
        self.level = level

    def __repr__(self) -> str:
        return f"BatchedArray(lvl={self.level.number}, bdim=0, value={self.inner!r})"

    # ---- what one element looks like -----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self.inner.shape[1:]

    @property
    def dtype(self) -> Any:
        return self.inner.dtype

    @property
    def ndim(self) -> int:
        return self.inner.ndim - 1

    @property
    def size(self) -> int:
        total = 1
        for n in self.inner.shape[1:]:
            total *= n
        return total

    @property
    def itemsize(self) -> int:
        return self.inner.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        return self.inner.strides[1:]

    @property
    def flags(self) -> Any:
        memory = self.memory
        return memory[(*(0,) * (memory.ndim - self.ndim), ...)].flags if memory.size else memory.flags

    @property
    def memory(self) -> np.ndarray:
        """The array of NumPy's that holds all batches of all levels."""
        inner = self.inner
        return inner.memory if isinstance(inner, BatchedArray) else inner

    @property
    def base(self) -> np.ndarray:
        """What the owner of the memory is looked for from."""
        return self.memory

    # ---- what the engine and the dispatcher call methods for -------------------------------------------------------

    @property
    def T(self) -> Any:
        return self.xp.permute_dims(self, tuple(range(self.ndim))[::-1])

    @property
    def real(self) -> Any:
        return self.xp.real(self)

    @property
    def imag(self) -> Any:
        return self.xp.imag(self)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        return self.xp.reshape(self, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)

    def transpose(self, *axes: Any) -> Any:
        axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return self.xp.permute_dims(self, axes or tuple(range(self.ndim))[::-1])

    def ravel(self, order: str = "C") -> Any:
        return self.reshape((-1,))

    def astype(self, dtype: Any, **options: Any) -> Any:
        return self.xp.astype(self, dtype)

    def view(self, dtype: Any) -> Any:
        return self.xp.view_bytes(self, dtype)

    def copy(self, order: str = "C") -> Any:
        return self.xp.copy(self)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.mean(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.min(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.max(self, axis=axis, keepdims=keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.any(self, axis=axis, keepdims=keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.xp.all(self, axis=axis, keepdims=keepdims)

    def __getitem__(self, index: Any) -> Any:
        return self.xp.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        target = self.xp.getitem(self, index)
        if not np.may_share_memory(target.memory, self.memory):
            raise NotImplementedError("writing at index arrays under vmap")
        target.write(value)

    def repeated(self, array: Any) -> BatchedArray:
        """A copy of an array for each element of the batch, and of those that this is inside of."""
        inner = self.inner
        if isinstance(inner, BatchedArray):
            whole = inner.repeated(np.broadcast_to(array, (self.level.size, *array.shape)))
        else:
            whole = np.broadcast_to(array, (self.level.size, *array.shape)).copy()
        return BatchedArray(whole, self.level)

    def write(self, values: Any) -> None:
        """Copy values, which broadcast, into the memory."""
        if isinstance(values, BatchedArray):
            if values.level.start > self.level.start:
                raise unbatched_write()
            if values.level is self.level:
                missing = self.ndim - values.ndim
                values = values.inner
                if missing > 0:
                    values = self.xp.getitem(values, (slice(None), *(None,) * missing))
        copy_into(self.inner, values)

    def fill(self, value: Any) -> None:
        copy_into(self, value)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    # ---- what cannot be told of one element ------------------------------------------------------------------------

    def item(self, *args: Any) -> Any:
        raise RuntimeError(
            "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
            "Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere "
            "inside PyTorch internals, please file a bug report."
        )

    tolist = __float__ = __int__ = __index__ = __complex__ = item

    def __bool__(self) -> bool:
        raise data_dependent()

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise RuntimeError(
            "vmap: this operation looks at the numbers of a batched tensor, which vmap does not support\n"
            "  Compute with tensor operations inside of vmap, and look at the numbers of its result."
        )

    # ---- NumPy's functions -----------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        result = _UFUNCS[method](ufunc, *inputs, **options) if method in _UFUNCS else NotImplemented
        if out is None or result is NotImplemented:
            return result
        for target, values in zip(out, result if isinstance(result, tuple) else (result,), strict=True):
            copy_into(target, values)
        return out[0] if len(out) == 1 else out

    def __array_function__(self, function: Callable, types: Any, args: tuple, options: dict) -> Any:
        return _FUNCTIONS(function, args, options)


# the namespace sets these: how NumPy's own functions and the methods of ufuncs are called
_UFUNCS: dict[str, Callable] = {}
_FUNCTIONS: Any = None


def set_functions(ufuncs: dict[str, Callable], functions: Callable) -> None:
    """Say what NumPy's functions do with batched arrays."""
    global _FUNCTIONS
    _UFUNCS.update(ufuncs)
    _FUNCTIONS = functions


def copy_into(target: Any, values: Any) -> None:
    """Copy values, which broadcast, into an array, batched or not."""
    if isinstance(target, BatchedArray):
        target.write(values)
    elif isinstance(values, BatchedArray):
        raise unbatched_write()
    else:
        np.copyto(target, values, casting="unsafe")


def data_dependent() -> Exception:
    """The error where Python asks whether a batched tensor is true."""
    return RuntimeError(
        "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support "
        "that "
        "yet, please file an issue at https://github.com/pytorch/pytorch/issues ."
    )


def unbatched_write() -> Exception:
    """The error where a batch is written into memory for one element."""
    return RuntimeError(
        "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in "
        "extra_args that has "
        "more elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped "
        "over in "
        "a vmap. Please try to use out-of-place operators instead of inplace arithmetic. If said operator is being "
        "called "
        "inside the PyTorch framework, please file a bug report instead."
    )


def dynamic_shape(name: str) -> Exception:
    """The error for operations whose result has a shape that depends on the numbers."""
    return RuntimeError(
        "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over "
        f"aten::{name}. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature."
    )
