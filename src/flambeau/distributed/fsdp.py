"""`torch.distributed.fsdp`: what names modules whose parameters lie on several processes. There are none here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import missing as _missing
from ..nn import module as _module
from . import _needs_group

__all__ = ["FSDPModule", "FullyShardedDataParallel", "MixedPrecisionPolicy", "fully_shard"]

fully_shard = _needs_group("fully_shard")


class FSDPModule:
    """A module that `fully_shard` has changed: for `isinstance`."""

    def __new__(cls, *args: Any, **kwargs: Any) -> FSDPModule:
        return fully_shard()


class FullyShardedDataParallel(_module.Module):
    """A module whose parameters are spread over processes: for `isinstance`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fully_shard()


@dataclass(frozen=True)
class MixedPrecisionPolicy:
    """The dtypes that `fully_shard` is to compute in."""

    param_dtype: Any = None
    reduce_dtype: Any = None
    output_dtype: Any = None
    cast_forward_inputs: bool = True


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
