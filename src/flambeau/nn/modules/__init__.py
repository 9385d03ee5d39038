"""The layers, by family: each file is what `torch.nn.modules` has under its name."""

from __future__ import annotations

from types import ModuleType

from . import (
    activation,
    adaptive,
    attention,
    batchnorm,
    channelshuffle,
    container,
    conv,
    distance,
    dropout,
    flatten,
    fold,
    instancenorm,
    lazy,
    linear,
    loss,
    module,
    normalization,
    padding,
    pixelshuffle,
    pooling,
    rnn,
    sparse,
    transformer,
    upsampling,
    utils,
)
from .activation import *
from .adaptive import *
from .batchnorm import *
from .channelshuffle import *
from .container import *
from .conv import *
from .distance import *
from .dropout import *
from .flatten import *
from .fold import *
from .instancenorm import *
from .linear import *
from .loss import *
from .module import Module
from .normalization import *
from .padding import *
from .pixelshuffle import *
from .pooling import *
from .rnn import *
from .sparse import *
from .transformer import *
from .upsampling import *

FAMILIES: list[ModuleType] = [
    linear, activation, loss, container, pooling, batchnorm, instancenorm, normalization, dropout, padding, conv, rnn,
    transformer, sparse, distance, pixelshuffle, upsampling, fold, adaptive, flatten, channelshuffle,
]  # fmt: skip
__all__ = ["Module", *sorted(name for family in FAMILIES for name in family.__all__)]

# a class prints under the path that PyTorch's users know
for _family in [*FAMILIES, lazy, attention]:
    _path = f"torch.nn.modules.{'activation' if _family is attention else _family.__name__.rpartition('.')[2]}"
    for _value in list(vars(_family).values()):
        if isinstance(_value, type) and _value.__module__ == _family.__name__:
            _value.__module__ = _path
Module.__module__ = "torch.nn.modules.module"
