"""Counting: distinct values, bins and histograms, membership. Nothing here has a gradient, so arrays are enough."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from ...xp import numpy as xnp
from ..operands import result_dtype
from ..public import FUNCTIONS, public
from ..return_types import named
from ..tensor import KIND_BY_NUMBER, KINDS, Tensor, kind_of, make, wrap
from .arguments import mismatch

# ---- distinct values -------------------------------------------------------------------------------------------------


def _result(first: Tensor, rest: list[tuple[bool, Any]]) -> Any:
    """The distinct values, with what else was asked for."""
    extra = [wrap(xnp.astype(array, xnp.int64)) for wanted, array in rest if wanted]
    return (first, *extra) if extra else first


def _slices(name: str, input: Tensor, dim: int) -> tuple[Any, int]:
    """The array with `dim` first, and the axis."""
    axis = shapes.one_dim(dim, input.ndim)
    array = xnp.widen(input._array)
    if input.ndim and any(n == 0 for i, n in enumerate(array.shape) if i != axis):
        raise RuntimeError(f"There are 0 sized dimensions, and they aren't selected, so {name} cannot be applied")
    return xnp.moveaxis(array, axis, 0), axis


def _values(array: Any, input: Tensor) -> Tensor:
    return make(xnp.astype(array, input._kind.native, copy=False), KINDS[input.dtype])


@public()
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct values in ascending order, or the distinct slices along `dim`.

    With return_inverse also where each element went, with return_counts how often each occurs. Each nan is distinct.

    >>> unique(tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    if input.dtype.is_complex:
        raise errors.not_for_dtype("unique", input.dtype)
    if dim is None:
        array = xnp.widen(input._array)
        values, inverse, counts = xnp.unique(array, return_inverse=True, return_counts=True, equal_nan=False)
        wanted = [(return_inverse, inverse.reshape(array.shape)), (return_counts, counts)]
        return _result(_values(values, input), wanted)
    array, axis = _slices("unique", input, dim)
    if not array.size:
        none = xnp.zeros(0, xnp.int64)
        return _result(_values(xnp.moveaxis(array, 0, axis), input), [(return_inverse, none), (return_counts, none)])
    flat = array.reshape(len(array), array.size // len(array))
    # the last key counts most
    order = xnp.lexsort(flat.T[::-1])
    ordered = flat[order]
    fresh = _fresh(ordered)
    inverse = xnp.empty(len(order), xnp.int64)
    inverse[order] = xnp.cumulative_sum(fresh, dtype=xnp.int64) - 1
    kept = array[order[fresh]]
    return _result(
        _values(xnp.moveaxis(kept, 0, axis), input),
        [(return_inverse, inverse), (return_counts, _run_lengths(fresh))],
    )


def _fresh(rows: Any) -> Any:
    """Which rows differ from the one before."""
    fresh = xnp.ones(len(rows), dtype=xnp.bool_)
    differ = rows[1:] != rows[:-1]
    fresh[1:] = xnp.any(differ, axis=tuple(range(1, differ.ndim)))
    return fresh


def _run_lengths(fresh: Any) -> Any:
    starts = xnp.concat([fresh.nonzero()[0], [len(fresh)]])
    return starts[1:] - starts[:-1]


@public()
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The values, or the slices along `dim`, without those equal to the one before.

    >>> unique_consecutive(tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    if dim is None:
        array, axis = xnp.widen(input._array).reshape(-1), 0
        shape = input._array.shape
    else:
        array, axis = _slices("unique_consecutive", input, dim)
        shape = array.shape[:1]
    fresh = _fresh(array) if len(array) else xnp.zeros(0, dtype=xnp.bool_)
    inverse = (xnp.cumulative_sum(fresh, dtype=xnp.int64) - 1).reshape(shape)
    return _result(
        _values(xnp.moveaxis(array[fresh], 0, axis), input),
        [(return_inverse, inverse), (return_counts, _run_lengths(fresh) if len(array) else fresh)],
    )


# ---- membership ------------------------------------------------------------------------------------------------------

_OPTIONS = "*, bool assume_unique = False, bool invert = False, Tensor out = None)\n"
_ISIN = (
    f" * (Tensor elements, Tensor test_elements, {_OPTIONS}"
    f" * (Number element, Tensor test_elements, {_OPTIONS}"
    f" * (Tensor elements, Number test_element, {_OPTIONS}"
)


@public(method=False, out="exact")
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Which of `elements` are among `test_elements`; with invert, which are not. One of both may be a number.

    >>> isin(tensor([1, 2, 3]), tensor([2, 3]))
    tensor([False,  True,  True])
    """
    tensors = [x for x in (elements, test_elements) if isinstance(x, Tensor)]
    if not tensors:
        raise mismatch("isin", (elements, test_elements), _ISIN)
    for x in tensors:
        if x.dtype.is_complex or x.dtype is dtypes.bool_:
            raise RuntimeError(f"Unsupported input type encountered for isin(): {x.dtype.scalar_name}")
    native = KINDS[result_dtype((elements, test_elements))].wide.native
    a, b = (
        x._kind.xp.astype(x._array, native, copy=False) if isinstance(x, Tensor) else xnp.asarray(x, dtype=native)
        for x in (elements, test_elements)
    )
    xp = next((x._kind.xp for x in tensors if x._kind.batched), xnp)
    found = xp.isin(a, b, assume_unique=assume_unique, invert=invert)
    return make(found, kind_of(found)) if hasattr(found, "level") else wrap(found)


# ---- bins ------------------------------------------------------------------------------------------------------------


@public()
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number 0, 1, 2, … occurs in a 1-d tensor of integers; with weights, the sum of these.

    weights: of the same length. minlength: the result has at least this many elements.

    >>> bincount(tensor([1, 2, 2]))
    tensor([0, 1, 2])
    """
    dtype = input.dtype
    if dtype.is_floating_point or dtype.is_complex or dtype is dtypes.bool_:
        raise errors.not_for_dtype("bincount_cpu", dtype)
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    array = input._array
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is not None and weights._array.shape != array.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    native = dtypes.int64
    if weights is not None:
        native = dtypes.float32 if weights.dtype is dtypes.float32 else dtypes.float64
    heavy = None if weights is None else xnp.astype(weights._array, xnp.float64)
    counts = xnp.bincount(xnp.astype(array, xnp.int64), heavy, minlength)
    return make(xnp.astype(counts, KINDS[native].native), KINDS[native])


def _check_bins(bins: int) -> None:
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")


def _range(name: str, array: Any, low: float, high: float, given: bool, dim: int = 0) -> tuple[Any, Any]:
    """The outer edges of the bins: as given, or those of the data; of one value, one to each side of it."""
    if not given:
        low, high = (array.min(), array.max()) if array.size else (0, 1)
    if not (xnp.isfinite(low) and xnp.isfinite(high)):
        raise RuntimeError(
            f"{name}: dimension {dim}'s range [{low:g}, {high:g}] is not finite"
            if name != "torch.histc"
            else f"torch.histc: range of [{low:g}, {high:g}] is not finite"
        )
    if low > high:
        raise RuntimeError(
            "torch.histc: max must be larger than min"
            if name == "torch.histc"
            else f"{name}: min should not exceed max, but got min {low:g} max {high:g} for dimension {dim}"
        )
    if low == high:
        margin = 1 if name == "torch.histc" else 0.5
        low, high = low - margin, high + margin
    return low, high


@public(out="exact")
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements fall into each of `bins` equal intervals from `min` to `max` (both 0: those of the data).

    Elements outside, and nan, are not counted. In the dtype of the input.

    >>> histc(tensor([1., 2., 1.]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    if not input.dtype.is_floating_point:
        raise errors.not_for_dtype("histogram_cpu", input.dtype)
    _check_bins(bins)
    array = xnp.widen(input._array).reshape(-1)
    low, high = _range("torch.histc", array, min, max, min != max)
    kept = array[xnp.logical_and(array >= low, array <= high)]
    place = xnp.astype((kept - low) * bins / (high - low), xnp.int64)
    counts = xnp.bincount(xnp.minimum(place, bins - 1), None, bins)
    return make(xnp.astype(counts, input._kind.native), KINDS[input.dtype])


def _edges(array: Any, bins: int, low: Any, high: Any, dtype: Any) -> Any:
    """`bins + 1` equally spaced edges."""
    return FUNCTIONS["linspace"](float(low), float(high), bins + 1, dtype=dtype)._array


def _places(array: Any, edges: Any) -> tuple[Any, Any]:
    """The bin of each value, and whether it has one: a bin holds its lower edge, the last one its upper edge too."""
    place = xnp.searchsorted(edges, array, side="right") - 1
    place = xnp.where(array == edges[-1], len(edges) - 2, place)
    return place, xnp.logical_and(array >= edges[0], array <= edges[-1])


def _count(places: list, inside: Any, sizes: list[int], weight: Any, dtype: Any) -> Any:
    """How many points, or how much weight, each cell of a grid holds."""
    flat = places[0]
    for place, size in zip(places[1:], sizes[1:], strict=True):
        flat = flat * size + place
    total = shapes.numel(sizes)
    heavy = None if weight is None else xnp.astype(weight[inside], xnp.float64)
    return xnp.astype(xnp.bincount(flat[inside], heavy, total), dtype).reshape(sizes)


def _histogram(
    points: Any, bins: list, bounds: Any, weight: Any, density: bool, dtype: dtypes.dtype
) -> tuple[Any, list]:
    """Points (n, dims) counted in a grid. bins: for each dim a number or the edges."""
    places, edges, inside = [], [], True
    if bounds is not None and len(bounds) != 2 * len(bins):
        raise RuntimeError(
            f"torch.histogramdd: for a {len(bins)}-dimensional histogram range should have {2 * len(bins)} elements, "
            f"but got {len(bounds)}"
        )
    for d, b in enumerate(bins):
        column = points[:, d]
        if isinstance(b, Tensor):
            edge = b._array
        else:
            given = bounds is not None
            low, high = (bounds[2 * d], bounds[2 * d + 1]) if given else (0, 0)
            low, high = _range("torch.histogramdd", column, low, high, given, d)
            edge = _edges(column, b, low, high, dtype)
        place, within = _places(column, edge)
        places.append(place)
        edges.append(edge)
        inside = xnp.logical_and(inside, within)
    sizes = [len(e) - 1 for e in edges]
    counts = _count(places, inside, sizes, weight, points.dtype)
    if density:
        counts = counts / counts.sum()
        for d, edge in enumerate(edges):
            counts = counts / (edge[1:] - edge[:-1]).reshape(-1, *(1,) * (len(sizes) - d - 1))
    return counts, edges


def _judge(input: Tensor, weight: Any, bins: list, range: Any) -> None:
    for d, b in enumerate(bins):
        if isinstance(b, Tensor) and b.dtype is not input.dtype:
            raise RuntimeError(
                "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
                f"{errors.c_name(input.dtype)} and bins for dimension {d} with dtype {errors.c_name(b.dtype)}"
            )
    if input.dtype not in (dtypes.float32, dtypes.float64):
        whole = range is None and not any(isinstance(b, Tensor) for b in bins)
        raise errors.not_for_dtype("histogramdd" if whole else "histogram_cpu", input.dtype)
    if weight is not None and weight.dtype is not input.dtype:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same "
            f"dtype, but got input({errors.c_name(input.dtype)}), and weight({errors.c_name(weight.dtype)})"
        )


@public(out="exact")
def histogram(
    input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> Any:
    """How many elements fall into each bin, as (hist, bin_edges).

    bins: a number of equal intervals in `range` (by default that of the data), or the edges (n + 1,). weight: how much
    each element counts. density: divide by the total and by the widths.

    >>> histogram(tensor([1., 2., 1.]), bins=2, range=(0., 4.)).hist
    tensor([2., 1.])
    """
    _judge(input, weight, [bins], range)
    if isinstance(bins, int):
        _check_bins(bins)
    elif bins.ndim != 1:
        raise RuntimeError(
            f"torch.histogramdd: bins tensor should have one dimension, but got {bins.ndim} dimensions in the bins "
            "tensor for dimension 0"
        )
    if weight is not None and weight._array.shape != input._array.shape:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
            f"excluding its innermost dimension, but got input with shape {[input.numel(), 1]} and weight with shape "
            f"{list(weight.shape)}"
        )
    points = input._array.reshape(-1, 1)
    heavy = None if weight is None else weight._array.reshape(-1)
    counts, edges = xnp.run(_histogram, points, [bins], range, heavy, density, input.dtype)
    kind = KIND_BY_NUMBER[input._array.dtype.num]
    return named("histogram")([make(counts, kind), bins if isinstance(bins, Tensor) else make(edges[0], kind)])


@public(method=False)
def histogramdd(
    input: Tensor, bins: Any, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> Any:
    """Points, the rows of `input` (*, D), counted in a grid of D dimensions, as (hist, bin_edges).

    bins: a number, one for each dim, or the edges for each dim. range: 2 * D numbers.

    >>> histogramdd(tensor([[0., 0.], [1., 1.]]), bins=[2, 2]).hist
    tensor([[1., 0.],
            [0., 1.]])
    """
    if input.ndim < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    dims = input.shape[-1]
    many = [bins] * dims if isinstance(bins, int) else list(bins)
    if len(many) != dims:
        tensors = any(isinstance(b, Tensor) for b in many)
        raise RuntimeError(
            f"torch.histogramdd: expected {dims} sequences of bin edges for a {dims}-dimensional histogram but got "
            f"{len(many)}"
            if tensors
            else "histogramdd: The size of bins must be equal to the innermost dimension of the input."
        )
    _judge(input, weight, many, range)
    points = input._array.reshape(-1, dims)
    heavy = None if weight is None else weight._array.reshape(-1)
    counts, edges = xnp.run(_histogram, points, many, range, heavy, density, input.dtype)
    kind = KIND_BY_NUMBER[input._array.dtype.num]
    return named("histogramdd")([make(counts, kind), tuple([make(e, kind) for e in edges])])
