"""Devices, and the kinds of array that live on them.

A `Kind` says everything about how to interpret a tensor's array: its dtype, its device, the array namespace `xp` that
computes with it. Two tensors of one kind need no further questions, which is what the hot path of an operation tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import dtypes

TYPES = ("cpu", "meta", "cuda", "xla", "mps", "xpu", "hpu", "mtia", "privateuseone")


class device:
    """Where a tensor lives: a type and, for some types, an index.

    Raises RuntimeError for a type that PyTorch does not know.

    >>> device("cpu"), device("cuda", 1).index
    (device(type='cpu'), 1)
    """

    __slots__ = ("type", "index")
    type: str
    index: int | None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        elif not isinstance(type, str):
            raise TypeError(f"device(): argument 'type' (position 1) must be str, not {type.__class__.__name__}")
        name, _, number = type.partition(":")
        if number:
            if index is not None:
                raise RuntimeError(
                    f"type (string) must not include an index because index was passed explicitly: {type}"
                )
            if not number.isdigit():
                raise RuntimeError(f"Invalid device string: '{type}'")
            index = int(number)
        if name not in TYPES:
            raise RuntimeError(
                f"Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, "
                f"vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: {name}\n"
                "  Flambeau has the devices 'cpu' and 'meta'."
            )
        self.type = name
        self.index = index

    def __repr__(self) -> str:
        return (
            f"device(type='{self.type}')" if self.index is None else f"device(type='{self.type}', index={self.index})"
        )

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and self.type == other.type and self.index == other.index

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self):
        # by a function, since the class goes by the name torch.device, which may be someone else's
        return (as_device, (str(self),))

    def __enter__(self) -> device:
        _outside.append(_default[0])
        _default[0] = self
        return self

    def __exit__(self, *error: object) -> None:
        _default[0] = _outside.pop()


device.__module__ = "torch"
del device.__annotations__  # `int` is another thing in the module `torch`

CPU = device("cpu")
META = device("meta")


class Kind:
    """How a tensor's array is to be read: `dtype`, `device`, `xp` and the array library's own dtype, `native`.

    The hot path of an operation tests one of `local` (NumPy arrays outside of inference mode), `plain` (moreover
    computed correctly in their native dtype) and `inexact` (moreover floating point or complex). float16, bfloat16
    and float8 are widened to the kind `wide` to compute.
    """

    __slots__ = (
        "dtype",
        "device",
        "xp",
        "native",
        "plain",
        "inexact",
        "floating",
        "local",
        "wide",
        "inference",
        "run",
        "half",
        "batched",
        "original",
    )

    def __init__(
        self, dtype: dtypes.dtype, device: device, xp: Any, native: Any, run: Callable, inference: bool, fast: bool
    ) -> None:
        self.dtype = dtype
        self.device = device
        self.xp = xp
        self.native = native
        # calls a function of arrays in the state that the array library needs (NumPy: without floating-point warnings)
        self.run = run
        self.inference = inference
        self.half = half = dtype in (dtypes.float16, dtypes.bfloat16) or dtype in dtypes.FLOAT8
        self.local = fast and not inference
        self.plain = self.local and not half
        self.inexact = self.plain and (dtype.is_floating_point or dtype.is_complex)
        self.floating = self.inexact and dtype.is_floating_point
        self.wide: Kind = self
        self.batched = False
        # the usual kind, where functions of such tensors go through `__torch_function__`
        self.original: Kind | None = None

    def __repr__(self) -> str:
        return f"Kind({self.dtype}, {self.device})"


# the kinds of the arrays that `vmap` computes with; xp/batch fills them
BATCHED: dict[dtypes.dtype, Kind] = {}


class Backend:
    """An array library: its namespace `xp`, and the kinds of array that it has."""

    def __init__(
        self, device: device, xp: Any, native: dict[dtypes.dtype, Any], run: Callable, fast: bool = False
    ) -> None:
        self.device = device
        self.xp = xp
        self.run = run
        self.kinds = {d: Kind(d, device, xp, n, run, False, fast) for d, n in native.items()}
        self.inference_kinds = {d: Kind(d, device, xp, n, run, True, fast) for d, n in native.items()}
        for kinds in (self.kinds, self.inference_kinds):
            for kind in kinds.values():
                kind.wide = self.kinds[dtypes.float32 if kind.half else kind.dtype]
        self._by_native = {k.native: k for k in self.kinds.values()}

    def kind_of(self, array: Any) -> Kind:
        """The kind of an array of this library."""
        return self._by_native[array.dtype]


_loaders: dict[str, Callable[[], Backend]] = {}
_backends: dict[str, Backend] = {}


def register(type: str, loader: Callable[[], Backend]) -> None:
    """Say how the back end of a device type is made, on its first use."""
    _loaders[type] = loader


def backend(type: str) -> Backend:
    """The back end of a device type. Raises as PyTorch does where there is none."""
    found = _backends.get(type)
    if found is None:
        if type not in _loaders:
            raise no_backend(type)
        found = _backends[type] = _loaders[type]()
    return found


def no_backend(type: str) -> Exception:
    """The error for a device that this machine, or Flambeau, does not have."""
    if type == "cuda":
        return AssertionError(
            "Torch not compiled with CUDA enabled\n"
            "  Flambeau computes on the CPU here; use device='cpu', or pick one with "
            "'cuda' if torch.cuda.is_available() else 'cpu'."
        )
    return RuntimeError(
        f"PyTorch is not linked with support for {type} devices\n  Flambeau has the devices {', '.join(_loaders)}."
    )


def as_device(value: Any) -> device:
    """The device that an argument `device=` means; None means the default one."""
    if type(value) is device:
        return value
    if value is None:
        return _default[0]
    return device(value)


_default: list[device] = [CPU]
# the default devices around `with device:` blocks
_outside: list[device] = []


def default_device() -> device:
    """The device of new tensors."""
    return _default[0]


def set_default_device(value: Any) -> None:
    """Make `value` (a device, a string, or None for the CPU) the device of new tensors."""
    _default[0] = CPU if value is None else as_device(value)


def backend_of(value: Any) -> Backend:
    """The back end of the device that an argument `device=` means."""
    return backend(as_device(value).type)
