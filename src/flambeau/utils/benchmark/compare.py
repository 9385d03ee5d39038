"""Measurements in a table: `Compare`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

from .measurement import Measurement, ordered_unique, select_unit, trim_sigfig, unit_to_english

BEST, GOOD, BAD, VERY_BAD, BOLD, END = "\033[92m", "\033[34m", "\033[2m\033[91m", "\033[31m", "\033[1m", "\033[0m"
BETWEEN = "  |  "


class Colorize(Enum):
    NONE = "none"
    COLUMNWISE = "columnwise"
    ROWWISE = "rowwise"


class Compare:
    """A table for each label: a column for each description, a row for each sub-label, by numbers of threads.

    Replicates are merged. `print()` prints the table, `str()` gives it.
    """

    def __init__(self, results: list[Measurement]) -> None:
        self._results: list[Measurement] = []
        self._trim = self._highlight = False
        self._colorize = Colorize.NONE
        self.extend_results(results)

    def extend_results(self, results: Iterable[Measurement]) -> None:
        for one in results:
            if not isinstance(one, Measurement):
                raise ValueError(f"Expected an instance of `Measurement`, got {type(one)} instead.")
            self._results.append(one)

    def trim_significant_figures(self) -> None:
        """Show no more digits than mean something."""
        self._trim = True

    def colorize(self, rowwise: bool = False) -> None:
        """Colour what is fast and slow, in each column or in each row."""
        self._colorize = Colorize.ROWWISE if rowwise else Colorize.COLUMNWISE

    def highlight_warnings(self) -> None:
        """Mark measurements with a large spread."""
        self._highlight = True

    def print(self) -> None:
        print(str(self))  # noqa: T201

    def __str__(self) -> str:
        groups: dict[str | None, list[Measurement]] = {}
        for one in Measurement.merge(self._results):
            groups.setdefault(one.label, []).append(one)
        return "\n".join([self._table(label, group) for label, group in groups.items()])

    def _table(self, label: str | None, results: list[Measurement]) -> str:
        unit, scale = select_unit(min(r.median for r in results))
        columns = ordered_unique(r.description for r in results)
        keys = ordered_unique((r.num_threads, r.env, r.as_row_name) for r in results)
        keys.sort(key=lambda key: key[:2])
        cells = {(r.num_threads, r.env, r.as_row_name, r.description): r for r in results}
        grid = [[cells.get((*key, column)) for column in columns] for key in keys]
        texts = [["", *columns], *([name] for name in self._names(keys))]
        for j in range(len(columns)):
            for line, text in zip(texts[1:], self._column([row[j] for row in grid], scale), strict=True):
                line.append(text)
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        lines = [BETWEEN.join([text.center(w) for text, w in zip(texts[0], widths, strict=True)])]
        width, threads = len(lines[0]), None
        for i, (key, row) in enumerate(zip(keys, grid, strict=True)):
            if key[0] != threads:
                threads = key[0]
                lines.append(f"{threads} threads: ".ljust(width, "-"))
            line = [text.center(w) for text, w in zip(texts[i + 1], widths, strict=True)]
            line[0] = texts[i + 1][0].ljust(widths[0])
            if self._colorize != Colorize.NONE:
                group = [r for other, r in zip(keys, grid, strict=True) if other[0] == threads]
                line[1:] = [self._coloured(text, j, row, group) for j, text in enumerate(line[1:])]
            lines.append(BETWEEN.join(line))
        marked = self._highlight and any(r.has_warnings for r in results)
        note = "(! XX%) Measurement has high variance, where XX is the IQR / median * 100.\n" if marked else ""
        title = f" {label or ''} ".center(width - 2, "-")
        return "\n".join([f"[{title}]", *lines, "", f"Times are in {unit_to_english(unit)}s ({unit}).", note])

    @staticmethod
    def _names(keys: list) -> list[str]:
        """How rows begin: with their environment, where there are several and another one begins, and their name."""
        environments = {key[1] for key in keys}
        longest = max(len(str(e)) for e in environments) if len(environments) > 1 else 0
        names, before = [], None
        for threads, env, name in keys:
            text = f"({env})" if longest and before != (threads, env) else ""
            names.append(f"  {text.ljust(longest + 4)}{name}")
            before = (threads, env)
        return names

    def _column(self, results: list[Measurement | None], scale: float) -> list[str]:
        there = [r for r in results if r is not None]
        digits = [math.ceil(math.log10(r.median / scale)) for r in there]
        decimals = 1
        if self._trim:
            decimals = min(max(r.significant_figures - d, 0) for r, d in zip(there, digits, strict=True))
        length = max(digits) + decimals + bool(decimals)
        marked = 7 if self._highlight and any(r.has_warnings for r in there) else 0

        def text(r: Measurement | None) -> str:
            if r is None:
                return " " * len(f"{1:>{length}.{decimals}f}{'':>{marked}}")
            value = r.median / scale
            value = trim_sigfig(value, r.significant_figures) if self._trim else value
            note = f" (! {r.iqr / r.median * 100:.0f}%)" if marked and r.has_warnings else ""
            return f"{value:>{length}.{decimals}f}{note:>{marked}}"

        return [text(r) for r in results]

    def _coloured(self, text: str, column: int, row: list[Measurement | None], group: list) -> str:
        one = row[column]
        if one is None:
            return text
        others = row if self._colorize == Colorize.ROWWISE else [r[column] for r in group]
        best, value = min(r.median for r in others if r is not None), one.median
        if value <= best * 1.01 or value <= best + 100e-9:
            colour = BEST + BOLD
        elif value <= best * 1.1:
            colour = GOOD + BOLD
        elif value < best * 2:
            return text
        else:
            colour = VERY_BAD + BOLD if value >= best * 5 else BAD
        return f"{colour}{text}{END}{END}"
