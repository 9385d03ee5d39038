"""Fourier transforms in the signatures of `torch.fft`; the functions of that namespace are called `fft_…` here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import config, dtypes
from ...ops import shapes
from .. import rows
from ..operands import type_name
from ..public import public
from ..tensor import KINDS, Tensor, make
from .arrange import roll
from .join import cat

NORMS = (None, "backward", "ortho", "forward")
_SWAPPED = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


def _public(name: str) -> Any:
    return public(name=f"fft_{name}", function=False, method=False, out=True)


# ---- arguments -------------------------------------------------------------------------------------------------------


def _mode(norm: Any) -> str:
    if norm not in NORMS:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return norm or "backward"


def _inexact(x: Tensor) -> Tensor:
    """Integers as the default float; half types have no transforms."""
    if not isinstance(x, Tensor):
        raise TypeError(f"argument 'input' (position 1) must be Tensor, not {type_name(x)}")
    if x._kind.half:
        raise RuntimeError(f"Unsupported dtype {x.dtype.scalar_name}")
    if x.dtype.is_floating_point or x.dtype.is_complex:
        return x
    return rows.to_copy(x, dtype=config.default_dtype())


def _complex(x: Tensor) -> Tensor:
    x = _inexact(x)
    return x if x.dtype.is_complex else rows.to_copy(x, dtype=x.dtype.to_complex())


def _resize(x: Tensor, sizes: Sequence[int], axes: Sequence[int]) -> Tensor:
    """Dims cut, or filled up with zeros at the end."""
    for n, axis in zip(sizes, axes, strict=True):
        have = x._array.shape[axis]
        if n < have:
            x = rows.slice_index(x, (*[slice(None)] * axis, slice(0, n)))
        elif n > have:
            shape = (*x._array.shape[:axis], n - have, *x._array.shape[axis + 1 :])
            x = cat([x, make(x._kind.xp.zeros(shape, dtype=x._kind.native), x._kind)], axis)
    return x


def _check_points(sizes: Sequence[int]) -> None:
    for n in sizes:
        if n < 1:
            raise RuntimeError(f"Invalid number of data points ({n}) specified")


def _axis(x: Tensor, dim: int) -> int:
    if not x._array.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return shapes.one_dim(dim, x._array.ndim)


def _one(x: Tensor, n: int | None, dim: int) -> tuple[int, int]:
    """The axis and the number of points of a transform over one dim."""
    axis = _axis(x, dim)
    n = x._array.shape[axis] if n is None else n
    _check_points((n,))
    return axis, n


def _many(x: Tensor, s: Any, dim: Any) -> tuple[tuple[int, ...], list[int]]:
    """The axes and the numbers of points of a transform over several dims."""
    shape = x._array.shape
    s = (s,) if isinstance(s, int) else s
    if dim is not None:
        many = (dim,) if isinstance(dim, int) else tuple(dim)
        axes = tuple(_axis(x, d) for d in many)
        if len(set(axes)) != len(axes):
            raise RuntimeError("FFT dims must be unique")
        if s is not None and len(s) != len(axes):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
    elif s is not None:
        if len(s) > len(shape):
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {len(shape)} dimensions.")
        axes = tuple(range(len(shape) - len(s), len(shape)))
    else:
        axes = tuple(range(len(shape)))
    sizes = [shape[a] if s is None or s[i] == -1 else s[i] for i, a in enumerate(axes)]
    _check_points(sizes)
    return axes, sizes


def _check_real(name: str, x: Tensor, what: str = "real") -> Tensor:
    x = _inexact(x)
    if x.dtype.is_complex:
        raise RuntimeError(f"{name} expects a {what} input tensor, but got {x.dtype.scalar_name}")
    return x


# ---- one dim ---------------------------------------------------------------------------------------------------------


@_public("fft")
def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The discrete Fourier transform along a dim, cut or filled up with zeros to `n` points.

    norm: "backward" (default; the inverse is divided by n), "ortho" (both by sqrt(n)), "forward" (this by n).

    >>> torch.fft.fft(tensor([1., 0., 0., 0.]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    return _along(input, n, dim, norm, True)


@_public("ifft")
def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `fft`."""
    return _along(input, n, dim, norm, False)


def _along(input: Tensor, n: int | None, dim: int, norm: str | None, forward: bool) -> Tensor:
    x = _inexact(input)
    axis, n = _one(x, n, dim)
    row = rows.fft_c2c if x.dtype.is_complex else rows.fft_of_real
    return row(_resize(x, (n,), (axis,)), dim=(axis,), norm=_mode(norm), forward=forward)


@_public("rfft")
def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The Fourier transform of real numbers: the first n // 2 + 1 values, which the others mirror.

    >>> torch.fft.rfft(tensor([1., 1., 1., 1.]))
    tensor([4.+0.j, 0.+0.j, 0.+0.j])
    """
    x = _check_real("rfft", input)
    axis, n = _one(x, n, dim)
    return rows.fft_r2c(_resize(x, (n,), (axis,)), dim=(axis,), norm=_mode(norm))


@_public("irfft")
def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `rfft`: `n` real numbers, by default twice the given values but two."""
    return _to_real(_complex(input), n, dim, _mode(norm))


def _to_real(x: Tensor, n: int | None, dim: int, mode: str) -> Tensor:
    axis = _axis(x, dim)
    n = 2 * (x._array.shape[axis] - 1) if n is None else n
    _check_points((n,))
    return rows.fft_c2r(_resize(x, (n // 2 + 1,), (axis,)), dim=(axis,), norm=mode, size=n)


@_public("hfft")
def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The Fourier transform of a signal whose second half mirrors the first: real numbers."""
    return _to_real(rows.conj(_complex(input)), n, dim, _SWAPPED[_mode(norm)])


@_public("ihfft")
def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `hfft`: the first half of the signal."""
    x = _check_real("ihfft", input)
    axis, n = _one(x, n, dim)
    return rows.conj(rows.fft_r2c(_resize(x, (n,), (axis,)), dim=(axis,), norm=_SWAPPED[_mode(norm)]))


# ---- several dims ----------------------------------------------------------------------------------------------------


@_public("fftn")
def fftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The Fourier transform over several dims, all if None, each cut or filled up to its number in `s`."""
    return _over(input, s, dim, norm, True)


@_public("ifftn")
def ifftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `fftn`."""
    return _over(input, s, dim, norm, False)


def _over(input: Tensor, s: Any, dim: Any, norm: str | None, forward: bool) -> Tensor:
    x = _inexact(input)
    axes, sizes = _many(x, s, dim)
    return rows.fft_c2c(_resize(x, sizes, axes), dim=axes, norm=_mode(norm), forward=forward)


def _real_over(name: str, input: Tensor, s: Any, dim: Any, mode: str) -> Tensor:
    x = _check_real(name, input, "real-valued")
    axes, sizes = _many(x, s, dim)
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")
    return rows.fft_r2c(_resize(x, sizes, axes), dim=axes, norm=mode)


def _to_real_over(name: str, x: Tensor, s: Any, dim: Any, mode: str) -> Tensor:
    axes, sizes = _many(x, s, dim)
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")
    given = None if s is None else ((s,) if isinstance(s, int) else s)[-1]
    last = 2 * (x._array.shape[axes[-1]] - 1) if given is None or given == -1 else given
    _check_points((last,))
    return rows.fft_c2r(_resize(x, [*sizes[:-1], last // 2 + 1], axes), dim=axes, norm=mode, size=last)


@_public("rfftn")
def rfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The Fourier transform of real numbers over several dims; half of the last one."""
    return _real_over("rfftn", input, s, dim, _mode(norm))


@_public("irfftn")
def irfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `rfftn`."""
    return _to_real_over("irfftn", _complex(input), s, dim, _mode(norm))


@_public("hfftn")
def hfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The Fourier transform over several dims of a signal that mirrors itself: real numbers."""
    return _to_real_over("hfftn", rows.conj(_complex(input)), s, dim, _SWAPPED[_mode(norm)])


@_public("ihfftn")
def ihfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `hfftn`."""
    if input.dtype.is_complex:
        raise RuntimeError(f"Only supports floating-point dtypes, but found: {input.dtype.scalar_name}")
    return rows.conj(_real_over("ihfftn", input, s, dim, _SWAPPED[_mode(norm)]))


def _two(name: str, function: Any) -> Any:
    def transform(input: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        return function(input, s, dim, norm)

    transform.__name__ = transform.__qualname__ = f"fft_{name}"
    transform.__doc__ = f"`{function.__name__.removeprefix('fft_')}` over two dims, by default the last."
    return _public(name)(transform)


fft2, ifft2 = _two("fft2", fftn), _two("ifft2", ifftn)
rfft2, irfft2 = _two("rfft2", rfftn), _two("irfft2", irfftn)
hfft2, ihfft2 = _two("hfft2", hfftn), _two("ihfft2", ihfftn)


# ---- frequencies -----------------------------------------------------------------------------------------------------


def _frequencies(name: str, numbers: Any, d: float, n: int, given: tuple) -> Tensor:
    dtype, device, requires_grad = given
    dtype = dtype or config.default_dtype()
    if not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    result = make(numbers, KINDS[dtypes.int64]).to(dtype)  # type: ignore[attr-defined]
    result = result * (1.0 / (n * d)) if n else result
    if device is not None:
        result = result.to(device)
    return result.requires_grad_() if requires_grad else result


@_public("fftfreq")
def fftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """The frequencies of the values of `fft` of `n` points that are `d` apart: first positive, then negative.

    >>> torch.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    xp = KINDS[dtypes.int64].xp
    numbers = xp.roll(xp.arange(-(n // 2), (n + 1) // 2), -(n // 2))
    return _frequencies("fftfreq", numbers, d, n, (dtype, device, requires_grad))


@_public("rfftfreq")
def rfftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """The frequencies of the values of `rfft` of `n` points that are `d` apart.

    >>> torch.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    xp = KINDS[dtypes.int64].xp
    return _frequencies("rfftfreq", xp.arange(n // 2 + 1), d, n, (dtype, device, requires_grad))


def _shift(input: Tensor, dim: Any, part: Any) -> Tensor:
    ndim = input._array.ndim
    axes = tuple(range(ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    axes = tuple(shapes.one_dim(a, ndim) for a in axes)
    if not axes:
        raise RuntimeError("`shifts` required")
    return roll(input, tuple(part(input._array.shape[a]) for a in axes), axes)


@public(name="fft_fftshift", function=False, method=False)
def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The values of a transform with frequency zero in the middle.

    >>> torch.fft.fftshift(torch.fft.fftfreq(4))
    tensor([-0.5000, -0.2500,  0.0000,  0.2500])
    """
    return _shift(input, dim, lambda n: n // 2)


@public(name="fft_ifftshift", function=False, method=False)
def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The inverse of `fftshift`."""
    return _shift(input, dim, lambda n: (n + 1) // 2)
