"""What the functions on indices promise beyond the samples of their rows: in place, whole memory, gradients, errors."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch

pytestmark = pytest.mark.filterwarnings("ignore:index_reduce")

RNG = np.random.default_rng(7)


def numbers(*shape, grad=False):
    t = torch.from_numpy(np.random.default_rng(sum(shape)).standard_normal(shape))
    return t.requires_grad_() if grad else t


INDEX = torch.tensor([[0, 2], [1, 1], [3, 0]])
SLICES = torch.tensor([2, 0])

# name -> arguments after the tensor of shape (3, 4)
WRITES = {
    "scatter": lambda: (1, INDEX, numbers(3, 2)),
    "scatter value": lambda: (1, INDEX, 2.5),
    "scatter_add": lambda: (1, INDEX, numbers(3, 2)),
    "index_add": lambda: (1, SLICES, numbers(3, 2)),
    "index_copy": lambda: (1, SLICES, numbers(3, 2)),
    "index_fill": lambda: (1, SLICES, 1.5),
    "index_fill tensor": lambda: (1, SLICES, torch.tensor(1.5, dtype=torch.float64)),
    "masked_fill": lambda: (torch.tensor([True, False, True, False]), -1.0),
    "masked_scatter": lambda: (torch.tensor([True, False, True, False]), numbers(12)),
    "index_put": lambda: ((SLICES,), numbers(2, 4)),
    "put": lambda: (SLICES, numbers(2)),
    "scatter_reduce": lambda: (1, INDEX, numbers(3, 2), "amax"),
    "index_reduce": lambda: (1, SLICES, numbers(3, 2), "prod"),
}


def call(t, name, suffix=""):
    return getattr(t, name.split()[0] + suffix)(*WRITES[name]())


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("layout", ["dense", "transposed", "part of a larger tensor"])
def test_in_place_gives_what_the_function_gives_in_every_layout(name, layout):
    expected = call(numbers(3, 4), name)
    t = {
        "dense": lambda: numbers(3, 4),
        "transposed": lambda: numbers(3, 4).t().contiguous().t(),
        "part of a larger tensor": lambda: torch.zeros(3, 9, dtype=torch.float64)[:, 2:6].copy_(numbers(3, 4)),
    }[layout]()
    assert call(t, name, "_") is t
    np.testing.assert_array_equal(t.numpy(), expected.numpy())


@pytest.mark.parametrize("name", WRITES)
def test_the_function_leaves_its_tensor_alone(name):
    t = numbers(3, 4)
    call(t, name)
    np.testing.assert_array_equal(t.numpy(), numbers(3, 4).numpy())


@pytest.mark.parametrize("name", WRITES)
def test_in_place_counts_a_new_version(name):
    t = numbers(3, 4)
    before = t._version
    call(t, name, "_")
    assert t._version == before + 1


@pytest.mark.parametrize("name", WRITES)
def test_in_place_has_the_gradient_of_the_function(name):
    plain, changed = numbers(3, 4, grad=True), numbers(3, 4, grad=True)
    (call(plain * 2, name) ** 2).sum().backward()
    (call(changed * 2, name, "_") ** 2).sum().backward()
    np.testing.assert_allclose(changed.grad.numpy(), plain.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", WRITES)
def test_in_place_on_a_leaf_that_requires_a_gradient_is_refused_but_under_no_grad(name):
    t = numbers(3, 4, grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        call(t, name, "_")
    with torch.no_grad():
        call(t, name, "_")
    np.testing.assert_array_equal(t.detach().numpy(), call(numbers(3, 4), name).numpy())


@pytest.mark.parametrize("name", ["scatter_add", "index_add", "masked_fill"])
def test_a_value_that_the_backward_pass_needs_may_not_be_overwritten(name):
    x = numbers(3, 4, grad=True)
    y = x.exp()
    z = y * 2
    call(y, name, "_")
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_an_index_that_the_backward_pass_needs_may_not_be_overwritten():
    index = torch.tensor([[0], [1]])
    y = numbers(2, 3, grad=True).gather(1, index)
    index.fill_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_in_place_from_memory_that_it_writes_to_reads_the_old_values():
    t = torch.arange(4.0)
    t.index_copy_(0, torch.tensor([1, 2, 3]), t[:3])
    assert t.tolist() == [0.0, 0.0, 1.0, 2.0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.int8, torch.uint8, torch.bool, torch.complex64])
def test_adding_at_one_place_many_times_works_in_every_dtype(dtype):
    t = torch.zeros(2, dtype=dtype).scatter_add(0, torch.zeros(3, dtype=torch.int64), torch.ones(3, dtype=dtype))
    assert t.dtype is dtype
    assert t.to(torch.complex64)[0].item() == (1 if dtype is torch.bool else 3)


def test_half_precision_sums_are_rounded_once():
    ones = torch.ones(4096, dtype=torch.bfloat16)
    total = torch.zeros(1, dtype=torch.bfloat16).index_add(0, torch.zeros(4096, dtype=torch.int64), ones)
    assert total.item() == 4096


@pytest.mark.parametrize("width", [3, 700])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.complex64])
def test_long_and_short_slices_are_added_alike(width, dtype):
    index = RNG.integers(0, 4, 9)
    source = RNG.integers(0, 5, (9, width))
    expected = np.ones((4, width), int)
    np.add.at(expected, index, 2 * source)
    found = torch.ones(4, width, dtype=dtype).index_add(
        0, torch.from_numpy(index), torch.from_numpy(source).to(dtype), alpha=2
    )
    assert found.dtype is dtype
    np.testing.assert_array_equal(found.to(torch.complex64).numpy(), expected)


@pytest.mark.parametrize(
    "index",
    [
        RNG.integers(-5, 5, 9),
        (slice(None), RNG.integers(-6, 6, 4)),
        (RNG.integers(-5, 5, 4), RNG.integers(-6, 6, 4)),
        RNG.random((5, 6, 7)) < 0.5,
        (slice(None), RNG.random(6) < 0.5),
    ],
    ids=["rows", "columns", "pairs", "mask", "mask of columns"],
)
def test_the_gradient_of_indexing_adds_up_what_is_named_several_times(index):
    x = numbers(5, 6, 7, grad=True)
    parts = index if isinstance(index, tuple) else (index,)
    found = x[tuple(torch.from_numpy(p) if isinstance(p, np.ndarray) else p for p in parts)]
    weights = numbers(*found.shape)
    (found * weights).sum().backward()
    expected = np.zeros((5, 6, 7))
    np.add.at(expected, index, weights.numpy())
    np.testing.assert_allclose(x.grad.numpy(), expected)


def test_a_source_larger_than_the_index_gets_zeros_where_it_is_not_used():
    source = numbers(3, 5, grad=True)
    numbers(3, 4).scatter_add(1, INDEX, source).sum().backward()
    assert source.grad.tolist() == [[1.0, 1.0, 0.0, 0.0, 0.0]] * 3


@pytest.mark.parametrize("shape", [(5,), (4, 6), (3, 4, 5), (80, 70), (20, 17, 16), (0, 3)])
def test_nonzero_finds_what_numpy_finds(shape):
    array = RNG.integers(0, 2, shape)
    expected = np.argwhere(array)
    assert torch.nonzero(torch.from_numpy(array)).tolist() == expected.tolist()
    columns = torch.nonzero(torch.from_numpy(array), as_tuple=True)
    assert [c.tolist() for c in columns] == expected.T.tolist()


def test_out_may_not_share_memory_with_an_input():
    t = torch.arange(6.0)
    with pytest.raises(RuntimeError, match="refer to a single memory location"):
        torch.index_select(t, 0, torch.tensor([1, 0]), out=t[:2])
    with pytest.raises(RuntimeError, match="refer to a single memory location"):
        torch.cat([t[:2], t[2:4]], out=t[:4])


def test_large_indices_are_refused_before_anything_is_written():
    t = torch.zeros(3, 3)
    with pytest.raises(RuntimeError, match="index 3 is out of bounds for dimension 1 with size 3"):
        t.scatter_(1, torch.tensor([[0, 1, 3]]), 1.0)
    assert not t.any()
