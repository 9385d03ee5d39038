"""`torch.utils.benchmark`: how long statements take, measured several times, and tables of that.

>>> from torch.utils.benchmark import Timer
>>> Timer("x + 1", globals={"x": torch.ones(3)}).timeit(100).number_per_run
100
"""

from .compare import Colorize, Compare
from .measurement import (
    Measurement,
    TaskSpec,
    ordered_unique,
    select_unit,
    set_torch_threads,
    trim_sigfig,
    unit_to_english,
)
from .timer import Language, Timer, timer

__all__ = [
    "Colorize",
    "Compare",
    "Language",
    "Measurement",
    "TaskSpec",
    "Timer",
    "ordered_unique",
    "select_unit",
    "set_torch_threads",
    "timer",
    "trim_sigfig",
    "unit_to_english",
]
