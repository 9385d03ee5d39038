"""`torch.cuda.memory`: what `torch.cuda` says about the memory of GPUs."""

from . import *  # noqa: F403
from . import memory_allocated, memory_reserved  # type: ignore[attr-defined]  # noqa: F401
