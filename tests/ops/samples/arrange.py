"""Samples of the rows that join, cut, repeat and rearrange."""

from __future__ import annotations

import numpy as np

from . import A, Mistake, Sample


def block_diagonal(*blocks):
    """NumPy has no such function."""
    blocks = [np.atleast_2d(b) for b in blocks]
    result = np.zeros((sum(b.shape[0] for b in blocks), sum(b.shape[1] for b in blocks)))
    row = column = 0
    for b in blocks:
        result[row : row + b.shape[0], column : column + b.shape[1]] = b
        row, column = row + b.shape[0], column + b.shape[1]
    return result


SAMPLES = [
    Sample("cat", ([A((2, 3)), A((1, 3))],), {"dim": 0}, lambda t, dim: np.concatenate(t, dim), complex=True),
    Sample("cat", ([A((2, 3)), A((0,)), A((2, 1))],), {"dim": -1}, lambda t, dim: np.concatenate([t[0], t[2]], 1)),
    Sample("stack", ([A((2, 3)), A((2, 3))],), {"dim": 1}, lambda t, dim: np.stack(t, dim), complex=True),
    Sample("stack", ([A(()), A(())],), {"dim": -1}, lambda t, dim: np.stack(t, dim)),
    Sample("block_diag", ([A((2, 3)), A((2,)), A(())],), {}, lambda t: block_diagonal(*t)),
    Sample(
        "split_equal",
        (A((3, 5)),),
        {"sizes": (2, 2, 1), "dim": 1},
        lambda x, sizes, dim: tuple(np.split(x, [2, 4], dim)),
    ),
    Sample(
        "split_sizes",
        (A((3, 5)),),
        {"sizes": (1, 0, 4), "dim": 1},
        lambda x, sizes, dim: tuple(np.split(x, [1, 1], dim)),
    ),
    Sample("unsafe_split_equal", (A((4,)),), {"sizes": (2, 2), "dim": 0}, lambda x, sizes, dim: tuple(np.split(x, 2))),
    Sample(
        "unsafe_split_sizes", (A((4,)),), {"sizes": (1, 3), "dim": 0}, lambda x, sizes, dim: tuple(np.split(x, [1]))
    ),
    Sample("unbind_dim", (A((2, 3)),), {"dim": 1}, lambda x, dim: tuple(x.T), complex=True),
    Sample("repeat_to", (A((2, 3)),), {"repeats": (2, 1, 3)}, lambda x, repeats: np.tile(x, repeats), complex=True),
    Sample("repeat_to", (A((2, 3)),), {"repeats": (0, 2)}, lambda x, repeats: np.tile(x, repeats)),
    Sample("repeat_each", (A((2, 3)),), {"repeats": 2, "dim": 1}, lambda x, repeats, dim: np.repeat(x, repeats, dim)),
    Sample(
        "roll_dims",
        (A((3, 4)),),
        {"shifts": (1, -5), "dims": (0, 1)},
        lambda x, shifts, dims: np.roll(x, shifts, dims),
        complex=True,
    ),
    Sample("roll_dims", (A((3, 4)),), {"shifts": (5,), "dims": ()}, lambda x, shifts, dims: np.roll(x, shifts[0])),
    Sample("flip_dims", (A((3, 4)),), {"dims": (0, 1)}, lambda x, dims: np.flip(x, dims), complex=True),
    *[
        Sample(
            "rotate", (A((3, 4)),), {"times": k, "dim0": 0, "dim1": 1}, lambda x, times, dim0, dim1: np.rot90(x, times)
        )
        for k in range(4)
    ],
    Sample("tril", (A((2, 3, 4)),), {"diagonal": -1}, lambda x, diagonal: np.tril(x, diagonal), complex=True),
    Sample("triu", (A((2, 3, 4)),), {"diagonal": 1}, lambda x, diagonal: np.triu(x, diagonal), complex=True),
    Sample(
        "diagonal",
        (A((3, 4, 5)),),
        {"offset": 1, "dim1": 2, "dim2": 0},
        lambda x, offset, dim1, dim2: np.diagonal(x, offset, dim1, dim2),
        complex=True,
    ),
    Sample("diagonal_copy_of", (A((3, 4)),), {"offset": -1}, lambda x, offset: np.diagonal(x, offset)),
    Sample(
        "diagonal_matrix",
        (A((3,)),),
        {"offset": 1, "dim1": 0, "dim2": 1},
        lambda x, offset, dim1, dim2: np.diag(x, offset),
        complex=True,
    ),
    Sample("trace_of", (A((3, 4)),), {}, np.trace, complex=True),
    Sample(
        "windows",
        (A((3, 8)),),
        {"dim": 1, "size": 3, "step": 2},
        lambda x, dim, size, step: np.lib.stride_tricks.sliding_window_view(x, size, dim)[:, ::step],
        complex=True,
    ),
    Sample("fold_windows", (A((4, 2)),), {"shape": (5,), "dim": 0, "size": 2, "step": 1}),
    Sample("fold_windows", (A((2, 4)),), {"shape": (9,), "dim": 0, "size": 4, "step": 5}),
    # it reads memory, which depends on the layout of the input but for its first element
    Sample(
        "strided_view",
        (A((3, 4)),),
        {"size": (2, 3), "stride": (0, 0), "offset": 0, "own_stride": (4, 1), "own_offset": 0},
        lambda x, size, stride, offset, own_stride, own_offset: np.broadcast_to(x[0, 0], size),
    ),
]

ERRORS = [
    Mistake(lambda torch: torch.cat([]), ValueError, r"^torch.cat\(\): expected a non-empty list of Tensors"),
    Mistake(
        lambda torch: torch.cat([torch.tensor(1.0)]),
        RuntimeError,
        r"^zero-dimensional tensor \(at position 0\) cannot be concatenated",
    ),
    Mistake(
        lambda torch: torch.cat([torch.ones(2, 3), torch.ones(2, 2)]),
        RuntimeError,
        r"^Sizes of tensors must match except in dimension 0. Expected size 3 but got size 2 for tensor number 1",
    ),
    Mistake(
        lambda torch: torch.cat([torch.ones(2, 3), torch.ones(3)]),
        RuntimeError,
        r"^Tensors must have same number of dimensions: got 2 and 1",
    ),
    Mistake(
        lambda torch: torch.stack([torch.ones(2, 3), torch.ones(3)]),
        RuntimeError,
        r"^stack expects each tensor to be equal size, but got \[2, 3\] at entry 0 and \[3\] at entry 1",
    ),
    Mistake(
        lambda torch: torch.ones(4).split(0),
        RuntimeError,
        r"^split_size can only be 0 if dimension size is 0, but got dimension size of 4",
    ),
    Mistake(
        lambda torch: torch.ones(4).split([1, 1]),
        RuntimeError,
        r"^split_with_sizes expects split_sizes to sum exactly to 4 \(input tensor's size at dimension 0\)",
    ),
    Mistake(
        lambda torch: torch.ones(4).chunk(0), RuntimeError, r"^chunk expects `chunks` to be greater than 0, got: 0"
    ),
    Mistake(
        lambda torch: torch.ones(3).hsplit(2),
        RuntimeError,
        r"^torch.hsplit attempted to split along dimension 0, but the size of the dimension 3 is not divisible by",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).repeat(2),
        RuntimeError,
        r"^Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).roll((1, 1), (0,)),
        RuntimeError,
        r"^shifts and dimensions must align. shifts: 2, dims:1",
    ),
    Mistake(lambda torch: torch.ones(3).tril(), RuntimeError, r"^tril: input tensor must have at least 2 dimensions"),
    Mistake(
        lambda torch: torch.ones(2, 3).diagonal(0, 1, 1),
        RuntimeError,
        r"^diagonal dimensions cannot be identical 1, 1",
    ),
    Mistake(
        lambda torch: torch.ones(3).unfold(0, 5, 1),
        RuntimeError,
        r"^maximum size for tensor at dimension 0 is 3 but size is 5",
    ),
    Mistake(
        lambda torch: torch.ones(2, 3).as_strided((2,), (6,)),
        RuntimeError,
        r"^setStorage: sizes \[2\], strides \[6\], storage offset 0, and itemsize 4 requiring a storage size of 28",
    ),
    Mistake(
        lambda torch: torch.meshgrid(torch.ones(2), torch.ones(2), indexing="no"),
        RuntimeError,
        r'^torch.meshgrid: indexing must be one of "xy" or "ij", but received: no',
    ),
    Mistake(
        lambda torch: torch.searchsorted(torch.ones(3), torch.ones(3), side="middle"),
        RuntimeError,
        r"^torch.searchsorted\(\): side can only be 'left' or 'right' but got middle",
    ),
]
