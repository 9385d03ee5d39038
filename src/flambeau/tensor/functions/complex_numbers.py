"""Complex tensors: their parts, angles and conjugates, made of parts, and seen as pairs of real numbers."""

from __future__ import annotations

from typing import Any

from ... import config, dtypes
from .. import rows
from ..public import public
from ..tensor import Tensor
from .arguments import need_tensor
from .pointwise import converted


def _is_complex(x: Tensor) -> bool:
    return x._kind.dtype.is_complex


# ---- parts -----------------------------------------------------------------------------------------------------------


@public(method=False)
def real(input: Tensor) -> Tensor:
    """The real parts, as a view; a real tensor itself.

    >>> real(tensor([1 + 2j, 3 - 1j]))
    tensor([1., 3.])
    """
    need_tensor("real", "input", 1, input)
    return rows.real(input) if _is_complex(input) else input


@public(method=False)
def imag(input: Tensor) -> Tensor:
    """The imaginary parts, as a view. Raises RuntimeError for real tensors.

    >>> imag(tensor([1 + 2j, 3 - 1j]))
    tensor([ 2., -1.])
    """
    need_tensor("imag", "input", 1, input)
    if not _is_complex(input):
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return rows.imag(input)


@public(out=True)
def angle(input: Tensor) -> Tensor:
    """The angle of each complex number, in radians; of real numbers 0, or pi below 0.

    >>> angle(tensor([1j, -1 + 0j, 2 + 0j]))
    tensor([1.5708, 3.1416, 0.0000])
    """
    need_tensor("angle", "input", 1, input)
    dtype = input._kind.dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        input = converted(input, config.default_dtype())
    return rows.angle(input)


# ---- conjugates ------------------------------------------------------------------------------------------------------


@public()
def conj(input: Tensor) -> Tensor:
    """The complex conjugate; a real tensor itself."""
    return rows.conj(input) if _is_complex(input) else input


@public(out=True, inplace=True)
def conj_physical(input: Tensor) -> Tensor:
    """The complex conjugate, in new memory; a real tensor itself."""
    return rows.conj(input) if _is_complex(input) else input


@public()
def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself: conjugates are computed at once."""
    return input


@public()
def resolve_neg(input: Tensor) -> Tensor:
    """The tensor itself: negatives are computed at once."""
    return input


@public()
def is_conj(input: Tensor) -> bool:
    """Whether a conjugate is still to be computed: never."""
    return False


@public()
def is_neg(input: Tensor) -> bool:
    """Whether a negative is still to be computed: never."""
    return False


# ---- composition -----------------------------------------------------------------------------------------------------

_PARTS = (dtypes.float16, dtypes.float32, dtypes.float64)


def _check_parts(first: Tensor, second: Tensor, out: Any) -> None:
    a, b = first._kind.dtype, second._kind.dtype
    if a not in _PARTS or b not in _PARTS:
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {a.scalar_name} and {b.scalar_name}"
        )
    if a is not b:
        raise RuntimeError(
            f"Expected object of scalar type {a.scalar_name} but got scalar type {b.scalar_name} for second argument"
        )
    if a is dtypes.float16:
        raise NotImplementedError("Flambeau has no complex32 tensors; convert the parts to float32")
    if out is not None and out._kind.dtype is not a.to_complex():
        raise RuntimeError(
            f"Expected object of scalar type {a.to_complex().scalar_name} but got scalar type "
            f"{out._kind.dtype.scalar_name} for argument 'out'"
        )


@public(name="complex", method=False)
def complex_(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers of their real and imaginary parts, float32 or float64. Shapes broadcast.

    >>> complex(tensor([1., 2.]), tensor([0., -1.]))
    tensor([1.+0.j, 2.-1.j])
    """
    need_tensor("complex", "real", 1, real)
    need_tensor("complex", "imag", 2, imag)
    _check_parts(real, imag, out)
    return rows.complex_of(real, imag, out=out)


@public(method=False)
def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers of their sizes and their angles in radians, float32 or float64. Shapes broadcast.

    >>> polar(tensor([2.]), tensor([0.]))
    tensor([2.+0.j])
    """
    need_tensor("polar", "abs", 1, abs)
    need_tensor("polar", "angle", 2, angle)
    _check_parts(abs, angle, out)
    return rows.polar(abs, angle, out=out)


# ---- the same memory as pairs ----------------------------------------------------------------------------------------


@public(method=False)
def view_as_real(input: Tensor) -> Tensor:
    """Complex numbers as pairs of real ones, in a new last dim of size 2 of the same memory.

    >>> view_as_real(tensor([1 + 2j]))
    tensor([[1., 2.]])
    """
    need_tensor("view_as_real", "input", 1, input)
    if not _is_complex(input):
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return rows.view_as_real(input)


@public(method=False)
def view_as_complex(input: Tensor) -> Tensor:
    """Pairs of real numbers, in a last dim of size 2, as complex numbers in the same memory.

    >>> view_as_complex(tensor([[1., 2.]]))
    tensor([1.+2.j])
    """
    need_tensor("view_as_complex", "input", 1, input)
    dtype = input._kind.dtype
    if dtype not in _PARTS:
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{dtype.scalar_name}"
        )
    array = input._array
    if not array.ndim:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if array.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    strides = [s // array.itemsize for s in array.strides] if hasattr(array, "strides") else [1]
    if strides[-1] != 1:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(s % 2 for s in strides[:-1]):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    return rows.view_as_complex(input)
