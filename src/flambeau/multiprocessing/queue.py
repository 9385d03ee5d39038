"""`torch.multiprocessing.queue`: Python's queues, which pickle tensors as those of `torch.multiprocessing` do."""

from multiprocessing.queues import Queue, SimpleQueue

from . import reductions as _reductions  # noqa: F401  tensors are to be shared

__all__ = ["Queue", "SimpleQueue"]
