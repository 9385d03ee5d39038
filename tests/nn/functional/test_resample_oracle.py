"""Images of bytes are resampled in PyTorch's integers: no pixel differs."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "nearest", "nearest-exact"])
def test_no_byte_differs(mode):
    rng = np.random.default_rng(0)
    for antialias in (False, True)[: 1 if "nearest" in mode else 2]:
        for _ in range(40):
            channels, *sizes = (int(n) for n in (rng.integers(1, 7), *rng.integers(2, 60, 4)))
            image = rng.integers(0, 256, (2, channels, *sizes[:2])).astype(np.uint8)
            theirs, ours = (
                library.nn.functional.interpolate(
                    library.from_numpy(image), tuple(sizes[2:]), mode=mode, antialias=antialias
                )
                for library in (torch, flambeau)
            )
            assert np.array_equal(theirs.numpy(), ours.numpy()), (channels, sizes, antialias)
            assert theirs.stride() == ours.stride()
