"""`torch.nn.parallel`: one module on several devices of one process."""

from __future__ import annotations

from .data_parallel import DataParallel

__all__ = ["DataParallel"]
