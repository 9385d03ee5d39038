"""Windows, `torch.signal.windows`: symmetric for the design of filters, periodic (sym=False) for Fourier transforms.

>>> torch.signal.windows.hann(5)
tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from .. import config, dtypes
from ..storage import strided
from ..tensor import functions as fn
from ..tensor.tensor import Tensor

__all__ = [
    "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine", "general_hamming", "hamming", "hann",
    "kaiser", "nuttall",
]  # fmt: skip


def _make(
    name: str,
    M: int,
    sym: bool,
    dtype: Any,
    layout: Any,
    device: Any,
    requires_grad: bool,
    values: Callable[[Tensor, int], Tensor],
) -> Tensor:
    """A window of M numbers: `values(k, n)` for the places k = 0, …, M - 1 of n intervals."""
    dtype = config.default_dtype() if dtype is None else dtype
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not None and layout is not strided:
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if dtype not in (dtypes.float32, dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    if M < 2:
        return fn.ones((M,), dtype=dtype, device=device, requires_grad=requires_grad)
    places = fn.arange(M, dtype=dtype, device=device, requires_grad=requires_grad)
    return values(places, M - 1 if sym else M)


def general_cosine(
    M: int,
    *,
    a: Iterable,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A sum of cosines with the weights `a`, the signs of which alternate."""
    return _cosines("general_cosine", M, a, sym, dtype, layout, device, requires_grad)


def _cosines(name: str, M: int, a: Any, *rest: Any) -> Tensor:
    def values(k: Tensor, n: int) -> Tensor:
        if not isinstance(a, Iterable):
            raise TypeError("Coefficients must be a list/tuple")
        weights = [(-1) ** i * w for i, w in enumerate(a)]
        if not weights:
            raise ValueError("Coefficients cannot be empty")
        angle = k * (2 * math.pi / n)
        total = fn.cos(angle * 0) * weights[0]
        for i, weight in enumerate(weights[1:], 1):
            total = total + fn.cos(angle * i) * weight
        return total

    sym, dtype, layout, device, requires_grad = rest
    return _make(name, M, sym, dtype, layout, device, requires_grad, values)


def general_hamming(
    M: int,
    *,
    alpha: float = 0.54,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`alpha - (1 - alpha) * cos`."""
    return general_cosine(
        M, a=[alpha, 1.0 - alpha], sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


def hamming(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Hamming's window."""
    return general_hamming(M, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)


def hann(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Hann's window, one arch of a squared sine."""
    return general_hamming(
        M, alpha=0.5, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad
    )


def blackman(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Blackman's window, a sum of two cosines."""
    return _cosines("blackman", M, [0.42, 0.5, 0.08], sym, dtype, layout, device, requires_grad)


def nuttall(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Nuttall's window, a sum of three cosines."""
    weights = [0.3635819, 0.4891775, 0.1365995, 0.0106411]
    return general_cosine(M, a=weights, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)


def bartlett(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Bartlett's window, a triangle."""
    return _make("bartlett", M, sym, dtype, layout, device, requires_grad, lambda k, n: 1 - fn.abs(k * (2.0 / n) - 1.0))


def cosine(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One arch of a sine."""

    def values(k: Tensor, n: int) -> Tensor:
        return fn.sin((k + 0.5) * (math.pi / (n + 1)))

    return _make("cosine", M, sym, dtype, layout, device, requires_grad, values)


def exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Falls off exponentially from the center, by 1/e in `tau`."""
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")

    def values(k: Tensor, n: int) -> Tensor:
        middle = n / 2.0 if center is None else center
        return fn.exp(-fn.abs((k - middle) / tau))

    return _make("exponential", M, sym, dtype, layout, device, requires_grad, values)


def gaussian(
    M: int,
    *,
    std: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The bell curve with a standard deviation."""
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")

    def values(k: Tensor, n: int) -> Tensor:
        x = (k - n / 2.0) * (1 / (std * math.sqrt(2)))
        return fn.exp(-(x * x))

    return _make("gaussian", M, sym, dtype, layout, device, requires_grad, values)


def kaiser(
    M: int,
    *,
    beta: float = 12.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Kaiser's window, of Bessel's function I0."""
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")

    def values(k: Tensor, n: int) -> Tensor:
        x = k * (2.0 / n) - 1.0
        height = fn.i0(fn.scalar_tensor(float(beta), dtype=k.dtype))
        return fn.i0(fn.sqrt(fn.clamp(1 - x * x, min=0)) * beta) / height

    return _make("kaiser", M, sym, dtype, layout, device, requires_grad, values)
