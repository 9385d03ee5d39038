"""`torch._tensor_str`: where PyTorch keeps the options of printing, and what writes the numbers of a tensor."""

from .tensor.printing import (
    PRINT_OPTS,
    _array_text,
    get_printoptions,
    printoptions,
    set_printoptions,
)
from .tensor.printing import tensor_str as _str
from .tensor.tensor import Tensor

__all__ = ["PRINT_OPTS", "_str", "_tensor_str", "get_printoptions", "printoptions", "set_printoptions"]


def _tensor_str(self: Tensor, indent: int) -> str:
    """The numbers of a dense tensor in brackets, as `repr` writes them, lines but the first indented."""
    return _array_text(self.detach()._array, self.dtype, indent)
