"""SqueezeNet (Iandola et al., 2016)."""

from __future__ import annotations

from typing import Any

from ... import nn
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from .catalogue import Weights, WeightsEnum, imagenet, model


class Fire(nn.Module):
    """Few channels, then many: half of these see their neighbours."""

    def __init__(self, inplanes: int, squeeze_planes: int, expand1x1_planes: int, expand3x3_planes: int) -> None:
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2d(inplanes, squeeze_planes, kernel_size=1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze_planes, expand1x1_planes, kernel_size=1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze_planes, expand3x3_planes, kernel_size=3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        near, far = self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))
        return fn.cat([near, far], 1)


# (channels in, squeezed, expanded) of each Fire; None where the image is halved
FIRES = {
    "1_0": [(96, 16, 64), (128, 16, 64), (128, 32, 128), None, (256, 32, 128), (256, 48, 192), (384, 48, 192)]
    + [(384, 64, 256), None, (512, 64, 256)],
    "1_1": [(64, 16, 64), (128, 16, 64), None, (128, 32, 128), (256, 32, 128), None, (256, 48, 192), (384, 48, 192)]
    + [(384, 64, 256), (512, 64, 256)],
}


class SqueezeNet(nn.Module):
    """Images (N, 3, H, W) to scores (N, num_classes), in version 1_0 or 1_1."""

    def __init__(self, version: str = "1_0", num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.num_classes = num_classes
        if version not in FIRES:
            raise ValueError(f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected")
        first = nn.Conv2d(3, 96, kernel_size=7, stride=2) if version == "1_0" else nn.Conv2d(3, 64, 3, stride=2)
        layers = [first, nn.ReLU(inplace=True), self._halved()]
        for fire in FIRES[version]:
            layers.append(self._halved() if fire is None else Fire(*fire, fire[2]))
        self.features = nn.Sequential(*layers)
        final = nn.Conv2d(512, num_classes, kernel_size=1)
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout), final, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                if module is final:
                    nn.init.normal_(module.weight, mean=0.0, std=0.01)
                else:
                    nn.init.kaiming_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.constant_(module.bias, 0)

    @staticmethod
    def _halved() -> nn.Module:
        return nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        return fn.flatten(self.classifier(self.features(x)), 1)


class SqueezeNet1_0_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("squeezenet1_0-b66bff10"))
    DEFAULT = IMAGENET1K_V1


class SqueezeNet1_1_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("squeezenet1_1-b8a52dc0"))
    DEFAULT = IMAGENET1K_V1


@model(SqueezeNet1_0_Weights)
def squeezenet1_0(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet, version 1.0."""
    return SqueezeNet("1_0", **kwargs)


@model(SqueezeNet1_1_Weights)
def squeezenet1_1(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet, version 1.1, with less to compute."""
    return SqueezeNet("1_1", **kwargs)
