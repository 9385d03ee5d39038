"""Pillow, an optional library: the one place that loads it."""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import Any


@cache
def pillow(part: str = "Image") -> ModuleType:
    """A module of Pillow. Raises ModuleNotFoundError that says how to install it."""
    try:
        from PIL import Image, ImageColor, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "No module named 'PIL'\n  Images need Pillow: pip install 'flambeau[vision]', or pip install pillow.",
            name="PIL",
        ) from error
    modules = (Image, ImageColor, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps)
    return {module.__name__.rpartition(".")[2]: module for module in modules}[part]


def is_image(value: Any) -> bool:
    """Whether a value is a Pillow image. Does not load Pillow: without it there are none."""
    loaded = sys.modules.get("PIL.Image")
    return loaded is not None and isinstance(value, loaded.Image)
