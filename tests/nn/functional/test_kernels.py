"""A kernel that stands in for a row's body gives what the body gives."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import flambeau.nn.functional  # noqa: F401  fills the table
from flambeau.ops.table import TABLE
from flambeau.xp import numpy as xnp

sys.path.insert(0, str(Path(__file__).parents[2]))
from ops.samples import A, activation, attention, embedding, loss, norm

CALLS = [
    sample
    for family in (activation, loss, norm, embedding, attention)
    for sample in family.SAMPLES
    if TABLE[sample.op].composite and hasattr(xnp, sample.op)
]


def built(description: A, stream: np.random.RandomState) -> np.ndarray:
    if description.values is not None:
        return np.array(description.values, description.dtype or "float64").reshape(description.shape)
    return stream.uniform(description.low, description.high, description.shape)


@pytest.mark.parametrize("sample", CALLS, ids=lambda s: s.op)
def test_the_kernel_gives_what_the_body_gives(sample):
    stream = np.random.RandomState(0)
    args = [built(a, stream) if isinstance(a, A) else a for a in sample.args]
    if sample.op in ("standardized", "inverse_deviation"):
        # the kernel uses the statistics that it is given, the body works them out
        x, axes = args[0], args[-2]
        args[1:-2] = [x.mean(axes, keepdims=True), x.var(axes, keepdims=True)][-len(args[1:-2]) :]
    kernel = getattr(xnp, sample.op)(*args, **sample.kwargs)
    body = TABLE[sample.op].forward(xnp, *args, **sample.kwargs)
    np.testing.assert_allclose(kernel, body, rtol=1e-10, atol=1e-12)


def test_there_are_kernels_to_compare():
    assert len({sample.op for sample in CALLS}) >= 8


@pytest.mark.parametrize("axes", [(1,), (0, 2), (1, 2), (2,)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_moments_are_mean_and_variance_in_any_layout(axes, order):
    x = np.asarray(np.random.RandomState(0).randn(5, 40, 30) + 100, order=order)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-4)):
        mean, var = xnp.moments(x.astype(dtype), axes)
        np.testing.assert_allclose(mean, x.mean(axes, keepdims=True), rtol=tolerance)
        np.testing.assert_allclose(var, x.var(axes, keepdims=True), rtol=max(tolerance, 1e-10))


def test_a_long_sum_of_squares_loses_nothing_in_float32():
    x = np.random.RandomState(0).randn(1 << 20).astype(np.float32)
    exact = float((x.astype(np.float64) ** 2).sum())
    assert abs(float(xnp.total_of_squares(x)) / exact - 1) < 1e-6
