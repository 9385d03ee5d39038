"""`torch.multiprocessing.pool`: Python's pool of processes, which share the memory of tensors."""

from multiprocessing.pool import Pool

from . import reductions as _reductions  # noqa: F401  tensors are to be shared

__all__ = ["Pool"]
