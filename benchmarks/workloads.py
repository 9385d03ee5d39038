"""What is timed. A workload is written once, as a function of a torch-like module `T` that returns a callable.

The callable does the work once and returns what it computed, so that the modules' answers can be compared before
any clock starts. Data come from NumPy with fixed seeds: both modules get the same numbers in memory of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Work = Callable[[], Any]
Build = Callable[[Any], Work]

UNROLL = 10  # a call costs Python some 40 ns, a small op under 1 µs: ten ops share one call
SIZES = {"10 k": (100, 100), "1 M": (1000, 1000), "10 M": (2500, 4000)}


def as_it_is(result: Any) -> Any:
    """The result itself: the order of its elements matters."""
    return result


@dataclass(frozen=True)
class Workload:
    """One line of the report. `goal` is the least ratio reference time / our time; `operations` are timed per call."""

    group: str
    name: str
    build: Build
    goal: float | None = None
    operations: int = 1
    comparable: Callable[[Any], Any] = as_it_is

    @property
    def title(self) -> str:
        """What `--only` searches."""
        return f"{self.group}: {self.name}"


def repeated(expression: str, names: dict[str, Any]) -> Work:
    """A function that evaluates `expression` UNROLL times and returns its last value; `names` are its locals."""
    lines = [f"def work({', '.join(f'{name}={name}' for name in names)}):"]
    lines += [f"    {expression}"] * (UNROLL - 1)
    lines += [f"    return {expression}"]
    namespace = dict(names)
    exec("\n".join(lines), namespace)
    return namespace["work"]


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Standard normal float32 numbers."""
    return rng.standard_normal(shape, dtype=np.float32)


def set_parameters(T: Any, model: Any, rng: np.random.Generator) -> None:
    """Overwrite the module's own initial values, so that both modules start from the same ones."""
    with T.no_grad():
        for parameter in model.parameters():
            fan_in = parameter.shape[-1]
            parameter.copy_(T.tensor(normal(rng, *parameter.shape) / np.float32(fan_in**0.5)))


# Small operations: the cost of one Python call into the library.

SMALL = (
    "a + b",
    "a * b",
    "a + 2.0",
    "a * 2.0",
    "a @ b",
    "a.exp()",
    "a.relu()",
    "a.tanh()",
    "a.sum()",
    "a.mean()",
    "a[0]",
    "a.reshape(2, 8)",
    "a.t()",
    "cat((a, b))",
    "where(mask, a, b)",
    "a > b",
    "a.max(1)",
    "a.softmax(1)",
)
SMALL_RECORDED = ("a + b", "a * b", "a @ b", "a.exp()", "a.relu()", "a.sum()")


def small(expression: str, recorded: bool) -> Workload:
    """An expression on 4x4 float32 tensors; `recorded`: `a` requires a gradient, so each result gets a node."""

    def build(T: Any) -> Work:
        rng = np.random.default_rng(4)
        a, b = T.tensor(normal(rng, 4, 4)), T.tensor(normal(rng, 4, 4))
        names = {"a": a.requires_grad_(recorded), "b": b, "mask": b > 0, "cat": T.cat, "where": T.where}
        return repeated(expression, names)

    name = f"{expression}, recorded" if recorded else expression
    return Workload("small ops", name, build, goal=1.3, operations=UNROLL)


# Forward and backward through many small operations.


def scalar_expression(T: Any) -> Work:
    """Ten operations on 0-dim tensors, and the gradients of the three inputs."""
    x, y, z = (T.tensor(value, requires_grad=True) for value in (0.6, -1.2, 0.7))

    def work() -> Any:
        x.grad = y.grad = z.grad = None
        a = x * y
        b = a + z
        c = b * b
        d = c.tanh()
        e = d - x
        f = e / 2.0
        g = f.exp()
        h = g * y
        i = h + a
        out = -i
        out.backward()
        return out, x.grad, y.grad, z.grad

    return work


def long_chain(T: Any) -> Work:
    """A thousand operations, each on the result of the one before.

    The factors are 1 and -1: neither the values nor the gradient fade into denormal numbers, which processors treat
    slowly.
    """
    rng = np.random.default_rng(5)
    x = T.tensor(normal(rng, 4, 4), requires_grad=True)
    sign, shift, step = T.tensor(np.sign(normal(rng, 4, 4))), T.tensor(normal(rng, 4, 4)), T.tensor(normal(rng, 4, 4))

    def work() -> Any:
        x.grad = None
        y = x
        for _ in range(250):
            y = y * sign
            y = y + shift
            y = -y
            y = y - step
        y.sum().backward()
        return y, x.grad

    return work


# Training and inference as users write them.


def step_of(model: Any, criterion: Any, optimizer: Any, features: Any, target: Any) -> Work:
    """One training step on the same batch again and again; learning rates are small, so every step costs the same."""

    def work() -> Any:
        optimizer.zero_grad()
        loss = criterion(model(features), target)
        loss.backward()
        optimizer.step()
        return loss, *model.parameters()

    return work


def linear_step(T: Any) -> Work:
    rng = np.random.default_rng(6)
    model = T.nn.Linear(1, 1)
    set_parameters(T, model, rng)
    features, target = T.tensor(normal(rng, 4, 1)), T.tensor(normal(rng, 4, 1))
    return step_of(model, T.nn.MSELoss(), T.optim.SGD(model.parameters(), lr=1e-3), features, target)


def logistic_step(T: Any) -> Work:
    """The shape of the breast-cancer data set's training part: 455 samples of 30 features."""
    rng = np.random.default_rng(7)
    model = T.nn.Sequential(T.nn.Linear(30, 1), T.nn.Sigmoid())
    set_parameters(T, model, rng)
    features, target = T.tensor(normal(rng, 455, 30)), T.tensor(np.float32(normal(rng, 455, 1) > 0))
    return step_of(model, T.nn.BCELoss(), T.optim.SGD(model.parameters(), lr=1e-3), features, target)


def perceptron(T: Any, rng: np.random.Generator) -> Any:
    """A multilayer perceptron for 28x28 images."""
    nn = T.nn
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    set_parameters(T, model, rng)
    return model


def perceptron_step(T: Any) -> Work:
    rng = np.random.default_rng(8)
    model = perceptron(T, rng)
    features, target = T.tensor(normal(rng, 64, 784)), T.tensor(rng.integers(0, 10, 64))
    return step_of(model, T.nn.CrossEntropyLoss(), T.optim.Adam(model.parameters(), lr=1e-5), features, target)


def perceptron_inference(T: Any) -> Work:
    rng = np.random.default_rng(9)
    model = perceptron(T, rng).eval()
    sample = T.tensor(normal(rng, 1, 784))

    def work() -> Any:
        with T.no_grad():
            return model(sample)

    return work


def loader_epoch(T: Any) -> Work:
    rng = np.random.default_rng(10)
    data = T.utils.data
    dataset = data.TensorDataset(T.tensor(normal(rng, 1000, 20)), T.tensor(rng.integers(0, 2, 1000)))
    loader = data.DataLoader(dataset, batch_size=32, shuffle=True)
    return lambda: list(loader)


def in_any_order(batches: list[Any]) -> Any:
    """The batches' sizes, and all their samples sorted: a shuffle's order is no matter of speed."""
    rows = np.concatenate([np.column_stack([part.numpy() for part in batch]) for batch in batches])
    return [len(batch[0]) for batch in batches], rows[np.lexsort(rows.T)]


# Large arrays: memory bandwidth, vector instructions, threads.

ELEMENTWISE = ("a + b", "a * b", "a.exp()", "a.tanh()", "a.relu()")
REDUCTIONS = ("a.sum()", "a.sum(1)", "a.mean()", "a.max()", "a.softmax(1)")


def large(expression: str, size: str) -> Workload:
    """An expression on matrices of some thousand to ten million float32 elements."""

    def build(T: Any) -> Work:
        rng = np.random.default_rng(11)
        names = {"a": T.tensor(normal(rng, *SIZES[size])), "b": T.tensor(normal(rng, *SIZES[size]))}
        return eval(f"lambda: {expression}", names)

    return Workload(f"{size} elements", expression, build, goal=0.3 if size == "1 M" else None)


def matrix_product(side: int) -> Workload:
    def build(T: Any) -> Work:
        rng = np.random.default_rng(12)
        a, b = T.tensor(normal(rng, side, side)), T.tensor(normal(rng, side, side))
        return lambda: a @ b

    return Workload("matrix product", f"{side} x {side}", build, goal=0.95)


def all_workloads() -> Iterator[Workload]:
    """Every workload, in the order of the report."""
    yield from (small(expression, recorded=False) for expression in SMALL)
    yield from (small(expression, recorded=True) for expression in SMALL_RECORDED)
    yield Workload("graphs", "ten-op scalar expression, forward and backward", scalar_expression, goal=3)
    yield Workload("graphs", "chain of 1000 4x4 ops, forward and backward", long_chain, goal=1.5)
    yield Workload("training step", "Linear(1, 1), 4 samples, MSELoss, SGD", linear_step, goal=4)
    yield Workload("training step", "logistic regression, 455 x 30, BCELoss, SGD", logistic_step, goal=2)
    yield Workload("training step", "784-128-128-10, batch of 64, CrossEntropyLoss, Adam", perceptron_step)
    yield Workload("inference", "784-128-128-10, one sample, no_grad", perceptron_inference, goal=1.5)
    name = "epoch of TensorDataset(1000 x 20, labels), batches of 32, shuffled"
    yield Workload("data loading", name, loader_epoch, goal=8, comparable=in_any_order)
    yield from (large(expression, size) for size in SIZES for expression in ELEMENTWISE + REDUCTIONS)
    yield from (matrix_product(side) for side in (16, 512, 2048))
