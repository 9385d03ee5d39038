"""Sums, means, products, extremes, and what is true of all or any, in PyTorch's signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import config, dtypes, errors
from ...config import state
from ...device import Kind
from ...ops import shapes
from ...ops.table import TABLE
from ...xp import numpy as xnp
from .. import rows
from ..operands import type_name
from ..public import FUNCTIONS, METHODS, public
from ..recording import record
from ..return_types import named
from ..tensor import KINDS, Tensor, current_edge, make
from .arguments import mismatch

INT64 = KINDS[dtypes.int64]
BOOL = KINDS[dtypes.bool_]
asarray = xnp.asarray
enter = xnp.run

_DIMS = """ * (Tensor input, *, torch.dtype dtype = None)
 * (Tensor input, tuple of ints dim, bool keepdim = False, *, torch.dtype dtype = None, Tensor out = None)
"""
_EXTREME = """ * (Tensor input, *, Tensor out = None)
 * (Tensor input, Tensor other, *, Tensor out = None)
 * (Tensor input, int dim, bool keepdim = False, *, tuple of Tensors out = None)
"""


# ---- arguments -------------------------------------------------------------------------------------------------------


def is_floating(x: Tensor) -> bool:
    """Whether the elements are real or complex floating-point numbers."""
    dtype = x._kind.dtype
    return dtype.is_floating_point or dtype.is_complex


def one_integer(name: str, argument: str, position: int, value: Any) -> int:
    """A number of an argument that is an int, also where it comes as a 0-d integer tensor or from NumPy."""
    if type(value) is int:
        return value
    if not isinstance(value, (bool, float, complex)) and hasattr(value, "__index__"):
        try:
            return value.__index__()
        except (TypeError, ValueError, RuntimeError):
            pass
    raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be int, not {type_name(value)}")


def check_keepdim(name: str, keepdim: Any, position: int = 3) -> None:
    if type(keepdim) is not bool:
        raise TypeError(f"{name}(): argument 'keepdim' (position {position}) must be bool, not {type_name(keepdim)}")


def several_dims(name: str, input: Tensor, dim: Any, signatures: str | None = None) -> tuple[int, ...] | None:
    """A dim argument that may be a number or several, as a tuple; none and () mean all dims."""
    if dim is None or type(dim) is int:
        return None if dim is None else (dim,)
    try:
        if isinstance(dim, (tuple, list)):
            return tuple([one_integer(name, "dim", 2, d) for d in dim]) or None
        return (one_integer(name, "dim", 2, dim),)
    except TypeError:
        if signatures is not None:
            raise mismatch(name, (input, dim), signatures) from None
        raise TypeError(f"{name}(): argument 'dim' (position 2) must be tuple of ints, not {type_name(dim)}") from None


# whose message names the dim as the caller did
_AS_GIVEN = ("amax", "amin")


def check_not_empty(
    name: str, input: Tensor, dims: tuple[int, ...] | None, error: type[Exception] = RuntimeError
) -> None:
    """An extreme of nothing does not exist."""
    shape = input._array.shape
    if dims is None:
        if 0 in shape:
            hint = " Specify the reduction dim with the 'dim' argument." if error is RuntimeError else ""
            raise error(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.{hint}")
        return
    for d in dims:
        axis = shapes.one_dim(d, len(shape))
        if shape and not shape[axis]:
            label = "aminmax" if name == "aminmax" else f"{name}()"
            raise IndexError(
                f"{label}: Expected reduction dim {d if name in _AS_GIVEN else axis} to have non-zero size."
            )


def in_dtype(input: Tensor, dtype: Any) -> Tensor:
    """The tensor, converted where another dtype was asked for."""
    return input if dtype is None or dtype is input._kind.dtype else rows.to_copy(input, dtype=dtype)


# ---- the short way ---------------------------------------------------------------------------------------------------
#
# The most used reductions have a way past the general wrapper, which costs as much as a small sum. It is taken for
# NumPy arrays of plain dtypes, `dim` absent or one number, and no mode in force.

PLAIN = {kind for kind in KINDS.values() if kind.plain}


def dressed(called: Callable, general: Callable, name: str) -> None:
    """Put a short way in the place of the general function."""
    called.__name__ = called.__qualname__ = name
    called.__module__ = "torch"
    called.__doc__ = general.__doc__
    called.__wrapped__ = general.__wrapped__  # type: ignore[attr-defined]
    FUNCTIONS[name] = METHODS[name] = called


def shorten(name: str, integers: Callable | None = None) -> None:
    """For a function with a gradient: straight to its rows; for integers, if given, to a kernel that gives int64."""
    general = FUNCTIONS[name]
    whole, some = f"{name}_all", f"{name}_dims"

    def called(input: Any, dim: Any = None, keepdim: Any = False, **rest: Any) -> Any:
        if dim is None and keepdim is False and not rest and type(input) is Tensor and input._kind.inexact:
            return getattr(rows, whole)(input)
        if (
            not rest
            and type(input) is Tensor
            and (dim is None and keepdim is False or type(dim) is int and type(keepdim) is bool)
        ):
            kind = input._kind
            if kind.inexact:
                return getattr(rows, some)(input, dim, keepdim)
            array = input._array
            if integers is not None and kind.plain and not state.special and in_range(dim, array.ndim):
                return make(asarray(integers(array, dim, INT64.native, keepdim)), INT64)  # type: ignore[misc]
        return general(*positional(input, dim, keepdim, rest), **rest)

    dressed(called, general, name)


def shorten_kernel(name: str, kernel: Callable, kinds: Any, result: Kind) -> None:
    """For a function without a gradient: straight to its kernel."""
    general = FUNCTIONS[name]

    def called(input: Any, dim: Any = None, keepdim: Any = False, **rest: Any) -> Any:
        if not rest and type(input) is Tensor and input._kind in kinds and not state.special and keepdim is False:
            array = input._array
            if in_range(dim, array.ndim) and array.size:
                return make(asarray(kernel(array, dim)), result)  # type: ignore[misc]
        return general(*positional(input, dim, keepdim, rest), **rest)

    dressed(called, general, name)


def shorten_extreme(name: str, where: Callable, extreme: Callable) -> None:
    """For `max` and `min`: kernels where no gradient is wanted."""
    general = FUNCTIONS[name]
    whole = f"{name}_all"
    result = named(name)
    new_tuple = tuple.__new__

    def called(input: Any, dim: Any = None, keepdim: Any = False, **rest: Any) -> Any:
        if not rest and type(input) is Tensor and type(keepdim) is bool and input._kind.plain:
            array = input._array
            if dim is None and keepdim is False and array.size:
                if array.dtype.kind == "f":
                    return getattr(rows, whole)(input)
                if array.dtype.kind != "c" and not state.special:
                    return make(asarray(extreme(array, None)), input._kind)  # type: ignore[misc]
            free = type(dim) is int and input._view is None is input._edge and not state.special
            if free and -array.ndim <= dim < array.ndim and 0 < array.size < 4096 and array.dtype.kind != "c":
                values = make(asarray(extreme(array, dim, None, None, keepdim)), input._kind)  # type: ignore[misc]
                return new_tuple(result, (values, make(asarray(where(array, dim, keepdim)), INT64)))  # type: ignore[misc]
        return general(*positional(input, dim, keepdim, rest), **rest)

    dressed(called, general, name)


def pair(name: str) -> Callable:
    """A row that gives (values, indices), without the general path's bookkeeping: half of its 10 µs."""
    row = TABLE[name]
    forward, attributes = row.forward, row.attributes
    result = named(name.removesuffix("_dim"))
    new_tuple = tuple.__new__

    def called(input: Tensor, *values: Any) -> Any:
        kind = input._kind
        if not kind.plain or state.special:
            return getattr(rows, name)(input, *values)
        array = input._array
        edge = input._edge if input._view is None else current_edge(input)
        found = [asarray(a) for a in enter(forward, xnp, array, *values)]  # type: ignore[misc]
        outputs = [make(found[0], kind), make(found[1], INT64)]
        if edge is not None:
            getattr(rows, name)  # binding makes the class of the node
            given = dict(zip(attributes, values, strict=False))
            record(row, [array], (edge,), given, found, outputs, False, kind, config.modes())
        return new_tuple(result, outputs)

    return called


def in_range(dim: Any, ndim: int) -> bool:
    """Whether `dim` is absent or one of the dims."""
    return dim is None or type(dim) is int and -ndim <= dim < ndim


def positional(input: Any, dim: Any, keepdim: Any, rest: dict) -> tuple:
    """The arguments as the caller gave them; a dim named as NumPy names it is taken out of the others."""
    if dim is None:
        dim = rest.pop("axis", None)
    return (input, dim, keepdim) if keepdim is not False else (input,) if dim is None else (input, dim)


# ---- sums and means --------------------------------------------------------------------------------------------------


@public(name="sum", out=True)
def sum_(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim` (a number, several, or all). Integers and bools are summed as int64 unless `dtype` is given.

    >>> sum(tensor([[1, 2], [3, 4]]), dim=1)
    tensor([3, 7])
    """
    dims = several_dims("sum", input, dim, _DIMS)
    check_keepdim("sum", keepdim, 2)
    if not is_floating(input) if dtype is None else not (dtype.is_floating_point or dtype.is_complex):
        return in_dtype(rows.sum_integers(in_dtype(input, dtype), dims, keepdim), dtype)
    input = in_dtype(input, dtype)
    if dims is None and not keepdim and dim is None:
        return rows.sum_all(input)
    return rows.sum_dims(input, dims, keepdim)


@public(out=True)
def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` (a number, several, or all). The mean of nothing is nan.

    Raises RuntimeError for integers and bools, unless a floating `dtype` is given.

    >>> mean(tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([2., 3.])
    """
    dims = several_dims("mean", input, dim, _DIMS)
    check_keepdim("mean", keepdim, 2)
    found = dtype or input._kind.dtype
    if not (found.is_floating_point or found.is_complex):
        raise RuntimeError(
            f"mean(): could not infer output dtype. {'Input' if dtype is None else 'Optional'} dtype must be either a "
            f"floating point or complex dtype. Got: {found.scalar_name}\n"
            "  The mean of integers is a fraction: convert first, x.float().mean(), or say x.mean(dtype=torch.float32)."
        )
    input = in_dtype(input, dtype)
    if dims is None and not keepdim and dim is None:
        return rows.mean_all(input)
    return rows.mean_dims(input, dims, keepdim)


@public(out=True)
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim` of the values that are not nan.

    >>> nansum(tensor([1., nan, 2.]))
    tensor(3.)
    """
    if input._kind.dtype.is_complex or (dtype is not None and dtype.is_complex):
        raise RuntimeError("nansum on CPU does not support complex inputs")
    dims = several_dims("nansum", input, dim, _DIMS)
    check_keepdim("nansum", keepdim)
    if not is_floating(input) or dtype is not None and not dtype.is_floating_point:
        return sum_(input, dim, keepdim, dtype=dtype)
    input = in_dtype(input, dtype)
    return rows.nansum_dims(input, dims, keepdim)


@public(out=True)
def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` of the values that are not nan.

    >>> nanmean(tensor([1., nan, 3.]))
    tensor(2.)
    """
    if not is_floating(input):
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input._kind.dtype.scalar_name}"
        )
    total = nansum(input, dim, keepdim, dtype=dtype)
    dims = several_dims("nanmean", input, dim)
    return total / rows.sum_integers(input == input, dims, keepdim)


@public(out=True)
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product along `dim`, or of everything. Integers and bools are multiplied as int64 unless `dtype` is given.

    >>> prod(tensor([[1., 2.], [3., 4.]]), 1)
    tensor([ 2., 12.])
    """
    if dim is not None:
        try:
            dim = one_integer("prod", "dim", 2, dim)
        except TypeError:
            raise mismatch("prod", (input, dim), _DIMS.replace("tuple of ints", "int")) from None
    check_keepdim("prod", keepdim)
    input = in_dtype(input, dtype)
    if not is_floating(input):
        return in_dtype(rows.prod_integers(input, dim, keepdim), dtype)
    return rows.prod_all(input) if dim is None else rows.prod_dim(input, dim, keepdim)


# ---- extremes --------------------------------------------------------------------------------------------------------


def _extreme(name: str, elementwise: str, input: Tensor, dim: Any, keepdim: Any) -> Any:
    """What `max` and `min` share: three functions under one name."""
    if type(keepdim) is not bool:
        raise mismatch(name, (input, dim, keepdim), _EXTREME)
    if dim is None:
        if input._kind.dtype.is_complex:
            raise errors.not_for_dtype(f"{name}_all", input._kind.dtype)
        check_not_empty(name, input, None)
        return getattr(rows, f"{name}_all")(input)
    if isinstance(dim, Tensor):
        return (
            FUNCTIONS[elementwise](input, dim) if elementwise in FUNCTIONS else getattr(rows, elementwise)(input, dim)
        )
    try:
        dim = one_integer(name, "dim", 2, dim)
    except TypeError:
        raise mismatch(name, (input, dim), _EXTREME) from None
    if input._kind.dtype.is_complex:
        raise RuntimeError(f"{name}(): does not support complex input")
    check_not_empty(name, input, (dim,))
    return _PAIRS[name](input, dim, keepdim)


@public(name="max", out="exact")
def max_(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest of all values; or (values, indices) along `dim`; or, for a second tensor, the elementwise maximum.

    A nan counts as the largest. Of equal values the first is taken.

    >>> max(tensor([[1., 5.], [7., 2.]]), dim=1).indices
    tensor([1, 0])
    """
    return _extreme("max", "maximum", input, dim if other is None else other, keepdim)


@public(name="min", out="exact")
def min_(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest of all values; or (values, indices) along `dim`; or, for a second tensor, the elementwise minimum.

    A nan counts as the smallest. Of equal values the first is taken.

    >>> min(tensor([[1., 5.], [7., 2.]]), dim=1).indices
    tensor([0, 1])
    """
    return _extreme("min", "minimum", input, dim if other is None else other, keepdim)


def _amax_or_amin(name: str, kernel: str, input: Tensor, dim: Any, keepdim: bool) -> Tensor:
    dims = several_dims(name, input, dim)
    check_keepdim(name, keepdim)
    if input._kind.dtype.is_complex:
        raise errors.not_for_dtype(kernel, input._kind.dtype)
    check_not_empty(name, input, dims)
    return getattr(rows, name)(input, dims, keepdim)


@public(out="exact")
def amax(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The largest value over `dim` (a number, several, or all). Equal values share the gradient evenly.

    >>> amax(tensor([[1., 5.], [7., 2.]]), dim=0)
    tensor([7., 5.])
    """
    return _amax_or_amin("amax", "max_values_cpu", input, dim, keepdim)


@public(out="exact")
def amin(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The smallest value over `dim` (a number, several, or all). Equal values share the gradient evenly.

    >>> amin(tensor([[1., 5.], [7., 2.]]), dim=0)
    tensor([1., 2.])
    """
    return _amax_or_amin("amin", "min_values_cpu", input, dim, keepdim)


@public(out="exact")
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest and the largest value along `dim`, or of everything, as (min, max).

    >>> aminmax(tensor([1., 5., 2.])).max
    tensor(5.)
    """
    if input._kind.dtype.is_complex:
        raise errors.not_for_dtype("aminmax", input._kind.dtype)
    if dim is None:
        if not input._array.size:
            raise RuntimeError(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
            )
        return rows.aminmax_dim(input, None, keepdim)
    dim = one_integer("aminmax", "dim", 2, dim)
    check_not_empty("aminmax", input, (dim,))
    return rows.aminmax_dim(input, (dim,), keepdim)


def _where_extreme(name: str, input: Tensor, dim: Any, keepdim: Any) -> Tensor:
    if dim is not None:
        dim = one_integer(name, "dim", 2, dim)
    check_keepdim(name, keepdim)
    dtype = input._kind.dtype
    if dtype.is_complex or dtype is dtypes.bool_:
        raise RuntimeError(f"{name}(): does not support {'complex' if dtype.is_complex else 'bool'} input")
    check_not_empty(name, input, None if dim is None else (dim,), IndexError)
    return getattr(rows, f"{name}_dim")(input, dim, keepdim)


@public(out="exact")
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The first index of the largest value along `dim`, or in the flattened tensor. int64.

    >>> argmax(tensor([[1., 5.], [7., 2.]]), dim=1)
    tensor([1, 0])
    """
    return _where_extreme("argmax", input, dim, keepdim)


@public(out="exact")
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The first index of the smallest value along `dim`, or in the flattened tensor. int64.

    >>> argmin(tensor([[1., 5.], [7., 2.]]), dim=1)
    tensor([0, 1])
    """
    return _where_extreme("argmin", input, dim, keepdim)


# ---- truth -----------------------------------------------------------------------------------------------------------

_TRUTH = """ * (Tensor input, *, Tensor out = None)
 * (Tensor input, tuple of ints dim = None, bool keepdim = False, *, Tensor out = None)
 * (Tensor input, int dim, bool keepdim = False, *, Tensor out = None)
"""


def _truth(name: str, input: Tensor, dim: Any, keepdim: Any) -> Tensor:
    if type(keepdim) is not bool:
        raise mismatch(name, (input, dim, keepdim), _TRUTH)
    if isinstance(dim, (tuple, list)) and not dim:
        # unlike sums, no dims mean none here
        result = input != 0  # type: ignore[comparison-overlap]
    else:
        result = getattr(rows, f"{name}_dims")(input, several_dims(name, input, dim, _TRUTH), keepdim)
    return rows.to_copy(result, dtype=dtypes.uint8) if input._kind.dtype is dtypes.uint8 else result  # type: ignore[return-value]


@public(name="all", out=True)
def all_(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether no value is zero, over `dim` (a number, several, or all). bool, but uint8 for uint8.

    >>> all(tensor([[True, False], [True, True]]), dim=1)
    tensor([False,  True])
    """
    return _truth("all", input, dim, keepdim)


@public(name="any", out=True)
def any_(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether some value is not zero, over `dim` (a number, several, or all). bool, but uint8 for uint8.

    >>> any(tensor([[True, False], [False, False]]), dim=1)
    tensor([ True, False])
    """
    return _truth("any", input, dim, keepdim)


_PAIRS = {"max": pair("max_dim"), "min": pair("min_dim")}
shorten("sum", lambda array, dim, dtype, keepdim: xnp.sum(array, dim, dtype, keepdim))
shorten("mean")
shorten_extreme("max", xnp.argmax, xnp.maximum.reduce)  # type: ignore[attr-defined]
shorten_extreme("min", xnp.argmin, xnp.minimum.reduce)  # type: ignore[attr-defined]
_ORDERED = {kind for kind in PLAIN if kind.native.kind in "iuf"}
shorten_kernel("argmax", xnp.argmax, _ORDERED, INT64)
shorten_kernel("argmin", xnp.argmin, _ORDERED, INT64)
_NOT_BYTES = PLAIN - {KINDS[dtypes.uint8]}
shorten_kernel("all", xnp.all, _NOT_BYTES, BOOL)
shorten_kernel("any", xnp.any, _NOT_BYTES, BOOL)
