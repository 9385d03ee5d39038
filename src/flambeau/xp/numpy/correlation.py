"""Three ways to compute convolutions and their gradients by matrix products.

- `Rows`: stride 1 in one or two dims. A padded image is one long row for each channel, in which moving by one kernel
  position is moving by a fixed number of elements; so the operand of a product is made by copying long runs, one for
  each kernel column, and kernel rows need no copy at all. Results at the right border are waste and are cropped
  (64 images of 26x26, 32 to 64 channels, 3x3, two idle cores: 5.4 ms forward).
- `Patches`: any stride and number of dims. Channels are put last; a patch is then a few runs of `width * channels`
  elements. Also for small images, where the waste above would be large.
- `Depthwise`: one input channel for each group: multiply and add for each kernel position.

Images are done in pieces that stay in a core's cache, and the pieces are shared among threads. Nothing of the size of
all patches is ever stored: backward makes them again.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .threads import share

# elements of an operand that is made and used while it is in a core's cache (1 MB of float32)
PIECE = 1 << 18
# at least so many patches are multiplied at once, where an image has fewer
PLACES = 256
# the longest sums (channels times kernel columns) for which kernel rows are copied as well
SHORT = 32
# the largest share of a product that may be wasted on cropped columns
WASTE = 0.1


def same(x: Any, y: Any) -> bool:
    return all(a == y for a in x)


class Geometry:
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


# ---- stride 1, wide images: shifting long rows -----------------------------------------------------------------------


class Rows(Geometry):
    """Two dims, stride 1. `self.width` is the length of a padded row, the distance between rows of a kernel."""

    @staticmethod
    def fits(sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, out: Any) -> bool:
        if len(sizes) != 2 or not same(stride, 1):
            return False
        width = sizes[1] + 2 * padding[1]
        return (width - out[1]) <= WASTE * width

    def setup(self, dtype: Any) -> None:
        self.width = self.padded[1]
        self.dtype = dtype
        # rows that a piece of an image needs beyond its own
        self.reach = self.dilation[0] * (self.kernel[0] - 1)
        # with few channels, kernel rows are copied too: one product instead of several short sums
        self.full = self.channels * self.kernel[1] <= SHORT
        self.copies = self.kernel[1] * (self.kernel[0] if self.full else 1)

    def cuts(self) -> list[tuple[int, int, int, int]]:
        """Several small images, or some rows of a large one."""
        per_image = (self.channels * self.copies + self.outputs) * self.padded[0] * self.width
        many = min(PIECE // 2 // per_image, -(-self.count // 2))
        if many > 1:
            return [(n, min(n + many, self.count), 0, self.out[0]) for n in range(0, self.count, many)]
        return self.pieces(self.channels * self.copies * self.width, single=True)

    def filler(self, x: Any) -> Any:
        """A function `(n0, n1, r0, r1) -> (C, length)`: padded images, row after row, image after image."""
        pad_top, pad_left = self.padding
        channels, (rows_in, cols_in) = self.channels, self.sizes
        buffer: Any = None

        def fill(n0: int, n1: int, r0: int, r1: int) -> Any:
            nonlocal buffer
            rows = r1 - r0 + self.reach
            plain = not (pad_top or pad_left)
            if plain and (n1 - n0 == 1 or channels == 1):
                part = x[n0, :, r0 : r0 + rows] if n1 - n0 == 1 else x[n0:n1, :, r0 : r0 + rows]
                return part.reshape(channels, (n1 - n0) * rows * self.width)
            shape = (channels, n1 - n0, rows, self.width)
            if buffer is None or buffer.shape != shape:
                buffer = np.zeros(shape, self.dtype)
            first = min(max(r0 - pad_top, 0), rows_in)
            end = max(min(r0 + rows - pad_top, rows_in), first)
            at = first + pad_top - r0
            buffer[:, :, :at] = 0
            buffer[:, :, at + end - first :] = 0
            images = x[n0:n1, :, first:end].swapaxes(0, 1)
            buffer[:, :, at : at + end - first, pad_left : pad_left + cols_in] = images
            return buffer.reshape(channels, (n1 - n0) * rows * self.width)

        return fill

    def reader(self, x: Any) -> Any:
        """A function `(n0, n1, r0, r1) -> operands`, one for each product, all with as many columns as the result."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        step = dh * self.width
        fill = self.filler(x)
        operand: Any = None

        def read(n0: int, n1: int, r0: int, r1: int) -> list[Any]:
            nonlocal operand
            flat = fill(n0, n1, r0, r1)
            total = flat.shape[1]
            length = total - self.reach * self.width
            if self.full:
                if operand is None or operand.shape[3] != length:
                    operand = np.zeros((kh, kw, self.channels, length), self.dtype)
                for i in range(kh):
                    for j in range(kw):
                        begin = i * step + j * dw
                        end = min(length, total - begin)
                        operand[i, j, :, :end] = flat[:, begin : begin + end]
                return [operand.reshape(kh * kw * self.channels, length)]
            if kw > 1:
                if operand is None or operand.shape[2] != total:
                    operand = np.zeros((kw, self.channels, total), self.dtype)
                for j in range(kw):
                    operand[j, :, : total - j * dw] = flat[:, j * dw :]
                flat = operand.reshape(kw * self.channels, total)
            return [flat[:, i * step : i * step + length] for i in range(kh)]

        return read

    def crop(self, total: Any, images: int, rows: int) -> Any:
        """The places of results `(O, length)` that are none of the border's, as a view `(images, O, rows, columns)`."""
        across, along = total.strides
        shape = (images, self.outputs, rows, self.out[1])
        strides = ((rows + self.reach) * self.width * along, across, self.width * along, along)
        return np.lib.stride_tricks.as_strided(total, shape, strides)

    def forward(self, x: Any, w: Any, bias: Any, out: Any) -> None:
        kh, kw = self.kernel
        if self.full:
            weights = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(1, self.outputs, -1)
        else:
            weights = np.ascontiguousarray(w.transpose(2, 0, 3, 1)).reshape(kh, self.outputs, kw * self.channels)
        column = None if bias is None else bias[:, None, None]

        def work(pieces: Any) -> None:
            read = self.reader(x)
            total: Any = None
            partial: Any = None
            for n0, n1, r0, r1 in pieces:
                operands = read(n0, n1, r0, r1)
                length = operands[0].shape[1]
                if total is None or total.shape[1] != length:
                    total = np.empty((self.outputs, length), self.dtype)
                    partial = np.empty_like(total) if len(operands) > 1 else None
                for i, operand in enumerate(operands):
                    np.matmul(weights[i], operand, out=partial if i else total)
                    if i:
                        np.add(total, partial, out=total)
                crop = self.crop(total, n1 - n0, r1 - r0)
                if column is None:
                    out[n0:n1, :, r0:r1] = crop
                else:
                    np.add(crop, column, out=out[n0:n1, :, r0:r1])

        share(work, self.cuts(), self.cost)

    def weight_gradient(self, g: Any, x: Any) -> Any:
        kh, kw = self.kernel
        depth = self.channels * self.copies

        def work(pieces: Any) -> Any:
            read = self.reader(x)
            total = np.zeros((1 if self.full else kh, self.outputs, depth), self.dtype)
            partial = np.empty_like(total[0])
            wide: Any = None
            for n0, n1, r0, r1 in pieces:
                operands = read(n0, n1, r0, r1)
                length = operands[0].shape[1]
                if wide is None or wide.shape[1] != length:
                    # the border's places stay zero
                    wide = np.zeros((self.outputs, length), self.dtype)
                self.crop(wide, n1 - n0, r1 - r0)[...] = g[n0:n1, :, r0:r1]
                for i, operand in enumerate(operands):
                    np.matmul(wide, operand.T, out=partial)
                    np.add(total[i], partial, out=total[i])
            return total

        parts = share(work, self.cuts(), self.cost)
        total = parts[0]
        for part in parts[1:]:
            total += part
        if self.full:
            return total.reshape(self.outputs, kh, kw, self.channels).transpose(0, 3, 1, 2)
        return total.reshape(kh, self.outputs, kw, self.channels).transpose(1, 3, 0, 2)


# ---- any stride and number of dims: patches with channels last -------------------------------------------------------


class Patches(Geometry):
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


# ---- one channel for each group --------------------------------------------------------------------------------------


class Depthwise(Geometry):
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
