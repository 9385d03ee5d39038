"""Generator: the state of a stream of random numbers, and the uniform numbers it consists of."""

from __future__ import annotations

import os

# `threading` itself is slow to import
from _thread import RLock
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..device import device as Device
from .twister import BLOCK, MersenneTwister

DEFAULT_SEED = 67280421310721

NORMAL_PROFILES = ("cephes", "libm")

# how many uniforms `uniform_stream` converts at once
_AHEAD = 128
# up to how many uniforms Python's integers are faster than NumPy's arrays
_AT_ONCE = 10

# the bytes of PyTorch's CPU generator state; "left" counts the words before the next block, plus one
STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", (BLOCK,)),
        ("normal_x", "<f8"),
        ("normal_y", "<f8"),
        ("normal_rho", "<f8"),
        ("normal_valid", "<i4"),
        ("padding", "<i4"),
        ("float_normal", "<f4"),
        ("float_normal_valid", "<i4"),
    ]
)

CPU = Device("cpu")


class Generator:
    """A stream of random numbers on the CPU, equal to PyTorch's from the same seed or state.

    `normal_profile` says how float32 normals are computed in blocks of 16: "cephes", as PyTorch does on x86 processors
    with AVX2, or "libm", within 3e-7 of what it does elsewhere. Raises RuntimeError for other devices.

    >>> generator = Generator().manual_seed(0)
    >>> generator.uniform24(3)
    array([0.4962566 , 0.7682218 , 0.08847743], dtype=float32)
    """

    __slots__ = ("device", "normal_profile", "lock", "twister", "cached_normal", "_cached_float", "_seed")

    def __init__(self, device: Any = "cpu") -> None:
        self.device = Device("cpu" if device is None else device)
        if self.device.type != "cpu":
            raise RuntimeError(f"{self.device.type.upper()} device type not an accelerator.")
        # there is one CPU
        self.device = CPU
        self.normal_profile = "cephes"
        self.lock = RLock()
        self.twister = MersenneTwister(DEFAULT_SEED)
        # normals are made in pairs, and the second one waits here
        self.cached_normal: float | None = None
        self._cached_float: float | None = None
        self._seed = DEFAULT_SEED

    # --- seeds and states ---

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream of `seed`, an integer from -2**63 to 2**64 - 1; negative ones count from 2**64 down.

        Raises RuntimeError, TypeError or ValueError for anything else.

        >>> Generator().manual_seed(-1).initial_seed()
        18446744073709551615
        """
        if type(seed) is not int:
            check_seed_type(seed)
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long\n  A seed lies between -2**63 and 2**64 - 1.")
        with self.lock:
            self._seed = seed % 2**64
            self.twister.seed(self._seed)
            self.cached_normal = None
            self._cached_float = None
        return self

    def seed(self) -> int:
        """Start a stream that no one can foresee, and return its seed."""
        seed = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed that the stream started from.

        >>> Generator().manual_seed(3).initial_seed()
        3
        """
        return self._seed

    def get_state_bytes(self) -> np.ndarray:
        """The whole state as 5056 bytes (uint8), in PyTorch's layout."""
        state = np.zeros(1, STATE)
        with self.lock:
            state["words"], state["next"], state["left"] = self.twister.state()
            state["seed"] = self._seed
            state["seeded"] = 1
            for name, value in (("normal_y", self.cached_normal), ("float_normal", self._cached_float)):
                if value is not None:
                    state[name] = value
                    state["normal_valid" if name == "normal_y" else "float_normal_valid"] = 1
        return state.view(np.uint8)

    def set_state_bytes(self, data: np.ndarray) -> Generator:
        """Continue from a state that `get_state_bytes` or PyTorch gave. `data` has 5056 elements of type uint8.

        Raises TypeError for another dtype and RuntimeError for another size or impossible contents.
        """
        if data.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if not data.flags.c_contiguous:
            raise RuntimeError("RNG state must be contiguous")
        if data.size != STATE.itemsize:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {STATE.itemsize} but found the input RNG state size "
                f"to be {data.size}"
            )
        state = np.frombuffer(data.tobytes(), STATE)[0]
        if not state["seeded"]:
            raise RuntimeError("Invalid mt19937 state")
        with self.lock:
            self.twister.set_state(state["words"].astype(np.uint32), int(state["next"]), int(state["left"]))
            self._seed = int(state["seed"])
            self.cached_normal = float(state["normal_y"]) if state["normal_valid"] else None
            self._cached_float = float(state["float_normal"]) if state["float_normal_valid"] else None
        return self

    def clone(self) -> Generator:
        """Another generator in the same state.

        >>> generator = Generator()
        >>> bool(generator.clone().uniform24(1) == generator.uniform24(1))
        True
        """
        twin = Generator(self.device)
        twin.normal_profile = self.normal_profile
        return twin.set_state_bytes(self.get_state_bytes())

    def get_offset(self) -> int:
        """Raises RuntimeError: only the generators of some devices count."""
        raise RuntimeError("CPU Generator does not use offset")

    def set_offset(self, offset: int) -> Generator:
        """Raises RuntimeError: only the generators of some devices count."""
        raise RuntimeError("CPU Generator does not use offset")

    def __copy__(self) -> Generator:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Generator:
        return self.clone()

    def __getstate__(self) -> tuple[Any, str, np.ndarray]:
        return self.device, self.normal_profile, self.get_state_bytes()

    def __setstate__(self, state: tuple[Any, Any, Any]) -> None:
        if isinstance(state[0], int):
            # PyTorch's: the first seed, the offset of other devices, the state as a tensor
            self.set_state_bytes(np.asarray(state[2]))
            return
        self.__init__(state[0])  # type: ignore[misc]
        self.normal_profile = state[1]
        self.set_state_bytes(state[2])

    # --- uniform numbers; a caller who draws more than once holds `lock` ---

    def words(self, count: int) -> np.ndarray:
        """The next `count` words of 32 bits (uint32). The array is to be read only."""
        with self.lock:
            return self.twister.words(count)

    def words64(self, count: int) -> np.ndarray:
        """The next `count` words of 64 bits (uint64); the first half of each is the high one."""
        halves = self.words(2 * count)
        words = halves[0::2].astype(np.uint64)
        words <<= np.uint64(32)
        words |= halves[1::2]
        return words

    def uniform24(self, count: int) -> np.ndarray:
        """`count` multiples of 2**-24 in [0, 1), as float32: the low bits of a word each."""
        bits = self.words(count) & np.uint32(0xFFFFFF)
        # as signed integers, because processors convert those faster
        uniform = bits.view(np.int32).astype(np.float32)
        uniform *= _STEP24
        return uniform

    def uniform53(self, count: int) -> np.ndarray:
        """`count` multiples of 2**-53 in [0, 1), as float64: the low bits of two words each."""
        return _uniform53(self.words(2 * count))

    def uniform_list(self, count: int) -> list[float]:
        """The same numbers as `uniform53` gives, as Python's, which is faster for a few."""
        if count > _AT_ONCE:
            return self.uniform53(count).tolist()
        words = self.words(2 * count).tolist()
        return [((high & 0x1FFFFF) << 32 | low) * 2.0**-53 for high, low in zip(words[0::2], words[1::2], strict=True)]

    def uniform_stream(self) -> Iterator[float]:
        """The same numbers as `uniform53` gives, one by one and without end, for loops that reject some.

        The generator's place is right after each number. The caller holds `lock`.
        """
        twister = self.twister
        while True:
            start = twister.position
            pairs = min((BLOCK - start) // 2, _AHEAD)
            if not pairs:
                yield float(self.uniform53(1)[0])
                continue
            for uniform in _uniform53(twister.block[start : start + 2 * pairs]).tolist():
                twister.position += 2
                yield uniform


_STEP24 = np.float32(2.0**-24)


def _uniform53(words: np.ndarray) -> np.ndarray:
    uniform = (words[0::2] & np.uint32(0x1FFFFF)).astype(np.float64)
    uniform *= 2.0**-21
    low = words[1::2].astype(np.float64)
    low *= 2.0**-53
    uniform += low
    return uniform


def check_seed_type(seed: object) -> None:
    """Raise PyTorch's error for a seed that is no Python integer. Integers of NumPy are none."""
    if isinstance(seed, np.integer):
        raise TypeError("an integer is required")
    if isinstance(seed, bool) or not isinstance(seed, int):
        kind = type(seed)
        name = f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ == "numpy" else kind.__name__
        raise RuntimeError(f"manual_seed expected a long, but got {name}")
