"""MNIST and the datasets in its format: Fashion-MNIST, KMNIST, EMNIST, QMNIST."""

from __future__ import annotations

import os
import shutil
import string
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...tensor.tensor import Tensor
from ..pillow import pillow
from .download import (
    download_and_extract_archive,
    download_from_mirrors,
    extract_archive,
    verify_str_arg,
)
from .idx import existing, read_image_file, read_label_file, read_sn3_pascalvincent_tensor
from .vision import VisionDataset


class MNIST(VisionDataset):
    """Handwritten digits: 60000 images of 28 by 28 for training, 10000 for tests.

    Reads `root/MNIST/raw/train-images-idx3-ubyte` and its kin, compressed (`.gz`) or not; `download=True` gets them.
    Sample i is (Pillow image, int); `data` is (N, 28, 28) uint8, `targets` (N,) int64. Raises RuntimeError, with the
    paths, where the files are not there.
    """

    mirrors: list[str] = [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ]
    resources: Any = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    training_file = "training.pt"
    test_file = "test.pt"
    classes: list[str] = (
        "0 - zero,1 - one,2 - two,3 - three,4 - four,5 - five,6 - six,7 - seven,8 - eight,9 - nine".split(",")
    )

    def __init__(
        self,
        root: str | Path,
        train: bool = True,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        missing = self._missing_files()
        if missing:
            raise RuntimeError(
                "Dataset not found. You can use download=True to download it\n  Expected, with or without .gz:\n"
                + "\n".join(f"    {os.path.abspath(path)}" for path in missing)
            )
        self.data, self.targets = self._load_data()

    def _data_files(self) -> tuple[str, str]:
        """The names of the files that this split reads: images and labels."""
        part = "train" if self.train else "t10k"
        return f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"

    def _needed_files(self) -> list[str]:
        return [os.path.splitext(os.path.basename(url))[0] for url, _ in self.resources]

    def _missing_files(self) -> list[str]:
        """Of the files that this split reads, those that are not there."""
        paths = [os.path.join(self.raw_folder, name) for name in self._data_files()]
        return [path for path in paths if existing(path) is None]

    def _load_data(self) -> tuple[Tensor, Tensor]:
        images, labels = (str(existing(os.path.join(self.raw_folder, name))) for name in self._data_files())
        data, targets = read_image_file(images), read_label_file(labels)
        if len(data) != len(targets):
            raise ValueError(f"{images} has {len(data)} images, and {labels} has {len(targets)} labels")
        return data, targets

    def _check_exists(self) -> bool:
        return all(existing(os.path.join(self.raw_folder, name)) for name in self._needed_files())

    def download(self) -> None:
        """Get the files that are not there, from the first of `mirrors` that has them. Raises RuntimeError."""
        if self._check_exists():
            return
        for filename, md5 in self.resources:
            if existing(os.path.join(self.raw_folder, os.path.splitext(filename)[0])) is None:
                download_from_mirrors(self.mirrors, self.raw_folder, filename, md5)

    @property
    def raw_folder(self) -> str:
        """Where the files are."""
        return os.path.join(self.root, type(self).__name__, "raw")

    @property
    def processed_folder(self) -> str:
        """Where versions of long ago kept what they had read."""
        return os.path.join(self.root, type(self).__name__, "processed")

    @property
    def class_to_idx(self) -> dict[str, int]:
        """class -> its number."""
        return {name: i for i, name in enumerate(self.classes)}

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image = pillow().fromarray(self.data[index].numpy())
        return self._transformed(image, int(self.targets[index]))

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train is True else 'Test'}"

    def _renamed(self, old: str, new: str) -> Any:
        warnings.warn(f"{old} has been renamed {new}", stacklevel=3)
        return getattr(self, new)

    @property
    def train_labels(self) -> Tensor:
        """The former name of `targets`."""
        return self._renamed("train_labels", "targets")

    @property
    def test_labels(self) -> Tensor:
        """The former name of `targets`."""
        return self._renamed("test_labels", "targets")

    @property
    def train_data(self) -> Tensor:
        """The former name of `data`."""
        return self._renamed("train_data", "data")

    @property
    def test_data(self) -> Tensor:
        """The former name of `data`."""
        return self._renamed("test_data", "data")


class FashionMNIST(MNIST):
    """Pictures of clothes, in MNIST's format and sizes, from `root/FashionMNIST/raw`."""

    mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",")


class KMNIST(MNIST):
    """Old Japanese letters, in MNIST's format and sizes, from `root/KMNIST/raw`."""

    mirrors = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
        ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
        ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
        ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"),
    ]
    classes = "o ki su tsu na ha ma ya re wo".split()


_CHARACTERS = set(string.digits + string.ascii_letters)
# written alike in both cases, so the merged splits have only the capital
_MERGED = set("cijklmopsuvwxyz")


class EMNIST(MNIST):
    """Handwritten letters and digits, in six splits: byclass, bymerge, balanced, letters, digits, mnist.

    Reads `root/EMNIST/raw/emnist-<split>-train-images-idx3-ubyte` and its kin, compressed or not.
    """

    url = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"
    md5 = "58c8d27c78d21e728a6bc7b3cc06412e"
    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")
    _merged_classes = _MERGED
    _all_classes = _CHARACTERS
    classes_split_dict = {
        "byclass": sorted(_CHARACTERS),
        "bymerge": sorted(_CHARACTERS - _MERGED),
        "balanced": sorted(_CHARACTERS - _MERGED),
        "letters": ["N/A", *string.ascii_lowercase],
        "digits": list(string.digits),
        "mnist": list(string.digits),
    }

    def __init__(self, root: str | Path, split: str, **kwargs: Any) -> None:
        self.split = verify_str_arg(split, "split", self.splits)
        self.training_file = f"training_{split}.pt"
        self.test_file = f"test_{split}.pt"
        super().__init__(root, **kwargs)
        self.classes = self.classes_split_dict[self.split]

    def _data_files(self) -> tuple[str, str]:
        part = f"emnist-{self.split}-{'train' if self.train else 'test'}"
        return f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"

    def _needed_files(self) -> list[str]:
        return list(self._data_files())

    def download(self) -> None:
        """Get all splits, in one archive."""
        if self._check_exists():
            return
        download_and_extract_archive(self.url, self.raw_folder, md5=self.md5)
        inner = os.path.join(self.raw_folder, "gzip")
        for name in os.listdir(inner):
            if name.endswith(".gz"):
                extract_archive(os.path.join(inner, name), self.raw_folder)
        shutil.rmtree(inner)


_QMNIST = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/"


class QMNIST(MNIST):
    """MNIST made anew from NIST's files, with who wrote each digit, and 60000 images for tests.

    what: train, test, test10k, test50k or nist; by default as `train` says. compat: targets are digits; otherwise
    rows of 8 numbers (digit, source, writer …). Reads `root/QMNIST/raw/qmnist-train-images-idx3-ubyte` and its kin.
    """

    subsets = {"train": "train", "test": "test", "test10k": "test", "test50k": "test", "nist": "nist"}
    resources = {
        "train": [
            (_QMNIST + "qmnist-train-images-idx3-ubyte.gz", "ed72d4157d28c017586c42bc6afe6370"),
            (_QMNIST + "qmnist-train-labels-idx2-int.gz", "0058f8dd561b90ffdd0f734c6a30e5e4"),
        ],
        "test": [
            (_QMNIST + "qmnist-test-images-idx3-ubyte.gz", "1394631089c404de565df7b7aeaf9412"),
            (_QMNIST + "qmnist-test-labels-idx2-int.gz", "5b5b05890a5e13444e108efe57b788aa"),
        ],
        "nist": [
            (_QMNIST + "xnist-images-idx3-ubyte.xz", "7f124b3b8ab81486c9d8c2749c17f834"),
            (_QMNIST + "xnist-labels-idx2-int.xz", "5ed0e788978e45d4a8bd4b7caec3d79d"),
        ],
    }

    def __init__(
        self, root: str | Path, what: str | None = None, compat: bool = True, train: bool = True, **kwargs: Any
    ) -> None:
        self.what = verify_str_arg(what or ("train" if train else "test"), "what", tuple(self.subsets))
        self.compat = compat
        self.data_file = self.training_file = self.test_file = f"{self.what}.pt"
        super().__init__(root, train, **kwargs)

    def _urls(self) -> list[tuple[str, str]]:
        return self.resources[self.subsets[self.what]]

    def _data_files(self) -> tuple[str, str]:
        images, labels = (os.path.splitext(os.path.basename(url))[0] for url, _ in self._urls())
        return images, labels

    def _needed_files(self) -> list[str]:
        return list(self._data_files())

    def _load_data(self) -> tuple[Tensor, Tensor]:
        images, labels = (str(existing(os.path.join(self.raw_folder, name))) for name in self._data_files())
        data, targets = read_sn3_pascalvincent_tensor(images), read_sn3_pascalvincent_tensor(labels).long()
        if data.ndim != 3 or str(data.dtype) != "torch.uint8" or targets.ndim != 2:
            raise ValueError(f"{images} and {labels} should hold images of uint8 and rows of labels")
        chosen = {"test10k": slice(10000), "test50k": slice(10000, None)}.get(self.what, slice(None))
        return data[chosen].clone(), targets[chosen].clone()

    def download(self) -> None:
        """Get the files of this subset."""
        if self._check_exists():
            return
        for url, md5 in self._urls():
            mirror, _, filename = url.rpartition("/")
            download_from_mirrors([mirror + "/"], self.raw_folder, filename, md5)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image = pillow().fromarray(self.data[index].numpy())
        target = self.targets[index]
        return self._transformed(image, int(target[0]) if self.compat else target)

    def extra_repr(self) -> str:
        return f"Split: {self.what}"
