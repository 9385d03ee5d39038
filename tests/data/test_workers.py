"""Worker processes and threads: what goes wrong in them is told here, and nothing of them outlives the loader."""

import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import flambeau
from flambeau.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, get_worker_info

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="starts by fork"),
]


class Each(Dataset):
    """What a function makes of each index."""

    def __init__(self, function, count=8):
        self.function = function
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        return self.function(i)


def fails_at_five(i):
    if i == 5:
        raise ValueError("sample 5 is bad")
    return i


def killed_at_three(i):
    if i == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return i


@pytest.fixture(autouse=True)
def _no_worker_is_left():
    """Errors of earlier tests may keep their loaders alive."""
    gc.collect()
    before = {p.pid for p in multiprocessing.active_children()}
    yield
    gc.collect()
    assert {p.pid for p in multiprocessing.active_children()} <= before


def pid_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_an_exception_arrives_with_its_traceback(kind):
    loader = DataLoader(Each(fails_at_five), batch_size=2, num_workers=2, worker_type=kind)
    batches = iter(loader)
    assert next(batches).tolist() == [0, 1]
    next(batches)
    words = f"(?s)Caught ValueError in DataLoader worker {kind} 0.*fails_at_five"
    with pytest.raises(ValueError, match=words) as caught:
        next(batches)
    assert "sample 5 is bad" in str(caught.value)
    # the pass goes on behind the bad batch
    assert next(batches).tolist() == [6, 7]


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_an_exception_that_cannot_be_made_again_becomes_a_runtime_error(kind):
    class Special(Exception):
        def __init__(self, a, b):
            super().__init__(a, b)

    def fail(i):
        raise Special(1, 2)

    with pytest.raises(RuntimeError, match="Caught Special in DataLoader worker"):
        next(iter(DataLoader(Each(fail), num_workers=1, worker_type=kind)))


def test_a_key_error_keeps_its_lines():
    def fail(i):
        raise KeyError("name")

    with pytest.raises(KeyError) as caught:
        next(iter(DataLoader(Each(fail), num_workers=1)))
    assert "\n" in str(caught.value)


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_a_failing_init_function_is_told(kind):
    def fail(worker_id):
        raise RuntimeError("no such disk")

    with pytest.raises(RuntimeError, match="no such disk"):
        next(iter(DataLoader(Each(int), num_workers=1, worker_init_fn=fail, worker_type=kind)))


def test_a_killed_worker_is_named_at_once():
    began = time.monotonic()
    with pytest.raises(RuntimeError, match=r"DataLoader worker \(pid\(s\) \d+\) exited unexpectedly") as caught:
        list(DataLoader(Each(killed_at_three), batch_size=2, num_workers=2))
    assert time.monotonic() - began < 5
    assert "worker 1" in str(caught.value) and "SIGKILL" in str(caught.value)


def test_a_loader_goes_on_after_a_worker_was_killed():
    loader = DataLoader(Each(int), num_workers=2, persistent_workers=True)
    batches = iter(loader)
    next(batches)
    os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(batches)
    assert [b.item() for b in loader] == list(range(8))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda: os._exit(7), "exited with status 7"),
        (lambda: sys.exit(3), "exited with status 3"),
        (lambda: os._exit(0), "exited with status 0"),
        (lambda: os.kill(os.getpid(), signal.SIGUSR1), "was killed by signal SIGUSR1"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "was killed by signal SIGTERM"),
    ],
)
def test_a_worker_that_ends_by_itself_is_named(end, words, capfd):
    began = time.monotonic()
    batches = iter(DataLoader(Each(lambda i: end() if i == 2 else i), num_workers=1))
    found = []
    with pytest.raises(RuntimeError, match=rf"DataLoader worker \(pid\(s\) \d+\) exited unexpectedly\n.*{words}"):
        for batch in batches:
            found.append(batch.item())
    assert found == [0, 1], "what was sent before still arrives"
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        next(batches)
    assert time.monotonic() - began < 5
    capfd.readouterr()


def test_a_worker_killed_in_the_middle_of_a_large_message_is_named(monkeypatch):
    """Half of a message has arrived."""
    from flambeau.data import transport

    def half(self, description, parts, handles):
        head = transport._HEAD.pack(10_000, len(description), 0)
        self.socket.sendall(head + description)
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(transport.Channel, "send_batch", half)
    with pytest.raises(RuntimeError, match="worker 0 .* was killed by signal SIGKILL"):
        list(DataLoader(Each(int), num_workers=1))


def test_killed_from_outside_while_it_is_waited_for():
    batches = iter(DataLoader(Each(lambda i: time.sleep(30)), num_workers=2))
    pids = [p.pid for p in batches._workers]
    threading.Timer(0.2, os.kill, (pids[1], signal.SIGKILL)).start()
    began = time.monotonic()
    with pytest.raises(RuntimeError, match=rf"worker 1 \(pid {pids[1]}\)"):
        next(batches)
    # the other one, which is busy, is not waited for
    assert time.monotonic() - began < 3


def test_a_batch_that_takes_too_long_times_out():
    with pytest.raises(RuntimeError, match="DataLoader timed out after 0.3 seconds"):
        list(DataLoader(Each(lambda i: time.sleep(1.5 * (i == 1))), num_workers=1, timeout=0.3, collate_fn=len))


@pytest.mark.parametrize("leave", ["end", "break", "error"])
def test_no_process_and_no_file_outlives_the_pass(leave):
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    others = {p.pid for p in multiprocessing.active_children()}
    batches = iter(DataLoader(Each(fails_at_five if leave == "error" else int), num_workers=2))
    pids = {p.pid for p in multiprocessing.active_children()} - others
    assert len(pids) == 2
    try:
        for batch in batches:
            if leave == "break" and batch.item() == 3:
                break
    except ValueError:
        pass
    del batches
    gc.collect()
    assert not any(pid_alive(pid) for pid in pids)
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before


def test_large_batches_arrive_whole_and_may_be_changed():
    def sample(i):
        return flambeau.full((100, 100), float(i)), np.full(5, i), "x" * 1000, flambeau.ones(2, dtype=flambeau.bfloat16)

    for x, array, text, half in DataLoader(Each(sample), batch_size=4, num_workers=2):
        assert x.shape == (4, 100, 100) and x[2, 99, 99] == array[2, 0]
        x += 1
        array += 1
        assert len(text[3]) == 1000 and half.dtype == flambeau.bfloat16


def test_indices_of_any_size_reach_a_busy_worker():
    """Neither side waits for the other: long lists of indices one way, long texts the other."""
    many = [list(range(20000))] * 12
    loader = DataLoader(
        Each(int, 20000), batch_sampler=many, num_workers=2, prefetch_factor=4, collate_fn=lambda b: "y" * 300000
    )
    assert sum(len(text) for text in loader) == 12 * 300000


def test_a_pass_left_early_does_not_leak_into_the_next():
    loader = DataLoader(Each(int, 20), num_workers=2, persistent_workers=True)
    for batch in loader:
        if batch.item() == 2:
            break
    assert [batch.item() for batch in loader] == list(range(20))
    pids = {p.pid for p in multiprocessing.active_children()}
    list(loader)
    assert {p.pid for p in multiprocessing.active_children()} == pids


def test_out_of_order_nothing_is_lost():
    def slow_first(i):
        time.sleep(0.3 * (i == 0))
        return i

    for kind in ("process", "thread"):
        loader = DataLoader(Each(slow_first), num_workers=2, in_order=False, worker_type=kind)
        values = [batch.item() for batch in loader]
        assert sorted(values) == list(range(8))
        assert values[0] != 0


def test_threads_share_the_dataset_and_know_who_they_are():
    seen = {}

    def note(i):
        info = get_worker_info()
        seen[i] = (info.id, info.worker_method, info.rng.torch_generator.initial_seed() == info.seed)
        return i

    before = threading.active_count()
    dataset = Each(note)
    assert [b.item() for b in DataLoader(dataset, num_workers=2, worker_type="thread")] == list(range(8))
    assert seen == {i: (i % 2, "thread", True) for i in range(8)}
    assert get_worker_info() is None
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_threads_read_iterable_datasets_to_their_ends():
    class Part(IterableDataset):
        def __iter__(self):
            return iter(range(get_worker_info().id, 7, 2))

    loader = DataLoader(Part(), batch_size=2, num_workers=2, worker_type="thread")
    assert sorted(n for batch in loader for n in batch.tolist()) == list(range(7))


def test_spawned_workers_get_their_dataset_by_pickle():
    data = TensorDataset(flambeau.arange(4), flambeau.ones(4, 2))
    loader = DataLoader(data, batch_size=2, num_workers=1, multiprocessing_context="spawn")
    assert [x.tolist() for x, _ in loader] == [[0, 1], [2, 3]]


def test_what_cannot_be_spawned_is_told_and_leaves_nothing():
    loader = DataLoader(Each(lambda i: i), num_workers=2, multiprocessing_context="spawn")
    with pytest.raises((AttributeError, pickle.PicklingError), match="<lambda>"):
        iter(loader)


def test_a_batch_that_cannot_be_pickled_is_told():
    loader = DataLoader(Each(lambda i: i), num_workers=1, collate_fn=lambda batch: lambda: batch)
    with pytest.raises((AttributeError, pickle.PicklingError), match="(?s)in DataLoader worker process.*<lambda>"):
        next(iter(loader))


def test_a_batch_that_cannot_be_unpickled_is_told_and_the_pass_goes_on():
    class Shy:
        def __reduce__(self):
            return int, ("no number",)

    loader = DataLoader(Each(lambda i: Shy() if i == 1 else i), num_workers=1, batch_size=None)
    batches = iter(loader)
    assert next(batches) == 0
    with pytest.raises(ValueError, match="(?s)reading a batch of DataLoader worker process 0.*no number"):
        next(batches)
    assert list(batches) == [2, 3, 4, 5, 6, 7]


def test_loaders_inside_workers():
    """Threads in processes, processes in threads, and none in both; processes in processes are refused as by Python."""

    def inner(**options):
        return lambda i: sum(int(x) for x in DataLoader(range(4), **options)) + i

    for outer in ("process", "thread"):
        for options in ({}, {"num_workers": 2, "worker_type": "thread"}, {"batch_size": 4, "collate_fn": sum}):
            loader = DataLoader(Each(inner(**options)), num_workers=2, worker_type=outer)
            assert [b.item() for b in loader] == [6 + i for i in range(8)]
    assert [b.item() for b in DataLoader(Each(inner(num_workers=1), 2), num_workers=1, worker_type="thread")] == [6, 7]
    large = Each(lambda i: flambeau.full((20_000,), float(i)), 6)

    def mean_of_large(i):
        return flambeau.stack([x + i for x in DataLoader(large, num_workers=2, worker_type="thread")]).mean(0)

    found = list(DataLoader(Each(mean_of_large), num_workers=2))
    assert [x.unique().tolist() for x in found] == [[2.5 + i] for i in range(8)]
    with pytest.raises(AssertionError, match="daemonic processes are not allowed to have children"):
        next(iter(DataLoader(Each(inner(num_workers=1)), num_workers=1)))


def test_a_huge_batch_arrives_without_a_copy():
    """It lies in the memory that the worker wrote."""
    loader = DataLoader(Each(lambda i: flambeau.full((4, 1024, 1024), float(i)), 4), batch_size=4, num_workers=1)
    (batch,) = loader
    assert batch.shape == (4, 4, 1024, 1024) and batch[:, 0, 0, 0].tolist() == [0.0, 1.0, 2.0, 3.0]
    address = batch.data_ptr()
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        lines = [line for line in file if "flambeau_batch" in line]
    spans = [[int(end, 16) for end in line.split()[0].split("-")] for line in lines]
    assert any(first <= address < last for first, last in spans)


def test_without_shared_memory_batches_go_through_the_socket(monkeypatch):
    from flambeau.data import transport

    monkeypatch.setattr(transport, "CAN_SHARE", False)
    data = Each(lambda i: (flambeau.full((300, 300), float(i)), np.full(5000, i), "x" * 100_000))
    for i, (x, array, text) in enumerate(DataLoader(data, num_workers=2)):
        assert (x == i).all() and (array == i).all() and len(text[0]) == 100_000
        x += 1


def test_samples_that_do_not_fit_together_are_told_as_ever():
    """Tensors are copied into the batch as they come; one of another shape, dtype or type ends that."""
    large = flambeau.ones(2000)
    others = [flambeau.ones(1999), flambeau.ones(2000, dtype=flambeau.float64), large.clone().requires_grad_(), 3.0]
    for other in others:
        samples = [large, large * 2, other]
        expected = _outcome(lambda batch=samples: flambeau.utils.data.default_collate(batch))
        for pair in (lambda x: x, lambda x: (x, 1)):
            data = [pair(x) for x in samples]
            found = _outcome(lambda data=data: next(iter(DataLoader(data, batch_size=3))))
            assert (found[0] if isinstance(found, list) and isinstance(data[0], tuple) else found) == expected
    for tuples in ([(large, 1), (large,)], [(large, 1), [large, 2]]):
        found = _outcome(lambda data=tuples: next(iter(DataLoader(data, batch_size=2))))
        assert found == _outcome(lambda batch=tuples: flambeau.utils.data.default_collate(batch))


def _outcome(call):
    try:
        found = call()
    except (RuntimeError, TypeError) as error:
        return type(error), str(error)
    return [x.tolist() for x in found] if isinstance(found, list) else found.tolist()


def test_collating_functions_of_the_user_are_asked():
    from flambeau.data import collate

    before = dict(collate.default_collate_fn_map)
    collate.default_collate_fn_map[flambeau.Tensor] = lambda batch, *, collate_fn_map: len(batch)
    try:
        assert next(iter(DataLoader([flambeau.ones(5000)] * 3, batch_size=3))) == 3
    finally:
        collate.default_collate_fn_map.clear()
        collate.default_collate_fn_map.update(before)


def test_multiprocessing_is_loaded_only_for_workers():
    program = (
        "import sys, flambeau\nfrom flambeau.utils.data import DataLoader\n"
        "list(DataLoader(range(3), shuffle=True))\n"
        "print([m for m in ('multiprocessing', 'queue', 'mmap', 'concurrent.futures') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"


def test_more_workers_than_processors_are_warned_of():
    with pytest.warns(UserWarning, match="This DataLoader will create 999 worker processes in total"):
        DataLoader(range(3), num_workers=999)
