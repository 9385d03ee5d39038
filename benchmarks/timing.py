"""Fair clocks for a noisy machine: short samples of two functions, taken in turn and compared pair by pair."""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter, sleep
from typing import Any

PAUSE = 0.003  # seconds; OpenMP's and BLAS's threads go on spinning for about so long after their work is done


@dataclass(frozen=True)
class Spread:
    """The median of some figures, with the quartiles that hold the middle half of them."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(figures: Iterable[float]) -> Spread:
        """The spread of at least one figure."""
        ordered = sorted(figures)
        if len(ordered) == 1:
            return Spread(ordered[0], ordered[0], ordered[0])
        low, median, high = statistics.quantiles(ordered, n=4, method="inclusive")
        return Spread(median, low, high)


def sample(work: Callable[[], Any], calls: int) -> float:
    """Seconds per call over `calls` calls."""
    turns = repeat(None, calls)
    start = perf_counter()
    for _ in turns:
        work()
    return (perf_counter() - start) / calls


def calls_for(work: Callable[[], Any], seconds: float) -> int:
    """How many calls last about `seconds`; the search for the number warms the code up as well."""
    calls = 1
    while True:
        per_call = sample(work, calls)
        if per_call * calls >= seconds / 2:
            return max(1, round(seconds / per_call))
        wanted = math.ceil(seconds / max(per_call, 1e-9))
        calls = min(wanted, 10 * calls)  # the first calls are slow: grow from them by steps


def in_turns(works: Sequence[Callable[[], Any]], rounds: int, seconds: float) -> list[list[float]]:
    """Seconds per call of each function in each round: `[function][round]`.

    Each round times every function once, for about `seconds`, always in the same order: then each follows another,
    and none finds its own data in the cache. Before each sample come a pause, in which the other's threads fall
    asleep, and an untimed call. Garbage is collected between samples, never within one.
    """
    calls = [calls_for(work, seconds) for work in works]
    figures: list[list[float]] = [[] for _ in works]
    was_enabled = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()  # what lives already need not be searched again before every sample
    try:
        for _ in range(rounds):
            for work, count, samples in zip(works, calls, figures, strict=True):
                gc.collect()
                sleep(PAUSE)
                work()
                samples.append(sample(work, count))
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
    return figures
