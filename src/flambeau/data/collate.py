"""From a list of samples to one batch: numbers and arrays become tensors with a first dimension more."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

from .. import dtypes
from ..tensor import functions as fn
from ..tensor.tensor import Tensor, make
from ..xp import numpy as xnp

# NumPy's arrays of text and of objects cannot become tensors
_TEXT_OR_OBJECT = re.compile(r"[SaUO]")


# in a worker process: makes arrays of bytes where the main process will find them, or None
allocate: Callable[[int], Any] | None = None


def default_collate(batch: Any) -> Any:
    """One batch of a list of samples.

    Tensors are stacked along a new first dimension, NumPy arrays and numbers become tensors, text stays a list; dicts,
    tuples, named tuples and lists are collated item by item. Raises TypeError for anything else.

    >>> default_collate([{"x": 1, "y": 2.0}, {"x": 3, "y": 4.0}])
    {'x': tensor([1, 3]), 'y': tensor([2., 4.], dtype=torch.float64)}
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)


def collate(batch: Any, *, collate_fn_map: dict[Any, Callable] | None = None) -> Any:
    """As `default_collate`, with functions of one's own: a dict from the type of a sample to `f(batch, *, map)`."""
    first = batch[0]
    kind = type(first)
    if collate_fn_map is not None:
        function = collate_fn_map.get(kind)
        if function is None:
            function = next((f for types, f in collate_fn_map.items() if isinstance(first, types)), None)
        if function is not None:
            return function(batch, collate_fn_map=collate_fn_map)

    def joined(samples: Any) -> Any:
        return collate(samples, collate_fn_map=collate_fn_map)

    if isinstance(first, Mapping):
        return _like_mapping(first, lambda key: joined([sample[key] for sample in batch]))
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return kind(*(joined(samples) for samples in zip(*batch, strict=False)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        columns = list(zip(*batch, strict=False))
        if isinstance(first, tuple):
            return [joined(samples) for samples in columns]
        return _like_sequence(first, columns, joined)
    raise TypeError(_unknown(kind))


def _unknown(kind: Any) -> str:
    return f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"


def _like_mapping(first: Any, item: Callable[[Any], Any]) -> Any:
    """A mapping of the type of `first` with other values; a dict where that type cannot be made so."""
    try:
        if isinstance(first, MutableMapping):
            # a copy keeps what else the object has
            result = copy.copy(first)
            result.update({key: item(key) for key in first})
            return result
        return type(first)({key: item(key) for key in first})
    except TypeError:
        return {key: item(key) for key in first}


def _like_sequence(first: Any, items: Sequence[Any], change: Callable[[Any], Any]) -> Any:
    """A sequence of the type of `first` of the changed items; a list where that type cannot be made so."""
    try:
        if isinstance(first, MutableSequence):
            result = copy.copy(first)
            for i, item in enumerate(items):
                result[i] = change(item)
            return result
        return type(first)([change(item) for item in items])  # type: ignore[call-arg]
    except TypeError:
        return [change(item) for item in items]


def collate_tensor_fn(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    """Stack tensors of equal shape."""
    first = batch[0]
    kind = getattr(first, "_kind", None)
    if kind is None or not kind.local:
        if getattr(first, "is_nested", False) or getattr(first, "is_sparse", False):
            what = "nested" if getattr(first, "is_nested", False) else "sparse"
            raise RuntimeError(
                f"Batches of {what} tensors are not currently supported by the default collate_fn; please provide a "
                "custom collate_fn to handle them appropriately."
            )
        return fn.stack(list(batch), 0)
    shape = first._array.shape
    for t in batch:
        if type(t) is not Tensor or t._kind is not kind or t._array.shape != shape or t.requires_grad:
            return fn.stack(list(batch), 0)
    if not shape:
        return make(xnp.asarray([t._array.item() for t in batch], kind.native), kind)
    place = empty_batch(len(batch), first)
    # joining along the first dimension needs no view of each sample with a dimension more
    xnp.np.concatenate([t._array for t in batch], axis=0, out=place.reshape(len(batch) * shape[0], *shape[1:]))
    return make(place, kind)


def empty_batch(count: int, sample: Tensor) -> Any:
    """An array for a batch of tensors like `sample`; in a worker process one that can be handed over as it is."""
    array = sample._array
    octets = None if allocate is None else allocate(count * array.nbytes)
    if octets is None:
        return xnp.empty((count, *array.shape), dtype=array.dtype)
    return octets.view(array.dtype).reshape(count, *array.shape)


def collate_numpy_array_fn(batch: Any, *, collate_fn_map: Any = None) -> Any:
    """NumPy arrays as one tensor."""
    if _TEXT_OR_OBJECT.search(batch[0].dtype.str) is not None:
        raise TypeError(_unknown(batch[0].dtype))
    return collate([fn.as_tensor(array) for array in batch], collate_fn_map=collate_fn_map)


def collate_numpy_scalar_fn(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    """NumPy numbers as one tensor."""
    return fn.as_tensor(batch)


def collate_float_fn(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    """Python floats as a tensor of float64."""
    return fn.tensor(batch, dtype=dtypes.float64)


def collate_int_fn(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    """Python integers, or bools, as one tensor."""
    return fn.tensor(batch)


def collate_str_fn(batch: Any, *, collate_fn_map: Any = None) -> Any:
    """Text stays as it is."""
    return batch


default_collate_fn_map: dict[Any, Callable] = {
    Tensor: collate_tensor_fn,
    xnp.ndarray: collate_numpy_array_fn,
    (xnp.np.bool_, xnp.np.number, xnp.np.object_): collate_numpy_scalar_fn,
    float: collate_float_fn,
    int: collate_int_fn,
    str: collate_str_fn,
    bytes: collate_str_fn,
}


def default_convert(data: Any) -> Any:
    """NumPy arrays and numbers in `data`, at any depth of dicts, tuples and lists, as tensors; the rest as it is.

    >>> default_convert([1, (2, "a")])
    [1, [2, 'a']]
    """
    kind = type(data)
    if isinstance(data, Tensor):
        return data
    if kind.__module__ == "numpy" and kind.__name__ not in ("str_", "string_"):
        if kind.__name__ == "ndarray" and _TEXT_OR_OBJECT.search(data.dtype.str) is not None:
            return data
        return fn.as_tensor(data)
    if isinstance(data, Mapping):
        return _like_mapping(data, lambda key: default_convert(data[key]))
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return kind(*(default_convert(d) for d in data))
    if isinstance(data, tuple):
        return [default_convert(d) for d in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like_sequence(data, data, default_convert)
    return data
