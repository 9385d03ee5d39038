"""What a reader must know to judge a figure: versions, processor, threads."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import re
from collections.abc import Callable
from typing import Any

import numpy as np


def processor() -> str:
    """The processor's name and the number of its logical cores that this process may use."""
    try:
        with open("/proc/cpuinfo") as lines:
            name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} logical cores"


def blas_threads() -> str:
    """NumPy's BLAS and how many threads it runs, asked of the loaded OpenBLAS itself where it can be found."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    name = f"{blas['name']} {blas['version']}"
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if re.search(r"openblas[^/]*\.so", line)}
    except OSError:
        paths = set()
    for path in sorted(paths):
        library = ctypes.CDLL(path)
        for symbol in (
            "scipy_openblas_get_num_threads64_",
            "scipy_openblas_get_num_threads",
            "openblas_get_num_threads",
        ):
            asked: Callable[[], int] | None = getattr(library, symbol, None)
            if asked:
                return f"{name}, threads: {asked()}"
    return f"{name}, threads unknown"


def load() -> float:
    """How many processes wanted a core in the last minute: above a few tenths, threads wait for one another."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else float("nan")


def native_kernels() -> str:
    """What compiles Flambeau's kernels for large arrays."""
    if os.environ.get("FLAMBEAU_NATIVE") == "0":
        return "turned off"
    try:
        return f"llvmlite {importlib.metadata.version('llvmlite')}"
    except importlib.metadata.PackageNotFoundError:
        return "none, llvmlite is not installed"


def described(module: Any) -> str:
    """A module's name, version and, where it keeps its own, number of threads."""
    if module is None:
        return "none"
    words = f"{module.__name__} {getattr(module, '__version__', '')}".strip()
    count = getattr(module, "get_num_threads", None)
    return f"{words}, threads: {count()}" if count else words


def circumstances(reference: Any, ours: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The report's preamble, in order; `reference` may be None."""
    return {
        "reference": described(reference),
        "ours": described(ours),
        "processor": processor(),
        "system": platform.platform(),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "NumPy's BLAS": blas_threads(),
        "native kernels": native_kernels(),
        **settings,
    }
