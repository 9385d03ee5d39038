"""`torch.__config__`: what the library was built with."""

from __future__ import annotations

import numpy as np

from . import settings
from .version import __version__


def show() -> str:
    """Versions of what computes, as readable text."""
    return f"Flambeau {__version__} built with:\n  - NumPy {np.__version__}\n  - CPU only\n"


def parallel_info() -> str:
    """How many threads compute, as readable text."""
    return (
        "ATen/Parallel:\n"
        f"\tat::get_num_threads() : {settings.get_num_threads()}\n"
        f"\tat::get_num_interop_threads() : {settings.get_num_interop_threads()}\n"
        "ATen parallel backend: NumPy\n"
    )
