"""A process killed while it saves leaves the whole old file or the whole new one."""

import os
import random
import signal
import sys
import time

import pytest

import flambeau
from flambeau.serialize import whole

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork") or os.name == "nt", reason="kills forked processes"),
]

KILLS = 36
SURPRISES = 14


def value(version):
    """Something of 300 kB in several storages."""
    return {
        "version": version,
        "layers": [flambeau.full((25_000,), float(version + layer)) for layer in range(3)],
        "epoch": {"step": flambeau.tensor(version)},
    }


def version_of(path):
    """Which value a file holds; fails where it is not one of them, whole."""
    found = flambeau.load(path)
    version = found["version"]
    assert found["epoch"]["step"].item() == version
    for layer, x in enumerate(found["layers"]):
        assert x.shape == (25_000,) and (x == version + layer).all()
    return version


class Killer:
    """Ends this process by SIGKILL at one of the moments that it is told of."""

    def __init__(self, moment):
        self.left = moment

    def __call__(self):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function):
        def called(*arguments, **options):
            self()
            result = function(*arguments, **options)
            self()
            return result

        return called


class Watched:
    """A file that tells of each call."""

    def __init__(self, file, killer):
        self.file = file
        self.killer = killer

    def __getattr__(self, name):
        found = getattr(self.file, name)
        return self.killer.around(found) if callable(found) else found

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.killer()
        self.file.close()
        self.killer()


def in_a_child(work):
    """The exit status of a forked process that does some work: 9 where it was killed."""
    pid = os.fork()
    if not pid:
        try:
            work()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def save_watched(path, new, killer, options):
    """Save, and tell of every call that touches a file."""
    make = whole._new

    def watched(*arguments):
        killer()
        file, partial = make(*arguments)
        killer()
        return Watched(file, killer), partial

    whole._new = watched
    for name in ("replace", "chmod", "unlink"):
        setattr(os, name, killer.around(getattr(os, name)))
    flambeau.save(new, path, **options)


def moments(path, options):
    """How many moments there are in one save."""
    here, there = os.pipe()

    def count():
        killer = Killer(10**9)
        save_watched(path, value(0), killer, options)
        os.write(there, str(10**9 - killer.left).encode())

    assert in_a_child(count) == 0
    os.close(there)
    with os.fdopen(here) as file:
        return int(file.read())


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False}], ids=["archive", "older format"])
def test_killed_at_any_call_the_file_is_the_old_or_the_new_one(tmp_path, options):
    """At calls from the first to the last: opening, each write, the renaming."""
    path = tmp_path / "model.pt"
    flambeau.save(value(0), path, **options)
    last = moments(path, options)
    assert last > 20
    steps = sorted({round(k * (last - 1) / (KILLS - 1)) for k in range(KILLS)} | set(range(last - 6, last)))
    current, kept, seen = 0, 0, set()
    for new, moment in enumerate(steps, 1):
        status = in_a_child(lambda new=new, moment=moment: save_watched(path, value(new), Killer(moment), options))
        assert status == signal.SIGKILL
        found = version_of(path)
        assert found in (current, new)
        seen.add(found == new)
        current = found
        partial = [name for name in os.listdir(tmp_path) if name != "model.pt"]
        # what the last one left is removed by the next one, so there is never more than one
        assert len(partial) <= 1 and all(name.startswith(".model.pt.") for name in partial)
        kept += len(partial)
    assert len(steps) >= 20 and seen == {False, True} and kept > 10
    flambeau.save(value(99), path, **options)
    assert version_of(path) == 99 and os.listdir(tmp_path) == ["model.pt"]


def test_killed_at_any_time_the_file_is_one_that_was_saved(tmp_path):
    """Savers in a loop, killed from outside after a few milliseconds."""
    path = tmp_path / "model.pt"
    flambeau.save(value(0), path)
    generator = random.Random(7)
    first = 0
    for _ in range(SURPRISES):
        pid = os.fork()
        if not pid:
            try:
                for new in range(first + 1, first + 10_000):
                    flambeau.save(value(new), path)
            finally:
                os._exit(1)
        time.sleep(generator.uniform(0.002, 0.05))
        os.kill(pid, signal.SIGKILL)
        assert os.waitpid(pid, 0)[1] == signal.SIGKILL
        found = version_of(path)
        assert first <= found < first + 10_000
        first = found
        assert len(os.listdir(tmp_path)) <= 2
    flambeau.save(value(1), path)
    assert os.listdir(tmp_path) == ["model.pt"] and first > 5


def test_what_another_process_is_writing_is_left_alone(tmp_path):
    """It is locked; what nobody has locked was abandoned."""
    path = tmp_path / "model[1].pt"
    (tmp_path / ".model[1].pt.1-0.partial").write_bytes(b"abandoned")
    (tmp_path / ".model1.pt.1-0.partial").write_bytes(b"of another file")
    with whole.written_whole(str(path)) as outer:
        outer.write(b"outer")
        flambeau.save(1, path)
        assert flambeau.load(path) == 1
        assert len([n for n in os.listdir(tmp_path) if n.startswith(".model[1]")]) == 1
    assert path.read_bytes() == b"outer"
    assert sorted(os.listdir(tmp_path)) == [".model1.pt.1-0.partial", "model[1].pt"]


def test_many_savers_of_one_path_each_write_a_whole_file(tmp_path):
    path = tmp_path / "model.pt"

    def saver(k):
        for version in range(12):
            flambeau.save(value(100 * k + version), path)

    pids = []
    for k in range(4):
        pid = os.fork()
        if not pid:
            try:
                saver(k)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
                os._exit(1)
            os._exit(0)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    assert version_of(path) % 100 == 11 and os.listdir(tmp_path) == ["model.pt"]


def test_a_full_disk_leaves_the_old_file():
    """/dev/full refuses each write, here in place of the new file."""
    if not os.path.exists("/dev/full"):
        pytest.skip("no such device")
    with pytest.raises(OSError, match="No space left"):
        flambeau.save(value(1), "/dev/full")
