"""Rows of tables picked by number, and numbers as one-hot rows."""

from __future__ import annotations

from ... import dtypes
from ...tensor import functions as fn


def one_hot(tensor, num_classes=-1):
    """A new last dim of size `num_classes`, with a 1 at the element's number and zeros elsewhere.

    tensor: int64. num_classes: -1 takes one more than the largest number. Returns int64.
    Raises RuntimeError for numbers below 0, or not below `num_classes`.

    >>> one_hot(tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if tensor.dtype is not dtypes.int64:
        raise RuntimeError(
            "one_hot is only applicable to index tensor of type LongTensor.\n"
            f"  This one is {tensor.dtype}; tensor.long() converts it."
        )
    if tensor.numel() == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
    elif tensor.min().item() < 0:
        raise RuntimeError("Class values must be non-negative.")
    elif num_classes == -1:
        num_classes = tensor.max().item() + 1
    elif tensor.max().item() >= num_classes:
        raise RuntimeError(
            "Class values must be smaller than num_classes.\n"
            f"  The largest is {tensor.max().item()}, so num_classes must be {tensor.max().item() + 1} at least."
        )
    return (tensor.unsqueeze(-1) == fn.arange(num_classes, device=tensor.device)).long()
