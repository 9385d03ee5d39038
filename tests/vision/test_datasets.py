"""Datasets read the real file formats from disk, and say what is wrong with a file or with the network."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import URLError

import numpy as np
import pytest

import flambeau as torch
from flambeau.vision import datasets
from flambeau.vision.datasets import download, idx
from flambeau.vision.datasets.cifar import read_batch

pytest.importorskip("PIL")
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], dtype=np.uint8)
KINDS = {"|u1": 8, "|i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def idx_bytes(array):
    kind = array.dtype.newbyteorder(">").str
    return struct.pack(f">HBB{array.ndim}I", 0, KINDS[kind], array.ndim, *array.shape) + array.astype(kind).tobytes()


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_gives_back_what_was_written(tmp_path, dtype, suffix):
    array = (RNG.normal(size=(2, 3, 4)) * 50).astype(dtype)
    path = write(tmp_path / f"a-idx3{suffix}", idx_bytes(array))
    found = idx.read_sn3_pascalvincent_tensor(str(path)).numpy()
    assert found.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(found, array)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda d: d[:-1], "should have 3920 bytes"),
        (lambda d: d + b"x", "3920 bytes"),
        (lambda d: b"PK" + d, "not an IDX"),
    ],
)
def test_damaged_idx_is_refused(tmp_path, damage, words):
    path = write(tmp_path / "a", damage(idx_bytes(IMAGES)))
    with pytest.raises(ValueError, match=words):
        idx.read_sn3_pascalvincent_tensor(str(path))


@pytest.mark.parametrize("cls", [datasets.MNIST, datasets.FashionMNIST, datasets.KMNIST])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_mnist_and_kin(tmp_path, cls, suffix):
    for part in ("train", "t10k"):
        write(tmp_path / cls.__name__ / "raw" / f"{part}-images-idx3-ubyte{suffix}", idx_bytes(IMAGES))
        write(tmp_path / cls.__name__ / "raw" / f"{part}-labels-idx1-ubyte{suffix}", idx_bytes(LABELS))
    data = cls(str(tmp_path), train=False, target_transform=lambda t: -t, download=True)  # all is there: no network
    image, target = data[2]
    assert (len(data), target, image.mode, image.size) == (5, -4, "L", (28, 28))
    assert np.array_equal(np.asarray(image), IMAGES[2])
    assert data.targets.dtype == torch.int64
    assert len(data.classes) == len(data.class_to_idx) == 10
    assert repr(data).splitlines()[:4] == [
        f"Dataset {cls.__name__}",
        "    Number of datapoints: 5",
        f"    Root location: {tmp_path}",
        "    Split: Test",
    ]


def test_missing_files_are_named(tmp_path):
    with pytest.raises(RuntimeError, match="Dataset not found. You can use download=True") as error:
        datasets.MNIST(str(tmp_path))
    assert os.path.join(str(tmp_path), "MNIST", "raw", "train-images-idx3-ubyte") in str(error.value)


def test_emnist_and_qmnist(tmp_path):
    raw = tmp_path / "EMNIST" / "raw"
    write(raw / "emnist-letters-train-images-idx3-ubyte.gz", idx_bytes(IMAGES))
    write(raw / "emnist-letters-train-labels-idx1-ubyte.gz", idx_bytes(LABELS))
    letters = datasets.EMNIST(str(tmp_path), "letters")
    assert (letters.classes[letters[0][1]], len(letters.classes)) == ("c", 27)
    with pytest.raises(ValueError, match="Unknown value 'words' for argument split"):
        datasets.EMNIST(str(tmp_path), "words")
    rows = np.stack([LABELS.astype(">i4")] * 8, 1)
    write(tmp_path / "QMNIST" / "raw" / "qmnist-test-images-idx3-ubyte.gz", idx_bytes(IMAGES))
    write(tmp_path / "QMNIST" / "raw" / "qmnist-test-labels-idx2-int.gz", idx_bytes(rows))
    assert datasets.QMNIST(str(tmp_path), train=False)[4][1] == 5
    assert datasets.QMNIST(str(tmp_path), "test", compat=False)[4][1].tolist() == [5] * 8


def cifar(tmp_path, names, key, meta, meta_key):
    data = RNG.integers(0, 256, (3, 3072), dtype=np.uint8)
    sums = {}
    for name in names:
        path = tmp_path / "files" / name
        content = pickle.dumps({"data": data, key: [2, 0, 1]}, protocol=2)
        write(path, content)
        sums[name] = hashlib.md5(content).hexdigest()
    content = pickle.dumps({meta_key: ["a", "b", "c"]}, protocol=2)
    write(tmp_path / "files" / meta, content)
    return (
        data,
        [[n, sums[n]] for n in names],
        {"filename": meta, "key": meta_key, "md5": hashlib.md5(content).hexdigest()},
    )


@pytest.mark.parametrize(
    ("base", "key", "meta", "meta_key"),
    [
        (datasets.CIFAR10, "labels", "batches.meta", "label_names"),
        (datasets.CIFAR100, "fine_labels", "meta", "fine_label_names"),
    ],
)
def test_cifar(tmp_path, base, key, meta, meta_key):
    data, lists, facts = cifar(tmp_path, ["one", "two"], key, meta, meta_key)
    small = type("Small", (base,), {"base_folder": "files", "train_list": lists, "test_list": lists[:1], "meta": facts})
    train = small(str(tmp_path))
    assert (len(train), train.targets, train.classes) == (6, [2, 0, 1] * 2, ["a", "b", "c"])
    assert np.array_equal(np.asarray(train[1][0]), data[1].reshape(3, 32, 32).transpose(1, 2, 0))
    (tmp_path / "files" / "two").write_bytes(b"damaged")
    with pytest.raises(RuntimeError, match="Dataset not found or corrupted(?s:.*)two"):
        small(str(tmp_path))


class Attack:
    def __reduce__(self):
        return os.system, ("echo reached",)


def test_a_file_of_images_runs_no_code(tmp_path, capfd):
    path = write(tmp_path / "batch", pickle.dumps({"data": Attack()}))
    with pytest.raises(pickle.UnpicklingError, match="arrays and text"):
        read_batch(str(path))
    assert "reached" not in capfd.readouterr().out


def test_image_folder(tmp_path):
    from PIL import Image

    for name, value in (("dog/1.png", 10), ("cat/in/2.PNG", 20), ("cat/3.bmp", 30), ("cat/note.txt", 0)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("txt"):
            (tmp_path / name).write_text("no image")
        else:
            Image.new("L", (4, 3), value).save(tmp_path / name)
    data = datasets.ImageFolder(str(tmp_path))
    assert (data.classes, data.class_to_idx, data.targets) == (["cat", "dog"], {"cat": 0, "dog": 1}, [0, 0, 1])
    assert [image.getpixel((0, 0))[0] for image, _ in data] == [30, 20, 10]
    assert data[0][0].mode == "RGB"
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        FileNotFoundError, match="Found no valid file for the classes empty. Supported extensions are: .jpg"
    ):
        datasets.ImageFolder(str(tmp_path))
    assert len(datasets.ImageFolder(str(tmp_path), allow_empty=True).classes) == 3


def test_fake_data_is_the_same_each_time():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    data = datasets.FakeData(3, (3, 6, 8), 4)
    assert np.array_equal(np.asarray(data[1][0]), np.asarray(data[1][0]))
    assert data[1][0].size == (8, 6)
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(IndexError, match="FakeData index out of range"):
        data[3]


# ---- downloads -------------------------------------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def server():
    """A server of CONTENT at /file.bin, and of its gzip at /file.gz, that understands ranges; nothing elsewhere."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            asked.append((self.path, wanted))
            found = {"/file.bin": CONTENT, "/file.gz": gzip.compress(CONTENT, mtime=0)}.get(self.path)
            if found is None:
                self.send_error(404)
                return
            start = int(wanted[6:-1]) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(found) - start))
            self.end_headers()
            self.wfile.write(found[start:])

        def log_message(self, *args):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/", asked
    running.shutdown()
    thread.join()
    running.server_close()


def test_a_download_goes_on_where_it_was_cut_off(server, tmp_path):
    url, asked = server
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:1000])
    download.download_url(url + "file.bin", str(tmp_path), md5=hashlib.md5(CONTENT).hexdigest())
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    assert asked == [("/file.bin", "bytes=1000-")]
    download.download_url(url + "file.bin", str(tmp_path), md5=hashlib.md5(CONTENT).hexdigest())
    assert len(asked) == 1  # what is there is not fetched again


def test_a_wrong_checksum_is_an_error_and_leaves_nothing(server, tmp_path):
    with pytest.raises(RuntimeError, match="File not found or corrupted"):
        download.download_url(server[0] + "file.bin", str(tmp_path), md5="0" * 32)
    assert list(tmp_path.iterdir()) == []


def test_the_next_mirror_is_tried(server, tmp_path):
    url, _ = server
    download.download_from_mirrors([url + "nowhere/", url], str(tmp_path), "file.gz")
    assert (tmp_path / "file").read_bytes() == CONTENT
    with pytest.raises(RuntimeError, match="Error downloading other.gz:(?s:.*)Tried"):
        download.download_from_mirrors([url], str(tmp_path), "other.gz")


def test_without_network_the_expected_path_is_named(tmp_path):
    with pytest.raises(URLError) as error:
        download.download_url("http://127.0.0.1:9/x.gz", str(tmp_path))
    assert os.path.join(str(tmp_path), "x.gz") in str(error.value)


def test_an_archive_stays_in_its_folder(tmp_path):
    import io
    import tarfile

    path = tmp_path / "bad.tar"
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo("../outside")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(RuntimeError, match="would write outside"):
        download.extract_archive(str(path), str(tmp_path / "in"))
    assert not (tmp_path / "outside").exists()
