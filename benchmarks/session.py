"""One run of the benchmarks: each task checks the two modules' answers, times them and becomes a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import processes
import timing
from agreement import disagreement
from layers import layer_workloads
from processes import Measurement, all_measurements
from report import Row, filled, shown
from workloads import Workload, all_workloads

CHECKED_CALLS = 2  # the second meets what the first has left behind: an optimizer's state, say


@dataclass(frozen=True)
class Session:
    """The modules (`reference` may be None), the rounds and about how long one sample lasts."""

    reference: Any
    ours: Any
    rounds: int
    seconds: float

    @property
    def modules(self) -> list[Any]:
        """Ours last."""
        return [module for module in (self.reference, self.ours) if module is not None]


class Task(Protocol):
    """A line of the report before it is measured."""

    @property
    def title(self) -> str: ...

    @property
    def wanted(self) -> str: ...

    def row(self, session: Session) -> Row: ...


def complaint(error: Exception) -> str:
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


@dataclass(frozen=True)
class TimedWorkload:
    """A workload, timed in this process."""

    workload: Workload

    @property
    def title(self) -> str:
        return self.workload.title

    @property
    def wanted(self) -> str:
        return "" if self.workload.goal is None else f"≥ {self.workload.goal:g}"

    def row(self, session: Session) -> Row:
        """The figures, or why there are none: one broken workload must not hide the others."""
        workload = self.workload
        blank = Row(workload.group, workload.name, goal=self.wanted)
        try:
            works = [workload.build(module) for module in session.modules]
            for _ in range(CHECKED_CALLS):
                results = [workload.comparable(work()) for work in works]
                difference = disagreement(results[0], results[-1])
                if difference:
                    return replace(blank, error=f"the modules disagree: {difference}")
            del results
            figures = timing.in_turns(works, session.rounds, session.seconds)
        except Exception as error:
            return replace(blank, error=complaint(error))
        per_operation = [[seconds / workload.operations for seconds in rounds] for rounds in figures]
        return filled(blank, per_operation, goal=workload.goal)


@dataclass(frozen=True)
class MeasuredProcess:
    """A measurement of whole processes."""

    measurement: Measurement

    @property
    def title(self) -> str:
        return self.measurement.title

    @property
    def wanted(self) -> str:
        most = self.measurement.most
        return "" if most is None else f"≤ {shown(most, self.measurement.unit)}"

    def row(self, session: Session) -> Row:
        """The figures, or the last line of what the process complained about."""
        measurement = self.measurement
        blank = Row(processes.GROUP, measurement.name, measurement.unit, goal=self.wanted)
        names = [module.__name__ for module in session.modules]
        try:
            figures = processes.in_turns(measurement.measure, names, measurement.rounds(session.rounds))
        except Exception as error:
            return replace(blank, error=complaint(error))
        return filled(blank, figures, most=measurement.most)


def all_tasks() -> Iterator[Task]:
    """Every task, in the order of the report."""
    yield from map(TimedWorkload, all_workloads())
    yield from map(TimedWorkload, layer_workloads())
    yield from map(MeasuredProcess, all_measurements())
