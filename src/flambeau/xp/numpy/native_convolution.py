"""Convolutions in two dims by native kernels: patches are made and multiplied while they are in a core's cache."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import native
from .correlation import Geometry, same

# elements of the patches of a piece
PIECE = 1 << 18
# a piece of fewer places is not worth making patches for
PLACES = 128
# more than the numbers of a line of tiles, which are read behind an image
LINE = 64
# multiplications from which native code is worth its call
LEAST = 1 << 16


def fits(x: Any, cost: float) -> bool:
    """Whether native kernels serve for images of this dtype."""
    return len(x.shape) == 4 and cost >= LEAST and native.has_products(x.dtype)


def by_tiles(way: Geometry) -> bool:
    """Whether a gradient is faster as a convolution of its own than by adding up patches: with channels enough for
    tall tiles, and an image not much larger than the result."""
    return native.by_tiles() and way.channels >= 32 and math.prod(way.sizes) <= 1.2 * math.prod(way.out)


def dense_images(x: Any) -> Any:
    """The images, a copy if one of them is not dense."""
    return x if x[:1].flags.c_contiguous else np.ascontiguousarray(x)


def distance(x: Any) -> int:
    """From one image to the next, in elements."""
    return x.strides[0] // x.itemsize


class Native(Geometry):
    """Stride, padding and dilation are pairs; one group."""

    def setup(self, dtype: Any) -> None:
        self.dtype = dtype
        self.depth = self.channels * self.taps
        self.direct = int(same(self.kernel, 1) and same(self.stride, 1) and same(self.padding, 0))
        self.rows = self.pieces_of(PIECE)[0]
        self.numbers = (self.channels, self.outputs, *self.sizes, *self.out, *self.kernel, *self.stride,
                        *self.padding, *self.dilation)  # fmt: skip

    def pieces_of(self, most: int) -> tuple[int, int]:
        """The output rows of a piece whose patches have at most so many elements, and among how many the outputs are
        shared: where there are too few pieces for the threads, they are made smaller, or else the outputs."""
        rows, width = self.out
        piece = max(1, min(rows, most // max(self.depth * width, 1)))
        threads = native.shares(64, self.cost)
        if self.count * -(-rows // piece) >= threads:
            return piece, 1
        few = -(-threads // self.count)
        if rows * width >= few * PLACES:
            return max(1, min(piece, -(-rows // few))), 1
        return piece, min(few, self.outputs)

    def room(self, more: int, count: int) -> Any:
        """Memory for the patches of one piece, and some more, for each thread."""
        patches = 1 if self.direct else self.depth * self.rows * self.out[1]
        return native.Room(native.shares(count, self.cost), native.BLOCK + patches + more, self.dtype)

    def forward(self, x: Any, w: Any, bias: Any, out: Any) -> None:
        # tiles take patches straight from the image, of which there is a padded copy
        rows, splits = self.pieces_of(1 << 62 if native.by_tiles() else PIECE)
        count = self.count * -(-self.out[0] // rows) * splits
        arrays = dense_images(x), np.ascontiguousarray(w), None if bias is None else np.ascontiguousarray(bias), out
        numbers = distance(arrays[0]), distance(out), int(bias is not None), splits, self.direct, rows, *self.numbers
        with self.room(self.channels * math.prod(self.padded) + LINE, count) as room:
            given = (*arrays, room.array, room.size, *numbers)
            native.launch("conv_forward", self.dtype, count, self.cost, *given, products=True)

    def weight_gradient(self, g: Any, x: Any) -> Any:
        count, length = self.count * -(-self.out[0] // self.rows), self.depth * self.outputs
        g, x = dense_images(g), dense_images(x)
        numbers = distance(x), distance(g), self.direct, self.rows, *self.numbers
        with self.room(length, count) as room:
            given = (x, g, room.array, room.size, *numbers)
            native.launch("conv_weight_gradient", self.dtype, count, self.cost, *given, products=True)
            total = room.array[:, native.BLOCK : native.BLOCK + length].sum(0)
        return total.reshape(self.depth, self.outputs).T.reshape(self.outputs, self.channels, *self.kernel)

    def input_gradient(self, g: Any, w: Any, bias: Any, gx: Any) -> None:
        arrays = dense_images(g), np.ascontiguousarray(w), None if bias is None else np.ascontiguousarray(bias), gx
        numbers = distance(arrays[0]), distance(gx), int(bias is not None), self.direct, self.rows, *self.numbers
        with self.room(0, self.count) as room:
            given = (*arrays, room.array, room.size, *numbers)
            native.launch("conv_input_gradient", self.dtype, self.count, self.cost, *given, products=True)


def depthwise(way: Geometry, x: Any, w: Any, bias: Any, out: Any) -> None:
    """Each output of one input channel; `way.channels` is the number of groups."""
    copies = len(w) // way.channels
    given = np.ascontiguousarray(x), np.ascontiguousarray(w), None if bias is None else np.ascontiguousarray(bias), out
    numbers = (int(bias is not None), way.channels, copies, *way.sizes, *way.out, *way.kernel, *way.stride,
               *way.padding, *way.dilation)  # fmt: skip
    native.launch("depthwise_forward", x.dtype, way.count * len(w), way.cost, *given, *numbers)
