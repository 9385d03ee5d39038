"""Ranges of numbers: `arange`, `range`, `linspace`, `logspace`, in PyTorch's arithmetic to the last digit."""

from __future__ import annotations

from math import inf
from typing import Any

from ... import config, dtypes, errors
from ...device import Kind
from ...storage import check_size
from ...xp import numpy as xnp
from ..operands import python_number, type_name
from ..public import public
from ..tensor import CPU, Tensor
from .allocation import finish, kind_for


@public(method=False)
def arange(*bounds: Any, start: Any = None, end: Any = None, step: Any = None, out: Any = None, dtype: Any = None,
           layout: Any = None, device: Any = None, pin_memory: bool = False,
           requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The numbers from `start` (0) up to but not including `end`, `step` (1) apart; int64 where all are ints.

    >>> arange(1, 4)
    tensor([1, 2, 3])
    """
    first, last, by = 0 if start is None else start, end, 1 if step is None else step
    if len(bounds) == 1:
        if end is not None:
            first = bounds[0]
        elif start is not None:
            raise TypeError("arange(): end is missing")
        else:
            last = bounds[0]
    elif len(bounds) >= 2:
        first, last = bounds[:2]
        if len(bounds) == 3:
            by = bounds[2]
    if last is None:
        raise TypeError("arange() received an invalid combination of arguments: the end is missing")
    first, last, by = (x.item() if isinstance(x, Tensor) else python_number(x) for x in (first, last, by))
    if dtype is None:
        dtype = (
            out.dtype
            if out is not None
            else dtypes.int64
            if all(isinstance(x, int) for x in (first, last, by))
            else None
        )
    kind = kind_for(dtype, device)
    for x in (first, last, by):
        if not isinstance(x, (int, float)):
            raise TypeError(f"arange(): argument must be Number, not {type_name(x)}")
    if by == 0:
        raise RuntimeError("step must be nonzero")
    if last != last or first != first or abs(first) == inf or abs(last) == inf:
        raise RuntimeError(f"unsupported range: {first} -> {last}")
    if (last - first) * (1 if by > 0 else -1) < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    return finish(range_array(first, last, by, kind), kind, requires_grad, out, "arange")


def range_array(first: Any, last: Any, by: Any, kind: Kind) -> Any:
    """`first + i * by`, computed in double precision and rounded once, as PyTorch does."""
    if not (kind.dtype.is_floating_point or kind.dtype.is_complex):
        exact = first, last, by
        first, last, by = int(first), int(last), int(by)
        if by == 0:
            raise ValueError("step must be nonzero")
        # PyTorch counts in int64, but for narrower integers in double precision, before it cuts the numbers off
        narrow = kind.dtype is not dtypes.int64
        count = max(ceil_quotient(exact[1] - exact[0], exact[2]) if narrow else -((first - last) // by), 0)
    else:
        count = ceil_quotient(last - first, by)
    check_size((count,), kind.native.itemsize)
    if kind.xp is not xnp:
        return kind.xp.empty((count,), dtype=kind.native)
    if not kind.dtype.is_floating_point:
        # counted in int64, since the step may be negative where the dtype has no sign
        whole = kind.native if kind.dtype in (dtypes.int64, dtypes.uint64) else xnp.int64
        return xnp.arange(first, first + count * by, by, dtype=whole).astype(kind.native, copy=False)
    steps = xnp.arange(count, dtype=xnp.float64)
    if by != 1:
        steps *= by
    if first:
        steps += first
    return steps.astype(kind.native)


def ceil_quotient(a: float, b: float) -> int:
    """The quotient rounded up."""
    q = a / b
    whole = int(q)
    return whole + (whole < q)


@public(method=False)
def range(start: Any = 0, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None, layout: Any = None,
          device: Any = None, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The numbers from `start` to `end`, both included; deprecated in favour of `arange`."""
    errors.warn_range()
    if end is None:
        start, end = 0, start
    kind = kind_for(dtype if out is None else out.dtype, device)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * (1 if step > 0 else -1) < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = int((end - start) / step) + 1
    array = (start + xnp.arange(count, dtype=xnp.float64) * step).astype(kind.native)
    return finish(array, kind, requires_grad, out, "range")


def _end_points(name: str, start: Any, end: Any, steps: Any) -> tuple[Any, Any, int]:
    start, end = (x.item() if isinstance(x, Tensor) else x for x in (start, end))
    steps = steps.__index__() if hasattr(steps, "__index__") else steps
    if not isinstance(steps, int):
        raise TypeError(f"{name}(): argument 'steps' (position 3) must be int, not {type_name(steps)}")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return start, end, steps


@public(method=False)
def linspace(start: Any, end: Any, steps: int, *, out: Any = None, dtype: Any = None, layout: Any = None,
             device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`steps` numbers from `start` to `end`, evenly spaced, both included."""
    start, end, steps = _end_points("linspace", start, end, steps)
    if dtype is None and out is None and (isinstance(start, complex) or isinstance(end, complex)):
        dtype = config.default_dtype().to_complex()
    kind = kind_for(dtype if out is None else out.dtype, device)
    return finish(spaced(start, end, steps, kind), kind, requires_grad, out, "linspace")


def spaced(start: Any, end: Any, steps: int, kind: Kind) -> Any:
    """Evenly spaced numbers in PyTorch's arithmetic: the first half counts up from the start, the other down."""
    check_size((steps,), kind.native.itemsize)
    if kind.xp is not xnp:
        return kind.xp.empty((steps,), dtype=kind.native)
    if steps <= 1:
        return xnp.full(steps, start).astype(kind.native)
    exact = kind.wide.native
    index = xnp.arange(steps)
    if not (kind.dtype.is_floating_point or kind.dtype.is_complex):
        # the step is a C float where the numbers are integers
        step = xnp.float32.type(float(int(end) - int(start)) / (steps - 1))
        up = xnp.trunc(xnp.float32.type(int(start)) + step * index.astype(xnp.float32)).astype(kind.native)
        down = xnp.trunc(xnp.float32.type(int(end)) - step * (steps - 1 - index).astype(xnp.float32)).astype(
            kind.native
        )
        return xnp.where(index < steps // 2, up, down)
    first, last = exact.type(start), exact.type(end)
    step = (last - first) / exact.type(steps - 1)
    # multiplied and added at once, as the processor does it for PyTorch: rounded once
    wide = xnp.complex128 if kind.dtype.is_complex else xnp.float64
    up = wide.type(first) + wide.type(step) * index
    down = wide.type(last) - wide.type(step) * (steps - 1 - index)
    return xnp.where(index < steps // 2, up, down).astype(kind.native)


@public(method=False)
def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, out: Any = None, dtype: Any = None,
             layout: Any = None, device: Any = None, pin_memory: bool = False,
             requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`base` to the power of `steps` evenly spaced numbers from `start` to `end`."""
    start, end, steps = _end_points("logspace", start, end, steps)
    kind = kind_for(dtype if out is None else out.dtype, device)
    wide = kind.wide if kind.dtype.is_floating_point or kind.dtype.is_complex else CPU.kinds[dtypes.float64]
    if kind.xp is not xnp:
        return finish(kind.xp.empty((steps,), dtype=kind.native), kind, requires_grad, out, "logspace")
    if wide.dtype is kind.wide.dtype or steps < 2:
        powers = xnp.run(xnp.pow, wide.native.type(base), spaced(start, end, steps, wide))
    else:
        powers = _whole_powers(int(start), int(end), steps, int(base))
    return finish(powers.astype(kind.native), kind, requires_grad, out, "logspace")


def _whole_powers(start: int, end: int, steps: int, base: int) -> Any:
    """PyTorch's arithmetic for `logspace` in integers: whole ends and base, a step in float32."""
    step = xnp.float32.type((end - start) / (steps - 1))
    index = xnp.arange(steps)
    up = xnp.float32.type(start) + step * index.astype(xnp.float32)
    down = xnp.float32.type(end) - step * (steps - 1 - index).astype(xnp.float32)
    return xnp.run(xnp.pow, xnp.float64.type(base), xnp.where(index < steps // 2, up, down).astype(xnp.float64))
