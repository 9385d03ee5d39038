"""`torch.utils.hooks`: what registering a hook returns, and marks for hooks that are not to be pickled."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from ..tensor.node import RemovableHandle
from ..tensor.tensor import Tensor

__all__ = ["RemovableHandle", "unserializable_hook", "warn_if_has_hooks"]


def unserializable_hook(f: Callable) -> Callable:
    """Mark a hook that is lost, silently, when its tensor is pickled."""
    f.__torch_unserializable__ = True  # type: ignore[attr-defined]
    return f


def warn_if_has_hooks(tensor: Tensor) -> None:
    """Warn of hooks on a tensor, since pickling loses them."""
    for hook in (tensor.__dict__.get("_backward_hooks") or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized.  If this is expected, you can decorate the "
                "function with @torch.utils.hooks.unserializable_hook to suppress this warning",
                stacklevel=2,
            )
