"""Image files and tensors (C, H, W) of uint8, by way of Pillow: `torchvision.io`."""

from __future__ import annotations

import io
import os
from enum import Enum
from pathlib import Path
from typing import Any

from ..dtypes import uint8
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from .pillow import pillow
from .transforms import pictures


class ImageReadMode(Enum):
    """The channels that an image is converted to."""

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4
    RGBA = RGB_ALPHA


MODES = {
    ImageReadMode.GRAY: "L",
    ImageReadMode.GRAY_ALPHA: "LA",
    ImageReadMode.RGB: "RGB",
    ImageReadMode.RGB_ALPHA: "RGBA",
}


def read_file(path: str | Path) -> Tensor:
    """The bytes of a file: (N,), uint8."""
    with open(path, "rb") as file:
        return fn.from_numpy(xnp.frombuffer(file.read(), dtype="uint8").copy())


def write_file(filename: str | Path, data: Tensor) -> None:
    """Write bytes, (N,) of uint8, to a file. Raises RuntimeError for other tensors."""
    if data.dtype != uint8 or data.ndim != 1:
        raise RuntimeError("Input tensor elements should be uint8")
    with open(filename, "wb") as file:
        file.write(data.numpy().tobytes())


def decode_image(input: Any, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False) -> Tensor:
    """An image from a path or from the bytes of a file, in any format that Pillow reads. Raises RuntimeError.

    mode: the channels, or its name; by default those of the file.
    """
    if isinstance(input, (str, Path)):
        input = read_file(input)
    if not isinstance(input, Tensor):
        raise TypeError(f"expected a path or a tensor of uint8, got {type(input)}")
    mode = ImageReadMode[mode.upper()] if isinstance(mode, str) else mode
    try:
        image = pillow().open(io.BytesIO(input.numpy().tobytes()))
        image.load()
    except OSError as error:  # Pillow's errors about files are of this class
        raise RuntimeError(f"Unsupported image file: {error}") from error
    if apply_exif_orientation:
        image = pillow("ImageOps").exif_transpose(image)
    if mode in MODES:
        image = image.convert(MODES[mode])
    elif image.mode in ("P", "1", "CMYK"):
        image = image.convert("L" if image.mode == "1" else "RGBA" if "transparency" in image.info else "RGB")
    return pictures.tensor_of(image)


def decode_png(input: Tensor, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False) -> Tensor:
    """An image from the bytes of a PNG file."""
    return decode_image(input, mode, apply_exif_orientation)


def decode_jpeg(
    input: Tensor, mode: Any = ImageReadMode.UNCHANGED, device: Any = "cpu", apply_exif_orientation: bool = False
) -> Tensor:
    """An image from the bytes of a JPEG file."""
    return decode_image(input, mode, apply_exif_orientation)


def read_image(path: str | Path, mode: Any = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False) -> Tensor:
    """An image from a file. Raises RuntimeError where it is none."""
    return decode_image(read_file(os.fspath(path)), mode, apply_exif_orientation)


def _encoded(input: Tensor, **how: Any) -> Tensor:
    if input.dtype != uint8:
        raise RuntimeError("Input tensor dtype should be uint8")
    if input.ndim != 3:
        raise RuntimeError("Input data should be a 3-dimensional tensor")
    if input.shape[0] not in (1, 3):
        raise RuntimeError(f"The number of channels should be 1 or 3, got: {input.shape[0]}")
    buffer = io.BytesIO()
    pictures.image_of(xnp.permute_dims(input.numpy(), (1, 2, 0)), None).save(buffer, **how)
    return fn.from_numpy(xnp.frombuffer(buffer.getvalue(), dtype="uint8").copy())


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """The bytes of a PNG file of an image. Raises RuntimeError."""
    if not 0 <= compression_level <= 9:
        raise RuntimeError("Compression level should be between 0 and 9")
    return _encoded(input, format="PNG", compress_level=compression_level)


def encode_jpeg(input: Tensor, quality: int = 75) -> Tensor:
    """The bytes of a JPEG file of an image. Raises ValueError, RuntimeError."""
    if not 1 <= quality <= 100:
        raise ValueError("Image quality should be a positive number between 1 and 100")
    return _encoded(input, format="JPEG", quality=quality)


def write_png(input: Tensor, filename: str | Path, compression_level: int = 6) -> None:
    """Write an image to a PNG file."""
    write_file(filename, encode_png(input, compression_level))


def write_jpeg(input: Tensor, filename: str | Path, quality: int = 75) -> None:
    """Write an image to a JPEG file."""
    write_file(filename, encode_jpeg(input, quality))
