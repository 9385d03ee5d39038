"""The steps of data pipes: what `pipe.map`, `pipe.shuffle`, `pipe.batch` and the others make."""

from __future__ import annotations

import copy
import functools
import itertools
import random
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .collate import default_collate
from .pipes import DataChunk, IterDataPipe, MapDataPipe, functional_datapipe
from .sampler import draw_seed


def _check_function(fn: Any) -> None:
    """Raise TypeError for what cannot be called, and warn of functions that cannot be pickled."""
    if not callable(fn):
        raise TypeError(f"A callable function is expected, but {type(fn)} is provided.")
    fn = fn.func if isinstance(fn, functools.partial) else fn
    name = getattr(fn, "__qualname__", "")
    kind = "Local" if "<locals>" in name else "Lambda" if name.endswith("<lambda>") else None
    if kind is not None:
        warnings.warn(
            f"{kind} function is not supported by pickle, please use regular python function or functools.partial "
            "instead.",
            stacklevel=3,
        )


class IterableWrapperIterDataPipe(IterDataPipe):
    """The elements of an iterable, of a copy of it in each pass."""

    def __init__(self, iterable: Iterable, deepcopy: bool = True) -> None:
        self.iterable, self.deepcopy = iterable, deepcopy

    def __iter__(self) -> Iterator[Any]:
        yield from _copied(self.iterable, "iterable") if self.deepcopy else self.iterable

    def __len__(self) -> int:
        return self._length(self.iterable)


def _copied(source: Any, kind: str) -> Any:
    try:
        return copy.deepcopy(source)
    except TypeError:
        warnings.warn(
            f"The input {kind} can not be deepcopied, please be aware of in-place modification would affect source "
            "data.",
            stacklevel=3,
        )
        return source


class _OfOne(IterDataPipe):
    """A step on one pipe, which keeps its length."""

    datapipe: Any

    def __len__(self) -> int:
        return self._length(self.datapipe)


@functional_datapipe("map")
class MapperIterDataPipe(_OfOne):
    """A function of each element."""

    def __init__(self, datapipe: Any, fn: Callable) -> None:
        _check_function(fn)
        self.datapipe, self.fn = datapipe, fn

    def __iter__(self) -> Iterator[Any]:
        yield from map(self.fn, self.datapipe)


@functional_datapipe("collate")
class CollatorIterDataPipe(MapperIterDataPipe):
    """Batches as tensors."""

    def __init__(self, datapipe: Any, conversion: Callable = default_collate, collate_fn: Any = None) -> None:
        super().__init__(datapipe, fn=conversion if collate_fn is None else collate_fn)


@functional_datapipe("filter")
class FilterIterDataPipe(IterDataPipe):
    """The elements of which a function says True."""

    def __init__(self, datapipe: Any, filter_fn: Callable) -> None:
        _check_function(filter_fn)
        self.datapipe, self.filter_fn = datapipe, filter_fn

    def __iter__(self) -> Iterator[Any]:
        for data in self.datapipe:
            keep = self.filter_fn(data)
            if not isinstance(keep, bool):
                raise ValueError("Boolean output is required for `filter_fn` of FilterIterDataPipe, got", type(keep))
            if keep:
                yield data


@functional_datapipe("batch")
class BatcherIterDataPipe(IterDataPipe):
    """Lists of `batch_size` elements; the last may be shorter."""

    def __init__(self, datapipe: Any, batch_size: int, drop_last: bool = False, wrapper_class: Any = DataChunk) -> None:
        if batch_size <= 0:
            raise AssertionError("Batch size is required to be larger than 0!")
        self.datapipe, self.batch_size = datapipe, batch_size
        self.drop_last, self.wrapper_class = drop_last, wrapper_class

    def __iter__(self) -> Iterator[Any]:
        source = iter(self.datapipe)
        while batch := list(itertools.islice(source, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield self.wrapper_class(batch)

    def __len__(self) -> int:
        length = self._length(self.datapipe)
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)


@functional_datapipe("unbatch")
class UnBatcherIterDataPipe(IterDataPipe):
    """The elements of lists, `unbatch_level` levels deep; -1 for all levels."""

    def __init__(self, datapipe: Any, unbatch_level: int = 1) -> None:
        self.datapipe, self.unbatch_level = datapipe, unbatch_level

    def __iter__(self) -> Iterator[Any]:
        for element in self.datapipe:
            yield from self._dive(element, self.unbatch_level)

    def _dive(self, element: Any, level: int) -> Iterator[Any]:
        if level < -1:
            raise ValueError("unbatch_level must be -1 or >= 0")
        if level and isinstance(element, list):
            for item in element:
                yield from self._dive(item, max(level - 1, -1))
        elif level > 0:
            raise IndexError(f"unbatch_level {self.unbatch_level} exceeds the depth of the DataPipe")
        else:
            yield element


@functional_datapipe("concat")
class ConcaterIterDataPipe(IterDataPipe):
    """Several pipes, one after the other."""

    wrong = "Expected all inputs to be `IterDataPipe`"

    def __init__(self, *datapipes: Any) -> None:
        if not datapipes:
            raise ValueError("Expected at least one DataPipe, but got nothing")
        if not all(isinstance(dp, IterDataPipe) for dp in datapipes):
            raise TypeError(self.wrong)
        self.datapipes = datapipes

    def __iter__(self) -> Iterator[Any]:
        yield from itertools.chain.from_iterable(self.datapipes)

    def __len__(self) -> int:
        return sum(map(self._length, self.datapipes))


@functional_datapipe("zip")
class ZipperIterDataPipe(ConcaterIterDataPipe):
    """Tuples of one element of each pipe, until the shortest ends."""

    wrong = "All inputs are required to be `IterDataPipe` for `ZipIterDataPipe`."

    def __iter__(self) -> Iterator[Any]:
        yield from zip(*self.datapipes, strict=False)

    def __len__(self) -> int:
        return min(map(self._length, self.datapipes))


@functional_datapipe("shuffle")
class ShufflerIterDataPipe(_OfOne):
    """The elements in random order, drawn from a buffer that is refilled from the source."""

    def __init__(self, datapipe: Any, *, buffer_size: int = 10000, unbatch_level: int = 0) -> None:
        if buffer_size <= 0:
            raise AssertionError("buffer_size should be larger than 0")
        self.datapipe = datapipe if unbatch_level == 0 else datapipe.unbatch(unbatch_level=unbatch_level)
        self.buffer_size = buffer_size
        self._enabled = True
        self._seed: int | None = None
        self._rng = random.Random()

    def set_shuffle(self, shuffle: bool = True) -> ShufflerIterDataPipe:
        self._enabled = shuffle
        return self

    def set_seed(self, seed: int) -> ShufflerIterDataPipe:
        self._seed = seed
        return self

    def reset(self) -> None:
        if self._enabled:
            self._rng.seed(draw_seed() if self._seed is None else self._seed)
            self._seed = None

    def __iter__(self) -> Iterator[Any]:
        buffer: list = []
        draw = self._rng.randint
        for x in self.datapipe:
            if not self._enabled:
                yield x
            elif len(buffer) < self.buffer_size:
                buffer.append(x)
            else:
                index = draw(0, len(buffer) - 1)
                value, buffer[index] = buffer[index], x
                yield value
        while buffer:
            yield buffer.pop(draw(0, len(buffer) - 1))


# ---- several pipes out of one ----------------------------------------------------------------------------------------


class _Shared:
    """Reads one pipe for several branches: what one has read ahead waits for the others."""

    gap = ""

    def __init__(self, datapipe: Any, count: int, buffer_size: int, owner: str) -> None:
        self.datapipe, self.count, self.buffer_size, self.owner = datapipe, count, buffer_size, owner
        self.generation = 0
        self.reset()

    def reset(self) -> None:
        self.begun: set[int] = set()
        self.source: Any = None
        self.buffers: list[deque] = [deque() for _ in range(self.count)]

    def give(self, value: Any) -> None:
        """Put a value where it belongs: for a fork, everywhere."""
        for buffer in self.buffers:
            buffer.append(value)

    def waiting(self, branch: int) -> int:
        """How many values wait for other branches."""
        return max([len(b) for i, b in enumerate(self.buffers) if i != branch], default=0)

    def read(self, branch: int) -> Iterator[Any]:
        """One pass of a branch; its second pass begins all anew."""
        if branch in self.begun:
            if self.source is not None or any(self.buffers):
                warnings.warn(
                    "Some child DataPipes are not exhausted when __iter__ is called. We are resetting the buffer and "
                    "each child DataPipe will read from the start again.",
                    stacklevel=2,
                )
            self.generation += 1
            self.reset()
        self.source = iter(self.datapipe) if not self.begun else self.source
        self.begun.add(branch)
        generation = self.generation
        while True:
            if generation != self.generation:
                raise RuntimeError(
                    "This iterator has been invalidated, because a new iterator has been created from one of the "
                    f"ChildDataPipes of {self.owner}({self.datapipe})."
                )
            while not self.buffers[branch]:
                try:
                    self.give(next(self.source or iter(())))
                except StopIteration:
                    self.source = None
                    return
                if 0 <= self.buffer_size < self.waiting(branch):
                    raise BufferError(
                        f"{self.owner} buffer overflow,{self.gap}buffer size {self.buffer_size} is insufficient."
                    )
            yield self.buffers[branch].popleft()

    def branches(self) -> list[_Branch]:
        return [_Branch(self, i) for i in range(self.count)]


class _Branch(IterDataPipe):
    """One of the pipes that share a source."""

    def __init__(self, shared: _Shared, instance_id: int) -> None:
        self.shared, self.instance_id = shared, instance_id

    def __iter__(self) -> Iterator[Any]:
        yield from self.shared.read(self.instance_id)

    def __len__(self) -> int:
        if isinstance(self.shared, _Demultiplexed):
            raise TypeError
        return self._length(self.shared.datapipe)


class _Demultiplexed(_Shared):
    classifier: Callable
    drop_none = False
    gap = " "

    def give(self, value: Any) -> None:
        which = self.classifier(value)
        if which is None and self.drop_none:
            return
        if which is None or not 0 <= which < self.count:
            raise ValueError(
                f"Output of the classification fn should be between 0 and {self.count - 1}. {which} is returned."
            )
        self.buffers[which].append(value)

    def waiting(self, branch: int) -> int:
        return sum(len(b) for i, b in enumerate(self.buffers) if i != branch)


def _check_branches(count: int) -> None:
    if count < 1:
        raise ValueError(f"Expected `num_instances` larger than 0, but {count} is found")


@functional_datapipe("fork")
class ForkerIterDataPipe(IterDataPipe):
    """Several pipes that all give every element."""

    def __new__(cls, datapipe: Any, num_instances: int, buffer_size: int = 1000) -> Any:
        _check_branches(num_instances)
        if num_instances == 1:
            return datapipe
        return _Shared(datapipe, num_instances, buffer_size, "ForkerIterDataPipe").branches()


@functional_datapipe("demux")
class DemultiplexerIterDataPipe(IterDataPipe):
    """Several pipes among which a function shares the elements, by number."""

    def __new__(
        cls,
        datapipe: Any,
        num_instances: int,
        classifier_fn: Callable,
        drop_none: bool = False,
        buffer_size: int = 1000,
    ) -> Any:
        _check_branches(num_instances)
        _check_function(classifier_fn)
        shared = _Demultiplexed(datapipe, num_instances, buffer_size, "DemultiplexerIterDataPipe")
        shared.classifier, shared.drop_none = classifier_fn, drop_none
        return shared.branches()


# ---- pipes that are read by index ------------------------------------------------------------------------------------


class SequenceWrapperMapDataPipe(MapDataPipe):
    """The elements of a sequence or a mapping, of a copy of it."""

    def __init__(self, sequence: Any, deepcopy: bool = True) -> None:
        self.sequence = _copied(sequence, "sequence") if deepcopy else sequence

    def __getitem__(self, index: Any) -> Any:
        return self.sequence[index]

    def __len__(self) -> int:
        return len(self.sequence)


def default_fn(data: Any) -> Any:
    """The element itself."""
    return data


@functional_datapipe("map")
class MapperMapDataPipe(MapDataPipe):
    """A function of each element."""

    def __init__(self, datapipe: Any, fn: Callable = default_fn) -> None:
        _check_function(fn)
        self.datapipe, self.fn = datapipe, fn

    def __getitem__(self, index: Any) -> Any:
        return self.fn(self.datapipe[index])

    def __len__(self) -> int:
        return len(self.datapipe)


@functional_datapipe("batch")
class BatcherMapDataPipe(MapDataPipe):
    """Lists of `batch_size` elements; the last may be shorter."""

    __init__ = BatcherIterDataPipe.__init__  # type: ignore[assignment]
    __len__ = BatcherIterDataPipe.__len__

    def __getitem__(self, index: int) -> Any:
        batch = []
        for i in range(index * self.batch_size, (index + 1) * self.batch_size):
            try:
                batch.append(self.datapipe[i])
            except IndexError as error:
                if self.drop_last or not batch:
                    raise IndexError(f"Index {index} is out of bound.") from error
                break
        return self.wrapper_class(batch)


class ShufflerMapDataPipe(ShufflerIterDataPipe):
    """The elements of a pipe that is read by index, in random order; they are read one at a time."""

    def __init__(self, datapipe: Any, *, indices: list | None = None) -> None:
        super().__init__(datapipe)
        self.indices = list(range(len(datapipe))) if indices is None else indices

    def __iter__(self) -> Iterator[Any]:
        order = reversed(self._rng.sample(self.indices, len(self.indices))) if self._enabled else self.indices
        yield from map(self.datapipe.__getitem__, order)


ShufflerMapDataPipe.__name__ = ShufflerMapDataPipe.__qualname__ = "ShufflerIterDataPipe"
MapDataPipe.register_datapipe_as_function("shuffle", ShufflerMapDataPipe)
