"""Workloads of deep learning: networks' training steps, single layers, optimizers on large parameters, loaders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from workloads import Work, Workload, normal, set_parameters, step_of

STEP_GOAL = 0.8  # against PyTorch eager
OPTIMIZER_GOAL = 1.0
LOADER_GOAL = 2.0


def mnist_cnn(T: Any) -> Work:
    """Two 3x3 convolutions and two linear layers on a batch of 64 images of 28x28."""
    rng = np.random.default_rng(20)
    nn = T.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    set_parameters(T, model, rng)
    images, target = T.tensor(normal(rng, 64, 1, 28, 28)), T.tensor(rng.integers(0, 10, 64))
    return step_of(model, nn.CrossEntropyLoss(), T.optim.SGD(model.parameters(), lr=1e-4), images, target)


def gpt(T: Any, width: int = 128, heads: int = 4, depth: int = 4, length: int = 64, words: int = 65) -> Any:
    """A small GPT: token and position embeddings, pre-norm blocks of causal attention and a perceptron."""
    nn, F = T.nn, T.nn.functional

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        def forward(self, x: Any) -> Any:
            batch, time, _ = x.shape
            q, k, v = (
                part.reshape(batch, time, heads, width // heads).transpose(1, 2)
                for part in self.qkv(self.norm1(x)).split(width, dim=2)
            )
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(batch, time, width))
            return x + self.mlp(self.norm2(x))

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(words, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(depth)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words)

        def forward(self, tokens: Any) -> Any:
            x = self.tokens(tokens) + self.places(T.arange(tokens.shape[1]))
            return self.head(self.norm(self.blocks(x))).reshape(-1, words)

    return Model()


def gpt_step(T: Any) -> Work:
    rng = np.random.default_rng(21)
    model = gpt(T)
    set_parameters(T, model, rng)
    tokens, target = T.tensor(rng.integers(0, 65, (8, 64))), T.tensor(rng.integers(0, 65, 8 * 64))
    return step_of(model, T.nn.CrossEntropyLoss(), T.optim.SGD(model.parameters(), lr=1e-4), tokens, target)


def lstm_step(T: Any) -> Work:
    """A sequence of 50 steps, batch of 16, 32 inputs, 64 hidden units."""
    rng = np.random.default_rng(22)
    nn = T.nn

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.head = nn.LSTM(32, 64, batch_first=True), nn.Linear(64, 8)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0][:, -1])

    model = Model()
    set_parameters(T, model, rng)
    x, target = T.tensor(normal(rng, 16, 50, 32)), T.tensor(rng.integers(0, 8, 16))
    return step_of(model, nn.CrossEntropyLoss(), T.optim.SGD(model.parameters(), lr=1e-4), x, target)


def basic_block(T: Any, inputs: int, outputs: int, stride: int) -> Any:
    """Two 3x3 convolutions with a shortcut, as in ResNet-18."""
    nn = T.nn

    class BasicBlock(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.main = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
            )  # fmt: skip
            self.short = nn.Sequential()
            if stride != 1 or inputs != outputs:
                self.short = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x: Any) -> Any:
            return T.relu(self.main(x) + self.short(x))

    return BasicBlock()


def resnet18_inference(T: Any) -> Work:
    rng = np.random.default_rng(23)
    nn = T.nn
    blocks, inputs = [], 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        blocks += [basic_block(T, inputs, outputs, stride), basic_block(T, outputs, outputs, 1)]
        inputs = outputs
    model = nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000),
    ).eval()  # fmt: skip
    set_parameters(T, model, rng)
    image = T.tensor(normal(rng, 1, 3, 224, 224))

    def work() -> Any:
        with T.no_grad():
            return model(image)

    return work


def layer(name: str, build: Any, shape: tuple[int, ...]) -> Workload:
    """Forward and backward of one layer."""

    def make(T: Any) -> Work:
        rng = np.random.default_rng(24)
        module = build(T)
        set_parameters(T, module, rng)
        x = T.tensor(normal(rng, *shape), requires_grad=True)
        # a plain sum of normalised numbers would have a gradient of pure rounding
        weights = T.tensor(normal(rng, *module(x).shape))

        def work() -> Any:
            x.grad = None
            module.zero_grad()
            module(x).backward(weights)
            return x.grad, *[p.grad for p in module.parameters()]

        return work

    return Workload("layer", f"{name} on {' x '.join(map(str, shape))}, forward and backward", make)


def embedding(T: Any) -> Work:
    rng = np.random.default_rng(25)
    module = T.nn.Embedding(10_000, 128)
    set_parameters(T, module, rng)
    words = T.tensor(rng.integers(0, 10_000, (32, 64)))

    def work() -> Any:
        module.zero_grad()
        module(words).sum().backward()
        return module.weight.grad

    return work


def cross_entropy(T: Any) -> Work:
    rng = np.random.default_rng(26)
    scores = T.tensor(normal(rng, 64, 50_000), requires_grad=True)
    target = T.tensor(rng.integers(0, 50_000, 64))

    def work() -> Any:
        scores.grad = None
        loss = T.nn.functional.cross_entropy(scores, target)
        loss.backward()
        return loss, scores.grad

    return work


def adam(count: int) -> Workload:
    """One step of Adam on `count` numbers in ten parameters."""

    def build(T: Any) -> Work:
        rng = np.random.default_rng(27)
        parameters = [T.nn.Parameter(T.tensor(normal(rng, count // 10))) for _ in range(10)]
        for p in parameters:
            p.grad = T.tensor(normal(rng, count // 10))
        optimizer = T.optim.Adam(parameters, lr=1e-5)

        def work() -> Any:
            optimizer.step()
            return parameters[0]

        return work

    return Workload("optimizer", f"Adam on {count // 1_000_000} M numbers", build, goal=OPTIMIZER_GOAL)


class Noisy:
    """A data set whose samples are transformed one by one, which is what workers are for."""

    def __init__(self, T: Any) -> None:
        rng = np.random.default_rng(28)
        self.images = normal(rng, 512, 3, 64, 64)
        self.tensor = T.from_numpy

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> Any:
        image = self.images[i][:, ::-1, ::-1]
        return self.tensor(np.ascontiguousarray((image - image.mean()) / (image.std() + 1e-6)))


def loader_with_workers(T: Any) -> Work:
    loader = T.utils.data.DataLoader(Noisy(T), batch_size=32, num_workers=2, persistent_workers=True)
    return lambda: list(loader)


def layer_workloads() -> Iterator[Workload]:
    """Every workload of this file, in the order of the report."""
    steps = {
        "MNIST CNN: two 3x3 convolutions, batch of 64, SGD": mnist_cnn,
        "GPT: 4 layers of width 128, 8 x 64 tokens, SGD": gpt_step,
        "LSTM of 64 units, 50 steps, batch of 16, SGD": lstm_step,
    }
    yield from (Workload("network step", name, build, goal=STEP_GOAL) for name, build in steps.items())
    yield Workload("network inference", "ResNet-18, one image of 224 x 224, no_grad", resnet18_inference)
    for inputs, outputs, size, side in ((3, 16, 3, 32), (64, 64, 3, 16), (128, 256, 1, 14), (16, 32, 5, 28)):
        name = f"Conv2d({inputs}, {outputs}, {size})"
        yield layer(name, lambda T, a=inputs, b=outputs, k=size: T.nn.Conv2d(a, b, k), (16, inputs, side, side))
    yield layer("LayerNorm(256)", lambda T: T.nn.LayerNorm(256), (32, 64, 256))
    yield layer("BatchNorm2d(32)", lambda T: T.nn.BatchNorm2d(32), (32, 32, 28, 28))
    yield Workload("layer", "Embedding(10000, 128) of 32 x 64 words, forward and backward", embedding)
    yield Workload("layer", "cross-entropy over 50 k classes, 64 samples, forward and backward", cross_entropy)
    yield adam(1_000_000)
    yield adam(10_000_000)
    name = "epoch of 512 images with a transform, 2 workers"
    yield Workload("data loading", name, loader_with_workers, goal=LOADER_GOAL, comparable=stacked)


def stacked(batches: list[Any]) -> Any:
    """The batches as one array."""
    return np.concatenate([batch.numpy() for batch in batches])
