"""From indices to batches, in the process or thread that reads the dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..xp import numpy as xnp
from .collate import default_collate
from .dataset import IterableDataset, batch_reader

Fetch = Callable[[Any], Any]


class _DatasetKind:
    """How a dataset is read: by index, or in order."""

    Map = 0
    Iterable = 1


def kind_of(dataset: Any) -> int:
    return _DatasetKind.Iterable if isinstance(dataset, IterableDataset) else _DatasetKind.Map


def fetcher(dataset: Any, batched: bool, collate_fn: Callable, drop_last: bool) -> Fetch:
    """The function that makes a batch of what the sampler gave.

    One for an iterable dataset raises StopIteration at its end, and goes on from where it stopped.
    """
    if isinstance(dataset, IterableDataset):
        return _iterable_fetcher(dataset, batched, collate_fn, drop_last)
    if not batched:
        return lambda index: collate_fn(dataset[index])
    if getattr(dataset, "__getitems__", None):
        one_by_one: Fetch = lambda indices: collate_fn(dataset.__getitems__(indices))
    else:
        one_by_one = lambda indices: collate_fn([dataset[i] for i in indices])
    return one_by_one if collate_fn is not default_collate else at_once(dataset, one_by_one)


def at_once(dataset: Any, one_by_one: Fetch) -> Fetch:
    """A fetch that takes whole batches out of tensors where that gives the same, and `one_by_one` elsewhere."""
    read = batch_reader(dataset)
    if read is None:
        return one_by_one

    def fetch(indices: Any) -> Any:
        if type(indices) is list:
            chosen = xnp.asarray(indices) if indices else None
            if chosen is None or chosen.dtype.kind != "i" or chosen.ndim != 1:
                return one_by_one(indices)
        else:
            chosen = indices
        try:
            return read(chosen)
        except IndexError:
            # indexing samples one by one says which index is wrong
            return one_by_one(list(chosen) if type(chosen) is range else chosen.tolist())

    fetch.takes_arrays = True  # type: ignore[attr-defined]
    return fetch


def _iterable_fetcher(dataset: Any, batched: bool, collate_fn: Callable, drop_last: bool) -> Fetch:
    samples = iter(dataset)
    if not batched:
        return lambda _: collate_fn(next(samples))
    ended = False

    def fetch(places: Any) -> Any:
        nonlocal ended
        if ended:
            raise StopIteration
        batch = []
        for _ in places:
            try:
                batch.append(next(samples))
            except StopIteration:
                ended = True
                break
        if not batch or (drop_last and len(batch) < len(places)):
            raise StopIteration
        return collate_fn(batch)

    return fetch
