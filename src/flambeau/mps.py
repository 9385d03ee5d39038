"""`torch.mps`, as PyTorch without Metal answers: nothing is available, and what needs it raises RuntimeError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import missing as _missing


def is_available() -> bool:
    """Whether Metal can be used: False."""
    return False


def device_count() -> int:
    """The number of devices: 0."""
    return 0


def manual_seed(seed: int) -> None:
    """Accepted: the generator of the device would start anew from this seed."""
    int(seed)


def seed() -> None:
    """Accepted: the generator of the device would start from a seed that no one can foresee."""


def _needs_metal(name: str, inner: str) -> Callable[..., Any]:
    def refuse() -> None:
        raise RuntimeError(f"Cannot execute {inner}() without MPS backend.")

    return _missing.stand_in(name, refuse, "Raises RuntimeError: there is no such device.")


for _name, _inner in {
    "synchronize": "deviceSynchronize",
    "empty_cache": "emptyCache",
    "current_allocated_memory": "getCurrentAllocatedMemory",
    "driver_allocated_memory": "getDriverAllocatedMemory",
    "recommended_max_memory": "getRecommendedMaxMemory",
    "set_per_process_memory_fraction": "setMemoryFraction",
    "get_rng_state": "getDefaultGenerator",
    "set_rng_state": "getDefaultGenerator",
    "compile_shader": "compileShader",
    "load_metallib": "loadMetallib",
}.items():
    globals()[_name] = _needs_metal(_name, _inner)
