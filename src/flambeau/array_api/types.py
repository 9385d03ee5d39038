"""Dtypes: asking about them, and converting to them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from .. import dtypes
from ..tensor import functions as fn
from ..tensor import namespace
from ..tensor.tensor import Tensor
from .promotion import dtype_of, promote, result_type

__all__ = ["astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type"]

UNSIGNED = (dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64)
SIGNED = (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
REAL = (dtypes.float32, dtypes.float64)
COMPLEX = (dtypes.complex64, dtypes.complex128)

KINDS: dict[str, tuple[dtypes.dtype, ...]] = {
    "bool": (dtypes.bool_,),
    "signed integer": SIGNED,
    "unsigned integer": UNSIGNED,
    "integral": SIGNED + UNSIGNED,
    "real floating": REAL,
    "complex floating": COMPLEX,
    "numeric": SIGNED + UNSIGNED + REAL + COMPLEX,
}

FloatLimits = namedtuple("FloatLimits", "bits eps max min smallest_normal dtype")
IntegerLimits = namedtuple("IntegerLimits", "bits max min dtype")


def astype(x: Tensor, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Tensor:
    """`x` in another dtype. copy: a new array even where `x` has that dtype.

    Raises TypeError for complex numbers as real ones, which `real` and `abs` say more clearly.
    """
    dtype = dtype_of(dtype)
    if x.dtype.is_complex and not dtype.is_complex and dtype is not dtypes.bool_:
        raise TypeError(f"astype() cannot make {dtype} of {x.dtype}: take real(x), imag(x) or abs(x)")
    if x.dtype is dtype:
        result = fn.clone(x) if copy else x
    else:
        result = x.to(dtype)
    return result if device is None else result.to(device)


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether promotion can bring a dtype, or the dtype of an array, to another dtype."""
    to = dtype_of(to)
    return promote(dtype_of(from_), to) is to


def finfo(type: Any, /) -> FloatLimits:
    """The limits of a floating dtype, or of that of an array; for complex dtypes those of the components."""
    dtype = dtype_of(type)
    if dtype.is_complex:
        dtype = dtype.to_real()
    found = dtypes.finfo(dtype)
    return FloatLimits(found.bits, found.eps, found.max, found.min, found.smallest_normal, dtype)


def iinfo(type: Any, /) -> IntegerLimits:
    """The limits of an integer dtype, or of that of an array."""
    dtype = dtype_of(type)
    found = dtypes.iinfo(dtype)
    return IntegerLimits(found.bits, found.max, found.min, dtype)


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a dtype, a word as "integral" or "real floating", or a tuple of kinds.

    >>> isdtype(dtypes.float32, ("integral", "real floating"))
    True
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str):
        if kind not in KINDS:
            raise ValueError(f"isdtype(): kind must be one of {', '.join(KINDS)}, not {kind!r}")
        return dtype in KINDS[kind]
    return namespace.dtype_of(dtype) is namespace.dtype_of(kind)
