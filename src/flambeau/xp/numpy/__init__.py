"""NumPy as an array namespace: what the rows compute with on the CPU.

NumPy follows the Array API, so most names are its own. Beside them stand the extras of `vocabulary.EXTRAS`, the kernels
that replace a row's forward where NumPy has something faster, and `run`, which calls array functions without NumPy's
floating-point warnings and without touching the state that the user's own NumPy code sees.
"""

from __future__ import annotations

import contextvars
import functools
import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np

from ... import dtypes
from ...device import CPU, Backend, register
from ...storage import memory, strided_array, to_format
from ...storage import writable as writable
from .. import vocabulary
from . import native
from .direct import direct

if TYPE_CHECKING:
    # most names are NumPy's own, bound below
    def __getattr__(name: str) -> Any: ...


ndarray = np.ndarray
generic = np.generic
integer = np.integer
ufunc = np.ufunc
longlong = np.dtype(np.longlong)
ulonglong = np.dtype(np.ulonglong)
copyto = np.copyto
may_share_memory = np.may_share_memory
triu_indices = np.triu_indices
tril_indices = np.tril_indices
array = np.array
from_dlpack = np.from_dlpack
frombuffer = np.frombuffer
complex128 = np.dtype(np.complex128)
uint8 = np.dtype(np.uint8)
bool_ = np.bool_

NATIVE = {
    dtypes.bool_: np.dtype(np.bool_),
    dtypes.uint8: np.dtype(np.uint8),
    dtypes.int8: np.dtype(np.int8),
    dtypes.int16: np.dtype(np.int16),
    dtypes.int32: np.dtype(np.int32),
    dtypes.int64: np.dtype(np.int64),
    dtypes.uint16: np.dtype(np.uint16),
    dtypes.uint32: np.dtype(np.uint32),
    dtypes.uint64: np.dtype(np.uint64),
    dtypes.float16: np.dtype(np.float16),
    dtypes.bfloat16: np.dtype(ml_dtypes.bfloat16),
    dtypes.float32: np.dtype(np.float32),
    dtypes.float64: np.dtype(np.float64),
    dtypes.complex64: np.dtype(np.complex64),
    dtypes.complex128: np.dtype(np.complex128),
    dtypes.float8_e4m3fn: np.dtype(ml_dtypes.float8_e4m3fn),
    dtypes.float8_e5m2: np.dtype(ml_dtypes.float8_e5m2),
    dtypes.float8_e4m3fnuz: np.dtype(ml_dtypes.float8_e4m3fnuz),
    dtypes.float8_e5m2fnuz: np.dtype(ml_dtypes.float8_e5m2fnuz),
    dtypes.float8_e8m0fnu: np.dtype(ml_dtypes.float8_e8m0fnu),
}

for _name in vocabulary.ARRAY_API:
    globals()[_name] = direct(getattr(np, _name))

from .layout import concat, contiguous  # noqa: E402, F401
from .reduction import all, any, argmax, argmin, max, mean, min, prod, sum, sum_all, sum_of_squares, sum_rows  # noqa: E402, F401
from .sorting import (  # noqa: E402, F401
    bincount,
    cumulative_logsumexp,
    cumulative_max,
    cumulative_min,
    cumulative_prod,
    cumulative_sum,
    isin,
    kth_along,
    lexsort,
    linear_recurrence,
    median_along,
    mode_along,
    sort_along,
    spread_along,
    top_along,
    unique,
)

float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)
int64 = np.dtype(np.int64)

# An empty context in which NumPy raises no floating-point warnings. Calling a function through it costs some 25 ns;
# `np.errstate` would cost 700, more than a small operation.
_quiet = contextvars.Context()
_quiet.run(np.seterr, all="ignore")
enter: Callable = _quiet.run


_idle: list[contextvars.Context] = []


def isolated(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """Call `function` without floating-point warnings in a context that nobody else uses, so that `enter` works
    inside."""
    if _idle:
        context = _idle.pop()
    else:
        context = contextvars.Context()
        context.run(np.seterr, all="ignore")
    try:
        return context.run(function, *args, **kwargs)
    finally:
        _idle.append(context)


def run(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """Call `function` without floating-point warnings. May be nested, and called by several threads."""
    try:
        return enter(function, *args, **kwargs)
    except RuntimeError as error:
        if "is already entered" not in str(error):
            raise
    return isolated(function, *args, **kwargs)


# ---- extras: elementwise -------------------------------------------------------------------------------------------

fmax = np.fmax
fmin = np.fmin
logaddexp2 = np.logaddexp2
gcd = np.gcd
lcm = np.lcm
ldexp = np.ldexp
float_power = np.float_power
deg2rad = np.deg2rad
rad2deg = np.rad2deg


# ---- extras: memory and indexing -----------------------------------------------------------------------------------


def as_strided(x: ndarray, shape: tuple, strides: tuple, offset: int | None = None) -> ndarray:
    """A view of the memory of `x`; strides and offset count elements, the offset from the start of the memory."""
    size = x.itemsize
    begin = 0
    if offset is not None:
        begin = offset * size - (address(x) - address(memory(x)))
    return strided_array(x, tuple(shape), tuple(s * size for s in strides), begin)


def dense(x: ndarray) -> bool:
    """Whether the elements fill a piece of memory without gaps or overlaps, in whatever order of the axes."""
    step = x.itemsize
    for stride, n in sorted([(s, n) for s, n in zip(x.strides, x.shape, strict=True) if n != 1]):
        if stride != step:
            return False
        step *= n
    return True


def view_shape(x: ndarray, shape: tuple) -> ndarray:
    """A view in another shape. Raises ValueError where that would need a copy."""
    return x.reshape(shape, copy=False)


def view_bytes(x: ndarray, dtype: Any) -> ndarray:
    """A view of the same bytes as another dtype; the last axis grows or shrinks with the size of an element."""
    return x.view(dtype)


def address(x: ndarray) -> int:
    """The address of the first element."""
    return x.__array_interface__["data"][0]


_broadcast_to = direct(np.broadcast_to)


def broadcast_to(x: ndarray, shape: tuple) -> ndarray:
    """A writable view with stride 0 along the axes that are repeated."""
    view = _broadcast_to(x, shape)
    if x.flags.writeable:
        view.flags.writeable = True
    return view


def spread(x: ndarray, shape: tuple) -> ndarray:
    """`x` repeated to fill a shape. A small result is memory of its own, which costs a tenth of a view (2 µs)."""
    if math.prod(shape) > 256:
        return broadcast_to(x, shape)
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


def getitem(x: ndarray, index: Any) -> ndarray:
    """`x[index]`, an array even where it has no dimensions."""
    found = x[index]
    if type(found) is not ndarray:
        # NumPy gives a copy of the one element; with an Ellipsis it is a view
        found = x[(*index, Ellipsis) if type(index) is tuple else (index, Ellipsis)]
    return found


def as_dtype(value: Any) -> Any:
    """NumPy's dtype object of anything that names one."""
    return np.dtype(value)


def fill(x: ndarray, value: Any) -> None:
    """Write one number to all elements of a fresh array."""
    x.fill(value) if x.dtype.kind not in "iu" else np.copyto(x, np.asarray(value), casting="unsafe")


def put(x: ndarray, index: Any, values: Any, accumulate: bool = False) -> ndarray:
    """A copy of `x` with `values` written, or added, at `index`."""
    result = x.copy("C")
    if accumulate:
        add_at(result, index, values)
    else:
        result[index] = values
    return result


def copy(x: ndarray) -> ndarray:
    """A copy whose memory is laid out like that of `x` (dense, in the same order of axes)."""
    return x.copy("C" if 0 in x.strides else "K")


copy_as = to_format


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """A copy in another dtype, laid out as the array is, or row by row where elements of that lie at one place."""
    if type(x) is not ndarray:
        return np.astype(np.asarray(x), dtype, copy=copy)
    return x.astype(dtype, "C" if 0 in x.strides else "K", copy=copy)


def diagonal(x: ndarray, offset: int = 0, axis1: int = 0, axis2: int = 1) -> ndarray:
    """A writable view of a diagonal, which becomes the last axis."""
    view = np.diagonal(x, offset, axis1, axis2)
    if x.flags.writeable:
        view.flags.writeable = True
    return view


def widen(x: Any) -> Any:
    """float16, bfloat16 and float8 as float32, all else unchanged: the dtype to compute in."""
    return x.astype(np.float32) if isinstance(x, ndarray | np.generic) and x.dtype.num not in _PLAIN else x


def is_complex(x: ndarray) -> bool:
    return x.dtype.kind == "c"


def is_floating(x: ndarray) -> bool:
    return x.dtype.kind == "f" or x.dtype.num not in _PLAIN


def fuse(function: Callable, arguments: tuple) -> Any:
    """`function(xp, *arguments)`, of an elementwise function: by native code in one loop where that pays."""
    first = arguments[0]
    if type(first) is ndarray and first.size >= native.LARGE:
        result = native.fuse(function, arguments)
        if result is not NotImplemented:
            return result
    return function(_here, *arguments)


def fuse_in_place(function: Callable, arguments: tuple, written: tuple[int, ...]) -> bool:
    """Replace the arguments numbered `written` by what `function(xp, *arguments)` returns, if native code can."""
    return native.fuse(function, arguments, written) is not NotImplemented


_here = sys.modules[__name__]

einsum = np.einsum
broadcast_shapes = np.broadcast_shapes
ndindex = np.ndindex
allclose = np.allclose
iscomplexobj = np.iscomplexobj
pad = np.pad

from .activation import log_softmax, log_softmax_grad, safe_softmax, softmax, softmax_grad  # noqa: E402, F401
from .alignment import ctc, ctc_grad  # noqa: E402, F401
from .attention import attention_weights  # noqa: E402, F401
from .bessel import (  # noqa: E402, F401
    airy_ai,
    bessel_j0,
    bessel_j1,
    bessel_y0,
    bessel_y1,
    i0,
    i0e,
    i1,
    i1e,
    modified_bessel_i0,
    modified_bessel_i1,
    modified_bessel_k0,
    modified_bessel_k1,
    scaled_modified_bessel_k0,
    scaled_modified_bessel_k1,
    spherical_bessel_j0,
)
from .convolution import conv_forward, conv_input_gradient, conv_weight_gradient  # noqa: E402, F401
from .embedding import (  # noqa: E402, F401
    bag_sum,
    bags_of,
    column_scatter,
    counts,
    embedding_grad,
    first_outside,
    pairs,
    renormed_rows,
    rows_of_maxima,
)
from .fft import fft_c2c, fft_c2r, fft_r2c, frames_of, overlap_add  # noqa: E402, F401
from .incomplete import igamma, igammac  # noqa: E402, F401
from .indexing import (  # noqa: E402, F401
    WRITERS,
    add_at,
    argwhere,
    combine_at,
    diag_embed,
    diagonal_scatter,
    flip,
    fold_windows,
    from_front,
    gather,
    index_add,
    index_copy,
    index_fill,
    index_select,
    masked_scatter,
    masked_select,
    nonzero,
    outside,
    scatter,
    scatter_add,
    scatter_extreme,
    scatter_prod,
    search_rows,
    strided_write,
    windows,
)
from .linalg import (  # noqa: E402, F401
    linalg_cholesky_ex,
    linalg_cofactor,
    linalg_det,
    linalg_eig,
    linalg_eigh,
    linalg_eigvals,
    linalg_eigvalsh,
    linalg_geqrf,
    linalg_inv_ex,
    linalg_ldl_factor,
    linalg_ldl_solve,
    linalg_lstsq,
    linalg_lu_factor_ex,
    linalg_matrix_exp,
    linalg_pinv,
    linalg_pivot_order,
    linalg_qr,
    linalg_slogdet,
    linalg_solve_ex,
    linalg_solve_triangular,
    linalg_svd,
    linalg_svdvals,
)
from .loss import nll, nll_grad, total_of_squares  # noqa: E402, F401
from .matrix import conj, conjugate_transpose, dot, linear, matmul, matrix_transpose, mm, mv, scaled_add, small_product  # noqa: E402, F401
from .norm import (  # noqa: E402, F401
    batch_norm_grads,
    inverse_deviation,
    layer_norm_grads,
    moments,
    normalized,
    scaled_shifted,
    standardized,
    standardized_grad,
)
from .pointwise import (  # noqa: E402, F401
    angle,
    clamp,
    complex_of,
    exp2,
    floor_divide,
    fmod,
    frexp,
    heaviside,
    imag,
    logaddexp,
    nan_to_num,
    pow,
    real,
    remainder,
    rint,
    rsqrt,
    sigmoid,
    sign,
    sinc,
    square,
    trunc_divide,
    view_as_complex,
    view_as_real,
)
from .polynomials import (  # noqa: E402, F401
    chebyshev_polynomial_t,
    chebyshev_polynomial_u,
    chebyshev_polynomial_v,
    chebyshev_polynomial_w,
    hermite_polynomial_h,
    hermite_polynomial_he,
    laguerre_polynomial_l,
    legendre_polynomial_p,
    shifted_chebyshev_polynomial_t,
    shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v,
    shifted_chebyshev_polynomial_w,
)
from .pooling import (  # noqa: E402, F401
    adaptive_avg_pool,
    adaptive_avg_pool_gradient,
    adaptive_max_places,
    add_places,
    avg_pool,
    avg_pool_gradient,
    constant_pad,
    fold_patches,
    max_pool,
    max_pool_gradient,
    max_pool_places,
    max_pool_select,
    pick_places,
    put_places,
    repeating_pad,
    repeating_pad_gradient,
    unfold_patches,
    window_max_places,
)
from .recurrent import (  # noqa: E402, F401
    gru_layer,
    gru_layer_gradient,
    lstm_layer,
    lstm_layer_gradient,
    rnn_layer,
    rnn_layer_gradient,
    vjp,
)
from .resampling import resample, resample_gradient  # noqa: E402, F401
from .sampling import dirichlet_grad, standard_gamma_grad  # noqa: E402, F401
from .selection import kept, where  # noqa: E402, F401
from .special import (  # noqa: E402, F401
    digamma,
    erf,
    erfc,
    erfcx,
    erfinv,
    lgamma,
    log_ndtr,
    ndtri,
    polygamma,
    zeta,
)

_PLAIN = {d.num for t, d in NATIVE.items() if t not in (dtypes.float16, dtypes.bfloat16) and t not in dtypes.FLOAT8}


# Expressions that stand in the generated function of a row in place of a call: a0 is the array, the other names are
# attributes, FORWARD is the call of the row's forward. They are for views, whose cost is Python's frames (60 ns each).
EXPRESSIONS: dict[str, str] = {
    "t": "a0.T if a0.ndim < 3 else FORWARD",
    "transpose": "a0.swapaxes(dim0, dim1)",
    "permute_dims": "a0.transpose(dims)",
    "reshape_to": "a0.reshape(shape)",
    "squeeze_dims": "a0.squeeze(axes)",
    "unsqueeze": "a0[None] if dim == 0 else a0[..., None] if dim == -1 else FORWARD",
    "alias": "a0[...]",
    "slice_index": "a0[at]",
    "mm": "enter(kernel, a0, a1) if a0.size + a1.size < 8192 else FORWARD",
    "relu": "enter(kernel, a0) if a0.size < 16384 else FORWARD",
    # one element would be a copy
    "select_index": "a0[at] if len(at) < a0.ndim else FORWARD",
    "insert_index": "a0[at] if len(at) < a0.ndim else FORWARD",
}

# Kernels: what computes a row in place of its forward, called with its arrays and then its attributes. They are for
# small arrays, where a Python frame is a large part of the cost.
KERNELS: dict[str, Callable] = {
    "relu": functools.partial(np.maximum, np.array(0, np.float32)),
    "mm": small_product,
    "sum_all": sum_all,
    "softmax_dim": softmax,
}


def load() -> Backend:
    """The back end of device type `cpu`."""
    return Backend(CPU, sys.modules[__name__], NATIVE, run, fast=True)


register("cpu", load)
