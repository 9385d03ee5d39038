"""`torch._check` and its kin: conditions that a program states, with the error to raise where one does not hold."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .dtypes import bool_
from .tensor.functions import is_nonzero
from .tensor.tensor import Tensor

Message = Callable[[], Any]


def _check_with(error_type: type[Exception], cond: Any, message: Message | None) -> None:
    """Raise `error_type`, with the text that `message` gives, where a condition is False."""
    if isinstance(cond, Tensor):
        raise TypeError(
            "cond must be a bool, but got a Tensor. For tensor conditions, use torch._check_tensor_all() to assert "
            "that all elements are true."
        )
    if not isinstance(cond, bool):
        raise TypeError(f"cond must be a bool, but got {type(cond)}")
    if cond:
        return
    if message is None:
        raise error_type(
            "Expected cond to be True, but got False. (Could this error message be improved? If so, please report an "
            "enhancement request to PyTorch.)"
        )
    if not callable(message):
        raise TypeError("message must be a callable")
    raise error_type(str(message()))


def _check_tensor_all_with(error_type: type[Exception], cond: Tensor, message: Message | None = None) -> None:
    """Raise `error_type` where some element of a boolean tensor is False."""
    if not isinstance(cond, Tensor):
        raise TypeError(f"cond must be a tensor, but got {type(cond)}")
    if cond.dtype is not bool_:
        raise TypeError(f"cond tensor must have dtype torch.bool, but got {cond.dtype}")
    _check_with(error_type, cond.all().item(), message)


def _check_tensor_all(cond: Tensor, message: Message | None = None) -> None:
    """Raise RuntimeError where some element of a boolean tensor is False."""
    _check_tensor_all_with(RuntimeError, cond, message)


def _assert_async(input: Tensor, assert_msg: str = "Expected Tensor with single nonzero value, but got zero") -> None:
    """Raise RuntimeError where a tensor of one element is 0 or False."""
    if isinstance(input, Tensor) and input.is_meta:  # type: ignore[attr-defined]
        return
    try:
        holds = is_nonzero(input)
    except TypeError as error:
        raise TypeError(str(error).replace("is_nonzero()", "_assert_async()")) from None
    if not holds:
        raise RuntimeError(assert_msg)


def _check_is_size(i: int, message: Message | None = None, *, max: int | None = None) -> None:
    """Raise RuntimeError where a number is negative, or above `max`. Deprecated: say `_check(i >= 0)`."""
    warnings.warn(
        "_check_is_size will be removed in a future PyTorch release along with guard_size_oblivious.     Use "
        "_check(i >= 0) instead.",
        FutureWarning,
        stacklevel=2,
    )
    _check_with(RuntimeError, i >= 0, message)
    if max is not None:
        _check_with(RuntimeError, i <= max, message)


def _raising(name: str, error_type: type[Exception]) -> Callable[..., None]:
    def check(cond: Any, message: Message | None = None) -> None:
        _check_with(error_type, cond, message)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"Raise {error_type.__name__} where a condition is False, with the text that `message` gives."
    return check


_check = _raising("_check", RuntimeError)
_check_index = _raising("_check_index", IndexError)
_check_not_implemented = _raising("_check_not_implemented", NotImplementedError)
_check_type = _raising("_check_type", TypeError)
_check_value = _raising("_check_value", ValueError)
