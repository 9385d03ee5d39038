"""What functions of matrices ask of their arguments, and small matrices that they need."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...config import modes
from ..operands import type_name
from ..tensor import Tensor, current_edge, make, numbers


def check_matrix(name: str, x: Any, argument: str = "A", position: int = 1) -> None:
    """Raise unless an argument is a tensor with two dims at least."""
    if not isinstance(x, Tensor):
        function = name.replace("torch.", "").replace(".", "_")
        raise TypeError(f"{function}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(x)}")
    if x._array.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")


def check_square(name: str, x: Any, argument: str = "A") -> None:
    """Raise unless an argument is a stack of square matrices."""
    check_matrix(name, x, argument)
    m, n = x._array.shape[-2:]
    if m != n:
        prefix = f"{name}: " if name else ""
        raise RuntimeError(f"{prefix}{argument} must be batches of square matrices, but they are {m} by {n} matrices")


def check_float(name: str, x: Tensor, half: bool = True) -> None:
    """Raise unless the dtype is floating point or complex; and where `half` is False, of 32 bits at least."""
    if not (x.dtype.is_floating_point or x.dtype.is_complex):
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {x.dtype.scalar_name}\n"
            "  Convert it first: x.to(torch.float32)."
        )
    if not half and x._kind.half:
        raise RuntimeError(f"{name}: Low precision dtypes not supported. Got {x.dtype.scalar_name}")


def check_kernel(kernel: str, x: Tensor) -> None:
    """Raise unless the dtype is one that LAPACK has."""
    if x._kind.half or not (x.dtype.is_floating_point or x.dtype.is_complex):
        raise errors.not_for_dtype(kernel, x.dtype)


def recorded(*tensors: Tensor) -> bool:
    """Whether a call with these tensors makes a node of the graph."""
    now = modes()
    return now.grad and not now.inference and any(current_edge(t) is not None for t in tensors)


def check_info(info: Tensor, message: Any, error: type[Exception] = errors.LinAlgError) -> None:
    """Raise if a matrix could not be handled. `message(batch, place)` words it; `batch` is "" for a single matrix."""
    array = numbers(info._array)
    if not array.any():
        return
    flat = array.reshape(-1)
    first = int((flat != 0).argmax())
    raise error(message(f"(Batch element {first}): " if array.ndim else "", int(flat[first])))


def eye_like(x: Tensor, m: int, n: int) -> Tensor:
    """A matrix with ones on the diagonal, in the dtype and on the device of `x`."""
    return make_like(x._kind.xp.eye(m, n, dtype=x._kind.native), x)


def make_like(array: Any, x: Tensor) -> Tensor:
    """A tensor without history around an array of the kind of `x`."""
    return make(array, x._kind)
