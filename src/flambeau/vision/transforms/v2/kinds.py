"""One function, several kinds of input: images, videos, boxes, masks, Pillow images. Each kind has its kernel."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ....tensor.tensor import Tensor
from ... import pillow
from ...tv_tensors import BoundingBoxes, Image, Mask, TVTensor, Video, wrap

Kernel = Callable[..., Any]
IMAGES = (Tensor, Image, Video)


class PillowImage:
    """Stands for the class of Pillow's images, which may not be loaded."""


def kind_of(value: Any) -> type:
    """The class under which a value's kernel is found."""
    return PillowImage if pillow.is_image(value) else type(value)


def is_pure_tensor(value: Any) -> bool:
    """Whether a value is a tensor that does not say what it shows."""
    return isinstance(value, Tensor) and not isinstance(value, TVTensor)


def _plain(kernel: Kernel) -> Kernel:
    """A kernel of plain tensors as one of a class: unwraps the input, wraps the result."""

    @functools.wraps(kernel)
    def run(value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, TVTensor):
            return kernel(value, *args, **kwargs)
        result = kernel(value.as_subclass(Tensor), *args, **kwargs)
        if isinstance(result, tuple):
            return tuple(wrap(r, like=value) for r in result)
        return wrap(result, like=value)

    return run


def boxes_kernel(kernel: Kernel) -> Kernel:
    """A kernel from (boxes, format, canvas size, …) to (boxes, canvas size) as one of `BoundingBoxes`."""

    @functools.wraps(kernel)
    def run(value: Any, *args: Any, **kwargs: Any) -> Any:
        boxes, size = kernel(value.as_subclass(Tensor), value.format, value.canvas_size, *args, **kwargs)
        return wrap(boxes, like=value, canvas_size=size)

    return run


def functional(
    image: Kernel, *, pil: Kernel | None = None, mask: Kernel | None = None, boxes: Kernel | None = None
) -> Callable[[Kernel], Kernel]:
    """A decorator that makes the function dispatch on its first argument. What it names has a kernel.

    The decorated function gives the name, the arguments and the docstring. Raises TypeError for other inputs.
    """

    def decorate(described: Kernel) -> Kernel:
        kernels: dict[type, Kernel] = dict.fromkeys(IMAGES, _plain(image))
        if pil is not None:
            kernels[PillowImage] = pil
        if mask is not None:
            kernels[Mask] = _plain(mask)
        if boxes is not None:
            kernels[BoundingBoxes] = boxes_kernel(boxes)

        @functools.wraps(described)
        def run(inpt: Any, *args: Any, **kwargs: Any) -> Any:
            kernel = kernel_of(run, kind_of(inpt))
            if kernel is None:
                raise TypeError(
                    f"Functional F.{described.__name__} supports inputs of type "
                    f"{[k.__name__ for k in kernels]}, but got {type(inpt)} instead."
                )
            return kernel(inpt, *args, **kwargs)

        run.kernels = kernels  # type: ignore[attr-defined]
        return run

    return decorate


def kernel_of(function: Any, cls: type) -> Kernel | None:
    """The kernel of a function for a class or the nearest of its bases; a class of tensors needs its own."""
    for base in cls.__mro__:
        if base is Tensor and issubclass(cls, TVTensor):
            return None
        if base in function.kernels:
            return function.kernels[base]
    return None


def register_kernel(functional: Any, tv_tensor_cls: type) -> Callable[[Kernel], Kernel]:
    """A decorator that gives a function of `functional` a kernel for a class of one's own."""

    def decorate(kernel: Kernel) -> Kernel:
        functional.kernels[tv_tensor_cls] = kernel
        return kernel

    return decorate
