"""Sparse tensors with their dims in another order, more or fewer of them, and joined along one."""

from __future__ import annotations

from typing import Any

from ...ops.shapes import one_dim
from ...xp import numpy as xnp
from ...xp.sparse import Coo, refused
from ..public import FUNCTIONS
from ..tensor import Tensor, wrap
from .sparse import is_sparse, of_values, record, values_of


def permute(input: Tensor, dims: Any, name: str = "PermuteBackward0") -> Tensor:
    x = input._array
    order = [one_dim(d, x.ndim) for d in dims]
    count = x.indices.shape[0]
    if order[count:] != list(range(count, x.ndim)):
        raise RuntimeError("sparse transpose: transposed dimensions must be sparse")
    coalesced = x.coalesced and order == sorted(order)
    array = Coo(x.indices[order[:count]], x.values, [x.shape[d] for d in order], coalesced)
    back = sorted(range(x.ndim), key=order.__getitem__)
    return record(name, array, (input,), (lambda g: g.permute(back),))


def transpose(input: Tensor, dim0: int, dim1: int, name: str = "TransposeBackward0") -> Tensor:
    ndim, count = input._array.ndim, input._array.indices.shape[0]
    a, b = one_dim(dim0, ndim), one_dim(dim1, ndim)
    if a >= count or b >= count:
        raise RuntimeError(
            f"sparse transpose: transposed dimensions must be sparse Got sparse_dim: {count}, d0: {a}, d1: {b}"
        )
    order = list(range(ndim))
    order[a], order[b] = b, a
    return permute(input, order, name=name)


def t(input: Tensor) -> Tensor:
    sparse, dense = input._array.split
    if len(sparse) > 2 or dense:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 sparse and 0 dense dimensions, but got {len(sparse)} sparse and "
            f"{len(dense)} dense dimensions"
        )
    return transpose(input, 0, len(sparse) - 1, "TBackward0")


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    x = input._array
    dim, count = one_dim(dim, x.ndim + 1), x.indices.shape[0]
    shape = (*x.shape[:dim], 1, *x.shape[dim:])
    if dim > count:
        values = values_of(input).unsqueeze(dim - count + 1)  # type: ignore[attr-defined]
        return of_values(x, values, "Unsqueeze", shape)
    rows = [*x.indices[:dim], xnp.zeros_like(x.keys()), *x.indices[dim:]]
    return of_values(Coo(xnp.stack(rows), x.values, shape), values_of(input), "Unsqueeze")


def select(input: Tensor, dim: int, index: int) -> Tensor:
    x = input._array
    dim, count = one_dim(dim, x.ndim), x.indices.shape[0]
    if not -x.shape[dim] <= index < x.shape[dim]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(x.shape)} at dimension {dim}\n"
            f"  index {index} is out of bounds for dimension {dim} with size {x.shape[dim]}"
        )
    values = values_of(input)
    shape = (*x.shape[:dim], *x.shape[dim + 1 :])
    if dim >= count:
        return of_values(x, values.select(dim - count + 1, index), "Select", shape)  # type: ignore[attr-defined]
    kept = xnp.nonzero(x.indices[dim] == index % x.shape[dim])[0]
    values = values.index_select(0, wrap(kept))
    if count == 1:
        return values.sum(0)
    others = [d for d in range(count) if d != dim]
    return of_values(Coo(x.indices[others][:, kept], values._array, shape, x.coalesced), values, "Select")


def cat(tensors: Any, dim: int = 0) -> Tensor:
    for i, one in enumerate(tensors):
        if not is_sparse(one):
            raise RuntimeError(f"Concatenating sparse tensors, but a dense tensor was found at position {i}.")
    arrays = [one._array for one in tensors]
    first, total = arrays[0], 0
    dim, count = one_dim(dim, first.ndim), first.indices.shape[0]
    parts, shape = [], list(first.shape)
    for i, x in enumerate(arrays):
        if x.indices.shape[0] != count or any(
            n != m and d != dim for d, (n, m) in enumerate(zip(x.shape, shape, strict=True))
        ):
            raise RuntimeError(
                f"All tensors must have the same shape: {shape} (except in the concatenating dimension), but found "
                f"shape: {list(x.shape)} at index {i}"
            )
        moved = x.indices.copy()
        if dim < count:
            moved[dim] += total
        parts.append(moved)
        total += x.shape[dim]
    if dim >= count:
        raise refused("cat")
    shape[dim] = total
    values = FUNCTIONS["cat"]([values_of(one) for one in tensors])
    return of_values(Coo(xnp.concat(parts, 1), values._array, shape), values, "Cat")


def stack(tensors: Any, dim: int = 0) -> Tensor:
    return cat([unsqueeze(one, dim) for one in tensors], dim)


def unbind(t: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    return tuple([select(t, dim, i) for i in range(t.shape[dim])])


def indexed(t: Tensor, at: tuple) -> Tensor:
    """`t[at]` for numbers, None and whole slices."""
    dim = 0
    for part in at:
        if type(part) is int:
            t = select(t, dim, part)
            continue
        if part is None:
            t = unsqueeze(t, dim)
        elif part != slice(None):
            raise refused("as_strided")
        dim += 1
    return t
