"""Two hundred damaged and hostile files: each gives its values or an error that names it, and none does harm.

All are made from real checkpoints with a fixed seed. They are read in a forked process, in which an audit hook notes
everything that loading must not do, tracemalloc measures the memory, and an alarm ends what takes too long.
"""

import base64
import collections
import io
import os
import pickle
import random
import signal
import struct
import sys
import tracemalloc
import zipfile
import zlib

import pytest

import flambeau
from flambeau import cli, inspection

from .harmful import (
    EXPANDED,
    HOSTILE,
    RECORDS,
    SENTINEL,
    archive,
    around,
    checkpoint,
    damaged_archives,
    damaged_streams,
    facts,
    hostile_archives,
    hostile_legacy,
    legacy_around,
    safetensors_bytes,
    saved,
    tensor,
    text,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork") or sys.platform != "linux", reason="reads files in a fork"),
]

SECONDS = 10
# what one file may take besides its own size
SLACK = 8_000_000
TIMES = 60
ERRORS = ("UnpicklingError", "RuntimeError", "EOFError", "ValueError", "SafetensorError")


# ---- reading them ----------------------------------------------------------------------------------------------------

FORBIDDEN = (
    "os.system", "os.exec", "os.fork", "os.forkpty", "os.spawn", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir",
    "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate", "os.putenv", "os.startfile", "subprocess.Popen",
    "shutil.rmtree", "shutil.copyfile", "socket.connect", "socket.bind", "ctypes.dlopen", "ctypes.dlsym", "exec",
    "compile", "import", "code.__new__", "function.__new__", "pty.spawn", "webbrowser.open", "urllib.Request",
    "object.__setattr__", "sys.settrace", "sys.setprofile", "signal.pthread_kill", "os.kill", "pickle.find_class",
)  # fmt: skip


class Watch:
    """Notes what must not happen while files are read."""

    def __init__(self):
        self.seen = None
        sys.addaudithook(self.hook)

    def hook(self, event, arguments):
        if self.seen is None:
            return
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if event in FORBIDDEN or writes:
            self.seen.append(f"{event}{arguments!r}"[:200])


def attempt(watch, function, size):
    """(outcome, value or message, what was wrong) of one call."""
    wrong = []
    watch.seen = []
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    signal.alarm(SECONDS)
    try:
        outcome = ("value", function())
    except TimeoutError:
        outcome = ("hang", "")
    except BaseException as error:
        outcome = (type(error).__name__, str(error))
    signal.alarm(0)
    used = tracemalloc.get_traced_memory()[1] - before
    seen, watch.seen = watch.seen, None
    if used > SLACK + TIMES * size:
        wrong.append(f"{used} bytes of memory for a file of {size}")
    return outcome, wrong + seen


def judged(path, data, options, watch, expected):
    """What is wrong about loading one file."""
    outcome, wrong = attempt(watch, lambda: load(path, **options), len(data))
    kind, value = outcome
    if kind == "value":
        if expected is not None and facts(value) != expected:
            wrong.append("other values than were saved, in silence")
    elif kind not in ERRORS:
        wrong.append(f"raised {kind}: {value[:300]}")
    elif os.path.basename(path) not in value or len(value) > 4000:
        wrong.append(f"a message that does not name the file, or is {len(value)} long: {kind}: {value[:300]}")
    return kind, wrong


def load(path, **options):
    if path.endswith(".safetensors"):
        from flambeau.serialize import safetensors

        return safetensors.load_file(path)
    return flambeau.load(path, **options)


def inspected(path, size, watch):
    """What is wrong about inspecting one file."""
    out, err = io.StringIO(), io.StringIO()
    sys.stdout, sys.stderr = out, err
    try:
        outcome, wrong = attempt(watch, lambda: cli.main(["inspect", path]), size)
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    if outcome[0] != "value" or outcome[1] not in (0, 1, 2):
        wrong.append(f"inspect gave {outcome}")
    elif outcome[1] == 2 and path not in err.getvalue():
        wrong.append(f"inspect said {err.getvalue()[:200]}")
    return wrong


def in_a_fork(work):
    """What a function returns in a forked process."""
    here, there = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(here)
        try:
            result = work()
        except BaseException as error:
            import traceback

            result = ["".join(traceback.format_exception(error))]
        with os.fdopen(there, "wb") as file:
            file.write(base64.b64encode(pickle.dumps(result)))
        os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as file:
        data = file.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the process that read the files ended with status {status}"
    return pickle.loads(base64.b64decode(data))


def alarmed(*_):
    raise TimeoutError


def complaints(folder, files, good, options=({},)):
    """What is wrong with any of the files, and how often each outcome was seen.

    files: (name, bytes, facts of the value that is the only one allowed, or None). good: files that are read first, so
    that all code is loaded.
    """

    def work():
        found, outcomes = [], collections.Counter()
        os.chdir(folder)
        inspection.MOST_LINES = 500
        signal.signal(signal.SIGALRM, alarmed)
        watch = Watch()
        tracemalloc.start()
        for k, (suffix, data, expected) in enumerate(good):
            path = os.path.join(folder, f"good{k}{suffix}")
            with open(path, "wb") as file:
                file.write(data)
            for chosen in options:
                value = load(path, **chosen)
                assert expected is None or facts(value) == expected, path
            inspected(path, len(data), watch)
            with pytest.raises(pickle.UnpicklingError):
                flambeau.load(io.BytesIO(around(b"\x80\x02" + HOSTILE["eval"] + b".")))
        for k, (what, suffix, data, expected) in enumerate(files):
            path = os.path.join(folder, f"file{k}{suffix}")
            with open(path, "wb") as file:
                file.write(data)
            wrong = inspected(path, len(data), watch)
            for chosen in options:
                kind, more = judged(path, data, chosen, watch, expected)
                outcomes[kind] += 1
                wrong += more
            os.unlink(path)
            found += [f"{what}: {w}" for w in wrong]
        if os.path.exists(SENTINEL):
            found.append("the sentinel was made: a file ran code")
        return found, outcomes

    return in_a_fork(work)


def warm(library=flambeau):
    """Good files of all kinds, which load what reading needs."""
    everything = {
        "state": checkpoint(library), "sparse": library.eye(3).to_sparse(), "meta": library.ones(2, device="meta"),
        "attributes": [library.ones(1)],
    }  # fmt: skip
    everything["attributes"][0].note = "x"
    conjugate = around(b"\x80\x02" + tensor(2, 0, (2,), (1,), kind="ComplexFloatStorage", more=(
        b"}" + text("conj") + b"\x88s" + text("neg") + b"\x88s",)) + b".")  # fmt: skip
    return [("a.pt", saved(library, everything), None), ("b.pt", conjugate, None)]


@pytest.mark.parametrize("mapped", [False, True])
def test_no_damage_to_an_archive_goes_unnoticed(tmp_path, mapped):
    """76 files. Mapped, numbers are not read, so theirs alone is."""
    data = saved(flambeau, checkpoint(flambeau))
    expected = facts(flambeau.load(io.BytesIO(data)))
    files = [
        (what, ".pt", content, expected)
        for what, content, _ in damaged_archives(data, random.Random(1))
        if not (mapped and (what.startswith("numbers") or what == "zeros"))
    ]
    found, outcomes = complaints(str(tmp_path), files, [("a.pt", data, expected)], [{"mmap": True} if mapped else {}])
    assert not found, "\n".join(found)
    assert outcomes["RuntimeError"] > 40 and outcomes["value"] > 5 and outcomes.total() > 60


def test_damage_to_the_older_format_does_no_harm(tmp_path):
    """47 files. It has no checksums; a byte of a number may change."""
    data = saved(flambeau, checkpoint(flambeau), _use_new_zipfile_serialization=False)
    files = [(what, ".pt", content, None) for what, content, _ in damaged_streams(data, random.Random(2))]
    found, outcomes = complaints(str(tmp_path), files, [(".pt", data, None), *warm()])
    assert not found, "\n".join(found)
    assert outcomes["value"] < outcomes.total() == 47


def test_damage_to_safetensors_does_no_harm(tmp_path):
    """47 files, which are only inspected where the library is missing."""
    data = safetensors_bytes()
    generator = random.Random(3)
    files = [(what, ".safetensors", content, None) for what, content, _ in damaged_streams(data, generator)]
    try:
        import safetensors  # noqa: F401
    except ModuleNotFoundError:
        found = in_a_fork(lambda: _only_inspected(str(tmp_path), files))
    else:
        found, _ = complaints(str(tmp_path), files, [(".safetensors", data, None), *warm()])
    assert not found, "\n".join(found)


def _only_inspected(folder, files):
    signal.signal(signal.SIGALRM, alarmed)
    tracemalloc.start()
    watch, found = Watch(), []
    for k, (what, suffix, data, _) in enumerate(files):
        path = os.path.join(folder, f"file{k}{suffix}")
        with open(path, "wb") as file:
            file.write(data)
        found += [f"{what}: {w}" for w in inspected(path, len(data), watch) if k]
    return found


@pytest.mark.parametrize("container", [around, legacy_around], ids=["archive", "older format"])
def test_hostile_pickles_do_nothing(tmp_path, container):
    """More than a hundred in each format; the few that are harmless give a value."""
    files = [(what, ".pt", container(b"\x80\x02" + content + b"."), None) for what, content in HOSTILE.items()]
    found, outcomes = complaints(str(tmp_path), files, warm())
    assert not found, "\n".join(found)
    assert outcomes.total() > 100 and outcomes["value"] < 12, outcomes


def test_archives_and_old_files_that_contradict_themselves_do_nothing(tmp_path):
    four = facts(flambeau.tensor([1.0, 2.0, 3.0, 4.0]))
    files = [(what, ".pt", content, four) for what, content in hostile_archives().items()]
    files += [(what, ".pt", content, facts(flambeau.zeros(4))) for what, content in hostile_legacy().items()]
    found, outcomes = complaints(str(tmp_path), files, warm(), [{}, {"mmap": True}])
    assert not found, "\n".join(found)
    assert outcomes.total() > 80


def test_the_watch_sees_what_a_trusting_load_would_do(tmp_path):
    """Or the tests above would prove nothing."""
    whats = ("os.system", "open", "eval", "a long bytearray that is not there", "posix.system")
    files = [(what, ".pt", around(b"\x80\x04" + HOSTILE[what] + b"."), None) for what in whats]
    found, _ = complaints(str(tmp_path), files, warm(), [{"weights_only": False}])
    seen = "\n".join(found)
    assert "os.system: os.system" in seen and "the sentinel was made" in seen and "open: open(" in seen, seen
    assert "eval: compile" in seen, seen


def test_harmless_edges_give_their_values():
    """What looks odd and is allowed by the format."""
    four = [1.0, 2.0, 3.0, 4.0]
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert flambeau.load(io.BytesIO(archive(RECORDS, compression))).tolist() == four
    elsewhere = [*RECORDS, ("__MACOSX/a/data/0", b"notes")]
    assert flambeau.load(io.BytesIO(archive(elsewhere))).tolist() == four
    expanded = flambeau.load(io.BytesIO(around(b"\x80\x02" + EXPANDED + b".", struct.pack("<2f", 5, 6))))
    assert expanded.shape == (2**36,) and expanded[-1] == 5
    keys = {(1, (2, "x")): 1, 2.5: 2, None: 3, True: 4, 2**70: 5, b"x": 6}
    assert flambeau.load(io.BytesIO(saved(flambeau, keys))) == keys


def test_files_of_zeros_compress_well_and_load():
    """Thirty times: that is not yet a bomb."""
    data = b"\x80\x02" + tensor(1000, 0, (1000,), (1,)) + b"."
    numbers = random.Random(4).randbytes(120) + bytes(3880)
    packed = archive([("a/data.pkl", data), RECORDS[1], ("a/data/0", numbers)], zipfile.ZIP_DEFLATED)
    assert zlib.crc32(flambeau.load(io.BytesIO(packed)).numpy().tobytes()) == zlib.crc32(numbers)
