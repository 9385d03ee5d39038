"""Transforms of v2 of colours and noise."""

from __future__ import annotations

import math
from typing import Any

from ....dtypes import float32
from ....tensor import functions as fn
from ....tensor.tensor import Tensor
from .. import colours as v1
from ..draws import exp_uniform, integer, uniform
from . import functional as F
from .core import RandomApplyTransform, Transform, query_chw


class Grayscale(Transform):
    """Gray, of 1 channel or of 3 equal ones."""

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.rgb_to_grayscale, inpt, num_output_channels=self.num_output_channels)


class RandomGrayscale(RandomApplyTransform):
    """Gray with probability p, of as many channels as before."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p=p)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"num_input_channels": query_chw(flat_inputs)[0]}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.rgb_to_grayscale, inpt, num_output_channels=params["num_input_channels"])


ADJUST = ("brightness", "contrast", "saturation", "hue")


class ColorJitter(Transform):
    """Random brightness, contrast, saturation and hue, in a random order."""

    get_params = staticmethod(v1.ColorJitter.get_params)

    def __init__(self, brightness: Any = None, contrast: Any = None, saturation: Any = None, hue: Any = None) -> None:
        super().__init__()
        self.brightness = self._span(brightness, "brightness")
        self.contrast = self._span(contrast, "contrast")
        self.saturation = self._span(saturation, "saturation")
        self.hue = None if hue is None else v1.span(hue, "hue", 0, (-0.5, 0.5), clip=False)

    @staticmethod
    def _span(value: Any, name: str) -> Any:
        return None if value is None else v1.span(value, name)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        order, *factors = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        return {"fn_idx": order, **{f"{name}_factor": f for name, f in zip(ADJUST, factors, strict=True)}}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        for i in params["fn_idx"].tolist():
            factor = params[f"{ADJUST[i]}_factor"]
            if factor is not None:
                inpt = self._call_kernel(getattr(F, f"adjust_{ADJUST[i]}"), inpt, factor)
        return inpt


class RandomChannelPermutation(Transform):
    """The channels in a random order."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"permutation": fn.randperm(query_chw(flat_inputs)[0]).tolist()}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.permute_channels, inpt, params["permutation"])


class RandomInvert(RandomApplyTransform):
    """The negative, with probability p."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.invert, inpt)


class RandomPosterize(RandomApplyTransform):
    """Only the highest bits, with probability p."""

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.bits = bits

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.posterize, inpt, bits=self.bits)


class RandomSolarize(RandomApplyTransform):
    """The negative of what is brighter than a threshold, with probability p."""

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.threshold = threshold

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.solarize, inpt, threshold=self.threshold)


class RandomAutocontrast(RandomApplyTransform):
    """Full contrast in each channel, with probability p."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.autocontrast, inpt)


class RandomEqualize(RandomApplyTransform):
    """All brightnesses about equally frequent, with probability p."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.equalize, inpt)


class RandomAdjustSharpness(RandomApplyTransform):
    """Sharper or softer, with probability p."""

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.sharpness_factor = sharpness_factor

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.adjust_sharpness, inpt, sharpness_factor=self.sharpness_factor)


class GaussianBlur(Transform):
    """Blurred by a bell curve of odd width, with a random sigma from a span. Raises ValueError."""

    get_params = staticmethod(v1.GaussianBlur.get_params)

    def __init__(self, kernel_size: Any, sigma: Any = (0.1, 2.0)) -> None:
        super().__init__()
        checked = v1.GaussianBlur(kernel_size, sigma)
        self.kernel_size = checked.kernel_size
        self.sigma = list(map(float, checked.sigma))

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"sigma": [self.get_params(self.sigma[0], self.sigma[1])] * 2}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.gaussian_blur, inpt, self.kernel_size, params["sigma"])


class GaussianNoise(Transform):
    """Normal noise added to images; `sigma` and `mean` are for brightness from 0 to 1."""

    def __init__(self, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> None:
        super().__init__()
        self.mean = mean
        self.sigma = sigma
        self.clip = clip

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.gaussian_noise, inpt, mean=self.mean, sigma=self.sigma, clip=self.clip)


class JPEG(Transform):
    """What becomes of images in a JPEG file, of a quality or of a random one from a span."""

    def __init__(self, quality: Any) -> None:
        super().__init__()
        quality = [quality, quality] if isinstance(quality, int) else list(quality)
        if len(quality) != 2 or not 1 <= quality[0] <= quality[1] <= 100:
            raise ValueError(f"quality must be an integer from 1 to 100, got {quality=}")
        self.quality = quality

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"quality": integer(self.quality[0], self.quality[1] + 1)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.jpeg, inpt, quality=params["quality"])


class RandomErasing(RandomApplyTransform):
    """A random box of tensors, filled with `value` (number, numbers or "random"), with probability p."""

    get_params = staticmethod(v1.RandomErasing.get_params)

    def __init__(
        self,
        p: float = 0.5,
        scale: Any = (0.02, 0.33),
        ratio: Any = (0.3, 3.3),
        value: Any = 0.0,
        inplace: bool = False,
    ) -> None:
        super().__init__(p=p)
        v1.check_erasing(p, scale, ratio, value)
        self.scale = scale
        self.ratio = ratio
        self.value = v1._fill_of(value)
        self.inplace = inplace

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        channels, height, width = query_chw(flat_inputs)
        if self.value is not None and len(self.value) not in (1, channels):
            raise ValueError(
                f"If value is a sequence, it should have either a single value or {channels} (number of inpt channels)"
            )
        for _ in range(10):
            area = height * width * uniform(self.scale[0], self.scale[1])
            aspect = exp_uniform(self.ratio[0], self.ratio[1])
            h, w = int(round(math.sqrt(area * aspect))), int(round(math.sqrt(area / aspect)))
            if not (h < height and w < width):
                continue
            if self.value is None:
                v: Tensor = fn.empty([channels, h, w], dtype=float32).normal_()
            else:
                v = fn.tensor(self.value)[:, None, None]
            return {"i": integer(0, height - h + 1), "j": integer(0, width - w + 1), "h": h, "w": w, "v": v}
        return {"v": None}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return inpt if params["v"] is None else self._call_kernel(F.erase, inpt, **params, inplace=self.inplace)


class RandomPhotometricDistort(Transform):
    """Random brightness, contrast, saturation, hue and order of channels, each with probability p (Liu, 2016)."""

    def __init__(
        self,
        brightness: Any = (0.875, 1.125),
        contrast: Any = (0.5, 1.5),
        saturation: Any = (0.5, 1.5),
        hue: Any = (-0.05, 0.05),
        p: float = 0.5,
    ) -> None:
        super().__init__()
        self.brightness = brightness
        self.contrast = contrast
        self.hue = hue
        self.saturation = saturation
        self.p = p

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        channels = query_chw(flat_inputs)[0]
        found: dict[str, Any] = {}
        for name in ("brightness", "contrast", "saturation", "hue"):
            low, high = getattr(self, name)
            found[name] = uniform(low, high) if fn.rand(1).item() < self.p else None
        found["contrast_before"] = fn.rand(()).item() < 0.5
        found["order"] = fn.randperm(channels).tolist() if fn.rand(1).item() < self.p else None
        return found

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        order = ["brightness", "saturation", "hue"]
        order.insert(1 if params["contrast_before"] else 3, "contrast")
        for name in order:
            if params[name] is not None:
                inpt = self._call_kernel(getattr(F, f"adjust_{name}"), inpt, params[name])
        if params["order"] is not None:
            inpt = self._call_kernel(F.permute_channels, inpt, permutation=params["order"])
        return inpt
