"""Networks that see: `torchvision.models`. Names in `state_dict` and seeded first weights are torchvision's."""

import sys
from typing import Any

from ... import missing
from . import alexnet as _alexnet
from . import densenet as _densenet
from . import lenet as _lenet
from . import mobilenetv2 as _mobilenetv2
from . import mobilenetv3 as _mobilenetv3
from . import resnet as _resnet
from . import squeezenet as _squeezenet
from . import vgg as _vgg
from .catalogue import (
    BUILDERS,
    WEIGHTS,
    Weights,
    WeightsEnum,
    get_model,
    get_model_builder,
    get_model_weights,
    get_weight,
    list_models,
)

_CLASSES = {
    _alexnet: "AlexNet",
    _densenet: "DenseNet",
    _lenet: "LeNet",
    _mobilenetv2: "MobileNetV2",
    _mobilenetv3: "MobileNetV3",
    _resnet: "ResNet",
    _squeezenet: "SqueezeNet",
    _vgg: "VGG",
}
# a model's function takes the name of its module (`models.alexnet`), as in torchvision
globals().update({name: getattr(module, name) for module, name in _CLASSES.items()})
globals().update({weights.__name__: weights for weights in WEIGHTS.values()})
globals().update(BUILDERS)

__all__ = [
    "Weights",
    "WeightsEnum",
    "get_model",
    "get_model_builder",
    "get_model_weights",
    "get_weight",
    "list_models",
    *_CLASSES.values(),
    *(weights.__name__ for weights in WEIGHTS.values()),
    *BUILDERS,
]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, dir(sys.modules[__name__]))
