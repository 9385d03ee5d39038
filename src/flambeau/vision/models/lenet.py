"""LeNet-5 (LeCun et al., "Gradient-based learning applied to document recognition", 1998). Not in torchvision."""

from __future__ import annotations

from typing import Any

from ... import nn
from ...tensor.tensor import Tensor
from .catalogue import model


class LeNet(nn.Module):
    """Gray images (N, 1, 28, 28) to scores (N, num_classes); 32 by 32 with `padding=0`.

    >>> LeNet()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, num_classes: int = 10, padding: int = 2) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=padding),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, kernel_size=5),
            nn.Tanh(),
            nn.AvgPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120),
            nn.Tanh(),
            nn.Linear(120, 84),
            nn.Tanh(),
            nn.Linear(84, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


@model()
def lenet(**kwargs: Any) -> LeNet:
    """LeNet-5."""
    return LeNet(**kwargs)
