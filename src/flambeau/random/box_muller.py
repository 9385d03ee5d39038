"""Normal numbers from pairs of uniform ones, in blocks, after Box and Muller (1958).

Of a pair (u, v) the radius sqrt(-2 log(1 - u)) and the angle 2 pi v make the normals radius * cos(angle) and
radius * sin(angle).
"""

from __future__ import annotations

import math

import numpy as np

from .elementary import elementary

_TWO_PI = 2 * math.pi
_float32 = np.float32


def normal_pairs(u: np.ndarray, v: np.ndarray, profile: str) -> tuple[np.ndarray, np.ndarray]:
    """The cosine and the sine halves, in the dtype of `u` and `v`, float32 or float64.

    `profile` chooses the functions for float32: "cephes" or "libm". Raises ValueError for another name.
    """
    complement = 1 - u
    if u.dtype == np.float64:
        radius = np.sqrt(-2 * elementary("log", complement, u.dtype))
        angle = _TWO_PI * v
        return radius * elementary("cos", angle, u.dtype), radius * elementary("sin", angle, u.dtype)
    if profile == "cephes":
        radius = _log(complement)
        sine, cosine = _sine_cosine(_TWO_PI * v)
    elif profile == "libm":
        # the C library's functions in float32 are all but exactly rounded
        radius = _rounded_once(np.log, complement)
        angle = (_TWO_PI * v.astype(np.float64)).astype(np.float32)
        sine, cosine = _rounded_once(np.sin, angle), _rounded_once(np.cos, angle)
    else:
        raise ValueError(f"normal_profile is {profile!r}, but must be 'cephes' or 'libm'")
    radius *= -2
    np.sqrt(radius, out=radius)
    cosine *= radius
    sine *= radius
    return cosine, sine


def _rounded_once(function: np.ufunc, x: np.ndarray) -> np.ndarray:
    return function(x.astype(np.float64)).astype(np.float32)


# Coefficients, and the order of every operation, are those of the single precision functions of the Cephes
# library (S. L. Moshier, 1992), in the vectorised form that PyTorch uses: another order changes the last bits.
# Products that are added to something are not rounded; float64 holds them exactly.


def _multiply_add(x: np.ndarray, factor: np.ndarray, addend: np.ndarray | float, wide: np.ndarray) -> None:
    """x = x * factor + addend, rounded once to float32. `factor` and the scratch space `wide` are float64."""
    wide[...] = x
    wide *= factor
    wide += addend
    x[...] = wide


def _single(*numbers: float) -> list[float]:
    return np.array(numbers, np.float32).tolist()


_LOG_COEFFICIENTS = _single(
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
    -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
# log(2) in two parts, the larger one exact in few bits
_LOG2_HIGH, _LOG2_LOW = 0.693359375, -2.12194440e-4
# the float32 nearest to sqrt(1/2), and the bits of a mantissa, as integers
_SQRT_HALF, _MANTISSA = 0x3F3504F3, 0x7FFFFF


def _log(x: np.ndarray) -> np.ndarray:
    """The natural logarithm of positive normal float32 numbers."""
    # x = mantissa * 2**exponent, the mantissa from sqrt(1/2) to sqrt(2)
    bits = x.view(np.int32) - _SQRT_HALF
    exponent = (bits >> 23).astype(np.float32)
    bits &= _MANTISSA
    bits += _SQRT_HALF
    fraction = bits.view(np.float32)
    fraction -= 1
    factor = fraction.astype(np.float64)
    wide = factor * _LOG_COEFFICIENTS[0]
    wide += _LOG_COEFFICIENTS[1]
    series = wide.astype(np.float32)
    for coefficient in _LOG_COEFFICIENTS[2:]:
        _multiply_add(series, factor, coefficient, wide)
    series *= fraction
    square = fraction * fraction
    factor[...] = square
    _multiply_add(series, factor, (exponent * _LOG2_LOW).astype(np.float64), wide)
    square *= 0.5
    series -= square
    fraction += series
    exponent *= _LOG2_HIGH
    fraction += exponent
    return fraction


_FOUR_OVER_PI = 1.27323954473516
# pi/4 in three parts, subtracted one after the other
_QUARTER_PI = (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)
# by power from the highest; of the cosine, then of the sine
_TRIGONOMETRIC = np.array(
    [
        [[2.443315711809948e-5], [-1.9515295891e-4]],
        [[-1.388731625493765e-3], [8.3321608736e-3]],
        [[4.166664568298827e-2], [-1.6666654611e-1]],
    ],
    np.float32,
).astype(np.float64)
# the sign of a float32, as an integer
_SIGN = -(2**31)


def _sine_cosine(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sine and the cosine of float32 angles from 0 to a full turn."""
    # the nearest even number of eighths of a turn, and the rest
    eighths = (angle * _FOUR_OVER_PI).astype(np.int32)
    eighths += 1
    eighths &= ~1
    turned = eighths.astype(np.float64)
    rest = angle
    for part in _QUARTER_PI:
        wide = turned * part
        wide += rest
        rest = wide.astype(np.float32)
    square = rest * rest
    factor = square.astype(np.float64)
    sums = factor * _TRIGONOMETRIC[0]
    sums += _TRIGONOMETRIC[1]
    both = sums.astype(np.float32)
    _multiply_add(both, factor, _TRIGONOMETRIC[2], sums)
    both *= square
    cosine, sine = both
    square *= -0.5
    _multiply_add(cosine, factor, square, wide)
    cosine += 1
    factor[...] = rest
    _multiply_add(sine, factor, factor, wide)
    _turn(sine.view(np.int32), cosine.view(np.int32), eighths)
    return sine, cosine


def _turn(sine: np.ndarray, cosine: np.ndarray, eighths: np.ndarray) -> None:
    """Swap sine and cosine, and change their signs, for angles turned by `eighths`; all are the bits of numbers."""
    exchanged = sine ^ cosine
    exchanged &= -(eighths >> 1 & 1)
    sine ^= exchanged
    cosine ^= exchanged
    sine ^= (eighths << 29) & _SIGN
    # the cosine is a quarter of a turn ahead
    eighths += 2
    cosine ^= (eighths << 29) & _SIGN
