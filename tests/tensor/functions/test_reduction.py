"""Sums, extremes and named results: precision, layouts, the short way and the general one."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

import flambeau as torch

LAYOUTS = {
    "dense": lambda a: a,
    "transposed": lambda a: a.T,
    "columns": lambda a: a[:, : a.shape[1] // 2],
    "reversed rows": lambda a: a[::-1],
    "every second": lambda a: a[::2],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(20000, 5), (5, 20000), (3000, 64), (2, 5000, 3)])
def test_long_float32_sums_are_as_exact_as_pairwise_ones(layout, shape):
    """Whatever the axis and the memory layout, the relative error stays near the rounding of one number."""
    array = LAYOUTS[layout](np.random.default_rng(0).random(shape, dtype=np.float32))
    x = torch.from_numpy(np.array(array, copy=True) if layout == "reversed rows" else array)
    for dim in (None, *range(array.ndim), (0, 1)):
        exact = array.astype(np.float64).sum(axis=dim)
        found = x.sum() if dim is None else x.sum(dim)
        assert np.abs(found.numpy() / exact - 1).max() < 1e-6
        mean = x.mean() if dim is None else x.mean(dim)
        assert np.abs(mean.numpy() / (exact / (array.size / exact.size)) - 1).max() < 1e-6


@pytest.mark.parametrize("shape", [(5000,), (100, 70), (2049, 3), (64, 1, 64)])
def test_products_of_large_arrays_take_every_element_once(shape):
    """Folding for speed must not lose or repeat elements."""
    array = np.random.default_rng(1).choice([1.0, -1.0, 2.0, 0.5], size=shape).astype(np.float32)
    x = torch.from_numpy(array)
    assert x.prod().item() == np.prod(array)
    for dim in range(array.ndim):
        assert np.array_equal(x.prod(dim).numpy(), np.prod(array, axis=dim))


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "argmax", "argmin", "all", "any"])
def test_the_short_way_and_the_general_one_agree(name):
    """`x.name(dim)` takes the short way, a sequence of dims, a mode or a subclass the general one."""
    x = torch.tensor([[3.0, 1.0, 3.0], [-1.0, 0.0, -1.0]])
    for arguments in ((), (0,), (1,), (-1,)):
        short = getattr(x, name)(*arguments)
        with torch.no_grad():
            general = getattr(x, name)(*arguments)
        assert type(short) is type(general)
        for a, b in zip(short, general, strict=True) if isinstance(short, tuple) else ((short, general),):
            assert a.dtype is b.dtype and torch.equal(a, b)


def test_integers_are_summed_as_int64_unless_told_otherwise():
    x = torch.full((3,), 200, dtype=torch.uint8)
    assert (x.sum().item(), x.sum().dtype) == (600, torch.int64)
    assert (x.sum(dtype=torch.uint8).item(), x.sum(dtype=torch.uint8).dtype) == (600 % 256, torch.uint8)
    assert (x > 100).sum(0).item() == 3
    assert x.cumsum(0).tolist() == [200, 400, 600]
    assert x.prod(dtype=torch.float32).item() == 8e6


def test_a_named_result_prints_unpacks_pickles_and_cannot_be_changed():
    result = torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1)
    assert repr(result) == "torch.return_types.max(\nvalues=tensor([5., 7.]),\nindices=tensor([1, 0]))"
    values, indices = result
    assert values is result.values is result[0] and indices is result.indices
    assert type(result) is torch.return_types.max and type(result).__match_args__ == ("values", "indices")
    with pytest.raises(AttributeError):
        result.values = 1
    with pytest.raises(AttributeError):
        result.further = 1
    with pytest.raises(TypeError, match=r"^torch.return_types.max\(\) takes a 2-sequence \(1-sequence given\)"):
        torch.return_types.max([1])
    numbers = torch.return_types.sort([1, 2])
    assert pickle.loads(pickle.dumps(numbers)) == numbers


def test_out_tensors_come_back_as_their_own_kind_of_named_result():
    x, values, indices = torch.tensor([3.0, 9.0]), torch.zeros(()), torch.zeros((), dtype=torch.int64)
    result = torch.max(x, 0, out=(values, indices))
    assert type(result) is torch.return_types.max_out and result.values is values
    assert (values.item(), indices.item()) == (9.0, 1)


def test_equal_extremes_share_the_gradient_but_an_index_takes_it_alone():
    x = torch.tensor([2.0, 5.0, 5.0], requires_grad=True)
    for whole in (x.max(), x.amax(0)):
        assert torch.autograd.grad(whole, x)[0].tolist() == [0.0, 0.5, 0.5]
    assert torch.autograd.grad(x.max(0).values, x)[0].tolist() == [0.0, 1.0, 0.0]


def test_a_product_has_gradients_where_factors_are_zero():
    x = torch.tensor([0.0, 2.0, 3.0], requires_grad=True)
    assert torch.autograd.grad(x.prod(), x)[0].tolist() == [6.0, 0.0, 0.0]
    x = torch.tensor([0.0, 2.0, 0.0], requires_grad=True)
    assert torch.autograd.grad(x.prod(), x)[0].tolist() == [0.0, 0.0, 0.0]


def test_a_spread_of_too_few_values_warns():
    with pytest.warns(UserWarning, match=r"^std\(\): degrees of freedom is <= 0"):
        assert torch.tensor([1.0]).std().isnan()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.tensor([1.0, 3.0]).var(correction=0).item() == 1.0


def test_logsumexp_neither_overflows_nor_loses_infinite_values():
    inf = float("inf")
    assert torch.logsumexp(torch.tensor([1000.0, 1000.0]), 0).item() == pytest.approx(1000 + np.log(2))
    assert torch.logsumexp(torch.tensor([-inf, -inf]), 0).item() == -inf
    x = torch.tensor([-inf, 0.0], requires_grad=True)
    assert torch.autograd.grad(torch.logsumexp(x, 0), x)[0].tolist() == [0.0, 1.0]


def test_running_sums_in_float32_do_not_pile_up_errors():
    array = np.random.default_rng(2).random((3000, 80), dtype=np.float32)
    exact = np.cumsum(array.astype(np.float64), axis=0)
    assert np.abs(torch.from_numpy(array).cumsum(0).numpy() / exact - 1).max() < 1e-6


@pytest.mark.parametrize("name", ["sum", "mean", "max", "argmax", "any"])
def test_a_dim_may_have_numpys_name_beside_keepdim(name):
    x = torch.arange(6.0).reshape(2, 3)
    reduce = getattr(torch, name)
    assert str(reduce(x, axis=1, keepdim=True)) == str(reduce(x, dim=1, keepdim=True))
    assert str(getattr(x, name)(axis=1, keepdims=True)) == str(reduce(x, 1, True))


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
def test_equal_elements_have_no_variance(dtype):
    """The mean of numbers that are no sums of powers of two is rounded; the variance must not show it."""
    for number in (0.1, 0.3, 1e6 + 0.7):
        for n in (3, 7, 1000, 5000):
            x = torch.full((2, n, 3), number, dtype=getattr(torch, dtype))
            assert not x.var(1).any() and not x.std((0, 1)).any() and not torch.var_mean(x)[0]
