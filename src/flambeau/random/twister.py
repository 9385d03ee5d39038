"""The Mersenne Twister: the stream of 32-bit words that every random number on the CPU is made of.

NumPy's MT19937 computes the words. They are taken from it a whole block of 624 at a time, which is how the algorithm
itself makes them, so that NumPy's state always is the state that PyTorch would save, and our place in it is the place
in the block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BLOCK = 624
_NO_WORDS = np.zeros(BLOCK, np.uint32)


class MersenneTwister:
    """The words that follow a seed, of which the low 32 bits count.

    `block` holds the current 624 words and `position` the place of the next one: 624 where a new block is due.
    """

    __slots__ = ("block", "position", "_seed", "_bits", "_seeding", "_started", "_twisted")

    def __init__(self, seed: int) -> None:
        self._bits: Any = None
        self._seeding: Any = None
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Start again. The work is left to the first draw, because `numpy.random` is slow to import."""
        self._seed = seed & 0xFFFFFFFF
        self._started = False
        self._twisted = False
        self.block = _NO_WORDS
        self.position = BLOCK

    def words(self, count: int) -> np.ndarray:
        """The next `count` words, as uint32. The array may be part of `block`: read it only."""
        start = self.position
        stop = start + count
        if stop <= BLOCK:
            self.position = stop
            return self.block[start:stop]
        self._start()
        words = np.empty(count, np.uint32)
        rest = BLOCK - start
        words[:rest] = self.block[start:]
        whole = (count - rest) // BLOCK * BLOCK
        if whole:
            words[rest : rest + whole] = self._bits.random_raw(whole)
        # the block that the state describes, even where none of its words is left
        last = count - rest - whole
        if last:
            self.block = self._bits.random_raw(BLOCK).astype(np.uint32)
            words[rest + whole :] = self.block[:last]
            self.position = last
        else:
            self.position = BLOCK
        self._twisted = True
        return words

    def state(self) -> tuple[np.ndarray, int, int]:
        """The 624 words of the algorithm's state, the index of the next one, and how many are left, plus one."""
        self._start()
        key = self._bits.state["state"]["key"]
        # before the first word the index is 0, though no word of the block may be used
        return (key, self.position, BLOCK + 1 - self.position) if self._twisted else (key, 0, 1)

    def set_state(self, key: np.ndarray, index: int, left: int) -> None:
        """Continue from what `state` gave. Raises RuntimeError where the numbers cannot be a state."""
        if not 0 < left <= BLOCK or index > BLOCK or (left > 1 and index + left != BLOCK + 1):
            raise RuntimeError("Invalid mt19937 state")
        self._start()
        used_up = left == 1
        self._bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": BLOCK if used_up else 0}}
        self.block = _NO_WORDS if used_up else self._bits.random_raw(BLOCK).astype(np.uint32)
        self.position = BLOCK if used_up else index
        self._twisted = index > 0

    def _start(self) -> None:
        if self._started:
            return
        if self._bits is None:
            self._bits = np.random.MT19937(0)
            self._seeding = np.random.RandomState(self._bits)
        self._seeding.seed(self._seed)
        self._started = True
