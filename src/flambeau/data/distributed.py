"""DistributedSampler: each of several processes reads its own part of a dataset."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any, TypeVar

from .. import random
from .sampler import Sampler

T = TypeVar("T", covariant=True)


class DistributedSampler(Sampler[T]):
    """Every `num_replicas`-th index from `rank` on, in an order that all processes share.

    Call `set_epoch` before each epoch, or the order stays the same. Without `drop_last`, some indices are given twice
    so that all processes get equally many. Raises ValueError for a rank out of range.

    >>> list(DistributedSampler(range(5), num_replicas=2, rank=1, shuffle=False))
    [1, 3, 0]
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None:
            num_replicas = _process_group().get_world_size()
        if rank is None:
            rank = _process_group().get_rank()
        if rank >= num_replicas or rank < 0:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        self.shuffle = shuffle
        self.seed = seed
        count = len(dataset)
        self.num_samples = count // num_replicas if drop_last else math.ceil(count / num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self) -> Iterator[Any]:
        count = len(self.dataset)
        if self.shuffle:
            order = random.randperm(random.Generator().manual_seed(self.seed + self.epoch), count).tolist()
        else:
            order = list(range(count))
        # as often as needed to fill up, then cut off
        if self.total_size > count:
            order *= math.ceil(self.total_size / count)
        return iter(order[self.rank : self.total_size : self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the order: epoch `n` of all processes is shuffled alike."""
        self.epoch = epoch


def _process_group() -> Any:
    """The module of process groups, which a program that has one has imported."""
    package = __name__.partition(".")[0]
    found = sys.modules.get(f"{package}.distributed")
    if found is None or not found.is_initialized():
        raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")
    return found
