"""Samples of resampling, and of channels laid out as pixels."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample
from .pool import transposed


def along(x, axis, place):
    """`place(output number) -> [(input number, weight), …]` applied along an axis."""
    columns = []
    for terms in place:
        columns.append(sum(w * np.take(x, [i], axis) for i, w in terms))
    return np.concatenate(columns, axis)


def linear_terms(n, out, align):
    for i in range(out):
        at = i * (n - 1) / max(out - 1, 1) if align else max((i + 0.5) * n / out - 0.5, 0)
        low = min(int(at), n - 1)
        yield [(low, 1 - (at - low)), (min(low + 1, n - 1), at - low)]


def nearest_terms(n, out):
    for i in range(out):
        yield [(i * n // out, 1)]


def cubic_terms(n, out, align):
    def weight(d, a=-0.75):
        d = abs(d)
        return (a + 2) * d**3 - (a + 3) * d**2 + 1 if d <= 1 else a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a

    for i in range(out):
        at = i * (n - 1) / max(out - 1, 1) if align else (i + 0.5) * n / out - 0.5
        low = int(np.floor(at))
        yield [(min(max(low + k, 0), n - 1), weight(at - low - k)) for k in (-1, 0, 1, 2)]


def resampled(x, sizes, mode, align, scales, antialias):
    for axis, out in enumerate(sizes, 2):
        n = x.shape[axis]
        if mode == "linear":
            terms = linear_terms(n, out, align)
        elif mode == "cubic":
            terms = cubic_terms(n, out, align)
        else:
            terms = nearest_terms(n, out)
        x = along(x, axis, terms)
    return x


SHAPES = {1: (2, 2, 5), 2: (1, 2, 4, 5), 3: (1, 1, 2, 3, 4)}
SIZES = {1: (8,), 2: (3, 9), 3: (3, 2, 5)}
NONE = {d: (None,) * d for d in SHAPES}

SAMPLES = []
for dims, shape in SHAPES.items():
    SAMPLES += [
        Sample(
            f"upsample_nearest_{dims}",
            (A(shape), SIZES[dims], "nearest", False, NONE[dims], False),
            reference=resampled,
        ),
        Sample(f"upsample_nearest_exact_{dims}", (A(shape), SIZES[dims], "nearest-exact", False, NONE[dims], False)),
        *[
            Sample(
                f"upsample_linear_{dims}",
                (A(shape), SIZES[dims], "linear", align, NONE[dims], False),
                reference=resampled,
            )
            for align in (False, True)
        ],
    ]
SAMPLES += [
    *[
        Sample("upsample_cubic_2", (A(SHAPES[2]), SIZES[2], "cubic", align, NONE[2], False), reference=resampled)
        for align in (False, True)
    ],
    Sample("upsample_linear_2", (A(SHAPES[2]), (8, 10), "linear", False, (2.1, 2.0), False)),
    Sample("upsample_linear_2_aa", (A(SHAPES[2]), (2, 2), "linear", False, NONE[2], True)),
    Sample("upsample_cubic_2_aa", (A(SHAPES[2]), (3, 7), "cubic", False, NONE[2], True)),
    Sample("upsample_lanczos_2_aa", (A((1, 1, 8, 9)), (3, 4), "lanczos", False, NONE[2], True)),
    Sample("resample", (A(SHAPES[2]), SIZES[2], "linear", False, NONE[2], False), reference=resampled),
    *[
        Sample(
            "resample_gradient",
            (A((1, 2, *SIZES[2])), (4, 5), mode, False, NONE[2], False),
            reference=transposed(lambda x, mode=mode: resampled(x, SIZES[2], mode, False, None, False), SHAPES[2]),
        )
        for mode in ("nearest", "linear", "cubic")
    ],
    Sample(
        "pixel_shuffle",
        (A((2, 4, 1, 3)), 2),
        reference=lambda x, r: np.stack(
            [
                np.stack([x[:, 0, 0], x[:, 1, 0]], -1).reshape(2, 6),
                np.stack([x[:, 2, 0], x[:, 3, 0]], -1).reshape(2, 6),
            ],
            1,
        )[:, None],
    ),
    Sample("pixel_shuffle", (A((4, 2, 3)), 1), reference=lambda x, r: x),
    Sample(
        "pixel_unshuffle",
        (A((1, 2, 4)), 2),
        reference=lambda x, r: np.stack([x[0, 0, ::2], x[0, 0, 1::2], x[0, 1, ::2], x[0, 1, 1::2]])[:, None],
    ),
    Sample("pixel_unshuffle", (A((1, 1, 2, 3)), 1), reference=lambda x, r: x),
]

ERRORS = [
    Mistake(
        lambda torch: torch.pixel_shuffle(torch.ones(1, 3, 4, 4), 2),
        RuntimeError,
        r"input.size\(-3\)=3 is not divisible by 4",
    ),
    Mistake(
        lambda torch: torch.nn.functional.interpolate(torch.ones(1, 3, 4, 4)),
        ValueError,
        "either size or scale_factor should be defined",
    ),
    Mistake(
        lambda torch: torch.nn.functional.interpolate(torch.ones(1, 3, 4), size=3, mode="bilinear"),
        NotImplementedError,
        "Got 3D input, but bilinear mode needs 4D input",
    ),
    Mistake(
        lambda torch: torch.nn.functional.interpolate(torch.ones(1, 3, 4, 4), size=3, align_corners=True),
        ValueError,
        "align_corners option can only be set with the interpolating modes",
    ),
    Mistake(
        lambda torch: torch.nn.functional.grid_sample(
            torch.ones(1, 1, 4, 4), torch.ones(1, 2, 2, 3), align_corners=False
        ),
        RuntimeError,
        r"expected grid to have size 2 in last dimension, but got grid with sizes \[1, 2, 2, 3\]",
    ),
]
