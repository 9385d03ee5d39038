"""Samples of pooling, of picking elements by place, and of patches."""

from __future__ import annotations

import itertools
import math

import numpy as np

from . import A, Mistake, Sample


def windows(sizes, kernel, stride, padding, dilation, out):
    """For each place of the result, the places of its window that lie inside the image."""
    for at in itertools.product(*map(range, out)):
        inside = []
        for tap in itertools.product(*map(range, kernel)):
            where = [a * s - p + t * d for a, s, p, t, d in zip(at, stride, padding, tap, dilation, strict=True)]
            if all(0 <= i < n for i, n in zip(where, sizes, strict=True)):
                inside.append(tuple(where))
        yield at, inside


def max_pool(x, kernel, stride, padding, dilation, out):
    result = np.zeros((*x.shape[: x.ndim - len(out)], *out))
    for at, inside in windows(x.shape[x.ndim - len(out) :], kernel, stride, padding, dilation, out):
        result[(..., *at)] = np.max([x[(..., *w)] for w in inside], 0)
    return result


def max_places(x, kernel, stride, padding, dilation, out):
    sizes = x.shape[x.ndim - len(out) :]
    result = np.zeros((*x.shape[: x.ndim - len(out)], *out), int)
    for at, inside in windows(sizes, kernel, stride, padding, dilation, out):
        best = np.argmax([x[(..., *w)] for w in inside], 0)
        result[(..., *at)] = np.array([np.ravel_multi_index(w, sizes) for w in inside])[best]
    return result


def max_select(values, x, kernel, stride, padding, dilation, out):
    batch = x.shape[: x.ndim - len(out)]
    flat = values.reshape(*batch, -1)
    found = max_places(x, kernel, stride, padding, dilation, out).reshape(*batch, -1)
    return np.take_along_axis(flat, found, -1).reshape(*batch, *out)


def max_gradient(g, x, maxima, kernel, stride, padding, dilation, out):
    batch = x.shape[: x.ndim - len(out)]
    found = max_places(x, kernel, stride, padding, dilation, out)
    result = np.zeros(x.shape).reshape(math.prod(batch), -1)
    for row, places, values in zip(result, found.reshape(len(result), -1), g.reshape(len(result), -1), strict=True):
        np.add.at(row, places, values)
    return result.reshape(x.shape)


def avg_pool(x, kernel, stride, padding, out, count_include_pad, divisor):
    result = np.zeros((*x.shape[: x.ndim - len(out)], *out))
    sizes = x.shape[x.ndim - len(out) :]
    for at, inside in windows(sizes, kernel, stride, padding, (1,) * len(out), out):
        begin = [a * s - p for a, s, p in zip(at, stride, padding, strict=True)]
        reach = [min(b + k, n + p) - b for b, k, n, p in zip(begin, kernel, sizes, padding, strict=True)]
        count = divisor or (math.prod(reach) if count_include_pad else len(inside))
        result[(..., *at)] = np.sum([x[(..., *w)] for w in inside], 0) / count
    return result


def adaptive(x, out, reduce):
    result = np.zeros((*x.shape[: x.ndim - len(out)], *out))
    sizes = x.shape[x.ndim - len(out) :]
    for at in itertools.product(*map(range, out)):
        region = tuple(slice(i * n // o, -(-(i + 1) * n // o)) for i, n, o in zip(at, sizes, out, strict=True))
        result[(..., *at)] = reduce(x[(..., *region)], tuple(range(-len(out), 0)))
    return result


def pick(x, places):
    flat, index = x.reshape(*x.shape[:2], -1), places.reshape(*places.shape[:2], -1)
    index = np.broadcast_to(index, (*x.shape[:2], index.shape[2]))
    return np.take_along_axis(flat, index, 2).reshape(*x.shape[:2], *places.shape[2:])


def add(g, places, sizes):
    result = np.zeros((*g.shape[:2], math.prod(sizes)))
    for n, c in np.ndindex(*g.shape[:2]):
        np.add.at(result[n, c], places[n, min(c, places.shape[1] - 1)].ravel(), g[n, c].ravel())
    return result.reshape(*g.shape[:2], *sizes)


def transposed(forward, x_shape):
    """The matrix of a linear function, transposed: every unit image shows one column."""

    def apply(g, *attributes):
        result = np.zeros(x_shape)
        for index in np.ndindex(*x_shape):
            one = np.zeros(x_shape)
            one[index] = 1
            result[index] = (g * forward(one)).sum()
        return result

    return apply


def unfold(x, kernel, stride, padding, dilation, out):
    image = np.pad(x, [(0, 0), (0, 0), *[(p, p) for p in padding]])
    result = np.zeros((*x.shape[:2], *kernel, *out))
    for at in itertools.product(*map(range, out)):
        for tap in itertools.product(*map(range, kernel)):
            where = [a * s + t * d for a, s, t, d in zip(at, stride, tap, dilation, strict=True)]
            result[(slice(None), slice(None), *tap, *at)] = image[(slice(None), slice(None), *where)]
    return result.reshape(len(x), -1, math.prod(out))


IMAGE = A((1, 2, 5, 6))
VOLUME = A((1, 1, 4, 4, 4))
SIMPLE = ((2, 2), (2, 2), (0, 0), (1, 1), (2, 3))
EVEN = ((2, 2), (2, 2), (0, 0), (1, 1), (2, 3))
OVERLAPPING = ((3, 2), (2, 1), (1, 1), (1, 2), (3, 6))
VOLUMES = ((2, 2, 2), (2, 1, 2), (0, 0, 1), (1, 1, 1), (2, 3, 3))
FIXED = IMAGE.__class__((1, 2, 5, 6), grad=False)

EQUAL = A((1, 1, 4, 4), values=np.ones((1, 1, 4, 4)).tolist())

SAMPLES = [
    Sample("max_pool_2", (IMAGE, *SIMPLE), reference=max_pool),
    Sample("max_pool_2", (A((2, 2, 4, 6)), *EVEN), reference=max_pool),
    Sample("max_pool_2", (IMAGE, *OVERLAPPING), reference=max_pool),
    # the last window reaches over the end
    Sample("max_pool_2", (A((1, 5, 5)), (2, 2), (2, 2), (0, 0), (1, 1), (3, 3)), reference=max_pool),
    Sample("max_pool_2", (A((0, 2, 4, 4)), (2, 2), (2, 2), (0, 0), (1, 1), (2, 2)), grad=False),
    Sample("max_pool_3", (VOLUME, *VOLUMES), reference=max_pool),
    Sample("max_pool", (IMAGE, *SIMPLE), reference=max_pool),
    Sample("max_pool_places", (IMAGE, *OVERLAPPING), reference=max_places),
    # the first of equal elements
    Sample("max_pool_places", (EQUAL, (2, 2), (2, 2), (0, 0), (1, 1), (2, 2)), reference=max_places),
    Sample("max_pool_select", (A((1, 2, 5, 6)), FIXED, *OVERLAPPING), reference=max_select),
    Sample("avg_pool_2", (IMAGE, (2, 3), (2, 2), (1, 1), (3, 3), True, None), reference=avg_pool),
    Sample("avg_pool_2", (IMAGE, (2, 3), (2, 2), (1, 1), (3, 3), False, None), reference=avg_pool),
    Sample("avg_pool_2", (IMAGE, (5, 2), (5, 2), (0, 0), (1, 3), True, 7), reference=avg_pool),
    Sample("avg_pool_3", (VOLUME, (2, 2, 2), (2, 2, 1), (0, 0, 0), (2, 2, 3), True, None), reference=avg_pool),
    Sample("avg_pool", (IMAGE, (2, 2), (3, 2), (0, 0), (2, 3), True, None), reference=avg_pool),
    Sample(
        "avg_pool_gradient",
        (A((1, 2, 3, 3)), (5, 6), (2, 3), (2, 2), (1, 1), (3, 3), False, None),
        reference=transposed(lambda x: avg_pool(x, (2, 3), (2, 2), (1, 1), (3, 3), False, None), (1, 2, 5, 6)),
    ),
    Sample("adaptive_avg_pool_2", (IMAGE, (2, 3)), reference=lambda x, out: adaptive(x, out, np.mean)),
    Sample("adaptive_avg_pool_2", (IMAGE, (3, 4)), reference=lambda x, out: adaptive(x, out, np.mean)),
    Sample("adaptive_avg_pool_3", (VOLUME, (3, 2, 1)), reference=lambda x, out: adaptive(x, out, np.mean)),
    Sample("adaptive_avg_pool", (IMAGE, (7, 2)), reference=lambda x, out: adaptive(x, out, np.mean)),
    Sample(
        "adaptive_avg_pool_gradient",
        (A((1, 2, 3, 4)), (5, 6)),
        reference=transposed(lambda x: adaptive(x, (3, 4), np.mean), (1, 2, 5, 6)),
    ),
    Sample(
        "adaptive_max_places",
        (IMAGE, (3, 4)),
        reference=lambda x, out: np.argmax(
            x.reshape(1, 2, 1, 1, 30) == adaptive(x, out, np.max)[..., None], -1
        ),
    ),
    Sample("pick_places", (IMAGE, A((1, 2, 3), 0, 30, "int64")), reference=pick),
    Sample("pick_places", (IMAGE, A((1, 1, 3, 4), 0, 30, "int64")), reference=pick),
    Sample("add_places", (A((1, 2, 3, 4)), A((1, 1, 3, 4), 0, 9, "int64"), (3, 3)), reference=add),
    Sample("add_places", (A((2, 2, 5)), A((2, 2, 5), 0, 4, "int64"), (4,)), reference=add),
]  # fmt: skip
for _name in ("adaptive_max_pool_2", "adaptive_max_pool_3", "fractional_max_pool_2", "fractional_max_pool_3"):
    SAMPLES.append(Sample(_name, (A((2, 2, 3, 4)), A((2, 2, 5), 0, 12, "int64")), reference=pick))
for _name in ("max_unpool_2", "max_unpool_3"):
    _places = A((1, 1, 2, 2), values=[[[[0, 3], [7, 5]]]], dtype="int64")
    SAMPLES.append(Sample(_name, (A((1, 1, 2, 2)), _places, (3, 4)), reference=add))
for _window, _shape in ((SIMPLE, (5, 6)), (EVEN, (4, 6)), (OVERLAPPING, (5, 6))):
    SAMPLES.append(
        Sample(
            "max_pool_gradient",
            (A((1, 2, *_window[-1])), A((1, 2, *_shape), grad=False), A((1, 2, *_window[-1]), grad=False), *_window),
            reference=None,
            # the maxima given here are not those of the image
            grad=False,
        )
    )
_UNFOLD = ((2, 3), (2, 1), (1, 1), (1, 2), (3, 4))
SAMPLES += [
    Sample("unfold_patches", (IMAGE, *_UNFOLD), reference=unfold),
    Sample("unfold_patches", (IMAGE, (2, 2), (2, 2), (0, 0), (1, 1), (2, 3)), reference=unfold),
    Sample(
        "fold_patches",
        (A((1, 12, 12)), (5, 6), *_UNFOLD),
        reference=transposed(lambda x: unfold(x, *_UNFOLD), (1, 2, 5, 6)),
    ),
]

ERRORS = [
    Mistake(
        lambda torch: torch.nn.functional.max_pool2d(torch.ones(1, 3, 5, 5), 3, padding=2),
        RuntimeError,
        "pad should be at most half of effective kernel size, but got pad=2, kernel_size=3 and dilation=1",
    ),
    Mistake(
        lambda torch: torch.nn.functional.max_pool2d(torch.ones(1, 3, 1, 1), 2),
        RuntimeError,
        r"Given input size: \(3x1x1\). Calculated output size: \(3x0x0\). Output size is too small",
    ),
    Mistake(
        lambda torch: torch.nn.functional.max_pool2d(torch.ones(1, 3, 5, 5), (1, 2, 3)),
        RuntimeError,
        "max_pool2d: kernel_size must either be a single int, or a tuple of two ints",
    ),
    Mistake(
        lambda torch: torch.max_pool1d(torch.ones(5), 2),
        RuntimeError,
        r"max_pool1d: Expected 2D or 3D .* but got:\[5\]",
    ),
    Mistake(
        lambda torch: torch.nn.functional.avg_pool2d(torch.ones(1, 3, 5, 5), 2, divisor_override=0),
        RuntimeError,
        "divisor must be not zero",
    ),
    Mistake(
        lambda torch: torch.nn.functional.adaptive_avg_pool2d(torch.ones(1, 3, 5, 5), (1, 2, 3)),
        RuntimeError,
        "adaptive_avg_pool2d: output_size must be 2",
    ),
    Mistake(
        lambda torch: torch.nn.functional.max_unpool2d(torch.ones(1, 1, 2, 2), torch.full((1, 1, 2, 2), 99), 2),
        RuntimeError,
        r"Found an invalid max index: 99 \(output volumes are of size 4x4\)",
    ),
    Mistake(
        lambda torch: torch.nn.functional.unfold(torch.ones(1, 3, 5, 5), 6),
        RuntimeError,
        r"calculated shape of the array of sliding blocks as \(0, 0\)",
    ),
    Mistake(
        lambda torch: torch.nn.functional.fold(torch.ones(1, 12, 15), (5, 5), 2),
        RuntimeError,
        r"calculated number of sliding blocks 4 \* 4 = 16, but got input.size\(2\)=15",
    ),
]
