"""Samples of the convolutions."""

from __future__ import annotations

import itertools

import numpy as np

from . import A, Mistake, Sample


def places(x, w, stride, padding, dilation, groups):
    """Every (output place, kernel place, the padded image's place) of a convolution, and the padded image."""
    pad = [(0, 0), (0, 0), *[(p, p) for p in padding]]
    image = np.pad(x, pad)
    out = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(image.shape[2:], w.shape[2:], stride, dilation, strict=True)
    ]
    for at in itertools.product(*map(range, out)):
        for tap in itertools.product(*map(range, w.shape[2:])):
            yield at, tap, tuple(a * s + t * d for a, s, t, d in zip(at, stride, tap, dilation, strict=True))


def forward(x, w, bias, stride, padding, dilation, groups):
    image = np.pad(x, [(0, 0), (0, 0), *[(p, p) for p in padding]])
    triples = list(places(x, w, stride, padding, dilation, groups))
    sizes = tuple(n + 1 for n in max(at for at, _, _ in triples))
    result = np.zeros((len(x), len(w), *sizes), x.dtype)
    each, inner = len(w) // groups, w.shape[1]
    for at, tap, where in triples:
        for o in range(len(w)):
            first = o // each * inner
            for c in range(inner):
                result[(slice(None), o, *at)] += image[(slice(None), first + c, *where)] * w[(o, c, *tap)]
    return result if bias is None else result + bias.reshape(-1, *(1,) * len(sizes))


def unit(shape, index):
    one = np.zeros(shape)
    one[index] = 1
    return one


def input_gradient(g, w, bias, sizes, stride, padding, dilation, groups):
    """The transpose of `forward`, one image element after the other."""
    shape = (1, w.shape[1] * groups, *sizes)
    result = np.zeros((len(g), *shape[1:]))
    for index in np.ndindex(*shape):
        seen = forward(unit(shape, index), w, None, stride, padding, dilation, groups)
        result[(slice(None), *index[1:])] = (g * seen).sum(tuple(range(1, g.ndim)))
    return result if bias is None else result + bias.reshape(-1, *(1,) * len(sizes))


def weight_gradient(g, x, kernel, stride, padding, dilation, groups):
    shape = (g.shape[1], x.shape[1] // groups, *kernel)
    result = np.zeros(shape)
    for index in np.ndindex(*shape):
        result[index] = (g * forward(x, unit(shape, index), None, stride, padding, dilation, groups)).sum()
    return result


# (images, kernels, stride, padding, dilation, groups); wide images and small ones are computed in different ways
CASES = [
    ((2, 2, 5), (3, 2, 2), (1,), (0,), (1,), 1),
    ((1, 2, 7), (2, 2, 3), (2,), (1,), (2,), 1),
    ((2, 2, 3, 20), (3, 2, 2, 2), (1, 1), (0, 0), (1, 1), 1),
    ((1, 2, 3, 30), (2, 2, 3, 2), (1, 1), (1, 1), (1, 2), 1),
    ((2, 2, 4, 4), (3, 2, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    ((1, 2, 5, 6), (2, 2, 2, 3), (2, 1), (1, 2), (1, 2), 1),
    ((1, 4, 4, 5), (4, 2, 2, 2), (1, 2), (0, 1), (1, 1), 2),
    ((1, 2, 4, 5), (4, 1, 2, 2), (1, 1), (1, 0), (1, 1), 2),
    ((1, 2, 5, 5), (2, 1, 3, 2), (2, 2), (1, 1), (1, 1), 2),
    ((2, 3, 3, 3), (2, 3, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    ((1, 2, 3, 3), (2, 2, 1, 1), (2, 2), (0, 0), (1, 1), 1),
    ((1, 2, 3, 3, 3), (2, 2, 2, 2, 2), (1, 1, 1), (0, 1, 0), (1, 1, 1), 1),
]


def sizes_of(case):
    x, w, stride, padding, dilation, _ = case
    window = zip(x[2:], w[2:], stride, padding, dilation, strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in window)


SAMPLES = []
for number, case in enumerate(CASES):
    x, w, stride, padding, dilation, groups = case
    window = (stride, padding, dilation, groups)
    out = (x[0], w[0], *sizes_of(case))
    bias = number % 2
    SAMPLES += [
        Sample(
            "conv_forward",
            (A(x), A(w), A((w[0],)) if bias else None, *window),
            reference=forward,
            complex=number in (2, 4),
        ),
        Sample(
            "conv_input_gradient",
            (A(out), A(w), A((x[1],)) if bias else None, x[2:], *window),
            reference=input_gradient,
            complex=number in (2, 4),
        ),
        Sample("conv_weight_gradient", (A(out), A(x), w[2:], *window), reference=weight_gradient, complex=number == 4),
    ]
SAMPLES += [
    Sample("conv_forward", (A((0, 2, 4, 4)), A((3, 2, 2, 2)), None, (1, 1), (0, 0), (1, 1), 1), grad=False),
    # output padding: the last row and column are reached by no kernel
    Sample("conv_input_gradient", (A((1, 2, 3, 3)), A((2, 2, 1, 2)), None, (4, 6), (1, 1), (0, 0), (2, 2), 1)),
]

ERRORS = [
    Mistake(
        lambda torch: torch.conv2d(torch.ones(1, 4, 5, 5), torch.ones(2, 3, 3, 3)),
        RuntimeError,
        r"Given groups=1, weight of size \[2, 3, 3, 3\], expected input\[1, 4, 5, 5\] to have 3 channels, but got 4",
    ),
    Mistake(
        lambda torch: torch.conv2d(torch.ones(1, 5, 5, 3), torch.ones(2, 3, 3, 3)),
        RuntimeError,
        r"input.permute\(0, 3, 1, 2\)",
    ),
    Mistake(
        lambda torch: torch.conv2d(torch.ones(1, 3, 2, 2), torch.ones(2, 3, 3, 3)),
        RuntimeError,
        r"padded input size per channel: \(2 x 2\). Kernel size: \(3 x 3\). Kernel size can't be greater than actual",
    ),
    Mistake(
        lambda torch: torch.conv2d(torch.ones(4, 5), torch.ones(2, 3, 3, 3)),
        RuntimeError,
        r"Expected 3D \(unbatched\) or 4D \(batched\) input to conv2d, but got input of size: \[4, 5\]",
    ),
    Mistake(
        lambda torch: torch.conv1d(torch.ones(1, 3, 5), torch.ones(2, 3, 3), torch.ones(3)),
        RuntimeError,
        r"expected bias to be 1-dimensional with 2 elements, but got bias of size \[3\]",
    ),
    Mistake(
        lambda torch: torch.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3).double()),
        RuntimeError,
        "expected scalar type Float but found Double",
    ),
    Mistake(
        lambda torch: torch.conv2d(torch.ones(1, 3, 5, 5), torch.ones(2, 3, 3, 3), stride=0),
        RuntimeError,
        "non-positive stride is not supported",
    ),
    Mistake(
        lambda torch: torch.conv_transpose2d(torch.ones(1, 3, 5, 5), torch.ones(3, 2, 3, 3), output_padding=1),
        RuntimeError,
        "output padding must be smaller than either stride or dilation",
    ),
]
