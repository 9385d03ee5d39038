"""`torch.jit.annotations`: the types that code written for TorchScript writes beside its arguments."""

from typing import Any, Dict, List, Optional, Tuple, Union  # noqa: UP035  the names that programs import

from .. import missing as _missing

__all__ = ["Any", "Dict", "List", "Optional", "Tuple", "Union"]


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, __all__)
