"""The extension `fft`: Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import fft as transforms
from ..tensor.namespace import dtype_of
from ..tensor.tensor import Tensor

ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
SEVERAL_AXES = ("fftn", "ifftn", "rfftn", "irfftn")

__all__ = [*ONE_AXIS, *SEVERAL_AXES, "fftfreq", "fftshift", "ifftshift", "rfftfreq"]


def _along_one(name: str) -> Callable:
    ours = getattr(transforms, name)

    def function(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
        return ours(x, n, axis, _checked(name, norm))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = ours.__doc__
    return function


def _along_several(name: str) -> Callable:
    ours = getattr(transforms, name)

    def function(
        x: Tensor, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str = "backward"
    ) -> Tensor:
        return ours(x, s, axes, _checked(name, norm))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = ours.__doc__
    return function


def _checked(name: str, norm: str) -> str:
    if norm not in ("backward", "ortho", "forward"):
        raise ValueError(f"{name}(): norm must be 'backward', 'ortho' or 'forward', not {norm!r}")
    return norm


for _name in ONE_AXIS:
    globals()[_name] = _along_one(_name)
for _name in SEVERAL_AXES:
    globals()[_name] = _along_several(_name)


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of what `fft` of `n` samples at distances `d` gives."""
    return transforms.fftfreq(n, d, dtype=dtype_of(dtype), device=device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of what `rfft` of `n` samples at distances `d` gives."""
    return transforms.rfftfreq(n, d, dtype=dtype_of(dtype), device=device)


def fftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The frequency 0 moved to the middle."""
    return transforms.fftshift(x, axes)


def ifftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The frequency 0 moved back to the front."""
    return transforms.ifftshift(x, axes)
