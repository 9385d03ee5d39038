"""Transforms of colour, sharpness and brightness, and of boxes of noise."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Sequence
from typing import Any

from ...dtypes import float32
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from . import functional as F
from .base import Shown, pair
from .draws import chance, exp_uniform, integer, uniform


def span(value: Any, name: str, center: float = 1, bound: Any = (0, float("inf")), clip: bool = True) -> Any:
    """(lowest, highest) factor from x, meaning center - x to center + x, or from a pair; None where nothing changes.

    Raises ValueError for values out of bounds, TypeError for other things.
    """
    if isinstance(value, numbers.Number):
        if value < 0:  # type: ignore[operator]
            raise ValueError(f"If {name} is a single number, it must be non negative.")
        low, high = center - float(value), center + float(value)  # type: ignore[arg-type]
        low = max(low, 0.0) if clip else low
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        low, high = float(value[0]), float(value[1])
    else:
        raise TypeError(f"{name} should be a single number or a list/tuple with length 2.")
    if not bound[0] <= low <= high <= bound[1]:
        raise ValueError(f"{name} values should be between {bound}, but got {[low, high]}.")
    return None if low == high == center else (low, high)


class ColorJitter(Shown):
    """Random brightness, contrast, saturation and hue, in a random order.

    Each is x, for factors from 1 - x to 1 + x (hue: turns from -x to x, at most 0.5), or a pair of these ends.
    """

    shown = "brightness contrast saturation hue"

    def __init__(self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, hue: Any = 0) -> None:
        super().__init__()
        self.brightness = span(brightness, "brightness")
        self.contrast = span(contrast, "contrast")
        self.saturation = span(saturation, "saturation")
        self.hue = span(hue, "hue", 0, (-0.5, 0.5), clip=False)

    @staticmethod
    def get_params(brightness: Any, contrast: Any, saturation: Any, hue: Any) -> tuple[Any, ...]:
        """(order of the four, factor of each or None)."""
        order = fn.randperm(4)
        spans = (brightness, contrast, saturation, hue)
        return (order, *(None if s is None else uniform(s[0], s[1]) for s in spans))

    def forward(self, img: Any) -> Any:
        order, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        adjust = (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue)
        for i in order.tolist():
            if factors[i] is not None:
                img = adjust[i](img, factors[i])
        return img


class Grayscale(Shown):
    """Gray, of 1 channel or of 3 equal ones."""

    shown = "num_output_channels"

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, self.num_output_channels)


class WithChance(Shown):
    """Base of transforms that do something with probability p."""

    shown = "p"

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, img: Any) -> Any:
        return self.change(img) if chance(self.p) else img

    def change(self, img: Any) -> Any:
        """What is done."""
        raise NotImplementedError


class RandomGrayscale(WithChance):
    """Gray with probability p, of as many channels as before."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def change(self, img: Any) -> Any:
        return F.rgb_to_grayscale(img, F.get_image_num_channels(img))


class RandomInvert(WithChance):
    """The negative, with probability p."""

    def change(self, img: Any) -> Any:
        return F.invert(img)


class RandomPosterize(WithChance):
    """Only the highest bits, with probability p."""

    shown = "bits p"
    between = ","

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits

    def change(self, img: Any) -> Any:
        return F.posterize(img, self.bits)


class RandomSolarize(WithChance):
    """The negative of what is brighter than a threshold, with probability p."""

    shown = "threshold p"
    between = ","

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold

    def change(self, img: Any) -> Any:
        return F.solarize(img, self.threshold)


class RandomAdjustSharpness(WithChance):
    """Sharper or softer, with probability p."""

    shown = "sharpness_factor p"
    between = ","

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def change(self, img: Any) -> Any:
        return F.adjust_sharpness(img, self.sharpness_factor)


class RandomAutocontrast(WithChance):
    """Full contrast in each channel, with probability p."""

    def change(self, img: Any) -> Any:
        return F.autocontrast(img)


class RandomEqualize(WithChance):
    """All brightnesses about equally frequent, with probability p."""

    def change(self, img: Any) -> Any:
        return F.equalize(img)


class GaussianBlur(Shown):
    """Blurred by a bell curve of odd width, with a random sigma from a span. Raises ValueError."""

    shown = "kernel_size sigma"

    def __init__(self, kernel_size: Any, sigma: Any = (0.1, 2.0)) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "Kernel size should be a tuple/list of two integers")
        if any(k <= 0 or k % 2 == 0 for k in self.kernel_size):
            raise ValueError("Kernel size value should be an odd and positive number.")
        if isinstance(sigma, numbers.Number):
            if sigma <= 0:  # type: ignore[operator]
                raise ValueError("If sigma is a single number, it must be positive.")
            sigma = (sigma, sigma)
        elif isinstance(sigma, Sequence) and len(sigma) == 2:
            if not 0.0 < sigma[0] <= sigma[1]:
                raise ValueError("sigma values should be positive and of the form (min, max).")
        else:
            raise ValueError("sigma should be a single number or a list/tuple with length 2.")
        self.sigma = sigma

    @staticmethod
    def get_params(sigma_min: float, sigma_max: float) -> float:
        """The sigma."""
        return uniform(sigma_min, sigma_max)

    def forward(self, img: Any) -> Any:
        sigma = self.get_params(self.sigma[0], self.sigma[1])
        return F.gaussian_blur(img, self.kernel_size, [sigma, sigma])


def check_erasing(p: float, scale: Any, ratio: Any, value: Any) -> None:
    """What RandomErasing asks of its arguments. Raises TypeError, ValueError."""
    if not isinstance(value, (numbers.Number, str, tuple, list)):
        raise TypeError("Argument value should be either a number or str or a sequence")
    if isinstance(value, str) and value != "random":
        raise ValueError("If value is str, it should be 'random'")
    if not isinstance(scale, Sequence):
        raise TypeError("Scale should be a sequence")
    if not isinstance(ratio, Sequence):
        raise TypeError("Ratio should be a sequence")
    if scale[0] > scale[1] or ratio[0] > ratio[1]:
        warnings.warn("Scale and ratio should be of kind (min, max)", stacklevel=3)
    if scale[0] < 0 or scale[1] > 1:
        raise ValueError("Scale should be between 0 and 1")
    if p < 0 or p > 1:
        raise ValueError("Random erasing probability should be between 0 and 1")


class RandomErasing(Shown):
    """A random box of a tensor, filled with `value` (a number, one for each channel, or "random"), with probability p.

    scale: the box's share of the area; ratio: its height through its width.
    """

    shown = "p scale ratio value inplace"

    def __init__(
        self,
        p: float = 0.5,
        scale: Any = (0.02, 0.33),
        ratio: Any = (0.3, 3.3),
        value: Any = 0,
        inplace: bool = False,
    ) -> None:
        super().__init__()
        check_erasing(p, scale, ratio, value)
        self.p = p
        self.scale = scale
        self.ratio = ratio
        self.value = value
        self.inplace = inplace

    @staticmethod
    def get_params(img: Tensor, scale: Any, ratio: Any, value: list[float] | None = None) -> tuple[Any, ...]:
        """(row, column, height, width, what to fill with); the whole image as it is where no box was found."""
        channels, height, width = img.shape[-3:]
        for _ in range(10):
            area = height * width * uniform(scale[0], scale[1])
            aspect = exp_uniform(ratio[0], ratio[1])
            h, w = int(round(math.sqrt(area * aspect))), int(round(math.sqrt(area / aspect)))
            if not (h < height and w < width):
                continue
            if value is None:
                v = fn.empty([channels, h, w], dtype=float32).normal_()
            else:
                v = fn.tensor(value)[:, None, None]
            return integer(0, height - h + 1), integer(0, width - w + 1), h, w, v
        return 0, 0, height, width, img

    def forward(self, img: Tensor) -> Tensor:
        if not chance(self.p):
            return img
        value = _fill_of(self.value)
        channels = img.shape[-3]
        if value is not None and len(value) not in (1, channels):
            raise ValueError(
                f"If value is a sequence, it should have either a single value or {channels} (number of input channels)"
            )
        i, j, h, w, v = self.get_params(img, self.scale, self.ratio, value)
        return F.erase(img, i, j, h, w, v, self.inplace)


def _fill_of(value: Any) -> list[float] | None:
    """The numbers to fill with; None for noise."""
    if isinstance(value, str):
        return None
    return [float(value)] if isinstance(value, (int, float)) else [float(v) for v in value]
