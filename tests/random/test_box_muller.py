"""Pairs of normals: near the exact ones for every argument, and to the last bit those of PyTorch's two profiles."""

import numpy as np
import pytest

from flambeau.random import NORMAL_PROFILES, Generator, normal
from flambeau.random.box_muller import normal_pairs

STEP = np.float32(2.0**-24)
# the ends of [0, 1), and angles at and beside every eighth of a turn
EIGHTHS = np.arange(8, dtype=np.float32) / np.float32(8)
DELICATE = np.concatenate([EIGHTHS, EIGHTHS + STEP, EIGHTHS + 1 - STEP]) % np.float32(1)


def exact(u, v):
    radius = np.sqrt(-2 * np.log1p(-u.astype(np.float64)))
    angle = 2 * np.pi * v.astype(np.float64)
    return radius * np.cos(angle), radius * np.sin(angle)


@pytest.mark.parametrize("profile", NORMAL_PROFILES)
def test_both_profiles_are_accurate_everywhere(profile):
    u, v = (grid.ravel() for grid in np.meshgrid(DELICATE, DELICATE))
    rng = np.random.default_rng(0)
    more = rng.integers(0, 2**24, (2, 20000)).astype(np.float32) * STEP
    u, v = np.concatenate([u, more[0]]), np.concatenate([v, more[1]])
    for got, wanted in zip(normal_pairs(u, v, profile), exact(u, v), strict=True):
        assert got.dtype == np.float32
        assert np.abs(got - wanted).max() < 3e-6


def test_arguments_are_left_alone():
    u, v = DELICATE.copy(), DELICATE[::-1].copy()
    normal_pairs(u, v, "cephes")
    assert np.array_equal(u, DELICATE)
    assert np.array_equal(v, DELICATE[::-1])


def test_the_libm_profile_is_what_pytorch_gives_without_avx2():
    """`torch.randn(1000)[-8:]` after `manual_seed(1234)`, with ATEN_CPU_CAPABILITY=default."""
    generator = Generator().manual_seed(1234)
    generator.normal_profile = "libm"
    expected = [
        0.804383159,
        -2.12369132,
        -0.910205424,
        2.39804649,
        -0.0436268672,
        -0.163732812,
        -0.718542099,
        1.28482461,
    ]
    assert normal(generator, 1000)[-8:].tolist() == pytest.approx(expected, abs=3e-7)


def test_the_profiles_differ_in_last_bits_only():
    generators = [Generator().manual_seed(0) for _ in NORMAL_PROFILES]
    for generator, profile in zip(generators, NORMAL_PROFILES, strict=True):
        generator.normal_profile = profile
    a, b = (normal(generator, 10000) for generator in generators)
    assert 0 < np.abs(a - b).max() < 3e-6


def test_an_unknown_profile_is_refused():
    generator = Generator()
    generator.normal_profile = "sse"
    with pytest.raises(ValueError, match="^normal_profile is 'sse', but must be 'cephes' or 'libm'$"):
        normal(generator, 16)


def test_normals_of_a_zero_radius_are_positive_zeros():
    u = np.zeros(4, np.float32)
    v = np.array([0, 0.25, 0.5, 0.75], np.float32)
    assert all((half == 0).all() for half in normal_pairs(u, v, "cephes"))
