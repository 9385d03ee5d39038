"""The layers, by family: each file is what `torch.nn.modules` has under its name."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

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

# bases of several layers in one, which PyTorch's users have never heard of
_SHARED = (
    "_AvgPoolWithDivisor _ConstantPadNd _Conv _ConvTransposeNd _FractionalMaxPoolNd _LazyConv _LazyConvTranspose "
    "_MaxUnpoolNd _Pad _ZeroPad"
).split()


def _own_init(layer: type) -> None:
    """Give a class a copy of the `__init__` that it inherits: Python names the class of it in its complaints."""
    inherited: FunctionType = layer.__init__  # type: ignore[misc]
    own = FunctionType(inherited.__code__, inherited.__globals__, "__init__", None, inherited.__closure__)
    own.__defaults__, own.__kwdefaults__ = inherited.__defaults__, inherited.__kwdefaults__
    own.__annotations__ = inherited.__annotations__
    own.__qualname__ = f"{layer.__qualname__}.__init__"
    layer.__init__ = own  # type: ignore[misc]


_own_init(batchnorm._BatchNorm)
for _layer in [getattr(_family, name) for _family in FAMILIES for name in _family.__all__]:
    if getattr(_layer.__init__, "__qualname__", "").partition(".")[0] in _SHARED:
        _own_init(_layer)


def _show_under(cls: type, path: str) -> None:
    """Give a class another path. Its annotations are read now: later they would be looked up in the wrong module."""
    words, own = vars(sys.modules[cls.__module__]), cls.__dict__.get("__annotations__", {})
    for name, text in own.items():
        own[name] = eval(text, words) if isinstance(text, str) else text
    cls.__module__ = path


# a class prints under the path that PyTorch's users know
for _family in [*FAMILIES, lazy, attention, utils]:
    _path = f"torch.nn.modules.{'activation' if _family is attention else _family.__name__.rpartition('.')[2]}"
    for _value in list(vars(_family).values()):
        if isinstance(_value, type) and _value.__module__ == _family.__name__:
            _show_under(_value, _path)
_show_under(Module, "torch.nn.modules.module")
