"""How pixels between pixels are found, under torchvision's names and Pillow's numbers."""

from __future__ import annotations

from enum import Enum
from typing import Any


class InterpolationMode(Enum):
    """Tensors know NEAREST, NEAREST_EXACT, BILINEAR and BICUBIC; the others are for Pillow images."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


Mode = InterpolationMode
# Pillow's numbers for its resampling filters
FROM_NUMBER = {0: Mode.NEAREST, 1: Mode.LANCZOS, 2: Mode.BILINEAR, 3: Mode.BICUBIC, 4: Mode.BOX, 5: Mode.HAMMING}
PILLOW = {**{mode: number for number, mode in FROM_NUMBER.items()}, Mode.NEAREST_EXACT: 0}


def mode_of(value: Any) -> InterpolationMode:
    """A mode from a mode, its name's value or Pillow's number. Raises TypeError for anything else."""
    if isinstance(value, InterpolationMode):
        return value
    if isinstance(value, int):
        return FROM_NUMBER[value]
    if isinstance(value, str) and value in {mode.value for mode in Mode}:
        return Mode(value)
    raise TypeError(
        "Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant, "
        f"but got {type(value)}."
    )
