"""Questions about tensors and dtypes: what kind of number they hold, which dtype an operation on them has."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ..operands import result_dtype, type_name
from ..public import public
from ..tensor import Tensor

promote_types = public(method=False)(dtypes.promote_types)
can_cast = public(method=False)(dtypes.can_cast)


@public(method=False)
def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """The dtype of an operation on two tensors or numbers."""
    return result_dtype((tensor1, tensor2))


# ---- questions -------------------------------------------------------------------------------------------------------


@public(method=False)
def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)


@public(method=False)
def is_storage(obj: Any) -> bool:
    """Whether `obj` is a storage object."""
    return type(obj).__name__ in ("UntypedStorage", "TypedStorage")


@public(method=False)
def is_floating_point(input: Tensor) -> bool:
    """Whether a tensor's dtype is a floating one."""
    return _tensor("is_floating_point", input).dtype.is_floating_point


@public(method=False)
def is_complex(input: Tensor) -> bool:
    """Whether a tensor's dtype is complex."""
    return _tensor("is_complex", input).dtype.is_complex


@public(method=False)
def is_signed(input: Tensor) -> bool:
    """Whether a tensor's dtype has a sign."""
    return _tensor("is_signed", input).dtype.is_signed


@public(method=False)
def is_inference(input: Tensor) -> bool:
    """Whether a tensor was made in inference mode."""
    return _tensor("is_inference", input)._kind.inference


@public(method=False)
def is_conj(input: Tensor) -> bool:
    """Whether a tensor's elements are still to be conjugated; here `conj` does it at once, so: no."""
    _tensor("is_conj", input)
    return False


@public(method=False)
def is_neg(input: Tensor) -> bool:
    """Whether a tensor's elements are still to be negated: no."""
    _tensor("is_neg", input)
    return False


@public(method=False)
def numel(input: Tensor) -> int:
    """The number of elements of a tensor."""
    return _tensor("numel", input)._array.size


@public(method=False)
def get_device(input: Tensor) -> int:
    """The index of a tensor's device, -1 for the CPU."""
    return _tensor("get_device", input).get_device()  # type: ignore[attr-defined]


def _tensor(name: str, value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type_name(value)}")
    return value


@public(method=False)
def typename(obj: Any) -> str:
    """The full name of an object's class, or a tensor's type."""
    if isinstance(obj, Tensor):
        return obj.type()  # type: ignore[attr-defined]
    cls = obj if isinstance(obj, type) or callable(obj) and hasattr(obj, "__qualname__") else type(obj)
    module = getattr(cls, "__module__", "") or ""
    return cls.__qualname__ if module in ("builtins", "__builtin__", "") else f"{module}.{cls.__qualname__}"
