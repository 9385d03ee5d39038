"""`torch.utils.data.dataloader`, under PyTorch's path; the code is in `data`."""

from collections.abc import Callable
from typing import Any

from ...data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    default_collate,
    default_convert,
    get_worker_info,
)
from ...data.fetch import _DatasetKind as _DatasetKind
from ...data.iteration import BaseIterator as _BaseDataLoaderIter  # noqa: F401
from ...data.iteration import _SingleProcessDataLoaderIter as _SingleProcessDataLoaderIter
from ...data.loader import _InfiniteConstantSampler as _InfiniteConstantSampler
from ...data.processes import _MultiProcessingDataLoaderIter as _MultiProcessingDataLoaderIter

# for annotations
_collate_fn_t = Callable[[list], Any]
_worker_init_fn_t = Callable[[int], None]

__all__ = [
    "BatchSampler",
    "DataLoader",
    "Dataset",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "default_collate",
    "default_convert",
    "get_worker_info",
]
