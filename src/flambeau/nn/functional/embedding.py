"""Rows of tables picked by number, and numbers as one-hot rows."""

from __future__ import annotations

from ...tensor import functions as fn


def one_hot(tensor, num_classes=-1):
    """A new last dim of size `num_classes`, with a 1 at the element's number and zeros elsewhere.

    tensor: int64. num_classes: -1 takes one more than the largest number. Returns int64.
    Raises RuntimeError for numbers below 0, or not below `num_classes`.

    >>> one_hot(tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if tensor.dtype is not fn.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
