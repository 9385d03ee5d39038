"""Times of a statement, what was measured, and numbers for people to read."""

from __future__ import annotations

import contextlib
import math
import statistics
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from ...settings import get_num_threads, set_num_threads
from ...tensor import functions as fn

UNITS = {"ns": (1e-9, "nanosecond"), "us": (1e-6, "microsecond"), "ms": (1e-3, "millisecond"), "s": (1, "second")}
# a spread between the quartiles that is reported, as a part of the median: from environment, from fluctuation
GROSS, NOTABLE = 0.25, 0.1
# half the width of a confidence interval of 90 %, in standard errors; and the least in seconds
QUANTILE, LEAST = 1.645, 25e-9


@dataclass(repr=False, frozen=True)
class TaskSpec:
    """What a Timer times, but for its globals."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    env: str | None = None
    num_threads: int = 1

    @property
    def title(self) -> str:
        after = f": {self.sub_label}" if self.sub_label else ""
        if self.label is not None or "\n" not in self.stmt:
            return f"{self.stmt if self.label is None else self.label}{after}"
        return f"stmt:{f' ({self.sub_label})' if self.sub_label else ''}\n{textwrap.indent(self.stmt, '  ')}"

    def setup_str(self) -> str:
        if self.setup in ("pass", ""):
            return ""
        return f"setup:\n{textwrap.indent(self.setup, '  ')}" if "\n" in self.setup else f"setup: {self.setup}"

    def summarize(self) -> str:
        parts = (self.title, self.description or "", self.setup_str())
        return "\n".join([f"{part}\n" if "\n" in part else part for part in parts if part])


_FIELDS = frozenset(field.name for field in fields(TaskSpec))


@dataclass(repr=False)
class Measurement:
    """Times of some runs each, in seconds; `times` are those of one run."""

    number_per_run: int
    raw_times: list[float]
    task_spec: TaskSpec
    metadata: dict[Any, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in _FIELDS:
            return getattr(self.task_spec, name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    @property
    def times(self) -> list[float]:
        return [t / self.number_per_run for t in self.raw_times]

    def _quantile(self, q: float) -> float:
        times = sorted(self.times)
        if not times:
            return -1.0
        place = q * (len(times) - 1)
        low, high = times[math.floor(place)], times[math.ceil(place)]
        return low + (high - low) * (place - math.floor(place))

    @property
    def median(self) -> float:
        return self._quantile(0.5)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.times) if self.raw_times else -1.0

    @property
    def iqr(self) -> float:
        """The distance between the quartiles."""
        return self._quantile(0.75) - self._quantile(0.25)

    @property
    def significant_figures(self) -> int:
        """A rough estimate, from the times between the quartiles, of how many digits mean something."""
        times, n = sorted(self.times), len(self.raw_times)
        inner = times[n // 4 : math.ceil(3 * n / 4)]
        interval = max(QUANTILE * statistics.pstdev(inner) / math.sqrt(len(inner)), LEAST)
        return min(max(math.floor(math.log10(self.median / interval)), 1), 4)

    @property
    def has_warnings(self) -> bool:
        return bool(self._warning())

    def _warning(self) -> str:
        if not self.raw_times or self.meets_confidence(NOTABLE):
            return ""
        why = "could indicate system fluctuation"
        if not self.meets_confidence(GROSS):
            why = "suggests significant environmental influence"
        part = self.iqr / self.median * 100
        return f"  WARNING: Interquartile range is {part:.1f}% of the median measurement.\n           This {why}."

    def meets_confidence(self, threshold: float = NOTABLE) -> bool:
        return self.iqr / self.median < threshold

    @property
    def title(self) -> str:
        return self.task_spec.title

    @property
    def as_row_name(self) -> str:
        return self.sub_label or self.stmt or "[Unknown]"

    def __repr__(self) -> str:
        n, (unit, scale) = len(self.raw_times), select_unit(self.median)
        lines = [object.__repr__(self), self.task_spec.summarize()]
        lines.append(f"  {'Median: ' if n > 1 else ''}{self.median / scale:.2f} {unit}")
        if n >= 4:
            low, high = (self._quantile(q) / scale for q in (0.25, 0.75))
            lines.append(f"  IQR:    {self.iqr / scale:.2f} {unit} ({low:.2f} to {high:.2f})")
        several, threads = "s" if n > 1 else "", self.num_threads
        per = "per measurement," if n > 1 else ","
        runs = f"  {n} measurement{several}, {self.number_per_run} runs {per} {threads} thread{'s' * (threads > 1)}"
        return "\n".join([*lines, runs, self._warning()]).strip()

    @staticmethod
    def merge(measurements: Iterable[Measurement]) -> list[Measurement]:
        """One measurement for each task, of all its times for one run."""
        found: dict[TaskSpec, list[float]] = {}
        for one in measurements:
            found.setdefault(one.task_spec, []).extend(one.times)
        return [Measurement(1, times, task) for task, times in found.items()]


TaskSpec.__module__ = Measurement.__module__ = "torch.utils.benchmark.utils.common"


def select_unit(t: float) -> tuple[str, float]:
    """The name of a unit in which a time is a number of few digits, and the unit in seconds."""
    unit = {-3: "ns", -2: "us", -1: "ms"}.get(math.floor(math.log10(t) / 3), "s") if t > 0 else "s"
    return unit, UNITS[unit][0]


def unit_to_english(u: str) -> str:
    return UNITS[u][1]


def trim_sigfig(x: float, n: int) -> float:
    """A number rounded to `n` significant figures."""
    if n != int(n):
        raise AssertionError("Number of significant figures must be an integer")
    scale = 10 ** (int(fn.tensor(x).abs().log10().ceil().item()) - n)  # type: ignore[attr-defined]
    return float(fn.tensor(x / scale).round() * scale)  # type: ignore[attr-defined]


def ordered_unique(elements: Iterable[Any]) -> list[Any]:
    return [*dict.fromkeys(elements)]


@contextlib.contextmanager
def set_torch_threads(n: int) -> Iterator[None]:
    """A block in which kernels use `n` threads."""
    before = get_num_threads()
    set_num_threads(n)
    try:
        yield
    finally:
        set_num_threads(before)
