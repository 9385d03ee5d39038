"""MobileNetV3 (Howard et al., 2019)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ... import nn
from ...tensor import functions as fn
from ...tensor.tensor import Tensor
from ..ops.blocks import Conv2dNormActivation, SqueezeExcitation
from .catalogue import Weights, WeightsEnum, imagenet, model
from .mobilenetv2 import _make_divisible, initialise


class InvertedResidualConfig:
    """The sizes of one block; channels are times `width_mult`."""

    def __init__(
        self,
        input_channels: int,
        kernel: int,
        expanded_channels: int,
        out_channels: int,
        use_se: bool,
        activation: str,
        stride: int,
        dilation: int,
        width_mult: float,
    ) -> None:
        self.input_channels = self.adjust_channels(input_channels, width_mult)
        self.kernel = kernel
        self.expanded_channels = self.adjust_channels(expanded_channels, width_mult)
        self.out_channels = self.adjust_channels(out_channels, width_mult)
        self.use_se = use_se
        self.use_hs = activation == "HS"
        self.stride = stride
        self.dilation = dilation

    @staticmethod
    def adjust_channels(channels: int, width_mult: float) -> int:
        """The number of channels at a width."""
        return _make_divisible(channels * width_mult, 8)


HARD_EXCITATION = partial(SqueezeExcitation, scale_activation=nn.Hardsigmoid)


class InvertedResidual(nn.Module):
    """More channels, a convolution of each alone, squeeze and excitation, fewer channels."""

    def __init__(
        self,
        cnf: InvertedResidualConfig,
        norm_layer: Callable[..., nn.Module],
        se_layer: Callable[..., nn.Module] = HARD_EXCITATION,
    ) -> None:
        super().__init__()
        if not 1 <= cnf.stride <= 2:
            raise ValueError("illegal stride value")
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        wide = cnf.expanded_channels
        how: dict[str, Any] = {
            "norm_layer": norm_layer,
            "activation_layer": nn.Hardswish if cnf.use_hs else nn.ReLU,
        }
        layers: list[nn.Module] = []
        if wide != cnf.input_channels:
            layers.append(Conv2dNormActivation(cnf.input_channels, wide, kernel_size=1, **how))
        stride = 1 if cnf.dilation > 1 else cnf.stride
        layers.append(
            Conv2dNormActivation(wide, wide, cnf.kernel, stride=stride, dilation=cnf.dilation, groups=wide, **how)
        )
        if cnf.use_se:
            layers.append(se_layer(wide, _make_divisible(wide // 4, 8)))
        layers.append(
            Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, norm_layer=norm_layer, activation_layer=None)
        )
        self.block = nn.Sequential(*layers)
        self.out_channels = cnf.out_channels
        self._is_cn = cnf.stride > 1

    def forward(self, input: Tensor) -> Tensor:
        result = self.block(input)
        if self.use_res_connect:
            result += input
        return result


class MobileNetV3(nn.Module):
    """Images (N, 3, H, W) to scores (N, num_classes)."""

    def __init__(
        self,
        inverted_residual_setting: list[InvertedResidualConfig],
        last_channel: int,
        num_classes: int = 1000,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        dropout: float = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        setting = inverted_residual_setting
        if not setting:
            raise ValueError("The inverted_residual_setting should not be empty")
        if not all(isinstance(s, InvertedResidualConfig) for s in setting):
            raise TypeError("The inverted_residual_setting should be List[InvertedResidualConfig]")
        block = block or InvertedResidual
        norm_layer = norm_layer or partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        how: dict[str, Any] = {"norm_layer": norm_layer, "activation_layer": nn.Hardswish}
        first, last = setting[0].input_channels, setting[-1].out_channels
        layers: list[nn.Module] = [Conv2dNormActivation(3, first, kernel_size=3, stride=2, **how)]
        layers += [block(config, norm_layer) for config in setting]
        layers.append(Conv2dNormActivation(last, 6 * last, kernel_size=1, **how))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * last, last_channel),
            nn.Hardswish(inplace=True),
            nn.Dropout(p=dropout, inplace=True),
            nn.Linear(last_channel, num_classes),
        )
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(fn.flatten(self.avgpool(self.features(x)), 1))


# channels in, kernel, expanded, out, squeeze and excitation, activation, stride; a * marks the tail, see below
PLANS = {
    "large": """
        16 3 16 16 0 RE 1, 16 3 64 24 0 RE 2, 24 3 72 24 0 RE 1, 24 5 72 40 1 RE 2, 40 5 120 40 1 RE 1,
        40 5 120 40 1 RE 1, 40 3 240 80 0 HS 2, 80 3 200 80 0 HS 1, 80 3 184 80 0 HS 1, 80 3 184 80 0 HS 1,
        80 3 480 112 1 HS 1, 112 3 672 112 1 HS 1, 112 5 672 160* 1 HS 2, 160* 5 960* 160* 1 HS 1,
        160* 5 960* 160* 1 HS 1""",
    "small": """
        16 3 16 16 1 RE 2, 16 3 72 24 0 RE 2, 24 3 88 24 0 RE 1, 24 5 96 40 1 HS 2, 40 5 240 40 1 HS 1,
        40 5 240 40 1 HS 1, 40 5 120 48 1 HS 1, 48 5 144 48 1 HS 1, 48 5 288 96* 1 HS 2, 96* 5 576* 96* 1 HS 1,
        96* 5 576* 96* 1 HS 1""",
}
LAST = {"large": 1280, "small": 1024}


def _mobilenet_v3_conf(
    arch: str, width_mult: float = 1.0, reduced_tail: bool = False, dilated: bool = False
) -> tuple[list[InvertedResidualConfig], int]:
    """The blocks of a plan. reduced_tail halves the last channels; dilated keeps the last size, for segmentation."""
    size = arch.rpartition("_")[2]
    if size not in PLANS:
        raise ValueError(f"Unsupported model type {arch}")
    divider = 2 if reduced_tail else 1
    blocks = []
    in_tail = False
    for row in PLANS[size].split(","):
        tail = "*" in row
        words = [int(w.rstrip("*")) // (divider if "*" in w else 1) if w[0].isdigit() else w for w in row.split()]
        inp, kernel, wide, out, squeezed, activation, stride = words
        in_tail = in_tail or tail
        dilation = 2 if dilated and in_tail else 1
        blocks.append(
            InvertedResidualConfig(inp, kernel, wide, out, bool(squeezed), activation, stride, dilation, width_mult)  # type: ignore[arg-type]
        )
    return blocks, InvertedResidualConfig.adjust_channels(LAST[size] // divider, width_mult)


def _made(arch: str, kwargs: dict[str, Any]) -> MobileNetV3:
    names = ("width_mult", "reduced_tail", "dilated")
    setting, last = _mobilenet_v3_conf(arch, **{name: kwargs[name] for name in names if name in kwargs})
    return MobileNetV3(setting, last, **kwargs)


class MobileNet_V3_Large_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("mobilenet_v3_large-8738ca79"))
    IMAGENET1K_V2 = Weights(*imagenet("mobilenet_v3_large-5c1a4163", 224, 232))
    DEFAULT = IMAGENET1K_V2


class MobileNet_V3_Small_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(*imagenet("mobilenet_v3_small-047dcff4"))
    DEFAULT = IMAGENET1K_V1


@model(MobileNet_V3_Large_Weights)
def mobilenet_v3_large(**kwargs: Any) -> MobileNetV3:
    """The large MobileNetV3."""
    return _made("large", kwargs)


@model(MobileNet_V3_Small_Weights)
def mobilenet_v3_small(**kwargs: Any) -> MobileNetV3:
    """The small MobileNetV3."""
    return _made("small", kwargs)
