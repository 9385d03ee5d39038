"""Resampling images: every output element is a weighted sum of a few input elements, along one axis after another.

A plan says, for one axis, which elements (`index`, one row for each term) and with which weights; it depends on sizes
only. Positions are computed in the precision in which PyTorch computes them, since rounding decides which element is
nearest.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .layout import keeps_channels

# the free parameter of the cubic kernel: as in OpenCV, and as in Pillow where it is stretched to smooth
CUBIC, CUBIC_ANTIALIAS = -0.75, -0.5


def _positions(size: int, out: int, align: bool, scale: float | None, real: Any) -> tuple[Any, Any]:
    """The scale from output to input elements, and the input position of each output element's centre."""
    if align:
        step = real(0) if out <= 1 else real(size - 1) / real(out - 1)
        return step, step * np.arange(out, dtype=real)
    step = real(1 / scale) if scale is not None and scale > 0 else real(size) / real(out)
    return step, step * (np.arange(out, dtype=real) + real(0.5)) - real(0.5)


def _nearest(size: int, out: int, mode: str, scale: float | None, real: Any) -> tuple[Any, None]:
    step, centres = _positions(size, out, False, scale, real)
    if mode == "nearest":
        index = np.floor(np.arange(out, dtype=real) * step)
    else:
        index = np.floor(np.maximum(centres, 0) + real(0.5))
    return np.minimum(index.astype(np.int64), size - 1)[None], None


def _linear(size: int, out: int, align: bool, scale: float | None, real: Any) -> tuple[Any, Any]:
    _, centres = _positions(size, out, align, scale, real)
    centres = np.maximum(centres, 0)
    low = np.minimum(centres.astype(np.int64), size - 1)
    high = np.minimum(low + 1, size - 1)
    after = np.clip(centres - low.astype(real), 0, 1)
    return np.stack([low, high]), np.stack([1 - after, after])


def _cubic_weight(x: Any, a: float) -> Any:
    """The cubic convolution kernel at distances `x` (Keys, 1981)."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((x - 5) * x + 8) * x * a - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


def _cubic(size: int, out: int, align: bool, scale: float | None, real: Any) -> tuple[Any, Any]:
    _, centres = _positions(size, out, align, scale, real)
    low = np.floor(centres)
    after = centres - low
    index = [np.clip(low.astype(np.int64) + k, 0, size - 1) for k in (-1, 0, 1, 2)]
    weights = [_cubic_weight(after - k, CUBIC) for k in (-1, 0, 1, 2)]
    return np.stack(index), np.stack(weights).astype(real)


# mode -> half the width of the kernel, and the kernel
STRETCHED = {
    "linear": (1.0, lambda x: np.maximum(1 - np.abs(x), 0)),
    "cubic": (2.0, lambda x: _cubic_weight(x, CUBIC_ANTIALIAS)),
    "lanczos": (3.0, lambda x: np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)),
}


def _antialiased(size: int, out: int, mode: str, align: bool, scale: float | None, real: Any) -> tuple[Any, Any]:
    """Kernels stretched by the scale, so that every input element has its share of a smaller image."""
    step, _ = _positions(size, out, align, scale, real)
    step = float(step)
    width, kernel = STRETCHED[mode]
    reach = width * max(step, 1.0)
    centres = step * (np.arange(out) + 0.5)
    first = np.maximum((centres - reach + 0.5).astype(np.int64), 0)
    count = np.clip(np.minimum((centres + reach + 0.5).astype(np.int64), size) - first, 1, None)
    terms = np.arange(int(count.max(initial=1)))[:, None]
    distance = (first + terms - centres + 0.5) / max(step, 1.0)
    weights = np.where(terms < count, kernel(distance), 0)
    total = weights.sum(0)
    return np.minimum(first + terms, size - 1), (weights / np.where(total == 0, 1, total)).astype(real)


@lru_cache(maxsize=256)
def _plan(
    size: int, out: int, mode: str, align: bool, scale: float | None, antialias: bool, double: bool
) -> tuple[Any, Any]:
    """Index and weights of one axis; weights None where each output element is one input element."""
    real: Any = np.float64 if double else np.float32
    if mode in ("nearest", "nearest-exact"):
        return _nearest(size, out, mode, scale, real)
    if antialias:
        return _antialiased(size, out, mode, align, scale, real)
    return (_linear if mode == "linear" else _cubic)(size, out, align, scale, real)


def _shaped(weights: Any, axis: int, x: Any) -> Any:
    return weights.astype(x.dtype, copy=False).reshape(-1, *(1,) * (x.ndim - 1 - axis))


def _along(x: Any, axis: int, index: Any, weights: Any) -> Any:
    if weights is None:
        return np.take(x, index[0], axis)
    total = None
    for places, w in zip(index, weights, strict=True):
        part = np.take(x, places, axis)
        np.multiply(part, _shaped(w, axis, x), out=part)
        total = part if total is None else np.add(total, part, out=total)
    return total


def _back_along(g: Any, axis: int, size: int, index: Any, weights: Any) -> Any:
    """The transpose of `_along`. The places of each term do not decrease, so equal ones are neighbours."""
    result = np.zeros((*g.shape[:axis], size, *g.shape[axis + 1 :]), g.dtype)
    for i, places in enumerate(index):
        part = g if weights is None else g * _shaped(weights[i], axis, g)
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        if len(starts) < len(places):
            part = np.add.reduceat(part, starts, axis)
        result[(slice(None),) * axis + (places[starts],)] += part
    return result


def _bytes_along(x: Any, axis: int, index: Any, weights: Any) -> Any:
    """`_along` for images of bytes: weights are integers of 16 bits, and each axis is rounded to bytes."""
    matrix = np.zeros((x.shape[axis], index.shape[1]))
    np.add.at(matrix, (index, np.arange(index.shape[1])), weights)
    bits = 0
    while bits < 22 and int(0.5 + matrix.max() * (1 << (bits + 1))) < 1 << 15:
        bits += 1
    whole = np.trunc(matrix * (1 << bits) + np.copysign(0.5, matrix))
    sums = np.moveaxis(np.tensordot(x.astype(np.float64), whole, (axis, 0)), -1, axis)
    return np.clip(np.floor((sums + (1 << (bits - 1))) / (1 << bits)), 0, 255).astype(x.dtype, order="C")


@keeps_channels
def resample(x: Any, sizes: Any, mode: str, align: bool, scales: Any, antialias: bool) -> Any:
    """Images `(N, C, *S)` resampled to spatial shape `sizes`. mode: nearest, nearest-exact, linear or cubic."""
    # the integer weights of bytes are made of double precision too
    double = x.dtype == np.float64 or x.dtype.kind == "u" and not mode.startswith("nearest")
    for i in range(len(sizes) - 1, -1, -1):
        axis = i + 2
        index, weights = _plan(x.shape[axis], sizes[i], mode, align, scales[i], antialias, double)
        if x.dtype.kind == "u" and weights is not None:
            if x.shape[axis] != sizes[i]:
                x = _bytes_along(x, axis, index, weights)
        else:
            x = _along(x, axis, index, weights)
    return x


def resample_gradient(g: Any, spatial: Any, mode: str, align: bool, scales: Any, antialias: bool) -> Any:
    """The transpose of `resample`, for images of spatial shape `spatial`."""
    double = g.dtype == np.float64
    for i, size in enumerate(spatial):
        axis = i + 2
        plan = _plan(size, g.shape[axis], mode, align, scales[i], antialias, double)
        g = _back_along(g, axis, size, *plan)
    return g
