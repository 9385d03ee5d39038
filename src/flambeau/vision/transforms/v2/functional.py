"""Functions of images, videos, boxes and masks: `torchvision.transforms.v2.functional`.

An operation of places moves all of them; one of colours is for images. The first argument's class decides.
"""

from __future__ import annotations

import io
from typing import Any

from ....dtypes import float32, int16, uint8
from ....tensor import functions as fn
from ....tensor.tensor import Tensor
from ....xp import numpy as xnp
from ... import pillow
from ...tv_tensors import BoundingBoxes, BoundingBoxFormat, Image, Mask, TVTensor, Video, wrap
from .. import functional as v1
from .. import pictures, planes
from ..modes import InterpolationMode, mode_of
from . import boxes
from .kinds import functional, is_pure_tensor, register_kernel

__all__ = ["InterpolationMode", "is_pure_tensor", "register_kernel"]
NEAREST, BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR


# ---- facts -----------------------------------------------------------------------------------------------------------


def get_dimensions(inpt: Any) -> list[int]:
    """[channels, height, width] of an image or video."""
    return v1.get_dimensions(inpt)


def get_num_channels(inpt: Any) -> int:
    """How many channels an image has."""
    return get_dimensions(inpt)[0]


get_image_num_channels = get_num_channels


def get_size(inpt: Any) -> list[int]:
    """[height, width] of an image, a mask, or the canvas of boxes."""
    if isinstance(inpt, BoundingBoxes):
        return list(inpt.canvas_size)
    return list(inpt.shape[-2:]) if isinstance(inpt, Mask) else get_dimensions(inpt)[1:]


# ---- colour ----------------------------------------------------------------------------------------------------------


def _not_negative(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")


def _gray(image: Tensor) -> Tensor:
    """Gray before it is rounded, but for whole numbers without what comes after the point."""
    if planes.check_channels(image) == 1:
        return image if image.is_floating_point() else image.to(float32)
    red, green, blue = image.unbind(-3)
    gray = (0.2989 * red + 0.587 * green + 0.114 * blue).unsqueeze(-3)
    return gray if image.is_floating_point() else fn.floor(gray)


def _brightness(image: Tensor, brightness_factor: float) -> Tensor:
    _not_negative("brightness_factor", brightness_factor)
    return planes.adjust_brightness(image, brightness_factor)


def _contrast(image: Tensor, contrast_factor: float) -> Tensor:
    _not_negative("contrast_factor", contrast_factor)
    return planes.blend(image, _gray(image).mean(dim=(-3, -2, -1), keepdim=True), contrast_factor)


def _saturation(image: Tensor, saturation_factor: float) -> Tensor:
    _not_negative("saturation_factor", saturation_factor)
    return image if planes.check_channels(image) == 1 else planes.blend(image, _gray(image), saturation_factor)


@functional(_brightness, pil=v1.adjust_brightness)
def adjust_brightness(inpt: Any, brightness_factor: float) -> Any:
    """0 is black, 1 the image as it is, 2 twice as bright."""


@functional(_contrast, pil=v1.adjust_contrast)
def adjust_contrast(inpt: Any, contrast_factor: float) -> Any:
    """0 is gray all over, 1 the image as it is."""


@functional(_saturation, pil=v1.adjust_saturation)
def adjust_saturation(inpt: Any, saturation_factor: float) -> Any:
    """0 is black and white, 1 the image as it is."""


@functional(v1.adjust_hue, pil=v1.adjust_hue)
def adjust_hue(inpt: Any, hue_factor: float) -> Any:
    """Turns the circle of colours: 0 not at all, 0.5 and -0.5 half way."""


@functional(v1.adjust_gamma, pil=v1.adjust_gamma)
def adjust_gamma(inpt: Any, gamma: float, gain: float = 1) -> Any:
    """`gain * img ** gamma`, with brightness from 0 to 1."""


@functional(v1.adjust_sharpness, pil=v1.adjust_sharpness)
def adjust_sharpness(inpt: Any, sharpness_factor: float) -> Any:
    """0 is blurred, 1 the image as it is, 2 twice as sharp."""


@functional(v1.rgb_to_grayscale, pil=v1.rgb_to_grayscale)
def rgb_to_grayscale(inpt: Any, num_output_channels: int = 1) -> Any:
    """Gray, of 1 channel or of 3 equal ones."""


def _to_rgb(image: Tensor) -> Tensor:
    return image.expand(*image.shape[:-3], 3, *image.shape[-2:]).clone() if image.shape[-3] == 1 else image


@functional(_to_rgb, pil=lambda image: image.convert("RGB"))
def grayscale_to_rgb(inpt: Any) -> Any:
    """Gray as three equal channels."""


@functional(lambda image: planes.largest(image.dtype) - image, pil=v1.invert)
def invert(inpt: Any) -> Any:
    """The negative."""


def _posterize(image: Tensor, bits: int) -> Tensor:
    if image.is_floating_point():
        levels = 1 << bits
        return fn.floor(image * levels).clamp(0, levels - 1) * (1.0 / levels)
    return planes.posterize(image, bits)


@functional(_posterize, pil=v1.posterize)
def posterize(inpt: Any, bits: int) -> Any:
    """Keeps the highest bits of each number."""


def _solarize(image: Tensor, threshold: float) -> Tensor:
    if threshold > planes.largest(image.dtype):
        raise TypeError(f"Threshold should be less or equal the maximum value of the dtype, but got {threshold}")
    return fn.where(image >= threshold, planes.largest(image.dtype) - image, image)


@functional(_solarize, pil=v1.solarize)
def solarize(inpt: Any, threshold: float) -> Any:
    """The negative, of numbers from the threshold on."""


@functional(v1.autocontrast, pil=v1.autocontrast)
def autocontrast(inpt: Any) -> Any:
    """Each channel stretched so that its darkest number is black and its brightest full."""


def _equalize(image: Tensor) -> Tensor:
    # floating images are counted in 256 steps
    if image.is_floating_point():
        return to_dtype(planes.equalize(to_dtype(image, uint8, scale=True)), image.dtype, scale=True)
    return planes.equalize(image)


@functional(_equalize, pil=v1.equalize)
def equalize(inpt: Any) -> Any:
    """Each channel so that all brightnesses are about equally frequent."""


def _normalize(image: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    if image.is_floating_point() and 0 in std:
        raise ValueError("std evaluated to zero, leading to division by zero.")
    return v1.normalize(image, mean, std, inplace)


@functional(_normalize)
def normalize(inpt: Any, mean: Any, std: Any, inplace: bool = False) -> Any:
    """`(image - mean) / std`, channel by channel."""


@functional(v1.gaussian_blur, pil=v1.gaussian_blur)
def gaussian_blur(inpt: Any, kernel_size: Any, sigma: Any = None) -> Any:
    """Blurred by a bell curve of odd width [x, y]."""


def _noise(image: Tensor, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> Tensor:
    if sigma < 0:
        raise ValueError(f"sigma shouldn't be negative. Got {sigma}")
    if image.is_floating_point():
        noisy = image + (mean + fn.randn_like(image) * sigma)
        return noisy.clamp(0, 1) if clip else noisy
    if image.dtype != uint8:
        raise ValueError(f"Input tensor is expected to be in uint8 or float dtype, got dtype={image.dtype}")
    # bytes get whole numbers of noise
    noisy = image.to(int16) + ((mean + fn.randn(image.shape) * sigma) * 255).to(int16)
    return (noisy.clamp(0, 255) if clip else noisy).to(uint8)


def _no_noise(image: Any, *args: Any, **kwargs: Any) -> Any:
    raise ValueError("Gaussian Noise is not implemented for PIL images.")


def _by_tensor(kernel: Any) -> Any:
    """A kernel of images as one of Pillow's, by way of a tensor."""

    def run(image: Any, *args: Any, **kwargs: Any) -> Any:
        return v1.to_pil_image(kernel(v1.pil_to_tensor(image), *args, **kwargs), mode=image.mode)

    return run


@functional(_noise, pil=_no_noise)
def gaussian_noise(inpt: Any, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> Any:
    """Normal noise added; `sigma` and `mean` are for brightness from 0 to 1."""


@functional(v1.erase, pil=_by_tensor(v1.erase))
def erase(inpt: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    """The box of height h and width w at row i, column j, filled with v."""


def _permute_channels(image: Tensor, permutation: list[int]) -> Tensor:
    return image[..., permutation, :, :]


@functional(_permute_channels, pil=_by_tensor(_permute_channels))
def permute_channels(inpt: Any, permutation: list[int]) -> Any:
    """The channels in another order."""


def _jpeg_picture(image: Any, quality: int) -> Any:
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality)
    return pillow.pillow().open(buffer)


def _jpeg(image: Tensor, quality: int) -> Tensor:
    if image.dtype != uint8:
        raise RuntimeError("Input tensor dtype should be uint8")
    flat = image.reshape(-1, *image.shape[-3:])
    pictured = [v1.pil_to_tensor(_jpeg_picture(v1.to_pil_image(one), quality)) for one in flat]
    return fn.stack(pictured).reshape(image.shape)


@functional(_jpeg, pil=_jpeg_picture)
def jpeg(inpt: Any, quality: int) -> Any:
    """What becomes of an image in a JPEG file of a quality from 1 to 100."""


# ---- places ----------------------------------------------------------------------------------------------------------


@functional(v1.hflip, pil=v1.hflip, mask=v1.hflip, boxes=boxes.horizontal_flip)
def horizontal_flip(inpt: Any) -> Any:
    """Left becomes right."""


@functional(v1.vflip, pil=v1.vflip, mask=v1.vflip, boxes=boxes.vertical_flip)
def vertical_flip(inpt: Any) -> Any:
    """Up becomes down."""


hflip, vflip = horizontal_flip, vertical_flip


def _as_image(mask: Tensor, kernel: Any, *args: Any, **kwargs: Any) -> Tensor:
    """What a kernel of images makes of a mask, which may have no axis of channels."""
    return kernel(mask, *args, **kwargs) if mask.ndim > 2 else kernel(mask[None], *args, **kwargs)[0]


def _mask_fill(fill: Any) -> Any:
    return 0 if fill is None else fill


@functional(v1.crop, pil=v1.crop, mask=v1.crop, boxes=boxes.crop)
def crop(inpt: Any, top: int, left: int, height: int, width: int) -> Any:
    """A box of the image; what lies outside of it is zero."""


@functional(v1.center_crop, pil=v1.center_crop, mask=v1.center_crop, boxes=boxes.center_crop)
def center_crop(inpt: Any, output_size: Any) -> Any:
    """The middle of the image; where that is smaller than `output_size`, zeros around it."""


def _pad(image: Tensor, padding: Any, fill: Any = None, padding_mode: str = "constant") -> Tensor:
    fill = 0 if fill is None else fill
    v1_checked = fill if isinstance(fill, (int, float)) else 0
    if padding_mode == "constant" and not isinstance(fill, (int, float)):
        return planes.pad(image, padding, fill)
    return v1.pad(image, padding, v1_checked, padding_mode)


def _pad_picture(image: Any, padding: Any, fill: Any = None, padding_mode: str = "constant") -> Any:
    return v1.pad(image, padding, 0 if fill is None else fill, padding_mode)


@functional(_pad, pil=_pad_picture, mask=lambda mask, *a, **k: _as_image(mask, _pad, *a, **k), boxes=boxes.pad)
def pad(inpt: Any, padding: Any, fill: Any = None, padding_mode: str = "constant") -> Any:
    """A border: one width, [left and right, top and bottom] or [left, top, right, bottom]."""


def _resize(
    image: Tensor, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None, antialias: Any = True
) -> Tensor:
    mode = mode_of(interpolation)
    if size is None and max_size is None:
        raise ValueError("max_size must be an integer when size is None, but got None instead.")
    wanted = v1.resized(tuple(image.shape[-2:]), [size] if isinstance(size, int) else size, max_size)
    return planes.resize(image, wanted, mode.value, bool(antialias), native=True)


def _resize_mask(
    mask: Tensor, size: Any, interpolation: Any = None, max_size: Any = None, antialias: Any = None
) -> Tensor:
    return _as_image(mask, _resize, size, NEAREST, max_size)


@functional(_resize, pil=v1.resize, mask=_resize_mask, boxes=boxes.resize)
def resize(
    inpt: Any, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None, antialias: bool | None = True
) -> Any:
    """Another size: [height, width], or one number for the shorter edge, with the longer one at most `max_size`."""


def _resized_crop(
    image: Tensor,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: Any = BILINEAR,
    antialias: Any = True,
) -> Tensor:
    return _resize(v1.crop(image, top, left, height, width), size, interpolation, antialias=antialias)


def _resized_crop_mask(
    mask: Tensor,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: Any = None,
    antialias: Any = None,
) -> Tensor:
    return _resize_mask(v1.crop(mask, top, left, height, width), size)


@functional(_resized_crop, pil=v1.resized_crop, mask=_resized_crop_mask, boxes=boxes.resized_crop)
def resized_crop(
    inpt: Any,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: Any = BILINEAR,
    antialias: bool | None = True,
) -> Any:
    """`crop`, then `resize`."""


def _nearest(kernel: Any) -> Any:
    """A kernel of images as one of masks: values are taken, never mixed."""

    def run(mask: Tensor, *args: Any, interpolation: Any = None, fill: Any = None, **kwargs: Any) -> Tensor:
        return _as_image(mask, kernel, *args, interpolation=NEAREST, fill=_mask_fill(fill), **kwargs)

    return run


@functional(v1.affine, pil=v1.affine, mask=_nearest(v1.affine), boxes=boxes.affine)
def affine(
    inpt: Any,
    angle: float,
    translate: Any,
    scale: float,
    shear: Any,
    interpolation: Any = NEAREST,
    fill: Any = None,
    center: Any = None,
) -> Any:
    """Turned (clockwise, degrees), moved, scaled and sheared about the middle or `center`; the size stays."""


@functional(v1.rotate, pil=v1.rotate, mask=_nearest(v1.rotate), boxes=boxes.rotate)
def rotate(
    inpt: Any, angle: float, interpolation: Any = NEAREST, expand: bool = False, center: Any = None, fill: Any = None
) -> Any:
    """Turned counter-clockwise by degrees; `expand` makes the image as large as it then needs to be."""


@functional(v1.perspective, pil=v1.perspective, mask=_nearest(v1.perspective), boxes=boxes.perspective)
def perspective(inpt: Any, startpoints: Any, endpoints: Any, interpolation: Any = BILINEAR, fill: Any = None) -> Any:
    """As seen from another side: four corners [x, y] of the image and where they go."""


@functional(v1.elastic_transform, pil=v1.elastic_transform, mask=_nearest(v1.elastic_transform), boxes=boxes.elastic)
def elastic(inpt: Any, displacement: Tensor, interpolation: Any = BILINEAR, fill: Any = None) -> Any:
    """Each pixel taken from a place moved by `displacement`, (1, H, W, 2). Not for boxes."""


elastic_transform = elastic


@functional(v1.five_crop, pil=v1.five_crop)
def five_crop(inpt: Any, size: Any) -> Any:
    """The four corners and the middle."""


@functional(v1.ten_crop, pil=v1.ten_crop)
def ten_crop(inpt: Any, size: Any, vertical_flip: bool = False) -> Any:
    """`five_crop` of the image and of its mirror image."""


def clamp_bounding_boxes(inpt: Any, format: Any = None, canvas_size: Any = None, clamping_mode: Any = "auto") -> Any:
    """Boxes cut at the edges of their canvas. Raises ValueError where format or canvas of plain tensors are missing."""
    if isinstance(inpt, BoundingBoxes):
        found, _ = boxes.clamp(inpt.as_subclass(Tensor), inpt.format, inpt.canvas_size)
        return wrap(found, like=inpt)
    if format is None or canvas_size is None:
        raise ValueError("For pure tensor inputs, `format` and `canvas_size` have to be passed.")
    return boxes.clamp(inpt, format, canvas_size)[0]


def _format(value: Any) -> BoundingBoxFormat:
    return BoundingBoxFormat[value.upper()] if isinstance(value, str) else value


def convert_bounding_box_format(
    inpt: Any, old_format: Any = None, new_format: Any = None, inplace: bool = False
) -> Any:
    """Boxes in another format. Raises TypeError where a format is missing."""
    if new_format is None:
        raise TypeError("convert_bounding_box_format() missing 1 required argument: 'new_format'")
    known = isinstance(inpt, BoundingBoxes)
    if not known and old_format is None:
        raise ValueError("For pure tensor inputs, `old_format` has to be passed.")
    new_format = _format(new_format)
    before = inpt.format if known else _format(old_format)
    found = boxes.box_convert(inpt.as_subclass(Tensor), before.value.lower(), new_format.value.lower()).to(inpt.dtype)
    return wrap(found, like=inpt, format=new_format) if known else found


# ---- kinds of images -------------------------------------------------------------------------------------------------


def to_image(inpt: Any) -> Image:
    """A Pillow image, an array (H, W, C) or a tensor (C, H, W) as an `Image`; its numbers stay. Raises TypeError."""
    if isinstance(inpt, xnp.ndarray):
        array = inpt[:, :, None] if inpt.ndim == 2 else inpt
        return Image(fn.from_numpy(xnp.permute_dims(array, (2, 0, 1)).copy()))
    if pillow.is_image(inpt):
        return Image(pictures.tensor_of(inpt))
    if isinstance(inpt, Tensor):
        return Image(inpt)
    raise TypeError(f"Input can either be a pure Tensor, a numpy array, or a PIL image, but got {type(inpt)} instead.")


def _to_dtype(image: Tensor, dtype: Any = float32, scale: bool = False) -> Tensor:
    if image.dtype == dtype:
        return image
    if not scale:
        return image.to(dtype)
    if dtype.is_floating_point and not image.is_floating_point():
        return image.to(dtype).mul_(1.0 / planes.largest(image.dtype))
    return planes.convert_image_dtype(image, dtype)


def _plain_to_dtype(inpt: Tensor, dtype: Any = float32, scale: bool = False) -> Tensor:
    return inpt.to(dtype)


@functional(_to_dtype, mask=_plain_to_dtype)
def to_dtype(inpt: Any, dtype: Any = float32, scale: bool = False) -> Any:
    """Another dtype; `scale` keeps full brightness full (1 in floating dtypes, the largest number in whole ones)."""


to_dtype.kernels[BoundingBoxes] = lambda inpt, dtype=float32, scale=False: inpt.to(dtype)  # type: ignore[attr-defined]


def convert_image_dtype(image: Any, dtype: Any = float32) -> Any:
    """`to_dtype` with `scale=True`."""
    return to_dtype(image, dtype, scale=True)


to_tensor = v1.to_tensor
pil_to_tensor = v1.pil_to_tensor
to_grayscale = v1.to_grayscale
get_image_size = v1.get_image_size


def to_pil_image(inpt: Any, mode: str | None = None) -> Any:
    """A tensor or an array as a Pillow image."""
    return v1.to_pil_image(inpt.as_subclass(Tensor) if isinstance(inpt, TVTensor) else inpt, mode)


def uniform_temporal_subsample(inpt: Any, num_samples: int) -> Any:
    """`num_samples` frames of a video (..., T, C, H, W), evenly spread."""
    count = inpt.shape[-4]
    chosen = fn.linspace(0, count - 1, num_samples).long()
    found = inpt.as_subclass(Tensor).index_select(-4, chosen)
    return wrap(found, like=inpt) if isinstance(inpt, Video) else found
