"""What the draws accept: PyTorch's checks of dtypes and parameters, in its words.

Every check raises before anything is drawn.
"""

from __future__ import annotations

import warnings

import numpy as np

from .. import dtypes

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
INTEGERS = frozenset({"uint8", "int8", "int16", "int32", "int64"})
WIDE_UNSIGNED = frozenset({"uint16", "uint32", "uint64"})
NUMBERS = FLOATS | INTEGERS
NUMBERS_AND_BOOL = NUMBERS | {"bool"}

# the bits of a significand, the leading one included
DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
LARGEST = {
    "float16": 65504.0,
    "bfloat16": (2 - 2.0**-7) * 2.0**127,
    "float32": (2 - 2.0**-23) * 2.0**127,
    "float64": (2 - 2.0**-52) * 2.0**1023,
}

# C++'s names, which some of PyTorch's messages use
_CPP_NAMES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short int", "int32": "int",
    "int64": "long int", "uint16": "short unsigned int", "uint32": "unsigned int", "uint64": "long unsigned int",
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip


_names: dict[np.dtype, str] = {}


def name_of(dtype: np.dtype) -> str:
    """The name of a dtype, such as `int64`; NumPy makes it anew each time, at a cost of a microsecond."""
    name = _names.get(dtype)
    if name is None:
        name = _names[dtype] = dtype.name
    return name


def scalar_name(dtype: np.dtype) -> str:
    """PyTorch's name of a dtype in messages, such as `Float`."""
    return getattr(dtypes, "bool_" if dtype.name == "bool" else dtype.name).scalar_name


def check_implemented(kernel: str, dtype: np.dtype, allowed: frozenset[str]) -> None:
    """Raise NotImplementedError where PyTorch's `kernel` does not know `dtype`."""
    if name_of(dtype) not in allowed:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{scalar_name(dtype)}'")


def check_continuous(distribution: str, dtype: np.dtype, name: str) -> None:
    """Raise RuntimeError unless `dtype` is floating point; `name` is what the message calls the dtype."""
    if not name_of(dtype).startswith(("float", "bfloat")):
        raise RuntimeError(
            f"{distribution} distribution is a continuous probability distribution. "
            f"dtype must be a floating point but you specified {name}"
        )


def cpp_name(dtype: np.dtype) -> str:
    """C++'s name of a dtype, such as `long int`."""
    return _CPP_NAMES.get(dtype.name, dtype.name)


def check_uniform(dtype: np.dtype, low: float, high: float) -> None:
    """Raise RuntimeError unless [low, high) is an interval whose ends and length `dtype` can hold."""
    check_implemented("check_uniform_bounds", dtype, FLOATS)
    largest = LARGEST[name_of(dtype)]
    for name, bound in (("from", low), ("to", high)):
        if not -largest <= bound <= largest:
            raise RuntimeError(f"{name} is out of bounds for {cpp_name(dtype)}")
    if not low <= high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if not high - low <= largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{scalar_name(dtype)}>::max(), but found "
            f"to={high:g} and from={low:g} which result in to-from to exceed the limit"
        )


def check_normal_std(std: float) -> None:
    """Raise RuntimeError unless `std` is at least 0."""
    if not std >= 0.0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


def check_positive(function: str, name: str, value: float) -> None:
    """Raise RuntimeError unless the parameter `name` of `function` is positive."""
    if not value > 0.0:
        raise RuntimeError(f"{function} expects {name} > 0.0, but found {name}={value:g}")


def check_geometric(p: float) -> None:
    """Raise RuntimeError unless 0 < p < 1."""
    if not 0.0 < p < 1.0:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")


def check_probability(p: float) -> None:
    """Raise RuntimeError unless 0 <= p <= 1."""
    if not 0.0 <= p <= 1.0:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")


def check_probabilities(p: np.ndarray) -> None:
    """Raise RuntimeError unless 0 <= p <= 1 everywhere."""
    valid = (p >= 0) & (p <= 1)
    if not valid.all():
        first = p[~valid].flat[0]
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  "
            f"If so, please report an enhancement request to PyTorch.)\n  Probabilities lie in [0, 1]; one is {first}."
        )


def integer_range(dtype: np.dtype, low: int, high: int | None) -> tuple[int, int]:
    """The bounds [low, high) that `random_` draws integers from; without `high`, all that `dtype` holds from `low` on.

    Bounds of floating dtypes move inwards to numbers whose neighbours round into the range. Raises RuntimeError for
    an empty range or bounds that `dtype` cannot hold, and warns where it cannot hold all numbers between.
    """
    name = name_of(dtype)
    if high is not None:
        if not low < high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        if name.startswith(("float", "bfloat")):
            check_implemented("random_update_from_to", dtype, FLOATS)
            low, high = _round_low(low, dtype), _round_high(high, dtype)
            if not low < high:
                raise RuntimeError(
                    "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, "
                    f"but got from={low} >= to={high}"
                )
        last = high - 1
    elif name.startswith(("float", "bfloat")):
        check_implemented("random_from_to_range_calc", dtype, FLOATS)
        last = 1 << DIGITS[name]
        low = _round_low(low, dtype)
        if not low < last:
            raise RuntimeError(
                "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, "
                f"but got from={low} > to_inc={last}"
            )
    elif name.startswith("complex"):
        raise RuntimeError("random_from_to_impl handles only integral, floating-point and boolean types")
    else:
        last = 1 if name == "bool" else int(np.iinfo(dtype).max)
    _check_held(dtype, low, last)
    return low, last + 1


def _check_held(dtype: np.dtype, low: int, last: int) -> None:
    """Raise or warn unless `dtype` holds all integers from `low` to `last`."""
    name = name_of(dtype)
    digits = DIGITS.get(name)
    if digits is not None:
        least, most = -LARGEST[name], LARGEST[name]
    elif name.startswith("complex"):
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    elif name == "bool":
        least, most = 0, 1
    else:
        least, most = int(np.iinfo(dtype).min), min(int(np.iinfo(dtype).max), 2**63 - 1)
    for bound_name, bound in (("from", low), ("to - 1", last)):
        if not least <= bound <= most:
            raise RuntimeError(f"{bound_name} is out of bounds for {cpp_name(dtype)}")
        if digits is not None and abs(bound) > 1 << digits:
            warnings.warn(
                f"{bound_name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision limitations "
                f"{cpp_name(dtype)} can support discrete uniform distribution only within this range. "
                "This warning will become an error in version 1.7 release, please fix the code in advance",
                stacklevel=4,
            )


def _cast(value: int, dtype: np.dtype) -> int:
    """`value` rounded to `dtype` and back to an integer; where it overflows, what x86 processors give."""
    with np.errstate(over="ignore"):
        wide = np.float64(value) if dtype.name == "float64" else np.float32(value)
        rounded = float(np.asarray(wide).astype(dtype))
    return int(rounded) if abs(rounded) < 2.0**63 else -(2**63)


def _round_low(low: int, dtype: np.dtype) -> int:
    rounded = _cast(low + 1, dtype)
    if rounded < low:
        low = rounded + (1 << (abs(low + 1).bit_length() - DIGITS[dtype.name]))
    return low


def _round_high(high: int, dtype: np.dtype) -> int:
    rounded = _cast(high - 1, dtype)
    if rounded >= high:
        high = rounded - (1 << (abs(high - 1).bit_length() - DIGITS[dtype.name]))
    return high
