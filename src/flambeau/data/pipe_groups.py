"""More steps of data pipes: groups by key, pipes in turn, files, and shares of several workers."""

from __future__ import annotations

import fnmatch
import itertools
import os
import warnings
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

from .pipe_steps import ConcaterIterDataPipe, IterableWrapperIterDataPipe, _check_function
from .pipes import DataChunk, IterDataPipe, MapDataPipe, functional_datapipe
from .sampler import SequentialSampler


@functional_datapipe("groupby")
class GrouperIterDataPipe(IterDataPipe):
    """Lists of elements for which a function gives one key; each goes when it has `group_size` elements.

    When `buffer_size` elements wait, the largest list goes. One below `guaranteed_group_size` is then dropped
    (`drop_remaining`), or RuntimeError raised.
    """

    def __init__(
        self,
        datapipe: Any,
        group_key_fn: Callable,
        *,
        keep_key: bool = False,
        buffer_size: int = 10000,
        group_size: int | None = None,
        guaranteed_group_size: int | None = None,
        drop_remaining: bool = False,
    ) -> None:
        _check_function(group_key_fn)
        if group_size is not None and not 0 < group_size <= buffer_size:
            raise AssertionError("group_size must be > 0 and <= buffer_size")
        if guaranteed_group_size is not None and not (group_size and 0 < guaranteed_group_size <= group_size):
            raise AssertionError(
                "guaranteed_group_size must be > 0 and <= group_size and group_size must be set"
            )  # fmt: skip
        self.datapipe, self.group_key_fn, self.keep_key = datapipe, group_key_fn, keep_key
        self.max_buffer_size, self.group_size, self.drop_remaining = buffer_size, group_size, drop_remaining
        self.guaranteed_group_size = guaranteed_group_size or group_size
        self.wrapper_class = DataChunk

    def __iter__(self) -> Iterator[Any]:
        groups: dict[Any, list] = {}
        waiting = 0
        for x in self.datapipe:
            key = self.group_key_fn(x)
            groups.setdefault(key, []).append(x)
            waiting += 1
            if len(groups[key]) == self.group_size:
                waiting -= self.group_size
                yield self._chunk(key, groups.pop(key))
            if waiting == self.max_buffer_size:
                largest = max(groups, key=lambda k: len(groups[k]))
                group = groups.pop(largest)
                waiting -= len(group)
                if self.guaranteed_group_size is None or len(group) >= self.guaranteed_group_size:
                    # under the key of the newest element, as in PyTorch
                    yield self._chunk(key, group)
                elif not self.drop_remaining:
                    raise RuntimeError("Failed to group items", str(group))
        for key, group in groups.items():
            yield self._chunk(key, group)

    def _chunk(self, key: Any, group: list) -> Any:
        return (key, self.wrapper_class(group)) if self.keep_key else self.wrapper_class(group)


@functional_datapipe("mux")
class MultiplexerIterDataPipe(IterDataPipe):
    """One element of each pipe in turn, until the shortest ends."""

    def __init__(self, *datapipes: Any) -> None:
        self.datapipes = datapipes

    def __iter__(self) -> Iterator[Any]:
        yield from itertools.chain.from_iterable(zip(*self.datapipes, strict=False))

    def __len__(self) -> int:
        return min(map(self._length, self.datapipes)) * len(self.datapipes)


class SamplerIterDataPipe(IterDataPipe):
    """What a sampler draws from a pipe that has a length."""

    def __init__(
        self, datapipe: Any, sampler: Any = SequentialSampler, sampler_args: Any = None, sampler_kwargs: Any = None
    ) -> None:
        if not hasattr(type(datapipe), "__len__"):
            raise AssertionError("Sampler class requires input datapipe implemented `__len__`")
        self.datapipe = datapipe
        self.sampler = sampler(*(sampler_args or ()), **{**(sampler_kwargs or {}), "data_source": datapipe})

    def __iter__(self) -> Iterator[Any]:
        return iter(self.sampler)

    def __len__(self) -> int:
        return self._length(self.sampler)


# ---- shares ----------------------------------------------------------------------------------------------------------


class SHARDING_PRIORITIES(IntEnum):
    """Who takes a share first: of what a group of processes leaves to each, its workers take theirs."""

    DEFAULT = 1
    DISTRIBUTED = 2
    MULTIPROCESSING = 3


@functional_datapipe("sharding_filter")
class ShardingFilterIterDataPipe(IterDataPipe):
    """Every n-th element, where `apply_sharding`, which a DataLoader calls in each worker, says which."""

    def __init__(self, source_datapipe: Any, sharding_group_filter: Any = None) -> None:
        self.source_datapipe, self.sharding_group_filter = source_datapipe, sharding_group_filter
        self.groups: dict[int, tuple[int, int]] = {}
        self.num_of_instances, self.instance_id = 1, 0

    def apply_sharding(
        self, num_of_instances: int, instance_id: int, sharding_group: int = SHARDING_PRIORITIES.DEFAULT
    ) -> None:
        default = SHARDING_PRIORITIES.DEFAULT
        if instance_id >= num_of_instances:
            raise ValueError(
                f"instance_id({instance_id}) should be smaller than num_of_instances({num_of_instances})"
            )  # fmt: skip
        if any((group == default) != (sharding_group == default) for group in self.groups):
            raise RuntimeError("ShardingFilter cannot mix DEFAULT and non DEFAULT groups")
        self.groups[sharding_group] = num_of_instances, instance_id
        self.num_of_instances, self.instance_id = 1, 0
        for group in sorted(self.groups, reverse=True):
            if self.sharding_group_filter in (None, group):
                count, mine = self.groups[group]
                self.instance_id += self.num_of_instances * mine
                self.num_of_instances *= count

    def __iter__(self) -> Iterator[Any]:
        yield from itertools.islice(self.source_datapipe, self.instance_id, None, self.num_of_instances)

    def __len__(self) -> int:
        return len(range(self.instance_id, self._length(self.source_datapipe), self.num_of_instances))


# ---- files -----------------------------------------------------------------------------------------------------------


class _Files(IterDataPipe):
    length = -1

    def __len__(self) -> int:
        return self._length(()) if self.length == -1 else self.length

    def _length(self, source: Any) -> int:
        raise TypeError(f"{type(self).__name__} instance doesn't have valid length")


@functional_datapipe("list_files")
class FileListerIterDataPipe(_Files):
    """The paths of the files in folders, of those whose names match one of `masks`."""

    def __init__(
        self,
        root: Any = ".",
        masks: Any = "",
        *,
        recursive: bool = False,
        abspath: bool = False,
        non_deterministic: bool = False,
        length: int = -1,
    ) -> None:
        root = [root] if isinstance(root, str) else root
        self.datapipe = root if isinstance(root, IterDataPipe) else IterableWrapperIterDataPipe(root)
        self.masks, self.recursive, self.abspath = masks, recursive, abspath
        self.non_deterministic, self.length = non_deterministic, length

    def _matches(self, name: str) -> bool:
        masks = [self.masks] if isinstance(self.masks, str) else self.masks
        return not self.masks or any(fnmatch.fnmatch(name, mask) for mask in masks)

    def __iter__(self) -> Iterator[str]:
        for root in self.datapipe:
            if os.path.isfile(root):
                if self._matches(os.path.basename(root)):
                    yield os.path.abspath(root) if self.abspath else root
                continue
            for path, folders, files in os.walk(root, onerror=_fail):
                if not self.non_deterministic:
                    files.sort()
                    folders.sort()
                path = os.path.abspath(path) if self.abspath else path
                yield from [os.path.join(path, name) for name in files if self._matches(name)]
                if not self.recursive:
                    break


def _fail(error: OSError) -> None:
    warnings.warn(f"{error.filename} : {error.strerror}", stacklevel=2)
    raise error


@functional_datapipe("open_files")
class FileOpenerIterDataPipe(_Files):
    """Pairs of a path and the file there, opened."""

    def __init__(self, datapipe: Any, mode: str = "r", encoding: str | None = None, length: int = -1) -> None:
        if mode not in ("b", "t", "rb", "rt", "r"):
            raise ValueError(f"Invalid mode {mode}")
        if "b" in mode and encoding is not None:
            raise ValueError("binary mode doesn't take an encoding argument")
        self.datapipe, self.mode, self.encoding, self.length = datapipe, mode, encoding, length

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for path in self.datapipe:
            if not isinstance(path, str):
                raise TypeError(f"Expected string type for pathname, but got {type(path)}")
            yield path, open(path, f"r{self.mode.lstrip('r')}", encoding=self.encoding)  # noqa: SIM115


@functional_datapipe("read_from_stream")
class StreamReaderIterDataPipe(IterDataPipe):
    """What is in open files, whole or in pieces of `chunk` bytes, each with the name of its file."""

    def __init__(self, datapipe: Any, chunk: int | None = None) -> None:
        self.datapipe, self.chunk = datapipe, chunk

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        for name, stream in self.datapipe:
            while piece := stream.read(self.chunk):
                yield name, piece
            stream.close()


# ---- pipes that are read by index ------------------------------------------------------------------------------------


@functional_datapipe("concat")
class ConcaterMapDataPipe(MapDataPipe):
    """Several pipes, one after the other."""

    def __init__(self, *datapipes: Any) -> None:
        if not datapipes:
            raise ValueError("Expected at least one DataPipe, but got nothing")
        if not all(isinstance(pipe, MapDataPipe) for pipe in datapipes):
            raise TypeError("Expected all inputs to be `MapDataPipe`")
        if not all(hasattr(pipe, "__len__") for pipe in datapipes):
            raise TypeError("Expected all inputs to be `Sized`")
        self.datapipes = datapipes

    def __getitem__(self, index: int) -> Any:
        offset = 0
        for pipe in self.datapipes:
            if index - offset < len(pipe):
                return pipe[index - offset]
            offset += len(pipe)
        raise IndexError(f"Index {index} is out of range.")

    __len__ = ConcaterIterDataPipe.__len__


@functional_datapipe("zip")
class ZipperMapDataPipe(ConcaterMapDataPipe):
    """Tuples of the elements that several pipes have at one index."""

    def __getitem__(self, index: int) -> Any:
        found = []
        for pipe in self.datapipes:
            try:
                found.append(pipe[index])
            except IndexError as error:
                text = f"Index {index} is out of range for one of the input MapDataPipes {pipe}."
                raise IndexError(text) from error
        return tuple(found)

    def __len__(self) -> int:
        return min(map(len, self.datapipes))
