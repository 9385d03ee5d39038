"""`torch.multiprocessing`: Python's `multiprocessing`, whose processes share the memory of tensors.

    torch.multiprocessing.spawn(train, args=(model.share_memory(),), nprocs=4)

A tensor that goes to another process, through a queue or a pipe or as an argument, arrives as a view of the same
memory: each process sees what the other writes. `share_memory_()` moves a tensor's memory there at once, which
processes started by fork need; a tensor that is sent is moved when it is pickled. In PyTorch all that looks at the
memory moves with it. Here all tensors do, but no NumPy array, and no value kept for a backward pass: where there is
such, `share_memory_()` raises RuntimeError, and a tensor that is sent is copied.

The process that sent a tensor must live until it is received.
"""

from __future__ import annotations

import multiprocessing as _multiprocessing
from multiprocessing import *  # noqa: F403
from typing import Any

from .. import missing as _missing
from .reductions import init_reductions
from .sharing import share_memory_  # noqa: F401  what the method of Tensor calls
from .spawn import (  # noqa: F401
    ProcessContext,
    ProcessExitedException,
    ProcessRaisedException,
    SpawnContext,
    spawn,
    start_processes,
)
from .strategy import get_all_sharing_strategies, get_sharing_strategy, set_sharing_strategy

__all__ = [
    "set_sharing_strategy",
    "get_sharing_strategy",
    "get_all_sharing_strategies",
    *_multiprocessing.__all__,  # type: ignore[attr-defined]
]

init_reductions()


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, [*globals()])
