"""From figures to a report: one row per workload, as a Markdown table and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any

from timing import Spread


@dataclass(frozen=True)
class Row:
    """The figures of one workload; a missing one is None. `error` says why a workload has no figures.

    `met` judges the median by the goal; it is not `certain` where the goal lies between the quartiles.
    """

    group: str
    name: str
    unit: str = "s"
    reference: Spread | None = None
    ours: Spread | None = None
    ratio: Spread | None = None
    goal: str = ""
    met: bool | None = None
    certain: bool | None = None
    error: str | None = None
    rounds: dict[str, list[float]] = field(default_factory=dict)


def ratios(reference: Sequence[float], ours: Sequence[float]) -> Spread | None:
    """The spread of each round's reference / ours; None where noise has left a figure at or below zero."""
    if min(*reference, *ours) <= 0:
        return None
    return Spread.of(theirs / mine for theirs, mine in zip(reference, ours, strict=True))


def filled(blank: Row, figures: list[list[float]], goal: float | None = None, most: float | None = None) -> Row:
    """A row with figures `[module][round]`, ours last; met if the ratio is at least `goal` or our figure `most`."""
    ours = Spread.of(figures[-1])
    if len(figures) == 1:
        reference = ratio = None
        rounds = {"ours": figures[0]}
    else:
        reference, ratio = Spread.of(figures[0]), ratios(*figures)
        rounds = {"reference": figures[0], "ours": figures[1]}
    met = certain = None
    if most is not None:
        met, certain = ours.median <= most, not ours.low <= most < ours.high
    elif goal is not None and ratio:
        met, certain = ratio.median >= goal, not ratio.low < goal <= ratio.high
    return replace(blank, reference=reference, ours=ours, ratio=ratio, met=met, certain=certain, rounds=rounds)


def verdict(row: Row) -> str:
    """Whether the goal is met, in a word; with a question mark where the rounds differ about it."""
    if row.error:
        return "failed"
    if row.met is None:
        return ""
    return ("yes" if row.met else "no") + ("" if row.certain else "?")


def geometric_means(rows: Sequence[Row]) -> dict[str, float]:
    """Of the ratios in each group that has more than one, all of the same kind."""
    means = {}
    for group, members in groupby(rows, lambda row: row.group):
        measured = [(row.ratio.median, row.unit) for row in members if row.ratio]
        found = [ratio for ratio, _ in measured]
        if len(found) > 1 and len({unit for _, unit in measured}) == 1:
            means[group] = math.exp(sum(map(math.log, found)) / len(found))
    return means


def shown(figure: float, unit: str) -> str:
    """A figure to three digits with a handy unit."""
    if unit == "B":
        return f"{figure / 2**20:.1f} MiB"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if abs(figure) * factor >= 1:
            return f"{digits(figure * factor)} {name}"
    return f"{digits(figure * 1e9)} ns"


def digits(number: float) -> str:
    """Three significant digits, never an exponent."""
    whole = len(str(int(abs(number)))) if abs(number) >= 1 else 0
    return f"{number:.{max(0, 3 - whole)}f}"


def cells(row: Row) -> list[str]:
    """The table's cells after the name."""
    return [
        shown(row.reference.median, row.unit) if row.reference else "",
        shown(row.ours.median, row.unit) if row.ours else "",
        f"{row.ratio.median:.2f}" if row.ratio else "",
        f"{row.ratio.low:.2f} to {row.ratio.high:.2f}" if row.ratio else "",
        row.goal,
        verdict(row),
    ]


def markdown(rows: Sequence[Row], environment: dict[str, Any], reference: str, ours: str) -> Iterator[str]:
    """The report's lines: the circumstances, one table headed by the modules' names, what failed."""
    yield from (f"- {key}: {value}" for key, value in environment.items())
    yield ""
    yield f"| | {reference} | {ours} | ratio | quartiles | goal | met |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    means = geometric_means(rows)
    for group, members in groupby(rows, lambda row: row.group):
        yield f"| **{group}** | | | | | | |"
        yield from (f"| {' | '.join([row.name, *cells(row)])} |" for row in members)
        if group in means:
            yield f"| *geometric mean* | | | {means[group]:.2f} | | | |"
    judged = [row for row in rows if row.met is not None]
    if judged:
        unsure = sum(not row.certain for row in judged)
        yield f"\nGoals met: {sum(bool(row.met) for row in judged)} of {len(judged)}; uncertain: {unsure}."
    yield from (f"\nFailed: {row.group}: {row.name}: {row.error}" for row in rows if row.error)


def document(rows: Sequence[Row], environment: dict[str, Any]) -> dict[str, Any]:
    """All of it, every round included, for `json.dump`."""
    return {"environment": environment, "rows": list(map(asdict, rows)), "geometric_means": geometric_means(rows)}
