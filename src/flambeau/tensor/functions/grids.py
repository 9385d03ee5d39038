"""Grids of coordinates, products and combinations of vectors."""

from __future__ import annotations

from typing import Any

from .. import rows
from ..operands import kind_of_array
from ..public import public
from ..tensor import Tensor, make
from .arguments import warn_once
from .join import check_elements, stack
from .shape import flatten


@public(method=False)
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Grids of coordinates from vectors: the i-th result varies along dim i, and is a view expanded along the others.

    indexing: "ij", or "xy", which swaps the first two dims, as in pictures.

    >>> meshgrid(tensor([1, 2]), tensor([3, 4]), indexing="ij")[1]
    tensor([[3, 4],
            [3, 4]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    check_elements(tensors)
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing is None:
        warn_once(
            "meshgrid",
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.",
        )
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    first = tensors[0]
    for t in tensors:
        if t._kind.dtype is not first._kind.dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
        if t._array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {t!r}")
    swapped = indexing == "xy" and len(tensors) > 1
    vectors = (tensors[1], tensors[0], *tensors[2:]) if swapped else tensors
    sizes = tuple([t._array.size for t in vectors])
    ones = (1,) * len(sizes)
    grids = [
        rows.expand_to(rows.reshape_to(t, (*ones[:i], sizes[i], *ones[i + 1 :])), sizes) for i, t in enumerate(vectors)
    ]
    if swapped:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


@public(method=False)
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of one element of each vector, one in each row.

    >>> cartesian_prod(tensor([1, 2]), tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    check_elements(tensors)
    for t in tensors:
        if t._array.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(t._array.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(g) for g in meshgrid(*tensors, indexing="ij")], 1)


@public()
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of `r` elements of a vector, in order, one in each row.

    >>> combinations(tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if input._array.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input._array.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return make(input._kind.xp.empty((0,), dtype=input._kind.native), input._kind)
    grids = meshgrid(*[input] * r, indexing="ij")
    mask = _increasing(input._kind, input._array.size, r, with_replacement)
    return stack([rows.masked_select(g, mask) for g in grids], 1)


def _increasing(kind: Any, n: int, r: int, or_equal: bool) -> Tensor:
    """Where, in a grid of n to the power of r, the coordinates increase."""
    xp = kind.xp
    mask = xp.ones((n,) * r, dtype=xp.bool_)
    numbers = xp.arange(n)
    for i in range(r - 1):
        a = xp.reshape(numbers, (n,) + (1,) * (r - 1 - i))
        b = xp.reshape(numbers, (n,) + (1,) * (r - 2 - i))
        mask = mask & (a <= b if or_equal else a < b)
    return make(mask, kind_of_array(mask, kind, False))
