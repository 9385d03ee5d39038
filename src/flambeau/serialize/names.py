"""PyTorch's names for the classes and functions that a file refers to, and what they are here.

A file names what rebuilds its objects as `module name`, in PyTorch's words, so that both libraries read each other's
files. Classes are found under the same public path: `torch.nn.modules.linear.Linear` is whatever `nn.Linear` is here.
"""

from __future__ import annotations

import importlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

from .. import dtypes, random, storage
from ..device import device
from ..tensor.size import Size
from ..tensor.tensor import Parameter, Tensor
from . import rebuild

ROOT = __name__.partition(".")[0]
# packages of ours that PyTorch has elsewhere
OURS_TO_THEIRS = {"vision": "torchvision", "data": "torch.utils.data", "serialize": "torch.serialization"}
THEIRS_TO_OURS = {theirs: ours for ours, theirs in OURS_TO_THEIRS.items()}


class TorchName:
    """A name that is written as it stands. Calling it is the reader's business."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __call__(self) -> Any:
        raise TypeError(f"{self.module}.{self.name} stands for a function of the reader")


class StorageType:
    """A storage class of a file, such as `FloatStorage`: how its bytes are to be read."""

    __slots__ = ("name", "dtype")

    def __init__(self, name: str, dtype: dtypes.dtype | None) -> None:
        self.name = name
        self.dtype = dtype

    def __repr__(self) -> str:
        return f"<class 'torch.{self.name}'>"


# dtype -> the name that storages and legacy tensor classes begin with
STORED_AS = {
    dtypes.float64: "Double", dtypes.float32: "Float", dtypes.float16: "Half", dtypes.bfloat16: "BFloat16",
    dtypes.int64: "Long", dtypes.int32: "Int", dtypes.int16: "Short", dtypes.int8: "Char", dtypes.uint8: "Byte",
    dtypes.bool_: "Bool", dtypes.complex64: "ComplexFloat", dtypes.complex128: "ComplexDouble",
}  # fmt: skip
STORAGE_TYPES = {dtype: StorageType(f"{name}Storage", dtype) for dtype, name in STORED_AS.items()}
UNTYPED = StorageType("storage.UntypedStorage", None)


def _layout(name: str) -> Any:
    found = LAYOUTS.get(name) if type(name) is str else None
    if found is None:
        raise RuntimeError(f"Unknown layout {name!r}" if type(name) is str else "a layout of the file has no name")
    return found


LAYOUTS = {repr(value): value for value in vars(storage).values() if isinstance(value, storage.layout)}


def _generator(where: Any = "cpu") -> Any:
    return random.Generator(where)


# names that no module of ours has under PyTorch's path, and that are safe to load
SAFE: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "collections.Counter": Counter,
    "builtins.set": set,
    "__builtin__.set": set,
    "builtins.complex": complex,
    "__builtin__.complex": complex,
    "builtins.bytearray": bytearray,
    "__builtin__.bytearray": bytearray,
    "_codecs.encode": rebuild.encoded_text,
    "torch.Size": Size,
    "torch.device": device,
    "torch.Tensor": Tensor,
    "torch.nn.parameter.Parameter": Parameter,
    "torch.serialization._get_layout": _layout,
    "torch._tensor._rebuild_from_type_v2": rebuild.from_type,
    "torch._utils._rebuild_tensor": rebuild.tensor_v1,
    "torch._utils._rebuild_tensor_v2": rebuild.tensor_v2,
    "torch._utils._rebuild_tensor_v3": rebuild.tensor_v3,
    "torch._utils._rebuild_parameter": rebuild.parameter,
    "torch._utils._rebuild_parameter_with_state": rebuild.parameter_with_state,
    "torch._utils._rebuild_sparse_tensor": rebuild.sparse_tensor,
    "torch._utils._rebuild_meta_tensor_no_storage": rebuild.meta_tensor,
    "torch._utils._rebuild_device_tensor_from_numpy": rebuild.device_tensor_from_numpy,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": rebuild.device_tensor,
    "torch.storage.UntypedStorage": UNTYPED,
    "torch.storage.TypedStorage": UNTYPED,
    "torch.UntypedStorage": UNTYPED,
}
for _dtype in dtypes.ALL:
    SAFE[f"torch.{_dtype.name}"] = _dtype
for _type in STORAGE_TYPES.values():
    SAFE[f"torch.{_type.name}"] = SAFE[f"torch.cuda.{_type.name}"] = _type

# names for the writer: what the class or object would not say of itself
WRITTEN: dict[int, TorchName] = {}
for _path, _object in SAFE.items():
    _module, _, _name = _path.rpartition(".")
    if _module.startswith("torch") and _module != "torch.cuda":
        WRITTEN.setdefault(id(_object), TorchName(_module, _name))


def lookup(module: str, name: str) -> Any:
    """What a name of a file means, for files that are trusted. Raises ModuleNotFoundError and AttributeError."""
    known = SAFE.get(f"{module}.{name}")
    if known is not None:
        return known
    if f"{module}.{name}" == "torch._C.Generator":
        return _generator
    first = module.partition(".")[0]
    if first not in ("torch", "torchvision"):
        return _attribute(importlib.import_module(module), name)
    for path in _paths(module):
        try:
            return _attribute(importlib.import_module(path), name)
        except ImportError as error:
            if error.name is not None and not path.startswith(error.name):
                raise
        except AttributeError:
            continue
    raise AttributeError(
        f"Can't get attribute {name!r} on <module {module!r}>\n"
        f"  The file needs PyTorch's {module}.{name}, which Flambeau does not have."
    )


def _paths(module: str) -> list[str]:
    """Our modules that may have what PyTorch has in `module`: the same path, then its parents."""
    for theirs, ours in THEIRS_TO_OURS.items():
        if module == theirs or module.startswith(theirs + "."):
            module = f"{ROOT}.{ours}{module[len(theirs) :]}"
            break
    else:
        module = ROOT + module.removeprefix("torchvision").removeprefix("torch")
    parts = module.split(".")
    return [".".join(parts[:n]) for n in range(len(parts), 0, -1)]


def _attribute(found: Any, name: str) -> Any:
    for part in name.split("."):
        found = getattr(found, part)
    return found


def written_name(thing: Any) -> TorchName | None:
    """The name under which PyTorch knows a class or function of ours; None for other people's."""
    known = WRITTEN.get(id(thing))
    if known is not None:
        return known
    module = getattr(thing, "__module__", None)
    name = getattr(thing, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    if module.split(".")[0] in ("torch", "torchvision"):
        return TorchName(module, name)
    if module != ROOT and not module.startswith(ROOT + "."):
        return None
    # the shortest path that has it is the public one, which both libraries share
    parts = module.split(".")
    for n in range(1, len(parts) + 1):
        path = ".".join(parts[:n])
        if _has(path, name, thing):
            return TorchName(_theirs(path), name)
    return TorchName(_theirs(module), name)


def _has(path: str, name: str, thing: Any) -> bool:
    try:
        return _attribute(importlib.import_module(path), name) is thing
    except (ImportError, AttributeError):
        return False


def _theirs(path: str) -> str:
    inner = path.removeprefix(ROOT).removeprefix(".")
    first, dot, rest = inner.partition(".")
    if first in OURS_TO_THEIRS:
        return OURS_TO_THEIRS[first] + dot + rest
    return f"torch.{inner}" if inner else "torch"


Lookup = Callable[[str, str], Any]
