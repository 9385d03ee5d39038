"""Policies of augmentation in v2: the operations of v1, with draws of their own, for the one image among the inputs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ....tensor import functions as fn
from ....tensor.tensor import Tensor
from ...tv_tensors import BoundingBoxes, Image, Mask, TVTensor, Video, wrap
from .. import auto_augment as v1
from ..draws import integer
from ..modes import mode_of
from . import functional as F
from .core import Transform, check_type, flatten
from .kinds import PillowImage, is_pure_tensor
from .places import fill_for

AutoAugmentPolicy = v1.AutoAugmentPolicy


def _solarized(image: Any, threshold: float, how: dict[str, Any]) -> Any:
    real = isinstance(image, Tensor) and image.is_floating_point()
    return F.solarize(image, threshold / 255 if real else threshold)


# those of v1, but for three that know floating images here
OPERATIONS = {
    **v1.OPERATIONS,
    "Posterize": lambda image, bits, how: F.posterize(image, int(bits)),
    "Solarize": _solarized,
    "Equalize": lambda image, _, how: F.equalize(image),
}


class Augment(Transform):
    """Base of policies. Raises TypeError unless there is one image or video, and for boxes and masks."""

    def __init__(self, *, interpolation: Any = "nearest", fill: Any = None) -> None:
        super().__init__()
        self.interpolation = mode_of(interpolation).value
        self.fill = fill

    def forward(self, *inputs: Any) -> Any:
        flat, build = flatten(inputs if len(inputs) > 1 else inputs[0])
        if any(isinstance(value, (BoundingBoxes, Mask)) for value in flat):
            raise TypeError(f"Inputs of type BoundingBoxes and Mask are not supported by {type(self).__name__}()")
        kinds = (is_pure_tensor, Image, Video, PillowImage)
        chosen = self._needs_transform_list(flat)
        found = [i for i, v in enumerate(flat) if chosen[i] and check_type(v, kinds)]
        if len(found) != 1:
            raise TypeError(
                f"Expected one image or video in the sample for {type(self).__name__}(), and found {len(found)}"
            )
        image = flat[found[0]]
        plain = image.as_subclass(Tensor) if isinstance(image, TVTensor) else image
        result = self.augmented(plain, *F.get_size(plain))
        flat[found[0]] = wrap(result, like=image) if isinstance(image, TVTensor) else result
        return build(flat)

    def augmented(self, image: Any, height: int, width: int) -> Any:
        """The image after the policy."""
        raise NotImplementedError

    def applied(self, image: Any, name: str, magnitudes: Any, choose: Callable[[Any], Any]) -> Any:
        """The image after one operation, with the magnitude that `choose` says and a random sign."""
        values, signed = magnitudes
        magnitude = 0.0
        if values.ndim > 0:
            magnitude = float(choose(values).item())
            if signed and fn.rand(()).item() <= 0.5:
                magnitude *= -1.0
        how = {"interpolation": self.interpolation, "fill": fill_for(self.fill, image)}
        return OPERATIONS[name](image, magnitude, how)

    @staticmethod
    def drawn_name(space: dict[str, Any]) -> str:
        """One of the operations."""
        return list(space)[integer(0, len(space))]


class AutoAugment(Augment):
    """One of 25 learned pairs of operations (Cubuk et al., 2018)."""

    def __init__(
        self,
        policy: v1.AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: Any = "nearest",
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation=interpolation, fill=fill)
        self.policy = policy
        self._policies = v1.AutoAugment(policy).policies

    def augmented(self, image: Any, height: int, width: int) -> Any:
        space = v1.AutoAugment()._augmentation_space(10, (height, width))
        for name, p, number in self._policies[integer(0, len(self._policies))]:
            if fn.rand(()).item() <= fn.tensor(p).item():
                image = self.applied(image, name, space[name], operator.itemgetter(number))
        return image


class RandAugment(Augment):
    """`num_ops` random operations of one magnitude (Cubuk et al., 2019)."""

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: Any = "nearest",
        fill: Any = None,
    ) -> None:
        super().__init__(interpolation=interpolation, fill=fill)
        self.num_ops = num_ops
        self.magnitude = magnitude
        self.num_magnitude_bins = num_magnitude_bins

    def augmented(self, image: Any, height: int, width: int) -> Any:
        space = v1.RandAugment()._augmentation_space(self.num_magnitude_bins, (height, width))
        for _ in range(self.num_ops):
            name = self.drawn_name(space)
            image = self.applied(image, name, space[name], lambda values: values[self.magnitude])
        return image


class TrivialAugmentWide(Augment):
    """One random operation of a random magnitude (Müller and Hutter, 2021)."""

    def __init__(self, num_magnitude_bins: int = 31, interpolation: Any = "nearest", fill: Any = None) -> None:
        super().__init__(interpolation=interpolation, fill=fill)
        self.num_magnitude_bins = num_magnitude_bins

    def augmented(self, image: Any, height: int, width: int) -> Any:
        space = v1.TrivialAugmentWide()._augmentation_space(self.num_magnitude_bins)
        name = self.drawn_name(space)
        return self.applied(image, name, space[name], lambda values: values[integer(0, len(values))])
