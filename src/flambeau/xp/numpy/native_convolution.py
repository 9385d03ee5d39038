"""Convolutions in two dims by native kernels: patches are made and multiplied while they are in a core's cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import native
from .correlation import Geometry, same

# elements of the patches of a piece
PIECE = 1 << 18
# a piece of fewer places is not worth making patches for
PLACES = 128
# multiplications from which native code is worth its call
LEAST = 1 << 16


def fits(x: Any, cost: float) -> bool:
    """Whether native kernels serve for images of this dtype."""
    return len(x.shape) == 4 and cost >= LEAST and native.has_products(x.dtype)


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
        rows, width = self.out
        self.rows = max(1, min(rows, PIECE // max(self.depth * width, 1)))
        self.splits = 1
        threads = native.shares(64, self.cost)
        if self.count * -(-rows // self.rows) < threads:
            # too few pieces for the threads: smaller ones, or the outputs are shared
            few = -(-threads // self.count)
            if rows * width >= few * PLACES:
                self.rows = max(1, min(self.rows, -(-rows // few)))
            else:
                self.splits = min(few, self.outputs)
        self.numbers = (self.rows, self.channels, self.outputs, *self.sizes, *self.out, *self.kernel, *self.stride,
                        *self.padding, *self.dilation)  # fmt: skip

    @property
    def pieces_in_all(self) -> int:
        return self.count * -(-self.out[0] // self.rows)

    def room(self, more: int, count: int) -> Any:
        """Memory for the patches of one piece, and some more, for each thread."""
        patches = 1 if self.direct else self.depth * self.rows * self.out[1]
        return native.Room(native.shares(count, self.cost), native.BLOCK + patches + more, self.dtype)

    def forward(self, x: Any, w: Any, bias: Any, out: Any) -> None:
        count = self.pieces_in_all * self.splits
        arrays = dense_images(x), np.ascontiguousarray(w), None if bias is None else np.ascontiguousarray(bias), out
        given = distance(arrays[0]), distance(out), int(bias is not None)
        numbers = *given, self.splits, self.direct, *self.numbers
        with self.room(0, count) as room:
            given = (*arrays, room.array, room.size, *numbers)
            native.launch("conv_forward", self.dtype, count, self.cost, *given, products=True)

    def weight_gradient(self, g: Any, x: Any) -> Any:
        count, length = self.pieces_in_all, self.depth * self.outputs
        g, x = dense_images(g), dense_images(x)
        numbers = distance(x), distance(g), self.direct, *self.numbers
        with self.room(length, count) as room:
            given = (x, g, room.array, room.size, *numbers)
            native.launch("conv_weight_gradient", self.dtype, count, self.cost, *given, products=True)
            total = room.array[:, native.BLOCK : native.BLOCK + length].sum(0)
        return total.reshape(self.depth, self.outputs).T.reshape(self.outputs, self.channels, *self.kernel)

    def input_gradient(self, g: Any, w: Any, bias: Any, gx: Any) -> None:
        arrays = dense_images(g), np.ascontiguousarray(w), None if bias is None else np.ascontiguousarray(bias), gx
        numbers = distance(arrays[0]), distance(gx), int(bias is not None), self.direct, *self.numbers
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
