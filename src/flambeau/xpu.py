"""`torch.xpu`, as PyTorch without Intel's GPUs answers: none is available, and what needs one raises AssertionError."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from . import missing
from .cuda import device, device_of


def _refuse() -> None:
    raise AssertionError("Torch not compiled with XPU enabled")


# what a function gives: the value that this makes, and how the value reads
_ANSWERS: dict[tuple[Callable[[], Any], str], str] = {
    (bool, "False"): "is_available is_initialized is_bf16_supported is_tf32_supported",
    (int, "0"): "device_count memory_allocated max_memory_allocated memory_reserved max_memory_reserved",
    (list, "an empty list"): "get_arch_list get_rng_state_all",
    (str, "nothing"): "get_gencode_flags",
    (OrderedDict, "an empty dict"): "memory_stats",
    (lambda: None, "nothing to do"): "empty_cache manual_seed manual_seed_all seed seed_all",
    (_refuse, "raises AssertionError"): "current_device current_stream get_device_capability get_device_name "
    "get_device_properties get_rng_state init initial_seed mem_get_info set_device set_rng_state synchronize",
}
for (_kind, _said), _names in _ANSWERS.items():
    for _name in _names.split():
        globals()[_name] = missing.stand_in(_name, _kind, f"Of GPUs that are not there: {_said}.")
__all__ = ["device", "device_of", *" ".join(_ANSWERS.values()).split()]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, __all__)
