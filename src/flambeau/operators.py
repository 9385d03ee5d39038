"""`torch.ops`: operators by their names in PyTorch's own table, as in `torch.ops.aten.add.Tensor(x, y)`.

`aten` has the functions and methods of tensors that go by the same name; arguments are those of the table's schema,
without `self=` by name. Of one name all overloads are one function here, which sorts its arguments by itself, so the
overload's name is not checked. Other namespaces are empty: their operators come with libraries of compiled code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from . import sparse
from .storage import preserve_format
from .tensor import functions as fn
from .tensor.public import FUNCTIONS
from .tensor.tensor import Tensor


def _slice(x: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    """Every `step`-th element from `start` up to `end` along one dimension, a view."""
    return x[(slice(None),) * (dim % x.ndim) + (slice(start, end, step),)]


def _index(x: Tensor, indices: Sequence[Tensor | None]) -> Tensor:
    """The elements at given places; None takes a whole dimension."""
    return x[tuple(slice(None) if i is None else i for i in indices)]


def _alias(x: Tensor) -> Tensor:
    """The same elements in another tensor."""
    return x.view(x.shape)


def _to_copy(x: Tensor, *, dtype: Any = None, device: Any = None, memory_format: Any = None, **rest: Any) -> Tensor:
    """A copy with another dtype, on another device or in another order."""
    rest.pop("non_blocking", None)
    if rest.pop("pin_memory", None) or rest.pop("layout", None) not in (None, x.layout) or rest:
        raise NotImplementedError("aten::_to_copy changes the dtype, the device and the memory format here, no more")
    order = preserve_format if memory_format is None else memory_format
    return x.to(device or x.device, dtype or x.dtype, copy=True, memory_format=order)


def _pin_memory(x: Tensor, device: Any = None) -> Tensor:
    """A copy in memory that the GPU's driver knows."""
    return x.pin_memory()


# operators whose work is done by something of another name
OTHERWISE: dict[str, Callable] = {
    "_pin_memory": _pin_memory,
    "_sparse_addmm": sparse.addmm,
    "_to_copy": _to_copy,
    "alias": _alias,
    "index": _index,
    "slice": _slice,
}


class OpOverload:
    """One overload of an operator: `torch.ops.aten.add.Tensor`."""

    def __init__(self, packet: OpOverloadPacket, overload: str):
        self.overloadpacket = packet
        self.namespace, _, own = packet.shown.partition(".")
        self._overloadname = overload
        self.__name__ = f"{own}.{overload}"
        self.__doc__ = packet.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.overloadpacket.function(*args, **kwargs)

    def name(self) -> str:
        """`aten::add.Tensor`; of the overload `default` just `aten::add`."""
        own = self.overloadpacket.shown.replace(".", "::")
        return own if self._overloadname == "default" else f"{own}.{self._overloadname}"

    def __str__(self) -> str:
        return f"{self.overloadpacket.shown}.{self._overloadname}"

    def __repr__(self) -> str:
        return f"<OpOverload(op='{self.overloadpacket.shown}', overload='{self._overloadname}')>"


class OpOverloadPacket:
    """All overloads of an operator: `torch.ops.aten.add`."""

    def __init__(self, shown: str, function: Callable):
        self.shown, self.function = shown, function
        self.__name__ = shown.partition(".")[2]
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __getattr__(self, name: str) -> OpOverload:
        if name.startswith("__"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        setattr(self, name, OpOverload(self, name))
        return self.__dict__[name]

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='{self.shown}')>"


class _OpNamespace(ModuleType):
    """The operators of one library: `torch.ops.aten`."""

    def __init__(self, name: str):
        super().__init__(f"torch.ops.{name}")
        self.name = name

    def __getattr__(self, name: str) -> OpOverloadPacket:
        function = _operator(name) if self.name == "aten" and not name.startswith("__") else None
        if function is None:
            raise AttributeError(f"'_OpNamespace' '{self.name}' object has no attribute '{name}'")
        setattr(self, name, OpOverloadPacket(f"{self.name}.{name}", function))
        return self.__dict__[name]

    def __repr__(self) -> str:
        return f"<module '{self.__name__}' from 'torch.ops'>"


class _Ops(ModuleType):
    """`torch.ops`: an attribute for every name, a namespace that may be empty."""

    def __getattr__(self, name: str) -> _OpNamespace:
        if name.startswith("__"):
            raise AttributeError(f"module 'torch.ops' has no attribute '{name}'")
        setattr(self, name, _OpNamespace(name))
        return self.__dict__[name]

    def __repr__(self) -> str:
        return "<module 'torch.ops' from '_ops.py'>"


def _operator(name: str) -> Callable | None:
    """The function of tensors, or else the method, that does an operator's work."""
    if name in OTHERWISE:
        return OTHERWISE[name]
    if name in FUNCTIONS or name in fn.PUBLIC_ROWS or name in fn.IN_PLACE:
        return getattr(fn, name)
    found = getattr(Tensor, name, None)
    return found if callable(found) else None


ops = _Ops("torch.ops")
