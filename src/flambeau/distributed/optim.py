"""`torch.distributed.optim`: optimizers that work in a group of processes. There are none: the classes are for
annotations and `isinstance`."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing

__all__ = ["DistributedOptimizer", "PostLocalSGDOptimizer", "ZeroRedundancyOptimizer"]


class _NeedsGroup:
    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            f"{cls.__name__} needs a group of processes: torch.distributed is not available here\n"
            "  In one process, use the optimizer that it would be built on."
        )


class DistributedOptimizer(_NeedsGroup):
    """An optimizer of parameters that lie on several machines."""


class PostLocalSGDOptimizer(_NeedsGroup):
    """An optimizer whose processes average their parameters now and then."""


class ZeroRedundancyOptimizer(_NeedsGroup):
    """An optimizer whose state is spread over processes."""


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
