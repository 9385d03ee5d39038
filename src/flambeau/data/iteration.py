"""One pass over a loader: the order, the seed that it draws, and batches read here, without workers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from .collate import default_collate
from .fetch import _DatasetKind, fetcher
from .sampler import draw_seed, has_blocks


class BaseIterator:
    """One pass over a loader. Making it draws the seed of the worker processes from the loader's generator."""

    def __init__(self, loader: Any) -> None:
        if loader.pin_memory:
            _warn_of_pinning(loader.pin_memory_device)
        self._dataset = loader.dataset
        self._dataset_kind = loader._dataset_kind
        self._IterableDataset_len_called = loader._IterableDataset_len_called
        self._index_sampler = loader._index_sampler
        self._num_workers = loader.num_workers
        self._collate_fn = loader.collate_fn
        self._drop_last = loader.drop_last
        self._auto_collation = loader._auto_collation
        self._sampler_iter = self._new_sampler_iter()
        self._base_seed = draw_seed(loader.generator)
        self._num_yielded = 0

    def _new_sampler_iter(self) -> Iterator[Any]:
        sampler = self._index_sampler
        if self._collate_fn is default_collate and has_blocks(sampler):
            return sampler.arrays() if self._takes_arrays() else iter(sampler)
        return iter(sampler)

    def _takes_arrays(self) -> bool:
        """Whether batches of indices may stay arrays, which saves making Python's integers of them."""
        return False

    def __iter__(self) -> BaseIterator:
        return self

    def __next__(self) -> Any:
        data = self._next_data()
        self._num_yielded += 1
        expected = self._IterableDataset_len_called
        if expected is not None and self._num_yielded > expected and self._dataset_kind == _DatasetKind.Iterable:
            self._warn_of_length(expected)
        return data

    def _next_data(self) -> Any:
        raise NotImplementedError

    def _warn_of_length(self, expected: int) -> None:
        text = (
            f"Length of IterableDataset {self._dataset} was reported to be {expected}(when accessing len(dataloader)), "
            f"but {self._num_yielded} samples have been fetched. "
        )
        if self._num_workers:
            text += (
                "For multiprocessing data-loading, this could be caused by not properly configuring the "
                "IterableDataset replica at each worker. Please see "
                "https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
            )
        warnings.warn(text, stacklevel=3)

    def __len__(self) -> int:
        return len(self._index_sampler)

    def __getstate__(self) -> Any:
        raise NotImplementedError("{} cannot be pickled", type(self).__name__)


def _warn_of_pinning(device: str) -> None:
    if device:
        warnings.warn(
            "pin_memory_device is deprecated, the current accelerator will be used as the device,"
            f"ignore pin_memory_device='{device}'.",
            stacklevel=4,
        )
    warnings.warn(
        "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be used.",
        stacklevel=4,
    )


class _SingleProcessDataLoaderIter(BaseIterator):
    """Reads each batch when it is asked for."""

    def __init__(self, loader: Any) -> None:
        if loader.timeout != 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        self._fetch = fetcher(loader.dataset, loader._auto_collation, loader.collate_fn, loader.drop_last)
        super().__init__(loader)

    def _takes_arrays(self) -> bool:
        return getattr(self._fetch, "takes_arrays", False)

    def _next_data(self) -> Any:
        return self._fetch(next(self._sampler_iter))
