"""DenseNet (Huang et al., 2016)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ... import nn
from ...nn.functional import adaptive_avg_pool2d, dropout, relu
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from .catalogue import Weights, WeightsEnum, imagenet, model


class _DenseLayer(nn.Module):
    def __init__(
        self,
        num_input_features: int,
        growth_rate: int,
        bn_size: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(num_input_features)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(num_input_features, bn_size * growth_rate, kernel_size=1, stride=1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bn_size * growth_rate, growth_rate, kernel_size=3, stride=1, padding=1, bias=False)
        self.drop_rate = float(drop_rate)
        self.memory_efficient = memory_efficient

    def forward(self, input: Tensor | list[Tensor]) -> Tensor:
        before = [input] if isinstance(input, Tensor) else input
        narrow = self.conv1(self.relu1(self.norm1(fn.cat(before, 1))))
        new = self.conv2(self.relu2(self.norm2(narrow)))
        return dropout(new, p=self.drop_rate, training=self.training) if self.drop_rate > 0 else new


class _DenseBlock(nn.ModuleDict):
    """Layers each of which sees what all layers before it made."""

    def __init__(
        self,
        num_layers: int,
        num_input_features: int,
        bn_size: int,
        growth_rate: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        for i in range(num_layers):
            width = num_input_features + i * growth_rate
            layer = _DenseLayer(width, growth_rate, bn_size, drop_rate, memory_efficient)
            self.add_module(f"denselayer{i + 1}", layer)

    def forward(self, init_features: Tensor) -> Tensor:
        features = [init_features]
        for layer in self.values():
            features.append(layer(features))
        return fn.cat(features, 1)


class _Transition(nn.Sequential):
    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(num_input_features)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(num_input_features, num_output_features, kernel_size=1, stride=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)


class DenseNet(nn.Module):
    """Images (N, 3, H, W) to scores (N, num_classes). growth_rate: channels that each layer adds.

    memory_efficient is accepted, and changes nothing: what a layer needs is kept.
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: tuple[int, int, int, int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        width = num_init_features
        self.features = nn.Sequential(
            OrderedDict(
                conv0=nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False),
                norm0=nn.BatchNorm2d(width),
                relu0=nn.ReLU(inplace=True),
                pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
            )
        )
        for i, layers in enumerate(block_config):
            block = _DenseBlock(layers, width, bn_size, growth_rate, drop_rate, memory_efficient)
            self.features.add_module(f"denseblock{i + 1}", block)
            width += layers * growth_rate
            if i != len(block_config) - 1:
                self.features.add_module(f"transition{i + 1}", _Transition(width, width // 2))
                width //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(width))
        self.classifier = nn.Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 1)
                nn.init.constant_(module.bias, 0)
            elif isinstance(module, nn.Linear):
                nn.init.constant_(module.bias, 0)

    def forward(self, x: Tensor) -> Tensor:
        x = relu(self.features(x), inplace=True)
        return self.classifier(fn.flatten(adaptive_avg_pool2d(x, (1, 1)), 1))


class _DenseWeights(WeightsEnum):
    def get_state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        # the files are older than the names: `norm.1` was not yet `norm1`
        state = super().get_state_dict(*args, **kwargs)
        old = ((f"{kind}.{i}.", f"{kind}{i}.") for kind in ("norm", "relu", "conv") for i in (1, 2))
        for before, after in old:
            state = {name.replace(f".{before}", f".{after}"): value for name, value in state.items()}
        return state


class DenseNet121_Weights(_DenseWeights):
    IMAGENET1K_V1 = Weights(*imagenet("densenet121-a639ec97"))
    DEFAULT = IMAGENET1K_V1


class DenseNet161_Weights(_DenseWeights):
    IMAGENET1K_V1 = Weights(*imagenet("densenet161-8d451a50"))
    DEFAULT = IMAGENET1K_V1


class DenseNet169_Weights(_DenseWeights):
    IMAGENET1K_V1 = Weights(*imagenet("densenet169-b2777c0a"))
    DEFAULT = IMAGENET1K_V1


class DenseNet201_Weights(_DenseWeights):
    IMAGENET1K_V1 = Weights(*imagenet("densenet201-c1103571"))
    DEFAULT = IMAGENET1K_V1


@model(DenseNet121_Weights)
def densenet121(**kwargs: Any) -> DenseNet:
    """DenseNet-121."""
    return DenseNet(32, (6, 12, 24, 16), 64, **kwargs)


@model(DenseNet161_Weights)
def densenet161(**kwargs: Any) -> DenseNet:
    """DenseNet-161."""
    return DenseNet(48, (6, 12, 36, 24), 96, **kwargs)


@model(DenseNet169_Weights)
def densenet169(**kwargs: Any) -> DenseNet:
    """DenseNet-169."""
    return DenseNet(32, (6, 12, 32, 32), 64, **kwargs)


@model(DenseNet201_Weights)
def densenet201(**kwargs: Any) -> DenseNet:
    """DenseNet-201."""
    return DenseNet(32, (6, 12, 48, 32), 64, **kwargs)
