"""Datasets: what a loader reads. Anything with `__getitem__` and `__len__`, or with `__iter__`, is one."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from .. import config, random
from ..tensor.tensor import Tensor, current_edge, make
from ..xp import numpy as xnp

T = TypeVar("T", covariant=True)


class Dataset(Generic[T]):
    """Base of datasets that are read by index. A subclass defines `__getitem__`, and `__len__` for most samplers.

    With `__getitems__(indices)`, which returns a list of samples, a loader asks for a whole batch at once.
    """

    def __getitem__(self, index: Any) -> T:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset) -> Dataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T], Iterable[T]):
    """Base of datasets that are read in order. A subclass defines `__iter__`; with several workers, each reads all."""

    def __add__(self, other: Dataset) -> Dataset:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Sample i is the tuple of `t[i]` for each tensor. All tensors have the same first size.

    >>> data = TensorDataset(torch.arange(6).view(3, 2), torch.tensor([0, 1, 0]))
    >>> data[1]
    (tensor([2, 3]), tensor(1))
    """

    def __init__(self, *tensors: Tensor) -> None:
        if any(tensors[0].shape[0] != tensor.shape[0] for tensor in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple([tensor[index] for tensor in self.tensors])

    def __len__(self) -> int:
        return self.tensors[0].shape[0]


class StackDataset(Dataset):
    """Sample i is the tuple, or with keyword arguments the dict, of sample i of each dataset."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError(
                "Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) like input/output, but both "
                "types are given."
            )
        if not args and not kwargs:
            raise ValueError("At least one dataset should be passed")
        self.datasets: Any = args or kwargs
        lengths = [len(d) for d in (args or kwargs.values())]
        self._length = lengths[0]
        if any(n != self._length for n in lengths):
            raise ValueError("Size mismatch between datasets")

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {key: dataset[index] for key, dataset in self.datasets.items()}
        return tuple([dataset[index] for dataset in self.datasets])

    def __getitems__(self, indices: list[int]) -> list[Any]:
        columns = [_samples(d, indices) for d in (self.datasets.values() if self._by_name else self.datasets)]
        rows = zip(*columns, strict=True)
        if self._by_name:
            return [dict(zip(self.datasets, row, strict=True)) for row in rows]
        return list(rows)

    @property
    def _by_name(self) -> bool:
        return isinstance(self.datasets, dict)

    def __len__(self) -> int:
        return self._length


def _samples(dataset: Any, indices: list[int]) -> Sequence[Any]:
    if not callable(getattr(dataset, "__getitems__", None)):
        return [dataset[i] for i in indices]
    items = dataset.__getitems__(indices)
    if len(items) != len(indices):
        raise ValueError(f"Nested dataset's output size mismatch. Expected {len(indices)}, got {len(items)}")
    return items


class ConcatDataset(Dataset[T]):
    """Several datasets, one after the other."""

    @staticmethod
    def cumsum(sequence: Iterable[Any]) -> list[int]:
        """Where each dataset ends."""
        return list(itertools.accumulate(len(e) for e in sequence))

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = self.cumsum(self.datasets)

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx: int) -> T:
        if idx < 0:
            if -idx > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            idx += len(self)
        which = bisect.bisect_right(self.cumulative_sizes, idx)
        return self.datasets[which][idx - (self.cumulative_sizes[which - 1] if which else 0)]

    @property
    def cummulative_sizes(self) -> list[int]:
        """The former, misspelt name of `cumulative_sizes`."""
        import warnings

        warnings.warn(
            "`cummulative_sizes` attribute is renamed to `cumulative_sizes`", category=FutureWarning, stacklevel=2
        )
        return self.cumulative_sizes


class ChainDataset(IterableDataset):
    """Several iterable datasets, one after the other."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = datasets

    def _checked(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError("ChainDataset only supports IterableDataset")
            yield dataset

    def __iter__(self) -> Iterator[Any]:
        for dataset in self._checked():
            yield from dataset

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self._checked())


class Subset(Dataset[T]):
    """The samples of a dataset with given indices."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices
        cls = type(self)
        if cls.__getitem__ is not Subset.__getitem__ and cls.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{cls.__name__} overrides __getitem__ but not __getitems__. When subclassing Subset and overriding "
                "__getitem__, you must also override __getitems__ to ensure DataLoader works correctly with your "
                "custom logic. A simple implementation:\n\ndef __getitems__(self, indices):\n"
                "    return [self.__getitem__(idx) for idx in indices]"
            )

    def __getitem__(self, idx: Any) -> Any:
        if isinstance(idx, list):
            return self.dataset[[self.indices[i] for i in idx]]
        return self.dataset[self.indices[idx]]

    def __getitems__(self, indices: list[int]) -> Any:
        chosen = [self.indices[i] for i in indices]
        if callable(getattr(self.dataset, "__getitems__", None)):
            return self.dataset.__getitems__(chosen)
        return [self.dataset[i] for i in chosen]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = random.default_generator) -> list[Subset]:
    """Split a dataset at random into subsets of given lengths, or of given fractions of it.

    Raises ValueError where the lengths do not add up to that of the dataset.

    >>> [len(part) for part in random_split(range(10), [0.7, 0.3])]
    [7, 3]
    """
    total = len(dataset)
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = _lengths_of_fractions(lengths, total)
    if sum(lengths) != total:
        raise ValueError(
            "Sum of input lengths does not equal the length of the input dataset!\n"
            f"  lengths: {list(lengths)}, together {sum(lengths)}; the dataset has {total} samples."
        )
    order = random.randperm(generator or random.default_generator, total).tolist()
    ends = itertools.accumulate(lengths)
    return [Subset(dataset, order[int(end - n) : int(end)]) for end, n in zip(ends, lengths, strict=True)]


def _lengths_of_fractions(fractions: Sequence[float], total: int) -> list[int]:
    """Whole numbers near `fraction * total`; what rounding down leaves over goes to the first ones."""
    for i, fraction in enumerate(fractions):
        if fraction < 0 or fraction > 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1")
    lengths = [math.floor(total * fraction) for fraction in fractions]
    for i in range(total - sum(lengths)):
        lengths[i % len(lengths)] += 1
    for i, n in enumerate(lengths):
        if n == 0:
            import warnings

            warnings.warn(f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=3)
    return lengths


# ---- whole batches at once -------------------------------------------------------------------------------------------

Reader = Callable[[Any], list[Tensor]]


def batch_reader(dataset: Any) -> Reader | None:
    """A function from indices, an array or a range, to what `default_collate` would make of these samples, or None.

    There is one for TensorDatasets, and subsets of them, whose indexing is not overridden and records nothing. It
    raises IndexError for indices out of range.
    """
    cls = type(dataset)
    if isinstance(dataset, TensorDataset):
        plain = cls.__getitem__ is TensorDataset.__getitem__ and not hasattr(cls, "__getitems__")
        return _tensor_reader(dataset) if plain else None
    if cls is Subset or (isinstance(dataset, Subset) and cls.__getitems__ is Subset.__getitems__):
        inner = batch_reader(dataset.dataset)
        return None if inner is None else _subset_reader(dataset, inner)
    return None


def _tensor_reader(dataset: TensorDataset) -> Reader | None:
    tensors = dataset.tensors
    if any(type(t) is not Tensor or not t._kind.local for t in tensors):
        return None
    if any(current_edge(t) is not None for t in tensors) and config.grad_enabled():
        return None

    def read(indices: Any) -> list[Tensor]:
        if type(indices) is range:
            first, last = indices.start, indices.stop
            if last > len(tensors[0]._array):
                raise IndexError
            return [make(t._array[first:last].copy(), t._kind) for t in tensors]
        return [make(t._array.take(indices, 0), t._kind) for t in tensors]

    return read


def _subset_reader(subset: Subset, inner: Reader) -> Reader | None:
    try:
        chosen = xnp.asarray(subset.indices)
    except (TypeError, ValueError):
        return None
    if chosen.dtype.kind != "i" or chosen.ndim != 1:
        return None

    def read(indices: Any) -> list[Tensor]:
        if type(indices) is range and indices.stop > len(chosen):
            raise IndexError
        return inner(chosen[indices.start : indices.stop] if type(indices) is range else chosen.take(indices))

    return read
