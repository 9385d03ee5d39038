"""Transforms that change what an input is: kind, dtype, scale, format."""

from __future__ import annotations

import warnings
from typing import Any

from ....dtypes import float32
from ....tensor import functions as fn
from ....tensor.tensor import Tensor
from ....xp import numpy as xnp
from ...tv_tensors import BoundingBoxes, Image, TVTensor, Video, wrap
from .. import conversions as v1
from . import functional as F
from .core import Transform
from .kinds import PillowImage, is_pure_tensor


class ToTensor(Transform):
    """A Pillow image or an array as a tensor of numbers from 0 to 1. Its successors are ToImage and ToDtype."""

    _transformed_types = (PillowImage, xnp.ndarray)

    def __init__(self) -> None:
        warnings.warn(
            "The transform `ToTensor()` is deprecated and will be removed in a future release. Instead, please use "
            "`v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])`.Output is equivalent up to float "
            "precision.",
            stacklevel=2,
        )
        super().__init__()

    def transform(self, inpt: Any, params: dict[str, Any]) -> Tensor:
        return F.to_tensor(inpt)


class ToImage(Transform):
    """A plain tensor, an array or a Pillow image as an `Image`; its numbers stay."""

    _transformed_types = (is_pure_tensor, PillowImage, xnp.ndarray)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.to_image(inpt)


class PILToTensor(Transform):
    """A Pillow image as a plain tensor; its numbers stay."""

    _transformed_types = (PillowImage,)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Tensor:
        return F.pil_to_tensor(inpt)


class ToPILImage(Transform):
    """A tensor or an array as a Pillow image of a mode, by default the one that fits."""

    _transformed_types = (is_pure_tensor, Image, xnp.ndarray)

    def __init__(self, mode: str | None = None) -> None:
        super().__init__()
        self.mode = mode

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.to_pil_image(inpt, mode=self.mode)


class ToPureTensor(Transform):
    """Images, boxes and masks as plain tensors."""

    _transformed_types = (TVTensor,)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Tensor:
        return inpt.as_subclass(Tensor)


class ToDtype(Transform):
    """Another dtype, of images or, with a dict, of each class; `scale` keeps full brightness full."""

    def __init__(self, dtype: Any, scale: bool = False) -> None:
        super().__init__()
        if not isinstance(dtype, dict) and not hasattr(dtype, "is_floating_point"):
            raise ValueError(f"dtype must be a dict or a torch.dtype, got {type(dtype)} instead")
        self.dtype = dtype
        self.scale = scale

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if not isinstance(self.dtype, dict):
            if not is_pure_tensor(inpt) and not isinstance(inpt, (Image, Video)):
                return inpt
            return self._call_kernel(F.to_dtype, inpt, dtype=self.dtype, scale=self.scale)
        kind = Tensor if is_pure_tensor(inpt) else type(inpt)
        if kind not in self.dtype and "others" not in self.dtype:
            raise ValueError(
                f"No dtype was specified for type {type(inpt)}. If you only need to convert the dtype of "
                "images or videos, you can just pass e.g. dtype=torch.float32."
            )
        dtype = self.dtype.get(kind, self.dtype.get("others"))
        return inpt if dtype is None else self._call_kernel(F.to_dtype, inpt, dtype=dtype, scale=self.scale)


class ConvertImageDtype(Transform):
    """`ToDtype` with `scale=True`, under its former name."""

    _transformed_types = (is_pure_tensor, Image)

    def __init__(self, dtype: Any = float32) -> None:
        super().__init__()
        self.dtype = dtype

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.to_dtype, inpt, dtype=self.dtype, scale=True)


class Normalize(Transform):
    """`(image - mean) / std`, channel by channel. Raises TypeError for Pillow images."""

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        super().__init__()
        self.mean = list(mean)
        self.std = list(std)
        self.inplace = inplace

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        if any(self._is_picture(value) for value in flat_inputs):
            raise TypeError(f"{type(self).__name__}() does not support PIL images.")

    @staticmethod
    def _is_picture(value: Any) -> bool:
        return F.pillow.is_image(value)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.normalize, inpt, mean=self.mean, std=self.std, inplace=self.inplace)


class LinearTransformation(Transform):
    """`(image.flatten() - mean_vector) @ transformation_matrix`, for example to whiten."""

    _transformed_types = (is_pure_tensor, Image, Video)

    def __init__(self, transformation_matrix: Tensor, mean_vector: Tensor) -> None:
        super().__init__()
        checked = v1.LinearTransformation(transformation_matrix, mean_vector)
        self.transformation_matrix = checked.transformation_matrix
        self.mean_vector = checked.mean_vector

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        kernel = v1.LinearTransformation(self.transformation_matrix, self.mean_vector)
        result = kernel(inpt.as_subclass(Tensor) if isinstance(inpt, TVTensor) else inpt)
        return wrap(result, like=inpt) if isinstance(inpt, TVTensor) else result


class ConvertBoundingBoxFormat(Transform):
    """Boxes in another format."""

    _transformed_types = (BoundingBoxes,)

    def __init__(self, format: Any) -> None:
        super().__init__()
        self.format = format

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.convert_bounding_box_format(inpt, new_format=self.format)


class ClampBoundingBoxes(Transform):
    """Boxes cut at the edges of their canvas."""

    _transformed_types = (BoundingBoxes,)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.clamp_bounding_boxes(inpt)


class RGB(Transform):
    """Gray images with three equal channels."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.grayscale_to_rgb, inpt)


class UniformTemporalSubsample(Transform):
    """Some frames of a video, evenly spread."""

    _transformed_types = (is_pure_tensor, Video)

    def __init__(self, num_samples: int) -> None:
        super().__init__()
        self.num_samples = num_samples

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return F.uniform_temporal_subsample(inpt, self.num_samples)


def one_hot(labels: Tensor, num_classes: int) -> Tensor:
    """(N,) whole numbers as (N, num_classes) of float32."""
    return (labels[:, None] == fn.arange(num_classes)).to(float32)
