"""`torch._C`: what programs take from PyTorch's compiled part for the protocol `__torch_function__`."""

from types import SimpleNamespace as _SimpleNamespace
from typing import Any as _Any

from . import config as _config
from . import missing as _missing
from .errors import LinAlgError as _LinAlgError
from .nn.conversion import parse_to as _parse_to
from .random import Generator
from .tensor.overrides import DisableTorchFunctionSubclass
from .tensor.overrides import disabled as _disabled_torch_function_impl
from .tensor.tensor import Tensor as _Tensor

__all__ = [
    "DisableTorchFunctionSubclass",
    "Generator",
    "Graph",
    "Node",
    "Value",
    "_LinAlgError",
    "_TensorMeta",
    "_are_functorch_transforms_active",
    "_disabled_torch_function_impl",
    "_get_tracing_state",
    "_log_api_usage_once",
    "_nn",
]


# the class of the class Tensor
_TensorMeta = type(_Tensor)
# what modules that override `to` read its arguments with
_nn = _SimpleNamespace(_parse_to=_parse_to)


class Graph:
    """A traced graph, for annotations. Raises TypeError: nothing is traced here."""

    def __init__(self) -> None:
        raise TypeError(f"torch._C.{type(self).__name__}: No constructor defined!")


class Node(Graph):
    """A node of a traced graph, for annotations."""


class Value(Graph):
    """A value in a traced graph, for annotations."""


def _log_api_usage_once(event: str) -> None:
    """Do nothing: where no logger is set up, which is how it comes, PyTorch does not count uses either."""


def _are_functorch_transforms_active() -> bool:
    """Whether `vmap`, `grad` or another transform of functions is at work."""
    return _config.functional.depth > 0 or bool(_config.modes().levels)


def _get_tracing_state() -> None:
    """None: nothing is being traced."""


def __getattr__(name: str) -> _Any:
    raise _missing.missing_attribute(__name__, name, globals())
