"""`torch.testing.make_tensor`: tensors of random numbers to test with."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from .. import dtypes
from ..tensor import functions as fn
from ..tensor.tensor import Tensor


def make_tensor(
    *shape: Any,
    dtype: dtypes.dtype,
    device: Any,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of random numbers from `low` up to but not including `high`: -9 to 9, or to 10 for integers.

    noncontiguous: every second element of a larger tensor. exclude_zero: 0 becomes 1, or the smallest normal number.
    Raises ValueError where the interval is empty or the dtype holds nothing of it.
    """
    if len(shape) == 1 and isinstance(shape[0], Sequence):
        shape = tuple(shape[0])
    inexact = dtype.is_floating_point or dtype.is_complex
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got "
            f"noncontiguous={noncontiguous!r} and memory_format={memory_format!r}"
        )
    if requires_grad and not inexact:
        raise ValueError(
            f"`requires_grad=True` is not supported for boolean and integral dtypes, but got dtype={dtype!r}"
        )
    spread = noncontiguous and math.prod(shape) > 1
    if spread:
        shape = (*shape[:-1], 2 * shape[-1])
    low, high = _interval(low, high, dtype)
    result: Any
    if not inexact:
        result = fn.randint(math.ceil(low), math.ceil(high), shape, device=device, dtype=dtype)
    elif dtype in dtypes.FLOAT8:
        result = _uniform(fn.empty(shape, device=device, dtype=dtypes.float32), low, high).to(dtype)
    else:
        result = fn.empty(shape, device=device, dtype=dtype)
        _uniform(fn.view_as_real(result) if dtype.is_complex else result, low, high)
    if spread:
        # begins one element in, so that offsets matter too
        result = result[..., 1::2]
    elif memory_format is not None:
        result = result.clone(memory_format=memory_format)
    if exclude_zero:
        result[result == 0] = dtypes.finfo(dtype).tiny if inexact else 1
    if inexact:
        result.requires_grad = requires_grad
    return result


def _uniform(t: Any, low: float, high: float) -> Any:
    # the width of the interval must be a number of the dtype
    if high - low >= dtypes.finfo(t.dtype).max:
        return t.uniform_(low / 2, high / 2).mul_(2)
    return t.uniform_(low, high)


def _interval(low: float | None, high: float | None, dtype: dtypes.dtype) -> tuple[float, float]:
    """The bounds, within what the dtype holds."""
    inexact = dtype.is_floating_point or dtype.is_complex
    if dtype is dtypes.bool_:
        least, most, usual = 0, 2, (0, 2)
    elif inexact:
        info = dtypes.finfo(dtype)
        least, most, usual = info.min, info.max, (-9, 9)  # type: ignore[assignment]
    else:
        limits = dtypes.iinfo(dtype)
        # randint takes its bounds as int64
        least, most, usual = limits.min, limits.max + (dtype is not dtypes.int64), (-9, 10)
    low, high = usual[0] if low is None else low, usual[1] if high is None else high
    if any(isinstance(x, float) and math.isnan(x) for x in (low, high)):
        raise ValueError(f"`low` and `high` cannot be NaN, but got low={low!r} and high={high!r}")
    if low == high and inexact:
        warnings.warn(
            "Passing `low==high` to `torch.testing.make_tensor` for floating or complex types is deprecated since 2.1 "
            "and will be removed in 2.3. Use `torch.full(...)` instead.",
            FutureWarning,
            stacklevel=3,
        )
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < least or low >= most:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), but {dtype} only supports [{least}, "
            f"{most})"
        )
    return min(max(low, least), most), min(max(high, least), most)
