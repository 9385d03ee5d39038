"""Batches mixed with themselves: MixUp and CutMix. They take (images, labels) of a whole batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .... import random
from ....tensor.tensor import Tensor
from ....xp import numpy as xnp
from ...tv_tensors import BoundingBoxes, Image, Mask, TVTensor, Video, wrap
from ..draws import integer
from .conversions import one_hot
from .core import Transform, flatten, has_any, query_size
from .kinds import PillowImage, is_pure_tensor


def default_labels(inputs: Any) -> Any:
    """The labels of a batch: in a dict under a name like `labels`, else the second of the inputs."""
    if isinstance(inputs, (list, tuple)):
        inputs = inputs[1]
    if not isinstance(inputs, dict):
        return inputs
    names = [n for n in inputs if isinstance(n, str) and n.lower() in ("label", "labels")]
    names += [n for n in inputs if isinstance(n, str) and "label" in n.lower()]
    if not names:
        raise ValueError("Could not infer where the labels are in the sample. Try passing a callable as labels_getter")
    return inputs[names[0]]


class Mixing(Transform):
    """Base of transforms that mix each sample with the one before it in the batch."""

    def __init__(self, *, alpha: float = 1.0, num_classes: int | None = None, labels_getter: Any = "default") -> None:
        super().__init__()
        self.alpha = float(alpha)
        self.num_classes = num_classes
        if labels_getter is not None and labels_getter != "default" and not callable(labels_getter):
            raise ValueError(f"labels_getter should either be 'default' or a callable, but got {labels_getter}.")
        self._labels_getter: Callable[[Any], Any] = default_labels if labels_getter == "default" else labels_getter

    def share(self) -> float:
        """How much of itself a sample keeps: from the beta distribution (alpha, alpha)."""
        concentration = xnp.full((1, 2), self.alpha, dtype="float32")
        return float(random.dirichlet(random.default_generator, concentration)[0, 0])

    def _checked_labels(self, inputs: Any) -> Tensor:
        labels = self._labels_getter(inputs)
        if not isinstance(labels, Tensor):
            raise ValueError(f"The labels must be a tensor, but got {type(labels)} instead.")
        if labels.ndim not in (1, 2):
            raise ValueError(
                "labels should be index based with shape (batch_size,) or probability based with shape "
                f"(batch_size, num_classes), but got a tensor of shape {labels.shape} instead."
            )
        if labels.ndim == 2 and self.num_classes is not None and labels.shape[-1] != self.num_classes:
            raise ValueError(
                "When passing 2D labels, the number of elements in last dimension must match num_classes: "
                f"{labels.shape[-1]} != {self.num_classes}. You can Leave num_classes to None."
            )
        if labels.ndim == 1 and self.num_classes is None:
            raise ValueError("num_classes must be passed if the labels are index-based (1D)")
        return labels

    def forward(self, *inputs: Any) -> Any:
        tree = inputs if len(inputs) > 1 else inputs[0]
        flat, build = flatten(tree)
        chosen = self._needs_transform_list(flat)
        if has_any(flat, PillowImage, BoundingBoxes, Mask):
            raise ValueError(
                f"{type(self).__name__}() does not support PIL images, bounding boxes, keypoints and masks."
            )
        labels = self._checked_labels(tree)
        drawn = self.make_params([value for value, needed in zip(flat, chosen, strict=True) if needed])
        params = {"labels": labels, "batch_size": labels.shape[0], **drawn}
        return build([self.transform(v, params) if n or v is labels else v for v, n in zip(flat, chosen, strict=True)])

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if inpt is params["labels"]:
            return self._mixed_labels(inpt, params["share"])
        if not isinstance(inpt, (Image, Video)) and not is_pure_tensor(inpt):
            return inpt
        dims = 5 if isinstance(inpt, Video) else 4
        if inpt.ndim != dims:
            raise ValueError(f"Expected a batched input with {dims} dims, but got {inpt.ndim} dimensions instead.")
        if inpt.shape[0] != params["batch_size"]:
            raise ValueError(
                "The batch size of the image or video does not match the batch size of the labels: "
                f"{inpt.shape[0]} != {params['batch_size']}."
            )
        mixed = self.mixed(inpt.as_subclass(Tensor), params)
        return wrap(mixed, like=inpt) if isinstance(inpt, TVTensor) else mixed

    def mixed(self, images: Tensor, params: dict[str, Any]) -> Tensor:
        """The images of a batch, mixed."""
        raise NotImplementedError

    def _mixed_labels(self, labels: Tensor, share: float) -> Tensor:
        if labels.ndim == 1:
            assert self.num_classes is not None
            labels = one_hot(labels, self.num_classes)
        elif not labels.is_floating_point():
            labels = labels.float()
        return labels.roll(1, 0) * (1.0 - share) + labels * share


class MixUp(Mixing):
    """Weighted means of images and of labels (Zhang et al., 2017)."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"share": self.share()}

    def mixed(self, images: Tensor, params: dict[str, Any]) -> Tensor:
        return images.roll(1, 0) * (1.0 - params["share"]) + images * params["share"]


class CutMix(Mixing):
    """A box of each image from another one; labels are mixed by the areas (Yun et al., 2019)."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        share = self.share()
        height, width = query_size(flat_inputs)
        x, y = integer(0, width), integer(0, height)
        half = 0.5 * math.sqrt(1.0 - share)
        across, down = int(half * width), int(half * height)
        left, top = max(x - across, 0), max(y - down, 0)
        right, bottom = min(x + across, width), min(y + down, height)
        kept = float(1.0 - (right - left) * (bottom - top) / (width * height))
        return {"box": (left, top, right, bottom), "share": kept}

    def mixed(self, images: Tensor, params: dict[str, Any]) -> Tensor:
        left, top, right, bottom = params["box"]
        result = images.clone()
        result[..., top:bottom, left:right] = images.roll(1, 0)[..., top:bottom, left:right]
        return result
