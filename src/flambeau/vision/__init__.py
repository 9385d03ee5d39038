"""Images: datasets, transforms, models and what belongs to them. Programs know it as `torchvision`."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from .. import missing

__version__ = "0.28.0"  # the torchvision that belongs to PyTorch 2.13
_SUBMODULES = ("datasets", "io", "models", "ops", "transforms", "tv_tensors", "utils")


def get_image_backend() -> str:
    """The library that reads images."""
    return "PIL"


def set_image_backend(backend: str) -> None:
    """Raises ValueError for any library but Pillow."""
    if backend != "PIL":
        raise ValueError(f"Invalid backend '{backend}'. Options are 'PIL'")


def disable_beta_transforms_warning() -> None:
    """There has been nothing to disable since `transforms.v2` is no longer new."""


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f".{name}", __name__)
    raise missing.missing_attribute(__name__, name, dir(sys.modules[__name__]))


def __dir__() -> list[str]:
    return sorted([*globals(), *_SUBMODULES])
