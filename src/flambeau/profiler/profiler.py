"""`profile`: how long which operations take, in the whole of a program or in some of its steps."""

from __future__ import annotations

import json
import os
import socket
import time
import warnings
from collections.abc import Callable, Iterable
from enum import Enum
from types import TracebackType
from typing import Any

from ..optim import optimizer
from .events import EventList, make_events
from .recorder import ANNOTATION, Recorder, record_function
from .trace import write_trace

__all__ = [
    "ProfilerAction",
    "ProfilerActivity",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]


class ProfilerActivity(Enum):
    """What can be profiled; here, the CPU."""

    CPU = 0
    CUDA = 1
    XPU = 2
    MTIA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(Enum):
    """What a profiler does in a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3
    DEVICE_STOPPED = 4


RECORDING = (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)


def supported_activities() -> set[ProfilerActivity]:
    """What can be profiled: {ProfilerActivity.CPU}."""
    return {ProfilerActivity.CPU}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """When a profiler records: after `skip_first` steps, in cycles of `wait`, `warmup` and `active` steps.

    repeat: so many cycles; 0 for no end. skip_first_wait: the first cycle does not wait. Returns a function of the
    step's number.

    >>> [action.name for action in map(schedule(wait=1, warmup=0, active=2), range(4))]
    ['NONE', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    if wait < 0 or warmup < 0 or active <= 0 or repeat < 0 or skip_first < 0:
        raise AssertionError(
            f"Invalid profiler schedule arguments. Got wait={wait} (need >= 0), warmup={warmup} (need >= 0), "
            f"active={active} (need > 0), repeat={repeat} (need >= 0), skip_first={skip_first} (need >= 0)."
        )
    if warmup == 0:
        warnings.warn("Profiler won't be using warmup, this can skew profiler results", stacklevel=2)

    def action(step: int) -> ProfilerAction:
        if step < 0:
            raise AssertionError(f"Step must be non-negative. Got {step}.")
        step -= skip_first
        if step < 0:
            return ProfilerAction.NONE
        if skip_first_wait:
            step += wait
        cycle = wait + warmup + active
        if repeat and step >= repeat * cycle:
            return ProfilerAction.NONE
        place = step % cycle
        if place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False, use_python_export: bool = False
) -> Callable[[profile], None]:
    """An `on_trace_ready` that writes a trace file to a folder, which is made if need be."""

    def handler(prof: profile) -> None:
        os.makedirs(dir_name, exist_ok=True)
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        name = f"{worker}.{time.time_ns()}.pt.trace.json{'.gz' if use_gzip else ''}"
        prof.export_chrome_trace(os.path.join(dir_name, name))

    return handler


class profile:
    """Records the operations of this thread, those of backward passes and optimizer steps included.

    activities: ProfilerActivity.CPU is what there is. schedule: which steps to record (see `schedule`); call `step()`
    after each. on_trace_ready: called with the profiler when a recording is complete. record_shapes: note the inputs'
    shapes. Memory, stacks, FLOPs and modules are not recorded; asking for them gives a warning. An operation's name is
    that of PyTorch's primitive operation; what that is made of is not shown.

    >>> with torch.profiler.profile() as prof:
    ...     y = torch.ones(2) * 2
    >>> prof.key_averages()[0].key
    'aten::mul'
    """

    def __init__(
        self,
        *,
        activities: Iterable[Any] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[..., Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        post_processing_timeout_s: float | None = None,
        experimental_config: Any = None,
        execution_trace_observer: Any = None,
        acc_events: bool = False,
        use_cuda: bool | None = None,
        custom_trace_id_callback: Callable[[], str] | None = None,
    ) -> None:
        self.activities = supported_activities() if activities is None else set(activities)
        if use_cuda is not None:
            text = "`use_cuda` is deprecated, use `activities` argument instead"
            warnings.warn(text, FutureWarning, stacklevel=2)
            if use_cuda:
                self.activities.add(ProfilerActivity.CUDA)
        if not self.activities:
            raise AssertionError("No valid profiler activities found")
        if ProfilerActivity.CUDA in self.activities:
            warnings.warn("CUDA is not available, disabling CUDA profiling", stacklevel=2)
        asked = {"profile_memory": profile_memory, "with_stack": with_stack, "with_flops": with_flops,
                 "with_modules": with_modules}  # fmt: skip
        if any(asked.values()):
            names = ", ".join(name for name, value in asked.items() if value)
            warnings.warn(f"Flambeau's profiler records times and shapes; {names} has no effect", stacklevel=2)
        self.schedule = schedule or (lambda step: ProfilerAction.RECORD)
        self.record_steps = schedule is not None
        self.on_trace_ready = on_trace_ready
        self.record_shapes = record_shapes
        self.acc_events = acc_events
        self.custom_trace_id_callback = custom_trace_id_callback
        self.metadata: dict[str, Any] = {}
        self.step_num = 0
        self.current_action = self.schedule(0)
        self._recorder: Recorder | None = None
        self._records: list[Any] | None = None
        self._step: Any = None
        self._hooks: list[Any] = []

    # ---- steps -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin with step 0."""
        self._begin_step()

    def step(self) -> None:
        """The next step of the program begins."""
        before = self.current_action
        self._end_step()
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        if before is ProfilerAction.RECORD_AND_SAVE or (
            before is ProfilerAction.RECORD and self.current_action not in RECORDING
        ):
            self._end_recording()
        self._begin_step()

    def stop(self) -> None:
        """The program ends."""
        self._end_step()
        if self._recorder is not None:
            self._end_recording()

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _begin_step(self) -> None:
        if self.current_action in RECORDING and self._recorder is None:
            self._begin_recording()
        if self._recorder is not None and self.record_steps:
            self._step = self._recorder.begin(f"ProfilerStep#{self.step_num}", ANNOTATION)

    def _end_step(self) -> None:
        if self._step is not None and self._recorder is not None:
            self._recorder.finish(self._step)
        self._step = None

    def _begin_recording(self) -> None:
        self._recorder = recorder = Recorder(self.record_shapes)
        steps: list[Any] = []

        def before(optimizer: Any, args: tuple, kwargs: dict) -> None:
            steps.append(recorder.begin(f"Optimizer.step#{type(optimizer).__name__}.step", ANNOTATION))

        def after(optimizer: Any, args: tuple, kwargs: dict) -> None:
            recorder.finish(steps.pop())

        self._hooks = [
            optimizer.register_optimizer_step_pre_hook(before),
            optimizer.register_optimizer_step_post_hook(after),
        ]
        recorder.start()

    def _end_recording(self) -> None:
        assert self._recorder is not None
        self._recorder.stop()
        for hook in self._hooks:
            hook.remove()
        kept = self._records if self.acc_events and self._records else []
        self._records = [*kept, *self._recorder.records]
        self._recorder = None
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    # ---- results -----------------------------------------------------------------------------------------------------

    def _recorded(self, what: str) -> list[Any]:
        found = self._records if self._recorder is None else self._recorder.records
        if found is None:
            raise AssertionError(f"Profiler must be initialized before {what}")
        return [record for record in found if record.end]

    def events(self) -> EventList:
        """All calls, in the order in which they began."""
        return make_events(self._recorded("accessing events"), "")

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """The calls of each name together, or with `group_by_input_shape` of each name and shapes."""
        return make_events(self._recorded("getting key averages"), "").key_averages(group_by_input_shape)

    def export_chrome_trace(self, path: str, use_python_export: bool = False) -> None:
        """Write the calls for chrome://tracing and Perfetto; compressed where the name ends in `.gz`."""
        write_trace(path, make_events(self._recorded("exporting chrome trace"), ""), "", self.metadata)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Not available: stacks are not recorded."""
        raise AssertionError("export_stacks() requires with_stack=True\n  Flambeau's profiler does not record stacks.")

    def add_metadata(self, key: str, value: str) -> None:
        """Put a text into the trace file."""
        self.metadata[key] = str(value)

    def add_metadata_json(self, key: str, value: str) -> None:
        """Put a value, given as JSON, into the trace file."""
        self.metadata[key] = json.loads(value)

    preset_metadata_json = add_metadata_json
