"""`torch.fx.experimental.proxy_tensor`: whether the operations of tensors are being traced to a graph."""

from __future__ import annotations

from typing import Any

from ... import missing as _missing


def get_proxy_mode() -> None:
    """The mode that traces: None, there is none."""


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, globals())
