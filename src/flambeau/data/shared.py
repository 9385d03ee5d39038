"""Memory that a worker process shares with the main process, piece by piece, and uses again and again.

A segment is an anonymous file of memory. The worker fills it and sends its number, the first time with a handle of the
file; when the last array on it is gone in the main process, its number goes back with a later task. So the pages are
made once, not for each batch. Nothing has a name in the file system: whichever process dies when, the memory is gone
with the last mapping of it.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections import deque
from collections.abc import Iterator
from typing import Any

from ..storage import anonymous_file
from ..xp import numpy as xnp

CAN_SHARE = sys.platform == "linux" and hasattr(os, "memfd_create")
ALIGNMENT = 64
# bytes of a worker's segments that may lie idle; one segment always may
MOST_IDLE = 2**26

# a forked process sees the same segments; those that it may have arrays on are never filled again
_forks = 0


def _count_fork() -> None:
    global _forks
    _forks += 1


if CAN_SHARE:
    os.register_at_fork(before=_count_fork)


class Lease(weakref.ref):
    """A weak reference to the array of bytes that all other arrays on a segment are views of."""

    __slots__ = ("number", "memory", "forks")
    number: int
    memory: Any
    forks: int


class Leases:
    """Which segments there are arrays on. Their ends are noted when they come, in any thread, and told when asked."""

    def __init__(self, discards: bool) -> None:
        self._leases: dict[int, Lease] = {}
        self._ends: deque[Lease] = deque()
        self._idle = [0]
        self._note = _discarding(self._ends, self._idle) if discards else self._ends.append

    def begin(self, number: int, memory: Any) -> Any:
        """The bytes of a segment as an array, whose end will be noted."""
        whole = xnp.np.frombuffer(memory, xnp.np.uint8)
        lease = self._leases[number] = Lease(whole, self._note)
        lease.number, lease.memory, lease.forks = number, memory, _forks
        return whole

    def ended(self) -> Iterator[tuple[int, bool]]:
        """(number, may it be filled again) of the segments on which no array is left since the last time."""
        while self._ends:
            lease = self._ends.popleft()
            self._idle[0] -= len(lease.memory)
            self._leases.pop(lease.number, None)
            yield lease.number, lease.forks == _forks


def _discarding(ends: deque[Lease], idle: list[int]) -> Any:
    """What notes an end, and gives the pages back to the system where too much would lie idle."""
    import mmap

    def note(lease: Lease) -> None:
        idle[0] += len(lease.memory)
        if idle[0] > MOST_IDLE and ends and lease.forks == _forks:
            lease.memory.madvise(mmap.MADV_REMOVE)
        ends.append(lease)

    return note


class Segment:
    """A piece of memory of a worker. `handle` is its file until the main process has it."""

    __slots__ = ("number", "memory", "address", "handle", "is_away", "is_held")

    def __init__(self, number: int, size: int) -> None:
        import mmap

        self.number = number
        self.handle: int | None = anonymous_file("flambeau_batch", size)
        try:
            self.memory = mmap.mmap(self.handle, size)
        except BaseException:
            self.close()
            raise
        self.address = address_of(self.memory)
        # used by the main process; used here
        self.is_away = False
        self.is_held = False

    def close(self) -> None:
        """Close the file; its memory stays."""
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


class Segments:
    """The segments of this worker process."""

    def __init__(self) -> None:
        self._all: dict[int, Segment] = {}
        self._idle: list[Segment] = []
        self._leases = Leases(discards=False)
        self._made = 0
        # those of the batch that is being made, and the numbers that will not be used again
        self.taken: list[Segment] = []
        self.gone: list[int] = []

    def array(self, size: int) -> Any:
        """`size` bytes, at least one, of a segment that nobody uses."""
        self.collect()
        segment = self._fitting(size) or self._new(size)
        segment.is_held = True
        self.taken.append(segment)
        return self._leases.begin(segment.number, segment.memory)[:size]

    def _fitting(self, size: int) -> Segment | None:
        found = min(
            (s for s in self._idle if size <= len(s.memory) <= 2 * size), key=lambda s: len(s.memory), default=None
        )
        if found is not None:
            self._idle.remove(found)
        return found

    def _new(self, size: int) -> Segment:
        # a little larger, so that batches of nearly one size share segments; pages that are not written cost nothing
        step = max(4096, 1 << max(0, size.bit_length() - 3))
        segment = self._all[self._made] = Segment(self._made, -(-size // step) * step)
        self._made += 1
        return segment

    def collect(self) -> None:
        """Heed the arrays that are gone here."""
        for number, reusable in self._leases.ended():
            segment = self._all.get(number)
            if segment is None:
                continue
            # a forked process may still have arrays on it
            segment.is_held = not reusable
            if not segment.is_away:
                self._retire(segment, reusable)

    def take_back(self, numbers: list[int], unusable: list[int]) -> None:
        """What the main process has no arrays on any more."""
        self.collect()
        for number in [*numbers, *unusable]:
            segment = self._all[number]
            segment.is_away = False
            # what this process still looks at, it keeps for itself
            self._retire(segment, number not in unusable and not segment.is_held)

    def _retire(self, segment: Segment, reusable: bool) -> None:
        if not reusable:
            self._forget(segment)
            return
        self._idle.append(segment)
        while len(self._idle) > 1 and sum([len(s.memory) for s in self._idle]) > MOST_IDLE:
            self._forget(self._idle.pop(0))

    def _forget(self, segment: Segment) -> None:
        del self._all[segment.number]
        if segment.handle is None:
            self.gone.append(segment.number)
        segment.close()

    def at(self, address: int, size: int) -> tuple[Segment, int] | None:
        """The segment of this batch that holds what is at an address, and how far in; each is found once."""
        for segment in self.taken:
            start = address - segment.address
            if not segment.is_away and 0 <= start <= len(segment.memory) - size:
                segment.is_away = True
                return segment, start
        return None

    def unsend(self) -> None:
        """The batch that is being made is not sent after all."""
        for segment in self.taken:
            if segment.is_away:
                segment.is_away = False
                if not segment.is_held:
                    self._retire(segment, True)


class Mirror:
    """The segments of one worker, as the main process has them."""

    def __init__(self) -> None:
        self._memories: dict[int, Any] = {}
        self._leases = Leases(discards=True)

    def add(self, number: int, handle: int, size: int) -> None:
        """A segment that is new here. Its handle is closed."""
        import mmap

        try:
            self._memories[number] = mmap.mmap(handle, size)
        finally:
            os.close(handle)

    def remove(self, numbers: list[int]) -> None:
        """Segments that the worker will not use again."""
        for number in numbers:
            del self._memories[number]

    def begin(self, number: int) -> memoryview:
        """The bytes of a segment, until nothing views them any more."""
        return memoryview(self._leases.begin(number, self._memories[number]))

    def ended(self) -> tuple[list[int], list[int]]:
        """The numbers of segments that may be filled again, and of those that may not."""
        found: tuple[list[int], list[int]] = ([], [])
        for number, reusable in self._leases.ended():
            found[not reusable].append(number)
        return found


def address_of(memory: Any) -> int:
    """Where the bytes of a buffer lie."""
    return xnp.np.frombuffer(memory, xnp.np.uint8).__array_interface__["data"][0]
