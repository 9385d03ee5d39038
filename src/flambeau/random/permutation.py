"""Random permutations."""

from __future__ import annotations

import numpy as np

from . import bounds
from .bounds import name_of
from .fill import PIECE
from .generator import Generator

# from this length on, remainders of 32 bits would not be uniform enough: another algorithm takes 64
_LONG = (2**32 - 1) // 20

# from this length on, sorting all swaps is faster than a loop over them
_MANY_SWAPS = 256


def randperm(generator: Generator, n: int, dtype: np.typing.DTypeLike = np.int64) -> np.ndarray:
    """The integers from 0 to n - 1 in random order, after Fisher and Yates.

    Raises RuntimeError for negative `n` and where `dtype` cannot hold the integers.

    >>> randperm(Generator().manual_seed(1234), 6)
    array([3, 2, 4, 5, 1, 0])
    """
    dtype = np.dtype(dtype)
    _check_permutation(n, dtype)
    if n < 2:
        return np.arange(n).astype(dtype)
    if n >= _LONG:
        order = _insert_in_turn(generator, n)
    else:
        targets = (generator.words(n - 1) % np.arange(n, 1, -1, dtype=np.uint32)).astype(np.int64)
        targets += np.arange(n - 1)
        order = _swap_in_turn(targets) if n < _MANY_SWAPS else _swap_at_once(targets)
    if dtype.itemsize == 2 and name_of(dtype) in bounds.FLOATS:
        order = order.astype(np.float32)
    return order.astype(dtype, copy=False)


def _swap_in_turn(targets: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... after the element at each place in turn was swapped with the one at its target."""
    order = list(range(targets.size + 1))
    for place, target in enumerate(targets.tolist()):
        order[place], order[target] = order[target], order[place]
    return np.array(order)


def _swap_at_once(targets: np.ndarray) -> np.ndarray:
    """The same without a loop over the elements.

    A target is never before its place, so that step s leaves at its target what place s held just before. Hence place
    p, when its turn comes, holds what the place of the last step with target p held: following these links to the
    end finds all that the places hold. Step s then picks what the step before it with the same target left there, or
    the target itself if it is the first.
    """
    size = targets.size + 1
    steps = np.arange(size - 1)
    # one sort orders the steps by target, and by time where targets are equal
    keys = (targets << 32) | steps
    keys.sort()
    step, target = keys & 0xFFFFFFFF, keys >> 32
    held = np.arange(size)
    # of equal targets the last one stays
    held[target] = step
    while not np.array_equal(further := held[held], held):
        held = further
    picked = np.empty_like(target)
    picked[1:] = held[step[:-1]]
    first = np.ones(size - 1, np.bool_)
    np.not_equal(target[1:], target[:-1], out=first[1:])
    np.copyto(picked, target, where=first)
    order = np.empty(size, np.int64)
    order[step] = picked
    order[-1] = held[-1]
    return order


def _insert_in_turn(generator: Generator, n: int) -> np.ndarray:
    """Every integer takes the place of one before it, or its own, and moves what was there to the end."""
    order = np.zeros(n, np.int64)
    cells = order.data
    with generator.lock:
        for start in range(0, n, PIECE):
            stop = min(start + PIECE, n)
            places = generator.words64(stop - start) % np.arange(start + 1, stop + 1, dtype=np.uint64)
            for number, place in enumerate(places.tolist(), start):
                cells[number] = cells[place]
                cells[place] = number
    return order


def _check_permutation(n: int, dtype: np.dtype) -> None:
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    name = name_of(dtype)
    bounds.check_implemented("randperm", dtype, bounds.NUMBERS)
    if name in bounds.INTEGERS and n - 1 > np.iinfo(dtype).max:
        raise RuntimeError(f"value cannot be converted to type {name}_t without overflow")
    # PyTorch does not ask this of bfloat16, whose permutations then have equal elements
    if name in ("float16", "float32", "float64") and n > 2 ** bounds.DIGITS[name] + 1:
        most = "2049" if name == "float16" else f"2^{bounds.DIGITS[name]}+1"
        raise RuntimeError(f"n cannot be greater than {most} for {bounds.scalar_name(dtype)} type.")
