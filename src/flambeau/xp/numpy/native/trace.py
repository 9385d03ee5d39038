"""Fusing elementwise expressions: a function of an array namespace becomes one native loop.

The function is run once on symbols, which write down what is done to them. What it returns is computed for every
element in one pass over memory, where NumPy would make one for each operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Untraceable(Exception):
    """The function does something that is not elementwise, or that native code lacks."""


class Symbol:
    """A value of the loop's body: a name, whether it is a truth value, and the loop that it belongs to."""

    __slots__ = ("name", "bit", "loop")
    # a symbol is not to be compared by accident, as `in` does
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str, bit: bool, loop: Loop) -> None:
        self.name, self.bit, self.loop = name, bit, loop

    @property
    def dtype(self) -> Any:
        return bool if self.bit else float

    def __bool__(self) -> bool:
        raise Untraceable("a branch on a value")

    def __invert__(self) -> Symbol:
        return self.loop.bit(f"not {self.name}")

    def __neg__(self) -> Symbol:
        return self.loop.real(f"-{self.loop.text(self)}")

    def __abs__(self) -> Symbol:
        return self.loop.real(f"abs({self.loop.text(self)})")


def _operators() -> None:
    def binary(sign: str, bit: bool) -> tuple[Callable, Callable]:
        def combine(x: Any, y: Any, loop: Loop) -> Symbol:
            if sign in ("and", "or"):
                return loop.bit(f"{loop.truth(x)} {sign} {loop.truth(y)}")
            return (loop.bit if bit else loop.real)(f"{loop.text(x)} {sign} {loop.text(y)}")

        return lambda x, y: combine(x, y, x.loop), lambda y, x: combine(x, y, y.loop)

    for name, sign in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")):
        forward, swapped = binary(sign, False)
        setattr(Symbol, f"__{name}__", forward)
        setattr(Symbol, f"__r{name}__", swapped)
    for name, sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!="),
                       ("and", "and"), ("or", "or")):  # fmt: skip
        setattr(Symbol, f"__{name}__", binary(sign, True)[0])


_operators()

# functions that the kernels' language has under the same name, of one real number
CURVES = ("exp", "erf", "tanh", "sigmoid", "expm1", "sqrt", "abs")
_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip


class Loop:
    """The namespace of symbols, and the body of the loop that it has written. Memory offered as `out` is not used."""

    float32 = float64 = float
    fuse = None

    def __init__(self) -> None:
        self.lines: list[str] = []

    # ---- writing -----------------------------------------------------------------------------------------------------

    def _new(self, text: str, bit: bool) -> Symbol:
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return Symbol(name, bit, self)

    def real(self, text: str) -> Symbol:
        return self._new(text, False)

    def bit(self, text: str) -> Symbol:
        return self._new(text, True)

    def text(self, value: Any) -> str:
        """A value as a real number."""
        if isinstance(value, Symbol):
            return f"real({value.name})" if value.bit else value.name
        if isinstance(value, bool | int | float):
            number = float(value)
            if number != number or number in (float("inf"), -float("inf")):
                raise Untraceable("a number that is not finite")
            return f"({number!r})" if number < 0 else repr(number)
        raise Untraceable(type(value).__name__)

    def truth(self, value: Any) -> str:
        if isinstance(value, Symbol) and value.bit:
            return value.name
        raise Untraceable("a number as a truth value")

    # ---- functions ---------------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Callable:
        if name in CURVES:
            return lambda x, out=None: self.real(f"{name}({self.text(x)})")
        if name in _SIGNS:
            sign = _SIGNS[name]
            make = self.bit if sign[0] in "<>=!" else self.real
            return lambda x, y, out=None: make(f"{self.text(x)} {sign} {self.text(y)}")
        if name in ("maximum", "minimum"):
            return lambda x, y, out=None: self.real(f"{name}({self.text(x)}, {self.text(y)})")
        raise Untraceable(name)

    def square(self, x: Any, out: Any = None) -> Symbol:
        return self.real(f"{self.text(x)} * {self.text(x)}")

    def negative(self, x: Any, out: Any = None) -> Symbol:
        return self.real(f"-{self.text(x)}")

    def positive(self, x: Any, out: Any = None) -> Symbol:
        return self.real(self.text(x))

    def where(self, condition: Any, x: Any, y: Any) -> Symbol:
        return self.real(f"{self.text(x)} if {self.truth(condition)} else {self.text(y)}")

    def logical_not(self, x: Any) -> Symbol:
        return self.bit(f"not {self.truth(x)}")

    def isnan(self, x: Any) -> Symbol:
        return self.bit(f"{self.text(x)} != {self.text(x)}")

    def astype(self, x: Any, dtype: Any, /, **options: Any) -> Symbol:
        if dtype is not float:
            raise Untraceable("a change of dtype")
        return self.real(self.text(x))

    def conj(self, x: Any) -> Any:
        return x

    def zeros_like(self, x: Any) -> float:
        return 0.0

    def ones_like(self, x: Any) -> float:
        return 1.0


def source_of(function: Callable, roles: Sequence[Any], written: Sequence[int] | None) -> tuple[str, int]:
    """Source of the kernel `fused`, and how many operations it makes for each element.

    roles: for each argument of the function after its namespace "array" or "number", or in a tuple the value itself.
    written: the arguments that the results replace; None: there is one result, to a new array, the kernel's last.
    """
    loop = Loop()
    parameters, arguments = ["begin", "end", "part"], []
    for i, role in enumerate(roles):
        if role == "array":
            parameters.append(f"a{i}: Array")
            arguments.append(loop.real(f"a{i}[i]"))
        elif role == "number":
            parameters.append(f"a{i}: Real")
            arguments.append(Symbol(f"a{i}", False, loop))
        else:
            arguments.append(role[0])
    result = function(loop, *arguments)
    results = result if written is not None else (result,)
    targets = [f"a{i}" for i in written] if written is not None else ["out"]
    if written is None:
        parameters.append("out: Array")
    body = [*loop.lines, *(f"{t}[i] = {loop.text(r)}" for t, r in zip(targets, results, strict=True))]
    lines = [f"def fused({', '.join(parameters)}):", "    for i in range(begin, end):", *(f"        {x}" for x in body)]
    return "\n".join(lines) + "\n", len(loop.lines)
