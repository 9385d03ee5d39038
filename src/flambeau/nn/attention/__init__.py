"""`torch.nn.attention`: which code computes `scaled_dot_product_attention`. Here all choices give the same numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

__all__ = [
    "SDPBackend",
    "sdpa_kernel",
    "WARN_FOR_UNFUSED_KERNELS",
    "register_flash_attention_impl",
    "activate_flash_attention_impl",
    "list_flash_attention_impls",
    "current_flash_attention_impl",
    "restore_flash_attention_impl",
]

WARN_FOR_UNFUSED_KERNELS = False


class SDPBackend(IntEnum):
    """The kinds of code that PyTorch has for attention."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


SDPBackend.__module__ = "torch.nn.attention"


@contextmanager
def sdpa_kernel(backends: Any, set_priority: bool = False) -> Iterator[dict]:
    """A block in which attention is computed by one of some backends; the formula, which is always at hand, serves all.

    >>> with sdpa_kernel(SDPBackend.MATH):
    ...     pass
    """
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError(
            "Backend must be an instance of SDPBackend or a list of SDPBackend instances, got "
            f"{type(backends).__name__}"
        )
    yield {}


# name -> what activates an implementation of one's own; the active one, and what takes it away again
_known: dict[str, Callable] = {}
_active: list[tuple[str, Any]] = []


def register_flash_attention_impl(impl: str, *, register_fn: Callable) -> None:
    """Make an implementation known, by the function that activates it and may return a handle with `remove()`."""
    _known[impl] = register_fn


def activate_flash_attention_impl(impl: str) -> None:
    """Activate an implementation in place of the one before. Raises ValueError for unknown ones."""
    if _active:
        restore_flash_attention_impl()
    if impl not in _known:
        raise ValueError(
            f"Unknown flash attention impl '{impl}'. Available implementations: {list_flash_attention_impls()}"
        )
    handle = _known[impl]()
    if handle is not None:
        _active.append((impl, handle))


def list_flash_attention_impls() -> list[str]:
    """The names of the known implementations."""
    return sorted(_known)


def current_flash_attention_impl() -> str | None:
    """The name of the active implementation, None for the usual code."""
    return _active[0][0] if _active else None


def restore_flash_attention_impl() -> None:
    """Go back to the usual code."""
    if not _active:
        warnings.warn("Trying to restore default FA2 impl when no custom impl was activated", stacklevel=2)
        return
    _active.pop()[1].remove()
