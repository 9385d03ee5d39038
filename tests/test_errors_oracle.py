"""Classic mistakes: the class and the first line are PyTorch's, and the lines below say what to do."""

from __future__ import annotations

import pytest

import flambeau

torch = pytest.importorskip("torch")


def twice(T):
    y = (T.ones(2, requires_grad=True) ** 2).sum()
    y.backward()
    y.backward()


def changed(T):
    y = T.ones(2, requires_grad=True).exp()
    z = y.sum()
    y.add_(1)
    z.backward()


def leaf(T):
    w = T.ones(2, requires_grad=True)
    w += 1


TAUGHT = {
    "add": lambda T: T.ones(2, 3) + T.ones(4),
    "mul of three dims": lambda T: T.ones(2, 3, 4) * T.ones(2, 4),
    "matmul": lambda T: T.ones(2, 3) @ T.ones(2, 3),
    "mm": lambda T: T.mm(T.ones(2, 3), T.ones(4, 5)),
    "matrix and vector": lambda T: T.ones(2, 3) @ T.ones(2),
    "linear": lambda T: T.nn.functional.linear(T.ones(2, 3), T.ones(4, 5)),
    "view": lambda T: T.ones(6).view(4),
    "view of strides": lambda T: T.ones(2, 3).t().view(6),
    "reshape": lambda T: T.ones(6).reshape(4, -1),
    "backward of many": lambda T: (T.ones(2, requires_grad=True) * 2).backward(),
    "backward of nothing": lambda T: T.ones(2).sum().backward(),
    "backward twice": twice,
    "changed in place": changed,
    "in place on a leaf": leaf,
    "numpy of a gradient": lambda T: T.ones(2, requires_grad=True).numpy(),
    "item of many": lambda T: T.ones(2).item(),
    "truth of many": lambda T: bool(T.ones(2) > 0),
    "in place to another dtype": lambda T: T.ones(2, dtype=T.int64).div_(2),
    "in place to another shape": lambda T: T.ones(3).add_(T.ones(2, 3)),
    "cat": lambda T: T.cat([T.ones(2, 3), T.ones(3, 2)]),
    "stack": lambda T: T.stack([T.ones(2), T.ones(3)]),
    "cuda": lambda T: T.ones(2).to("cuda"),
    "index": lambda T: T.ones(2, 3)[5],
}
NAMED = {
    "dim": lambda T: T.ones(2).sum(3),
    "index": lambda T: T.ones(2, 3)[5],
    "too many indices": lambda T: T.ones(2)[0, 0],
    "unknown device": lambda T: T.ones(2, device="gpu"),
    "dtype of an index": lambda T: T.ones(3)[T.tensor([0.5])],
    "mean of integers": lambda T: T.ones(2, dtype=T.int64).mean(),
    "gradient of integers": lambda T: T.ones(2, dtype=T.int64, requires_grad=True),
    "matmul of two dtypes": lambda T: T.ones(2, 2) @ T.ones(2, 2, dtype=T.float64),
    "not a tensor": lambda T: T.sum([1, 2]),
    "ragged": lambda T: T.tensor([[1, 2], [3]]),
    "len": lambda T: len(T.tensor(1)),
    "iteration": lambda T: list(T.tensor(1)),
    "cross entropy": lambda T: T.nn.functional.cross_entropy(T.ones(2, 3), T.ones(3, dtype=T.int64)),
    "class out of range": lambda T: T.nn.functional.cross_entropy(T.ones(2, 3), T.tensor([0, 5])),
    "embedding": lambda T: T.nn.functional.embedding(T.tensor([7]), T.ones(3, 2)),
    "conv": lambda T: T.nn.functional.conv2d(T.ones(1, 2, 4, 4), T.ones(3, 1, 3, 3)),
    "expand": lambda T: T.ones(2).expand(3),
    "squeeze": lambda T: T.ones(2).squeeze(4),
    "permute": lambda T: T.ones(2, 3).permute(0),
    "permute twice": lambda T: T.ones(2, 3).permute(0, 0),
    "gather": lambda T: T.ones(2, 2).gather(1, T.tensor([[5]])),
    "masked": lambda T: T.ones(3)[T.tensor([True, False])],
    "split": lambda T: T.ones(4).split([1, 2]),
    "where": lambda T: T.where(T.ones(2), T.ones(2), T.ones(2)),
}


def error(call, T):
    with pytest.raises(Exception) as caught:
        call(T)
    return caught.value


def first(caught):
    return type(caught).__name__, str(caught).strip().partition("\n")[0]


@pytest.mark.parametrize("mistake", [*TAUGHT, *(n for n in NAMED if n not in TAUGHT)])
def test_the_class_and_first_line_are_those_of_pytorch(mistake):
    call = TAUGHT.get(mistake) or NAMED[mistake]
    assert first(error(call, flambeau)) == first(error(call, torch))


@pytest.mark.parametrize("mistake", [n for n in TAUGHT if n != "index"])
def test_a_classic_mistake_is_explained_below_the_first_line(mistake):
    lines = str(error(TAUGHT[mistake], flambeau)).strip().splitlines()
    assert len(lines) > 1, lines
    assert all(line.startswith("  ") for line in lines[1:])
