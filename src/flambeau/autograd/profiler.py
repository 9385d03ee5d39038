"""`torch.autograd.profiler`: the profiler as it was before `torch.profiler`."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from ..profiler.events import EventList, FunctionEvent, FunctionEventAvg, Interval
from ..profiler.profiler import profile as _profile
from ..profiler.recorder import record_function

__all__ = [
    "EventList",
    "FunctionEvent",
    "FunctionEventAvg",
    "Interval",
    "emit_nvtx",
    "profile",
    "record_function",
]


class profile:
    """Records the operations of this thread, and prints as a table of them.

    enabled: False makes it do nothing. record_shapes: note the inputs' shapes. Other arguments are those of PyTorch;
    what they ask for is not recorded.

    >>> with torch.autograd.profiler.profile() as prof:
    ...     y = torch.ones(2) * 2
    >>> prof.key_averages()[0].key
    'aten::mul'
    """

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
        experimental_config: Any = None,
        acc_events: bool = False,
        custom_trace_id_callback: Any = None,
        post_processing_timeout_s: float | None = None,
        activity_filters: dict[Any, set[str]] | None = None,
    ) -> None:
        self.enabled = enabled
        self._profile = _profile(
            use_cuda=True if enabled and (use_cuda or use_device == "cuda") else None,
            record_shapes=record_shapes,
            with_flops=with_flops,
            profile_memory=profile_memory,
            with_stack=with_stack,
            with_modules=with_modules,
            acc_events=acc_events,
        )
        self.entered = False

    def __enter__(self) -> profile | None:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("Profiler context manager is not reentrant")
        self.entered = True
        self._profile.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.enabled:
            self._profile.stop()

    @property
    def function_events(self) -> EventList | None:
        """All calls."""
        return self._profile.events() if self.entered else None

    def _events(self) -> EventList:
        events = self.function_events
        if events is None:
            raise RuntimeError("Profiler didn't finish running")
        return events

    def __repr__(self) -> str:
        return repr(self._events()) if self.entered else "<unfinished torch.autograd.profile>"

    def __str__(self) -> str:
        return str(self._events()) if self.entered else "<unfinished torch.autograd.profile>"

    def table(self, *args: Any, **kwargs: Any) -> str:
        """The calls as text."""
        return self._events().table(*args, **kwargs)

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> EventList:
        """The calls of each name together."""
        return self._events().key_averages(group_by_input_shape)

    def total_average(self) -> FunctionEventAvg:
        """All calls together."""
        return self._events().total_average()

    def export_chrome_trace(self, path: str) -> None:
        """Write the calls for chrome://tracing."""
        self._profile.export_chrome_trace(path)

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all calls."""
        return self._events().self_cpu_time_total


class emit_nvtx:
    """Marks operations for NVIDIA's tools, which needs a GPU."""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled = enabled

    def __enter__(self) -> emit_nvtx | None:
        if not self.enabled:
            return None
        raise AssertionError("Torch not compiled with CUDA enabled\n  emit_nvtx marks operations for NVIDIA's tools.")

    def __exit__(self, *error: object) -> None:
        pass
