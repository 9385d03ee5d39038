"""Random images, for trying a program without data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...random import Generator
from ...tensor import functions as fn
from .. import transforms
from .vision import VisionDataset


class FakeData(VisionDataset):
    """`size` images of normal noise with random classes. The same index gives the same sample each time.

    >>> image, target = FakeData(size=3, image_size=(3, 8, 8), num_classes=2)[0]
    >>> image.size
    (8, 8)
    """

    def __init__(
        self,
        size: int = 1000,
        image_size: tuple[int, int, int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(transform=transform, target_transform=target_transform)
        self.size = size
        self.num_classes = num_classes
        self.image_size = image_size
        self.random_offset = random_offset

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if index >= len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        stream = Generator().manual_seed(index + self.random_offset)
        image = fn.randn(*self.image_size, generator=stream)
        target = fn.randint(0, self.num_classes, (1,), generator=stream)[0]
        image, target = self._transformed(transforms.ToPILImage()(image), target)
        return image, target.item() if hasattr(target, "item") else target

    def __len__(self) -> int:
        return self.size
