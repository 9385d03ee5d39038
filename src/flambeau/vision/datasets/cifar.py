"""CIFAR-10 and CIFAR-100, in their pickled files."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...xp import numpy as xnp
from ..pillow import pillow
from .download import check_integrity, download_and_extract_archive
from .vision import VisionDataset

# What the files may name: arrays of numbers and text. The places of old and new NumPy mean the same.
ARRAY_MODULES = {"numpy.core.multiarray": "numpy._core.multiarray", "numpy._core.multiarray": "numpy._core.multiarray"}
ALLOWED = {
    *((module, "_reconstruct") for module in ARRAY_MODULES),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


class ArrayUnpickler(pickle.Unpickler):
    """Reads dicts, lists, text and arrays; everything else that a pickle can name is refused, so no code runs."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(
                f"a file of images may hold arrays and text, and this one names {module}.{name}"
            )
        return super().find_class(ARRAY_MODULES.get(module, module), name)


def read_batch(path: str) -> dict[str, Any]:
    """One pickled file. Raises pickle.UnpicklingError where it holds anything but arrays and text."""
    with open(path, "rb") as file:
        found = ArrayUnpickler(file, encoding="latin1").load()
    if not isinstance(found, dict):
        raise pickle.UnpicklingError(f"{path} holds a {type(found).__name__}, not a dict")
    return found


class CIFAR10(VisionDataset):
    """Small colour photographs in 10 classes: 50000 for training, 10000 for tests.

    Reads `root/cifar-10-batches-py/data_batch_1` and its kin; `download=True` gets them. Sample i is (Pillow image,
    int); `data` is a NumPy array (N, 32, 32, 3) of uint8, `targets` a list. Raises RuntimeError, with the paths, where
    a file is not there or has a wrong checksum.
    """

    base_folder = "cifar-10-batches-py"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    filename = "cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list = [
        ["data_batch_1", "c99cafc152244af753f735de768cd75f"],
        ["data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"],
        ["data_batch_3", "54ebc095f3ab1f0389bbae665268c751"],
        ["data_batch_4", "634d18415352ddfa80567beed471001a"],
        ["data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"],
    ]
    test_list = [["test_batch", "40351d587109b95175f43aff81a1287e"]]
    meta = {"filename": "batches.meta", "key": "label_names", "md5": "5ff9c542aee3614f3951f8cda6e48888"}

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
        wrong = self._wrong_files()
        if wrong:
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it\n"
                "  Not there, or with another checksum:\n" + "\n".join(f"    {os.path.abspath(path)}" for path in wrong)
            )
        batches = [read_batch(self._path(name)) for name, _ in (self.train_list if train else self.test_list)]
        self.targets: list[int] = [t for b in batches for t in b["labels" if "labels" in b else "fine_labels"]]
        planes = xnp.concat([b["data"] for b in batches]).reshape(-1, 3, 32, 32)
        self.data = xnp.permute_dims(planes, (0, 2, 3, 1))
        self.classes: list[str] = read_batch(self._path(self.meta["filename"]))[self.meta["key"]]
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    def _path(self, name: str) -> str:
        return os.path.join(self.root, self.base_folder, name)

    def _wrong_files(self) -> list[str]:
        files = [*self.train_list, *self.test_list, [self.meta["filename"], self.meta["md5"]]]
        return [self._path(name) for name, md5 in files if not check_integrity(self._path(name), md5)]

    def _check_integrity(self) -> bool:
        return not self._wrong_files()

    def download(self) -> None:
        """Get the archive and unpack it, unless all files are there. Raises RuntimeError or URLError."""
        if not self._check_integrity():
            download_and_extract_archive(self.url, self.root, filename=self.filename, md5=self.tgz_md5)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self._transformed(pillow().fromarray(self.data[index]), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train is True else 'Test'}"


class CIFAR100(CIFAR10):
    """Small colour photographs in 100 classes, from `root/cifar-100-python`."""

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    filename = "cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list = [["train", "16019d7e3df5f24257cddd939b257f8d"]]
    test_list = [["test", "f0ef6b0ae62326f3e7ffdfab6717acfc"]]
    meta = {"filename": "meta", "key": "fine_label_names", "md5": "7973b15100ade9c7d40fb424638fde48"}
