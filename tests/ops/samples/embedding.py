"""Samples of tables of vectors."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample

TABLE = A((4, 3))
NUMBERS = A((2, 2), dtype="int64", values=[[0, 3], [3, 1]], grad=False)
FLAT = A((5,), dtype="int64", values=[0, 3, 3, 1, 2], grad=False)
BAGS = A((5,), dtype="int64", values=[0, 0, 2, 2, 2], grad=False)
CHOSEN = A((2, 3), dtype="int64", values=[[0, 3, 1], [2, 2, 2]], grad=False)


def summed(g, numbers, count, padding_idx, by_frequency):
    result = np.zeros((count, g.shape[-1]))
    flat = numbers.reshape(-1)
    for k, row in zip(flat, g.reshape(len(flat), -1), strict=True):
        if k != padding_idx:
            result[k] += row / ((flat == k).sum() if by_frequency else 1)
    return result


def bags(table, scales, numbers, bag, count, by_frequency=False):
    result = np.zeros((count, table.shape[1]))
    for scale, k, b in zip(scales, numbers, bag, strict=True):
        result[b] += scale * table[k]
    return result


def scattered(g, chosen, count):
    result = np.zeros((count, g.shape[1]))
    np.add.at(result, (chosen, np.arange(g.shape[1])), g)
    return result


SAMPLES = [
    Sample("embedding_rows", (TABLE, NUMBERS), reference=lambda table, numbers: table[numbers]),
    # the gradients that these two leave out are no derivatives of the result
    Sample("embedding_rows", (TABLE, NUMBERS, 3), reference=lambda table, numbers, p: table[numbers], grad=False),
    Sample(
        "embedding_rows", (TABLE, NUMBERS, -1, True), reference=lambda table, numbers, p, f: table[numbers], grad=False
    ),
    Sample("embedding_grad", (A((2, 2, 3)), NUMBERS, 4, -1, False), reference=summed),
    Sample("embedding_grad", (A((2, 2, 3)), NUMBERS, 4, 3, False), reference=summed),
    Sample("embedding_grad", (A((2, 2, 3)), NUMBERS, 4, -1, True), reference=summed),
    Sample("embedding_bag_sum", (TABLE, A((5,)), FLAT, BAGS, 3), reference=bags),
    Sample(
        "embedding_bag_max",
        (TABLE, CHOSEN, A((2,), dtype="bool", values=[True, False], grad=False)),
        reference=lambda table, chosen, filled: np.take_along_axis(table, chosen, 0) * filled[:, None],
    ),
    Sample("column_scatter", (A((2, 3)), CHOSEN, 4), reference=scattered),
]

ERRORS = [
    Mistake(
        lambda torch: torch.embedding(torch.ones(4, 3), torch.tensor([4])),
        IndexError,
        "(?s)^index out of range in self.*4 rows, 0 to 3; one index is 4",
    ),
    Mistake(lambda torch: torch.embedding(torch.ones(4), torch.tensor([0])), RuntimeError, "^'weight' must be 2-D"),
    Mistake(
        lambda torch: torch.embedding(torch.ones(4, 3), torch.tensor([0.0])),
        RuntimeError,
        "^Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
        "torch.FloatTensor instead",
    ),
]
