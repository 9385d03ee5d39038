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
    linear_cross_entropy_options,
    loss,
    module,  # noqa: F401
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
from .activation import *  # noqa: F403
from .adaptive import *  # noqa: F403
from .batchnorm import *  # noqa: F403
from .channelshuffle import *  # noqa: F403
from .container import *  # noqa: F403
from .conv import *  # noqa: F403
from .distance import *  # noqa: F403
from .dropout import *  # noqa: F403
from .flatten import *  # noqa: F403
from .fold import *  # noqa: F403
from .instancenorm import *  # noqa: F403
from .linear import *  # noqa: F403
from .linear_cross_entropy_options import *  # noqa: F403
from .loss import *  # noqa: F403
from .module import Module
from .normalization import *  # noqa: F403
from .padding import *  # noqa: F403
from .pixelshuffle import *  # noqa: F403
from .pooling import *  # noqa: F403
from .rnn import *  # noqa: F403
from .sparse import *  # noqa: F403
from .transformer import *  # noqa: F403
from .upsampling import *  # noqa: F403

FAMILIES: list[ModuleType] = [
    linear, activation, loss, container, pooling, batchnorm, instancenorm, normalization, dropout, padding, conv, rnn,
    transformer, sparse, distance, linear_cross_entropy_options, pixelshuffle, upsampling, fold, adaptive, flatten,
    channelshuffle,
]  # fmt: skip
__all__ = ["Module", *sorted(name for family in FAMILIES for name in family.__all__)]

# a class prints under the path that PyTorch's users know
for _family in [*FAMILIES, lazy, attention, utils]:
    _path = f"torch.nn.modules.{'activation' if _family is attention else _family.__name__.rpartition('.')[2]}"
    for _value in list(vars(_family).values()):
        if isinstance(_value, type) and _value.__module__ == _family.__name__:
            _value.__module__ = _path
Module.__module__ = "torch.nn.modules.module"
