"""The meta device as an array namespace: arrays that have a shape and a dtype and no data.

What a function gives is asked of NumPy. The dtype comes from calling it on arrays of one element. The shape of the
common
functions has a rule here; for all others NumPy is called on stand-ins that take no memory (one element, repeated by
strides
of 0), which is refused where the computation would be long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..device import META, Backend
from . import numpy as xnp
from . import vocabulary
from .numpy.convolution import output_sizes

# elements that NumPy may compute with on stand-ins
LIMIT = 1 << 22


class Flags:
    """Answers the questions that are asked of an array's memory."""

    writeable = c_contiguous = f_contiguous = True


class MetaArray:
    """A shape and a dtype."""

    __slots__ = ("shape", "dtype", "__weakref__")
    __array_priority__ = 100.0
    base = None
    flags = Flags()

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return numel(self.shape)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        steps, step = [], self.dtype.itemsize
        for n in reversed(self.shape):
            steps.append(step)
            step *= max(n, 1)
        return tuple(reversed(steps))

    @property
    def T(self) -> MetaArray:
        return MetaArray(self.shape[::-1], self.dtype)

    @property
    def real(self) -> MetaArray:
        return MetaArray(self.shape, np.empty(0, self.dtype).real.dtype)

    imag = real

    def reshape(self, *shape: Any) -> MetaArray:
        return _of(stand_in(self).reshape(*shape))

    def transpose(self, *axes: Any) -> MetaArray:
        return _of(stand_in(self).transpose(*axes))

    def astype(self, dtype: Any, **options: Any) -> MetaArray:
        return MetaArray(self.shape, dtype)

    def copy(self, order: str = "C") -> MetaArray:
        return MetaArray(self.shape, self.dtype)

    def sum(self, axis: Any = None, keepdims: bool = False) -> MetaArray:
        return reduction("sum", self, axis=axis, keepdims=keepdims)

    def write(self, values: Any) -> None:
        """There is nothing to be written."""

    def fill(self, value: Any) -> None:
        """There is nothing to be filled."""

    def __getitem__(self, index: Any) -> MetaArray:
        return _of(stand_in(self)[_stand_ins(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        stand_in(self)[_stand_ins(index)]

    def __len__(self) -> int:
        return self.shape[0]

    def __bool__(self) -> bool:
        raise RuntimeError("Boolean value of a meta tensor is unknown: it has no data")


def _operator(name: str) -> Callable:
    method = getattr(np.ndarray, name)

    def operate(self: MetaArray, *others: Any) -> Any:
        arrays = (self, *others)
        result = method(one_element(self), *(one_element(x) for x in others))
        return MetaArray(common_shape(arrays), result.dtype)

    return operate


for _name in (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow and rand or ror xor rxor lshift "
    "rshift eq ne lt le gt ge neg pos abs invert"
).split():
    setattr(MetaArray, f"__{_name}__", _operator(f"__{_name}__"))
MetaArray.__hash__ = object.__hash__  # type: ignore[method-assign]
MetaArray.__matmul__ = lambda self, other: matmul(self, other)  # type: ignore[attr-defined]

ndarray = MetaArray


def numel(shape: tuple[int, ...]) -> int:
    """The number of elements."""
    total = 1
    for n in shape:
        total *= n
    return total


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The common shape that several broadcast to, or None."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def stand_in(x: Any) -> Any:
    """An array of NumPy's with the shape and dtype of a meta array, and one element of memory."""
    if not isinstance(x, MetaArray):
        return x
    view = np.broadcast_to(np.zeros((), x.dtype), x.shape)
    view.flags.writeable = True
    return view


def _stand_ins(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(_stand_ins(v) for v in value)
    return stand_in(value)


def _of(result: Any) -> Any:
    """What NumPy gave for stand-ins, as meta arrays."""
    if isinstance(result, (np.ndarray, np.generic)):
        return MetaArray(result.shape, result.dtype)
    if isinstance(result, (tuple, list)):
        return type(result)(_of(r) for r in result) if type(result) in (tuple, list) else tuple(_of(r) for r in result)
    return result


def one_element(x: Any) -> Any:
    """An array of one element of the same dtype and number of axes."""
    return np.ones((1,) * x.ndim, x.dtype) if isinstance(x, MetaArray) else x


def common_shape(arrays: Any) -> tuple[int, ...]:
    """The shape that arrays broadcast to. Raises ValueError where they do not, as NumPy does."""
    shapes = [np.shape(stand_in(a)) for a in arrays]
    found = broadcast(*shapes)
    if found is None:
        raise ValueError(f"operands could not be broadcast together with shapes {' '.join(map(str, shapes))}")
    return found


def elementwise(f: Callable) -> Callable:
    """A ufunc on meta arrays."""

    def called(*arrays: Any, **options: Any) -> Any:
        options.pop("out", None)
        result = xnp.run(f, *(one_element(x) for x in arrays), **options)
        if isinstance(result, tuple):
            return tuple(MetaArray(common_shape(arrays), r.dtype) for r in result)
        return MetaArray(common_shape(arrays), result.dtype)

    return called


def reduction(name: str, x: Any, *args: Any, **options: Any) -> Any:
    """A function that takes `axis` and `keepdims` and makes an axis go away."""
    axis, keepdims = options.get("axis", args[0] if args else None), options.get("keepdims", False)
    result = xnp.run(getattr(xnp, name), one_element(x), *args, **options)
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    gone = {a % max(x.ndim, 1) for a in axes}
    shape = tuple(1 if i in gone else n for i, n in enumerate(x.shape) if keepdims or i not in gone)
    return MetaArray(shape, result.dtype)


def matmul(a: Any, b: Any) -> MetaArray:
    """The shape of a product of matrices, batched or not."""
    dtype = np.matmul(np.ones((1, 1), a.dtype), np.ones((1, 1), b.dtype)).dtype
    left = a.shape if a.ndim > 1 else (1, *a.shape)
    right = b.shape if b.ndim > 1 else (*b.shape, 1)
    if left[-1] != right[-2]:
        raise ValueError(
            f"matmul: Input operand 1 has a mismatch in its core dimension 0 (size {right[-2]} is different "
            f"from {left[-1]})"
        )
    batch = broadcast(left[:-2], right[:-2])
    if batch is None:
        raise ValueError("operands could not be broadcast together")
    shape = (*batch, *(left[-2:-1] if a.ndim > 1 else ()), *(right[-1:] if b.ndim > 1 else ()))
    return MetaArray(shape, dtype)


mm = bmm = mv = dot = matmul


def concat(arrays: Any, axis: int | None = 0) -> MetaArray:
    """The shape of arrays one after the other."""
    arrays = list(arrays)
    dtype = np.concatenate([np.ones(1, a.dtype) for a in arrays]).dtype
    if axis is None:
        return MetaArray((sum(a.size for a in arrays),), dtype)
    first = list(arrays[0].shape)
    for a in arrays[1:]:
        rest = [n for i, n in enumerate(a.shape) if i != axis % len(first)]
        if rest != [n for i, n in enumerate(first) if i != axis % len(first)]:
            raise ValueError("all the input array dimensions except for the concatenation axis must match exactly")
    first[axis] = sum(a.shape[axis] for a in arrays)
    return MetaArray(tuple(first), dtype)


concatenate = concat


def stack(arrays: Any, axis: int = 0) -> MetaArray:
    """The shape of arrays along a new axis."""
    shape = list(arrays[0].shape)
    shape.insert(axis if axis >= 0 else axis + len(shape) + 1, len(arrays))
    return MetaArray(tuple(shape), arrays[0].dtype)


def empty(shape: Any, dtype: Any = None, **options: Any) -> MetaArray:
    return MetaArray((shape,) if isinstance(shape, int) else shape, dtype or np.float64)


zeros = ones = empty


def full(shape: Any, value: Any, dtype: Any = None, **options: Any) -> MetaArray:
    return MetaArray((shape,) if isinstance(shape, int) else shape, dtype or np.asarray(value).dtype)


def empty_like(x: Any, dtype: Any = None, **options: Any) -> MetaArray:
    return MetaArray(x.shape, dtype or x.dtype)


zeros_like = ones_like = empty_like


def full_like(x: Any, value: Any, dtype: Any = None) -> MetaArray:
    return MetaArray(x.shape, dtype or x.dtype)


def eye(n: int, m: int | None = None, dtype: Any = None, **options: Any) -> MetaArray:
    return MetaArray((n, n if m is None else m), dtype or np.float64)


def asarray(x: Any, dtype: Any = None, **options: Any) -> MetaArray:
    if isinstance(x, MetaArray):
        return x if dtype is None else MetaArray(x.shape, dtype)
    array = np.asarray(x)
    return MetaArray(array.shape, dtype or array.dtype)


array = asarray


def astype(x: MetaArray, dtype: Any, **options: Any) -> MetaArray:
    return MetaArray(x.shape, dtype)


def copy(x: MetaArray, *format: Any) -> MetaArray:
    return MetaArray(x.shape, x.dtype)


copy_as = contiguous = copy


def fill(x: MetaArray, value: Any) -> None:
    """There is nothing to be filled."""


def widen(x: Any) -> Any:
    return MetaArray(x.shape, xnp.widen(np.empty(0, x.dtype)).dtype) if isinstance(x, MetaArray) else x


def is_complex(x: Any) -> bool:
    return x.dtype.kind == "c"


def is_floating(x: Any) -> bool:
    return xnp.is_floating(np.empty(0, x.dtype))


def view_bytes(x: MetaArray, dtype: Any) -> MetaArray:
    """The shape of the same bytes as another dtype."""
    old, new = x.dtype.itemsize, np.dtype(dtype).itemsize
    shape = x.shape if old == new else (*x.shape[:-1], x.shape[-1] * old // new)
    return MetaArray(shape, dtype)


def view_shape(x: MetaArray, shape: tuple) -> MetaArray:
    return x.reshape(shape)


def nonzero(x: MetaArray) -> Any:
    """How many elements there are depends on their values."""
    raise NotImplementedError(
        "aten::nonzero: meta tensors have no data, so it cannot be told which elements are nonzero"
    )


def to_numpy(x: MetaArray) -> Any:
    raise NotImplementedError("Cannot copy out of meta tensor; no data!")


# ---- images ----------------------------------------------------------------------------------------------------------


def conv_forward(x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> MetaArray:
    sizes = output_sizes(x.shape[2:], w.shape[2:], stride, padding, dilation)
    return MetaArray((x.shape[0], w.shape[0], *sizes), x.dtype)


def conv_input_gradient(g: Any, w: Any, bias: Any, sizes: Any, *window: Any) -> MetaArray:
    return MetaArray((g.shape[0], w.shape[1] * window[-1], *sizes), g.dtype)


def conv_weight_gradient(g: Any, x: Any, kernel: Any, *window: Any) -> MetaArray:
    return MetaArray((g.shape[1], x.shape[1] // window[-1], *kernel), g.dtype)


def max_pool(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> MetaArray:
    return MetaArray((*x.shape[: x.ndim - len(out)], *out), x.dtype)


def avg_pool(x: Any, kernel: Any, stride: Any, padding: Any, out: Any, *settings: Any) -> MetaArray:
    return MetaArray((*x.shape[: x.ndim - len(out)], *out), x.dtype)


def max_pool_gradient(g: Any, x: Any, *window: Any) -> MetaArray:
    return MetaArray(x.shape, g.dtype)


REDUCTIONS = ("sum", "mean", "prod", "max", "min", "all", "any", "argmax", "argmin", "var", "std", "logsumexp")
# what keeps the shape of its first argument
SAME_SHAPE = (
    "cumulative_sum",
    "cumulative_prod",
    "sort",
    "flip",
    "roll",
    "tril",
    "triu",
    "sigmoid",
    "rsqrt",
    "relu",
    "conj",
)
# functions of our own that work element by element
ELEMENTWISE = (
    *vocabulary.ELEMENTWISE,
    "fmod",
    "float_power",
    "gcd",
    "lcm",
    "floor_divide",
    "trunc_divide",
    "xlogy",
    "sinc",
)
SMALL_VIEWS = ("reshape", "permute_dims", "broadcast_to", "spread", "expand_dims", "squeeze", "moveaxis", "swapaxes",
               "getitem", "diagonal", "as_strided", "matrix_transpose")  # fmt: skip


def generic(name: str, f: Callable) -> Callable:
    """Any other function, called on stand-ins."""

    def called(*args: Any, **options: Any) -> Any:
        sizes = [x.size for x in _flat((args, tuple(options.values()))) if isinstance(x, MetaArray)]
        if name not in SMALL_VIEWS and max(sizes, default=0) > LIMIT:
            raise NotImplementedError(
                f"the shape of {name} of such large meta tensors cannot be told without computing it"
            )
        if name not in SMALL_VIEWS:
            args, options = _solid(args), {k: _solid(v) for k, v in options.items()}
        else:
            args, options = _stand_ins(args), {k: _stand_ins(v) for k, v in options.items()}
        return _of(xnp.run(f, *args, **options))

    return called


def _flat(value: Any) -> list:
    return [y for x in value for y in _flat(x)] if isinstance(value, (tuple, list)) else [value]


def _solid(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(_solid(v) for v in value)
    return np.zeros(value.shape, value.dtype) if isinstance(value, MetaArray) else value


# not in the module's own names, where `sum` and `range` mean Python's
_made: dict[str, Any] = {}


def __getattr__(name: str) -> Any:
    if name in _made:
        return _made[name]
    f = getattr(xnp, name)
    if isinstance(f, np.ufunc) or name in ELEMENTWISE:
        made: Any = elementwise(f)
    elif name in REDUCTIONS:

        def made(x: Any, *args: Any, **options: Any) -> Any:
            return reduction(name, x, *args, **options)
    elif name in SAME_SHAPE:

        def made(x: Any, *args: Any, **options: Any) -> Any:
            return MetaArray(x.shape, f(one_element(x), *args, **options).dtype)
    elif callable(f) and not isinstance(f, type):
        made = generic(name, f)
    else:
        made = f
    _made[name] = made
    return made


# kernels of NumPy alone; elsewhere rules use their general form
fuse = layer_norm_grads = batch_norm_grads = None


def run(function: Callable, *args: Any, **options: Any) -> Any:
    """Call a function of meta arrays."""
    return function(*args, **options)


def load() -> Backend:
    """The back end of device type `meta`."""
    native = {d: n for d, n in xnp.NATIVE.items() if isinstance(d, dtypes.dtype)}
    return Backend(META, sys.modules[__name__], native, run)
