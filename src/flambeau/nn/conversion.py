"""Moving a module: to another dtype, another device, with its parameters' gradients. These are methods of Module."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .. import dtypes
from ..device import as_device, device
from ..tensor import functions as fn
from ..tensor.tensor import Parameter, Tensor
from .grad_mode import unrecorded
from .parameter import is_lazy

# what `torch.__future__` sets: whether a conversion makes new Parameter objects, or always keeps the old ones
settings = {"overwrite_module_params_on_conversion": False, "swap_module_params_on_conversion": False}


def _apply(self: Any, fn: Callable, recurse: bool = True) -> Any:
    """Replace every parameter, its gradient, and every buffer by `fn` of it."""
    if recurse:
        for module in self.children():
            module._apply(fn)
    for name, parameter in list(self._parameters.items()):
        if parameter is not None:
            converted = _converted(parameter, fn)
            if converted is not parameter:
                self._parameters[name] = converted
    for name, buffer in list(self._buffers.items()):
        if buffer is not None:
            self._buffers[name] = buffer.converted(fn) if is_lazy(buffer) else fn(buffer)
    return self


def _converted(parameter: Any, convert: Callable) -> Any:
    """`convert(parameter)`: the same object, where its device stays, with other data, or a new parameter."""
    if is_lazy(parameter):
        return parameter.converted(convert)
    grad = parameter.grad
    with unrecorded():
        data = convert(parameter)
        new_grad = None if grad is None else convert(grad)
    keep = data.device.type == parameter.device.type and not settings["overwrite_module_params_on_conversion"]
    if keep or settings["swap_module_params_on_conversion"]:
        if data is not parameter:
            parameter.grad = None
            parameter.data = data
        target = parameter
    else:
        target = Parameter(data, parameter.requires_grad)
    if new_grad is not None:
        if keep and new_grad is not grad:
            grad.data = new_grad
            new_grad = grad
        target.grad = new_grad.requires_grad_(grad.requires_grad)
    return target


def to(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Move the module, in place, to a device, a floating dtype, or those of a tensor; integers keep their dtype.

    Call it as `to(device)`, `to(dtype)`, `to(device, dtype)`, `to(tensor)` or `to(memory_format=...)`.
    """
    where, dtype, non_blocking, memory_format = parse_to(*args, **kwargs)
    if dtype is not None:
        if not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        if dtype.is_complex:
            warnings.warn(
                "Complex modules are a new feature under active development whose design may change, and some modules "
                "might not work as expected when using complex tensors as parameters or buffers. Please file an issue "
                "at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a complex module does not "
                "work as expected.",
                stacklevel=2,
            )

    def convert(t: Any) -> Any:
        wanted = dtype if t.is_floating_point() or t.is_complex() else None
        options = {"memory_format": memory_format} if memory_format is not None and t.dim() in (4, 5) else {}
        try:
            return t.to(
                device=where or t.device,
                dtype=t.dtype if wanted is None else wanted,
                non_blocking=non_blocking,
                **options,
            )
        except NotImplementedError as error:
            if str(error).split("\n")[0] != "Cannot copy out of meta tensor; no data!":
                raise
            raise NotImplementedError(
                "Cannot copy out of meta tensor; no data! Please use torch.nn.Module.to_empty() instead of "
                "torch.nn.Module.to() when moving module from meta to a different device."
            ) from None

    return self._apply(convert)


def parse_to(*args: Any, **kwargs: Any) -> tuple[Any, Any, bool, Any]:
    """The device, dtype, non_blocking and memory format that arguments of `to` mean."""
    where, dtype, memory_format = (
        kwargs.pop("device", None),
        kwargs.pop("dtype", None),
        kwargs.pop("memory_format", None),
    )
    other, non_blocking = kwargs.pop("tensor", None), kwargs.pop("non_blocking", False)
    kwargs.pop("copy", None)
    if kwargs:
        raise TypeError(f"to() got an unexpected keyword argument '{next(iter(kwargs))}'")
    rest, dtype = [dtypes.meant(a) for a in args], dtypes.meant(dtype)
    if rest and isinstance(rest[0], Tensor):
        other = rest.pop(0)
    elif rest and isinstance(rest[0], dtypes.dtype):
        dtype = rest.pop(0)
    elif rest and (rest[0] is None or isinstance(rest[0], (str, int, device)) and not isinstance(rest[0], bool)):
        where = rest.pop(0)
        if rest and (rest[0] is None or isinstance(rest[0], dtypes.dtype)):
            dtype = rest.pop(0)
    if rest and isinstance(rest[0], bool):
        non_blocking = rest.pop(0)
    if rest and isinstance(rest[0], bool):
        rest.pop(0)
    if rest:
        raise TypeError(
            "to() received an invalid combination of arguments - got "
            f"({', '.join(type(a).__name__ for a in args)})\n"
            "  Give a device, a dtype, both, or a tensor whose device and dtype to take: to('cpu', torch.float64)."
        )
    if other is not None:
        return other.device, other.dtype, non_blocking, memory_format
    return None if where is None else as_device(where), dtype, non_blocking, memory_format


def to_empty(self: Any, *, device: Any, recurse: bool = True) -> Any:
    """Move the module to a device without its values, which are then uninitialised: for modules made on `meta`."""
    return self._apply(lambda t: fn.empty_like(t, device=device), recurse=recurse)


def _if_floating(self: Any, method: str) -> Any:
    return self._apply(lambda t: getattr(t, method)() if t.is_floating_point() else t)


def type_(self: Any, dst_type: Any) -> Any:
    """Give all parameters and buffers a dtype, integers too."""
    return self._apply(lambda t: t.type(dst_type))


def float_(self: Any) -> Any:
    """Make floating parameters and buffers float32."""
    return _if_floating(self, "float")


def double(self: Any) -> Any:
    """Make floating parameters and buffers float64."""
    return _if_floating(self, "double")


def half(self: Any) -> Any:
    """Make floating parameters and buffers float16."""
    return _if_floating(self, "half")


def bfloat16(self: Any) -> Any:
    """Make floating parameters and buffers bfloat16."""
    return _if_floating(self, "bfloat16")


def cpu(self: Any) -> Any:
    """Move all parameters and buffers to the CPU."""
    return self._apply(lambda t: t.cpu())


def cuda(self: Any, device: Any = None) -> Any:
    """Move all parameters and buffers to a GPU."""
    return self._apply(lambda t: t.cuda(device))


def ipu(self: Any, device: Any = None) -> Any:
    """Move all parameters and buffers to an IPU."""
    return self._apply(lambda t: t.ipu(device))


def xpu(self: Any, device: Any = None) -> Any:
    """Move all parameters and buffers to an XPU."""
    return self._apply(lambda t: t.xpu(device))


def mtia(self: Any, device: Any = None) -> Any:
    """Move all parameters and buffers to an MTIA device."""
    return self._apply(lambda t: t.mtia(device))


def share_memory(self: Any) -> Any:
    """Move parameters and buffers to memory that other processes can share."""
    for t in (*self.parameters(), *self.buffers()):
        if is_lazy(t):
            # which refuses
            t.share_memory_()
    return self._apply(lambda t: t.share_memory_())
