"""Samples of Fourier transforms."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

NORMS = ("backward", "ortho", "forward")


def c2c(x, dim, norm, forward=True):
    return (np.fft.fftn if forward else np.fft.ifftn)(x, axes=dim, norm=norm)


def frames(x, size, step):
    return np.stack([x[..., i : i + size] for i in range(0, x.shape[-1] - size + 1, step)], -2)


def overlapped(x, step):
    count, size = x.shape[-2:]
    total = np.zeros((*x.shape[:-2], (count - 1) * step + size))
    for i in range(count):
        total[..., i * step : i * step + size] += x[..., i, :]
    return total


SAMPLES = [
    *[
        Sample("fft_c2c", (A((3, 4)),), {"dim": d, "norm": n, "forward": f}, c2c, complex=True)
        for n in NORMS
        for d, f in (((1,), True), ((0, 1), False))
    ],
    *[Sample("fft_of_real", (A((3, 4)),), {"dim": (1,), "norm": n}, c2c) for n in NORMS],
    *[
        Sample(
            "fft_r2c", (A(s),), {"dim": (0, 1), "norm": n}, lambda x, dim, norm: np.fft.rfftn(x, axes=dim, norm=norm)
        )
        for n in NORMS
        for s in ((3, 4), (2, 5))
    ],
    *[
        Sample(
            "fft_c2r",
            (A((2, 3)),),
            {"dim": (0, 1), "norm": n, "size": k},
            lambda x, dim, norm, size: np.fft.irfftn(x, (x.shape[0], size), axes=dim, norm=norm),
            complex=True,
        )
        for n in NORMS
        for k in (4, 5)
    ],
    *[Sample("frames_of", (A((2, 9)),), {"size": n, "step": k}, frames) for n, k in ((4, 2), (3, 3), (4, 3))],
    *[Sample("overlap_add", (A((2, 3, n)),), {"step": k}, overlapped) for n, k in ((4, 2), (4, 3), (3, 5))],
]

ERRORS = [
    Mistake(lambda t: t.fft.fft(t.ones(3, 0)), RuntimeError, r"Invalid number of data points \(0\) specified"),
    Mistake(lambda t: t.fft.fft(t.ones(3), norm="x"), RuntimeError, 'Invalid normalization mode: "x"'),
    Mistake(lambda t: t.fft.rfft(t.ones(3, dtype=t.complex64)), RuntimeError, "rfft expects a real input tensor"),
    Mistake(lambda t: t.fft.fftn(t.ones(3, 4), dim=(0, 0)), RuntimeError, "FFT dims must be unique"),
    Mistake(lambda t: t.fft.fft(t.ones(3).half()), RuntimeError, "Unsupported dtype Half"),
    Mistake(
        lambda t: t.stft(t.ones(20), 8, window=t.ones(8)), RuntimeError, "stft requires the return_complex parameter"
    ),
    Mistake(lambda t: t.hann_window(-1), RuntimeError, "requires non-negative window_length, got window_length=-1"),
]
