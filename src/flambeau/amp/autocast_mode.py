"""`autocast`: a region of a program in which products compute in a half type."""

from __future__ import annotations

import functools
import importlib.util
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import dtypes
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from . import state
from .state import is_autocast_available

__all__ = ["autocast", "autocast_decorator", "custom_bwd", "custom_fwd", "is_autocast_available"]

SUPPORTED = (dtypes.bfloat16, dtypes.float16)


def amp_definitely_not_available() -> bool:
    """Whether neither a GPU nor XLA can be there."""
    return importlib.util.find_spec("torch_xla") is None


def autocast_decorator(autocast_instance: autocast, func: Callable) -> Callable:
    """A function that always runs in a region."""

    @functools.wraps(func)
    def in_region(*args: Any, **kwargs: Any) -> Any:
        with autocast_instance:
            return func(*args, **kwargs)

    return in_region


class autocast:
    """A region, as context manager or decorator, in which each operation computes in a dtype that suits it.

    device_type: "cpu"; others are accepted and change nothing here. dtype: bfloat16 (the default) or float16, which
    linear maps, convolutions and products cast their tensors to. Losses and decompositions cast to float32, joins to
    the widest dtype they get, everything else computes in what it gets. float64 is left alone, and so are `out=` and
    in-place forms. cache_enabled: cast each parameter once for the region. Run the backward pass outside of it.

    >>> with torch.autocast("cpu"):
    ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    torch.bfloat16
    """

    def __init__(
        self,
        device_type: str,
        dtype: dtypes.dtype | None = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.fast_dtype = state.get_autocast_dtype(device_type) if dtype is None else dtype
        self.device = device_type
        if not is_autocast_available(device_type):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        self._cache_enabled = state.is_autocast_cache_enabled() if cache_enabled is None else cache_enabled
        self._enabled = enabled and self._can_be_enabled()
        self._before: list[tuple] = []

    def _can_be_enabled(self) -> bool:
        """Warn where PyTorch turns the region off."""
        if self.device == "cuda":
            if amp_definitely_not_available():
                warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=3)
                return False
        elif self.fast_dtype not in SUPPORTED:
            name = self.device.upper()
            warnings.warn(
                f"In {name} autocast, but the target dtype is not supported. Disabling autocast.\n"
                f"{name} Autocast only supports dtypes of {', '.join(map(str, SUPPORTED))} currently.",
                stacklevel=3,
            )
            return False
        return True

    def __enter__(self) -> autocast:
        device_type = self.device
        self._before.append(
            (
                state.is_autocast_enabled(device_type),
                state.get_autocast_dtype(device_type),
                state.is_autocast_cache_enabled(),
            )
        )
        state.set_autocast_enabled(device_type, self._enabled)
        state.set_autocast_dtype(device_type, self.fast_dtype)
        state.autocast_increment_nesting()
        state.set_autocast_cache_enabled(self._cache_enabled)
        return self

    def __exit__(self, *error: object) -> bool:  # type: ignore[exit-return]
        if state.autocast_decrement_nesting() == 0:
            state.clear_autocast_cache()
        enabled, dtype, cached = self._before.pop()
        state.set_autocast_enabled(self.device, enabled)
        state.set_autocast_dtype(self.device, dtype)
        state.set_autocast_cache_enabled(cached)
        return False

    def __call__(self, func: Callable) -> Callable:
        if not callable(func):
            raise TypeError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. "
                "Did you mean to use autocast as a context manager? For example:\n"
                "    with torch.autocast(device_type=...):\n"
                "        output = model(input)"
            )
        return autocast_decorator(self, func)


# ---- regions and functions with gradients of their own ---------------------------------------------------------------


def _cast(value: Any, device_type: str, dtype: dtypes.dtype) -> Any:
    """The floating tensors in a value, float64 excepted, in another dtype."""
    if isinstance(value, Tensor):
        apt = value.is_floating_point() and value.device.type == device_type and value.dtype is not dtypes.float64
        return value.to(dtype) if apt else value
    if isinstance(value, (str, bytes, xnp.ndarray)):
        return value
    if isinstance(value, Mapping):
        return {_cast(key, device_type, dtype): _cast(v, device_type, dtype) for key, v in value.items()}
    if isinstance(value, Iterable):
        values = (_cast(v, device_type, dtype) for v in value)
        return type(value)(values) if isinstance(value, (list, tuple)) else values  # type: ignore[call-arg]
    return value


def _check_type(device_type: Any) -> None:
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")


def custom_fwd(fwd: Callable | None = None, *, device_type: str, cast_inputs: dtypes.dtype | None = None) -> Callable:
    """Decorate the `forward` of an `autograd.Function` that is used in regions.

    cast_inputs: in a region, give `forward` its floating tensors in this dtype and run it outside of the region.
    Without it, `forward` runs as the region says. The `backward` needs `custom_bwd`.
    """
    _check_type(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def forward(*args: Any, **kwargs: Any) -> Any:
        ctx = args[0]
        ctx._dtype = state.get_autocast_dtype(device_type)
        inside = state.is_autocast_enabled(device_type)
        ctx._fwd_used_autocast = inside and cast_inputs is None
        if cast_inputs is None or not inside:
            return fwd(*args, **kwargs)
        with autocast(device_type=device_type, enabled=False):
            return fwd(*_cast(args, device_type, cast_inputs), **_cast(kwargs, device_type, cast_inputs))

    return forward


def custom_bwd(bwd: Callable | None = None, *, device_type: str) -> Callable:
    """Decorate the `backward` of an `autograd.Function`: it runs in a region if `forward` did."""
    _check_type(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(*args: Any, **kwargs: Any) -> Any:
        ctx = args[0]
        with autocast(device_type=device_type, enabled=ctx._fwd_used_autocast, dtype=ctx._dtype):
            return bwd(*args, **kwargs)

    return backward
