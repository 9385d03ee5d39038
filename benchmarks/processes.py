"""Whole processes: how long an import takes and how much memory a program needs, each in a fresh interpreter."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

GROUP = "whole process"
IMPORT_GOAL = 0.05  # seconds over NumPy's own import

# A process started by a large one inherits the larger ru_maxrss on Linux, where VmHWM starts afresh.
PEAK = """
def peak():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource, sys
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(peak())
"""

# The size of the breast-cancer data set's training part; its numbers would need another library.
TRAINING = """
import numpy as np
import {module} as torch
rng = np.random.default_rng(0)
features = torch.tensor(rng.standard_normal((455, 30), dtype=np.float32))
target = (features[:, :1] + 0.5 * features[:, 1:2] > 0).float()
model = torch.nn.Sequential(torch.nn.Linear(30, 1), torch.nn.Sigmoid())
criterion = torch.nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
first = None
for epoch in range(1000):
    optimizer.zero_grad()
    loss = criterion(model(features), target)
    first = first or loss.item()
    loss.backward()
    optimizer.step()
assert loss.item() < first / 2, (first, loss.item())
"""

# the network of layers.py, by itself
CNN = """
import {module} as torch
nn = torch.nn
model = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
images, target = torch.rand(64, 1, 28, 28), torch.arange(64) % 10
for step in range(5):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), target).backward()
    optimizer.step()
"""


def run(source: str) -> tuple[float, str]:
    """Seconds from the start to the end of an interpreter that runs `source`, and what it printed.

    Raises RuntimeError with the last line of its complaint where it fails.
    """
    start = perf_counter()
    child = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    seconds = perf_counter() - start
    if child.returncode:
        complaint = child.stderr.strip().splitlines() or [f"exit status {child.returncode}"]
        raise RuntimeError(complaint[-1])
    return seconds, child.stdout


def import_seconds(module: str) -> float:
    """How much longer `import module` lasts than `import numpy`."""
    numpy_seconds, _ = run("import numpy")
    return run(f"import {module}")[0] - numpy_seconds


def import_bytes(module: str) -> float:
    """The peak memory of a process that imports a module and does nothing else."""
    return float(run(f"import {module}\n{PEAK}")[1])


def training_seconds(module: str) -> float:
    """A whole training script, from the interpreter's start to its end."""
    return run(TRAINING.format(module=module))[0]


def training_bytes(module: str) -> float:
    """The peak memory of the same script."""
    return float(run(TRAINING.format(module=module) + PEAK)[1])


def network_bytes(module: str) -> float:
    """What five steps of a convolutional network need beyond the import."""
    return float(run(CNN.format(module=module) + PEAK)[1]) - import_bytes(module)


@dataclass(frozen=True)
class Measurement:
    """One line of the report: `measure(module)` gives a figure in `unit`, of which `most` is the goal.

    Processes start slowly: a measurement takes a third of the rounds, and of memory, which hardly varies, only three.
    """

    name: str
    measure: Callable[[str], float]
    unit: str
    most: float | None = None

    def rounds(self, rounds: int) -> int:
        """How many of the session's rounds it takes."""
        return min(math.ceil(rounds / 3), 3 if self.unit == "B" else rounds)

    @property
    def title(self) -> str:
        """What `--only` searches."""
        return f"{GROUP}: {self.name}"


def all_measurements() -> Sequence[Measurement]:
    """Every measurement, in the order of the report."""
    return (
        Measurement("import, over NumPy's", import_seconds, "s", most=IMPORT_GOAL),
        Measurement("peak memory, import only", import_bytes, "B"),
        Measurement("logistic regression, 455 x 30, 1000 steps", training_seconds, "s"),
        Measurement("peak memory, the same script", training_bytes, "B"),
        Measurement("peak memory beyond the import, five steps of the MNIST CNN", network_bytes, "B"),
    )


def in_turns(measure: Callable[[str], float], modules: Sequence[str], rounds: int) -> list[list[float]]:
    """Figures `[module][round]`; an unrecorded run of each first brings files into memory and bytecode to disk."""
    for module in modules:
        measure(module)
    figures: list[list[float]] = [[] for _ in modules]
    for _ in range(rounds):
        for index, module in enumerate(modules):
            figures[index].append(measure(module))
    return figures
