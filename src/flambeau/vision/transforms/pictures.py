"""Pillow images: what each function of `functional` does to one."""

from __future__ import annotations

from typing import Any

from ...tensor import functions as fn
from ...xp import numpy as xnp
from ..pillow import pillow
from .geometry import sides
from .modes import PILLOW, mode_of


def get_dimensions(img: Any) -> list[int]:
    return [len(img.getbands()), img.height, img.width]


def hflip(img: Any) -> Any:
    return img.transpose(pillow().Transpose.FLIP_LEFT_RIGHT)


def vflip(img: Any) -> Any:
    return img.transpose(pillow().Transpose.FLIP_TOP_BOTTOM)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    return img.crop((left, top, left + width, top + height))


def resize(img: Any, size: list[int], interpolation: Any, antialias: Any = True) -> Any:
    return img.resize((size[1], size[0]), PILLOW[mode_of(interpolation)])


# ---- colour ----------------------------------------------------------------------------------------------------------


def adjust_brightness(img: Any, factor: float) -> Any:
    return pillow("ImageEnhance").Brightness(img).enhance(factor)


def adjust_contrast(img: Any, factor: float) -> Any:
    return pillow("ImageEnhance").Contrast(img).enhance(factor)


def adjust_saturation(img: Any, factor: float) -> Any:
    return pillow("ImageEnhance").Color(img).enhance(factor)


def adjust_sharpness(img: Any, factor: float) -> Any:
    return pillow("ImageEnhance").Sharpness(img).enhance(factor)


def adjust_hue(img: Any, factor: float) -> Any:
    if img.mode in ("L", "1", "I", "F"):
        return img
    h, s, v = img.convert("HSV").split()
    # hue is a byte that goes round
    turned = (xnp.asarray(h).astype("int32") + int(factor * 255)) % 256
    h = pillow().fromarray(turned.astype("uint8"))
    return pillow().merge("HSV", (h, s, v)).convert(img.mode)


def adjust_gamma(img: Any, gamma: float, gain: float = 1) -> Any:
    table = [int((255 + 1 - 1e-3) * gain * pow(value / 255.0, gamma)) for value in range(256)]
    colours = img.convert("RGB")
    return colours.point([min(value, 255) for value in table] * 3).convert(img.mode)


def to_grayscale(img: Any, num_output_channels: int) -> Any:
    gray = img.convert("L")
    return gray if num_output_channels == 1 else pillow().merge("RGB", (gray, gray, gray))


def invert(img: Any) -> Any:
    return pillow("ImageOps").invert(img)


def posterize(img: Any, bits: int) -> Any:
    return pillow("ImageOps").posterize(img, bits)


def solarize(img: Any, threshold: float) -> Any:
    return pillow("ImageOps").solarize(img, threshold)


def autocontrast(img: Any) -> Any:
    return pillow("ImageOps").autocontrast(img)


def equalize(img: Any) -> Any:
    return pillow("ImageOps").equalize(img)


# ---- places ----------------------------------------------------------------------------------------------------------


def colour(fill: Any, img: Any, name: str = "fill") -> Any:
    """A fill in Pillow's form: one number for each band. Raises ValueError for the wrong number of them."""
    bands = len(img.getbands())
    if fill is None:
        fill = 0
    if isinstance(fill, (int, float)):
        if bands > 1:
            fill = [fill] * bands
    elif len(fill) == 1 and bands > 1:
        fill = list(fill) * bands
    if isinstance(fill, (list, tuple)):
        if len(fill) != bands:
            raise ValueError(
                "The number of elements in 'fill' does not match the number of channels of the image "
                f"({len(fill)} != {bands})"
            )
        fill = tuple(fill)
    if img.mode != "F":
        fill = tuple(int(x) for x in fill) if isinstance(fill, tuple) else int(fill)
    return fill[0] if isinstance(fill, tuple) and bands == 1 else fill


def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    left, top, right, bottom = sides(padding)
    if padding_mode == "constant":
        result = pillow().new(img.mode, (img.width + left + right, img.height + top + bottom), colour(fill, img))
        if img.mode == "P":
            result.putpalette(img.getpalette())
        result.paste(img, (left, top))
        return result
    if min(left, top, right, bottom) < 0:
        cut = (max(-left, 0), max(-top, 0), img.width - max(-right, 0), img.height - max(-bottom, 0))
        img = img.crop(cut)
        left, top, right, bottom = (max(n, 0) for n in (left, top, right, bottom))
    array = xnp.asarray(img)
    width = ((top, bottom), (left, right), (0, 0))[: array.ndim]
    result = pillow().fromarray(xnp.pad(array, width, mode=padding_mode))  # type: ignore[call-overload]
    if img.mode == "P":
        result.putpalette(img.getpalette())
    return result


def affine(img: Any, matrix: Any, interpolation: Any, fill: Any) -> Any:
    how = PILLOW[mode_of(interpolation)]
    return img.transform(img.size, pillow().Transform.AFFINE, matrix, how, fillcolor=colour(fill, img))


def rotate(img: Any, angle: float, interpolation: Any, expand: bool, center: Any, fill: Any) -> Any:
    return img.rotate(angle, PILLOW[mode_of(interpolation)], expand, center, fillcolor=colour(fill, img))


def perspective(img: Any, coefficients: Any, interpolation: Any, fill: Any) -> Any:
    how = PILLOW[mode_of(interpolation)]
    return img.transform(img.size, pillow().Transform.PERSPECTIVE, coefficients, how, fillcolor=colour(fill, img))


# ---- images and arrays -----------------------------------------------------------------------------------------------

DEPTHS = {"I": "int32", "I;16": "uint16", "F": "float32"}  # the others are bytes


def array_of(img: Any) -> Any:
    """An image as an array (H, W, C) of its own; of mode `1` as 0 and 255."""
    array = xnp.array(img, dtype=DEPTHS.get(img.mode), copy=True)
    if img.mode == "1":
        array = array.astype("uint8") * 255
    return array.reshape(img.height, img.width, len(img.getbands()))


def tensor_of(img: Any) -> Any:
    """An image as a tensor (C, H, W) of the image's own type."""
    return fn.from_numpy(xnp.permute_dims(array_of(img), (2, 0, 1)).copy())


# channels -> (mode that is meant, modes that are possible); one channel has one mode for each dtype
MODES = {2: ("LA", ["LA"]), 3: ("RGB", ["RGB", "YCbCr", "HSV"]), 4: ("RGBA", ["RGBA", "CMYK", "RGBX"])}
ONE_CHANNEL = {"uint8": "L", "int16": "I;16", "uint16": "I;16", "int32": "I", "float32": "F"}


def image_of(array: Any, mode: str | None) -> Any:
    """An array (H, W, C) as an image. Raises ValueError where mode and channels do not agree, TypeError for dtypes."""
    channels = array.shape[2]
    if channels == 1:
        expected = ONE_CHANNEL.get(str(array.dtype))
        if mode is not None and mode != expected:
            raise ValueError(
                f"Incorrect mode ({mode}) supplied for input type {array.dtype.type}. Should be {expected}"
            )
        mode, array = expected, array[:, :, 0]
    else:
        meant, possible = MODES.get(channels, MODES[3])
        if mode is not None and mode not in possible:
            raise ValueError(f"Only modes {possible} are supported for {channels}D inputs")
        mode = mode or (meant if str(array.dtype) == "uint8" else None)
    if mode is None:
        raise TypeError(f"Input type {array.dtype} is not supported")
    return pillow().frombytes(mode, (array.shape[1], array.shape[0]), array.tobytes())
