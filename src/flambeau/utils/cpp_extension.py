"""`torch.utils.cpp_extension`: PyTorch compiles C++ against its headers, which are not here; to ask for it raises."""

from __future__ import annotations

from typing import Any, NoReturn

from .. import missing as _missing

__all__ = ["load", "load_inline"]

CUDA_HOME = None


def load(name: str, sources: Any, *args: Any, **options: Any) -> NoReturn:
    """Raises RuntimeError: there are no C++ tensors to compile the sources with."""
    raise RuntimeError(
        f"Error building extension '{name}'\n  Flambeau is written in Python and has no headers for C++ sources."
    )


def load_inline(name: str, cpp_sources: Any, *args: Any, **options: Any) -> NoReturn:
    """Raises RuntimeError, as `load` does."""
    load(name, cpp_sources)


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
