"""Special functions whose signatures have options or checks; the others are rows."""

from __future__ import annotations

from typing import Any

from ... import config
from .. import rows
from ..operands import NUMBERS, type_name
from ..public import public
from ..tensor import Tensor
from .arguments import mismatch, need_tensor
from .pointwise import converted

LOG_PI = 1.1447298858494002


@public(method=False, out=True)
def polygamma(n: int, input: Tensor) -> Tensor:
    """Elementwise n-th derivative of `digamma`, n >= 0.

    >>> polygamma(1, tensor([1., 0.5]))
    tensor([1.6449, 4.9348])
    """
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"polygamma(): argument 'n' (position 1) must be int, not {type_name(n)}")
    need_tensor("polygamma", "input", 2, input)
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return rows.polygamma_of(input, n=n)


@public(name="polygamma", function=False, inplace=True)
def polygamma_method(self: Tensor, n: int) -> Tensor:
    """Elementwise n-th derivative of `digamma`."""
    return polygamma(n, self)


@public(out=True, inplace=True)
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """Elementwise logarithm of the multivariate gamma function of dimension p.

    >>> mvlgamma(tensor([2., 3.]), 2)
    tensor([0.4516, 1.5502])
    """
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    dtype = input._kind.dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        input = converted(input, config.default_dtype())
    total = rows.lgamma(input)
    for j in range(1, p):
        total = total + rows.lgamma(input - j / 2)  # type: ignore[operator]
    return rows.add(total, p * (p - 1) / 4 * LOG_PI)


@public(out=True, inplace=True)
def xlogy(input: Any, other: Any) -> Tensor:
    """Elementwise `input * log(other)`, 0 where `input` is 0; either may be a number. Shapes broadcast.

    >>> xlogy(tensor([0., 2.]), tensor([0., 1.]))
    tensor([0., 0.])
    """
    operand = (Tensor, *NUMBERS)
    if not (isinstance(input, operand) and isinstance(other, operand)) or not (
        isinstance(input, Tensor) or isinstance(other, Tensor)
    ):
        raise mismatch(
            "xlogy",
            (input, other),
            " * (Tensor input, Tensor other, *, Tensor out = None)\n"
            " * (Number self, Tensor other, *, Tensor out = None)\n"
            " * (Tensor input, Number other, *, Tensor out = None)",
        )
    return rows.xlogy(input, other)
