"""VGG (Simonyan and Zisserman, 2014)."""

from __future__ import annotations

from typing import Any

from ... import nn
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from .catalogue import Weights, WeightsEnum, imagenet, model


class VGG(nn.Module):
    """Images (N, 3, H, W) to scores (N, num_classes)."""

    def __init__(
        self, features: nn.Module, num_classes: int = 1000, init_weights: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )
        if init_weights:
            self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                if module.bias is not None:
                    nn.init.constant_(module.bias, 0)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 1)
                nn.init.constant_(module.bias, 0)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.constant_(module.bias, 0)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(fn.flatten(self.avgpool(self.features(x)), 1))


# channels of the convolutions, M where the image is halved, for 11, 13, 16 and 19 layers
PLANS = {
    "A": "64 M 128 M 256 256 M 512 512 M 512 512 M",
    "B": "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
    "D": "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
    "E": "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M",
}
cfgs = {letter: [word if word == "M" else int(word) for word in plan.split()] for letter, plan in PLANS.items()}


def make_layers(cfg: list, batch_norm: bool = False) -> nn.Sequential:
    """The convolutions of a plan, one of `cfgs` or a list of one's own: channels, and "M" where the image is halved."""
    layers: list[nn.Module] = []
    channels = 3
    for word in cfg:
        if word == "M":
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        layers.append(nn.Conv2d(channels, word, kernel_size=3, padding=1))
        layers += [nn.BatchNorm2d(word)] if batch_norm else []
        layers.append(nn.ReLU(inplace=True))
        channels = word
    return nn.Sequential(*layers)


class VGG11_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg11-8a719046"))
    DEFAULT = IMAGENET1K_V1


class VGG11_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg11_bn-6002323d"))
    DEFAULT = IMAGENET1K_V1


class VGG13_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg13-19584684"))
    DEFAULT = IMAGENET1K_V1


class VGG13_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg13_bn-abd245e5"))
    DEFAULT = IMAGENET1K_V1


class VGG16_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg16-397923af"))
    DEFAULT = IMAGENET1K_V1


class VGG16_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg16_bn-6c64b313"))
    DEFAULT = IMAGENET1K_V1


class VGG19_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg19-dcbb9e9d"))
    DEFAULT = IMAGENET1K_V1


class VGG19_BN_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("vgg19_bn-c79401a0"))
    DEFAULT = IMAGENET1K_V1


@model(VGG11_Weights)
def vgg11(**kwargs: Any) -> VGG:
    """VGG with 11 layers."""
    return VGG(make_layers(cfgs["A"]), **kwargs)


@model(VGG11_BN_Weights)
def vgg11_bn(**kwargs: Any) -> VGG:
    """VGG with 11 layers and batch norm."""
    return VGG(make_layers(cfgs["A"], batch_norm=True), **kwargs)


@model(VGG13_Weights)
def vgg13(**kwargs: Any) -> VGG:
    """VGG with 13 layers."""
    return VGG(make_layers(cfgs["B"]), **kwargs)


@model(VGG13_BN_Weights)
def vgg13_bn(**kwargs: Any) -> VGG:
    """VGG with 13 layers and batch norm."""
    return VGG(make_layers(cfgs["B"], batch_norm=True), **kwargs)


@model(VGG16_Weights)
def vgg16(**kwargs: Any) -> VGG:
    """VGG with 16 layers."""
    return VGG(make_layers(cfgs["D"]), **kwargs)


@model(VGG16_BN_Weights)
def vgg16_bn(**kwargs: Any) -> VGG:
    """VGG with 16 layers and batch norm."""
    return VGG(make_layers(cfgs["D"], batch_norm=True), **kwargs)


@model(VGG19_Weights)
def vgg19(**kwargs: Any) -> VGG:
    """VGG with 19 layers."""
    return VGG(make_layers(cfgs["E"]), **kwargs)


@model(VGG19_BN_Weights)
def vgg19_bn(**kwargs: Any) -> VGG:
    """VGG with 19 layers and batch norm."""
    return VGG(make_layers(cfgs["E"], batch_norm=True), **kwargs)
