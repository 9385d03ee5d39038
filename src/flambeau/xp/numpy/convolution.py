"""Convolution by matrix products: the kernels of the rows in ops/conv.py.

Three ways, chosen by the shape alone (times: two cores, batch 64, 3x3 kernel, forward):

- `_Rows`: stride 1 in one or two dims. A padded image is one long row for each channel, in which moving by one kernel
  position is moving by a fixed number of elements; so the operand of a product is made by copying long runs, one for
  each kernel column, and kernel rows need no copy at all. Results at the right border are waste and are cropped
  (32 to 64 channels on 26x26: 5.4 ms, against 8.6 in PyTorch).
- `_Patches`: any stride and number of dims. Channels are put last; a patch is then a few runs of `width * channels`
  elements. Also for small images, where the waste above would be large.
- `_Depthwise`: one input channel for each group: multiply and add for each kernel position.

Images are done in pieces that stay in a core's cache, and the pieces are shared among threads. Nothing of the size of
all patches is ever stored: backward makes them again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .threads import share

# elements of an operand that is made and used while it is in a core's cache (1 MB of float32)
PIECE = 1 << 18
# at least so many patches are multiplied at once, where an image has fewer
PLACES = 256
# the largest share of a product that may be wasted on cropped columns
WASTE = 0.1


def _same(x: Any, y: Any) -> bool:
    return all(a == y for a in x)


def output_sizes(
    sizes: Sequence[int], kernel: Sequence[int], stride: Any, padding: Any, dilation: Any
) -> tuple[int, ...]:
    """How many places a kernel has along each dim."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True)
    )


class _Geometry:
    """The sizes of one convolution of images `(N, C, *sizes)` with kernels `(O, C, *kernel)`."""

    def __init__(self, count: int, channels: int, sizes: Any, outputs: int, kernel: Any, stride: Any, padding: Any,
                 dilation: Any, out: Any) -> None:  # fmt: skip
        self.count, self.channels, self.sizes = count, channels, tuple(sizes)
        self.outputs, self.kernel = outputs, tuple(kernel)
        self.stride, self.padding, self.dilation = tuple(stride), tuple(padding), tuple(dilation)
        self.out = tuple(out)
        # what the kernel touches of the padded image
        self.padded = tuple(n + 2 * p for n, p in zip(self.sizes, self.padding, strict=True))
        self.taps = math.prod(self.kernel)
        self.inner = tuple(slice(p, p + n) for p, n in zip(self.padding, self.sizes, strict=True))

    @property
    def cost(self) -> float:
        return float(self.count) * self.outputs * self.channels * self.taps * math.prod(self.out)

    def pieces(self, per_row: int, single: bool = False) -> list[tuple[int, int, int, int]]:
        """(first image, end, first output row, end): several whole images, or some rows of one image."""
        rows = self.out[0]
        whole = per_row * rows
        if whole <= PIECE and not single:
            # products with few rows spend their time on reading the kernels
            places = max(1, math.prod(self.out))
            many = max(1, min(max(PIECE // max(whole, 1), PLACES // places), -(-self.count // 2)))
            return [(n, min(n + many, self.count), 0, rows) for n in range(0, self.count, many)]
        step = max(1, min(rows, PIECE // max(per_row, 1)))
        if self.count == 1:
            step = min(step, max(1, -(-rows // 4)))
        return [(n, n + 1, r, min(r + step, rows)) for n in range(self.count) for r in range(0, rows, step)]


# ---- stride 1, wide images: shifting long rows -------------------------------------------------------------------------


class _Rows(_Geometry):
    """Two dims, stride 1. `self.width` is the length of a padded row, the distance between rows of a kernel."""

    @staticmethod
    def fits(sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> bool:
        if len(sizes) != 2 or not _same(stride, 1):
            return False
        width = sizes[1] + 2 * padding[1]
        return (width - out[1]) <= WASTE * width

    def setup(self, dtype: Any) -> None:
        self.width = self.padded[1]
        self.dtype = dtype
        self.per_row = self.channels * self.kernel[1] * self.width

    def reader(self, x: Any) -> Any:
        """A function `(n, r0, r1) -> operand (columns * C, length)` whose kernel rows lie `width * dilation` apart."""
        (height, width), (kh, kw), (dh, dw) = self.padded, self.kernel, self.dilation
        reach = dh * (kh - 1)
        pad_top, pad_left = self.padding
        channels, (rows_in, cols_in) = self.channels, self.sizes
        plain = not (pad_top or pad_left)
        buffer = operand = None

        def read(n: int, r0: int, r1: int) -> Any:
            nonlocal buffer, operand
            rows = r1 - r0 + reach
            if plain:
                source = x[n, :, r0 : r0 + rows]
                flat = source.reshape(channels, rows * width)
            else:
                if buffer is None or buffer.shape[1] != rows:
                    buffer = np.zeros((channels, rows, width), self.dtype)
                first = min(max(r0 - pad_top, 0), rows_in)
                end = max(min(r0 + rows - pad_top, rows_in), first)
                at = first + pad_top - r0
                buffer[:, :at] = 0
                buffer[:, at + end - first :] = 0
                buffer[:, at : at + end - first, pad_left : pad_left + cols_in] = x[n, :, first:end]
                flat = buffer.reshape(channels, rows * width)
            if kw == 1:
                return flat
            length = rows * width - dw * (kw - 1)
            if operand is None or operand.shape[2] != rows * width:
                operand = np.empty((kw, channels, rows * width), self.dtype)
                operand[..., length:] = 0
            for j in range(kw):
                operand[j, :, :length] = flat[:, j * dw : j * dw + length]
            return operand.reshape(kw * channels, rows * width)

        return read

    def forward(self, x: Any, w: Any, bias: Any, out: Any) -> None:
        kh, kw = self.kernel
        step = self.dilation[0] * self.width
        weights = np.ascontiguousarray(w.transpose(2, 0, 3, 1)).reshape(kh, self.outputs, kw * self.channels)
        column = None if bias is None else bias[:, None, None]
        cols = self.out[1]

        def work(pieces: Any) -> None:
            read = self.reader(x)
            total = partial = None
            for n, _, r0, r1 in pieces:
                operand = read(n, r0, r1)
                length = (r1 - r0) * self.width
                if total is None or total.shape[1] != length:
                    total = np.empty((self.outputs, length), self.dtype)
                    partial = np.empty_like(total) if kh > 1 else None
                # the last columns of the last row reach beyond the operand; they are cropped
                for i in range(kh):
                    np.matmul(weights[i], operand[:, i * step : i * step + length], out=partial if i else total)
                    if i:
                        np.add(total, partial, out=total)
                crop = total.reshape(self.outputs, r1 - r0, self.width)[..., :cols]
                if column is None:
                    out[n, :, r0:r1] = crop
                else:
                    np.add(crop, column, out=out[n, :, r0:r1])

        share(work, self.pieces(self.per_row, single=True), self.cost)

    def weight_gradient(self, g: Any, x: Any) -> Any:
        kh, kw = self.kernel
        step = self.dilation[0] * self.width
        cols = self.out[1]

        def work(pieces: Any) -> Any:
            read = self.reader(x)
            total = np.zeros((kh, self.outputs, kw * self.channels), self.dtype)
            partial = np.empty_like(total[0])
            wide = None
            for n, _, r0, r1 in pieces:
                operand = read(n, r0, r1)
                length = (r1 - r0) * self.width
                if cols == self.width:
                    flat = g[n, :, r0:r1].reshape(self.outputs, length)
                else:
                    if wide is None or wide.shape[1] != r1 - r0:
                        wide = np.zeros((self.outputs, r1 - r0, self.width), self.dtype)
                    wide[..., :cols] = g[n, :, r0:r1]
                    flat = wide.reshape(self.outputs, length)
                for i in range(kh):
                    np.matmul(flat, operand[:, i * step : i * step + length].T, out=partial)
                    np.add(total[i], partial, out=total[i])
            return total

        parts = share(work, self.pieces(self.per_row, single=True), self.cost)
        total = parts[0]
        for part in parts[1:]:
            total += part
        return total.reshape(kh, self.outputs, kw, self.channels).transpose(1, 3, 0, 2)


# ---- any stride and number of dims: patches with channels last ---------------------------------------------------------


class _Patches(_Geometry):
    def setup(self, dtype: Any) -> None:
        self.dtype = dtype
        self.per_row = self.channels * self.taps * math.prod(self.out[1:])

    def image_rows(self, r0: int, r1: int) -> tuple[int, int]:
        """The padded rows that output rows r0 to r1 look at."""
        return r0 * self.stride[0], (r1 - 1) * self.stride[0] + self.dilation[0] * (self.kernel[0] - 1) + 1

    def windows(self, image: Any, rows: int) -> Any:
        """All patches of padded images `(m, *sizes, C)` as a view `(m, rows, *out[1:], *kernel, C)`."""
        s = image.strides
        inner = s[1:-1]
        return np.lib.stride_tricks.as_strided(
            image,
            (image.shape[0], rows, *self.out[1:], *self.kernel, self.channels),
            (s[0], *[a * b for a, b in zip(inner, self.stride, strict=True)],
             *[a * b for a, b in zip(inner, self.dilation, strict=True)], s[-1]),
        )  # fmt: skip

    def reader(self, x: Any) -> Any:
        """A function `(n0, n1, r0, r1) -> patches (m * places, taps * C)`."""
        buffer: Any = None
        patches: Any = None
        order = (0, *range(2, x.ndim), 1)
        top = self.padding[0]

        def read(n0: int, n1: int, r0: int, r1: int) -> Any:
            nonlocal buffer, patches
            begin, end = self.image_rows(r0, r1)
            shape = (n1 - n0, end - begin, *self.padded[1:], self.channels)
            if buffer is None or buffer.shape != shape:
                buffer = np.zeros(shape, self.dtype)
            first = min(max(begin - top, 0), self.sizes[0])
            last = max(min(end - top, self.sizes[0]), first)
            at = first + top - begin
            buffer[:, :at] = 0
            buffer[:, at + last - first :] = 0
            buffer[(slice(None), slice(at, at + last - first), *self.inner[1:])] = x[n0:n1, :, first:last].transpose(
                order
            )
            windows = self.windows(buffer, r1 - r0)
            if patches is None or patches.shape != windows.shape:
                patches = np.empty(windows.shape, self.dtype)
            patches[...] = windows
            return patches.reshape(-1, self.taps * self.channels)

        return read

    def flat_weights(self, w: Any) -> Any:
        """`(O, taps * C)`."""
        return np.ascontiguousarray(w.transpose(0, *range(2, w.ndim), 1)).reshape(
            self.outputs, self.taps * self.channels
        )

    def forward(self, x: Any, w: Any, bias: Any, out: Any) -> None:
        weights = np.ascontiguousarray(self.flat_weights(w).T)
        column = None if bias is None else bias.reshape(-1, *(1,) * len(self.out))

        def work(pieces: Any) -> None:
            read = self.reader(x)
            for n0, n1, r0, r1 in pieces:
                result = np.matmul(read(n0, n1, r0, r1), weights)
                result = np.moveaxis(result.reshape(n1 - n0, r1 - r0, *self.out[1:], self.outputs), -1, 1)
                if column is None:
                    out[n0:n1, :, r0:r1] = result
                else:
                    np.add(result, column, out=out[n0:n1, :, r0:r1])

        share(work, self.pieces(self.per_row), self.cost)

    def weight_gradient(self, g: Any, x: Any) -> Any:
        def work(pieces: Any) -> Any:
            read = self.reader(x)
            total = np.zeros((self.outputs, self.taps * self.channels), self.dtype)
            partial = np.empty_like(total)
            for n0, n1, r0, r1 in pieces:
                flat = np.moveaxis(g[n0:n1, :, r0:r1], 1, 0).reshape(self.outputs, -1)
                np.matmul(flat, read(n0, n1, r0, r1), out=partial)
                np.add(total, partial, out=total)
            return total

        parts = share(work, self.pieces(self.per_row), self.cost)
        total = parts[0]
        for part in parts[1:]:
            total += part
        return np.moveaxis(total.reshape(self.outputs, *self.kernel, self.channels), -1, 1)

    def input_gradient(self, g: Any, w: Any, bias: Any, gx: Any) -> None:
        """Add each patch's gradient to where the patch was taken."""
        weights = self.flat_weights(w)
        column = None if bias is None else bias.reshape(-1, *(1,) * len(self.sizes))
        order = (0, len(self.sizes) + 1, *range(1, len(self.sizes) + 1))

        def work(images: Any) -> None:
            image = None
            for n0, n1, pieces in images:
                if image is None or len(image) != n1 - n0:
                    image = np.empty((n1 - n0, *self.padded, self.channels), self.dtype)
                image[...] = 0
                for r0, r1 in pieces:
                    self.add_patches(image, g[n0:n1, :, r0:r1], weights, r0, r1)
                inner = image[(slice(None), *self.inner)].transpose(order)
                if column is None:
                    gx[n0:n1] = inner
                else:
                    np.add(inner, column, out=gx[n0:n1])

        images: list[Any] = []
        for n0, n1, r0, r1 in self.pieces(self.per_row):
            if images and images[-1][0] == n0:
                images[-1][2].append((r0, r1))
            else:
                images.append((n0, n1, [(r0, r1)]))
        share(work, images, self.cost)

    def add_patches(self, image: Any, g: Any, weights: Any, r0: int, r1: int) -> None:
        m = len(image)
        flat = np.ascontiguousarray(np.moveaxis(g, 1, -1)).reshape(-1, self.outputs)
        patches = np.matmul(flat, weights).reshape(m, r1 - r0, *self.out[1:], *self.kernel, self.channels)
        places = (slice(None),) * (len(self.out) + 1)
        begin = r0 * self.stride[0]
        ends = (r1 - r0, *self.out[1:])
        for tap in np.ndindex(*self.kernel):
            starts = [t * d for t, d in zip(tap, self.dilation, strict=True)]
            starts[0] += begin
            at = tuple(slice(a, a + (n - 1) * s + 1, s) for a, n, s in zip(starts, ends, self.stride, strict=True))
            target = image[(slice(None), *at)]
            np.add(target, patches[(*places, *tap)], out=target)


# ---- one channel for each group ----------------------------------------------------------------------------------------


class _Depthwise(_Geometry):
    """`channels` is the number of groups; kernels are `(groups, multiplier, *kernel)`."""

    def setup(self, dtype: Any) -> None:
        self.dtype = dtype

    def place(self, tap: Any) -> tuple:
        """Where, in a padded image, the elements lie that a kernel position meets."""
        return tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s)
            for t, d, n, s in zip(tap, self.dilation, self.out, self.stride, strict=True)
        )

    def images(self) -> list[tuple[int, int, int]]:
        """(image, first channel, end): as many channels as stay in the cache."""
        many = max(1, min(self.channels, PIECE // 2 // max(math.prod(self.padded), 1)))
        return [(n, c, min(c + many, self.channels)) for n in range(self.count) for c in range(0, self.channels, many)]

    def padder(self, x: Any) -> Any:
        if not any(self.padding):
            return lambda n, c0, c1: x[n, c0:c1]
        buffer: Any = None

        def padded(n: int, c0: int, c1: int) -> Any:
            nonlocal buffer
            if buffer is None or len(buffer) != c1 - c0:
                buffer = np.zeros((c1 - c0, *self.padded), self.dtype)
            buffer[(slice(None), *self.inner)] = x[n, c0:c1]
            return buffer

        return padded

    def columns(self, w: Any) -> Any:
        """w as `(*kernel, multiplier, groups, 1, …)`."""
        kernels = w.transpose(*range(2, w.ndim), 1, 0)
        return np.ascontiguousarray(kernels).reshape(*kernels.shape, *(1,) * len(self.out))

    def forward(self, x: Any, w: Any, bias: Any, out: Any) -> None:
        columns = self.columns(w)
        multiplier = w.shape[1]
        spread = out.reshape(self.count, self.channels, multiplier, *self.out)
        shift = None if bias is None else bias.reshape(self.channels, multiplier, *(1,) * len(self.out))

        def work(images: Any) -> None:
            padded = self.padder(x)
            partial = None
            for n, c0, c1 in images:
                image = padded(n, c0, c1)
                if partial is None or len(partial) != c1 - c0:
                    partial = np.empty((c1 - c0, *self.out), self.dtype)
                for q in range(multiplier):
                    total = spread[n, c0:c1, q]
                    for i, tap in enumerate(np.ndindex(*self.kernel)):
                        column = columns[tap][q, c0:c1]
                        np.multiply(image[(slice(None), *self.place(tap))], column, out=partial if i else total)
                        if i:
                            np.add(total, partial, out=total)
                    if shift is not None:
                        np.add(total, shift[c0:c1, q], out=total)

        share(work, self.images(), self.cost)

    def input_gradient(self, g: Any, w: Any, bias: Any, gx: Any) -> None:
        columns = self.columns(w)
        multiplier = w.shape[1]
        spread = g.reshape(self.count, self.channels, multiplier, *self.out)
        shift = None if bias is None else bias.reshape(-1, *(1,) * len(self.out))

        def work(images: Any) -> None:
            partial = image = None
            for n, c0, c1 in images:
                if image is None or len(image) != c1 - c0:
                    image = np.empty((c1 - c0, *self.padded), self.dtype)
                    partial = np.empty((c1 - c0, *self.out), self.dtype)
                image[...] = 0
                for q in range(multiplier):
                    for tap in np.ndindex(*self.kernel):
                        np.multiply(spread[n, c0:c1, q], columns[tap][q, c0:c1], out=partial)
                        target = image[(slice(None), *self.place(tap))]
                        np.add(target, partial, out=target)
                inner = image[(slice(None), *self.inner)]
                if shift is None:
                    gx[n, c0:c1] = inner
                else:
                    np.add(inner, shift[c0:c1], out=gx[n, c0:c1])

        share(work, self.images(), self.cost)

    def weight_gradient(self, g: Any, x: Any) -> Any:
        multiplier = g.shape[1] // self.channels
        spread = g.reshape(self.count, self.channels, multiplier, *self.out)
        letters = "xyz"[: len(self.out)]

        def work(images: Any) -> Any:
            padded = self.padder(x)
            total = np.zeros((*self.kernel, self.channels, multiplier), self.dtype)
            for n, c0, c1 in images:
                image = padded(n, c0, c1)
                for tap in np.ndindex(*self.kernel):
                    part = image[(slice(None), *self.place(tap))]
                    total[tap][c0:c1] += np.einsum(f"c{letters},cq{letters}->cq", part, spread[n, c0:c1])
            return total

        parts = share(work, self.images(), self.cost)
        total = parts[0]
        for part in parts[1:]:
            total += part
        k = len(self.kernel)
        return total.transpose(k, k + 1, *range(k))


# ---- the kernels -------------------------------------------------------------------------------------------------------


def _way(
    count: int, channels: int, sizes: Any, outputs: int, kernel: Any, attributes: tuple, out: Any, dtype: Any
) -> Any:
    cls = _Rows if _Rows.fits(sizes, kernel, *attributes, out) else _Patches
    way = cls(count, channels, sizes, outputs, kernel, *attributes, out)
    way.setup(dtype)
    return way


def _depthwise(count: int, groups: int, sizes: Any, kernel: Any, attributes: tuple, out: Any, dtype: Any) -> _Depthwise:
    way = _Depthwise(count, groups, sizes, 1, kernel, *attributes, out)
    way.setup(dtype)
    return way


def _parts(groups: int, channels: int) -> list[slice]:
    """The channels of each group."""
    return [slice(i * channels, (i + 1) * channels) for i in range(groups)]


def _two_dims(*arrays: Any) -> list[Any]:
    """One-dimensional images and kernels as images and kernels of height 1."""
    return [None if a is None else a.reshape(*a.shape[:2], 1, a.shape[2]) for a in arrays]


def _two_attributes(stride: Any, padding: Any, dilation: Any) -> tuple:
    return (1, *stride), (0, *padding), (1, *dilation)


def conv_forward(x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """Cross-correlation of images `(N, C, *S)` with kernels `(O, C / groups, *K)`; bias `(O,)` or None."""
    count, outputs, kernel = len(x), len(w), w.shape[2:]
    out_sizes = output_sizes(x.shape[2:], kernel, stride, padding, dilation)
    out = np.empty((count, outputs, *out_sizes), x.dtype)
    if not out.size or not w.size:
        out[...] = 0 if bias is None else bias.reshape(-1, *(1,) * len(out_sizes))
        return out
    if len(kernel) == 1:
        (x, w), attributes = _two_dims(x, w), _two_attributes(stride, padding, dilation)
        _forward_into(x, w, bias, attributes, groups, out.reshape(count, outputs, 1, -1))
    else:
        _forward_into(x, w, bias, (stride, padding, dilation), groups, out)
    return out


def _forward_into(x: Any, w: Any, bias: Any, attributes: tuple, groups: int, out: Any) -> None:
    count, channels, *sizes = x.shape
    outputs, inner, *kernel = w.shape
    out_sizes = out.shape[2:]
    if groups > 1 and inner == 1:
        kernels = w.reshape(groups, outputs // groups, *kernel)
        _depthwise(count, groups, sizes, kernel, attributes, out_sizes, x.dtype).forward(x, kernels, bias, out)
        return
    way = _way(count, inner, sizes, outputs // groups, kernel, attributes, out_sizes, x.dtype)
    if _is_product(kernel, attributes):
        _pointwise(x, w, bias, groups, out)
        return
    for a, b in zip(_parts(groups, inner), _parts(groups, outputs // groups), strict=True):
        way.forward(x[:, a], w[b], None if bias is None else bias[b], out[:, b])


def _is_product(kernel: Any, attributes: tuple) -> bool:
    """Whether the convolution is one matrix product for each image."""
    return _same(kernel, 1) and _same(attributes[0], 1) and _same(attributes[1], 0)


def _pointwise(x: Any, w: Any, bias: Any, groups: int, out: Any) -> None:
    count, channels = x.shape[:2]
    flat = x.reshape(count, groups, channels // groups, -1)
    target = out.reshape(count, groups, len(w) // groups, -1)
    weights = w.reshape(groups, len(w) // groups, -1)
    column = None if bias is None else bias.reshape(groups, -1, 1)

    def work(images: range) -> None:
        part = target[images.start : images.stop]
        np.matmul(weights, flat[images.start : images.stop], out=part)
        if column is not None:
            np.add(part, column, out=part)

    share(work, range(count), float(flat.size) * (len(w) // groups))


def conv_input_gradient(
    g: Any, w: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """The gradient of `conv_forward` for its images, of spatial shape `sizes`: the transposed convolution of g."""
    count, outputs, inner, kernel = len(g), len(w), w.shape[1], w.shape[2:]
    gx = np.empty((count, inner * groups, *sizes), g.dtype)
    if not gx.size or not g.size or not w.size:
        gx[...] = 0 if bias is None else bias.reshape(-1, *(1,) * len(sizes))
        return gx
    attributes = (tuple(stride), tuple(padding), tuple(dilation))
    target = gx
    if len(kernel) == 1:
        (g, w), attributes = _two_dims(g, w), _two_attributes(*attributes)
        sizes, kernel = (1, *sizes), (1, *kernel)
        target = gx.reshape(count, -1, *sizes)
    if groups > 1 and inner == 1:
        kernels = w.reshape(groups, outputs // groups, *kernel)
        way: Any = _depthwise(count, groups, sizes, kernel, attributes, g.shape[2:], g.dtype)
        way.input_gradient(g, kernels, bias, target)
        return gx
    reach = tuple(d * (k - 1) - p for d, k, p in zip(attributes[2], kernel, attributes[1], strict=True))
    parts = zip(_parts(groups, inner), _parts(groups, outputs // groups), strict=True)
    exact = output_sizes(sizes, kernel, *attributes) == g.shape[2:]
    if _same(attributes[0], 1) and min(reach) >= 0 and exact:
        # with stride 1 the gradient is itself a convolution, with the kernels turned round
        attributes = (attributes[0], reach, attributes[2])
        turned = np.flip(w, tuple(range(2, w.ndim)))
        for a, b in parts:
            _forward_into(
                g[:, b], np.swapaxes(turned[b], 0, 1), None if bias is None else bias[a], attributes, 1, target[:, a]
            )
        return gx
    way = _Patches(count, inner, sizes, outputs // groups, kernel, *attributes, g.shape[2:])
    way.setup(g.dtype)
    for a, b in parts:
        way.input_gradient(g[:, b], w[b], None if bias is None else bias[a], target[:, a])
    return gx


def conv_weight_gradient(g: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """The gradient of `conv_forward` for its kernels, of spatial shape `kernel`."""
    outputs, inner = g.shape[1], x.shape[1] // groups
    gw = np.empty((outputs, inner, *kernel), g.dtype)
    if not gw.size or not g.size or not x.size:
        gw[...] = 0
        return gw
    attributes = (tuple(stride), tuple(padding), tuple(dilation))
    target = gw
    if len(kernel) == 1:
        (g, x), attributes = _two_dims(g, x), _two_attributes(*attributes)
        kernel = (1, *kernel)
        target = gw.reshape(outputs, inner, *kernel)
    count, _, *sizes = x.shape
    if groups > 1 and inner == 1:
        way: Any = _depthwise(count, groups, sizes, kernel, attributes, g.shape[2:], g.dtype)
        target[...] = way.weight_gradient(g, x).reshape(target.shape)
        return gw
    if _is_product(kernel, attributes) and g.shape[2:] == x.shape[2:]:
        _pointwise_weight_gradient(g, x, groups, target)
        return gw
    way = _way(count, inner, sizes, outputs // groups, kernel, attributes, g.shape[2:], g.dtype)
    for a, b in zip(_parts(groups, inner), _parts(groups, outputs // groups), strict=True):
        target[b] = way.weight_gradient(g[:, b], x[:, a])
    return gw


def _pointwise_weight_gradient(g: Any, x: Any, groups: int, target: Any) -> None:
    count = len(g)
    left = g.reshape(count, groups, g.shape[1] // groups, -1)
    right = x.reshape(count, groups, x.shape[1] // groups, -1).swapaxes(2, 3)

    def work(images: range) -> Any:
        total = 0
        for n in images:
            total = total + np.matmul(left[n], right[n])
        return total

    parts = share(work, range(count), float(left.size) * right.shape[3])
    target[...] = sum(parts[1:], parts[0]).reshape(target.shape)
