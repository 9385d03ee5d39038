"""What goes to another process arrives on the same memory; other pickles keep values."""

import gc
import multiprocessing as mp
import os
import pickle
import time
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest

import flambeau as torch
from flambeau.nn import Parameter

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif("fork" not in mp.get_all_start_methods(), reason="sends to forked processes"),
]


def sent(value):
    """A value as it arrives; here in the same process."""
    return pickle.loads(ForkingPickler.dumps(value))


class Marked(torch.Tensor):
    """A subclass, whose attributes are kept."""


class Careful(torch.Tensor):
    """A subclass that pickles itself by what its base class does."""

    def __reduce_ex__(self, protocol):
        return super().__reduce_ex__(protocol)


def test_a_tensor_arrives_on_the_same_memory():
    t = torch.arange(6.0).reshape(2, 3)
    got = sent(t.T)
    assert t.is_shared() and got.is_shared() and got.stride() == (1, 3)
    got[0, 1] = 50
    t[0, 0] = 60
    assert t[1, 0] == 50 and got[0, 0] == 60


@pytest.mark.parametrize("cls", [Marked, Careful])
def test_what_a_tensor_is_arrives_with_it(cls):
    t = torch.ones(2).as_subclass(cls)
    t.mark = 5
    got = sent(t)
    assert type(got) is cls and got.mark == 5
    got[0] = 7
    assert t.tolist() == [7.0, 1.0]

    p = Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    got = sent(p)
    assert type(got) is Parameter and got.requires_grad and got.grad is None
    assert not sent(Parameter(torch.ones(2), requires_grad=False)).requires_grad
    assert sent(torch.ones(2, requires_grad=True)).requires_grad


@pytest.mark.parametrize("dtype", ["bfloat16", "bool", "complex64", "int8", "float8_e5m2"])
def test_every_dtype_arrives(dtype):
    t = torch.ones(3).to(getattr(torch, dtype))
    got = sent(t)
    assert got.dtype is t.dtype and got.tolist() == t.tolist() and got.is_shared()


def test_tensors_that_share_memory_share_it_still():
    base = torch.zeros(5)
    a, b = sent([base, base[1:]])
    a[1] = 3
    assert b[0] == 3 and base[1] == 3
    assert sent(base).untyped_storage() == a.untyped_storage() == base.untyped_storage()
    assert sent(base.untyped_storage())[4:8].tolist() == base.untyped_storage()[4:8].tolist()


def test_what_numpy_looks_at_is_copied():
    array = np.ones(3)
    t = torch.from_numpy(array)
    got = sent({"t": t, "p": Parameter(torch.from_numpy(array))})
    assert not t.is_shared() and got["t"].tolist() == [1.0] * 3 and type(got["p"]) is Parameter
    got["t"][0] = 9
    assert array[0] == 1


def test_what_has_no_memory_to_share_arrives_too():
    assert sent(torch.zeros(3, 0)).shape == (3, 0)
    meta = sent(torch.empty(2, 3, device="meta"))
    assert meta.is_meta and meta.shape == (2, 3) and repr(meta) == "tensor(..., device='meta', size=(2, 3))"
    assert sent(torch.eye(2).to_sparse()).to_dense().tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_a_tensor_in_a_graph_is_refused_and_hooks_are_lost_with_a_warning():
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor which requires_grad"):
        sent(x * 2)
    x.register_hook(lambda g: g)
    with pytest.warns(UserWarning, match="backward hook .* on tensor will not be serialized"):
        sent(x)


def test_other_pickles_keep_the_values():
    t = torch.ones(3).share_memory_()
    got = pickle.loads(pickle.dumps(t))
    got[0] = 5
    assert t[0] == 1 and not got.is_shared()


@pytest.mark.parametrize("strategy", sorted(torch.multiprocessing.get_all_sharing_strategies()))
def test_queues_of_the_standard_library_share(strategy):
    context = mp.get_context("fork")
    there, back = context.SimpleQueue(), context.SimpleQueue()

    def work():
        t, model = there.get()
        t += 1
        with torch.no_grad():
            model.weight.fill_(4)
        back.put({"new": torch.full((100, 1000), 2.0)})
        there.get()

    before = torch.multiprocessing.get_sharing_strategy()
    torch.multiprocessing.set_sharing_strategy(strategy)
    try:
        process = context.Process(target=work)
        process.start()
        t, model = torch.zeros(3), torch.nn.Linear(2, 2)
        there.put((t, model))
        new = back.get()["new"]
    finally:
        torch.multiprocessing.set_sharing_strategy(before)
    there.put(None)
    process.join(60)
    assert process.exitcode == 0
    # the memory of a process that has ended
    assert new.is_shared() and new.sum() == 200_000
    assert t.tolist() == [1.0] * 3 and model.weight.tolist() == [[4.0, 4.0]] * 2


def settles_at_most(count):
    """Whether no more files are open, soon: the thread that gives handles away closes its own after the other side."""
    deadline = time.monotonic() + 10
    while len(os.listdir("/proc/self/fd")) > count:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_messages_leave_no_files_open():
    sent(torch.ones(3))
    gc.collect()
    time.sleep(0.1)
    before = len(os.listdir("/proc/self/fd"))
    for size in (3, 50_000):
        t = torch.ones(size)
        copies = [sent(t) for _ in range(20)]
        assert settles_at_most(before + 2)
        del t, copies
    assert settles_at_most(before)


def test_an_unknown_strategy_is_refused():
    with pytest.raises(AssertionError, match="invalid sharing strategy 'x', expected one of"):
        torch.multiprocessing.set_sharing_strategy("x")
