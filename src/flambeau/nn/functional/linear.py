"""Affine and bilinear maps, and the order of channels."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.functions import products
from ...tensor.functions.arguments import need_tensor
from ...tensor.functions.neural import bilinear, channel_shuffle, native_channel_shuffle
from ...tensor.outputs import write_result

__all__ = ["bilinear", "channel_shuffle", "grouped_mm", "linear", "native_channel_shuffle"]

_linear = products.linear


def linear(input, weight, bias=None, *, out=None):
    """Affine map `input @ weight.T + bias`.

    input: (*, in), weight: (out, in) or (in,), bias: (out,) or None. Returns (*, out), in the dtype that all have.
    Raises RuntimeError, naming both shapes, where `in` differs.

    >>> linear(ones(2, 3), ones(4, 3)).shape
    torch.Size([2, 4])
    """
    if out is not None:
        return write_result("linear", _linear(input, weight, bias), out)
    try:
        return _linear(input, weight, bias)
    except AttributeError:
        need_tensor("linear", "input", 1, input)
        need_tensor("linear", "weight", 2, weight)
        if bias is not None:
            need_tensor("linear", "bias", 3, bias)
        raise


def grouped_mm(mat_a, mat_b, *, offs=None, bias=None, out_dtype=None):
    """Products of matrices of unequal sizes that lie one behind the other; `offs`, int32, says where each ends.

    (N, K) @ (G, K, M) groups the rows and gives (N, M); (G, N, K) @ (K, M) the columns, (N, M); (N, K) @ (K, M) what is
    summed over, (G, N, M). Two batches (G, N, K) @ (G, K, M) take no `offs`. Strides are multiples of 16 bytes.

    >>> grouped_mm(ones(3, 4), ones(2, 4, 4), offs=tensor([1, 3], dtype=int32)).shape
    torch.Size([3, 4])
    """
    dims = mat_a.dim(), mat_b.dim()
    if not all(n in (2, 3) for n in dims):
        raise RuntimeError(
            f"mat_a has to be 2 or 3d and mat_b has to be 2 or 3d, but they are {dims[0]}d and {dims[1]}d"
        )
    if (offs is not None) != (2 in dims):
        raise RuntimeError("Have to provide offsets if there is a 2d matrix, or no offset if both matrices are 3d")
    if mat_a.size(-1) != mat_b.size(-2):
        raise RuntimeError("contraction dimension of mat_a and mat_b must match")
    for one in (mat_a, mat_b):
        _check_alignment(one)
    if offs is None:
        result = mat_a @ mat_b
    else:
        if offs.dtype is not dtypes.int32:
            raise RuntimeError("Offsets have to be int32")
        ends = offs.tolist()
        spans = [slice(begin, end) for begin, end in zip([0, *ends], ends, strict=False)]
        if dims == (2, 3):
            result = fn.cat([mat_a[rows] @ mat_b[i] for i, rows in enumerate(spans)])
        elif dims == (3, 2):
            result = fn.cat([mat_a[i] @ mat_b[:, columns] for i, columns in enumerate(spans)], 1)
        else:
            result = fn.stack([mat_a[:, part] @ mat_b[part] for part in spans])
    if bias is not None:
        raise RuntimeError("Bias not supported yet")
    return result if out_dtype is None else result.to(out_dtype)


def _check_alignment(x: Any) -> None:
    """Rows, or columns, begin at multiples of 16 bytes."""
    strides = x.stride()
    lead = strides[-2] if strides[-1] == 1 else strides[-1]
    if lead * x.element_size() % 16:
        raise RuntimeError(
            f"strides should be multiple of 16 bytes\n  A row of {tuple(x.shape)} has {lead * x.element_size()} bytes: "
            "pad it."
        )
