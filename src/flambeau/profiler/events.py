"""The events of a profile, their averages, and both as a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from .recorder import Record
from .trace import write_trace

NAME_WIDTH, SHAPES_WIDTH, COLUMN_WIDTH, SPACE = 55, 80, 12, 2


class DeviceType(Enum):
    """Where an event happened."""

    CPU = 0
    CUDA = 1

    def __str__(self) -> str:
        return f"DeviceType.{self.name}"


def format_time(microseconds: float) -> str:
    """A time in the unit that suits it.

    >>> format_time(1234.5)
    '1.234ms'
    """
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.3f}s"
    if microseconds >= 1e3:
        return f"{microseconds / 1e3:.3f}ms"
    return f"{microseconds:.3f}us"


def format_share(microseconds: float, total: float) -> str:
    return "NaN" if total == 0 else f"{microseconds * 100.0 / total:.2f}%"


class Times:
    """What events and averages have in common. There is no other device than the CPU: its times are 0."""

    cpu_time_total: float
    self_cpu_time_total: float
    count: int
    device_type = DeviceType.CPU
    device_time_total = self_device_time_total = 0.0
    cpu_memory_usage = self_cpu_memory_usage = device_memory_usage = self_device_memory_usage = 0
    is_async = is_remote = is_legacy = is_user_annotation = False
    node_id = -1
    flops = 0
    overload_name = ""
    use_device = None

    @property
    def cpu_time(self) -> float:
        """Microseconds of one call, on average."""
        return 0.0 if self.count == 0 else self.cpu_time_total / self.count

    @property
    def device_time(self) -> float:
        return 0.0

    cuda_time = device_time

    @property
    def cuda_time_total(self) -> float:
        return 0.0

    self_cuda_time_total = cuda_time_total

    @property
    def cpu_time_str(self) -> str:
        return format_time(self.cpu_time)

    @property
    def cpu_time_total_str(self) -> str:
        return format_time(self.cpu_time_total)

    @property
    def self_cpu_time_total_str(self) -> str:
        return format_time(self.self_cpu_time_total)


class Interval:
    """From when to when, in microseconds since the profile began."""

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.end = end

    def elapsed_us(self) -> float:
        """How long."""
        return self.end - self.start


class FunctionEvent(Times):
    """One call."""

    count = 1

    def __init__(self, id: int, record: Record, origin: int) -> None:
        self.id = id
        self.name = record.name
        self.key = record.name
        self.category = record.category
        self.is_user_annotation = record.category == "user_annotation"
        self.thread = record.thread
        self.time_range = Interval((record.start - origin) / 1000, (record.end - origin) / 1000)
        self.input_shapes = record.shapes
        self.cpu_parent: FunctionEvent | None = None
        self.cpu_children: list[FunctionEvent] = []
        self.stack: list[str] = []
        self.kernels: list[Any] = []

    @property
    def cpu_time_total(self) -> float:  # type: ignore[override]
        """Microseconds, those of the calls inside included."""
        return self.time_range.elapsed_us()

    @property
    def self_cpu_time_total(self) -> float:  # type: ignore[override]
        """Microseconds, without those of the calls inside."""
        return self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children)

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent id={self.id} name={self.name} overload_name= device_type={self.device_type} node_id=-1 "
            f"cpu_time={self.cpu_time_str} start_us={self.time_range.start} end_us={self.time_range.end} "
            f"cpu_children={[child.id for child in self.cpu_children]} None_time=0.000us name={self.name} "
            f"thread={self.thread} input_shapes={self.input_shapes} cpu_memory_usage=0 None_memory_usage=0 "
            "is_async=False is_remote=False seq_nr=-1 is_legacy=False>"
        )


class FunctionEventAvg(Times):
    """All calls of one name."""

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self.count = 0
        self.cpu_time_total = 0.0
        self.self_cpu_time_total = 0.0
        self.input_shapes: Any = ""
        self.stack: list[str] = []
        self.cpu_children: list[Any] = []
        self.cpu_parent = None

    def add(self, other: Any) -> FunctionEventAvg:
        """Count another event, or average, in."""
        if self.key is None:
            self.key = other.key
        self.count += other.count
        self.cpu_time_total += other.cpu_time_total
        self.self_cpu_time_total += other.self_cpu_time_total
        return self

    __iadd__ = add

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
            f"cpu_time={self.cpu_time_str}  self_cuda_time=0.000us cuda_time=0.000us "
            f"input_shapes={self.input_shapes} cpu_memory_usage=0 cuda_memory_usage=0>"
        )


class EventList(list):
    """Events, or their averages, in the order in which they began."""

    def __init__(self, events: Any = (), name: str = "") -> None:
        super().__init__(events)
        self._name = name

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all calls."""
        return sum(event.self_cpu_time_total for event in self)

    def key_averages(
        self, group_by_input_shapes: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """One entry for each name, or for each name and input shapes."""
        found: dict[Any, FunctionEventAvg] = {}
        for event in self:
            key = (event.key, str(event.input_shapes)) if group_by_input_shapes else event.key
            if key not in found:
                found[key] = FunctionEventAvg()
                found[key].is_user_annotation = event.is_user_annotation
                if group_by_input_shapes:
                    found[key].input_shapes = event.input_shapes
            found[key].add(event)
        return EventList(found.values())

    def total_average(self) -> FunctionEventAvg:
        """One entry for all."""
        total = FunctionEventAvg()
        for event in self:
            total.add(event)
        total.key = "Total"
        return total

    def export_chrome_trace(self, path: str) -> None:
        """Write the events for chrome://tracing and Perfetto."""
        write_trace(path, self, self._name)

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = NAME_WIDTH,
        max_shapes_column_width: int = SHAPES_WIDTH,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as text, one to a line.

        sort_by: an attribute, such as "cpu_time_total", largest first. row_limit: at most so many lines; -1 for all.
        """
        if not self:
            return ""
        events: Sequence[Any] = self
        if sort_by is not None:
            events = sorted(self, key=lambda event: getattr(event, sort_by), reverse=True)
        if top_level_events_only:
            events = [event for event in events if event.cpu_parent is None]
        limit = len(events) if row_limit < 0 else row_limit
        total = self.self_cpu_time_total
        shown = _columns(self, total, max_name_column_width, max_shapes_column_width)
        line = "".join("-" * width + " " * SPACE for _, width, _ in shown)
        result = ["=" * (len(line) - SPACE), header, line] if header else [line]
        result.append("".join(f"{title:>{width}}" + " " * SPACE for title, width, _ in shown))
        result.append(line)
        for event in events[:limit]:
            result.append("".join(f"{show(event):>{width}}" + " " * SPACE for _, width, show in shown))
        result += [line, f"Self CPU time total: {format_time(total)}", ""]
        return "\n".join(result)

    def __str__(self) -> str:
        return self.table()


def _columns(
    events: Sequence[Any], total: float, name_width: int, shapes_width: int
) -> list[tuple[str, int, Callable[[Any], str]]]:
    """(title, width, how an event is shown) of each column of a table."""

    def cut(text: str, width: int) -> str:
        return text if len(text) < width else text[: width - 3] + "..."

    name_width = min(max(len(event.key) for event in events) + 4, name_width)
    columns: list[tuple[str, int, Callable[[Any], str]]] = [
        ("Name", name_width, lambda event: cut(event.key, name_width)),
        ("Self CPU %", COLUMN_WIDTH, lambda event: format_share(event.self_cpu_time_total, total)),
        ("Self CPU", COLUMN_WIDTH, lambda event: event.self_cpu_time_total_str),
        ("CPU total %", COLUMN_WIDTH, lambda event: format_share(event.cpu_time_total, total)),
        ("CPU total", COLUMN_WIDTH, lambda event: event.cpu_time_total_str),
        ("CPU time avg", COLUMN_WIDTH, lambda event: event.cpu_time_str),
        ("# of Calls", COLUMN_WIDTH, lambda event: str(event.count)),
    ]
    if any(event.input_shapes for event in events):
        width = min(max(len(str(event.input_shapes)) for event in events) + 4, shapes_width)
        columns.append(("Input Shapes", width, lambda event: cut(str(event.input_shapes), width)))
    return columns


def make_events(records: Sequence[Record], name: str) -> EventList:
    """The events of what was recorded."""
    origin = records[0].start if records else 0
    events = {id(record): FunctionEvent(i, record, origin) for i, record in enumerate(records, 1)}
    # threads as small numbers, the main one first
    threads = {threading.main_thread().ident: 1}
    for record in records:
        event = events[id(record)]
        event.thread = threads.setdefault(record.thread, len(threads) + 1)
        if record.parent is not None and id(record.parent) in events:
            event.cpu_parent = events[id(record.parent)]
            event.cpu_parent.cpu_children.append(event)
    return EventList(events.values(), name)
