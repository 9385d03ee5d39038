"""Samples of the rows that move no element, and of reading and writing at an index."""

from __future__ import annotations

import numpy as np

import flambeau as torch

from . import A, Mistake, Sample

FULL = slice(None)

SAMPLES = [
    Sample("reshape_to", (A((2, 3)), (3, 2)), reference=np.reshape),
    Sample("reshape_to", (A((2, 3)), (-1,)), reference=np.reshape),
    Sample("reshape_to", (A(()), (1, 1)), reference=np.reshape),
    Sample("permute_dims", (A((2, 3, 4)), (2, 0, 1)), reference=np.transpose),
    Sample("transpose", (A((2, 3, 4)), 0, -1), reference=np.swapaxes),
    Sample("transpose", (A((2, 3)), 1, 1), reference=np.swapaxes),
    Sample("t", (A((2, 3)),), reference=np.transpose),
    Sample("t", (A((3,)),), reference=np.transpose),
    Sample("unsqueeze", (A((2, 3)), 1), reference=np.expand_dims),
    Sample("unsqueeze", (A(()), -1), reference=np.expand_dims),
    Sample("squeeze_dims", (A((2, 1, 3, 1)), (1, 3)), reference=lambda x, axes: x[:, 0, :, 0]),
    Sample("squeeze_dims", (A((2, 3)), ())),
    Sample("expand_to", (A((3, 1)), (2, 3, 4)), reference=np.broadcast_to),
    Sample("alias", (A((2, 3)),), reference=np.positive),
    Sample("slice_index", (A((4, 5)),), {"at": (slice(1, 4, 2), FULL)}, reference=lambda x, at: x[1:4:2]),
    Sample("select_index", (A((4, 5)),), {"at": (FULL, -1)}, reference=lambda x, at: x[:, -1]),
    Sample("select_index", (A((4,)),), {"at": (2,)}, reference=lambda x, at: x[2]),
    Sample("insert_index", (A((4, 5)),), {"at": (0, None)}, reference=lambda x, at: x[0, None]),
    Sample("gather_index", (A((4, 5)),), {"index": (np.array([0, 2, 0]),)}, reference=lambda x, index: x[[0, 2, 0]]),
    Sample(
        "gather_index",
        (A((3, 4, 2)),),
        {"index": (FULL, np.array([True, False, True, True]))},
        reference=lambda x, index: x[:, [0, 2, 3]],
    ),
    Sample("put_index", (A((4, 5)), A((2, 5))), {"index": (np.array([1, 3]),)}),
    Sample("put_index", (A((4, 5)), A(())), {"index": (np.array([1, 1]),), "accumulate": True}),
    Sample("copy", (A((2, 3)), A((3,)))),
    Sample("fill", (A((2, 3)), A(()))),
    Sample("clone", (A((2, 3)),), reference=np.copy),
    Sample("to_copy", (A((2, 3)),), {"dtype": torch.float64}, reference=lambda x, dtype: x),
    Sample(
        "clone_as", (A((2, 3, 2, 2)),), {"memory_format": torch.channels_last}, reference=lambda x, memory_format: x
    ),
    Sample("drawn_from", (A((2, 3)),), {"values": np.ones((2, 3))}, grad=False),
    Sample("normal_from", (A((2, 3)),), {"values": np.ones((2, 3))}, grad=False),
]
# the bytes of a number are no longer a number, nor the same for another dtype: `view_dtype` has tests of its own
SAMPLES += [
    Sample("view_to", (A((2, 3), dtype="float32", grad=False), (6,)), reference=np.reshape, grad=False, layout=False),
    Sample("view_dtype", (A((2, 4), values=[[1, 2, 3, 4]], dtype="int32"),), {"dtype": torch.int32}, grad=False),
]

ERRORS = [
    Mistake(lambda T: T.zeros(2, 3).reshape(4, 2), RuntimeError, r"^shape '\[4, 2\]' is invalid for input of size 6"),
    Mistake(lambda T: T.zeros(2, 3).reshape(-1, -1), RuntimeError, r"^only one dimension can be inferred"),
    Mistake(
        lambda T: T.zeros(2, 3).t().view(6), RuntimeError, r"^view size is not compatible with input tensor's size"
    ),
    Mistake(lambda T: T.zeros(2, 3).permute(0, 0), RuntimeError, r"^permute\(\): duplicate dims are not allowed"),
    Mistake(lambda T: T.zeros(2, 3).transpose(0, 2), IndexError, r"^Dimension out of range \(expected .* but got 2\)"),
    Mistake(
        lambda T: T.zeros(2, 3, 4).t(), RuntimeError, r"^t\(\) expects a tensor with <= 2 dimensions, but self is 3D"
    ),
    Mistake(lambda T: T.zeros(2, 3).unsqueeze(4), IndexError, r"^Dimension out of range"),
    Mistake(lambda T: T.zeros(2, 3).expand(3, 3), RuntimeError, r"^The expanded size of the tensor \(3\) must match"),
    Mistake(lambda T: T.zeros(2, 3)[2], IndexError, r"^index 2 is out of bounds for dimension 0 with size 2"),
    Mistake(lambda T: T.zeros(2)[0, 0], IndexError, r"^too many indices for tensor of dimension 1"),
    Mistake(lambda T: T.tensor(1.0)[0], IndexError, r"^invalid index of a 0-dim tensor"),
    Mistake(lambda T: T.zeros(3)[::-1], ValueError, r"^step must be greater than zero"),
    Mistake(lambda T: T.zeros(3)[T.tensor([5])], IndexError, r"^index 5 is out of bounds for dimension 0 with size 3"),
    Mistake(lambda T: T.zeros(3).__setitem__(0, "a"), TypeError, r"^can't assign a str to a torch.FloatTensor"),
    Mistake(lambda T: T.zeros(2, 3).flatten(1, 0), RuntimeError, r"^flatten\(\) has invalid args"),
    Mistake(
        lambda T: T.zeros(2, 3).narrow(0, 1, 3), RuntimeError, r"^start \(1\) \+ length \(3\) exceeds dimension size"
    ),
    Mistake(lambda T: T.zeros(2, 3).select(0, 5), IndexError, r"^select\(\): index 5 out of range"),
    Mistake(lambda T: T.zeros(1 << 30, 1 << 30), RuntimeError, r"DefaultCPUAllocator: can't allocate memory"),
    Mistake(lambda T: T.zeros(-1), RuntimeError, r"^zeros: Dimension size must be non-negative"),
]
