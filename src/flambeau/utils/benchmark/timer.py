"""How long a statement takes: `Timer`."""

from __future__ import annotations

import statistics
import sys
import textwrap
import timeit
from collections.abc import Callable
from enum import Enum
from typing import Any

from .measurement import Measurement, TaskSpec, set_torch_threads

timer = timeit.default_timer
ROOT = __name__.partition(".")[0]


class Language(Enum):
    PYTHON = 0
    CPP = 1


class Timer:
    """Times a statement, after a warm-up and with a given number of threads.

    stmt, setup: source; `torch` is there without an import. globals: further names. label, sub_label, description and
    env tell results apart in print and in the tables of `Compare`. Raises NotImplementedError for C++.

    >>> Timer("x.sum()", "x = torch.ones(10)", label="sum").timeit(100).title
    'sum'
    """

    def __init__(
        self,
        stmt: str = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = timer,
        globals: dict[str, Any] | None = None,
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: Language | str = Language.PYTHON,
    ) -> None:
        if not isinstance(stmt, str):
            raise ValueError("Currently only a `str` stmt is supported.")
        if language in (Language.CPP, "cpp", "c++"):
            raise NotImplementedError("Flambeau compiles no C++; only statements in Python can be timed")
        if language not in (Language.PYTHON, "py", "python"):
            raise ValueError(f"Invalid language `{language}`.")
        if global_setup:
            raise ValueError(
                f"global_setup is C++ only, got `{global_setup}`. Most likely this code can simply be moved to `setup`."
            )
        stmt, setup = (textwrap.dedent(s).removeprefix("\n").rstrip() for s in (stmt, setup))
        names = {"torch": sys.modules[ROOT], **(globals or {})}
        self._timer = timeit.Timer(stmt, setup, timer, names)
        self._task_spec = TaskSpec(stmt, setup, global_setup, label, sub_label, description, env, num_threads)

    def _timeit(self, number: int) -> float:
        # nothing takes less, and nothing is divided by 0
        return max(self._timer.timeit(number), 1e-9)

    def _measured(self, number: int, times: list[float]) -> Measurement:
        return Measurement(number, times, self._task_spec)

    def timeit(self, number: int = 1000000) -> Measurement:
        """One measurement of `number` runs."""
        with set_torch_threads(self._task_spec.num_threads):
            self._timeit(max(number // 100, 2))
            return self._measured(number, [self._timeit(number)])

    def repeat(self, repeat: int = -1, number: int = -1) -> None:
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    autorange = repeat

    def _block_size(self, min_run_time: float) -> int:
        """How many runs take so long that the timer itself does not count."""
        overhead = statistics.median([self._timeit(0) for _ in range(5)])
        number = 1
        while True:
            taken = self._timeit(number)
            enough = overhead / taken <= 1e-4 and taken >= min_run_time / 1000
            if enough or taken > min_run_time or number * 10 >= 2**31:
                return number
            number *= 10

    def blocked_autorange(
        self, callback: Callable[[int, float], Any] | None = None, min_run_time: float = 0.2
    ) -> Measurement:
        """Measurements for `min_run_time` seconds, of so many runs each that the timer itself does not count."""
        return self._repeated(callback, lambda measured: True, min_run_time, min_run_time, 0)

    def adaptive_autorange(
        self,
        threshold: float = 0.1,
        *,
        min_run_time: float = 0.01,
        max_run_time: float = 10.0,
        callback: Callable[[int, float], Any] | None = None,
    ) -> Measurement:
        """Measurements until the spread between their quartiles is below `threshold` of the median."""

        def enough(measured: Measurement) -> bool:
            return len(measured.raw_times) > 3 and measured.meets_confidence(threshold)

        return self._repeated(callback, enough, 0.05, min_run_time, max_run_time)

    def _repeated(self, callback: Any, enough: Callable, block_time: float, least: float, most: float) -> Measurement:
        with set_torch_threads(self._task_spec.num_threads):
            number = self._block_size(block_time)
            measured = self._measured(number, [])
            total = 0.0
            while total < least or not enough(measured):
                taken = self._timeit(number)
                measured.raw_times.append(taken)
                total += taken
                if callback:
                    callback(number, taken)
                if most and total > most:
                    break
        return measured


Timer.__module__ = "torch.utils.benchmark.utils.timer"
