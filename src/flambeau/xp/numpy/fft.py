"""Fourier transforms on NumPy, several dims at a time. float32 is transformed in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

ndarray = np.ndarray


def fft_c2c(x: ndarray, dim: tuple, norm: Any, forward: bool) -> ndarray:
    """Complex to complex, of real arrays too."""
    if not dim:
        return x.astype(np.result_type(x.dtype, np.complex64))
    transform = np.fft.fft if forward else np.fft.ifft
    for axis in reversed(dim):
        x = transform(x, axis=axis, norm=norm)
    return x


def fft_r2c(x: ndarray, dim: tuple, norm: Any) -> ndarray:
    """Real to complex, forward; only the first half of the last of the dims, whose other half mirrors it."""
    return fft_c2c(np.fft.rfft(x, axis=dim[-1], norm=norm), dim[:-1], norm, True)


def fft_c2r(x: ndarray, dim: tuple, norm: Any, size: int) -> ndarray:
    """The first half of a mirrored spectrum to the real array, of `size` elements along the last dim, backward."""
    return np.fft.irfft(fft_c2c(x, dim[:-1], norm, False), size, axis=dim[-1], norm=norm)


def frames_of(x: ndarray, size: int, step: int) -> ndarray:
    """Pieces of `size` neighbours along the last axis, one every `step`: (…, count, size)."""
    return np.lib.stride_tricks.sliding_window_view(x, size, -1)[..., ::step, :].copy()


def overlap_add(x: ndarray, step: int) -> ndarray:
    """The sum of pieces (…, count, size), each laid `step` further than the one before."""
    *batch, count, size = x.shape
    parts = -(-size // step)
    if parts * step != size:
        x = np.concatenate([x, np.zeros((*batch, count, parts * step - size), x.dtype)], -1)
    x = x.reshape(*batch, count, parts, step)
    total = np.zeros((*batch, count + parts - 1, step), x.dtype)
    for i in range(parts):
        total[..., i : i + count, :] += x[..., i, :]
    return total.reshape(*batch, (count + parts - 1) * step)[..., : (count - 1) * step + size]
