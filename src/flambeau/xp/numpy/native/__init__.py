"""Native kernels for large arrays, where llvmlite is installed; without it NumPy does everything.

`rows.py` and `images.py` are the kernels, written in a part of Python that `language.py` translates for LLVM and
`machine.py` compiles (once; the code is kept in the user's cache folder); `trace.py` makes more of them from
elementwise functions, and `team.py` shares their work among threads. Small arrays never come here: a call costs some
5 µs, the first one loads llvmlite.
"""

from __future__ import annotations

import os
import sys
import time
from _queue import SimpleQueue
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import threads

# elements from which a native kernel is worth its call (4 µs) and, in short programs, loading LLVM
LARGE = 1 << 12
# multiplications from which threads are worth it
SHARED = 1_000_000
# numbers that a product of matrices works in: ROWS * PADDED of `tiles.py`
BLOCK = 256 * 528
# turns of a waiting loop, of some 50 ns each, or 300 where others are let pass: a worker's until it sleeps, and ours
# until we let others pass
SPINS, PATIENCE = 8_000, 2_000

_translators = ("language", "machine", "tiles")
_modules = ("rows", "images", "products", "team")
# (name, dtype) -> the kernel
_kernels: dict[tuple[str, str], Any] = {}
# name -> the function, of all modules, which may call each other; and their sources
_functions: dict[str, Any] = {}
_sources: list[str] = []
_machine: Any = None
_trace: Any = None
# None: not known yet
_usable: bool | None = None


def _load() -> None:
    """Look for llvmlite, and read the kernels."""
    global _usable, _machine, _trace, _pointer, _known_layout
    _usable = False
    if os.environ.get("FLAMBEAU_NATIVE", "1") == "0":
        return
    import importlib.util

    # modules that load llvmlite, or are of no use without it
    try:
        _machine = importlib.import_module(f"{__name__}.machine")
    except ModuleNotFoundError as error:
        if error.name != "llvmlite":
            raise
        return
    _trace = importlib.import_module(f"{__name__}.trace")
    _pointer, example = _machine.pointer_at, np.empty(3)
    _known_layout = (
        sys.implementation.name == "cpython"
        and _pointer(id(example) + _HEAD).value == example.ctypes.data
        and all(id(b) + _BYTES == _machine.address_of(b) for b in (b"some", b"bytes of more than a word"))
    )
    for name in (*_translators, *_modules):
        path = f"{__name__}.{name}"
        source = importlib.util.find_spec(path).loader.get_source(path)  # type: ignore[union-attr]
        # kept code is of no use once any of these has changed
        _sources.append(source)
        if name in _modules:
            _functions.update(_machine.functions_of(source))
    _usable = True


def usable() -> bool:
    """Whether there are native kernels at all."""
    if _usable is None:
        _load()
    return bool(_usable)


def fits(x: Any, size: int | None = None) -> bool:
    """Whether there are native kernels for an array: large enough, of real floating-point numbers, dense."""
    return x.size >= (LARGE if size is None else size) and x.dtype.char in "fd" and x.flags.c_contiguous and usable()


def fits_single(x: Any) -> bool:
    """The same for kernels with exponentials, which are for float32 only."""
    return x.dtype.char == "f" and fits(x)


def has_products(dtype: Any) -> bool:
    """Whether native code can multiply matrices: on a processor that it knows, or with the help of NumPy's BLAS."""
    return dtype.char in "fd" and usable() and _machine.HAS_PRODUCTS


def by_tiles() -> bool:
    """Whether products are made of tiles, and not by BLAS."""
    return usable() and not _machine.BY_BLAS


def kernel(name: str, dtype: Any) -> Any:
    """A kernel, compiled when it is first wanted."""
    key = name, dtype.char
    found = _kernels.get(key)
    if found is None:
        found = _kernels[key] = _machine.build(name, _functions, "".join(_sources), dtype.char == "f")
    return found


def address(x: Any) -> Any:
    """Where the elements of an array begin, 0 for None; numbers stay what they are."""
    if type(x) is np.ndarray:
        return _pointer(id(x) + _HEAD).value if _known_layout else x.ctypes.data
    return 0 if x is None else x


# An array's pointer to its elements is the first thing behind the head of the object, as NumPy's header files tell
# every extension. Reading it there takes 0.2 µs; asking NumPy takes 1.6.
_HEAD = object.__basicsize__
# The same of the bytes in a bytes object, whose size counts the zero behind them.
_BYTES = bytes.__basicsize__ - 1
_pointer: Any = None
_known_layout = False


# ---- threads ---------------------------------------------------------------------------------------------------------


class Team:
    """The workers of this process. One task at a time: whoever finds them busy does all of its work alone."""

    def __init__(self, workers: int) -> None:
        self.pid, self.workers = os.getpid(), workers
        self.lock = allocate_lock()
        # where the lines of the workers begin, behind the numbers of those to be woken; line 0 is not used
        self.first = (32 + workers + 7) // 8 * 8
        room = np.zeros(self.first + 8 * (workers + 2), np.int64)
        self.state = room[-address(room) % 64 // 8 :]
        self.address = address(self.state)
        self.kernels = [kernel(name, self.state.dtype) for name in ("start", "finish", "work")]
        self.inboxes: list[Any] = [SimpleQueue() for _ in range(workers + 1)]
        # there may be fewer, where the system gives no more
        self.there = 0
        for n in range(1, workers + 1):
            try:
                start_new_thread(self.serve, (n,))
            except RuntimeError:
                break
            self.there = n

    def serve(self, number: int) -> None:
        work, inbox = self.kernels[2], self.inboxes[number]
        given = work.pack(address(self.state), self.first, SPINS)
        while True:
            work.call(0, 0, number, given)
            inbox.get()

    def do(self, task: Any, count: int, given: bytes, wanted: int) -> None:
        """Run a kernel on numbers 0 to `count`, on as many threads as are wanted."""
        start, finish, _ = self.kernels
        state = self.address
        where = id(given) + _BYTES if _known_layout else _machine.address_of(given)
        interrupt: BaseException | None = None
        try:
            start.call(0, 0, 0, start.pack(state, self.first, wanted, task.address, where, count, PATIENCE))
            asleep = int(self.state[20])
            if asleep:
                for n in self.state[32 : 32 + asleep].tolist():
                    self.inboxes[n].put(None)
                finish.call(0, 0, 0, finish.pack(state, PATIENCE))
        except BaseException as error:
            # Ctrl-C: the workers still write to the arrays
            interrupt = error
            for n in range(1, wanted):
                self.inboxes[n].put(None)
        while self.state[8]:
            try:
                time.sleep(2e-5)
            except BaseException as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt


_team: Team | None = None


def shares(count: int, cost: float) -> int:
    """Among how many threads work of a cost in multiplications is to be divided."""
    return min(threads.width(), count) if cost >= SHARED and count > 1 else 1


def launch(name: str, dtype: Any, count: int, cost: float, *arguments: Any, products: bool = False) -> None:
    """Run a kernel on numbers 0 to `count` of its work, shared among threads if `cost` (multiplications) is large.

    products: whether it multiplies matrices, perhaps by BLAS.
    """
    execute(kernel(name, dtype), count, cost, arguments, products and _machine.BY_BLAS)


def execute(task: Any, count: int, cost: float, arguments: Any, products: bool = False) -> None:
    """`launch` for a kernel that is no longer looked for."""
    global _team
    given = task.pack(*[address(a) for a in arguments])
    wanted = shares(count, cost)
    # where there is but one share because of one number, BLAS may use threads of its own
    hold = products and count > 1
    if hold:
        threads.hold()
    try:
        if wanted > 1:
            if _team is None or _team.pid != os.getpid() or _team.workers < wanted - 1:
                _team = Team(wanted - 1)
            wanted = min(wanted, _team.there + 1)
            if wanted > 1 and _team.lock.acquire(False):
                try:
                    _team.do(task, count, given, wanted)
                finally:
                    _team.lock.release()
                return
        task.call(0, count, 0, given)
    finally:
        if hold:
            threads.release()


# memory that kernels have worked in, and may again
_rooms: list[np.ndarray] = []


class Room:
    """Memory for each share of some work: `size` numbers, of any value. It is kept for the next."""

    def __init__(self, shares: int, size: int, dtype: Any) -> None:
        # whole lines of the cache, so that threads do not share any
        self.size = (size + 15) // 16 * 16
        count = shares * self.size * dtype.itemsize
        try:
            self.memory = _rooms.pop()
        except IndexError:
            self.memory = np.empty(count, np.uint8)
        if self.memory.size < count:
            self.memory = np.empty(count, np.uint8)
        self.array = self.memory[:count].view(dtype).reshape(shares, self.size)

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *error: Any) -> None:
        if len(_rooms) < 4:
            _rooms.append(self.memory)


def multiply(name: str, dtype: Any, count: int, cost: float, *arguments: Any) -> None:
    """`launch` for a kernel that multiplies matrices, in room of its own."""
    with Room(shares(count, cost), BLOCK, dtype) as room:
        launch(name, dtype, count, cost, *arguments, room.array, room.size, products=True)


# ---- fusing ----------------------------------------------------------------------------------------------------------

# (function, what its arguments are) -> the fused kernel and its cost for each element; None: it cannot be fused
_fused: dict[tuple, tuple[Any, int] | None] = {}


def _fuse(key: tuple) -> tuple[Any, int] | None:
    function, char, written, *roles = key
    try:
        source, cost = _trace.source_of(function, roles, written)
    except (_trace.Untraceable, TypeError, AttributeError):
        return None
    functions = {**_functions, **_machine.functions_of(source)}
    made = _machine.build("fused", functions, "".join([source, *_sources]), char == "f")
    return made, cost


def fuse(function: Callable, arguments: tuple, written: tuple[int, ...] | None = None) -> Any:
    """`function(xp, *arguments)` for large arrays of one shape in one loop; NotImplemented if that cannot be.

    The function must treat every element alike. Its real numbers may change from call to call; all else that is no
    array is part of the code. `written`: the arguments that the results replace, in place.
    """
    first: Any = None
    roles: list[Any] = []
    for a in arguments:
        if type(a) is np.ndarray and a.ndim:
            if first is None:
                first = a
            elif a.shape != first.shape or a.dtype is not first.dtype or not a.flags.c_contiguous:
                return NotImplemented
            roles.append("array")
        elif type(a) is float or type(a) is np.ndarray:
            roles.append("number")
        else:
            roles.append((a,))
    if first is None or not fits_single(first):
        return NotImplemented
    key = (function, first.dtype.char, written, *roles)
    try:
        found = _fused[key] if key in _fused else _fused.setdefault(key, _fuse(key))
    except TypeError:
        # an argument that cannot be part of a key
        return NotImplemented
    if found is None:
        return NotImplemented
    run, cost = found
    given = [a if role == "array" else float(a) for a, role in zip(arguments, roles, strict=True) if type(role) is str]
    out = None
    if written is None:
        out = np.empty(first.shape, first.dtype)
        given.append(out)
    execute(run, first.size, float(cost * first.size), given)
    return out
