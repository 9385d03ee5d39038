"""What autocast is set to in the running thread, and the casts themselves.

Each type of device has a switch and a dtype of its own. Only the CPU's switch does anything: the mode `autocast` of the
thread is then a `Casting`, which dispatch and `@public` ask to make the calls that are on PyTorch's lists.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .. import config, dtypes
from ..device import device
from ..tensor.autocast import POLICIES
from ..tensor.node import AccumulateGrad
from ..tensor.tensor import Tensor, current_edge

# device type -> the dtype that its regions compute in
DEFAULTS = dict.fromkeys(("cpu", "xla"), dtypes.bfloat16) | dict.fromkeys(
    ("cuda", "ipu", "xpu", "mps", "hpu", "mtia", "maia", "privateuseone"), dtypes.float16
)
# device types that PyTorch has, without autocast
OTHERS = "mkldnn opengl opencl ideep hip ve fpga lazy vulkan meta".split()


class Settings(threading.local):
    """One thread's switches, and how deep it is in regions."""

    def __init__(self) -> None:
        self.enabled: dict[str, bool] = {}
        self.dtypes = dict(DEFAULTS)
        self.cache_enabled = True
        self.nesting = 0
        # id of a leaf -> the leaf and its cast value, until the outermost region is left
        self.cache: dict[int, tuple[Tensor, Tensor]] = {}


settings = Settings()


class Casting:
    """The mode `autocast` of a thread."""

    __slots__ = ("dtype", "policies")

    def __init__(self, dtype: dtypes.dtype) -> None:
        self.dtype = dtype
        self.policies = POLICIES

    def call(self, name: str, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        """`function(*args, **kwargs)` with tensors cast as the policy of its name says; no casts happen inside."""
        policy = POLICIES[name]
        if policy == "promote":
            wanted = self.widest((*args, *kwargs.values()))
        elif policy == "state":
            lower = next(state_dtypes([*args[1:], kwargs.get("hx")]), None) is self.dtype
            wanted = self.dtype if lower else dtypes.float32
        else:
            wanted = self.dtype if policy == "lower" else dtypes.float32
        args = tuple([self.cast(x, wanted) for x in args])
        if kwargs:
            kwargs = {key: self.cast(x, wanted) for key, x in kwargs.items()}
        config.set_mode("autocast", None)
        try:
            return function(*args, **kwargs)
        finally:
            config.set_mode("autocast", self)

    def cast(self, x: Any, wanted: dtypes.dtype) -> Any:
        """A tensor of the CPU and of a floating dtype other than float64 in another dtype; lists of them too."""
        if isinstance(x, Tensor):
            if x.dtype is wanted or not eligible(x):
                return x
            if wanted is not self.dtype or not settings.cache_enabled or not may_be_kept(x):
                return x.to(wanted)
            found = settings.cache.get(id(x))
            if found is None:
                # the leaf is kept too, so that no other tensor gets its id
                found = settings.cache[id(x)] = (x, x.to(wanted))
            return found[1]
        if type(x) is list or type(x) is tuple:
            return type(x)([self.cast(one, wanted) for one in x])
        return x

    def widest(self, values: Any, found: Any = None) -> dtypes.dtype:
        """float32 if one of the tensors has it, else the dtype of the region."""
        found = self.dtype if found is None else found
        for x in values:
            if isinstance(x, (list, tuple)):
                found = self.widest(x, found)
            elif isinstance(x, Tensor) and eligible(x):
                if dtypes.float32 in (found, x.dtype):
                    found = dtypes.float32
                elif x.dtype is not self.dtype:
                    raise RuntimeError(
                        "Unexpected floating ScalarType in at::autocast::prioritize\n"
                        f"  In a region of {self.dtype}, tensors of {x.dtype} cannot be joined; cast them first."
                    )
        return found


def eligible(x: Tensor) -> bool:
    d = x.dtype
    return d.is_floating_point and d is not dtypes.float64 and x.device.type == "cpu"


def state_dtypes(values: Iterable[Any]) -> Iterator[dtypes.dtype]:
    """The dtypes of the tensors that can be cast."""
    for x in values:
        if isinstance(x, (list, tuple)):
            yield from state_dtypes(x)
        elif isinstance(x, Tensor) and eligible(x):
            yield x.dtype


def may_be_kept(x: Tensor) -> bool:
    """Whether a cast value serves the whole region: parameters, which nothing replaces between two uses."""
    return (
        x.dtype is dtypes.float32
        and x._view is None
        and type(current_edge(x)) is AccumulateGrad
        and config.grad_enabled()
    )


# ---- the switches, as PyTorch names them -----------------------------------------------------------------------------


def check_device_type(name: str, device_type: Any) -> str:
    """The type itself, if PyTorch knows it."""
    if not isinstance(device_type, str):
        kind = type(device_type).__name__
        raise TypeError(f"{name}(): argument 'device_type' (position 1) must be str, not {kind}")
    return device_type if device_type in DEFAULTS else device(device_type).type


def is_autocast_available(device_type: str) -> bool:
    """Whether there are regions of that type of device.

    >>> torch.amp.is_autocast_available("cpu")
    True
    """
    return check_device_type("_is_autocast_available", device_type) in DEFAULTS


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """Whether the thread is in a region of that type of device; without an argument, of "cuda"."""
    if device_type is None:
        return settings.enabled.get("cuda", False)
    if check_device_type("is_autocast_enabled", device_type) not in DEFAULTS:
        raise RuntimeError("unknown device type for autocast in get_autocast_dispatch_key_from_device_type")
    return settings.enabled.get(device_type, False)


def set_autocast_enabled(device_type: Any, enabled: bool | None = None) -> None:
    """Switch the casts of a type of device on or off. `set_autocast_enabled(True)` means "cuda"."""
    if enabled is None:
        device_type, enabled = "cuda", device_type
    settings.enabled[check_device_type("set_autocast_enabled", device_type)] = bool(enabled)
    _apply()


def get_autocast_dtype(device_type: str) -> dtypes.dtype:
    """The dtype that products compute in inside a region.

    >>> torch.get_autocast_dtype("cpu")
    torch.bfloat16
    """
    found = settings.dtypes.get(check_device_type("get_autocast_dtype", device_type))
    if found is None:
        raise RuntimeError("unsupported scalarType")
    return found


def set_autocast_dtype(device_type: str, dtype: dtypes.dtype) -> None:
    """Choose the dtype that products compute in inside a region."""
    settings.dtypes[check_device_type("set_autocast_dtype", device_type)] = dtype
    _apply()


def _apply() -> None:
    """Let dispatch know."""
    mode = Casting(settings.dtypes["cpu"]) if settings.enabled.get("cpu") else None
    config.set_mode("autocast", mode)


def is_autocast_cache_enabled() -> bool:
    """Whether a parameter is cast once for a whole region."""
    return settings.cache_enabled


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Say whether a parameter is cast once for a whole region."""
    settings.cache_enabled = bool(enabled)


def clear_autocast_cache() -> None:
    """Forget the parameters that were cast."""
    settings.cache.clear()


def autocast_increment_nesting() -> int:
    """Enter a region; how deep the thread is in regions now."""
    settings.nesting += 1
    return settings.nesting


def autocast_decrement_nesting() -> int:
    """Leave a region; how deep the thread is in regions now."""
    settings.nesting -= 1
    return settings.nesting


def _old_names(name: str, device_type: str) -> dict[str, Callable]:
    """The four functions that one type of device had before all took `device_type`."""

    def warn(old: str, new: str) -> None:
        text = f"torch.{old} is deprecated. Please use torch.{new} instead."
        warnings.warn(text, DeprecationWarning, stacklevel=3)

    def is_enabled() -> bool:
        warn(f"is_autocast_{name}_enabled()", f"is_autocast_enabled('{device_type}')")
        return is_autocast_enabled(device_type)

    def set_enabled(enabled: bool) -> None:
        warn(f"set_autocast_{name}_enabled(enabled)", f"set_autocast_enabled('{device_type}', enabled)")
        set_autocast_enabled(device_type, enabled)

    def get_dtype() -> dtypes.dtype:
        warn(f"get_autocast_{name}_dtype()", f"get_autocast_dtype('{device_type}')")
        return get_autocast_dtype(device_type)

    def set_dtype(dtype: dtypes.dtype) -> None:
        warn(f"set_autocast_{name}_dtype(dtype)", f"set_autocast_dtype('{device_type}', dtype)")
        set_autocast_dtype(device_type, dtype)

    return {
        f"is_autocast_{name}_enabled": is_enabled,
        f"set_autocast_{name}_enabled": set_enabled,
        f"get_autocast_{name}_dtype": get_dtype,
        f"set_autocast_{name}_dtype": set_dtype,
    }


for _name, _type in (("cpu", "cpu"), ("gpu", "cuda"), ("ipu", "ipu"), ("xla", "xla")):
    globals().update(_old_names(_name, _type))
# the switch of "gpu" is the one without a name
del globals()["is_autocast_gpu_enabled"], globals()["set_autocast_gpu_enabled"]
