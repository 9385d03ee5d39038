"""However a pass over a loader ends, nothing of it is left: no process, no thread, no open file, no shared memory."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import flambeau
from flambeau.utils.data import DataLoader, Dataset, IterableDataset

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif(
        "fork" not in multiprocessing.get_all_start_methods() or not os.path.isdir("/proc/self/fd"),
        reason="starts by fork and counts in /proc",
    ),
]


class Numbers(Dataset):
    """Small samples, or large ones, of which one may fail."""

    def __init__(self, count=4, size=1, bad=None):
        self.count = count
        self.size = size
        self.bad = bad

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        if i == self.bad:
            raise ValueError("bad sample")
        return flambeau.full((self.size,), float(i))


class Endless(IterableDataset):
    """Gives numbers for ever."""

    def __iter__(self):
        i = 0
        while True:
            yield i
            i += 1


def left_over():
    """What of loaders can be seen from outside: children, threads, open files, named and mapped memory."""
    children = [p.pid for p in multiprocessing.active_children()]
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        children += file.read().split()
    files = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _exists(fd)]
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        maps = sum("flambeau_batch" in line for line in file)
    shm = sorted(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else []
    return {"children": children, "threads": threading.active_count(), "files": len(files), "maps": maps, "shm": shm}


def _exists(fd):
    try:
        os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return False
    return True


def settled(threads=0):
    """`left_over`, once threads that were told to end have done so; `threads` may stay."""
    gc.collect()
    deadline = time.monotonic() + 5
    while threads and threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    return left_over()


def to_the_end(loader):
    assert sum(1 for _ in loader) == len(loader)


def twice(loader):
    to_the_end(loader)
    to_the_end(loader)


def one_batch(loader):
    for _ in loader:
        break


def not_begun(loader):
    iter(loader)


def half_then_dropped(loader):
    batches = iter(loader)
    next(batches)
    del batches


def through_a_generator(loader):
    generator = (batch + 1 for batch in loader)
    next(generator)


def kept_batch_dropped_later(loader):
    kept = [next(iter(loader)), next(iter(loader))]
    assert kept[0].flatten()[0] == kept[1].flatten()[0] == 0.0


def in_a_cycle(loader):
    """Only the collector finds it."""
    holder = [iter(loader)]
    holder.append(holder)


def left_by_an_error(loader):
    with pytest.raises(ZeroDivisionError):
        for _ in loader:
            1 / 0


def with_a_bad_sample(loader):
    with pytest.raises(ValueError, match="bad sample"):
        list(DataLoader(Numbers(bad=2), num_workers=loader.num_workers, worker_type=loader.worker_type))


def with_an_endless_dataset(loader):
    for batch in DataLoader(Endless(), num_workers=loader.num_workers, worker_type=loader.worker_type):
        if batch >= 3:
            break


WAYS = [
    to_the_end, one_batch, not_begun, half_then_dropped, through_a_generator, kept_batch_dropped_later, in_a_cycle,
    left_by_an_error, with_a_bad_sample, with_an_endless_dataset, twice,
]  # fmt: skip


def run_cycles(kind, cycles):
    """Start and stop loaders with one or two workers, with small and large batches, in all ways in turn."""
    for cycle in range(cycles):
        way = WAYS[cycle % len(WAYS)]
        loader = DataLoader(
            Numbers(size=20_000 if cycle % 3 == 0 else 1),
            num_workers=1 + cycle % 2,
            worker_type=kind,
            persistent_workers=cycle % 5 == 0,
            prefetch_factor=1 + cycle % 2,
        )
        way(loader)
        del loader
        if cycle % 100 == 99:
            gc.collect()


@pytest.mark.parametrize(("kind", "cycles"), [("thread", 700), ("process", 300)])
def test_after_a_thousand_starts_and_stops_nothing_is_left(kind, cycles):
    before = settled()
    run_cycles(kind, cycles)
    assert settled(before["threads"]) == before


def test_persistent_workers_serve_many_passes_with_few_segments():
    """However many batches there are, memory is that of those in use at once."""
    before = settled()
    loader = DataLoader(Numbers(count=40, size=20_000), num_workers=2, persistent_workers=True)
    most = 0
    for _ in range(5):
        for i, batch in enumerate(loader):
            assert batch.shape == (1, 20_000) and batch[0, 0] == batch[0, -1] == i
            most = max(most, left_over()["maps"])
        del batch
    assert 0 < most <= 2 * (2 + 3)
    del loader
    assert settled(before["threads"]) == before


def test_what_a_batch_holds_stays_as_it_was_while_others_come():
    """A segment is used again only when nothing views it."""
    loader = DataLoader(Numbers(count=24, size=20_000), num_workers=2, persistent_workers=True)
    for _ in range(3):
        kept, views, arrays = [], [], []
        for i, batch in enumerate(loader):
            kept += [batch] if i % 3 == 0 else []
            views += [(i, batch[0, 5:10])] if i % 3 == 1 else []
            arrays += [(i, batch.numpy()[:, -3:])] if i % 3 == 2 else []
            batch = None
        assert [b[0, 777].item() for b in kept] == list(range(0, 24, 3))
        assert all(view.tolist() == [float(i)] * 5 for i, view in views)
        assert all((array == i).all() for i, array in arrays)


def test_a_forked_process_keeps_what_it_saw(tmp_path):
    """The main process drops a batch that a child still has; the memory must not be filled again."""
    loader = DataLoader(Numbers(count=30, size=20_000), num_workers=1, persistent_workers=True)
    batches = iter(loader)
    batch = next(batches)
    to_child, from_child = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        os.read(to_child[0], 1)
        os.write(from_child[1], bytes([int((batch == 0).all())]))
        os._exit(0)
    del batch
    assert [int(b[0, 0]) for b in batches] == list(range(1, 30))
    os.write(to_child[1], b"x")
    unchanged = os.read(from_child[0], 1)
    os.waitpid(pid, 0)
    for fd in (*to_child, *from_child):
        os.close(fd)
    assert unchanged == b"\1"


def test_a_forked_copy_of_an_iterator_does_no_harm():
    """It is dropped in the child, where it must not end the workers."""
    batches = iter(DataLoader(Numbers(count=10), num_workers=2))
    next(batches)
    pid = os.fork()
    if not pid:
        del batches
        gc.collect()
        os._exit(0)
    os.waitpid(pid, 0)
    assert [b.item() for b in batches] == list(range(1, 10))


PROGRAMS = {
    "interrupted": """
        import os, signal
        try:
            for batch in DataLoader(Slow(), num_workers=2):
                # as the terminal does: the whole group
                os.killpg(0, signal.SIGINT)
                import time; time.sleep(5)
        except KeyboardInterrupt:
            print("interrupted")
    """,
    "interrupted while waiting": """
        import os, signal, threading
        threading.Timer(0.3, lambda: os.killpg(0, signal.SIGINT)).start()
        try:
            for batch in DataLoader(Slow(), num_workers=2, worker_init_fn=wait):
                pass
        except KeyboardInterrupt:
            print("interrupted")
    """,
    "ends with a live iterator": """
        batches = iter(DataLoader(Slow(), num_workers=2, persistent_workers=True)); next(batches)
        print("done")
    """,
    "ends by an exception": """
        for batch in DataLoader(Slow(), num_workers=2):
            raise SystemExit(3)
    """,
}
PROLOGUE = """
import os, sys, time, multiprocessing
import flambeau
from flambeau.utils.data import DataLoader
class Slow:
    def __len__(self): return 50
    def __getitem__(self, i):
        time.sleep(0.005)
        return flambeau.zeros(20_000)
def wait(worker): time.sleep(2)
"""


@pytest.mark.parametrize("what", PROGRAMS)
def test_a_program_that_ends_takes_its_workers_with_it(what):
    program = PROLOGUE + "\n".join(line.removeprefix(" " * 8) for line in PROGRAMS[what].splitlines())
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    out, err = process.communicate(timeout=30)
    deadline = time.monotonic() + 5
    while _in_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _in_group(process.pid)
    assert "Traceback" not in err and "leaked" not in err, err
    if "interrupted" in what:
        assert out == "interrupted\n"


def _in_group(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_end_though_other_children_of_the_main_process_live_on():
    """A child that the main process forked later must not hold the workers' sockets open."""
    program = (
        PROLOGUE + "batches = iter(DataLoader(Slow(), num_workers=2)); next(batches)\n"
        "print(*[p.pid for p in multiprocessing.active_children()], flush=True)\n"
        "if not os.fork():\n    time.sleep(20); os._exit(0)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert len(pids) == 2
        process.wait(timeout=30)
        deadline = time.monotonic() + 5
        while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not any(_alive(pid) for pid in pids)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


def _alive(pid):
    """Whether a process runs; one that nobody has waited for yet has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_arrays_of_any_size_go_through_shared_memory_whole():
    """Sizes around the borders between the ways that a batch can take, several arrays at once."""
    sizes = [0, 1, 255, 256, 257, 8191, 8192, 8193, 40_000]

    class Sized(Dataset):
        def __len__(self):
            return len(sizes)

        def __getitem__(self, i):
            n = sizes[i]
            return np.arange(n), flambeau.arange(n), {"z": np.full((n, 2), i)}, "t" * n, np.arange(n)[::2]

    loader = DataLoader(Sized(), batch_size=None, num_workers=2, persistent_workers=True)
    for _ in range(3):
        for i, (array, x, named, text, half) in enumerate(loader):
            n = sizes[i]
            assert array.tolist() == x.tolist() == list(range(n)) and text == "t" * n
            assert (named["z"] == i).all() and half.tolist() == list(range(0, n, 2))
            x += 1
            half += 1
