"""What the generated tests of the op table run each row with: one module of samples for each family of rows.

A family's module has `SAMPLES`, a list of `Sample`, and `ERRORS`, a list of `Mistake`. Tensors are described by `A`, so
that every test can build them anew, in the dtype and the memory layout that it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class A:
    """A tensor to be made: uniform numbers between `low` and `high` of a seeded stream, or the given `values`.

    dtype None means the floating dtype under test; `grad` whether derivatives with respect to it are tested.
    """

    shape: tuple[int, ...] = ()
    low: float = -2.0
    high: float = 2.0
    dtype: str | None = None
    values: Any = None
    grad: bool = True


@dataclass(frozen=True)
class Sample:
    """One call of a row: `rows.<op>(*args, **kwargs)`. `reference(*arrays, **kwargs)` is NumPy's answer, if there is
    one.

    complex: whether the op is tested on complex numbers too. grad: whether derivatives are compared with numerical
    ones (False where the sample stands at a kink, or the op has none). second: the same for second derivatives.
    layout: whether the result is the same however the inputs lie in memory (not so for `as_strided`).
    """

    op: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    reference: Callable | None = None
    complex: bool = False
    grad: bool = True
    second: bool = True
    layout: bool = True


@dataclass(frozen=True)
class Mistake:
    """A wrong call: `call(torch)` must raise `error` whose text matches the regular expression `match`."""

    call: Callable[[Any], Any]
    error: type[Exception]
    match: str
