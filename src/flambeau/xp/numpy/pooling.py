"""Sliding windows: pooling, unfolding, padding, and picking elements by their place in an image.

Windows are separable: the largest number of a square is the largest of its rows' largest. So pooling works along one
axis after another, the last one first, which also gives PyTorch's choice among equal elements, the first in reading
order. Along an axis, a window of `k` elements is `k` shifted views with a step: no window is ever copied.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from . import native
from .layout import keeps_channels
from .selection import kept
from .threads import share

# elements that are pooled at a time: what is between the steps stays in a core's cache
PIECE = 1 << 17

# ---- one axis --------------------------------------------------------------------------------------------------------


def _taps(n: int, k: int, s: int, p: int, d: int, out: int) -> Iterator[tuple[int, slice, slice]]:
    """For each element of a window: its number, which windows have it inside the image, and where it lies there."""
    for j in range(k):
        shift = j * d - p
        low = max(-(shift // s), 0)
        high = min(out, (n - 1 - shift) // s + 1)
        if high > low:
            yield j, slice(low, high), slice(shift + low * s, shift + (high - 1) * s + 1, s)


def _at(axis: int, where: Any) -> tuple:
    return (slice(None),) * axis + (where,)


def _shape(x: Any, axis: int, out: int) -> tuple[int, ...]:
    return (*x.shape[:axis], out, *x.shape[axis + 1 :])


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind not in "iub" else np.iinfo(dtype).min


def _max_along(x: Any, axis: int, k: int, s: int, p: int, d: int, out: int) -> Any:
    result = np.empty(_shape(x, axis, out), x.dtype)
    taps = [(_at(axis, there), _at(axis, here)) for _, there, here in _taps(x.shape[axis], k, s, p, d, out)]
    full = [here for there, here in taps if there[-1] == slice(0, out)]
    if len(full) > 1:
        np.maximum(x[full[0]], x[full[1]], out=result)
    elif full:
        result[...] = x[full[0]]
    else:
        result[...] = _lowest(x.dtype)
    for there, here in taps:
        if here not in full[:2]:
            np.maximum(result[there], x[here], out=result[there])
    return result


def _choice(x: Any, m: Any, axis: int, k: int, s: int, p: int, d: int, out: int) -> Any:
    """Which element of each window is its maximum `m`: the first of equal ones, the last of several NaN."""
    choice = np.zeros(m.shape, np.uint8 if k < 256 else np.int64)
    taps = list(_taps(x.shape[axis], k, s, p, d, out))
    for j, there, here in reversed(taps):
        at = _at(axis, there)
        np.copyto(choice[at], j, where=x[_at(axis, here)] == m[at])
    if m.size and m.dtype.kind == "f" and np.isnan(m.max()):
        for j, there, here in taps:
            part = x[_at(axis, here)]
            np.copyto(choice[_at(axis, there)], j, where=part != part)
    return choice


def _select_along(values: Any, x: Any, m: Any, axis: int, *window: int) -> Any:
    """The elements of `values` where `x` has the maxima `m`."""
    result = np.zeros(m.shape, values.dtype)
    choice = _choice(x, m, axis, *window)
    for j, there, here in _taps(x.shape[axis], *window):
        at = _at(axis, there)
        np.copyto(result[at], values[_at(axis, here)], where=choice[at] == j)
    return result


def _scatter_along(g: Any, x: Any, m: Any, axis: int, *window: int, result: Any = None) -> Any:
    """Add gradients to where `x` has the maxima `m`."""
    k, s, p, d, out = window
    n = x.shape[axis]
    if result is None:
        result = np.empty(x.shape, g.dtype)
    if x.size and k == s == 2 and not p and d == 1 and n == 2 * out and not np.isnan(m.max()):
        # two views that cover the image once: everything is written, nothing is added
        first, second = result[_at(axis, slice(0, n, 2))], result[_at(axis, slice(1, n, 2))]
        hit = x[_at(axis, slice(0, n, 2))] == m
        kept(g, hit, out=first)
        kept(g, np.logical_not(hit, out=hit), out=second)
        return result
    result[...] = 0
    choice = _choice(x, m, axis, *window)
    apart = s >= d * (k - 1) + 1
    for j, there, here in _taps(n, *window):
        at, target = _at(axis, there), result[_at(axis, here)]
        chosen = choice[at] == j
        if apart:
            np.copyto(target, g[at], where=chosen)
        else:
            np.add(target, g[at], out=target, where=chosen)
    return result


def _sum_along(x: Any, axis: int, k: int, s: int, p: int, d: int, out: int) -> Any:
    if out == 1 and k == x.shape[axis] and not p:
        return x.sum(axis, keepdims=True)
    result = np.empty(_shape(x, axis, out), x.dtype)
    taps = [(_at(axis, there), _at(axis, here)) for _, there, here in _taps(x.shape[axis], k, s, p, d, out)]
    full = [here for there, here in taps if there[-1] == slice(0, out)]
    if len(full) > 1:
        np.add(x[full[0]], x[full[1]], out=result)
    elif full:
        result[...] = x[full[0]]
    else:
        result[...] = 0
    for there, here in taps:
        if here not in full[:2]:
            np.add(result[there], x[here], out=result[there])
    return result


def _unsum_along(g: Any, axis: int, n: int, *window: int) -> Any:
    """The transpose of `_sum_along` for an image of `n` elements along the axis."""
    k, s, p, d, out = window
    result = np.empty(_shape(g, axis, n), g.dtype)
    if k == s and not p and d == 1 and n == k * out:
        result.reshape(*g.shape[:axis], out, k, *g.shape[axis + 1 :])[...] = np.expand_dims(g, axis + 1)
        return result
    result[...] = 0
    for _, there, here in _taps(n, *window):
        target = result[_at(axis, here)]
        np.add(target, g[_at(axis, there)], out=target)
    return result


# ---- pooling ---------------------------------------------------------------------------------------------------------


def _windows(kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> list[tuple[int, ...]]:
    return list(zip(kernel, stride, padding, dilation, out, strict=True))


def _maxima(x: Any, windows: list, count: int) -> list[Any]:
    """The image, its maxima along the last axis, those along the last two, …, `count` of them."""
    steps = [x]
    for axis in range(x.ndim - 1, x.ndim - 1 - count, -1):
        steps.append(_max_along(steps[-1], axis, *windows[axis - x.ndim]))
    return steps


def _parts(x: Any) -> list[slice]:
    """Images, or groups of them, of about `PIECE` elements."""
    step = max(1, PIECE * len(x) // max(x.size, 1))
    return [slice(n, n + step) for n in range(0, len(x), step)]


@keeps_channels
def max_pool(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    """The largest element of each window over the last axes."""
    windows = _windows(kernel, stride, padding, dilation, out)
    if len(out) == 2 and x.ndim > 2 and native.fits(x):
        return _max_pool_native(x, kernel, stride, padding, dilation, out)
    if x.ndim == len(out):
        return _maxima(x, windows, len(out))[-1]
    result = np.empty((*x.shape[: x.ndim - len(out)], *out), x.dtype)

    def work(parts: Any) -> None:
        for part in parts:
            result[part] = _maxima(x[part], windows, len(out))[-1]

    share(work, _parts(x), x.size * math.prod(kernel))
    return result


def _max_pool_native(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    result = np.empty((*x.shape[:-2], *out), x.dtype)
    numbers = (*x.shape[-2:], *out, *kernel, *stride, *padding, *dilation)
    planes, cost = math.prod(x.shape[:-2]), 2.0 * x.size * kernel[0]
    with native.Room(native.shares(planes, cost), x.shape[-1], x.dtype) as room:
        native.launch("max_pool", x.dtype, planes, cost, x, result, room.array, room.size, *numbers)
    return result


def max_pool_gradient(
    g: Any, x: Any, maxima: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any
) -> Any:
    """The gradients `g` of the maxima, added where they were found in `x`."""
    windows = _windows(kernel, stride, padding, dilation, out)
    result = np.empty(x.shape, g.dtype)
    if len(out) == 2 and x.ndim > 2 and native.fits(x) and g.dtype is x.dtype:
        numbers = (*x.shape[-2:], *out, *kernel, *stride, *padding, *dilation)
        given = np.ascontiguousarray(g), x, np.ascontiguousarray(maxima), result
        planes = math.prod(x.shape[:-2])
        native.launch("max_pool_gradient", x.dtype, planes, 4.0 * x.size, *given, *numbers)
        return result
    if x.ndim == len(out):
        _scatter(g, x, maxima, windows, result)
        return result

    def work(parts: Any) -> None:
        for part in parts:
            _scatter(g[part], x[part], maxima[part], windows, result[part])

    share(work, _parts(x), 2.0 * x.size * math.prod(kernel))
    return result


def _scatter(g: Any, x: Any, maxima: Any, windows: list, result: Any) -> None:
    # what is between the image and its maxima is made again rather than kept
    steps = [*_maxima(x, windows, len(windows) - 1), maxima]
    for i, axis in enumerate(range(x.ndim - len(windows), x.ndim)):
        place = len(windows) - 1 - i
        last = result if place == 0 else None
        g = _scatter_along(g, steps[place], steps[place + 1], axis, *windows[i], result=last)


def max_pool_select(values: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    """The elements of `values` at the places of the maxima of `x`."""
    windows = _windows(kernel, stride, padding, dilation, out)
    steps = _maxima(x, windows, len(windows))
    for place, axis in enumerate(range(x.ndim - 1, x.ndim - 1 - len(windows), -1)):
        values = _select_along(values, steps[place], steps[place + 1], axis, *windows[axis - x.ndim])
    return values


def max_pool_places(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    """The number of each maximum in its image, counted in reading order."""
    sizes = x.shape[x.ndim - len(kernel) :]
    numbers = np.arange(math.prod(sizes)).reshape(sizes)
    return max_pool_select(np.broadcast_to(numbers, x.shape), x, kernel, stride, padding, dilation, out)


def _window_sizes(sizes: Sequence[int], windows: list, count_include_pad: bool, dtype: Any, divisor: int | None) -> Any:
    """What each sum is divided by, as an array that broadcasts over the images."""
    if divisor is not None:
        return dtype.type(divisor)
    counts: Any = np.ones((), dtype)
    for n, (k, s, p, _, out) in zip(sizes, windows, strict=True):
        begin = np.arange(out) * s - p
        end = np.minimum(begin + k, n + p)
        if not count_include_pad:
            begin, end = np.maximum(begin, 0), np.minimum(end, n)
        counts = counts[..., None] * (end - begin).astype(dtype)
    return counts


@keeps_channels
def avg_pool(
    x: Any, kernel: Any, stride: Any, padding: Any, out: Any, count_include_pad: bool, divisor: int | None
) -> Any:
    """The mean of each window over the last axes."""
    windows = _windows(kernel, stride, padding, (1,) * len(kernel), out)
    sizes = x.shape[x.ndim - len(windows) :]
    for axis in range(x.ndim - 1, x.ndim - 1 - len(windows), -1):
        x = _sum_along(x, axis, *windows[axis - x.ndim])
    counts = _window_sizes(sizes, windows, count_include_pad, x.dtype, divisor)
    if x.dtype.kind in "fc":
        return np.divide(x, counts, out=x)
    # integers round towards zero, as in C
    return (np.sign(x) * np.sign(counts) * (np.abs(x) // np.abs(counts))).astype(x.dtype)


def avg_pool_gradient(
    g: Any, sizes: Any, kernel: Any, stride: Any, padding: Any, out: Any, count_include_pad: bool, divisor: int | None
) -> Any:
    """The transpose of `avg_pool`, for images of spatial shape `sizes`."""
    windows = _windows(kernel, stride, padding, (1,) * len(kernel), out)
    g = g / _window_sizes(sizes, windows, count_include_pad, g.dtype, divisor)
    first = g.ndim - len(windows)
    for i, window in enumerate(windows):
        g = _unsum_along(g, first + i, sizes[i], *window)
    return g


# ---- adaptive pooling ------------------------------------------------------------------------------------------------


def _regions(n: int, out: int) -> list[tuple[int, int]]:
    """Where each of `out` regions that cover `n` elements begins and ends."""
    return [(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]


def adaptive_avg_pool(x: Any, out: Any) -> Any:
    """The mean of each region, of nearly equal ones that cover the last axes."""
    for axis, size in zip(range(x.ndim - 1, x.ndim - 1 - len(out), -1), reversed(out), strict=True):
        n = x.shape[axis]
        if size and n % size == 0:
            x = x.reshape(*x.shape[:axis], size, n // size, *x.shape[axis + 1 :]).mean(axis + 1, dtype=x.dtype)
        else:
            parts = np.empty(_shape(x, axis, size), x.dtype)
            for i, (a, b) in enumerate(_regions(n, size)):
                parts[_at(axis, i)] = x[_at(axis, slice(a, b))].mean(axis, dtype=x.dtype)
            x = parts
    return x


def adaptive_avg_pool_gradient(g: Any, sizes: Any) -> Any:
    """The transpose of `adaptive_avg_pool`, for images of spatial shape `sizes`."""
    for axis, n in zip(range(g.ndim - len(sizes), g.ndim), sizes, strict=True):
        size = g.shape[axis]
        result = np.zeros(_shape(g, axis, n), g.dtype)
        for i, (a, b) in enumerate(_regions(n, size)):
            result[_at(axis, slice(a, b))] += g[_at(axis, slice(i, i + 1))] / (b - a)
        g = result
    return g


def adaptive_max_places(x: Any, out: Any) -> Any:
    """The number, in its image, of the maximum of each of nearly equal regions that cover the last axes."""
    sizes = x.shape[x.ndim - len(out) :]
    places = np.broadcast_to(np.arange(math.prod(sizes)).reshape(sizes), x.shape)
    for axis, size in zip(range(x.ndim - 1, x.ndim - 1 - len(out), -1), reversed(out), strict=True):
        shape = _shape(x, axis, size)
        values, numbers = np.empty(shape, x.dtype), np.empty(shape, np.int64)
        for i, (a, b) in enumerate(_regions(x.shape[axis], size)):
            part, at = x[_at(axis, slice(a, b))], _at(axis, slice(i, i + 1))
            best = _last_nan_or_first_max(part, axis)
            values[at] = np.take_along_axis(part, best, axis)
            numbers[at] = np.take_along_axis(places[_at(axis, slice(a, b))], best, axis)
        x, places = values, numbers
    return np.ascontiguousarray(places)


def _flat(x: Any) -> Any:
    """All axes after the second as one."""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


def _last_nan_or_first_max(x: Any, axis: int) -> Any:
    best = x.argmax(axis, keepdims=True)
    if x.dtype.kind == "f" and x.size and np.isnan(x.max()):
        flipped = np.isnan(np.flip(x, axis))
        last = x.shape[axis] - 1 - flipped.argmax(axis, keepdims=True)
        best = np.where(flipped.any(axis, keepdims=True), last, best)
    return best


def window_max_places(x: Any, starts: Any, kernel: Any) -> Any:
    """The number of the maximum of each window, where windows begin at `starts`: one array `(N, C, out)` for each "
    "axis."""
    sizes = x.shape[2:]
    index: list[Any] = []
    count = len(sizes)
    for i, (start, k) in enumerate(zip(starts, kernel, strict=True)):
        along = start[..., None] + np.arange(k)
        shape = [*x.shape[:2], *(1,) * (2 * count)]
        shape[2 + i], shape[2 + count + i] = start.shape[2], k
        index.append(along.reshape(shape))
    flat = np.zeros((), np.int64)
    for n, along in zip(sizes, index, strict=True):
        flat = flat * n + along
    outer = flat.shape[: 2 + count]
    flat = flat.reshape(*outer, math.prod(kernel))
    found = np.take_along_axis(_flat(x), _flat(flat), 2).reshape(flat.shape)
    return np.take_along_axis(flat, _last_nan_or_first_max(found, -1), -1)[..., 0]


# ---- elements by place -----------------------------------------------------------------------------------------------


def pick_places(x: Any, places: Any) -> Any:
    """`x[n, c, places[n, c]]`, places counted over all further axes of `x`; one channel of places serves all "
    "channels."""
    flat, index = _flat(x), _flat(places)
    if index.shape[1] == 1 and x.shape[1] != 1:
        result = np.empty((*x.shape[:2], index.shape[2]), x.dtype)
        for n in range(len(x)):
            np.take(flat[n], index[n, 0], axis=1, out=result[n], mode="clip")
    else:
        result = np.take_along_axis(flat, index, 2)
    return result.reshape(*x.shape[:2], *places.shape[2:])


def add_places(g: Any, places: Any, sizes: Any) -> Any:
    """The transpose of `pick_places`: zeros of spatial shape `sizes`, to which `g` is added at the places."""
    count, channels = g.shape[:2]
    size = math.prod(sizes)
    index = np.broadcast_to(_flat(places), (count, channels, math.prod(g.shape[2:])))
    offset = (np.arange(count * channels) * size).reshape(count, channels, 1)
    flat = (index + offset).reshape(-1)
    if g.dtype.kind == "f":
        sums = np.bincount(flat, g.reshape(-1), count * channels * size)
        return sums.astype(g.dtype, copy=False).reshape(count, channels, *sizes)
    result = np.zeros(count * channels * size, g.dtype)
    np.add.at(result, flat, g.reshape(-1))
    return result.reshape(count, channels, *sizes)


def put_places(x: Any, places: Any, sizes: Any) -> Any:
    """Zeros of spatial shape `sizes`, in which the elements of `x` are written at their places."""
    count, channels = x.shape[:2]
    result = np.zeros((count * channels, math.prod(sizes)), x.dtype)
    rows = np.arange(count * channels)[:, None]
    result[rows, places.reshape(count * channels, math.prod(x.shape[2:]))] = x.reshape(
        count * channels, math.prod(x.shape[2:])
    )
    return result.reshape(count, channels, *sizes)


# ---- unfolding -------------------------------------------------------------------------------------------------------


def _patches(image: Any, kernel: Any, stride: Any, dilation: Any, out: Any) -> Any:
    """The patches of padded images as a view `(N, C, *kernel, *out)`."""
    s = image.strides
    return np.lib.stride_tricks.as_strided(
        image,
        (*image.shape[:2], *kernel, *out),
        (*s[:2], *[a * d for a, d in zip(s[2:], dilation, strict=True)],
         *[a * b for a, b in zip(s[2:], stride, strict=True)]),
    )  # fmt: skip


def unfold_patches(x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    """The patches of images as columns: `(N, C * kernel, places)`."""
    image = x
    if any(padding):
        shape = [n + 2 * p for n, p in zip(x.shape[2:], padding, strict=True)]
        image = np.zeros((*x.shape[:2], *shape), x.dtype)
        image[(..., *[slice(p, p + n) for p, n in zip(padding, x.shape[2:], strict=True)])] = x
    patches = _patches(image, kernel, stride, dilation, out)
    return patches.reshape(len(x), x.shape[1] * math.prod(kernel), math.prod(out))


def fold_patches(g: Any, sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> Any:
    """The transpose of `unfold_patches`: columns added to where they were taken, in images of spatial shape `sizes`."""
    count = len(g)
    channels = g.shape[1] // math.prod(kernel)
    columns = g.reshape(count, channels, *kernel, *out)
    image = np.zeros((count, channels, *[n + 2 * p for n, p in zip(sizes, padding, strict=True)]), g.dtype)
    for tap in np.ndindex(*kernel):
        at = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(tap, dilation, out, stride, strict=True)
        )
        target = image[(..., *at)]
        np.add(target, columns[(slice(None), slice(None), *tap)], out=target)
    inner = image[(..., *[slice(p, p + n) for p, n in zip(padding, sizes, strict=True)])]
    return np.ascontiguousarray(inner)


# ---- padding ---------------------------------------------------------------------------------------------------------


@keeps_channels
def constant_pad(x: Any, pad: Any, value: Any) -> Any:
    """More of `value` around, or less at, the ends of the last axes; `pad` is (before, after) of the last axis, …"""
    shape, here, there = list(x.shape), [slice(None)] * x.ndim, [slice(None)] * x.ndim
    for i in range(len(pad) // 2):
        axis = x.ndim - 1 - i
        before, after = pad[2 * i], pad[2 * i + 1]
        n = shape[axis]
        shape[axis] = n + before + after
        here[axis] = slice(max(-before, 0), n - max(-after, 0))
        there[axis] = slice(max(before, 0), max(before, 0) + max(n - max(-before, 0) - max(-after, 0), 0))
    inner = x[tuple(here)]
    if inner.shape == tuple(shape):
        return inner.copy()
    result = np.full(shape, value, x.dtype)
    result[tuple(there)] = inner
    return result


def _sources(n: int, before: int, after: int, mode: str) -> Any:
    """Which element each place of a padded axis repeats."""
    places = np.arange(-before, n + after)
    if mode == "replicate":
        return np.clip(places, 0, n - 1)
    if mode == "circular":
        return places % n
    places = np.abs(places)
    return n - 1 - np.abs(n - 1 - places)


@keeps_channels
def repeating_pad(x: Any, pad: Any, mode: str) -> Any:
    """Ends of the last axes filled with elements of the image: reflected, replicated or from the other end."""
    for i in range(len(pad) // 2):
        axis = x.ndim - 1 - i
        if pad[2 * i] or pad[2 * i + 1]:
            x = np.take(x, _sources(x.shape[axis], pad[2 * i], pad[2 * i + 1], mode), axis)
    return x


def repeating_pad_gradient(g: Any, sizes: Any, pad: Any, mode: str) -> Any:
    """The transpose of `repeating_pad`, for images whose last axes have `sizes`."""
    for i in range(len(pad) // 2):
        axis, n = g.ndim - 1 - i, sizes[-1 - i]
        before, after = pad[2 * i], pad[2 * i + 1]
        if not (before or after):
            continue
        sources = _sources(n, before, after, mode)
        first, last = max(before, 0), len(sources) - max(after, 0)
        result = np.zeros(_shape(g, axis, n), g.dtype)
        inside = sources[first:last]
        result[_at(axis, slice(inside[0], inside[0] + len(inside)) if len(inside) else slice(0, 0))] = g[
            _at(axis, slice(first, last))
        ]
        for part in (slice(0, first), slice(last, len(sources))):
            for place, source in zip(range(part.start, part.stop), sources[part], strict=True):
                result[_at(axis, source)] += g[_at(axis, place)]
        g = result
    return g
