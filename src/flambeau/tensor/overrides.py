"""Classes that take functions of tensors over: the protocol `__torch_function__`, and modes that see every call.

A tensor of such a class has a kind of its own (`Kind.original` is the usual one), which no fast path accepts, so that
the protocol costs nothing where it is not used. While a method `__torch_function__` of ours runs the function itself,
the tensors have their usual kinds.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import config
from ..config import state
from ..device import Kind
from ..xp.sparse import KINDS as SPARSE
from ..xp.sparse import Coo
from . import later
from .tensor import Parameter, Tensor

_OVERRIDING: dict[Kind, Kind] = {}
_USUAL = (Tensor, Parameter, int, float, bool, str, type(None), complex)
# threads in which no class takes anything over
_disabled: dict[int, int] = {}


def disabled(*call: Any) -> Any:
    """`__torch_function__` of a class that takes nothing over: `(func, types, args, kwargs)` runs the function."""
    func, _, args, kwargs = [*call, (), None][:4] if len(call) < 4 else call[-4:]
    return plainly(func, args, kwargs or {})


def takes_over(cls: type) -> bool:
    """Whether functions of tensors of a class go through its `__torch_function__`."""
    method = getattr(cls, "__torch_function__", None)
    return cls is not Tensor and method is not None and method is not disabled


def kind_in(cls: type, kind: Kind) -> Kind:
    """The kind of a tensor of a class whose array is of that kind."""
    usual = kind if kind.original is None else kind.original
    if not takes_over(cls):
        return usual
    found = _OVERRIDING.get(usual)
    if found is None:
        found = Kind(usual.dtype, usual.device, usual.xp, usual.native, usual.run, usual.inference, False)
        found.wide, found.original = usual.wide, usual
        _OVERRIDING[usual] = found
        state.overrides += 1
    return found


def asked(values: Any, found: list | None = None) -> list:
    """The values, of one class each, whose classes may take a call over; subclasses come before their bases."""
    found = [] if found is None else found
    for x in values:
        t = type(x)
        if t in _USUAL:
            continue
        if t is list or t is tuple:
            asked(x, found)
        elif isinstance(x, Tensor) and x._kind.original is None:
            continue
        elif takes_over(t) and all(type(y) is not t for y in found):
            at = next((i for i, y in enumerate(found) if issubclass(t, type(y))), len(found))
            found.insert(at, x)
    return found


# rows that the quick forms of public functions call
_PUBLIC_NAMES = {
    "sum_all": "sum", "mean_all": "mean", "softmax_dim": "softmax", "log_softmax_dim": "log_softmax",
    "where_same": "where",
    "reshape_to": "reshape", "concat": "cat", "max_all": "max", "min_all": "min", "true_div": "div",
}  # fmt: skip


def public_function(name: str, function: Callable) -> Callable:
    """The function that users know, for that of a row."""
    return later.FUNCTIONS.get(_PUBLIC_NAMES.get(name, name), function)


def _has_sparse(values: Any) -> bool:
    """Whether there is a sparse tensor among values and lists of such."""
    for x in values:
        if isinstance(x, Tensor):
            if type(x._array) is Coo:
                return True
        elif type(x) in _SEVERAL and _has_sparse(x):
            return True
    return False


_SEVERAL: tuple = (tuple, list, type({}.values()))


def take_over(func: Callable, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What a mode, the class or the layout of an argument makes of a call; NotImplemented where none takes it over."""
    if state.overrides == 1 and SPARSE:
        # there are sparse tensors and nothing else that takes over: one look at the arguments is enough
        if _has_sparse((args, kwargs.values())):
            return later.sparse_call(func, args, kwargs)
        return NotImplemented
    return offer(func, args, kwargs)


def offer(func: Callable, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """As `take_over`, also for classes that are no tensors, which `state.overrides` does not count."""
    modes = config.modes().function_modes
    found = [] if get_ident() in _disabled else asked([*args, *kwargs.values()])
    if not modes and not found:
        return later.sparse_call(func, args, kwargs) if _has_sparse((args, kwargs.values())) else NotImplemented
    types = tuple([type(x) for x in found])
    if modes:
        config.set_mode("function_modes", modes[:-1])
        try:
            result = modes[-1].__torch_function__(func, types, tuple(args), kwargs)
        finally:
            config.set_mode("function_modes", modes)
        if result is not NotImplemented:
            return result
    for x in found:
        result = type(x).__torch_function__(func, types, tuple(args), kwargs)
        if result is not NotImplemented:
            return result
    listed = "\n".join(f"  - {'tensor subclass' if isinstance(x, Tensor) else 'class'} {type(x)}" for x in found)
    raise TypeError(
        f"Multiple dispatch failed for 'torch.{func.__name__}'; all __torch_function__ handlers returned "
        "NotImplemented:"
        f"\n\n{listed}\n\nFor more information, try re-running with TORCH_LOGS=not_implemented"
    )


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether some argument is of a class that takes functions of tensors over."""
    return any(type(a) is not Parameter and takes_over(type(a)) for a in relevant_args)


def has_torch_function_unary(inp: Any) -> bool:
    """Whether an argument is of a class that takes functions of tensors over."""
    return has_torch_function((inp,))


def has_torch_function_variadic(*args: Any) -> bool:
    """Whether some argument is of a class that takes functions of tensors over."""
    return has_torch_function(args)


def handle_torch_function(public_api: Callable, relevant_args: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
    """Ask the classes of the arguments, subclasses first, for the result of a function.

    Raises TypeError where all answer NotImplemented.
    """
    found = asked(relevant_args)
    types = tuple([type(a) for a in found])
    for a in found:
        result = type(a).__torch_function__(public_api, types, args, kwargs)
        if result is not NotImplemented:
            return result
    name = f"{public_api.__module__}.{public_api.__name__}"
    raise TypeError(f"no implementation found for '{name}' on types that implement __torch_function__: {list(types)}")


def plainly(func: Callable, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call a function while tensors of all classes are to it as plain ones."""
    tensors = _overriding([*args, *kwargs.values()], [])
    for t in tensors:
        t._kind = t._kind.original
    try:
        return func(*args, **kwargs)
    finally:
        for t in tensors:
            t._kind = kind_in(type(t), t._kind)


def _overriding(values: Any, found: list) -> list:
    for x in values:
        if isinstance(x, (list, tuple)):
            _overriding(x, found)
        elif isinstance(x, Tensor) and x._kind.original is not None and all(x is not y for y in found):
            found.append(x)
    return found


def converted(result: Any, cls: type) -> Any:
    """The tensors of a result as instances of a class."""
    if isinstance(result, Tensor):
        return result if isinstance(result, cls) else result.as_subclass(cls)
    if isinstance(result, (tuple, list)):
        parts = [converted(r, cls) for r in result]
        return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
    return result


def torch_function(cls: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
    """Run a function whose arguments have subclasses of Tensor among them; its results become instances of the
    class."""
    if not all(issubclass(cls, t) for t in types):
        return NotImplemented
    result = plainly(func, args, kwargs or {})
    return result if cls is Tensor else converted(result, cls)


Tensor.__torch_function__ = classmethod(torch_function)  # type: ignore[attr-defined]
Parameter.__torch_function__ = disabled  # type: ignore[attr-defined]


class TorchFunctionMode:
    """Inside, every call of a function of tensors goes through `__torch_function__(func, types, args, kwargs)`."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise NotImplementedError

    def __enter__(self) -> TorchFunctionMode:
        state.overrides += 1
        config.set_mode("function_modes", (*config.modes().function_modes, self))
        return self

    def __exit__(self, *error: object) -> None:
        config.set_mode("function_modes", config.modes().function_modes[:-1])
        state.overrides -= 1


class DisableTorchFunctionSubclass:
    """Inside, no class takes a function over."""

    def __enter__(self) -> None:
        _disabled[get_ident()] = _disabled.get(get_ident(), 0) + 1

    def __exit__(self, *error: object) -> None:
        _disabled[get_ident()] -= 1
        if not _disabled[get_ident()]:
            del _disabled[get_ident()]


TorchFunctionMode.__module__ = "torch.overrides"
