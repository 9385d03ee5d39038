"""`torch.distributed._tensor`, the older path of `torch.distributed.tensor`."""

from ..tensor import DTensor

__all__ = ["DTensor"]
