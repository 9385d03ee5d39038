"""`torch.cuda`, as PyTorch without CUDA answers: nothing is available, and what needs a GPU raises AssertionError.

>>> import torch
>>> torch.cuda.is_available(), torch.cuda.device_count()
(False, 0)
"""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from .. import missing, tensor_types
from ..device import device as _device
from ..device import no_backend

has_half = True
has_magma = False
default_generators: tuple = ()


def _lazy_init() -> None:
    raise no_backend("cuda")


def init() -> None:
    """Get ready for CUDA. Raises AssertionError: there is none."""
    _lazy_init()


def is_available() -> bool:
    """Whether a GPU can be used: False."""
    return False


_initialized = False


def is_initialized() -> bool:
    """Whether CUDA was used already: False."""
    return _initialized


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether the GPU computes in bfloat16: False."""
    return False


def is_tf32_supported() -> bool:
    """Whether the GPU computes in TF32: False."""
    return False


def device_count() -> int:
    """The number of GPUs: 0."""
    return 0


# ---- what does nothing, or tells that nothing is used ----------------------------------------------------------------


def manual_seed(seed: int) -> None:
    """Accepted: the generators of GPUs would start anew from this seed."""
    int(seed)


def manual_seed_all(seed: int) -> None:
    """Accepted: the generators of all GPUs would start anew from this seed."""
    int(seed)


def seed() -> None:
    """Accepted: the generator of the GPU would start from a seed that no one can foresee."""


def seed_all() -> None:
    """Accepted: the generators of all GPUs would start from a seed that no one can foresee."""


def empty_cache() -> None:
    """Give back memory that is not in use: there is none."""


def get_rng_state_all() -> list:
    """The states of the generators of all GPUs: of none."""
    return []


def set_rng_state_all(new_states: Iterable) -> None:
    """Set the states of the generators of all GPUs."""
    for _ in new_states:
        _lazy_init()


def get_arch_list() -> list[str]:
    """The GPUs that the library was compiled for: none."""
    return []


def get_gencode_flags() -> str:
    """The compiler's flags for the GPUs that the library was compiled for: none."""
    return ""


def memory_stats(device: Any = None) -> OrderedDict:
    """Statistics of the memory of a GPU: none."""
    return OrderedDict()


def memory_stats_as_nested_dict(device: Any = None) -> dict:
    """Statistics of the memory of a GPU: none."""
    return {}


def _no_memory(name: str) -> Callable[..., int]:
    def used(device: Any = None) -> int:
        return 0

    used.__name__ = used.__qualname__ = name
    used.__doc__ = "The bytes of a GPU's memory that this counts: 0."
    return used


for _name in (
    "memory_allocated max_memory_allocated memory_reserved max_memory_reserved memory_cached max_memory_cached"
).split():
    globals()[_name] = _no_memory(_name)
for _name in (
    "current_device current_stream default_stream get_device_name get_device_capability get_device_properties "
    "get_rng_state set_rng_state initial_seed synchronize mem_get_info ipc_collect can_device_access_peer set_device "
    "set_per_process_memory_fraction get_per_process_memory_fraction reset_peak_memory_stats "
    "reset_accumulated_memory_stats reset_max_memory_allocated reset_max_memory_cached memory_summary memory_snapshot "
    "get_sync_debug_mode set_sync_debug_mode current_blas_handle cudart list_gpu_processes utilization memory_usage "
    "temperature power_draw clock_rate get_stream_from_external is_current_stream_capturing graph_pool_handle "
    "make_graphed_callables caching_allocator_alloc caching_allocator_delete"
).split():
    globals()[_name] = missing.stand_in(_name, _lazy_init, "Raises AssertionError: there is no GPU.")


# ---- classes ---------------------------------------------------------------------------------------------------------


class device:
    """`with torch.cuda.device(i):` chooses a GPU; without one the block runs as it is."""

    def __init__(self, device: Any) -> None:
        self.idx = device if isinstance(device, int) or device is None else _device(device).index

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> bool:  # type: ignore[exit-return]
        return False


class device_of(device):
    """`with torch.cuda.device_of(x):` chooses the GPU of a tensor; without one the block runs as it is."""

    def __init__(self, obj: Any) -> None:
        self.idx = -1


class Stream:
    """A queue of work for a GPU. Raises RuntimeError: there is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("torch.cuda.Stream requires CUDA support")


class ExternalStream(Stream):
    """A queue of work that another library made."""


class Event:
    """A mark in a queue of work for a GPU. Raises RuntimeError: there is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("Tried to instantiate dummy base class Event")


class CUDAGraph:
    """A recorded piece of work for a GPU. Raises RuntimeError: there is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("Tried to instantiate dummy base class CUDAGraph")


class graph:
    """`with torch.cuda.graph(g):` records the work of the block. Raises RuntimeError: there are no queues of work."""

    def __init__(self, cuda_graph: CUDAGraph, *args: Any, **kwargs: Any) -> None:
        Stream()


class StreamContext:
    """`with torch.cuda.stream(s):` gives work to a queue; None leaves things as they are."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        return None


def stream(stream: Any) -> StreamContext:
    """The context in which work goes to a queue."""
    return StreamContext(stream)


def set_stream(stream: Any) -> None:
    """Give work to a queue; None leaves things as they are."""
    if stream is not None:
        _lazy_init()


class CudaError(RuntimeError):
    """An error of the GPU's driver."""


class DeferredCudaCallError(Exception):
    """An error of what waited for the GPU to be ready."""


class OutOfMemoryError(RuntimeError):
    """The memory of a GPU is full."""


class AcceleratorError(RuntimeError):
    """An error of an accelerator's driver."""


OutOfMemoryError.__module__ = AcceleratorError.__module__ = "torch"
globals().update(tensor_types.of_device("torch.cuda"))


def __getattr__(name: str) -> Any:
    if name in ("amp", "comm", "memory", "random"):
        try:
            return importlib.import_module(f".{name}", __name__)
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise missing.missing_attribute(__name__, name, [n for n in globals() if not n.startswith("_")])
