"""Transforms of v2 of place and size."""

from __future__ import annotations

import warnings
from typing import Any

from ....tensor import functions as fn
from .. import places as v1
from ..base import angles, check_sequence, pair
from ..draws import integer
from ..geometry import sides
from ..modes import mode_of
from . import functional as F
from .core import RandomApplyTransform, Transform, query_size
from .kinds import is_pure_tensor


class RandomHorizontalFlip(RandomApplyTransform):
    """Left becomes right, with probability p."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.horizontal_flip, inpt)


class RandomVerticalFlip(RandomApplyTransform):
    """Up becomes down, with probability p."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.vertical_flip, inpt)


class Resize(Transform):
    """Another size: (height, width), or one number for the shorter edge, with the longer one at most `max_size`."""

    def __init__(
        self, size: Any, interpolation: Any = "bilinear", max_size: int | None = None, antialias: bool | None = True
    ) -> None:
        super().__init__()
        if isinstance(size, int):
            size = [size]
        elif isinstance(size, (list, tuple)) and len(size) in (1, 2):
            size = list(size)
        elif size is not None or max_size is None:
            raise ValueError(
                f"size can be an integer, a sequence of one or two integers, or None with max_size, but got {size}."
            )
        self.size = size
        self.interpolation = interpolation
        self.max_size = max_size
        self.antialias = antialias

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(
            F.resize,
            inpt,
            self.size,
            interpolation=self.interpolation,
            max_size=self.max_size,
            antialias=self.antialias,
        )


class CenterCrop(Transform):
    """The middle of the image; zeros around it where the image is smaller."""

    def __init__(self, size: Any) -> None:
        super().__init__()
        self.size = pair(size)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.center_crop, inpt, output_size=self.size)


def fill_for(fill: Any, inpt: Any) -> Any:
    """The fill for an input: a dict says one for each class, and `others`."""
    if isinstance(fill, dict):
        kind = F.Tensor if is_pure_tensor(inpt) else type(inpt)
        return fill.get(kind, fill.get("others"))
    return fill


class Pad(Transform):
    """A border: one width, (left and right, top and bottom) or (left, top, right, bottom)."""

    def __init__(self, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> None:
        super().__init__()
        if isinstance(padding, (list, tuple)) and len(padding) not in (1, 2, 4):
            raise ValueError(
                f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple"
            )
        if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
            raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
        self.padding = padding if isinstance(padding, int) else list(padding)
        self.fill = fill
        self.padding_mode = padding_mode

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        fill = fill_for(self.fill, inpt)
        return self._call_kernel(F.pad, inpt, padding=self.padding, fill=fill, padding_mode=self.padding_mode)


class RandomCrop(Transform):
    """A random box of the image, after a border if `padding` or `pad_if_needed` says so."""

    get_params = staticmethod(v1.RandomCrop.get_params)

    def __init__(
        self, size: Any, padding: Any = None, pad_if_needed: bool = False, fill: Any = 0, padding_mode: str = "constant"
    ) -> None:
        super().__init__()
        self.size = pair(size)
        left, top, right, bottom = sides(padding or 0)
        self.padding = None if padding is None else [left, right, top, bottom]
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        left, right, top, bottom = self.padding or (0, 0, 0, 0)
        height, width = height + top + bottom, width + left + right
        if self.pad_if_needed and height < self.size[0]:
            more = self.size[0] - height
            top, bottom, height = top + more, bottom + more, height + 2 * more
        if self.pad_if_needed and width < self.size[1]:
            more = self.size[1] - width
            left, right, width = left + more, right + more, width + 2 * more
        if height < self.size[0] or width < self.size[1]:
            padded = "padded " if self.padding is not None else ""
            raise ValueError(
                f"Required crop size {tuple(self.size)} is larger than {padded}input image size {(height, width)}."
            )
        # nothing is drawn for an axis that has no choice
        row = integer(0, height - self.size[0] + 1) if height > self.size[0] else 0
        column = integer(0, width - self.size[1] + 1) if width > self.size[1] else 0
        cropped = height > self.size[0] or width > self.size[1]
        return {"padding": [left, top, right, bottom], "box": (row, column, *self.size) if cropped else None}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if any(params["padding"]):
            fill = fill_for(self.fill, inpt)
            inpt = self._call_kernel(F.pad, inpt, padding=params["padding"], fill=fill, padding_mode=self.padding_mode)
        return inpt if params["box"] is None else self._call_kernel(F.crop, inpt, *params["box"])


class RandomResizedCrop(Transform):
    """A random box of the image, made to have a size."""

    get_params = staticmethod(v1.RandomResizedCrop.get_params)

    def __init__(
        self,
        size: Any,
        scale: Any = (0.08, 1.0),
        ratio: Any = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: Any = "bilinear",
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.size = pair(size)
        check_sequence(scale, "Scale", (2,))
        check_sequence(ratio, "Ratio", (2,))
        if scale[0] > scale[1] or ratio[0] > ratio[1]:
            warnings.warn("Scale and ratio should be of kind (min, max)", stacklevel=2)
        self.scale = scale
        self.ratio = ratio
        self.interpolation = interpolation
        self.antialias = antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        blank = fn.empty(1, *query_size(flat_inputs))  # only its size is looked at
        return {"box": self.get_params(blank, self.scale, self.ratio)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "antialias": self.antialias}
        return self._call_kernel(F.resized_crop, inpt, *params["box"], self.size, **how)


class FiveCrop(Transform):
    """The four corners and the middle, as a tuple."""

    def __init__(self, size: Any) -> None:
        super().__init__()
        self.size = pair(size)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.five_crop, inpt, self.size)


class TenCrop(Transform):
    """The four corners and the middle, of the image and of its mirror image, as a tuple."""

    def __init__(self, size: Any, vertical_flip: bool = False) -> None:
        super().__init__()
        self.size = pair(size)
        self.vertical_flip = vertical_flip

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.ten_crop, inpt, self.size, vertical_flip=self.vertical_flip)


class RandomRotation(Transform):
    """Turned by a random angle, from -degrees to degrees or from a pair."""

    get_params = staticmethod(v1.RandomRotation.get_params)

    def __init__(
        self, degrees: Any, interpolation: Any = "nearest", expand: bool = False, center: Any = None, fill: Any = 0
    ) -> None:
        super().__init__()
        self.degrees = angles(degrees, "degrees")
        self.interpolation = interpolation
        self.expand = expand
        self.fill = fill
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"angle": self.get_params(self.degrees)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "expand": self.expand, "center": self.center}
        return self._call_kernel(F.rotate, inpt, **params, **how, fill=fill_for(self.fill, inpt))


class RandomAffine(Transform):
    """Turned, moved, scaled and sheared at random, about the middle."""

    get_params = staticmethod(v1.RandomAffine.get_params)

    def __init__(
        self,
        degrees: Any,
        translate: Any = None,
        scale: Any = None,
        shear: Any = None,
        interpolation: Any = "nearest",
        fill: Any = 0,
        center: Any = None,
    ) -> None:
        super().__init__()
        self.degrees = angles(degrees, "degrees")
        v1.check_affine(translate, scale)
        self.translate = translate
        self.scale = scale
        self.shear = None if shear is None else angles(shear, "shear", (2, 4))
        self.interpolation = interpolation
        self.fill = fill
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        found = self.get_params(self.degrees, self.translate, self.scale, self.shear, [width, height])
        return dict(zip(("angle", "translate", "scale", "shear"), found, strict=True))

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "center": self.center}
        return self._call_kernel(F.affine, inpt, **params, **how, fill=fill_for(self.fill, inpt))


class RandomPerspective(RandomApplyTransform):
    """As seen from another side, with probability p; distortion_scale, 0 to 1, says how far the corners move."""

    get_params = staticmethod(v1.RandomPerspective.get_params)

    def __init__(
        self, distortion_scale: float = 0.5, p: float = 0.5, interpolation: Any = "bilinear", fill: Any = 0
    ) -> None:
        super().__init__(p=p)
        if not 0 <= distortion_scale <= 1:
            raise ValueError("Argument distortion_scale value should be between 0 and 1")
        self.distortion_scale = distortion_scale
        self.interpolation = interpolation
        self.fill = fill

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        start, end = self.get_params(width, height, self.distortion_scale)
        return {"startpoints": start, "endpoints": end}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "fill": fill_for(self.fill, inpt)}
        return self._call_kernel(F.perspective, inpt, **params, **how)


class ElasticTransform(Transform):
    """Each pixel moved at random: by about `alpha` pixels, alike within about `sigma` pixels."""

    get_params = staticmethod(v1.ElasticTransform.get_params)

    def __init__(self, alpha: Any = 50.0, sigma: Any = 5.0, interpolation: Any = "bilinear", fill: Any = 0) -> None:
        super().__init__()
        self.alpha, self.sigma = (
            v1.two_floats(float(value) if isinstance(value, int) else value, name)
            for value, name in ((alpha, "alpha"), (sigma, "sigma"))
        )
        self.interpolation = interpolation
        self.fill = fill

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"displacement": self.get_params(self.alpha, self.sigma, list(query_size(flat_inputs)))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "fill": fill_for(self.fill, inpt)}
        return self._call_kernel(F.elastic, inpt, **params, **how)


# ---- random sizes ----------------------------------------------------------------------------------------------------


class ToSize(Transform):
    """Base of transforms to a size that is drawn."""

    interpolation: Any
    antialias: Any

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": mode_of(self.interpolation), "antialias": self.antialias}
        return self._call_kernel(F.resize, inpt, params["size"], **how)


class RandomResize(ToSize):
    """The shorter edge of a random length, from min_size to max_size - 1."""

    def __init__(
        self, min_size: int, max_size: int, interpolation: Any = "bilinear", antialias: bool | None = True
    ) -> None:
        super().__init__()
        self.min_size = min_size
        self.max_size = max_size
        self.interpolation = interpolation
        self.antialias = antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"size": [integer(self.min_size, self.max_size)]}


class RandomShortestSize(ToSize):
    """The shorter edge of one of several lengths, the longer one at most `max_size`."""

    def __init__(
        self, min_size: Any, max_size: int | None = None, interpolation: Any = "bilinear", antialias: bool | None = True
    ) -> None:
        super().__init__()
        self.min_size = [min_size] if isinstance(min_size, int) else list(min_size)
        self.max_size = max_size
        self.interpolation = interpolation
        self.antialias = antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        factor = self.min_size[integer(0, len(self.min_size))] / min(height, width)
        if self.max_size is not None:
            factor = min(factor, self.max_size / max(height, width))
        return {"size": (int(height * factor), int(width * factor))}


class ScaleJitter(ToSize):
    """`target_size` times a random factor, with the image's own shape (Ghiasi et al., 2020)."""

    def __init__(
        self,
        target_size: tuple[int, int],
        scale_range: tuple[float, float] = (0.1, 2.0),
        interpolation: Any = "bilinear",
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.target_size = target_size
        self.scale_range = scale_range
        self.interpolation = interpolation
        self.antialias = antialias

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        low, high = self.scale_range
        scale = (low + fn.rand(1) * (high - low)).item()
        factor = min(self.target_size[1] / height, self.target_size[0] / width) * scale
        return {"size": (int(height * factor), int(width * factor))}


class RandomZoomOut(RandomApplyTransform):
    """The image somewhere in a canvas up to `side_range` times as large, with probability p."""

    def __init__(self, fill: Any = 0, side_range: tuple[float, float] = (1.0, 4.0), p: float = 0.5) -> None:
        super().__init__(p=p)
        self.fill = fill
        if side_range[0] < 1.0 or side_range[0] > side_range[1]:
            raise ValueError(f"Invalid side range provided {side_range}.")
        self.side_range = side_range

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        low, high = self.side_range
        factor = low + fn.rand(1) * (high - low)
        canvas_w, canvas_h = int((width * factor).item()), int((height * factor).item())
        place = fn.rand(2)
        left, top = int(((canvas_w - width) * place[0]).item()), int(((canvas_h - height) * place[1]).item())
        return {"padding": [left, top, canvas_w - (left + width), canvas_h - (top + height)]}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.pad, inpt, **params, fill=fill_for(self.fill, inpt))
