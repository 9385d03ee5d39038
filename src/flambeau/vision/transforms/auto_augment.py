"""Transforms with learned or random policies: AutoAugment, RandAugment, TrivialAugment, AugMix."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from ... import random
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from ...xp import numpy as xnp
from . import functional as F
from .base import Shown
from .draws import integer
from .modes import InterpolationMode
from .places import tensor_fill
from .policies import POLICIES

Mode = InterpolationMode


def _sheared(img: Any, shear: list[float], how: dict[str, Any]) -> Any:
    # the policies measure shear as a tangent, from the corner
    degrees = [math.degrees(math.atan(s)) for s in shear]
    return F.affine(img, angle=0.0, translate=[0, 0], scale=1.0, shear=degrees, center=[0, 0], **how)


def _moved(img: Any, x: float, y: float, how: dict[str, Any]) -> Any:
    return F.affine(img, angle=0.0, translate=[int(x), int(y)], scale=1.0, shear=[0.0, 0.0], **how)


# name -> what it does to an image with magnitude m
OPERATIONS: dict[str, Callable[..., Any]] = {
    "ShearX": lambda img, m, how: _sheared(img, [m, 0.0], how),
    "ShearY": lambda img, m, how: _sheared(img, [0.0, m], how),
    "TranslateX": lambda img, m, how: _moved(img, m, 0, how),
    "TranslateY": lambda img, m, how: _moved(img, 0, m, how),
    "Rotate": lambda img, m, how: F.rotate(img, m, **how),
    "Brightness": lambda img, m, how: F.adjust_brightness(img, 1.0 + m),
    "Color": lambda img, m, how: F.adjust_saturation(img, 1.0 + m),
    "Contrast": lambda img, m, how: F.adjust_contrast(img, 1.0 + m),
    "Sharpness": lambda img, m, how: F.adjust_sharpness(img, 1.0 + m),
    "Posterize": lambda img, m, how: F.posterize(img, int(m)),
    "Solarize": lambda img, m, how: F.solarize(img, m),
    "AutoContrast": lambda img, m, how: F.autocontrast(img),
    "Equalize": lambda img, m, how: F.equalize(img),
    "Invert": lambda img, m, how: F.invert(img),
    "Identity": lambda img, m, how: img,
}
SIGNED = "ShearX ShearY TranslateX TranslateY Rotate Brightness Color Contrast Sharpness".split()


def space(bins: int, shear: float, across: float, down: float, turn: float, light: float, bits: int) -> dict[str, Any]:
    """name -> (magnitudes, may they be negative): from nothing to the largest one given; none where it has none."""
    tops = {"ShearX": shear, "ShearY": shear, "TranslateX": across, "TranslateY": down, "Rotate": turn}
    tops.update(dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), light))
    found: dict[str, Any] = {name: (fn.linspace(0.0, top, bins), True) for name, top in tops.items()}
    lost = fn.arange(bins) / ((bins - 1) / bits)
    found["Posterize"] = (8 - lost.round().int(), False)
    found["Solarize"] = (fn.linspace(255.0, 0.0, bins), False)
    found.update(dict.fromkeys(("AutoContrast", "Equalize", "Invert"), (fn.tensor(0.0), False)))
    return found


def ordered(found: dict[str, Any], first: str = "", last: str = "", without: str = "Invert") -> dict[str, Any]:
    """The space with some names moved to the front or the end; the order decides what a drawn number means."""
    nothing = (fn.tensor(0.0), False)
    names = [n for n in found if n not in without.split() and n not in last.split()]
    return {n: found.get(n, nothing) for n in (*first.split(), *names, *last.split())}


class AutoAugmentPolicy(Enum):
    """The data that a policy was learned on."""

    IMAGENET = "imagenet"
    CIFAR10 = "cifar10"
    SVHN = "svhn"


class Augment(Shown):
    """Base of transforms that draw operations from a space."""

    def __init__(self, interpolation: Any, fill: Any) -> None:
        super().__init__()
        self.interpolation = interpolation
        self.fill = fill

    def applied(self, img: Any, name: str, magnitude: float) -> Any:
        fill = self.fill if self.fill is None else tensor_fill(img, self.fill, F.get_dimensions(img)[0])
        return OPERATIONS[name](img, magnitude, {"interpolation": self.interpolation, "fill": fill})

    def drawn(self, img: Any, found: dict[str, Any], choose: Callable[[Tensor], Any]) -> Any:
        """The image after an operation of the space, with the magnitude that `choose` says and a random sign."""
        name = list(found)[integer(0, len(found))]
        magnitudes, signed = found[name]
        magnitude = float(choose(magnitudes).item()) if magnitudes.ndim > 0 else 0.0
        if signed and integer(0, 2):
            magnitude *= -1.0
        return self.applied(img, name, magnitude)


class AutoAugment(Augment):
    """One of 25 learned pairs of operations (Cubuk et al., 2018). Tensors are uint8."""

    shown = "policy fill"

    def __init__(
        self,
        policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: InterpolationMode = Mode.NEAREST,
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation, fill)
        self.policy = policy
        self.policies = self._get_policies(policy)

    def _get_policies(self, policy: AutoAugmentPolicy) -> list[Any]:
        if not isinstance(policy, AutoAugmentPolicy):
            raise ValueError(f"The provided policy {policy} is not recognized.")
        return POLICIES[policy.value]

    def _augmentation_space(self, num_bins: int, image_size: tuple[int, int]) -> dict[str, Any]:
        height, width = image_size
        return space(num_bins, 0.3, 150.0 / 331.0 * width, 150.0 / 331.0 * height, 30.0, 0.9, 4)

    @staticmethod
    def get_params(transform_num: int) -> tuple[int, Tensor, Tensor]:
        """(which pair, two chances, two signs)."""
        return integer(0, transform_num), fn.rand((2,)), fn.randint(0, 2, (2,))

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        which, chances, signs = self.get_params(len(self.policies))
        found = self._augmentation_space(10, (height, width))
        for i, (name, p, number) in enumerate(self.policies[which]):
            if chances[i].item() > fn.tensor(p).item():
                continue
            magnitudes, signed = found[name]
            magnitude = 0.0 if number is None else float(magnitudes[number].item())
            img = self.applied(img, name, -magnitude if signed and signs[i].item() == 0 else magnitude)
        return img


class RandAugment(Augment):
    """`num_ops` random operations of one magnitude (Cubuk et al., 2019). Tensors are uint8."""

    shown = "num_ops magnitude num_magnitude_bins interpolation fill"

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode = Mode.NEAREST,
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation, fill)
        self.num_ops = num_ops
        self.magnitude = magnitude
        self.num_magnitude_bins = num_magnitude_bins

    def _augmentation_space(self, num_bins: int, image_size: tuple[int, int]) -> dict[str, Any]:
        height, width = image_size
        whole = space(num_bins, 0.3, 150.0 / 331.0 * width, 150.0 / 331.0 * height, 30.0, 0.9, 4)
        return ordered(whole, first="Identity")

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        found = self._augmentation_space(self.num_magnitude_bins, (height, width))
        for _ in range(self.num_ops):
            img = self.drawn(img, found, lambda magnitudes: magnitudes[self.magnitude])
        return img


class TrivialAugmentWide(Augment):
    """One random operation of a random magnitude (Müller and Hutter, 2021). Tensors are uint8."""

    shown = "num_magnitude_bins interpolation fill"

    def __init__(
        self, num_magnitude_bins: int = 31, interpolation: InterpolationMode = Mode.NEAREST, fill: Any = None
    ) -> None:
        super().__init__(interpolation, fill)
        self.num_magnitude_bins = num_magnitude_bins

    def _augmentation_space(self, num_bins: int) -> dict[str, Any]:
        return ordered(space(num_bins, 0.99, 32.0, 32.0, 135.0, 0.99, 6), first="Identity")

    def forward(self, img: Any) -> Any:
        found = self._augmentation_space(self.num_magnitude_bins)
        return self.drawn(img, found, lambda magnitudes: magnitudes[integer(0, len(magnitudes))])


class AugMix(Augment):
    """A random mixture of the image and of chains of operations (Hendrycks et al., 2019). Tensors are uint8."""

    shown = "severity mixture_width chain_depth alpha all_ops interpolation fill"
    _PARAMETER_MAX = 10

    def __init__(
        self,
        severity: int = 3,
        mixture_width: int = 3,
        chain_depth: int = -1,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: InterpolationMode = Mode.BILINEAR,
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation, fill)
        if not 1 <= severity <= self._PARAMETER_MAX:
            raise ValueError(f"The severity must be between [1, {self._PARAMETER_MAX}]. Got {severity} instead.")
        self.severity = severity
        self.mixture_width = mixture_width
        self.chain_depth = chain_depth
        self.alpha = alpha
        self.all_ops = all_ops

    def _augmentation_space(self, num_bins: int, image_size: tuple[int, int]) -> dict[str, Any]:
        height, width = image_size
        whole = space(num_bins, 0.3, width / 3.0, height / 3.0, 30.0, 0.9, 4)
        whole["Posterize"] = (4 - (fn.arange(num_bins) / ((num_bins - 1) / 4)).round().int(), False)
        light = "Brightness Color Contrast Sharpness"
        return ordered(whole, last=light) if self.all_ops else ordered(whole, without=f"Invert {light}")

    def _shares(self, count: int, images: int) -> Tensor:
        """Random shares that add up to 1, for each image."""
        concentration = xnp.full((images, count), self.alpha, dtype="float32")
        return fn.from_numpy(random.dirichlet(random.default_generator, concentration))

    def forward(self, orig_img: Any) -> Any:
        img = orig_img if isinstance(orig_img, Tensor) else F.pil_to_tensor(orig_img)
        _, height, width = F.get_dimensions(orig_img)
        found = self._augmentation_space(self._PARAMETER_MAX, (height, width))
        batch = img.reshape([1] * max(4 - img.ndim, 0) + list(img.shape))
        sizes = [batch.shape[0]] + [1] * (batch.ndim - 1)
        kept = self._shares(2, sizes[0])
        shares = self._shares(self.mixture_width, sizes[0]) * kept[:, 1].reshape(sizes[0], -1)
        mix = kept[:, 0].reshape(sizes) * batch
        for i in range(self.mixture_width):
            changed = batch
            for _ in range(self.chain_depth if self.chain_depth > 0 else integer(1, 4)):
                changed = self.drawn(changed, found, lambda magnitudes: magnitudes[integer(0, self.severity)])
            mix = mix + shares[:, i].reshape(sizes) * changed
        mix = mix.reshape(img.shape).to(img.dtype)
        return mix if isinstance(orig_img, Tensor) else F.to_pil_image(mix)
