"""Running totals of any associative function of two trees of tensors, in a number of steps that is logarithmic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..func import vmap
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from ..utils import _pytree

Leaves = list[Tensor]


def associative_scan(
    combine_fn: Callable[[Any, Any], Any], xs: Any, dim: int, reverse: bool = False, combine_mode: str = "pointwise"
) -> Any:
    """Fold a tree of tensors along a dimension, and keep every step.

    `combine_fn(left, right)` takes two trees like `xs` without that dimension and gives one more; it must be
    associative. Raises ValueError where the sizes along `dim` differ, and for the mode "pointwise", which is for CUDA.

    >>> associative_scan(lambda a, b: a * b, tensor([1., 2., 3.]), dim=0, combine_mode="generic")
    tensor([1., 2., 6.])
    """
    if combine_mode not in ("pointwise", "generic"):
        raise ValueError(f"Combine_mode must either 'pointwise' or 'generic', but got {combine_mode}")
    leaves, spec = _pytree.tree_flatten(xs)
    if combine_mode == "pointwise":
        raise ValueError("For combine_mode='pointwise', all input tensors need to be on CUDA or XPU")
    if len({x.shape[dim] for x in leaves}) != 1:
        raise ValueError(f"All xs leaves must at least have the same number of elements along dim {dim}")
    each = vmap(combine_fn)

    def combine(left: Leaves, right: Leaves) -> Leaves:
        return _pytree.tree_leaves(each(_pytree.tree_unflatten(left, spec), _pytree.tree_unflatten(right, spec)))

    moved = [fn.movedim(x, dim, 0) for x in leaves]
    if reverse:
        moved = [fn.flip(x, (0,)) for x in moved]
    moved = _scan(combine, moved)
    if reverse:
        moved = [fn.flip(x, (0,)) for x in moved]
    return _pytree.tree_unflatten([fn.movedim(x, 0, dim) for x in moved], spec)


def _scan(combine: Callable[[Leaves, Leaves], Leaves], xs: Leaves) -> Leaves:
    """Totals along the first dimension: those of pairs are every second one; the others need one step more."""
    count = len(xs[0])
    if count < 2:
        return xs
    odd = _scan(combine, combine([x[: count - 1 : 2] for x in xs], [x[1::2] for x in xs]))
    even = [x[:1] for x in xs]
    if count > 2:
        after = combine([o[: (count - 1) // 2] for o in odd], [x[2::2] for x in xs])
        even = [fn.cat(both) for both in zip(even, after, strict=True)]
    paired = [fn.stack((e[: count // 2], o), 1).flatten(0, 1) for e, o in zip(even, odd, strict=True)]
    return [fn.cat((p, e[count // 2 :])) for p, e in zip(paired, even, strict=True)]
