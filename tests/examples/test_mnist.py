"""The MNIST program reads IDX files, plain or packed, and goes on after a break as if there had been none."""

import gzip
import re

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

SIZES = {"train": 96, "t10k": 32}


def bars(count, seed):
    """Pictures (count, 28, 28) with a bright bar whose place tells the digit, and the digits."""
    rng = np.random.default_rng(seed)
    digits = rng.integers(0, 10, count, dtype=np.uint8)
    images = rng.integers(0, 60, (count, 28, 28), dtype=np.uint8)
    for image, digit in zip(images, digits, strict=True):
        image[2 + 2 * digit : 6 + 2 * digit] = 255
    return images, digits


def idx(array):
    """The bytes of an IDX file."""
    sizes = np.array(array.shape, dtype=">u4").tobytes()
    return bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes()


@pytest.fixture
def files(tmp_path):
    """A folder with a small set: the training files packed, the others not."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for seed, (name, count) in enumerate(SIZES.items()):
        images, digits = bars(count, seed)
        for kind, data in (("images-idx3", images), ("labels-idx1", digits)):
            path = folder / f"{name}-{kind}-ubyte"
            if name == "train":
                path.with_name(path.name + ".gz").write_bytes(gzip.compress(idx(data)))
            else:
                path.write_bytes(idx(data))
    return folder


def epochs_of(process):
    """The lines that it printed about epochs."""
    assert process.returncode == 0, process.stderr
    return re.findall(r"^epoch .*", process.stdout, re.MULTILINE)


def test_a_resumed_training_ends_exactly_where_an_unbroken_one_does(run, files, tmp_path):
    options = ("--data", str(files), "--fast", "--seed", "3")
    whole, _ = run("mnist.py", *options, "--epochs", "3")
    folder = tmp_path / "broken"
    first, _ = run("mnist.py", *options, "--epochs", "1", folder=folder)
    second, _ = run("mnist.py", *options, "--epochs", "3", "--resume", folder=folder)
    assert "96 pictures to learn from, in 2 batches; 32 to test with" in whole.stdout
    assert "resumed after epoch 1" in second.stdout
    assert len(epochs_of(whole)) == 3
    assert epochs_of(first) + epochs_of(second) == epochs_of(whole)


def test_the_curves_reach_tensorboards_files_where_there_is_a_writer(run, files):
    finished, folder = run("mnist.py", "--data", str(files), "--fast", "--epochs", "1")
    assert finished.returncode == 0, finished.stderr
    written = list((folder / "mnist_curves").glob("events.out.tfevents*"))
    if "has no writer" in finished.stdout:
        assert not written
    else:
        assert len(written) == 1
        content = written[0].read_bytes()
        assert all(name in content for name in (b"loss", b"test_loss", b"accuracy", b"learning_rate"))


def test_worker_processes_load_the_same_batches(run, files):
    options = ("--data", str(files), "--fast", "--epochs", "1")
    alone, helped = (run("mnist.py", *options, "--workers", workers)[0] for workers in ("0", "2"))
    assert epochs_of(alone) == epochs_of(helped)


def test_files_that_are_missing_or_damaged_are_named(run, files):
    def complaint():
        finished, _ = run("mnist.py", "--data", str(files), "--fast")
        assert finished.returncode == 1
        assert "Traceback" not in finished.stderr
        return finished.stderr

    labels = files / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:-1])
    assert f"{labels} is damaged: it announces (32,) bytes and holds 31." in complaint()
    labels.write_bytes(b"\x89PNG")
    assert f"{labels} is not an IDX file" in complaint()
    labels.unlink()
    assert f"There is no {labels}" in (text := complaint())
    assert "https://" in text


def test_resuming_without_a_checkpoint_says_where_it_was_looked_for(run, files, tmp_path):
    finished, folder = run("mnist.py", "--data", str(files), "--resume")
    assert finished.returncode == 1
    assert f"There is no checkpoint to resume from: {folder / 'mnist.pt'}" in finished.stderr
