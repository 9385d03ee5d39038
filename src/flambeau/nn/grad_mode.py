"""Modules change their parameters without being recorded: while initialising, loading, converting."""

from __future__ import annotations

from .. import config


class unrecorded:
    """A block whose operations the graph does not see."""

    __slots__ = ("before",)

    def __enter__(self) -> None:
        self.before = config.set_mode("grad", False)

    def __exit__(self, *error: object) -> None:
        config.set_mode("grad", self.before)
