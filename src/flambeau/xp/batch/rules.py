"""What the functions of the array vocabulary do with batches: the axes of an element, counted behind the batch axis."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import numpy as xnp
from .. import vocabulary
from .array import BatchedArray, Level, copy_into, data_dependent, dynamic_shape

RULES: dict[str, Callable] = {}
ALL = slice(None)


def xp() -> Any:
    """The namespace of batches, for what is inside of a batch."""
    return BatchedArray.xp


def rule(*names: str) -> Callable:
    """Register a rule `f(level, *args, **options)` under the names of functions."""

    def register(f: Callable) -> Callable:
        for name in names:
            RULES[name] = f
        return f

    return register


# ---- levels and elements -----------------------------------------------------------------------------------------


def top_level(values: Any) -> Level | None:
    """The newest level of the arrays in a sequence of arguments."""
    found: Level | None = None
    for v in values:
        t = type(v)
        if t is BatchedArray:
            level = v.level
        elif t is tuple or t is list:
            level = top_level(v)
        else:
            continue
        if level is not None and (found is None or level.start > found.start):
            found = level
    return found


def is_batched(level: Level, x: Any) -> bool:
    return type(x) is BatchedArray and x.level is level


def inner(level: Level, x: Any) -> Any:
    """The whole batch of an array; an array that is not batched at the level is repeated."""
    if is_batched(level, x):
        return x.inner
    return xp().broadcast_to(xp().asarray(x), (level.size, *getattr(x, "shape", ())))


def wrap(level: Level, result: Any) -> Any:
    """What a function gave for whole batches, as batches."""
    if isinstance(result, (tuple, list)):
        return (
            type(result)(wrap(level, r) for r in result)
            if type(result) in (tuple, list)
            else tuple(wrap(level, r) for r in result)
        )
    if isinstance(result, np.generic):
        result = np.asarray(result)
    return BatchedArray(result, level) if hasattr(result, "shape") else result


def ranked(level: Level, x: Any, ndim: int) -> Any:
    """The whole batch of an array, with axes of size 1 before those of an element, as many as make `ndim`."""
    if not is_batched(level, x):
        return x
    missing = ndim - x.ndim
    return xp().getitem(x.inner, (ALL, *(None,) * missing)) if missing > 0 else x.inner


def aligned(level: Level, arrays: Any) -> list:
    """Whole batches that broadcast with each other; what is not batched, numbers and None stay as they are."""
    ndim = max(getattr(a, "ndim", 0) for a in arrays)
    return [ranked(level, a, ndim) for a in arrays]


def element(level: Level, value: Any, i: int) -> Any:
    """An argument as it is for one element of the level."""
    if is_batched(level, value):
        return xp().getitem(value.inner, (i, ...))
    if isinstance(value, (tuple, list)):
        return type(value)(element(level, v, i) for v in value)
    return value


def loop(level: Level, f: Callable, args: Any, options: Any) -> Any:
    """Call a function once for each element, and put the results together."""
    if not level.size:
        return _empty(level, f, args, options)
    results = []
    for i in range(level.size):
        named = {k: element(level, v, i) for k, v in options.items()}
        results.append(f(*[element(level, a, i) for a in args], **named))
    return together(level, results)


def _empty(level: Level, f: Callable, args: Any, options: Any) -> Any:
    """The result for a batch without elements: that for an element of ones, without the element."""

    def one(value: Any) -> Any:
        if is_batched(level, value):
            return np.ones(value.shape, value.dtype)
        return type(value)(one(v) for v in value) if isinstance(value, (tuple, list)) else value

    def none(value: Any) -> Any:
        if isinstance(value, (tuple, list)):
            return tuple(none(v) for v in value)
        return BatchedArray(np.empty((0, *value.shape), value.dtype), level) if hasattr(value, "shape") else value

    return none(f(*[one(a) for a in args], **{k: one(v) for k, v in options.items()}))


def together(level: Level, results: list) -> Any:
    """The results for all elements as one batch."""
    first = results[0]
    if isinstance(first, (tuple, list)):
        return tuple(together(level, [r[i] for r in results]) for i in range(len(first)))
    if not hasattr(first, "shape"):
        if any(r is not first and r != first for r in results):
            raise data_dependent()
        return first
    if any(r.shape != first.shape for r in results):
        raise dynamic_shape("an operation")
    return BatchedArray(xp().stack([xp().asarray(r) for r in results], axis=0), level)


def enter(x: Any, level: Level, axis: int) -> Any:
    """An array as a batch along one of its axes, in the same memory."""
    if type(x) is BatchedArray and x.level.start > level.start:
        # of a newer level, which stays outermost
        return BatchedArray(enter(x.inner, level, axis if axis < 0 else axis + 1), x.level)
    return BatchedArray(xp().moveaxis(x, axis, 0) if axis else x, level)


def leave(x: Any, level: Level, axis: int) -> Any:
    """A batch as an array in which the batch is an axis. What is not batched at the level is repeated."""
    if type(x) is BatchedArray and x.level.start > level.start:
        return BatchedArray(leave(x.inner, level, axis if axis < 0 else axis + 1), x.level)
    whole = inner(level, x)
    return xp().moveaxis(whole, 0, axis) if axis else whole


# ---- element by element ------------------------------------------------------------------------------------------

ELEMENTWISE = (
    *vocabulary.ELEMENTWISE, *"fmod ldexp float_power fmax fmin logaddexp2 exp2 heaviside gcd lcm angle rint sigmoid "
    "rsqrt sinc deg2rad rad2deg erf erfc erfinv lgamma digamma polygamma igamma igammac i0 i0e i1 i1e zeta ndtri "
    "nan_to_num frexp trunc_divide clamp erfcx log_ndtr airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 "
    "modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0 "
    "scaled_modified_bessel_k1 spherical_bessel_j0 hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l "
    "legendre_polynomial_p chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w "
    "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
    "shifted_chebyshev_polynomial_w where complex_of".split()
)  # fmt: skip


def elementwise(name: str, level: Level, *arrays: Any, **options: Any) -> Any:
    """A function of numbers, applied to arrays that broadcast."""
    out = options.pop("out", None)
    options = {k: v.inner if is_batched(level, v) else v for k, v in options.items()}
    result = wrap(level, getattr(xp(), name)(*aligned(level, arrays), **options))
    if out is None:
        return result
    from_array = out if isinstance(out, BatchedArray) else None
    if from_array is None:
        raise NotImplementedError(f"{name} of a batch into an array that is none")
    from_array.write(result)
    return from_array


for _name in ELEMENTWISE:
    RULES[_name] = partial(elementwise, _name)


def ufunc_call(ufunc: np.ufunc, *inputs: Any, **options: Any) -> Any:
    """A ufunc of NumPy's called on batches."""
    level = top_level(inputs)
    if ufunc.signature is not None:
        return RULES[ufunc.__name__](level, *inputs) if ufunc.__name__ in RULES else loop(level, ufunc, inputs, options)  # type: ignore[arg-type]
    return wrap(level, xnp.run(ufunc, *aligned(level, inputs), **options))  # type: ignore[arg-type]


def ufunc_reduce(
    ufunc: np.ufunc, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False, **options: Any
) -> Any:
    """`ufunc.reduce` on a batch."""
    level = top_level((x,))
    return wrap(level, ufunc.reduce(x.inner, shifted(axis, x.ndim), dtype, None, keepdims, **options))  # type: ignore[arg-type]


def ufunc_accumulate(ufunc: np.ufunc, x: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """`ufunc.accumulate` on a batch."""
    level = top_level((x,))
    return wrap(level, ufunc.accumulate(x.inner, shifted(axis, x.ndim), dtype))  # type: ignore[arg-type]


# NumPy's names of functions that the vocabulary calls otherwise
NUMPYS = {"concatenate": "concat", "transpose": "permute_dims", "expand_dims": "expand_dims",
    "cumsum": "cumulative_sum",
          "cumprod": "cumulative_prod", "amax": "max", "amin": "min"}  # fmt: skip


def call_function(function: Callable, args: tuple, options: dict) -> Any:
    """A function of NumPy's, other than a ufunc, called on batches."""
    name = NUMPYS.get(function.__name__, function.__name__)
    if name == "copyto":
        return copy_into(args[0], args[1])
    if name in ("may_share_memory", "shares_memory"):
        return function(*[a.memory if isinstance(a, BatchedArray) else a for a in args[:2]])
    level = top_level(args) or top_level(tuple(options.values()))
    if name in RULES:
        return RULES[name](level, *args, **options)
    return loop(level, function, args, options)  # type: ignore[arg-type]


# ---- along axes --------------------------------------------------------------------------------------------------


def shifted(axis: Any, ndim: int) -> Any:
    """Axes of an element as axes of the batch; None means all of the element's."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    if isinstance(axis, (tuple, list)):
        return tuple(shifted(a, ndim) for a in axis)
    if not -max(ndim, 1) <= axis < max(ndim, 1):
        raise np.exceptions.AxisError(axis, ndim)
    return axis % max(ndim, 1) + 1


def reduction(name: str, level: Level, x: Any, axis: Any = None, *rest: Any, **options: Any) -> Any:
    """A function that makes axes go away."""
    return wrap(level, getattr(xp(), name)(x.inner, shifted(axis, x.ndim), *rest, **options))


for _name in ("sum", "mean", "prod", "max", "min", "all", "any", "sum_of_squares", "count_nonzero", "ptp"):
    if hasattr(xnp, _name):
        RULES[_name] = partial(reduction, _name)


def place_of_extreme(name: str, level: Level, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The place along an axis, or in the flattened element."""
    f = getattr(xp(), name)
    if axis is not None and x.ndim:
        return wrap(level, f(x.inner, axis=shifted(axis, x.ndim), keepdims=keepdims))
    found = f(xp().reshape(x.inner, (level.size, x.size)), axis=1)
    return wrap(level, xp().reshape(found, (level.size, *(1,) * x.ndim)) if keepdims else found)


for _name in ("argmax", "argmin"):
    RULES[_name] = partial(place_of_extreme, _name)


def along(name: str, position: int, default: Any, level: Level, *args: Any, **options: Any) -> Any:
    """A function of arrays of one number of axes, with an argument that is an axis (or several) of them."""
    keyword = "axis" if "axis" in options else "dim" if "dim" in options else "axes" if "axes" in options else None
    arrays = [a for a in args if hasattr(a, "ndim")]
    ndim = max(a.ndim for a in arrays)
    if any(a.ndim != ndim or not ndim for a in arrays):
        return loop(level, getattr(xp(), name), args, options)
    args = tuple(inner(level, a) if hasattr(a, "ndim") else a for a in args)
    if keyword is not None:
        options[keyword] = shifted(options[keyword], ndim)
    elif len(args) > position:
        args = (*args[:position], shifted(args[position], ndim), *args[position + 1 :])
    else:
        args = (*args[:position], shifted(default, ndim))
    return wrap(level, getattr(xp(), name)(*args, **options))


for _name, _position, _default in (
    ("cumulative_max", 1, -1), ("cumulative_min", 1, -1), ("cumulative_logsumexp", 1, -1), ("cumulative_sum", 1, -1),
    ("cumulative_prod", 1, -1), ("sort_along", 1, -1), ("top_along", 2, -1), ("kth_along", 2, -1),
    ("median_along", 1, -1),
    ("mode_along", 1, -1), ("spread_along", 2, -1), ("linear_recurrence", 2, -1), ("softmax", 1, -1),
    ("log_softmax", 1, -1), ("safe_softmax", 1, -1), ("softmax_grad", 2, -1), ("log_softmax_grad", 2, -1),
    ("moments", 1, ()),
    ("fft_c2c", 1, ()), ("fft_r2c", 1, ()), ("fft_c2r", 1, ()), ("sort", 1, -1), ("argsort", 1, -1), ("windows", 1, 0),
    ("gather", 1, 0), ("scatter_prod", 3, 0), ("scatter_extreme", 3, 0),
):  # fmt: skip
    if hasattr(xnp, _name):
        RULES[_name] = partial(along, _name, _position, _default)


def scatter(name: str, level: Level, x: Any, dim: int, index: Any, src: Any) -> Any:
    """One place for each element of an index; the source may be a number."""
    if not x.ndim or x.ndim != index.ndim:
        return loop(level, getattr(xp(), name), (x, dim, index, src), {})
    if getattr(src, "ndim", 0):
        src = inner(level, src)
    elif is_batched(level, src):
        src = xp().broadcast_to(ranked(level, src, index.ndim), (level.size, *index.shape))
    return wrap(level, getattr(xp(), name)(inner(level, x), shifted(dim, x.ndim), inner(level, index), src))


for _name in ("scatter", "scatter_add"):
    RULES[_name] = partial(scatter, _name)


def at_lines(name: str, level: Level, x: Any, dim: int, index: Any, source: Any) -> Any:
    """A function that writes whole slices at an index of one axis."""
    if is_batched(level, index) or not x.ndim or is_batched(level, source) and not source.ndim:
        return loop(level, getattr(xp(), name), (x, dim, index, source), {})
    source = inner(level, source) if getattr(source, "ndim", 0) else source
    return wrap(level, getattr(xp(), name)(inner(level, x), shifted(dim, x.ndim), index, source))


for _name in ("index_add", "index_copy", "index_fill"):
    RULES[_name] = partial(at_lines, _name)


@rule("scaled_add")
def scaled_add(level: Level, array: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """Not written over the product, which may be one for the whole batch."""
    product = product if alpha == 1 else xp().multiply(product, product.dtype.type(alpha))
    if beta == 0:
        return product
    return xp().add(product, array if beta == 1 else xp().multiply(array, array.dtype.type(beta)))


def into_first(name: str, level: Level, *args: Any) -> Any:
    """A function whose result has the shape of its first argument, to which the others broadcast."""
    whole = inner(level, args[0])
    return wrap(level, getattr(xp(), name)(whole, *[ranked(level, a, args[0].ndim) for a in args[1:]]))


for _name in ("scaled_shifted", "normalized"):
    RULES[_name] = partial(into_first, _name)


def by_axes(name: str, count: int, level: Level, *args: Any) -> Any:
    """A normalisation: some arrays with equally many axes, then axes, then numbers."""
    arrays, axes, rest = args[:count], args[count], args[count + 1 :]
    whole = [inner(level, a) for a in arrays]
    return wrap(level, getattr(xp(), name)(*whole, shifted(axes, arrays[0].ndim), *rest))


for _name, _count in (("standardized", 3), ("standardized_grad", 3), ("inverse_deviation", 2)):
    RULES[_name] = partial(by_axes, _name, _count)


# ---- shapes ------------------------------------------------------------------------------------------------------


def whole_shape(level: Level, x: Any, shape: Any) -> tuple[int, ...]:
    """The shape of a batch whose elements get a shape, which may have a -1."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if -1 in shape:
        known = 1
        for n in shape:
            known *= n if n != -1 else 1
        shape = tuple(x.size // known if n == -1 and known else n for n in shape)
    return (level.size, *shape)


@rule("reshape")
def reshape(level: Level, x: Any, shape: Any = None, **options: Any) -> Any:
    return wrap(level, xp().reshape(x.inner, whole_shape(level, x, options.pop("newshape", shape))))


@rule("view_shape")
def view_shape(level: Level, x: Any, shape: Any) -> Any:
    return wrap(level, xp().view_shape(x.inner, whole_shape(level, x, shape)))


@rule("permute_dims")
def permute_dims(level: Level, x: Any, axes: Any = None) -> Any:
    axes = tuple(range(x.ndim))[::-1] if axes is None else axes
    return wrap(level, xp().permute_dims(x.inner, (0, *shifted(tuple(axes), x.ndim))))


@rule("matrix_transpose")
def matrix_transpose(level: Level, x: Any) -> Any:
    return wrap(level, xp().matrix_transpose(x.inner))


@rule("conjugate_transpose")
def conjugate_transpose(level: Level, x: Any) -> Any:
    return wrap(level, xp().conjugate_transpose(x.inner))


@rule("swapaxes")
def swapaxes(level: Level, x: Any, a: int, b: int) -> Any:
    return wrap(level, xp().swapaxes(x.inner, shifted(a, x.ndim), shifted(b, x.ndim)))


@rule("moveaxis")
def moveaxis(level: Level, x: Any, source: Any, destination: Any) -> Any:
    return wrap(level, xp().moveaxis(x.inner, shifted(source, x.ndim), shifted(destination, x.ndim)))


@rule("expand_dims")
def expand_dims(level: Level, x: Any, axis: Any = 0) -> Any:
    count = 1 if isinstance(axis, int) else len(axis)
    return wrap(level, xp().expand_dims(x.inner, axis=shifted(axis, x.ndim + count)))


@rule("squeeze")
def squeeze(level: Level, x: Any, axis: Any = None) -> Any:
    axes = tuple(i for i, n in enumerate(x.shape) if n == 1) if axis is None else axis
    return wrap(level, xp().squeeze(x.inner, axis=shifted(axes, x.ndim)))


@rule("broadcast_to", "spread")
def broadcast_to(level: Level, x: Any, shape: Any) -> Any:
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if x.ndim > len(shape):
        raise ValueError("input operand has more dimensions than allowed by the axis remapping")
    return wrap(level, xp().broadcast_to(ranked(level, x, len(shape)), (level.size, *shape)))


@rule("flip")
def flip(level: Level, x: Any, axis: Any = None) -> Any:
    return wrap(level, xp().flip(x.inner, axis=shifted(axis, x.ndim)))


@rule("roll")
def roll(level: Level, x: Any, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        flat = xp().roll(xp().reshape(x.inner, (level.size, x.size)), shift, axis=1)
        return wrap(level, xp().reshape(flat, x.inner.shape))
    return wrap(level, xp().roll(x.inner, shift, axis=shifted(axis, x.ndim)))


@rule("concat")
def concat(level: Level, arrays: Any, axis: Any = 0, **options: Any) -> Any:
    arrays = list(arrays)
    if axis is None:
        arrays, axis = [xp().reshape(a, (-1,)) for a in arrays], 0
    return wrap(level, xp().concat([inner(level, a) for a in arrays], axis=shifted(axis, arrays[0].ndim)))


@rule("stack")
def stack(level: Level, arrays: Any, axis: int = 0) -> Any:
    arrays = list(arrays)
    return wrap(level, xp().stack([inner(level, a) for a in arrays], axis=shifted(axis, arrays[0].ndim + 1)))


@rule("diagonal")
def diagonal(level: Level, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return wrap(level, xp().diagonal(x.inner, offset, shifted(axis1, x.ndim), shifted(axis2, x.ndim)))


@rule("diag_embed")
def diag_embed(level: Level, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    n = x.ndim + 1
    return wrap(level, xp().diag_embed(x.inner, offset, shifted(axis1, n), shifted(axis2, n)))


@rule("diagonal_scatter")
def diagonal_scatter(level: Level, x: Any, src: Any, offset: int, axis1: int, axis2: int) -> Any:
    n = x.ndim
    return wrap(
        level, xp().diagonal_scatter(inner(level, x), inner(level, src), offset, shifted(axis1, n), shifted(axis2, n))
    )


# ---- the batch is one more leading axis ----------------------------------------------------------------------------


def leading(name: str, level: Level, x: Any, *args: Any, **options: Any) -> Any:
    """A function of the last axes of one array, for which the batch is one more leading axis."""
    if any(is_batched(level, a) for a in (*args, *options.values())) or not is_batched(level, x):
        return loop(level, getattr(xp(), name), (x, *args), options)
    return wrap(level, getattr(xp(), name)(x.inner, *args, **options))


for _name in (
    "copy copy_as contiguous astype view_bytes widen view_as_real view_as_complex tril triu zeros_like ones_like "
    "empty_like "
    "full_like linalg_cholesky_ex linalg_cofactor linalg_det linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh "
    "linalg_inv_ex linalg_lu_factor_ex linalg_matrix_exp linalg_qr linalg_slogdet linalg_svd linalg_svdvals"
).split():
    RULES[_name] = partial(leading, _name)


@rule("copy_as")
def copy_as(level: Level, x: Any, format: Any) -> Any:
    return wrap(level, xp().copy(x.inner))


@rule("full_like")
def full_like(level: Level, x: Any, value: Any, dtype: Any = None) -> Any:
    like = x if is_batched(level, x) else BatchedArray(inner(level, x), level)
    result = wrap(level, xp().empty_like(like.inner, dtype=dtype))
    result.write(value)
    return result


@rule("asarray")
def asarray(level: Level, x: Any, dtype: Any = None, **options: Any) -> Any:
    if not isinstance(x, BatchedArray):
        return loop(level, np.stack, (x,), {})
    return x if dtype is None or x.dtype == dtype else wrap(level, xp().astype(x.inner, dtype))


def _of_dtype(f: Any) -> Any:
    """A question about an array's dtype."""
    return lambda level, x: f(np.empty(0, x.dtype))


for _name in ("is_complex", "is_floating", "iscomplexobj"):
    RULES[_name] = _of_dtype(getattr(xnp, _name))


@rule("fill")
def fill(level: Level, x: Any, value: Any) -> None:
    x.write(value)


@rule("vjp")
def vjp(level: Level, body: Any, inputs: Any, grads: Any, kernel: Any) -> Any:
    return kernel()


@rule("nonzero", "argwhere", "unique")
def _no_shape(level: Level, *args: Any, **options: Any) -> Any:
    raise dynamic_shape("nonzero")


@rule("masked_select")
def masked_select(level: Level, x: Any, mask: Any) -> Any:
    if is_batched(level, mask):
        raise RuntimeError(
            "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because "
            "for each "
            "batch this would return a differently shaped Tensor. Please file an issue at "
            "https://github.com/pytorch/pytorch/issues if you need this feature."
        )
    return loop(level, xp().masked_select, (x, mask), {})


@rule("as_strided", "strided_write")
def _no_strides(level: Level, *args: Any) -> Any:
    raise NotImplementedError("vmap over as_strided: Flambeau cannot tell the strides of one element's memory")


# ---- products ----------------------------------------------------------------------------------------------------


@rule("matmul", "mm", "mv", "dot", "bmm")
def matmul(level: Level, a: Any, b: Any) -> Any:
    """Products of matrices and vectors; with one matrix for the whole batch, a single product."""
    if is_batched(level, a) and not is_batched(level, b) and b.ndim <= 2 and a.ndim <= 2:
        whole = a.inner if a.ndim < 2 else xp().reshape(a.inner, (level.size * a.shape[0], a.shape[1]))
        product = xp().matmul(whole, b)
        return wrap(
            level, product if a.ndim < 2 else xp().reshape(product, (level.size, a.shape[0], *product.shape[1:]))
        )
    columns, rows = a.ndim == 1, b.ndim == 1
    if is_batched(level, a):
        a = BatchedArray(xp().getitem(a.inner, (ALL, None)), level) if columns else a
    else:
        a = xp().getitem(a, (None,)) if columns else a
    if is_batched(level, b):
        b = BatchedArray(xp().getitem(b.inner, (..., None)), level) if rows else b
    else:
        b = xp().getitem(b, (..., None)) if rows else b
    product = xp().matmul(*aligned(level, (a, b)))
    if rows:
        product = xp().getitem(product, (..., 0))
    if columns:
        product = xp().getitem(product, (..., 0) if rows else (..., 0, ALL))
    return wrap(level, product)


@rule("linear")
def linear(level: Level, x: Any, weight: Any, bias: Any) -> Any:
    product = xp().matmul(x, xp().matrix_transpose(weight))
    return product if bias is None else xp().add(product, bias)


@rule("vecdot")
def vecdot(level: Level, a: Any, b: Any, axis: int = -1) -> Any:
    if axis != -1:
        return loop(level, np.vecdot, (a, b), {"axis": axis})
    return xp().sum(xp().multiply(xp().conj(a), b), axis=-1)


# ---- convolutions ------------------------------------------------------------------------------------------------


def _folded(level: Level, x: Any) -> Any:
    """A batch of arrays (N, …) as one (batch * N, …)."""
    whole = inner(level, x)
    return xp().reshape(whole, (whole.shape[0] * whole.shape[1], *whole.shape[2:]))


def _unfolded(level: Level, x: Any) -> Any:
    return wrap(level, xp().reshape(x, (level.size, x.shape[0] // max(level.size, 1), *x.shape[1:])))


def _grouped(level: Level, x: Any) -> Any:
    """A batch of images (N, C, …) as one (N, batch * C, …)."""
    whole = xp().moveaxis(inner(level, x), 0, 1)
    return xp().reshape(whole, (whole.shape[0], whole.shape[1] * whole.shape[2], *whole.shape[3:]))


def _ungrouped(level: Level, x: Any) -> Any:
    split = xp().reshape(x, (x.shape[0], level.size, x.shape[1] // max(level.size, 1), *x.shape[2:]))
    return wrap(level, xp().moveaxis(split, 1, 0))


@rule("conv_forward")
def conv_forward(level: Level, x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    settings = (stride, padding, dilation)
    if not is_batched(level, w) and not is_batched(level, bias):
        return _unfolded(level, xp().conv_forward(_folded(level, x), w, bias, *settings, groups))
    bias = None if bias is None else _folded(level, bias)
    result = xp().conv_forward(_grouped(level, x), _folded(level, w), bias, *settings, groups * level.size)
    return _ungrouped(level, result)


@rule("conv_input_gradient")
def conv_input_gradient(
    level: Level, g: Any, w: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    settings = (stride, padding, dilation)
    if not is_batched(level, w) and not is_batched(level, bias):
        return _unfolded(level, xp().conv_input_gradient(_folded(level, g), w, bias, sizes, *settings, groups))
    bias = None if bias is None else _folded(level, bias)
    found = xp().conv_input_gradient(_grouped(level, g), _folded(level, w), bias, sizes, *settings, groups * level.size)
    return _ungrouped(level, found)


@rule("conv_weight_gradient")
def conv_weight_gradient(
    level: Level, g: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    found = xp().conv_weight_gradient(
        _grouped(level, g), _grouped(level, x), kernel, stride, padding, dilation, groups * level.size
    )
    return _unfolded(level, found)
