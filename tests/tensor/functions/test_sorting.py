"""Sorting and selecting agree with a stable sort in which nan is the largest, on every path of the kernels."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch

DTYPES = ["float32", "float64", "int32", "int64", "int8", "uint8"]
# short rows are compared, long ones become keys, very long ones are searched in blocks
SIZES = [1, 7, 300, 5000]


def numbers(dtype, size, rows=3):
    """Few distinct values, and for floats some nan, infinities and zeros of both signs."""
    rng = np.random.default_rng(size)
    array = rng.integers(0, max(size // 3, 2), (rows, size)) % 120
    array = array.astype(dtype) if dtype == "uint8" else (array - array.max() // 2).astype(dtype)
    if dtype.startswith("float"):
        special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype)
        hit = rng.random(array.shape) < 0.2
        array[hit] = rng.choice(special, hit.sum())
    return array


def stable(array, descending=False):
    if not descending:
        return np.argsort(array, axis=-1, kind="stable")
    return array.shape[-1] - 1 - np.argsort(array[..., ::-1], axis=-1, kind="stable")[..., ::-1]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_sort_is_stable_and_takes_nan_for_the_largest(dtype, size, descending):
    array = numbers(dtype, size)
    order = stable(array, descending)
    for dim, x in ((1, torch.from_numpy(array)), (0, torch.from_numpy(array).t())):
        values, indices = x.sort(dim, descending)
        values, indices = (values, indices) if dim else (values.t(), indices.t())
        assert np.array_equal(indices.numpy(), order)
        assert np.array_equal(values.numpy(), np.take_along_axis(array, order, 1), equal_nan=dtype[0] == "f")


@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_topk_gives_the_first_of_the_sorted_values_and_where_they_stand(dtype, size, largest):
    array = numbers(dtype, size)
    ordered = np.take_along_axis(array, stable(array, largest), 1)
    for k in {0, 1, min(5, size), size}:
        values, indices = torch.from_numpy(array).topk(k, 1, largest)
        assert np.array_equal(values.numpy(), ordered[:, :k], equal_nan=dtype[0] == "f")
        assert np.array_equal(np.take_along_axis(array, indices.numpy(), 1), values.numpy(), equal_nan=dtype[0] == "f")
        assert all(len(set(row)) == k for row in indices.tolist())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_order_statistics_are_those_of_the_sorted_values(dtype, size):
    array = numbers(dtype, size)
    ordered = np.take_along_axis(array, stable(array), 1)
    x = torch.from_numpy(array)
    for k in {1, size // 2 + 1, size}:
        values, indices = x.kthvalue(k, 1)
        assert np.array_equal(values.numpy(), ordered[:, k - 1], equal_nan=dtype[0] == "f")
        found = np.take_along_axis(array, indices.numpy()[:, None], 1)[:, 0]
        assert np.array_equal(found, values.numpy(), equal_nan=dtype[0] == "f")
    lost = np.isnan(array)
    middle = np.take_along_axis(ordered, np.maximum((~lost).sum(1, keepdims=True) - 1, 0) // 2, 1)[:, 0]
    assert np.array_equal(x.nanmedian(1).values.numpy(), middle, equal_nan=dtype[0] == "f")
    middle = np.where(lost.any(1), np.nan, ordered[:, (size - 1) // 2])
    assert np.array_equal(x.median(1).values.numpy(), middle.astype(array.dtype), equal_nan=dtype[0] == "f")


@pytest.mark.parametrize("size", [1, 6, 400])
def test_mode_is_the_smallest_of_the_most_frequent_values(size):
    array = np.random.default_rng(size).integers(0, 5, (4, size))
    values, indices = torch.from_numpy(array).mode(1)
    for row, value, index in zip(array, values.tolist(), indices.tolist(), strict=True):
        found, counts = np.unique(row, return_counts=True)
        assert value == found[counts.argmax()] == row[index]


def test_running_extremes_stand_at_the_last_of_equal_values():
    values, indices = torch.tensor([1.0, 3.0, 3.0, 2.0, float("nan"), 9.0]).cummax(0)
    assert indices.tolist() == [0, 1, 2, 2, 4, 4]
    assert values[:4].tolist() == [1.0, 3.0, 3.0, 3.0] and values[4:].isnan().all()


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "midpoint", "nearest"])
def test_quantiles_lie_where_numpy_puts_them(interpolation):
    array = np.random.default_rng(5).random((4, 11))
    levels = np.array([0.0, 0.13, 0.5, 0.87, 1.0])
    found = torch.quantile(torch.from_numpy(array), torch.from_numpy(levels), 1, interpolation=interpolation)
    assert np.allclose(found.numpy(), np.quantile(array, levels, axis=1, method=interpolation))


def test_unique_slices_come_sorted_with_their_places_and_counts():
    array = np.random.default_rng(6).integers(0, 2, (40, 3))
    values, inverse, counts = torch.unique(torch.from_numpy(array), dim=0, return_inverse=True, return_counts=True)
    assert values.tolist() == sorted(map(list, set(map(tuple, array.tolist()))))
    assert np.array_equal(values.numpy()[inverse.numpy()], array)
    assert counts.tolist() == np.bincount(inverse.numpy()).tolist()


def test_each_value_is_counted_in_one_bin_of_a_histogram():
    x = torch.rand(1000, generator=torch.Generator().manual_seed(0))
    hist, edges = torch.histogram(x, 7, range=(0.0, 1.0))
    assert hist.sum().item() == 1000 and edges.shape == (8,)
    assert torch.equal(hist, torch.histc(x, 7, 0, 1))
    assert torch.histogram(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 1.0, 2.0])).hist.tolist() == [1.0, 2.0]
