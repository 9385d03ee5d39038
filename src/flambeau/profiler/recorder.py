"""What a profiler writes down while a program runs: the calls of one thread, each with its begin, end and parent.

It is a mode of the thread (`config.Modes.profile`), which keeps calls off the fast path. Without a profiler nothing of
this runs. Inside an operation recording pauses: what an operation is made of is not shown.
"""

from __future__ import annotations

import re
import time
from _thread import get_ident
from collections.abc import Callable
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any

from .. import config
from ..ops.table import Op
from ..tensor.engine import passes
from ..tensor.tensor import Tensor

OPERATION, ANNOTATION = "cpu_op", "user_annotation"
PROFILED: Any = "profiled"


class Record:
    """One call."""

    __slots__ = ("name", "category", "start", "end", "thread", "parent", "shapes")

    def __init__(self, name: str, category: str, parent: Record | None, shapes: list) -> None:
        self.name = name
        self.category = category
        self.parent = parent
        self.shapes = shapes
        self.thread = get_ident()
        self.end = 0
        self.start = time.perf_counter_ns()


class Recorder:
    """The calls of one profile."""

    def __init__(self, record_shapes: bool = False) -> None:
        self.records: list[Record] = []
        self.record_shapes = record_shapes
        # the calls that have not returned, innermost last
        self.open: list[Record] = []
        self.before: Any = None
        self.watches = False

    def start(self) -> None:
        """Record this thread's calls from here on."""
        self.before = config.set_mode("profile", self.call)
        # backward passes must visit nodes one by one; others who ask for that set it to True, for good
        self.watches = not passes.watched
        if self.watches:
            passes.watched = PROFILED

    def stop(self) -> None:
        """Record no more."""
        config.set_mode("profile", self.before)
        if self.watches and passes.watched is PROFILED:
            passes.watched = False
        for record in self.open:
            record.end = record.end or time.perf_counter_ns()
        self.open.clear()

    def begin(self, name: str, category: str, shapes: list | None = None) -> Record:
        """A call begins."""
        record = Record(name, category, self.open[-1] if self.open else None, shapes or [])
        self.records.append(record)
        self.open.append(record)
        return record

    def finish(self, record: Record) -> None:
        """A call ends, and with it those inside that an error ended."""
        now = time.perf_counter_ns()
        while record in self.open:
            ended = self.open.pop()
            ended.end = ended.end or now

    def call(self, what: Any, suffix: str, function: Callable, arguments: tuple) -> Any:
        """Make the call of a row or a node and record it: what dispatch and the engine do instead of the call."""
        outer = None
        if isinstance(what, Op):
            shapes = shapes_of(arguments[1]) if self.record_shapes else None
            record = self.begin(operation_name(what, suffix), OPERATION, shapes)
        else:
            outer = self.begin(f"autograd::engine::evaluate_function: {type(what).__name__}", OPERATION)
            record = self.begin(type(what).__name__, OPERATION)
        config.set_mode("profile", None)
        try:
            return function(*arguments)
        finally:
            config.set_mode("profile", self.call)
            self.finish(outer or record)


def operation_name(row: Op, suffix: str) -> str:
    """PyTorch's name of an operation, from the name of its nodes: `aten::log_softmax` for `LogSoftmax`."""
    words = row.node_name.partition("Backward")[0]
    return f"aten::{re.sub('(?<=[a-z0-9])(?=[A-Z])', '_', words).lower()}{suffix}"


def shapes_of(values: Any) -> list:
    """The shapes of tensors; [] for anything else, lists for lists of tensors."""
    return [
        list(x._array.shape)
        if isinstance(x, Tensor)
        else shapes_of(x)
        if isinstance(x, (list, tuple)) and any(isinstance(one, Tensor) for one in x)
        else []
        for x in values
    ]


def current() -> Recorder | None:
    """The recorder of this thread."""
    call = config.modes().profile
    return None if call is None else call.__self__


class record_function(ContextDecorator):
    """A part of a program that a profile shows under a name of its own: a context manager or decorator.

    >>> with torch.profiler.profile() as prof:
    ...     with torch.profiler.record_function("forward"):
    ...         y = torch.ones(2) + 1
    >>> [event.key for event in prof.key_averages()]
    ['forward', 'aten::add']
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name
        self.args = args
        self._open: list[tuple[Recorder, Record] | None] = []

    def __enter__(self) -> record_function:
        recorder = current()
        self._open.append(None if recorder is None else (recorder, recorder.begin(self.name, ANNOTATION)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        entered = self._open.pop()
        if entered is not None:
            recorder, record = entered
            recorder.finish(record)
