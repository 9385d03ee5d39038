"""Convolution: the kernels of the rows in ops/conv.py. They choose a way of computing by the shape alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import native_convolution
from .correlation import Depthwise, Patches, Rows, same
from .layout import keeps_channels
from .native_convolution import Native
from .threads import share


def output_sizes(
    sizes: Sequence[int], kernel: Sequence[int], stride: Any, padding: Any, dilation: Any
) -> tuple[int, ...]:
    """How many places a kernel has along each dim."""
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True)
    )


def _way(x: Any, channels: int, sizes: Any, outputs: int, kernel: Any, attributes: tuple, out: Any) -> Any:
    """How to convolve `sizes`, given images or gradients `x` of the same number and dtype."""
    way: Any = Native(len(x), channels, sizes, outputs, kernel, *attributes, out)
    if not native_convolution.fits(x, way.cost):
        cls = Rows if Rows.fits(sizes, kernel, *attributes, out) else Patches
        way = cls(len(x), channels, sizes, outputs, kernel, *attributes, out)
    way.setup(x.dtype)
    return way


def _depthwise(count: int, groups: int, sizes: Any, kernel: Any, attributes: tuple, out: Any, dtype: Any) -> Depthwise:
    way = Depthwise(count, groups, sizes, 1, kernel, *attributes, out)
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


@keeps_channels
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
        way = _depthwise(count, groups, sizes, kernel, attributes, out_sizes, x.dtype)
        if native_convolution.fits(x, way.cost):
            native_convolution.depthwise(way, x, w, bias, out)
        else:
            way.forward(x, kernels, bias, out)
        return
    way = _way(x, inner, sizes, outputs // groups, kernel, attributes, out_sizes)
    if _is_product(kernel, attributes) and type(way) is not Native:
        _pointwise(x, w, bias, groups, out)
        return
    for a, b in zip(_parts(groups, inner), _parts(groups, outputs // groups), strict=True):
        way.forward(x[:, a], w[b], None if bias is None else bias[b], out[:, b])


def _is_product(kernel: Any, attributes: tuple) -> bool:
    """Whether the convolution is one matrix product for each image."""
    return same(kernel, 1) and same(attributes[0], 1) and same(attributes[1], 0)


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
        depthwise = _depthwise(count, groups, sizes, kernel, attributes, g.shape[2:], g.dtype)
        depthwise.input_gradient(g, kernels, bias, target)
        return gx
    reach = tuple(d * (k - 1) - p for d, k, p in zip(attributes[2], kernel, attributes[1], strict=True))
    parts = zip(_parts(groups, inner), _parts(groups, outputs // groups), strict=True)
    exact = output_sizes(sizes, kernel, *attributes) == g.shape[2:]
    way = _way(g, inner, sizes, outputs // groups, kernel, attributes, g.shape[2:])
    turns = type(way) is not Native or native_convolution.by_tiles(way)
    if turns and same(attributes[0], 1) and min(reach) >= 0 and exact:
        # with stride 1 the gradient is itself a convolution, with the kernels turned round
        attributes = (attributes[0], reach, attributes[2])
        turned = np.flip(w, tuple(range(2, w.ndim)))
        for a, b in parts:
            _forward_into(
                g[:, b], np.swapaxes(turned[b], 0, 1), None if bias is None else bias[a], attributes, 1, target[:, a]
            )
        return gx
    if type(way) is Rows:
        way = Patches(count, inner, sizes, outputs // groups, kernel, *attributes, g.shape[2:])
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
    way = _way(x, inner, sizes, outputs // groups, kernel, attributes, g.shape[2:])
    if _is_product(kernel, attributes) and g.shape[2:] == x.shape[2:] and type(way) is not Native:
        _pointwise_weight_gradient(g, x, groups, target)
        return gw
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
