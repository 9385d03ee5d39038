"""`torch.testing.assert_close`: are values equal, up to rounding? If not, the error says where they differ most.

Values may be numbers, tensors and what makes tensors, and sequences and mappings of them. A comparison has two passes,
as in PyTorch: the first finds the pairs, and complains of what has no counterpart; the second compares them.
"""

from __future__ import annotations

import cmath
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..storage import strided
from ..tensor import functions as fn
from ..tensor.tensor import Tensor

# dtype -> (rtol, atol); others are compared exactly
TOLERANCES = {
    dtypes.float16: (0.001, 1e-5),
    dtypes.bfloat16: (0.016, 1e-5),
    dtypes.float32: (1.3e-6, 1e-5),
    dtypes.float64: (1e-7, 1e-7),
    dtypes.complex64: (1.3e-6, 1e-5),
    dtypes.complex128: (1e-7, 1e-7),
}
NUMBERS = {int: dtypes.int64, float: dtypes.float64, complex: dtypes.complex128}
WIDE_UNSIGNED = (dtypes.uint16, dtypes.uint32, dtypes.uint64)


class Mismatch(Exception):
    """What is wrong with one pair, and where in the nested values it stands."""

    def __init__(self, error: type[Exception], text: str, path: tuple) -> None:
        super().__init__(text)
        self.error = error
        self.text = text
        self.path = path

    def as_error(self, msg: str | Callable[[str], str] | None = None) -> Exception:
        """The exception for users: with `msg` as its text, or with what `msg` makes of the text."""
        if isinstance(msg, str):
            return self.error(msg)
        text = self.text
        if self.path:
            text += f"\n\nThe failure occurred for item {''.join(str([step]) for step in self.path)}"
        return self.error(msg(text) if callable(msg) else text)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise AssertionError unless `|actual - expected| <= atol + rtol * |expected|` everywhere.

    rtol, atol: both or neither; by default what rounding in the dtype explains. Shapes must agree, and dtypes, devices
    and layouts unless said otherwise. msg: the error's text, or a function that makes it of the text.

    >>> assert_close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-7]))
    """
    # pytest leaves this frame out
    __tracebackhide__ = True
    options = {
        "allow_subclasses": allow_subclasses, "rtol": rtol, "atol": atol, "equal_nan": equal_nan,
        "check_device": check_device, "check_dtype": check_dtype, "check_layout": check_layout,
        "check_stride": check_stride,
    }  # fmt: skip
    try:
        comparisons = list(_pairs(actual, expected, (), options))
    except Mismatch as found:
        raise found.as_error() from None
    for compare in comparisons:
        try:
            compare()
        except Mismatch as found:
            raise found.as_error(msg) from None


def _pairs(actual: Any, expected: Any, path: tuple, options: dict) -> list[Callable[[], None]]:
    """The comparisons of all pairs in nested values."""
    if _is_sequence(actual) and _is_sequence(expected):
        if len(actual) != len(expected):
            text = f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            raise Mismatch(AssertionError, text, path)
        return [c for i in range(len(actual)) for c in _pairs(actual[i], expected[i], (*path, i), options)]
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        ours, theirs = set(actual.keys()), set(expected.keys())
        if ours != theirs:
            raise Mismatch(
                AssertionError,
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {sorted(theirs - ours)}\n"
                f"Additional keys in the actual mapping: {sorted(ours - theirs)}",
                path,
            )
        keys: Any = ours
        with contextlib.suppress(Exception):
            keys = sorted(keys)
        return [c for key in keys for c in _pairs(actual[key], expected[key], (*path, key), options)]
    return [_pair(actual, expected, path, options)]


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _pair(actual: Any, expected: Any, path: tuple, options: dict) -> Callable[[], None]:
    if actual is None or expected is None:
        return lambda: _compare_none(actual, expected, path)
    if isinstance(actual, (bool, np.bool_)) and isinstance(expected, (bool, np.bool_)):
        return lambda: _compare_bools(bool(actual), bool(expected), path)
    if isinstance(actual, (int, float, complex, np.number)) and isinstance(expected, (int, float, complex, np.number)):
        return _number_pair(_as_number(actual), _as_number(expected), path, options)
    related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
    if related and (options["allow_subclasses"] or type(actual) is type(expected)):
        with contextlib.suppress(Exception):
            pair = [x if isinstance(x, Tensor) else fn.as_tensor(x) for x in (actual, expected)]
            return _tensor_pair(*pair, path, options)  # type: ignore[arg-type, call-arg]
    text = f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
    raise Mismatch(TypeError, text, path)


# ---- None, bools, numbers --------------------------------------------------------------------------------------------


def _compare_none(actual: Any, expected: Any, path: tuple) -> None:
    if not (actual is None and expected is None):
        raise Mismatch(AssertionError, f"None mismatch: {actual} is not {expected}", path)


def _compare_bools(actual: bool, expected: bool, path: tuple) -> None:
    if actual is not expected:
        raise Mismatch(AssertionError, f"Booleans mismatch: {actual} is not {expected}", path)


def _as_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.number) else value


def _tolerances(given: list[dtypes.dtype], path: tuple, options: dict) -> tuple[float, float]:
    rtol, atol = options["rtol"], options["atol"]
    if (rtol is None) != (atol is None):
        raise Mismatch(
            ValueError,
            "Both 'rtol' and 'atol' must be either specified or omitted, but got no "
            f"{'rtol' if rtol is None else 'atol'}.",
            path,
        )
    if rtol is not None and atol is not None:
        return rtol, atol
    found = [TOLERANCES.get(d, (0.0, 0.0)) for d in given]
    return max(r for r, _ in found), max(a for _, a in found)


def _number_pair(actual: Any, expected: Any, path: tuple, options: dict) -> Callable[[], None]:
    kinds = [NUMBERS[next(t for t in (type(x), int, float, complex) if t in NUMBERS)] for x in (actual, expected)]
    rtol, atol = _tolerances(kinds, path, options)

    def compare() -> None:
        if options["check_dtype"] and type(actual) is not type(expected):
            text = f"The (d)types do not match: {type(actual)} != {type(expected)}."
            raise Mismatch(AssertionError, text, path)
        if actual == expected or (options["equal_nan"] and cmath.isnan(actual) and cmath.isnan(expected)):
            return
        difference = abs(actual - expected)
        if not (cmath.isfinite(difference) and difference <= atol + rtol * abs(expected)):
            raise Mismatch(AssertionError, _scalars_differ(actual, expected, rtol, atol), path)

    return compare


# ---- tensors ---------------------------------------------------------------------------------------------------------


def _tensor_pair(actual: Tensor, expected: Tensor, path: tuple, options: dict) -> Callable[[], None]:
    try:
        rtol, atol = _tolerances([actual.dtype, expected.dtype], path, options)
    except Mismatch as found:
        failed = found

        def complain() -> None:
            raise failed

        return complain

    def compare() -> None:
        _compare_attributes(actual, expected, path, options)
        if "meta" in (actual.device.type, expected.device.type):
            return
        a, b = _in_common_dtype(actual, expected)
        with np.errstate(all="ignore"):
            matches = fn.isclose(a, b, rtol=rtol, atol=atol, equal_nan=options["equal_nan"])
        if bool(matches.all()):
            return
        if not a.shape:
            text = _scalars_differ(a.item(), b.item(), rtol, atol)
        else:
            text = _tensors_differ(a.detach(), b.detach(), matches, rtol, atol)
        raise Mismatch(AssertionError, text, path)

    return compare


def _compare_attributes(actual: Tensor, expected: Tensor, path: tuple, options: dict) -> None:
    def check(name: str, ours: Any, theirs: Any) -> None:
        if ours != theirs:
            text = f"The values for attribute '{name}' do not match: {ours} != {theirs}."
            raise Mismatch(AssertionError, text, path)

    check("shape", actual.shape, expected.shape)
    if actual.layout != expected.layout:
        if options["check_layout"]:
            check("layout", actual.layout, expected.layout)
    elif actual.layout == strided and options["check_stride"]:
        check("stride()", actual.stride(), expected.stride())
    if options["check_device"]:
        check("device", actual.device, expected.device)
    if options["check_dtype"]:
        check("dtype", actual.dtype, expected.dtype)


def _in_common_dtype(actual: Tensor, expected: Tensor) -> tuple[Tensor, Tensor]:
    if actual.layout != expected.layout:
        actual, expected = (t if t.layout == strided else t.to_dense() for t in (actual, expected))
    if actual.dtype is expected.dtype:
        return actual, expected
    # PyTorch promotes the wider unsigned integers with nothing
    kinds = [dtypes.int64 if t.dtype in WIDE_UNSIGNED else t.dtype for t in (actual, expected)]
    dtype = dtypes.promote_types(*kinds)
    return actual.to(dtype), expected.to(dtype)


# ---- what to say -----------------------------------------------------------------------------------------------------


def _scalars_differ(actual: Any, expected: Any, rtol: float, atol: float) -> str:
    difference = abs(actual - expected)
    relative = float("inf") if expected == 0 else difference / abs(expected)
    lines = [f"Expected {expected} but got {actual}."]
    for name, value, allowed in (("Absolute", difference, atol), ("Relative", relative, rtol)):
        lines.append(f"{name} difference: {value}{_allowed(allowed, rtol, atol)}")
    return _under("Scalars", lines, rtol, atol)


def _tensors_differ(actual: Tensor, expected: Tensor, matches: Tensor, rtol: float, atol: float) -> str:
    count = matches.numel()
    wrong = count - int(matches.sum())
    lines = [f"Mismatched elements: {wrong} / {count} ({wrong / count:.1%})"]
    if actual.dtype in dtypes.FLOAT8:
        first = tuple((~matches).nonzero()[0].tolist())
        return "\n".join(
            ["Tensor-likes are not 'equal'!\n", *lines, f"The first mismatched element is at index {first}."]
        )
    a, b, fine = actual.flatten(), expected.flatten(), matches.flatten()
    if not (a.dtype.is_floating_point or a.dtype.is_complex):
        a, b = a.to(dtypes.int64), b.to(dtypes.int64)
    difference = (a - b).abs()
    difference[fine] = 0
    relative = difference / b.abs()
    relative[fine] = 0
    for name, values, allowed in (("absolute", difference, atol), ("relative", relative, rtol)):
        value, place = fn.max(values, 0)
        index = tuple(int(i) for i in np.unravel_index(int(place), tuple(matches.shape)))
        lines.append(f"Greatest {name} difference: {value.item()} at index {index}{_allowed(allowed, rtol, atol)}")
    return _under("Tensor-likes", lines, rtol, atol)


def _allowed(tolerance: float, rtol: float, atol: float) -> str:
    return "" if rtol == 0 and atol == 0 else f" (up to {tolerance} allowed)"


def _under(what: str, lines: list[str], rtol: float, atol: float) -> str:
    return "\n".join([f"{what} are not {'equal' if rtol == 0 and atol == 0 else 'close'}!\n", *lines])
