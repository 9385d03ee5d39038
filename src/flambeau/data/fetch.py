"""From indices to batches, in the process or thread that reads the dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor.tensor import Tensor, make
from ..xp import numpy as xnp
from .collate import collate_tensor_fn, default_collate, default_collate_fn_map, empty_batch
from .dataset import IterableDataset, batch_reader

Fetch = Callable[[Any], Any]

# bytes of a tensor from which on copying it by itself costs less than finding it again in memory
LARGE = 4096


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
    elif collate_fn is default_collate:
        one_by_one = lambda indices: gathered(dataset, list(indices))
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


def gathered(dataset: Any, indices: list[Any]) -> Any:
    """What `default_collate` makes of samples. Large tensors are copied into their place as they come.

    So they are copied while they are in the cache, and the memory of one sample serves the next.
    """
    if not indices or default_collate_fn_map.get(Tensor) is not collate_tensor_fn or tuple in default_collate_fn_map:
        return default_collate([dataset[i] for i in indices])
    sample = dataset[indices[0]]
    kind = type(sample)
    items = sample if kind is tuple else (sample,)
    # position in the sample -> the kind and shape there, and the place of all of them
    places = {
        p: (item._kind, item._array.shape, empty_batch(len(indices), item))
        for p, item in enumerate(items)
        if type(item) is Tensor and item._kind.local and item._array.nbytes >= LARGE and not item.requires_grad
    }
    if not places:
        return default_collate([sample, *[dataset[i] for i in indices[1:]]])
    columns: list[list[Any]] = [[] for _ in items]
    for row, index in enumerate(indices):
        if row:
            sample = dataset[index]
        items = sample if kind is tuple else (sample,)
        if type(sample) is not kind or len(items) != len(columns) or not _all_fit(items, places):
            # as it would be without places
            samples = [_restored(kind, r, places, columns) for r in range(row)]
            return default_collate([*samples, sample, *[dataset[i] for i in indices[row + 1 :]]])
        for p, item in enumerate(items):
            if p in places:
                places[p][2][row] = item._array
            else:
                columns[p].append(item)
        del sample, items, item
    batch = [
        make(places[p][2], places[p][0]) if p in places else default_collate(column) for p, column in enumerate(columns)
    ]
    return batch if kind is tuple else batch[0]


def _all_fit(items: Any, places: dict[int, Any]) -> bool:
    for p, (kind, shape, _) in places.items():
        t = items[p]
        if type(t) is not Tensor or t._kind is not kind or t._array.shape != shape or t.requires_grad:
            return False
    return True


def _restored(kind: type, row: int, places: dict[int, Any], columns: list[list[Any]]) -> Any:
    """A sample whose tensors were copied into their places."""
    items = [make(places[p][2][row], places[p][0]) if p in places else c[row] for p, c in enumerate(columns)]
    return tuple(items) if kind is tuple else items[0]


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
