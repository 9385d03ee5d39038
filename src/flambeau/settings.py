"""What `torch` has beside functions of tensors: process-wide settings, questions about tensors and dtypes, layouts."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from . import config, dtypes
from .device import as_device, default_device
from .device import set_default_device as _set_default_device
from .tensor.methods.conversion import as_dtype
from .xp.numpy import threads


def get_default_dtype() -> dtypes.dtype:
    """The dtype of new floating tensors."""
    return config.default_dtype()


def set_default_dtype(d: dtypes.dtype) -> None:
    """Make `d` the dtype of new floating tensors. Raises TypeError unless it is a floating dtype."""
    config.set_default_dtype(d)


def set_default_tensor_type(t: Any) -> None:
    """Make the dtype of a tensor type, such as `torch.DoubleTensor`, that of new floating tensors."""
    config.set_default_dtype(as_dtype(t))


def get_default_device() -> Any:
    """The device of new tensors."""
    return default_device()


def set_default_device(device: Any) -> None:
    """Make `device` that of new tensors."""
    _set_default_device(device)


# ---- switches --------------------------------------------------------------------------------------------------------


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for results that are the same in every run; here they always are."""
    config.settings.deterministic = mode
    config.settings.deterministic_warn_only = warn_only


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was last told."""
    return config.settings.deterministic


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """What `use_deterministic_algorithms` was last told about warnings."""
    return config.settings.deterministic_warn_only


def get_deterministic_debug_mode() -> int:
    """0, 1 (warn) or 2 (raise)."""
    return 0 if not config.settings.deterministic else 1 if config.settings.deterministic_warn_only else 2


def set_deterministic_debug_mode(debug_mode: Any) -> None:
    """`use_deterministic_algorithms` by a number or one of "default", "warn", "error"."""
    names = {"default": 0, "warn": 1, "error": 2}
    mode = names.get(debug_mode, debug_mode)
    if mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    use_deterministic_algorithms(mode > 0, warn_only=mode == 1)


def set_num_threads(int: int) -> None:
    """On how many threads large operations run. Where NumPy's BLAS is called, it heeds the environment only.

    Raises TypeError for what is no int, RuntimeError below 1.
    """
    if type(int).__name__ != "int":
        raise TypeError(f"set_num_threads(): argument must be int, not {type(int).__name__}")
    if int <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")
    config.settings.num_threads = int


def get_num_threads() -> int:
    """The number of threads that large operations may use."""
    return threads.width()


_interop_threads = [0]


def set_num_interop_threads(int: int) -> None:
    """Accepted; operations run one after the other."""
    _interop_threads[0] = int


def get_num_interop_threads() -> int:
    """What `set_num_interop_threads` was told, or the number of processors."""
    return _interop_threads[0] or os.cpu_count() or 1


def set_float32_matmul_precision(precision: str) -> None:
    """Accepted: products of float32 matrices are always computed in float32."""
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"float32_matmul_precision '{precision}' is none of 'highest', 'high', 'medium'")
    config.settings.matmul_precision = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was last told."""
    return config.settings.matmul_precision


_warn_always = [False]


def set_warn_always(b: bool) -> None:
    """Whether warnings that are shown once are shown every time."""
    _warn_always[0] = b


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` was last told."""
    return _warn_always[0]


def set_flush_denormal(mode: bool) -> bool:
    """Python cannot set this mode of the processor: False says so, as PyTorch does where there is none."""
    return False


def compiled_with_cxx11_abi() -> bool:
    """Whether PyTorch's C++ was compiled so; there is none here, and code that asks wants the usual answer."""
    return True


# ---- what the library has --------------------------------------------------------------------------------------------

# the answers of PyTorch's usual build: programs ask before they use `torch.linalg` and `torch.fft`, which are here
has_lapack = has_mkl = has_openmp = has_spectral = True


def get_device_module(device: Any = None) -> Any:
    """The module of a device type: `torch.cpu`, `torch.cuda` …; of the default device if none is given."""
    kind = as_device(device).type
    name = f"{__package__}.{kind}"
    if importlib.util.find_spec(name) is None:
        raise RuntimeError(f"Device '{kind}' does not have a corresponding module registered as 'torch.{kind}'.")
    return importlib.import_module(name)


def is_vulkan_available() -> bool:
    """Whether Vulkan computes: False."""
    return False


def init_num_threads() -> None:
    """Accepted: threads are made when they are needed."""
