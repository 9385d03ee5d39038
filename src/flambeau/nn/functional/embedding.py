"""Rows of tables picked by number, and numbers as one-hot rows."""

from __future__ import annotations

import warnings

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.functions.tables import check_bag
from ...tensor.tensor import numbers


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
    elif tensor.is_meta:
        if num_classes == -1:
            raise RuntimeError("Tensor.item() cannot be called on meta tensors")
    elif (values := numbers(tensor._array)).min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    elif num_classes == -1:
        num_classes = tensor.max().item() + 1
    elif values.max() >= num_classes:
        raise RuntimeError(
            "Class values must be smaller than num_classes.\n"
            f"  The largest is {values.max()}, so num_classes must be {values.max() + 1} at least."
        )
    return (tensor.contiguous().unsqueeze(-1) == fn.arange(num_classes, device=tensor.device)).long()


def embedding(
    input,
    weight,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
    sparse=False,
):
    """The rows of `weight`, (rows, width), at numbers of any shape: (*,) gives (*, width).

    input: int64 or int32. padding_idx: a row that gets no gradient. max_norm: first scale down, in place, the rows that
    are picked and whose `norm_type`-norm is larger. scale_grad_by_freq: divide a row's gradient by how often it was
    picked. Raises IndexError for a number that is not there.

    >>> embedding(tensor([1, 0]), tensor([[1., 2.], [3., 4.]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    if padding_idx is None:
        padding_idx = -1
    else:
        count = weight.size(0)
        if not -count <= padding_idx < count:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= count
    if max_norm is not None:
        fn.embedding_renorm_(weight.detach(), input, max_norm, norm_type)
    return fn.embedding(weight, input, padding_idx, scale_grad_by_freq, sparse)


MODES = {"sum": 0, "mean": 1, "max": 2}


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """Sums, means or maxima of rows of `weight`, (rows, width), in bags.

    input: (N, S), N bags of S numbers; or (M,) with offsets (N,), where each bag begins. per_sample_weights: of the
    shape of `input`, factors of the rows, for mode "sum". padding_idx: a row that does not count. Returns (N, width).

    >>> embedding_bag(tensor([[0, 1]]), tensor([[1., 2.], [3., 4.]]))
    tensor([[2., 3.]])
    """
    if weight.dtype is dtypes.int64 and input.is_floating_point():
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is "
            "deprecated, and should now be `embedding_bag(input, weight, ...)`.",
            stacklevel=2,
        )
        weight, input = input, weight
    input, offsets, per_sample_weights = check_bag(input, weight, offsets, mode, per_sample_weights)
    if mode not in MODES:
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if max_norm is not None:
        fn.embedding_renorm_(weight.detach(), input, max_norm, norm_type)
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
            f"mode='{mode}'). Please open a feature request on GitHub."
        )
    return fn.embedding_bag(
        weight,
        input,
        offsets,
        scale_grad_by_freq,
        MODES[mode],
        sparse,
        per_sample_weights,
        include_last_offset,
        padding_idx,
    )[0]
