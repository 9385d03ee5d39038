"""The only place where shapes are judged: dims, sizes, broadcasting. Every interpreter of a row asks here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def one_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front. Raises IndexError where there is none such; 0-d tensors count as 1-d."""
    n = ndim or 1
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return dim + n if dim < 0 else dim


def new_dim(dim: int, ndim: int) -> int:
    """Where a new dimension goes, counted from the front."""
    n = ndim + 1
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return dim + n if dim < 0 else dim


def dims(dim: Any, ndim: int) -> tuple[int, ...] | None:
    """A dim argument (None, a number, several) as axes counted from the front, for an array of `ndim` dimensions.

    None means all. 0-d arrays accept dims 0 and -1, which mean nothing.
    """
    if dim is None:
        return None
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim + ndim if dim < 0 else dim,)
    many = (dim,) if isinstance(dim, int) else tuple(dim)
    axes = tuple(one_dim(d, ndim) for d in many)
    if len(set(axes)) != len(axes):
        twice = next(d for d in axes if axes.count(d) > 1)
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return axes if ndim else ()


def without(shape: Sequence[int], axes: Iterable[int], keepdim: bool) -> tuple[int, ...]:
    """The shape after reducing some axes."""
    gone = set(axes)
    if keepdim:
        return tuple(1 if i in gone else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in gone)


def numel(shape: Sequence[int]) -> int:
    """The number of elements."""
    total = 1
    for n in shape:
        total *= n
    return total


def infer(shape: Sequence[int], count: int) -> tuple[int, ...]:
    """A target shape for `count` elements, with its -1 worked out. Raises RuntimeError where it does not fit."""
    shape = tuple(shape)
    known, unknown = 1, None
    for i, n in enumerate(shape):
        if n == -1:
            if unknown is not None:
                raise RuntimeError("only one dimension can be inferred")
            unknown = i
        elif n < 0:
            raise RuntimeError(f"invalid shape dimension {n} at index {i} of shape {list(shape)}")
        else:
            known *= n
    if unknown is None:
        if known != count:
            raise RuntimeError(_no_fit(shape, count))
        return shape
    if known == 0:
        if count == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size "
                "-1 can be any value and is ambiguous"
            )
        raise RuntimeError(_no_fit(shape, count))
    if count % known:
        raise RuntimeError(_no_fit(shape, count))
    return (*shape[:unknown], count // known, *shape[unknown + 1 :])


def _no_fit(shape: Sequence[int], count: int) -> str:
    product = 1
    for n in shape:
        product *= n if n >= 0 else 1
    rest = "a multiple of " if -1 in shape else ""
    return (
        f"shape '{list(shape)}' is invalid for input of size {count}\n"
        f"  The sizes must multiply to {count}; these multiply to {rest}{product}."
    )


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...] | None:
    """The common shape that several broadcast to, or None."""
    width = max((len(s) for s in shapes), default=0)
    result = [1] * width
    for s in shapes:
        for i, n in enumerate(reversed(s), 1):
            if n != 1:
                if result[-i] not in (1, n):
                    return None
                result[-i] = n
    return tuple(result)


def expanded(shape: Sequence[int], sizes: Sequence[int], dtype: Any) -> tuple[int, ...]:
    """The shape that `expand(*sizes)` gives, -1 meaning as it is. Raises RuntimeError where that cannot be.

    dtype: of what is expanded, for the error.
    """
    extra = len(sizes) - len(shape)
    if extra < 0:
        raise RuntimeError(
            f"expand(torch.{dtype.scalar_name}Tensor{{{list(shape)}}}, size={list(sizes)}): the number of sizes "
            f"provided ({len(sizes)}) must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    result = []
    # from the right, as PyTorch does: the first that does not fit is the one that is told
    for i, n in reversed(list(enumerate(sizes))):
        have = shape[i - extra] if i >= extra else None
        if n == -1:
            if have is None:
                raise RuntimeError(
                    f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}"
                )
            n = have
        elif have is not None and have not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                f"dimension {i}.  Target sizes: {list(sizes)}.  Tensor sizes: {list(shape)}"
            )
        result.append(n)
    return tuple(reversed(result))
