"""Tensors that say what they show: images, videos, boxes, masks. `transforms.v2` treats each in its own way.

An operation on one gives a plain tensor; `wrap(tensor, like=image)` makes it what it was.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from ..tensor import functions as fn
from ..tensor.overrides import disabled
from ..tensor.tensor import Tensor
from . import pillow
from .transforms.pictures import tensor_of


def _tensor(data: Any, dtype: Any, device: Any, requires_grad: bool | None) -> Tensor:
    if requires_grad is None:
        requires_grad = data.requires_grad if isinstance(data, Tensor) else False
    return fn.as_tensor(data, dtype=dtype, device=device).detach().requires_grad_(requires_grad)


class TVTensor(Tensor):
    """Base of the tensors of this module. Only copies of one are of its class."""

    __torch_function__ = staticmethod(disabled)

    def clone(self, *args: Any, **kwargs: Any) -> Any:
        return wrap(self.as_subclass(Tensor).clone(*args, **kwargs), like=self)

    def detach(self) -> Any:
        return wrap(self.as_subclass(Tensor).detach(), like=self)

    def to(self, *args: Any, **kwargs: Any) -> Any:
        return wrap(self.as_subclass(Tensor).to(*args, **kwargs), like=self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = memo[id(self)] = self.detach().clone().requires_grad_(self.requires_grad)
        return copied


class Image(TVTensor):
    """An image (..., C, H, W), from a Pillow image, a tensor or numbers. Raises ValueError for fewer axes than 2."""

    def __new__(cls, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool | None = None) -> Image:
        if pillow.is_image(data):
            data = tensor_of(data)
        tensor = _tensor(data, dtype, device, requires_grad)
        if tensor.ndim < 2:
            raise ValueError
        return (tensor.unsqueeze(0) if tensor.ndim == 2 else tensor).as_subclass(cls)


class Video(TVTensor):
    """A video (..., T, C, H, W). Raises ValueError for fewer axes than 4."""

    def __new__(cls, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool | None = None) -> Video:
        tensor = _tensor(data, dtype, device, requires_grad)
        if tensor.ndim < 4:
            raise ValueError
        return tensor.as_subclass(cls)


class Mask(TVTensor):
    """Which pixels belong to what: (..., H, W)."""

    def __new__(cls, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool | None = None) -> Mask:
        if pillow.is_image(data):
            data = tensor_of(data)
        return _tensor(data, dtype, device, requires_grad).as_subclass(cls)


class BoundingBoxFormat(Enum):
    """What the four numbers of a box are: corners; corner and size; centre and size."""

    XYXY = "XYXY"
    XYWH = "XYWH"
    CXCYWH = "CXCYWH"


class BoundingBoxes(TVTensor):
    """Boxes (N, 4) in an image of size `canvas_size`, (height, width). Raises ValueError for other shapes."""

    format: BoundingBoxFormat
    canvas_size: tuple[int, int]

    def __new__(
        cls,
        data: Any,
        *,
        format: BoundingBoxFormat | str,
        canvas_size: tuple[int, int],
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool | None = None,
    ) -> BoundingBoxes:
        tensor = _tensor(data, dtype, device, requires_grad)
        if tensor.ndim == 1:
            tensor = tensor.unsqueeze(0)
        elif tensor.ndim != 2:
            raise ValueError(f"Expected a 1D or 2D tensor, got {tensor.ndim}D")
        if tensor.shape[1] != 4:
            raise ValueError(f"Expected boxes of 4 numbers, got shape {tuple(tensor.shape)}")
        return _boxes(tensor, format, canvas_size, cls)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        plain = repr(self.as_subclass(Tensor))[len("tensor(") : -1]
        return f"BoundingBoxes({plain}, format={self.format}, canvas_size={self.canvas_size})"


def _boxes(tensor: Tensor, format: BoundingBoxFormat | str, canvas_size: Any, cls: type = BoundingBoxes) -> Any:
    boxes = tensor.as_subclass(cls)
    boxes.format = BoundingBoxFormat[format.upper()] if isinstance(format, str) else format
    boxes.canvas_size = tuple(canvas_size)
    return boxes


def wrap(wrappee: Tensor, *, like: Any, **kwargs: Any) -> Any:
    """A tensor as what `like` is; boxes keep its format and canvas size unless others are given."""
    if isinstance(like, BoundingBoxes):
        chosen = {"format": like.format, "canvas_size": like.canvas_size, **kwargs}
        return _boxes(wrappee, chosen["format"], chosen["canvas_size"], type(like))
    return wrappee.as_subclass(type(like))
