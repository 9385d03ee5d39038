"""`vmap`: a function of one example, called once for a whole batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .. import config
from ..ops.shapes import one_dim
from ..tensor import functions as fn
from ..tensor.batching import batch_in, batch_out, batched_over, is_batched
from ..tensor.tensor import Tensor
from ..xp.batch import Level
from .transform import name_of
from .tree import Structure, flatten, map_leaves, spread, unflatten


def vmap(
    func: Callable, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None
) -> Callable:
    """`func` for every slice of its inputs at once: the results have a new dim for the slices.

    in_dims, out_dims: which dim of each input is mapped over (None: the same for all slices), where the new dim goes in
    each output; a number for all, or nested like the inputs. randomness: "error", "different" or "same" random numbers
    for the slices. chunk_size: how many slices are computed at once.

    >>> vmap(lambda x, y: x @ y)(ones(3, 2), ones(3, 2))
    tensor([2., 2., 2.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        return vmap_call(func, in_dims, out_dims, randomness, chunk_size, args, kwargs)

    return mapped


def vmap_call(
    func: Callable, in_dims: Any, out_dims: Any, randomness: str, chunk_size: int | None, args: tuple, kwargs: dict
) -> Any:
    """What a mapped function does with its arguments."""
    size, dims, leaves, structure = split_inputs(in_dims, args, func)
    if chunk_size is None or chunk_size >= size:
        return _call(func, size, dims, leaves, structure, out_dims, randomness, kwargs)
    parts = []
    for start in range(0, size, chunk_size):
        stop = min(start + chunk_size, size)
        piece = [x if d is None else fn.narrow(x, d, start, stop - start) for x, d in zip(leaves, dims, strict=True)]
        parts.append(_call(func, stop - start, dims, piece, structure, out_dims, randomness, kwargs))
    return _concatenated(parts, out_dims)


def _concatenated(parts: list, out_dims: Any) -> Any:
    """The results of several chunks, one after the other along the mapped dim."""
    flat = [flatten(p) for p in parts]
    structure = flat[0][1]
    dims = spread(out_dims, structure, _is_dim)
    assert dims is not None
    joined = []
    for i, d in enumerate(dims):
        column = [leaves[i] for leaves, _ in flat]
        joined.append(column[0] if d is None else fn.cat(column, d))
    return unflatten(joined, structure)


def _is_dim(value: Any) -> bool:
    return value is None or isinstance(value, int) or not isinstance(value, (tuple, list, dict))


def split_inputs(in_dims: Any, args: tuple, func: Callable) -> tuple[int, list, list, Structure]:
    """(the number of slices, the mapped dim of each leaf, the leaves, their structure)."""
    name = name_of(func)
    if not isinstance(in_dims, int) and not isinstance(in_dims, tuple):
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): expected `in_dims` to be int or a (potentially nested) "
            "tuple "
            f"matching the structure of inputs, got: {type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
            "function with no inputs. The latter is unsupported."
        )
    leaves, structure = flatten(args)
    dims = spread(in_dims, structure, _is_dim)
    if dims is None:
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of "
            "`inputs`. "
            f"in_dims has structure {flatten(in_dims)[1]!r} but inputs has structure {structure!r}."
        )
    for i, (x, d) in enumerate(zip(leaves, dims, strict=True)):
        dims[i] = _checked_dim(x, d, f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)")
    sizes = [x._array.shape[d] for x, d in zip(leaves, dims, strict=True) if d is not None]
    if not sizes:
        raise ValueError("vmap: At least one of the inputs must be mapped over")
    if any(n != sizes[0] for n in sizes):
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the "
            "mapped "
            "dimension"
        )
    return sizes[0], dims, leaves, structure


def _checked_dim(x: Any, dim: Any, where: str) -> int | None:
    """The mapped dim of an input, counted from the front."""
    if dim is not None and not isinstance(dim, int):
        raise ValueError(
            f"{where}: Got in_dim={dim} for an input but in_dim must be either an integer dimension or None."
        )
    if dim is None:
        return None
    if not isinstance(x, Tensor):
        raise ValueError(
            f"{where}: Got in_dim={dim} for an input but the input is of type {type(x)}. We cannot vmap over "
            "non-Tensor "
            "arguments, please use None as the respective in_dim"
        )
    ndim = x._array.ndim
    if not -ndim <= dim < ndim:
        raise ValueError(
            f"{where}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality {ndim} so "
            "expected "
            f"in_dim to satisfy -{ndim} <= in_dim < {ndim}."
        )
    return dim % ndim


def _call(
    func: Callable,
    size: int,
    dims: list,
    leaves: list,
    structure: Structure,
    out_dims: Any,
    randomness: str,
    kwargs: dict,
) -> Any:
    """Call the function on one batch."""
    with batched_over(size, randomness) as level:
        inputs = [x if d is None else batch_in(x, level, d) for x, d in zip(leaves, dims, strict=True)]
        outputs = func(*unflatten(inputs, structure), **kwargs)
        return _results(outputs, level, out_dims, name_of(func))


def _results(outputs: Any, level: Level, out_dims: Any, name: str) -> Any:
    """The outputs with the batch as a dim."""
    leaves, structure = flatten(outputs)
    bad = [d for d in flatten(out_dims)[0] if d is not None and not isinstance(d, int)]
    if bad:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection of ints "
            "representing where in the outputs the vmapped dimension should appear."
        )
    single = isinstance(out_dims, tuple) and len(out_dims) == 1 and structure.kind is None
    dims = spread(out_dims[0] if single else out_dims, structure, _is_dim)
    if dims is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of "
            f"`outputs`. out_dims has structure {flatten(out_dims)[1]!r} but outputs has structure {structure!r}."
        )
    return unflatten([_result(y, level, d, name) for y, d in zip(leaves, dims, strict=True)], structure)


def _result(y: Any, level: Level, dim: int | None, name: str) -> Any:
    if dim is None:
        if isinstance(y, Tensor) and is_batched(y, level):
            raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
        return y
    if not isinstance(y, Tensor):
        raise ValueError(
            f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(y)}. Did you mean to set "
            "out_dims= to "
            "None for output?"
        )
    return batch_out(y, level, one_dim(dim, y._array.ndim + 1))


def unwrapped(tensor: Any, recurse: bool) -> Any:
    """The whole batch behind a tensor, inside of `vmap`."""
    levels = config.modes().levels
    while isinstance(tensor, Tensor) and tensor._kind.batched and levels:
        level = tensor._array.level
        tensor = batch_out(tensor, level, 0)
        if not recurse:
            break
    return tensor


__all__ = ["map_leaves", "unwrapped", "vmap", "vmap_call"]
