"""The words of the language of kernels, as Python: with them a kernel can be run and tested as it stands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Int = int
Real = float
Array = Any
Ints = Any

sqrt = math.sqrt
round = np.rint
maximum = np.maximum
minimum = np.minimum
# the larger of two numbers, or any of them if one is nan: the quickest
larger = max
whole = int
real = float
double = float


def atomic_load(memory: Any, index: int) -> int:
    return memory[index]


def atomic_swap(memory: Any, index: int, value: int) -> int:
    old, memory[index] = memory[index], value
    return old


def atomic_add(memory: Any, index: int, value: int) -> int:
    return atomic_swap(memory, index, memory[index] + value)


def pause() -> None:
    """A hint to the processor."""


def give_way() -> None:
    """Let another thread have the processor."""


def run(kernel: Any, begin: int, end: int, part: int, given: Any) -> None:
    kernel(begin, end, part, *given)


# no tiles: `product` does it
TILES = False
WIDTH = DEPTH = LANES = HEIGHT1 = HEIGHT2 = HEIGHT3 = 1
ROWS, PADDED = 256, 528


def local(count: int) -> Any:
    return np.empty(count)


def tile(*arguments: Any) -> None:
    raise NotImplementedError("tiles are for vector registers")


turned = tile


def power_of_two(x: float) -> float:
    return math.ldexp(1.0, int(x))


def product(
    transpose_a: int, transpose_b: int, m: int, n: int, k: int, a: Any, lda: int, b: Any, ldb: int, beta: float,
    c: Any, ldc: int,
) -> None:  # fmt: skip
    """c ← a·b + beta·c, of matrices whose rows lie `ld` elements apart; 1 as a flag transposes."""

    def matrix(x: Any, rows: int, columns: int, ld: int) -> Any:
        return np.lib.stride_tricks.as_strided(x, (rows, columns), (ld * x.itemsize, x.itemsize))

    left = matrix(a, k, m, lda).T if transpose_a else matrix(a, m, k, lda)
    right = matrix(b, n, k, ldb).T if transpose_b else matrix(b, k, n, ldb)
    target = matrix(c, m, n, ldc)
    target[...] = left @ right + (beta * target if beta else 0)
