"""All process state: grad mode, default dtype and device, determinism.

The hot path of every operation looks at one attribute, `state.special`: it counts how many threads are in any mode
other than the default one. While it is zero, nothing else needs to be asked. The modes themselves belong to a thread,
as in PyTorch: one thread may evaluate under `no_grad` while another trains.
"""

from __future__ import annotations

# `threading` itself is heavy, and missing in some browser builds
from _thread import _local, get_ident
from typing import Any

from . import dtypes


class Modes:
    """The modes of one thread. A thread starts with the defaults."""

    __slots__ = (
        "grad",
        "inference",
        "anomaly",
        "check_nan",
        "saved_hooks",
        "function_modes",
        "autocast",
        "profile",
        "transform",
        "levels",
        "dual",
        "quiet",
    )

    def __init__(self) -> None:
        self.grad = True
        self.inference = False
        self.anomaly = False
        self.check_nan = True
        self.saved_hooks: tuple[Any, ...] = ()
        self.function_modes: tuple[Any, ...] = ()
        self.autocast: Any = None
        self.profile: Any = None
        self.transform: Any = None
        # the `vmap`s in progress, oldest first
        self.levels: tuple[Any, ...] = ()
        # the level of dual numbers that tangents are followed in
        self.dual: Any = None
        self.quiet = False

    def is_default(self) -> bool:
        """Whether the hot path may ignore this thread's modes."""
        return self.grad and self._plain()

    def is_quiet(self) -> bool:
        """Whether the hot path need only not record."""
        return not self.grad and self._plain()

    def _plain(self) -> bool:
        return (
            not self.inference
            and not self.anomaly
            and not self.saved_hooks
            and not self.function_modes
            and self.autocast is None
            and self.profile is None
            and self.transform is None
            and not self.levels
            and self.dual is None
        )


class State:
    """What the hot path reads: `special` is the number of threads whose modes are not the defaults."""

    __slots__ = ("special", "overrides")

    def __init__(self) -> None:
        # how many classes and modes may take functions over, by `__torch_function__`
        self.overrides = 0
        self.special = 0


state = State()
# thread id -> Modes, only for threads in a mode other than the default one
_modes: dict[int, Modes] = {}
_DEFAULTS = Modes()


def modes() -> Modes:
    """The modes of this thread, to read."""
    if not state.special:
        return _DEFAULTS
    return _modes.get(get_ident(), _DEFAULTS)


def quiet() -> bool:
    """Whether the only mode of this thread is that nothing is recorded: what `no_grad` sets."""
    mine = _modes.get(get_ident())
    return mine is not None and mine.quiet


def set_mode(name: str, value: Any) -> Any:
    """Set one mode of this thread and return its former value."""
    ident = get_ident()
    mine = _modes.get(ident)
    if mine is None:
        before = getattr(_DEFAULTS, name)
        if before == value:
            return before
        mine = Modes()
        setattr(mine, name, value)
        mine.quiet = mine.is_quiet()
        _modes[ident] = mine
    else:
        before = getattr(mine, name)
        setattr(mine, name, value)
        mine.quiet = mine.is_quiet()
        if mine.is_default():
            del _modes[ident]
    # the length of the dict is the truth, so that no lock is needed
    state.special = len(_modes)
    return before


def grad_enabled() -> bool:
    """Whether operations of this thread are recorded."""
    if not state.special:
        return True
    m = modes()
    return m.grad and not m.inference


class Functional(_local):
    """How many transforms of `torch.func` this thread is inside of."""

    depth = 0


functional = Functional()


def default_dtype() -> dtypes.dtype:
    """The floating dtype of new tensors."""
    return dtypes.DEFAULT[0]


def set_default_dtype(d: dtypes.dtype) -> None:
    """Make `d` the dtype of new floating tensors. Raises TypeError unless it is a floating dtype."""
    if not isinstance(d, dtypes.dtype) or not d.is_floating_point:
        raise TypeError(
            "only floating-point types are supported as the default type"
            if isinstance(d, dtypes.dtype)
            else "invalid dtype object: only floating-point types are supported as the default type"
        )
    dtypes.DEFAULT[0] = d


class Settings:
    """Process-wide switches that change no result of the default path."""

    deterministic = False
    deterministic_warn_only = False
    default_device: Any = None
    matmul_precision = "highest"
    num_threads: int | None = None


settings = Settings()
