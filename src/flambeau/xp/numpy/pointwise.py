"""Elementwise kernels that NumPy lacks, or has with other results than PyTorch's, or slower than need be."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...storage import strided_array

ndarray = np.ndarray

# ---- division: integers divided by 0 are an error, not a warning -----------------------------------------------------


def _check_divisor(x: ndarray, y: ndarray) -> None:
    if np.result_type(x, y).kind in "iu" and not np.all(y):
        raise RuntimeError(
            "ZeroDivisionError\n  Some divisor is 0, and integers have no infinity; convert to floating point first."
        )


def floor_divide(x: ndarray, y: ndarray) -> ndarray:
    """The quotient rounded down."""
    _check_divisor(x, y)
    return np.floor_divide(x, y)


def trunc_divide(x: ndarray, y: ndarray) -> ndarray:
    """The quotient rounded towards 0."""
    _check_divisor(x, y)
    if np.result_type(x, y).kind == "i":
        quotient = np.floor_divide(x, y)
        # rounding down went one too far where the division left a rest and the signs differ
        return quotient + ((quotient * y != x) & ((x < 0) != (y < 0)))
    return np.trunc(np.divide(x, y)) if x.dtype.kind == "f" else np.floor_divide(x, y)


def remainder(x: ndarray, y: ndarray) -> ndarray:
    """The remainder with the sign of the divisor; 0 keeps the sign of the dividend."""
    _check_divisor(x, y)
    rest = np.remainder(x, y)
    return np.where(rest == 0, np.copysign(rest, x), rest) if rest.dtype.kind == "f" else rest


def fmod(x: ndarray, y: ndarray) -> ndarray:
    """The remainder with the sign of the dividend."""
    _check_divisor(x, y)
    return np.fmod(x, y)


# ---- powers and exponentials -----------------------------------------------------------------------------------------


def pow(x: ndarray, y: Any) -> ndarray:
    """`x ** y`. Integers to negative powers are rounded towards 0, as the quotient of integers is."""
    if isinstance(y, (int, float, complex)):
        if x.dtype.kind in "iub":
            return _integer_pow(x, np.asarray(y, x.dtype if x.dtype.kind != "b" else np.int64))
        if x.dtype.kind == "c" and isinstance(y, int) and abs(y) <= 64:
            return _complex_power(x, y)
        return np.power(x, y)
    if x.dtype.kind in "iu" and y.dtype.kind in "iu":
        return _integer_pow(x, y)
    if x.dtype.kind == "c" or y.dtype.kind == "c":
        # exp(y log(x)), as PyTorch computes it, knows no 0 ** 0
        return np.where((x == 0) & (y == 0), np.asarray(complex(np.nan, np.nan), x.dtype), np.power(x, y))
    return np.power(x, y)


def _integer_pow(x: ndarray, y: ndarray) -> ndarray:
    if y.dtype.kind == "u" or not np.any(y < 0):
        return np.power(x, y)
    powers = np.power(x, np.where(y < 0, 0, y))
    odd = (y & 1) != 0
    inverse = np.where(x == 1, 1, np.where(x == -1, np.where(odd, -1, 1), 0))
    return np.where(y < 0, inverse, powers).astype(powers.dtype)


def _complex_power(x: ndarray, n: int) -> ndarray:
    """An integer power by repeated squaring."""
    if n < 0:
        return 1 / _complex_power(x, -n)
    result = np.ones_like(x)
    while n:
        if n & 1:
            result = result * x
        n >>= 1
        if n:
            x = x * x
    return result


def square(x: ndarray) -> ndarray:
    """`x * x`; truth values are counted as integers."""
    return np.multiply(x, x) if x.dtype.kind != "b" else x.astype(np.int64)


def rsqrt(x: ndarray) -> ndarray:
    """`1 / sqrt(x)`."""
    root = np.sqrt(x)
    return np.divide(1, root, out=root) if root.ndim else 1 / root


def exp2(x: ndarray) -> ndarray:
    """2 to the power of `x`."""
    return np.exp2(x) if x.dtype.kind != "c" else np.exp(x * np.log(2.0).astype(x.real.dtype))


# floats that stay in the first-level cache while several passes are made over them
_BLOCK = 16384


def sigmoid(x: ndarray) -> ndarray:
    """`1 / (1 + exp(-x))`: for large negative numbers exp overflows to infinity, and the result is the right 0."""
    if x.dtype.kind != "f" or not x.ndim:
        return 1 / (1 + np.exp(-x))
    result = np.empty_like(x, order="C" if 0 in x.strides else "K")
    if x.size <= _BLOCK or not x.flags.c_contiguous:
        return _sigmoid(x, result)
    flat, target = x.reshape(-1), result.reshape(-1)
    for i in range(0, flat.size, _BLOCK):
        _sigmoid(flat[i : i + _BLOCK], target[i : i + _BLOCK])
    return result


def _sigmoid(x: ndarray, out: ndarray) -> ndarray:
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    return np.divide(1, out, out=out)


def logaddexp(x: ndarray, y: ndarray) -> ndarray:
    """`log(exp(x) + exp(y))`; for complex numbers the one with the larger real part is taken out."""
    if np.result_type(x, y).kind != "c":
        return np.logaddexp(x, y)
    swap = x.real < y.real
    large, small = np.where(swap, y, x), np.where(swap, x, y)
    return large + np.log1p(np.exp(small - large))


def sinc(x: ndarray) -> ndarray:
    """`sin(pi x) / (pi x)`, 1 at 0."""
    angle = x * np.asarray(np.pi, x.real.dtype)
    return np.where(x == 0, np.ones((), x.dtype), np.sin(angle) / angle)


# ---- rounding, bounds, special numbers -------------------------------------------------------------------------------


def rint(x: ndarray) -> ndarray:
    """The nearest integer, halves to even; integers as they are."""
    return np.rint(x) if x.dtype.kind not in "iub" else x.copy()


_clip = np._core.umath.clip  # the ufunc: one pass, and none of the checks of np.clip


def clamp(x: ndarray, low: Any, high: Any) -> ndarray:
    """`x`, not below `low` and not above `high`; either may be None. `high` wins over `low`, nan over both."""
    if low is None:
        return np.minimum(x, high)
    if high is None:
        return np.maximum(x, low)
    return _clip(x, low, high)


def heaviside(x: ndarray, values: ndarray) -> ndarray:
    """0 below 0, 1 above (and for nan 0), `values` at 0."""
    return np.where(x == 0, values, (x > 0).astype(x.dtype))


def nan_to_num(x: ndarray, nan: float | None, posinf: float | None, neginf: float | None) -> ndarray:
    """A copy with numbers in place of nan and the infinities; None: 0 and the largest finite numbers."""
    if x.dtype.kind not in "fc":
        return x.copy()
    return np.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


def frexp(x: ndarray) -> tuple[ndarray, ndarray]:
    """Mantissas and exponents of 2; those of nan and the infinities are 0."""
    mantissa, exponent = np.frexp(x)
    return mantissa, exponent.astype(np.int32, copy=False)


def sign(x: ndarray) -> ndarray:
    """-1, 0 or 1, and 0 for nan; a complex number over its absolute value. Truth values are their own sign."""
    if x.dtype.kind in "fi":
        return np.subtract(np.greater(x, 0), np.less(x, 0), dtype=x.dtype)
    return np.sign(x) if x.dtype.kind != "b" else x.copy()


# ---- complex numbers -------------------------------------------------------------------------------------------------


def real(x: ndarray) -> ndarray:
    """The real part, a view of complex numbers; real numbers themselves."""
    return x.real


def imag(x: ndarray) -> ndarray:
    """The imaginary part, a view of complex numbers; zeros for real ones."""
    return x.imag


def angle(x: ndarray) -> ndarray:
    """The angle of a complex number; 0 or pi for a real one."""
    if x.dtype.kind == "c":
        return np.arctan2(x.imag, x.real)
    turned = np.where(x < 0, np.asarray(np.pi, x.dtype), np.zeros((), x.dtype))
    return np.where(np.isnan(x), x, turned)


def complex_of(real: ndarray, imag: ndarray) -> ndarray:
    """A complex array of its two parts."""
    result = np.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real.dtype, np.complex64))
    result.real = real
    result.imag = imag
    return result


def view_as_real(x: ndarray) -> ndarray:
    """Complex numbers as pairs of real ones, in a new last axis of the same memory."""
    parts = x.real
    return strided_array(parts, (*x.shape, 2), (*x.strides, parts.itemsize))


def view_as_complex(x: ndarray) -> ndarray:
    """Pairs of real numbers, in the last axis, as complex numbers: in the same memory where the pairs lie together."""
    if x.strides[-1] != x.itemsize:
        x = x.copy()
    return x.view(np.complex64 if x.itemsize == 4 else np.complex128).reshape(x.shape[:-1])
