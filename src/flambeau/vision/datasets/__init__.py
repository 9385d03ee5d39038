"""Datasets of images, read from their own file formats: `torchvision.datasets`."""

import sys
from typing import Any

from ... import missing
from .cifar import CIFAR10, CIFAR100
from .fakedata import FakeData
from .folder import DatasetFolder, ImageFolder
from .mnist import EMNIST, KMNIST, MNIST, QMNIST, FashionMNIST
from .vision import VisionDataset

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "EMNIST",
    "KMNIST",
    "MNIST",
    "QMNIST",
    "DatasetFolder",
    "FakeData",
    "FashionMNIST",
    "ImageFolder",
    "VisionDataset",
]


def __getattr__(name: str) -> Any:
    raise missing.missing_attribute(__name__, name, dir(sys.modules[__name__]))
