"""`torch._subclasses.fake_tensor`: where programs ask whether a tensor is one without values."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing


def is_fake(x: object) -> bool:
    """Whether a compiler put `x` in the place of a tensor: False, there is none."""
    return False


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, globals())
