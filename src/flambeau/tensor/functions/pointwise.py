"""Pointwise functions whose signatures have overloads or options: division, powers, bounds, choice."""

from __future__ import annotations

import warnings
from typing import Any

from ... import dtypes, errors
from ...device import Kind, backend
from ...xp import numpy as xnp
from .. import rows
from ..operands import NUMBERS, number, python_number, result_dtype
from ..public import public, shortcut
from ..recording import rename_node
from ..tensor import KINDS, Tensor, make
from .arguments import mismatch, need_tensor

_MISSING: Any = object()
BOOL = KINDS[dtypes.bool_]


def converted(x: Any, dtype: dtypes.dtype) -> Any:
    """A tensor in another dtype; Python numbers are left alone."""
    return rows.to_copy(x, dtype=dtype) if isinstance(x, Tensor) and x._kind.dtype is not dtype else x


def lifted(x: Any, dtype: dtypes.dtype, like: Kind) -> Tensor:
    """A tensor, or a number as a 0-d tensor, in a dtype."""
    if isinstance(x, Tensor):
        return converted(x, dtype)
    kind = backend(like.device.type).kinds[dtype]
    return make(number(x, kind, kind), kind)


# ---- division --------------------------------------------------------------------------------------------------------


@public(out=True, inplace=True, aliases=("divide",))
def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Elementwise `input / other`, rounded as `rounding_mode` says. Shapes broadcast.

    rounding_mode: None (integers give the default float), "trunc" (towards 0, as C) or "floor" (down, as Python's //).
    Raises RuntimeError where an integer is divided by 0 with a rounding mode.

    >>> div(tensor([7, -7]), 2, rounding_mode="floor")
    tensor([ 3, -4])
    """
    if rounding_mode is None:
        return rows.true_div(input, other)
    if rounding_mode == "floor":
        return rows.div_floor(input, other)
    if rounding_mode == "trunc":
        if isinstance(input, Tensor) and input._kind.half:
            # PyTorch rounds the quotient to the half type before it cuts it off
            return rows.trunc(rows.true_div(input, other))
        return rows.div_trunc(input, other)
    raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")


@public(out=True, inplace=True)
def true_divide(input: Tensor, other: Any) -> Tensor:
    """Elementwise `input / other`; the same as `div` without rounding."""
    return rows.true_div(input, other)


# ---- powers ----------------------------------------------------------------------------------------------------------


@public(name="pow", out=True, inplace=True)
def pow_(input: Any, exponent: Any) -> Tensor:
    """Elementwise `input ** exponent`, each a tensor or, one of them, a number. Shapes broadcast.

    Raises RuntimeError for integers to the power of a negative number.

    >>> pow(tensor([1., 2., 3.]), 2)
    tensor([1., 4., 9.])
    """
    if isinstance(exponent, xnp.generic) or isinstance(input, xnp.generic):
        input, exponent = python_number(input), python_number(exponent)
    if isinstance(exponent, Tensor):
        if isinstance(input, Tensor):
            return rows.pow_tensor(input, exponent)
        if isinstance(input, NUMBERS):
            return rename_node(rows.pow_tensor(input, exponent), "PowBackward2")
    elif isinstance(input, Tensor) and isinstance(exponent, NUMBERS):
        dtype = input._kind.dtype
        if dtype is dtypes.bool_ and type(exponent) is bool:
            # the powers 0 and 1 need no multiplication, which bools have not
            return rows.clone(input) if exponent else rows.logical_or(input, rows.logical_not(input))
        if not dtype.is_floating_point or type(exponent) is complex:
            dtype = result_dtype((input, exponent))
            if exponent.__class__ is int and exponent < 0 and not (dtype.is_floating_point or dtype.is_complex):
                raise RuntimeError(
                    "Integers to negative integer powers are not allowed.\n"
                    "  The results would be fractions; convert the tensor first: x.to(torch.float32) ** exponent."
                )
            input = converted(input, dtype)
        return rows.pow_scalar(input, exponent)
    raise mismatch(
        "pow",
        (input, exponent),
        " * (Tensor input, Tensor exponent, *, Tensor out = None)\n"
        " * (Number self, Tensor exponent, *, Tensor out = None)\n"
        " * (Tensor input, Number exponent, *, Tensor out = None)",
    )


@public(out=True)
def float_power(input: Any, exponent: Any) -> Tensor:
    """Elementwise `input ** exponent` in float64, or in complex128 where either is complex."""
    dtype = dtypes.complex128 if any(_is_complex(x) for x in (input, exponent)) else dtypes.float64
    return pow_(converted(input, dtype), converted(exponent, dtype))


def _is_complex(x: Any) -> bool:
    return x._kind.dtype.is_complex if isinstance(x, Tensor) else type(x) is complex


# ---- bounds ----------------------------------------------------------------------------------------------------------


@public(out=True, inplace=True, aliases=("clip",))
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Elementwise `input`, but not below `min` and not above `max`: numbers, tensors that broadcast, or None.

    Where `min` is above `max`, the result is `max`. At a bound the gradient is that of the input.

    >>> clamp(tensor([-1.5, 0.5, 2.5]), min=-1, max=1)
    tensor([-1.0000,  0.5000,  1.0000])
    """
    number_or_none = (*NUMBERS, type(None))
    if isinstance(input, Tensor) and isinstance(min, number_or_none) and isinstance(max, number_or_none):
        if min is None and max is None:
            raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
        input = _widened_for(input, min, max)
        return rows.clamp_numbers(input, min=_bound(min, input), max=_bound(max, input))
    tensor_or_none = (Tensor, type(None))
    if isinstance(input, Tensor) and isinstance(min, tensor_or_none) and isinstance(max, tensor_or_none):
        return rows.clamp_tensors(input, min, max)
    given = tuple(x for x in (input, min, max) if x is not None)
    raise mismatch(
        "clamp",
        given,
        " * (Tensor input, Tensor min = None, Tensor max = None, *, Tensor out = None)\n"
        " * (Tensor input, Number min = None, Number max = None, *, Tensor out = None)",
    )


def _widened_for(input: Tensor, *bounds: Any) -> Tensor:
    """`input` in the dtype that its result type with the bounds is."""
    if input._kind.dtype.is_floating_point:
        return input
    return converted(input, result_dtype([input, *[b for b in bounds if b is not None]]))


def _bound(value: Any, input: Tensor) -> Any:
    """A bound in the dtype of `input`; integers wrap around as in C."""
    if type(value) is complex:
        raise NotImplementedError("clamp is not supported for complex types")
    if value is None or input._kind.dtype.is_floating_point:
        return python_number(value)
    return number(value, input._kind, input._kind)


def _clamp_one(row: Any, input: Tensor, name: str, value: Any) -> Tensor:
    input = _widened_for(input, value)
    return row(input, **{name: _bound(value, input)})


@public(out=True, inplace=True)
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """Elementwise `input`, but not below `min`, a number or a tensor."""
    if not isinstance(input, Tensor) or not isinstance(min, (Tensor, *NUMBERS)):
        raise mismatch(
            "clamp_min",
            (input, min),
            " * (Tensor input, Tensor min, *, Tensor out = None)\n * (Tensor input, Number min, *, Tensor out = None)",
        )
    if isinstance(min, Tensor):
        return rows.clamp_tensors(input, min, None)
    return _clamp_one(rows.clamp_min_number, input, "min", min)


@public(out=True, inplace=True)
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """Elementwise `input`, but not above `max`, a number or a tensor."""
    if not isinstance(input, Tensor) or not isinstance(max, (Tensor, *NUMBERS)):
        raise mismatch(
            "clamp_max",
            (input, max),
            " * (Tensor input, Tensor max, *, Tensor out = None)\n * (Tensor input, Number max, *, Tensor out = None)",
        )
    if isinstance(max, Tensor):
        return rows.clamp_tensors(input, None, max)
    return _clamp_one(rows.clamp_max_number, input, "max", max)


# ---- choice ----------------------------------------------------------------------------------------------------------


@public(method=False, out=True)
def where(condition: Tensor, input: Any = _MISSING, other: Any = _MISSING) -> Any:
    """`input` where the condition holds, else `other`: tensors or numbers that broadcast. No two of them: `nonzero`.

    >>> where(tensor([True, False]), tensor([1., 2.]), 0)
    tensor([1., 0.])
    """
    if isinstance(condition, Tensor):
        if input is _MISSING and other is _MISSING:
            return condition.nonzero(as_tuple=True)
        operand = (Tensor, *NUMBERS)
        if isinstance(input, operand) and isinstance(other, operand):
            return _choose(condition, input, other)
    raise mismatch(
        "where",
        tuple(x for x in (condition, input, other) if x is not _MISSING),
        " * (Tensor condition)\n * (Tensor condition, Tensor input, Tensor other, *, Tensor out = None)\n"
        " * (Tensor condition, Number self, Tensor other)\n * (Tensor condition, Tensor input, Number other)\n"
        " * (Tensor condition, Number self, Number other)",
    )


@shortcut("where", method=False)
def _short_where(general: Any) -> Any:
    """Two tensors of one kind: no common dtype need be found."""

    def called(condition: Any, input: Any = _MISSING, other: Any = _MISSING, **rest: Any) -> Any:
        same = type(condition) is type(input) is type(other) is Tensor and input._kind is other._kind
        if same and condition._kind is BOOL and not rest:
            return rows.where_same(condition, input, other)
        return general(*[x for x in (condition, input, other) if x is not _MISSING], **rest)

    return called


@public(name="where", function=False)
def where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """`self` where the condition holds, else `other`, a tensor or a number."""
    return where(condition, self, other)


def warn_byte_condition() -> None:
    warnings.warn(
        "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version "
        "of PyTorch. Use a boolean condition instead.",
        stacklevel=5,
    )


def _choose(condition: Tensor, input: Any, other: Any) -> Tensor:
    kind = condition._kind
    if kind.dtype is not dtypes.bool_:
        if kind.dtype is not dtypes.uint8:
            raise RuntimeError(
                f"where expected condition to be a boolean tensor, but got a tensor with dtype {kind.dtype.scalar_name}"
            )
        warn_byte_condition()
        condition = converted(condition, dtypes.bool_)
    dtype = result_dtype((input, other))
    return rows.where_same(condition, lifted(input, dtype, kind), lifted(other, dtype, kind))


@public(out=True, inplace=True)
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 where `input` is below 0, 1 above, and `values` at 0. Shapes broadcast; the dtypes must be equal.

    >>> heaviside(tensor([-1.5, 0., 2.]), tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    """
    need_tensor("heaviside", "input", 1, input)
    need_tensor("heaviside", "values", 2, values)
    complexes = input._kind.dtype.is_complex or values._kind.dtype.is_complex
    if input._kind.dtype is not values._kind.dtype and not complexes:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
    return rows.heaviside(input, values)


# ---- between, and near -----------------------------------------------------------------------------------------------


@public(out=True, inplace=True)
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Elementwise `input + weight * (end - input)`; weight is a number or a tensor. Shapes broadcast.

    Raises RuntimeError where the dtypes differ.

    >>> lerp(tensor([0., 10.]), tensor([1., 20.]), 0.5)
    tensor([ 0.5000, 15.0000])
    """
    need_tensor("lerp", "input", 1, input)
    need_tensor("lerp", "end", 2, end)
    dtype = input._kind.dtype
    for name, x in (("end", end), ("weight", weight)):
        if isinstance(x, Tensor) and x._kind.dtype is not dtype and not (name == "weight" and x._array.ndim == 0):
            raise RuntimeError(
                f"expected dtype {errors.c_name(dtype)} for `{name}` but got dtype {errors.c_name(x._kind.dtype)}"
            )
    if isinstance(weight, Tensor):
        return rows.lerp_tensor(input, end, converted(weight, dtype))
    return rows.lerp_number(input, end, weight)


@public()
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where `abs(input - other) <= atol + rtol * abs(other)`. Shapes broadcast; the dtypes must be equal.

    >>> isclose(tensor([1., 2.]), tensor([1.000001, 2.1]))
    tensor([ True, False])
    """
    need_tensor("isclose", "input", 1, input)
    need_tensor("isclose", "other", 2, other)
    mine, others = input._kind.dtype, other._kind.dtype
    if mine is not others:
        raise RuntimeError(f"{mine.scalar_name} did not match {others.scalar_name}")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not value >= 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {value:g}")
    return rows.isclose(input, other, rtol, atol, equal_nan)


@public()
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose` says."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


@public()
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one shape and equal elements.

    >>> equal(tensor([1, 2]), tensor([1, 2]))
    True
    """
    need_tensor("equal", "input", 1, input)
    need_tensor("equal", "other", 2, other)
    if input._array.shape != other._array.shape:
        return False
    return bool(rows.eq(input, other)._array.all())


@public()
def is_nonzero(input: Tensor) -> bool:
    """Whether a tensor of one element is not 0. Raises RuntimeError for several elements, or none."""
    need_tensor("is_nonzero", "input", 1, input)
    if input._array.size != 1:
        few = "no values" if input._array.size == 0 else "more than one value"
        raise RuntimeError(f"Boolean value of Tensor with {few} is ambiguous")
    return bool(input._array.reshape(())[()])


# ---- options of rounding, signs, neighbours --------------------------------------------------------------------------


@public(name="round", out=True, inplace=True)
def round_(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Elementwise nearest value with so many decimals; halves go to the even neighbour.

    >>> round(tensor([0.5, 1.5, -2.7]))
    tensor([ 0.,  2., -3.])
    """
    return rows.round(input) if decimals == 0 else rows.round_decimals(input, decimals=decimals)


@public()
def positive(input: Tensor) -> Tensor:
    """The tensor itself. Raises RuntimeError for bools, which have no sign."""
    if input._kind.dtype is dtypes.bool_:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


@public(out=True, inplace=True)
def nextafter(input: Tensor, other: Tensor) -> Tensor:
    """Elementwise next representable number from `input` towards `other`. Shapes broadcast."""
    need_tensor("nextafter", "input", 1, input)
    need_tensor("nextafter", "other", 2, other)
    dtype = result_dtype((input, other))
    if not dtype.is_floating_point:
        raise NotImplementedError(f"\"nextafter_cpu\" not implemented for '{dtype.scalar_name}'")
    return rows.next_number(converted(input, dtype), converted(other, dtype))


@public(out=True, inplace=True)
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Elementwise `input`, with numbers in place of nan (0) and the infinities (the dtype's largest finite numbers).

    >>> nan_to_num(tensor([nan, 1.]))
    tensor([0., 1.])
    """
    if input._kind.half:
        limits = dtypes.finfo(input._kind.dtype)
        posinf = limits.max if posinf is None else posinf
        neginf = limits.min if neginf is None else neginf
    return rows.nan_to_num(input, nan=nan, posinf=posinf, neginf=neginf)


@public(out=True)
def frexp(input: Tensor) -> Any:
    """Mantissas of size 0.5 to 1, and int32 exponents of 2 that they are to be multiplied by: (mantissa, exponent)."""
    if not input._kind.dtype.is_floating_point:
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    return rows.frexp(input)


# ---- deprecated argument orders --------------------------------------------------------------------------------------


def _with_value(name: str, input: Tensor, arguments: tuple, tensor1: Any, tensor2: Any, value: Any) -> Tensor:
    """addcmul and addcdiv: the factor was once the second argument."""
    names = ("tensor1", "tensor2")
    if len(arguments) == 3 and not isinstance(arguments[0], Tensor):
        value, *arguments = arguments  # type: ignore[assignment]
    elif len(arguments) > 2:
        raise TypeError(f"{name}() takes 3 positional arguments but {len(arguments) + 1} were given")
    given = [*arguments, *[x for x in (tensor1, tensor2) if x is not None]]
    if len(given) < 2:
        raise TypeError(f'{name}() missing {2 - len(given)} required positional arguments: "{names[len(given)]}"')
    for i, x in enumerate(given):
        need_tensor(name, names[i], i + 2, x)
    return getattr(rows, name)(input, given[0], given[1], value=value)


@public(out=True, inplace=True)
def addcmul(input: Tensor, *tensors: Any, tensor1: Any = None, tensor2: Any = None, value: Any = 1) -> Tensor:
    """Elementwise `input + value * tensor1 * tensor2`. Shapes broadcast.

    >>> addcmul(tensor([1., 1.]), tensor([1., 2.]), tensor([3., 4.]), value=0.5)
    tensor([2.5000, 5.0000])
    """
    return _with_value("addcmul", input, tensors, tensor1, tensor2, value)


@public(out=True, inplace=True)
def addcdiv(input: Tensor, *tensors: Any, tensor1: Any = None, tensor2: Any = None, value: Any = 1) -> Tensor:
    """Elementwise `input + value * tensor1 / tensor2`, of floating point numbers. Shapes broadcast.

    >>> addcdiv(tensor([1., 1.]), tensor([1., 2.]), tensor([4., 4.]), value=2)
    tensor([1.5000, 2.0000])
    """
    return _with_value("addcdiv", input, tensors, tensor1, tensor2, value)
