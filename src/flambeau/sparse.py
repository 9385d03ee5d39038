"""`torch.sparse`: products, sums and softmaxes of sparse tensors in coordinates (COO)."""

from __future__ import annotations

from typing import Any

from .tensor import functions as fn
from .tensor.functions import sparse_functions as coo
from .tensor.tensor import Tensor
from .xp.sparse import refused

__all__ = ["addmm", "check_sparse_tensor_invariants", "log_softmax", "mm", "sampled_addmm", "softmax", "sum"]


def mm(mat1: Tensor, mat2: Tensor, reduce: str | None = None) -> Tensor:
    """The product of two matrices, of which one or both may be sparse.

    The gradient of a sparse matrix is sparse: it stands where the matrix has values.

    >>> i = torch.tensor([[0, 1], [1, 0]])
    >>> mm(torch.sparse_coo_tensor(i, torch.tensor([2.0, 3.0])), torch.eye(2))
    tensor([[0., 2.],
            [3., 0.]])
    """
    if reduce is not None:
        raise refused("_sparse_mm_reduce_impl")
    if not (mat1.is_sparse or mat2.is_sparse):
        return fn.mm(mat1, mat2)
    return coo.mm(mat1, mat2, masked_grad=True)


def addmm(mat: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """`beta * mat + alpha * (mat1 @ mat2)`, in which `mat1` is sparse."""
    return coo.addmm(mat, mat1, mat2, beta=beta, alpha=alpha, masked_grad=True)


def sum(input: Tensor, dim: Any = None, dtype: Any = None) -> Tensor:
    """The sum over all dims, or over some; sparse, while a sparse dim is left."""
    if not input.is_sparse:
        raise RuntimeError("coalesce expected sparse coordinate tensor layout but got Strided")
    return coo.sum_over(input, dim, dtype)


def softmax(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The softmax along a dim of the values that are there: what is not there counts as minus infinity."""
    return _softmax(input, dim, dtype, False)


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The logarithm of `softmax(input, dim)`."""
    return _softmax(input, dim, dtype, True)


def _softmax(input: Tensor, dim: int, dtype: Any, log: bool) -> Tensor:
    if not input.is_sparse:
        raise refused("_sparse_log_softmax" if log else "_sparse_softmax", "CPU")
    return coo.softmax(input, dim, dtype, log)


def sampled_addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """Raises NotImplementedError: in PyTorch it is for the layout CSR alone."""
    raise refused("sparse_sampled_addmm", "SparseCPU" if input.is_sparse else "CPU")


class check_sparse_tensor_invariants:
    """Whether indices are checked against sizes. They always are; as a block or decorator it changes nothing."""

    def __init__(self, enable: bool = True) -> None:
        pass

    @staticmethod
    def is_enabled() -> bool:
        return True

    @staticmethod
    def enable() -> None:
        pass

    @staticmethod
    def disable() -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def __call__(self, f: Any) -> Any:
        return f
