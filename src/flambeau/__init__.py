"""Flambeau: PyTorch's programming model, written in Python.

    import flambeau as torch

Names, defaults, results, printed text and seeded random streams are PyTorch's. What Flambeau lacks raises
AttributeError and says so. Functions and submodules are loaded when they are first used, so that the import is quick.
"""

from __future__ import annotations

import importlib as _importlib
import os as _os
from math import e, inf, nan, pi
from typing import Any as _Any

from . import dtypes as _dtypes
from . import missing as _missing
from .device import device
from .dtypes import dtype, finfo, iinfo
from .random import Generator, default_generator
from .storage import (
    channels_last,
    channels_last_3d,
    contiguous_format,
    jagged,
    layout,
    memory_format,
    preserve_format,
    sparse_bsc,
    sparse_bsr,
    sparse_coo,
    sparse_csc,
    sparse_csr,
    strided,
)
from .tensor import functions as _functions
from .tensor import later as _later
from .tensor import methods as _methods
from .tensor import namespace as _namespace
from .tensor.printing import set_printoptions
from .tensor.public import FUNCTIONS as _FUNCTIONS
from .tensor.size import Size
from .tensor.tensor import Tensor
from .version import __version__

for _d in _dtypes.ALL:
    globals()[_d.name] = _d
globals().update(_dtypes.ALIASES)

# module -> the names that `torch` takes from it
_HOMES = {
    "autograd": "enable_grad no_grad inference_mode set_grad_enabled is_grad_enabled is_inference_mode_enabled "
    "is_anomaly_enabled is_anomaly_check_nan_enabled set_anomaly_enabled",
    "serialize": "save load",
    "serialize.records": "PyTorchFileReader",
    "amp": "autocast",
    "amp.state": "is_autocast_enabled set_autocast_enabled get_autocast_dtype set_autocast_dtype "
    "is_autocast_cache_enabled set_autocast_cache_enabled clear_autocast_cache autocast_increment_nesting "
    "autocast_decrement_nesting is_autocast_cpu_enabled set_autocast_cpu_enabled get_autocast_cpu_dtype "
    "set_autocast_cpu_dtype get_autocast_gpu_dtype set_autocast_gpu_dtype is_autocast_ipu_enabled "
    "set_autocast_ipu_enabled get_autocast_ipu_dtype set_autocast_ipu_dtype is_autocast_xla_enabled "
    "set_autocast_xla_enabled get_autocast_xla_dtype set_autocast_xla_dtype",
    "amp.grad_scaler": "GradScaler _amp_foreach_non_finite_check_and_unscale_ _amp_update_scale_",
    "func": "vmap",
    "checks": "_assert_async _check _check_index _check_is_size _check_not_implemented _check_tensor_all "
    "_check_tensor_all_with _check_type _check_value _check_with",
    "settings": "get_default_dtype set_default_dtype set_default_device get_default_device set_default_tensor_type "
    "use_deterministic_algorithms are_deterministic_algorithms_enabled "
    "is_deterministic_algorithms_warn_only_enabled get_deterministic_debug_mode set_deterministic_debug_mode "
    "set_num_threads get_num_threads set_num_interop_threads get_num_interop_threads set_float32_matmul_precision "
    "get_float32_matmul_precision set_warn_always is_warn_always_enabled set_flush_denormal "
    "compiled_with_cxx11_abi get_device_module is_vulkan_available init_num_threads "
    "has_lapack has_mkl has_openmp has_spectral",
    "symbolic": "SymBool SymFloat SymInt sym_float sym_int sym_ite sym_max sym_min sym_not sym_sqrt sym_sum",
    "tensor_types": "UntypedStorage TypedStorage BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor "
    "FloatTensor HalfTensor IntTensor LongTensor ShortTensor BFloat16Storage BoolStorage ByteStorage CharStorage "
    "DoubleStorage FloatStorage HalfStorage IntStorage LongStorage ShortStorage ComplexFloatStorage "
    "ComplexDoubleStorage",
    "cuda": "AcceleratorError OutOfMemoryError",
    "_C": "DisableTorchFunctionSubclass",
    "compiler": "compile",
    "jit": "DeviceObjType ScriptModule",
    "futures": "Future",
    "operators": "ops",
    "accelerator": "Event Stream",
    "utils.dlpack": "to_dlpack",
}
_NAMES = {name: home for home, names in _HOMES.items() for name in names.split()}
_SUBMODULES = (
    "array_api autograd cuda data distributions fft func hub linalg mps nn optim random serialization serialize signal "
    "special testing utils vision version backends amp profiler jit compiler distributed onnx types overrides storage "
    "return_types sparse explain _C _tensor_str compat cpu accelerator masked futures fx multiprocessing library "
    "_dynamo _higher_order_ops quasirandom xpu __config__ __future__"
).split()

newaxis = None
legacy_contiguous_format = contiguous_format
# `torch.torch` is PyTorch's name for itself, which programs use
torch = _importlib.import_module(__name__)
# the packages of the same names are not for users
tensor = _functions.tensor
del ops  # type: ignore[name-defined]  # noqa: F821


def _array_api() -> _Any:
    return _importlib.import_module(".array_api", __name__)


def _sharing() -> _Any:
    return _importlib.import_module(".multiprocessing", __name__)


_later.array_namespace = _array_api
_later.process_sharing = _sharing


def __getattr__(name: str) -> _Any:
    home = _NAMES.get(name)
    if home is not None:
        found = getattr(_importlib.import_module(f".{home}", __name__), name)
    elif name in _FUNCTIONS or name in _functions.PUBLIC_ROWS or name in _functions.IN_PLACE:
        found = getattr(_functions, name)
    elif name in _SUBMODULES:
        try:
            return _importlib.import_module(f".{name}", __name__)
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
            raise _missing.missing_attribute(__name__, name, __dir__()) from None
    else:
        raise _missing.missing_attribute(__name__, name, __dir__())
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES, *_FUNCTIONS, *_functions.PUBLIC_ROWS, *_functions.IN_PLACE, *_present()})


def _present() -> list[str]:
    """The submodules that are there."""
    files = {name.partition(".")[0] for name in _os.listdir(__path__[0])}
    return [name for name in _SUBMODULES if name in files]
