"""Boxes and images that move: where the corners go. Kernels take and give (boxes, canvas size)."""

from __future__ import annotations

from typing import Any

from ....dtypes import float32
from ....tensor import functions as fn
from ....tensor.tensor import Tensor
from ...ops.boxes import box_convert
from ...tv_tensors import BoundingBoxFormat
from ..geometry import expanded_size, inverse_affine, perspective_coefficients, resized, sides

Size = tuple[int, int]


def _corners(boxes: Tensor, format: BoundingBoxFormat) -> Tensor:
    real = boxes if boxes.is_floating_point() else boxes.to(float32)
    return box_convert(real, format.value.lower(), "xyxy")


def _back(corners: Tensor, boxes: Tensor, format: BoundingBoxFormat) -> Tensor:
    return box_convert(corners, "xyxy", format.value.lower()).to(boxes.dtype)


def _clamped(corners: Tensor, size: Size) -> Tensor:
    height, width = size
    x1, y1, x2, y2 = corners.unbind(-1)
    return fn.stack((x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)), -1)


def clamp(boxes: Tensor, format: Any, size: Size) -> tuple[Tensor, Size]:
    return _back(_clamped(_corners(boxes, format), size), boxes, format), size


def horizontal_flip(boxes: Tensor, format: Any, size: Size) -> tuple[Tensor, Size]:
    x1, y1, x2, y2 = _corners(boxes, format).unbind(-1)
    return _back(fn.stack((size[1] - x2, y1, size[1] - x1, y2), -1), boxes, format), size


def vertical_flip(boxes: Tensor, format: Any, size: Size) -> tuple[Tensor, Size]:
    x1, y1, x2, y2 = _corners(boxes, format).unbind(-1)
    return _back(fn.stack((x1, size[0] - y2, x2, size[0] - y1), -1), boxes, format), size


def _shifted(boxes: Tensor, format: Any, left: float, top: float, size: Size) -> tuple[Tensor, Size]:
    corners = _corners(boxes, format)
    corners = corners + fn.tensor([left, top, left, top], dtype=corners.dtype)
    return _back(_clamped(corners, size), boxes, format), size


def crop(boxes: Tensor, format: Any, size: Size, top: int, left: int, height: int, width: int) -> tuple[Tensor, Size]:
    return _shifted(boxes, format, -left, -top, (height, width))


def pad(
    boxes: Tensor, format: Any, size: Size, padding: Any, fill: Any = None, padding_mode: str = "constant"
) -> tuple[Tensor, Size]:
    if padding_mode != "constant":
        raise ValueError(f"Padding mode '{padding_mode}' is not supported with bounding boxes.")
    left, top, right, bottom = sides(padding)
    return _shifted(boxes, format, left, top, (size[0] + top + bottom, size[1] + left + right))


def center_crop(boxes: Tensor, format: Any, size: Size, output_size: Any) -> tuple[Tensor, Size]:
    given = [output_size] if isinstance(output_size, int) else list(output_size)
    height, width = given * (3 - len(given))
    top, left = int(round((size[0] - height) / 2.0)), int(round((size[1] - width) / 2.0))
    return crop(boxes, format, size, top, left, height, width)


def resize(
    boxes: Tensor,
    format: Any,
    size: Size,
    new_size: Any,
    interpolation: Any = None,
    max_size: int | None = None,
    antialias: Any = True,
) -> tuple[Tensor, Size]:
    height, width = resized(size, [new_size] if isinstance(new_size, int) else new_size, max_size)
    corners = _corners(boxes, format)
    across, down = width / size[1], height / size[0]
    corners = corners * fn.tensor([across, down, across, down], dtype=corners.dtype)
    return _back(corners, boxes, format), (height, width)


def resized_crop(
    boxes: Tensor,
    format: Any,
    size: Size,
    top: int,
    left: int,
    height: int,
    width: int,
    new_size: Any,
    interpolation: Any = None,
    antialias: Any = True,
) -> tuple[Tensor, Size]:
    boxes, size = crop(boxes, format, size, top, left, height, width)
    return resize(boxes, format, size, new_size)


def _mapped(boxes: Tensor, format: Any, matrix: list[float], size: Size, shift: Size = (0, 0)) -> tuple[Tensor, Size]:
    """The boxes around what a map makes of the boxes."""
    x1, y1, x2, y2 = _corners(boxes, format).unbind(-1)
    a, b, c, d, e, f = matrix
    points = [(x, y) for x in (x1, x2) for y in (y1, y2)]
    x = fn.stack([a * px + b * py + c + shift[1] for px, py in points])
    y = fn.stack([d * px + e * py + f + shift[0] for px, py in points])
    corners = fn.stack((x.amin(0), y.amin(0), x.amax(0), y.amax(0)), -1)
    return _back(_clamped(corners, size), boxes, format), size


def affine(
    boxes: Tensor,
    format: Any,
    size: Size,
    angle: float,
    translate: Any,
    scale: float,
    shear: Any,
    interpolation: Any = None,
    fill: Any = None,
    center: Any = None,
) -> tuple[Tensor, Size]:
    shear = [shear, 0.0] if isinstance(shear, (int, float)) else list(shear)
    middle = center or [size[1] * 0.5, size[0] * 0.5]
    matrix = inverse_affine(middle, angle, translate, scale, shear, inverted=False)
    return _mapped(boxes, format, matrix, size)


def rotate(
    boxes: Tensor,
    format: Any,
    size: Size,
    angle: float,
    interpolation: Any = None,
    expand: bool = False,
    center: Any = None,
    fill: Any = None,
) -> tuple[Tensor, Size]:
    middle = [size[1] * 0.5, size[0] * 0.5] if center is None or expand else center
    matrix = inverse_affine(middle, -angle, [0.0, 0.0], 1.0, [0.0, 0.0], inverted=False)
    if not expand:
        return _mapped(boxes, format, matrix, size)
    inner = inverse_affine([0.0, 0.0], -angle, [0.0, 0.0], 1.0, [0.0, 0.0])
    width, height = expanded_size(inner, size[1], size[0])
    shift = ((height - size[0]) / 2, (width - size[1]) / 2)
    return _mapped(boxes, format, matrix, (height, width), shift)  # type: ignore[arg-type]


def perspective(
    boxes: Tensor,
    format: Any,
    size: Size,
    startpoints: Any,
    endpoints: Any,
    interpolation: Any = None,
    fill: Any = None,
) -> tuple[Tensor, Size]:
    a, b, c, d, e, f, g, h = perspective_coefficients(endpoints, startpoints)  # from where a pixel is to where it goes
    x1, y1, x2, y2 = _corners(boxes, format).unbind(-1)
    points = [(x, y, g * x + h * y + 1) for x in (x1, x2) for y in (y1, y2)]
    x = fn.stack([(a * px + b * py + c) / w for px, py, w in points])
    y = fn.stack([(d * px + e * py + f) / w for px, py, w in points])
    corners = fn.stack((x.amin(0), y.amin(0), x.amax(0), y.amax(0)), -1)
    return _back(_clamped(corners, size), boxes, format), size


def elastic(boxes: Tensor, format: Any, size: Size, *args: Any, **kwargs: Any) -> tuple[Tensor, Size]:
    raise NotImplementedError(
        "elastic transforms of bounding boxes are not implemented; transform images and masks only"
    )
