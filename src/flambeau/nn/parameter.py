"""Parameters and buffers, also those whose shape is not known yet."""

from __future__ import annotations

from typing import Any

from .. import config
from ..tensor import functions as fn
from ..tensor.tensor import Parameter, Tensor

__all__ = [
    "Parameter",
    "UninitializedParameter",
    "is_lazy",
    "Buffer",
    "UninitializedBuffer",
    "UninitializedTensorMixin",
]


class _BufferType(type):
    """A buffer is a tensor with a mark, so that views and results of it are plain tensors."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.__dict__.get("_is_buffer", False)


class Buffer(metaclass=_BufferType):
    """A tensor that a module finds as its buffer when it is assigned to an attribute.

    persistent: whether it is part of the module's state dict.

    >>> m = torch.nn.Module()
    >>> m.mean = Buffer(zeros(2))
    >>> list(m.state_dict())
    ['mean']
    """

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Tensor:  # type: ignore[misc]
        data = fn.empty(0) if data is None else data
        buffer = data.detach().requires_grad_(data.requires_grad)  # type: ignore[attr-defined]
        buffer.persistent = persistent
        buffer._is_buffer = True
        return buffer


def _refuse_use(self: Any) -> Any:
    raise ValueError(
        "Attempted to use an uninitialized parameter in an operation. This error happens when you are using a "
        f"`LazyModule` or explicitly manipulating `torch.nn.parameter.{type(self).__name__}` objects. When using "
        "LazyModules Call `forward` with a dummy batch to initialize the parameters before calling torch functions"
    )


class UninitializedTensorMixin:
    """What a tensor without a shape can do: be moved, change its dtype, and get a shape with `materialize`."""

    __slots__ = ()
    cls_to_become: type

    def materialize(self: Any, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become an ordinary tensor of a shape, with memory that is not initialised."""
        whole = fn.empty(shape, device=self.device if device is None else device, dtype=dtype or self.dtype)
        self.__class__ = self.cls_to_become
        self.data = whole

    def converted(self: Any, convert: Any) -> Any:
        """The same, on the device and in the dtype that `convert` gives an ordinary tensor."""
        example = convert(fn.empty(0, device=self.device, dtype=self.dtype))
        return type(self)(self.requires_grad, example.device, example.dtype)

    @property
    def shape(self) -> Any:
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` "
            "to initialize the parameters before accessing their attributes."
        )

    @property
    def data(self: Any) -> Tensor:
        """An empty tensor: what initialises it early changes nothing."""
        return fn.empty(0, device=self.device, dtype=self.dtype)

    @data.setter
    def data(self: Any, value: Tensor) -> None:
        _refuse_use(self)

    def share_memory_(self) -> None:
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters "
            "before calling `module.share_memory()`."
        )

    def detach(self) -> Any:
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self: Any, memo: dict) -> Any:
        return memo.setdefault(id(self), type(self)(self.requires_grad, self.device, self.dtype))

    def __reduce_ex__(self: Any, protocol: Any) -> tuple:
        return (type(self), (self.requires_grad, self.device, self.dtype))


def is_lazy(param: Any) -> bool:
    """Whether a parameter or buffer has no shape yet."""
    return isinstance(param, UninitializedTensorMixin)


def _without_shape(cls: type, requires_grad: bool, device: Any, dtype: Any) -> Any:
    """A tensor of a class that refuses every use of its array."""
    data = fn.empty(0, device=device, dtype=config.default_dtype() if dtype is None else dtype)
    self = Parameter(data, requires_grad)
    self.__class__ = cls
    return self


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter whose shape is not known yet: that of a lazy module before its first call."""

    __slots__ = ()
    cls_to_become = Parameter
    _array = property(_refuse_use)

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return _without_shape(cls, requires_grad, device, dtype)


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer whose shape is not known yet."""

    __slots__ = ()
    cls_to_become = Tensor
    _array = property(_refuse_use)

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> Any:
        self = _without_shape(cls, requires_grad, device, dtype)
        self.persistent = persistent
        self._is_buffer = True
        return self
