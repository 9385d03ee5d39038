"""Data types: the dtype objects, their promotion table, and what `finfo` and `iinfo` tell of them.

A dtype prints as PyTorch's does (`torch.float32`), because printed text is part of what we promise.
"""

from __future__ import annotations

import math
from typing import Any


class dtype:
    """The type of a tensor's elements, such as `float32`.

    Attributes: `itemsize` in bytes, `is_floating_point`, `is_complex`, `is_signed`, and `scalar_name`, the C++ name
    that PyTorch's messages use (`Float`, `Long`).

    >>> float32.itemsize, float32.is_floating_point, float32.to_complex()
    (4, True, torch.complex64)
    """

    __slots__ = ("name", "itemsize", "is_floating_point", "is_complex", "is_signed", "scalar_name", "rank")

    def __init__(self, name: str, itemsize: int, scalar_name: str, rank: int, signed: bool = True) -> None:
        self.name = name
        self.itemsize = itemsize
        self.scalar_name = scalar_name
        self.rank = rank
        self.is_complex = name.startswith("complex")
        self.is_floating_point = name.startswith(("float", "bfloat"))
        self.is_signed = signed

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self):
        return (_by_name, (self.name,))

    def __copy__(self) -> dtype:
        return self

    def __deepcopy__(self, memo: dict) -> dtype:
        return self

    @property
    def category(self) -> int:
        """0 for bool, 1 for integers, 2 for floating point, 3 for complex: what promotion compares first."""
        return 3 if self.is_complex else 2 if self.is_floating_point else 0 if self is bool_ else 1

    def to_complex(self) -> dtype:
        """The complex dtype whose parts have this precision."""
        if self.is_complex:
            return self
        return _COMPLEX_OF.get(self, complex64)

    def to_real(self) -> dtype:
        """The floating dtype of this complex dtype's parts."""
        return _REAL_OF.get(self, self)


# PyTorch's class is called torch.dtype
dtype.__module__ = "torch"

bool_ = dtype("bool", 1, "Bool", 0, signed=False)
uint8 = dtype("uint8", 1, "Byte", 1, signed=False)
int8 = dtype("int8", 1, "Char", 2)
int16 = dtype("int16", 2, "Short", 3)
int32 = dtype("int32", 4, "Int", 4)
int64 = dtype("int64", 8, "Long", 5)
uint16 = dtype("uint16", 2, "UInt16", -1, signed=False)
uint32 = dtype("uint32", 4, "UInt32", -1, signed=False)
uint64 = dtype("uint64", 8, "UInt64", -1, signed=False)
float16 = dtype("float16", 2, "Half", 6)
bfloat16 = dtype("bfloat16", 2, "BFloat16", 6)
float32 = dtype("float32", 4, "Float", 7)
float64 = dtype("float64", 8, "Double", 8)
complex32 = dtype("complex32", 4, "ComplexHalf", 9)
complex64 = dtype("complex64", 8, "ComplexFloat", 10)
complex128 = dtype("complex128", 16, "ComplexDouble", 11)
float8_e4m3fn = dtype("float8_e4m3fn", 1, "Float8_e4m3fn", -2)
float8_e5m2 = dtype("float8_e5m2", 1, "Float8_e5m2", -2)
float8_e4m3fnuz = dtype("float8_e4m3fnuz", 1, "Float8_e4m3fnuz", -2)
float8_e5m2fnuz = dtype("float8_e5m2fnuz", 1, "Float8_e5m2fnuz", -2)
float8_e8m0fnu = dtype("float8_e8m0fnu", 1, "Float8_e8m0fnu", -2)

INTEGERS = (uint8, int8, int16, int32, int64)
WIDE_UNSIGNED = (uint16, uint32, uint64)
FLOAT8 = (float8_e4m3fn, float8_e5m2, float8_e4m3fnuz, float8_e5m2fnuz, float8_e8m0fnu)
FLOATS = (float16, bfloat16, float32, float64)
COMPLEX = (complex32, complex64, complex128)
ALL = (bool_, *INTEGERS, *WIDE_UNSIGNED, *FLOATS, *COMPLEX, *FLOAT8)

# PyTorch's second names
ALIASES = {
    "float": float32, "double": float64, "half": float16, "long": int64, "int": int32, "short": int16,
    "cfloat": complex64, "cdouble": complex128, "chalf": complex32,
}  # fmt: skip

# what Python's own types stand for where a dtype is asked for
PYTHON_TYPES: dict[Any, dtype] = {float: float64, int: int64, bool: bool_, complex: complex128}

_NAMES = {d.name: d for d in ALL}
_COMPLEX_OF = {float16: complex32, bfloat16: complex64, float32: complex64, float64: complex128}
_REAL_OF = {complex32: float16, complex64: float32, complex128: float64}


def _by_name(name: str) -> dtype:
    return _NAMES[name]


def meant(value: Any) -> Any:
    """The dtype that one of Python's types stands for; anything else as it is."""
    return PYTHON_TYPES.get(value, value) if isinstance(value, type) else value


def _promote(a: dtype, b: dtype) -> dtype | None:
    """The smallest dtype that holds both, or None where PyTorch has none."""
    if a is b:
        return a
    if a.rank == -2 or b.rank == -2:
        return None
    if a.rank == -1 or b.rank == -1:
        other = b if a.rank == -1 else a
        return other if other.is_floating_point else None
    low, high = sorted((a, b), key=lambda d: d.rank)
    if low.is_floating_point and high.rank == low.rank:
        return float32
    if high is int8 and low is uint8:
        return int16
    if high.is_complex and low.is_floating_point:
        if low is float64:
            return complex128
        return complex64 if high is complex32 and low is not float16 else high
    return high


_PROMOTIONS = {(a, b): _promote(a, b) for a in ALL for b in ALL}


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype that both can be converted to.

    Raises RuntimeError for the pairs that PyTorch does not promote (float8, uint16 to uint64 with integers).

    >>> promote_types(int32, float16)
    torch.float16
    """
    type1, type2 = meant(type1), meant(type2)
    found = _PROMOTIONS[type1, type2]
    if found is None:
        names = f"attempted to promote {type1.scalar_name} and {type2.scalar_name}"
        if type1.rank == -2 or type2.rank == -2:
            raise RuntimeError(f"Promotion for Float8 Types is not supported, {names}")
        raise RuntimeError(f"Promotion for uint16, uint32, uint64 types is not supported, {names}")
    return found


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether PyTorch's rules allow a conversion within one kind of number or to a wider kind.

    >>> can_cast(float64, float32), can_cast(float32, int64)
    (True, False)
    """
    from_, to = meant(from_), meant(to)
    if from_.is_complex and not to.is_complex:
        return False
    if from_.is_floating_point and not (to.is_floating_point or to.is_complex):
        return False
    return from_ is bool_ or to is not bool_


# mantissa bits (stored), smallest exponent of a normal number, largest finite value, decimal resolution
_FLOAT_FACTS = {
    float16: (10, -14, 65504.0, 1e-3),
    bfloat16: (7, -126, (2 - 2.0**-7) * 2.0**127, 1e-2),
    float32: (23, -126, (2 - 2.0**-23) * 2.0**127, 1e-6),
    float64: (52, -1022, (2 - 2.0**-52) * 2.0**1023, 1e-15),
    float8_e4m3fn: (3, -6, 448.0, 1.0),
    float8_e5m2: (2, -14, 57344.0, 1.0),
    float8_e4m3fnuz: (3, -7, 240.0, 1.0),
    float8_e5m2fnuz: (3, -15, 57344.0, 1.0),  # PyTorch's own figure for eps
    float8_e8m0fnu: (0, -127, 2.0**127, 1.0),
}


class finfo:
    """The numerical properties of a floating dtype: `bits eps max min tiny smallest_normal resolution dtype`.

    Raises TypeError for a dtype that is not floating point or complex.

    >>> finfo(float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, type: dtype | None = None) -> None:
        if type is None:
            from_default = _default_dtype()
            type = from_default
        type = meant(type)
        real = type.to_real() if isinstance(type, dtype) else type
        if real not in _FLOAT_FACTS:
            raise TypeError(
                f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{type!r}'"
                if isinstance(type, dtype)
                else f"finfo(): argument 'type' (position 1) must be torch.dtype, not {type.__class__.__name__}"
            )
        mantissa, exponent, largest, self.resolution = _FLOAT_FACTS[real]
        # PyTorch calls bits the size of the whole element, of both parts for a complex one
        self.bits = type.itemsize * 8 if not type.is_complex else real.itemsize * 8
        self.eps = math.ldexp(1.0, -mantissa)
        self.max = largest
        self.smallest_normal = self.tiny = math.ldexp(1.0, exponent)
        self.min = self.tiny if real is float8_e8m0fnu else -largest
        self.dtype = real.name

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and other.dtype == self.dtype

    def __hash__(self) -> int:
        return hash((finfo, self.dtype))


class iinfo:
    """The numerical properties of an integer dtype: `bits max min dtype`.

    >>> iinfo(int8).min, iinfo(int8).max
    (-128, 127)
    """

    def __init__(self, type: dtype) -> None:
        type = meant(type)
        if not isinstance(type, dtype):
            raise TypeError(f"iinfo(): argument 'type' (position 1) must be torch.dtype, not {type.__class__.__name__}")
        if type is bool_:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if type.is_floating_point or type.is_complex:
            raise TypeError(f"torch.iinfo() requires an integer input type. Use torch.finfo to handle '{type!r}'")
        self.bits = type.itemsize * 8
        self.min = -(2 ** (self.bits - 1)) if type.is_signed else 0
        self.max = 2 ** (self.bits - (1 if type.is_signed else 0)) - 1
        self.dtype = type.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and other.dtype == self.dtype

    def __hash__(self) -> int:
        return hash((iinfo, self.dtype))


finfo.__module__ = iinfo.__module__ = "torch"


def _default_dtype() -> dtype:
    return DEFAULT[0]


# The default dtype lives here, in a cell, so that `config` can set it and dtypes needs no import of config.
DEFAULT: list[dtype] = [float32]
