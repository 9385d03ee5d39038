"""Samplers: the order in which a loader reads its dataset. Random orders are PyTorch's from the same seed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

from .. import dtypes, random
from ..tensor import functions as fn
from ..xp import numpy as xnp

T = TypeVar("T", covariant=True)

# how many indices with replacement PyTorch draws at once; the stream depends on it where the range is wide
DRAWN_AT_ONCE = 32


def draw_seed(generator: Any = None) -> int:
    """A seed for another generator: 63 bits from `generator`, or from the default one."""
    return int(random.fill_random(generator or random.default_generator, xnp.empty((), dtype=xnp.int64)))


class Sampler(Generic[T]):
    """Base of samplers. A subclass defines `__iter__`, which gives indices, or lists of them, and often `__len__`."""

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """0, 1, 2, … up to the length of the dataset."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)

    def blocks(self) -> Iterator[Any]:
        """The indices as one range."""
        yield range(len(self.data_source))


class RandomSampler(Sampler[int]):
    """Indices in random order, or, with `replacement`, drawn independently of each other.

    Without `generator`, each pass over it seeds one of its own from the default generator.

    >>> list(RandomSampler(range(4), generator=torch.Generator().manual_seed(0)))
    [0, 1, 3, 2]
    """

    def __init__(
        self, data_source: Sized, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples should be a positive integer value, but got num_samples={self.num_samples}")

    @property
    def num_samples(self) -> int:
        """How many indices one pass gives; by default as many as the dataset has now."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def blocks(self) -> Iterator[Any]:
        """The indices as arrays. Each is drawn when it is asked for."""
        n = len(self.data_source)
        generator = self.generator
        if generator is None:
            generator = random.Generator().manual_seed(draw_seed())
        count = self.num_samples
        if self.replacement:
            for _ in range(count // DRAWN_AT_ONCE):
                yield random.randint(generator, DRAWN_AT_ONCE, 0, n)
            yield random.randint(generator, count % DRAWN_AT_ONCE, 0, n)
            return
        for _ in range(count // n):
            yield random.randperm(generator, n)
        # PyTorch shuffles once more even where nothing is left to take
        yield random.randperm(generator, n)[: count % n] if count % n or self.generator else _nothing()

    def __iter__(self) -> Iterator[int]:
        for block in self.blocks():
            yield from block.tolist()

    def __len__(self) -> int:
        return self.num_samples


def _nothing() -> Any:
    return xnp.empty(0, dtype=xnp.int64)


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        order = random.randperm(self.generator or random.default_generator, len(self.indices))
        for i in order.tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """`num_samples` indices, each drawn with a probability in proportion to its weight."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(f"num_samples should be a positive integer value, but got num_samples={num_samples}")
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement should be a boolean value, but got replacement={replacement}")
        tensor = fn.as_tensor(weights, dtype=dtypes.float64)
        if tensor.ndim != 1:
            raise ValueError(f"weights should be a 1d sequence but given weights have shape {tuple(tensor.shape)}")
        self.weights = tensor
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        drawn = fn.multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of `batch_size` indices of another sampler; the last one is shorter, or left out with `drop_last`.

    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while True:
            batch = list(itertools.islice(indices, self.batch_size))
            if not batch or (self.drop_last and len(batch) < self.batch_size):
                return
            yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def arrays(self) -> Iterator[Any]:
        """The batches as arrays or ranges, for samplers that have `blocks`."""
        size = self.batch_size
        rest = None
        for block in self.sampler.blocks():  # type: ignore[attr-defined]
            if rest is not None:
                block = xnp.concat((rest, block))
            full = len(block) // size * size
            for start in range(0, full, size):
                yield block[start : start + size]
            rest = block[full:] if full < len(block) else None
        if rest is not None and not self.drop_last:
            yield rest


def has_blocks(sampler: Any) -> bool:
    """Whether `BatchSampler.arrays` gives what iterating over a batch sampler would."""
    return type(sampler) is BatchSampler and type(sampler.sampler) in (RandomSampler, SequentialSampler)
