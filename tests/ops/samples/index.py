"""Samples of the rows that read and write at indices and masks."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample


def I(*values, shape=None):  # noqa: E743  reads as an index
    """An index tensor."""
    array = np.array(values, dtype=np.int64)
    return A(array.shape if shape is None else shape, dtype="int64", values=array.tolist(), grad=False)


def mask(*values):
    """A bool tensor."""
    array = np.array(values)
    return A(array.shape, dtype="bool", values=array.tolist(), grad=False)


def written(x, position, values, how="set"):
    """A copy of `x` with values written, added or multiplied at an index tuple, one after the other."""
    result = np.array(x)
    {"set": result.__setitem__, "add": lambda i, v: np.add.at(result, i, v),
     "mul": lambda i, v: np.multiply.at(result, i, v)}[how](position, values)  # fmt: skip
    return result


def along(x, index, dim):
    """The index tuple that `take_along_axis` means."""
    grids = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grids[dim] = index
    return tuple(grids)


def slices(dim, index):
    return (slice(None),) * dim + (index,)


ROWS = I([0, 2, 1, 2], [1, 0, 0, 2])
COLUMNS = I([0, 3], [1, 1], [2, 0])

SAMPLES = [
    Sample("gather", (A((3, 4)), ROWS), {"dim": 0}, lambda x, i, dim: x[along(x, i, dim)], complex=True),
    Sample("gather", (A((3, 4)), COLUMNS), {"dim": 1}, lambda x, i, dim: x[along(x, i, dim)]),
    Sample("gather", (A((4,)), I(3, 3, 0)), {"dim": 0}, lambda x, i, dim: x[i]),
    Sample("gather", (A(()), I(0, 0)), {"dim": 0}, lambda x, i, dim: np.stack([x, x])),
    Sample(
        "scatter",
        (A((3, 4)), I([0, 3], [1, 2], [2, 0]), A((3, 2))),
        {"dim": 1},
        lambda x, i, s, dim: written(x, along(x, i, dim), s),
        complex=True,
    ),
    Sample(
        "scatter_value",
        (A((3, 4)), ROWS),
        {"value": 2.5, "dim": 0},
        lambda x, i, value, dim: written(x, along(x, i, dim), value),
    ),
    Sample(
        "scatter_add",
        (A((3, 4)), ROWS, A((2, 4))),
        {"dim": 0},
        lambda x, i, s, dim: written(x, along(x, i, dim), s, "add"),
        complex=True,
    ),
    Sample("scatter_add", (A((4,)), I(3, 3, 0), A((3,))), {"dim": 0}, lambda x, i, s, dim: written(x, i, s, "add")),
    Sample(
        "scatter_sum",
        (A((3, 4)), ROWS, A((2, 4))),
        {"dim": 0},
        lambda x, i, s, dim: written(x, along(x, i, dim), s, "add"),
    ),
    Sample(
        "scatter_prod",
        (A((3, 4), low=0.5), ROWS, A((2, 4), low=0.5)),
        {"dim": 0},
        lambda x, i, s, dim: written(x, along(x, i, dim), s, "mul"),
    ),
    Sample(
        "scatter_prod",
        (A((2,), values=[2.0, 0.0]), I(0, 1, 1, 0), A((4,), values=[0.0, 3.0, 2.0, 5.0])),
        {"dim": 0},
        lambda x, i, s, dim: written(x, i, s, "mul"),
        second=False,
    ),
    Sample("scatter_extreme", (A((3, 4)), ROWS, A((2, 4))), {"dim": 0, "largest": True}),
    Sample("scatter_extreme", (A((3, 4)), ROWS, A((2, 4))), {"dim": 0, "largest": False}),
    Sample("index_select", (A((3, 4)), I(2, 0, 2)), {"dim": 0}, lambda x, i, dim: x[i], complex=True),
    Sample("index_select", (A((3, 4, 2)), I(3, 0, 3, 1)), {"dim": 1}, lambda x, i, dim: x[:, i]),
    Sample(
        "index_add",
        (A((3, 4)), I(2, 0, 2), A((3, 3))),
        {"dim": 1, "alpha": 2.5},
        lambda x, i, s, dim, alpha: written(x, slices(dim, i), alpha * s, "add"),
        complex=True,
    ),
    Sample("index_add", (A((3,)), I(2, 2), A((2,))), {"dim": 0}, lambda x, i, s, dim: written(x, i, s, "add")),
    Sample(
        "index_copy",
        (A((3, 4)), I(2, 0), A((3, 2))),
        {"dim": 1},
        lambda x, i, s, dim: written(x, slices(dim, i), s),
        complex=True,
    ),
    Sample(
        "index_fill",
        (A((3, 4)), I(2, 0, 2)),
        {"value": 1.5, "dim": 0},
        lambda x, i, value, dim: written(x, slices(dim, i), value),
    ),
    Sample(
        "index_fill_tensor",
        (A((3, 4)), I(2, 0, 2), A(())),
        {"dim": 0},
        lambda x, i, v, dim: written(x, slices(dim, i), v),
    ),
    Sample("take", (A((3, 4)), I([0, 11], [5, 5])), {}, lambda x, i: x.reshape(-1)[i], complex=True),
    Sample(
        "put_flat",
        (A((3, 4)), I([0, 11], [5, 2]), A((2, 2))),
        {},
        lambda x, i, s: written(x.reshape(-1), i, s).reshape(x.shape),
    ),
    Sample(
        "put_flat",
        (A((3, 4)), I(5, 5, 2), A((3,))),
        {"accumulate": True},
        lambda x, i, s, accumulate: written(x.reshape(-1), i, s, "add").reshape(x.shape),
    ),
    Sample(
        "masked_fill",
        (A((2, 3)), mask(True, False, True)),
        {"value": -1.0},
        lambda x, m, value: np.where(m, value, x),
        complex=True,
    ),
    Sample(
        "masked_fill_tensor",
        (A((2, 3)), mask([True], [False]), A(())),
        {},
        lambda x, m, v: np.where(m, v, x),
    ),
    Sample("masked_select", (A((2, 3)), mask([True, False, True], [False, False, True])), {}, lambda x, m: x[m]),
    Sample("masked_select", (A((3,)), mask([True, False, True], [False, False, True])), {}, lambda x, m: x[[0, 2, 2]]),
    Sample(
        "masked_scatter",
        (A((2, 3)), mask([True, False, True], [False, False, True]), A((5,))),
        {},
        lambda x, m, s: written(x, m, s[:3]),
        complex=True,
    ),
    Sample(
        "select_scatter",
        (A((3, 4)), A((3,))),
        {"dim": 1, "index": -2},
        lambda x, s, dim, index: written(x, (slice(None), index), s),
        complex=True,
    ),
    Sample(
        "slice_scatter",
        (A((3, 4)), A((3, 2))),
        {"dim": 1, "start": 1, "step": 2},
        lambda x, s, dim, start, step: written(x, (slice(None), slice(start, None, step)), s),
        complex=True,
    ),
    Sample(
        "diagonal_scatter",
        (A((3, 4)), A((3,))),
        {"offset": 1},
        lambda x, s, offset: written(x, (np.arange(3), np.arange(3) + offset), s),
        complex=True,
    ),
    Sample(
        "strided_write",
        (A((3, 4)), A((2, 2))),
        {"size": (2, 2), "stride": (5, 1), "offset": 2},
        lambda x, s, size, stride, offset: written(x.reshape(-1), np.array([[2, 3], [7, 8]]), s).reshape(x.shape),
    ),
]

ERRORS = [
    Mistake(
        lambda torch: torch.ones(2, 3).gather(1, torch.tensor([[5]])),
        RuntimeError,
        r"^index 5 is out of bounds for dimension 1 with size 3",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).gather(1, torch.tensor([[-1]])),
        RuntimeError,
        r"^index -1 is out of bounds for dimension 1 with size 3",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).gather(1, torch.tensor([0])),
        RuntimeError,
        r"^Index tensor must have the same number of dimensions as input tensor",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).gather(1, torch.zeros(3, 1, dtype=torch.int64)),
        RuntimeError,
        r"^Size does not match at dimension 0 expected index \[3, 1\] to be no larger than self \[2, 3\]",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).scatter(1, torch.zeros(3, 1, dtype=torch.int64), torch.ones(2, 3)),
        RuntimeError,
        r"^Expected index \[3, 1\] to be no larger than self \[2, 3\] apart from dimension 1",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).scatter(1, torch.tensor([[0]]), torch.ones(2, 3), reduce="foo"),
        RuntimeError,
        r"^reduce argument must be either add or multiply\.",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).scatter_add(1, torch.tensor([[0]]), torch.ones(2, 3).double()),
        RuntimeError,
        r"^scatter\(\): Expected self.dtype to be equal to src.dtype",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).scatter_reduce(1, torch.tensor([[0]]), torch.ones(2, 3), "median"),
        RuntimeError,
        r"^reduce argument must be either sum, prod, mean, amax or amin, got median",
    ),
    Mistake(lambda torch: torch.ones(3).index_select(0, torch.tensor([7])), IndexError, r"^index out of range in self"),
    Mistake(
        lambda torch: torch.ones(3).index_select(0, torch.tensor([0.0])),
        RuntimeError,
        r"^index_select\(\): Expected dtype int32 or int64 for index",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).index_add(0, torch.tensor([0, 1]), torch.ones(1, 3)),
        RuntimeError,
        r"^index_add_\(\): Number of indices \(2\) should be equal to source.size\(dim\): \(1\), for dim: 0",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).index_copy(0, torch.tensor([5]), torch.ones(1, 3)),
        IndexError,
        r"^index_copy_\(\): index 5 is out of bounds for dimension 0 with size 2",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).index_fill(0, torch.tensor([-3]), 1),
        IndexError,
        r"^index -3 is out of bounds for dimension 0 with size 2",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).take(torch.tensor([6])),
        IndexError,
        r"^out of range: tried to access index 6 on a tensor of 6 elements\.",
    ),
    Mistake(
        lambda torch: torch.ones(3).masked_fill(torch.ones(3), 1),
        RuntimeError,
        r"^masked_fill_ only supports boolean masks, but got mask with dtype float",
    ),
    Mistake(
        lambda torch: torch.ones(3).masked_fill(torch.ones(3) > 0, torch.ones(2)),
        RuntimeError,
        r"^masked_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension",
    ),
    Mistake(
        lambda torch: torch.ones(3).int().masked_fill(torch.ones(3) > 0, 2**40),
        RuntimeError,
        r"^value cannot be converted to type int(32_t)? without overflow",
    ),
    Mistake(
        lambda torch: torch.ones(3).masked_scatter(torch.ones(3) > 0, torch.ones(2)),
        RuntimeError,
        r"^Number of elements of source < number of ones in mask",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).select_scatter(torch.ones(3), 0, 5),
        IndexError,
        r"^select\(\): index 5 out of range for tensor of size \[2, 3\] at dimension 0",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).slice_scatter(torch.ones(3)),
        RuntimeError,
        r"^expected src to have a size equal to the slice of self. src size = \[3\], slice size = \[2, 3\]",
    ),
]
