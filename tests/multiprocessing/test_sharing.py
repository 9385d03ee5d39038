"""Tensors move to memory that other processes see, and stay the same tensors; what would be left behind is refused."""

import gc
import multiprocessing
import os
import subprocess
import sys

import pytest

import flambeau as torch

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="shares by fork"),
]


def in_child(work):
    """Run a function in a forked process, which must end well."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode == 0


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "bool", "complex64", "int64", "float8_e4m3fn"])
@pytest.mark.parametrize(
    "form",
    [
        lambda x: x,
        lambda x: x[0, 0, 0],
        lambda x: x.transpose(1, 2),
        lambda x: x[:, ::2],
        lambda x: x[0, 0, :1].expand(5, -1),
        lambda x: x[:0],
        lambda x: x.contiguous(memory_format=torch.channels_last),
    ],
)
def test_a_shared_tensor_is_the_same_tensor_with_the_same_values_and_strides(dtype, form):
    t = form(torch.arange(24).reshape(1, 4, 3, 2).to(getattr(torch, dtype)))
    before, strides, offset = t.tolist(), t.stride(), t.storage_offset()
    assert not t.is_shared()
    assert t.share_memory_() is t
    assert t.is_shared() and t.untyped_storage().is_shared() and not t.clone().is_shared()
    assert (t.tolist(), t.stride(), t.storage_offset()) == (before, strides, offset)


def test_all_tensors_that_are_views_of_the_memory_move_with_it():
    base = torch.arange(6.0)
    row, plain, same = base.view(2, 3)[1], base.data, base.detach()
    row.share_memory_()
    assert all(t.is_shared() for t in (base, row, plain, same))
    plain[4] = 70.0
    assert row.tolist() == [3.0, 70.0, 5.0] and same[4] == 70.0
    base.add_(1)
    assert row.tolist() == [4.0, 71.0, 6.0]


def test_the_count_of_writes_goes_on():
    """What was written before is remembered, and writes through `data` are still counted apart."""
    t = torch.zeros(3)
    hidden = t.data
    t.add_(1).add_(1)
    hidden.add_(1)
    assert (t._version, hidden._version) == (2, 1)
    t.share_memory_()
    assert (t._version, hidden._version) == (2, 1)
    hidden.mul_(2)
    assert (t._version, hidden._version, t.tolist()) == (2, 2, [6.0] * 3)


def test_what_only_numpy_or_a_graph_would_keep_is_not_left_behind():
    t = torch.ones(3)
    array = t.numpy()
    with pytest.raises(RuntimeError, match="NumPy array"):
        t.share_memory_()
    array[0] = 5
    assert t[0] == 5 and not t.is_shared()
    del array
    assert t.share_memory_().is_shared()

    w = torch.ones(3, requires_grad=True)
    loss = (w * w).sum()
    with pytest.raises(RuntimeError, match="a graph"):
        w.share_memory_()
    loss.backward()
    assert w.share_memory_().is_shared() and w.grad.tolist() == [2.0] * 3 and w.is_leaf


def test_memory_that_cannot_be_shared_says_so():
    with pytest.raises(RuntimeError, match="only available on CPU"):
        torch.empty(3, device="meta").share_memory_()
    with pytest.raises(NotImplementedError, match="Cannot access storage of SparseTensorImpl"):
        torch.eye(2).to_sparse().share_memory_()
    with pytest.raises(RuntimeError, match="uninitialized parameter"):
        torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.LazyLinear(2)).share_memory()


def test_shared_memory_does_not_grow():
    t = torch.arange(4.0).share_memory_()
    assert t.resize_(2).tolist() == [0.0, 1.0] and t.is_shared()
    with pytest.raises(RuntimeError, match="Trying to resize storage that is not resizable"):
        t.resize_(9)


def test_a_module_shares_parameters_gradients_and_buffers():
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3))
    model[2].weight = model[0].weight
    model.register_buffer("positions", torch.arange(5).expand(1, -1))
    model(torch.randn(4, 3)).sum().backward()
    before = list(model.parameters())
    model.share_memory()
    assert all(a is b for a, b in zip(before, model.parameters(), strict=True))
    assert model[2].weight is model[0].weight
    assert all(p.is_shared() and p.grad.is_shared() and p.requires_grad for p in model.parameters())
    assert all(b.is_shared() for b in model.buffers())


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "LBFGS"])
def test_training_stays_in_shared_memory(name):
    """Steps, loading a state and changes in place write into the memory that the others see."""
    model = torch.nn.Linear(3, 2).share_memory()
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = model(torch.ones(4, 3)).square().sum()
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    model.load_state_dict({name: torch.zeros_like(p) for name, p in model.state_dict().items()})
    with torch.no_grad():
        model.weight.clamp_(-1, 1).relu_().uniform_().copy_(torch.ones(2, 3))
    assert all(p.is_shared() for p in model.parameters())


def test_processes_see_each_others_writes():
    t, whole = torch.zeros(3).share_memory_(), torch.zeros(2, 100_000).share_memory_()

    def work():
        assert t.tolist() == [1.0, 0.0, 0.0]
        t[1] = 2
        whole[1] = 3

    t[0] = 1
    in_child(work)
    assert t.tolist() == [1.0, 2.0, 0.0]
    assert whole.sum() == 300_000


def test_memory_shared_on_both_sides_of_a_fork_is_not_the_same():
    kept = torch.zeros(4).share_memory_()

    def work():
        torch.full((4,), 9.0).share_memory_()

    in_child(work)
    t = torch.ones(4).share_memory_()
    in_child(work)
    assert t.tolist() == [1.0] * 4 and kept.tolist() == [0.0] * 4


def open_files():
    return len(os.listdir("/proc/self/fd"))


def mapped():
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        return sum("flambeau_shared" in line for line in file)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_memory_and_files_go_with_the_last_tensor_and_small_tensors_share_files():
    gc.collect()
    files, maps = open_files(), mapped()
    many = [torch.ones(20).share_memory_() for _ in range(500)]
    large = torch.ones(100_000).share_memory_()
    assert open_files() <= files + 6
    assert sum(t.sum().item() for t in many) + large.sum().item() == 110_000
    view = many[7][3:]
    del many, large
    gc.collect()
    assert view.tolist() == [1.0] * 17 and mapped() == maps + 1
    del view
    assert (open_files(), mapped()) == (files, maps)


def test_neither_this_nor_multiprocessing_is_loaded_with_the_package():
    program = """
import sys, flambeau as torch
assert not [m for m in sys.modules if "multiprocessing" in m], sys.modules
torch.zeros(2).is_shared()
assert "multiprocessing" not in sys.modules
torch.zeros(2).share_memory_()
assert "flambeau.multiprocessing" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
