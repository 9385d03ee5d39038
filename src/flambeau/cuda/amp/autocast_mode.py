"""`torch.cuda.amp.autocast` and its decorators."""

from __future__ import annotations

from typing import Any

from ... import amp
from .common import warn_deprecated


class autocast(amp.autocast):
    """`torch.amp.autocast("cuda", …)`; deprecated."""

    def __init__(self, enabled: bool = True, dtype: Any = None, cache_enabled: bool = True) -> None:
        warn_deprecated("autocast")
        super().__init__("cuda", enabled=enabled, dtype=dtype, cache_enabled=cache_enabled)


def custom_fwd(fwd: Any = None, **kwargs: Any) -> Any:
    """`torch.amp.custom_fwd(device_type="cuda")`; deprecated."""
    warn_deprecated("custom_fwd")
    return amp.custom_fwd(fwd, device_type="cuda", **kwargs)


def custom_bwd(bwd: Any) -> Any:
    """`torch.amp.custom_bwd(device_type="cuda")`; deprecated."""
    warn_deprecated("custom_bwd")
    return amp.custom_bwd(bwd, device_type="cuda")
