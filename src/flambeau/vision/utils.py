"""Showing images: grids, files, boxes and masks drawn on them. `torchvision.utils`."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

from ..autograd import no_grad
from ..dtypes import bool_, uint8
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from ..xp import numpy as xnp
from .pillow import pillow
from .transforms import functional as F

__all__ = ["make_grid", "save_image", "draw_bounding_boxes", "draw_segmentation_masks", "draw_keypoints"]


def _batched(tensor: Any) -> Tensor:
    """One image, several or a list of them as (N, 3, H, W)."""
    if isinstance(tensor, list):
        tensor = fn.stack(tensor, dim=0)
    if tensor.ndim == 2:
        tensor = tensor.unsqueeze(0)
    if tensor.ndim == 3:
        tensor = fn.cat((tensor, tensor, tensor), 0) if tensor.shape[0] == 1 else tensor
        tensor = tensor.unsqueeze(0)
    return fn.cat((tensor, tensor, tensor), 1) if tensor.ndim == 4 and tensor.shape[1] == 1 else tensor


def _scaled(image: Tensor, value_range: tuple[float, float] | None) -> Tensor:
    """Numbers from the range, or from the lowest to the highest, as numbers from 0 to 1."""
    low, high = value_range or (float(image.min()), float(image.max()))
    return (image.clamp(low, high) - low) / max(high - low, 1e-5)


@no_grad()
def make_grid(
    tensor: Any,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Images (N, C, H, W), or a list of them, side by side in one image (3, H', W'), `nrow` in each row.

    normalize: numbers are scaled to 0 … 1, from `value_range` or from their own range, of all images or of each.
    Raises TypeError for what is no tensor.

    >>> make_grid(torch.zeros(10, 1, 4, 4), nrow=5).shape
    torch.Size([3, 14, 32])
    """
    if not isinstance(tensor, Tensor) and not (
        isinstance(tensor, list) and tensor and all(isinstance(t, Tensor) for t in tensor)
    ):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    images = _batched(tensor)
    if value_range is not None and not isinstance(value_range, tuple):
        raise TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers")
    if normalize:
        images = images.clone()
        if scale_each:
            images = fn.stack([_scaled(image, value_range) for image in images])
        else:
            images = _scaled(images, value_range)
    if images.shape[0] == 1:
        return images.squeeze(0)
    count, channels, h, w = images.shape
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    h, w = h + padding, w + padding
    grid = fn.full((channels, h * rows + padding, w * columns + padding), pad_value, dtype=images.dtype)
    for i in range(count):
        top, left = i // columns * h + padding, i % columns * w + padding
        grid[:, top : top + h - padding, left : left + w - padding] = images[i]
    return grid


@no_grad()
def save_image(tensor: Any, fp: str | Path | Any, format: str | None = None, **kwargs: Any) -> None:
    """Write an image, or a grid of images made by `make_grid(**kwargs)`, to a file; numbers mean 0 to 1."""
    grid = make_grid(tensor, **kwargs)
    array = grid.mul(255).add(0.5).clamp(0, 255).permute(1, 2, 0).to(uint8).numpy()
    pillow().fromarray(xnp.asarray(array).copy()).save(fp, format=format)


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _check_drawable(image: Any, name: str = "image") -> None:
    if not isinstance(image, Tensor):
        raise TypeError(f"Tensor expected, got {type(image)}")
    if not (image.dtype == uint8 or image.is_floating_point()):
        raise ValueError(f"The image dtype must be uint8 or float, got {image.dtype}")
    if image.ndim != 3:
        raise ValueError("Pass individual images, not batches")
    if image.shape[0] not in (1, 3):
        raise ValueError("Only grayscale and RGB images are supported")


def _palette(count: int) -> list[tuple[int, ...]]:
    """torchvision's colours: black, then multiples of three large numbers."""
    return [tuple(i * n % 255 for n in (2**25 - 1, 2**15 - 1, 2**21 - 1)) for i in range(count)]


def _colours(colors: Any, count: int) -> list[Any]:
    """A colour for each of `count` things, as (red, green, blue). Raises ValueError where there are too few."""
    if colors is None:
        found: list[Any] = list(_palette(count))
    elif isinstance(colors, list):
        if len(colors) < count:
            raise ValueError(
                f"Number of colors must be equal or larger than the number of objects, but got {len(colors)} < {count}."
            )
        found = colors
    elif not isinstance(colors, (tuple, str)):
        raise ValueError(f"colors must be a tuple or a string, or a list thereof, but got {colors}.")
    elif isinstance(colors, tuple) and len(colors) != 3:
        raise ValueError(f"If passed as tuple, colors should be an RGB triplet, but got {colors}.")
    else:
        found = [colors] * count
    return [pillow("ImageColor").getrgb(c) if isinstance(c, str) else c for c in found]


def _as_picture(image: Tensor) -> Any:
    image = image.expand(3, -1, -1) if image.shape[0] == 1 else image
    whole = image if image.dtype == uint8 else F.convert_image_dtype(image, uint8)
    return F.to_pil_image(whole)


def _like(picture: Any, image: Tensor) -> Tensor:
    drawn = F.pil_to_tensor(picture)
    return drawn if image.dtype == uint8 else F.convert_image_dtype(drawn, image.dtype)


@no_grad()
def draw_bounding_boxes(
    image: Tensor,
    boxes: Tensor,
    labels: list[str | None] | None = None,
    colors: Any = None,
    fill: bool | None = False,
    width: int = 1,
    font: str | None = None,
    font_size: int | None = None,
    label_colors: Any = None,
    label_background_colors: Any = None,
    fill_labels: bool = False,
) -> Tensor:
    """An image (C, H, W), with boxes (N, 4) of corners (x1, y1, x2, y2) drawn on it, and a label for each.

    Raises TypeError and ValueError for other shapes and dtypes, and for boxes whose corners are in the wrong order.
    """
    _check_drawable(image)
    count = boxes.shape[0]
    if count and ((boxes[:, 0] > boxes[:, 2]).any() or (boxes[:, 1] > boxes[:, 3]).any()):
        raise ValueError(
            "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them"
        )
    if count == 0:
        warnings.warn("boxes doesn't contain any box. No box was drawn", stacklevel=2)
        return image
    if labels is not None and len(labels) != count:
        raise ValueError(
            f"The number of boxes ({count}) and labels ({len(labels)}) mismatch. Please specify labels for each box."
        )
    lines = _colours(colors, count)
    texts = _colours(label_colors, count) if label_colors else list(lines)
    backs = _colours(label_background_colors, count) if label_background_colors else [None] * count
    picture = _as_picture(image)
    draw = pillow("ImageDraw").Draw(picture, "RGBA" if fill else None)
    letters = _font(font, font_size)
    for i, box in enumerate(boxes.long().tolist()):
        draw.rectangle(box, width=width, outline=lines[i], fill=(*lines[i], 100) if fill else None)
        label = labels[i] if labels is not None else None
        if label is None:
            continue
        place = (box[0] + width + 1, box[1] + width + 1)
        if fill_labels or backs[i] is not None:
            draw.rectangle(draw.textbbox(place, label, font=letters), fill=backs[i] or lines[i])
        draw.text(place, label, fill=(0, 0, 0) if fill_labels and not label_colors else texts[i], font=letters)
    return _like(picture, image)


def _font(name: str | None, size: int | None) -> Any:
    fonts = pillow("ImageFont")
    if name is None:
        if size is not None:
            warnings.warn("Argument 'font_size' will be ignored since 'font' is not set.", stacklevel=3)
        return fonts.load_default()
    return fonts.truetype(font=name, size=size or 10)


@no_grad()
def draw_segmentation_masks(image: Tensor, masks: Tensor, alpha: float = 0.8, colors: Any = None) -> Tensor:
    """An image (3, H, W), with masks (N, H, W) or (H, W) of bool laid over it; alpha 1 hides what lies under them.

    Raises TypeError and ValueError for other shapes and dtypes.
    """
    _check_drawable(image)
    if image.shape[0] != 3:
        raise ValueError("Pass an RGB image. Other Image formats are not supported")
    masks = masks[None] if masks.ndim == 2 else masks
    if masks.ndim != 3:
        raise ValueError("masks must be of shape (H, W) or (batch_size, H, W)")
    if masks.dtype != bool_:
        raise ValueError(f"The masks must be of dtype bool. Got {masks.dtype}")
    if tuple(masks.shape[-2:]) != tuple(image.shape[-2:]):
        raise ValueError("The image and the masks must have the same height and width")
    if masks.shape[0] == 0:
        warnings.warn("masks doesn't contain any mask. No mask was drawn", stacklevel=2)
        return image
    painted = image.clone()
    for mask, colour in zip(masks, _colours(colors, masks.shape[0]), strict=False):
        value = fn.tensor(colour, dtype=uint8)
        if image.is_floating_point():
            value = value.to(image.dtype) / 255
        painted = fn.where(mask, value[:, None, None], painted)
    painted = fn.where(masks.sum(0) > 1, fn.zeros_like(painted), painted)  # black where masks overlap
    return (image * (1 - alpha) + painted * alpha).to(image.dtype)


@no_grad()
def draw_keypoints(
    image: Tensor,
    keypoints: Tensor,
    connectivity: list[tuple[int, int]] | None = None,
    colors: Any = None,
    radius: int = 2,
    width: int = 3,
    visibility: Tensor | None = None,
) -> Tensor:
    """An image (3, H, W), with points (N, K, 2) of [x, y] and lines between the pairs of `connectivity`.

    visibility: (N, K) of bool, which points are drawn. Raises TypeError, ValueError for other shapes.
    """
    _check_drawable(image)
    if keypoints.ndim != 3:
        raise ValueError("keypoints must be of shape (num_instances, K, 2)")
    shown = fn.ones(keypoints.shape[:2], dtype=bool_) if visibility is None else visibility.to(bool_)
    shown = shown.squeeze(-1) if shown.ndim == 3 else shown
    picture = _as_picture(image)
    draw = pillow("ImageDraw").Draw(picture)
    colour = _colours("red" if colors is None else colors, 1)[0]
    for points, visible in zip(keypoints.long().tolist(), shown.tolist(), strict=True):
        for (x, y), seen in zip(points, visible, strict=True):
            if seen:
                draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour, outline=None, width=0)
        for start, end in connectivity or ():
            if visible[start] and visible[end]:
                draw.line((tuple(points[start]), tuple(points[end])), width=width)
    return _like(picture, image)
