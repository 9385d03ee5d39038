"""Systems that have no solution, or many: least squares and least norm."""

from __future__ import annotations

from typing import Any

from ... import dtypes, errors
from ...ops import shapes
from .. import rows
from ..public import public
from ..return_types import named
from ..tensor import Tensor, numbers
from .arguments import need_tensor
from .matrices import make_like
from .solvers import check_batches


@public(function=False, method=False, out=True)
def linalg_lstsq(input: Tensor, b: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """Solutions X of least squares of `A @ X = B`, with the sums of squared residuals, ranks and singular values.

    driver: "gelsy" (default), "gelsd" and "gelss" find the rank; singular values below `rcond` times the largest count
    as 0; "gels" takes it for full. Residuals are given where m > n and the rank is full (not by gelsy), singular values
    by gelsd and gelss.

    >>> torch.linalg.lstsq(tensor([[1.], [1.]]), tensor([[1.], [3.]])).solution
    tensor([[2.]])
    """
    name = "torch.linalg.lstsq"
    A, B = input, b
    need_tensor("linalg_lstsq", "input", 1, A)
    need_tensor("linalg_lstsq", "b", 2, B)
    if A._array.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if B._array.ndim < 1:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's dtype {A.dtype.scalar_name} and "
            f"other's dtype {B.dtype.scalar_name}"
        )
    if driver is not None and driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(f"{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    driver = driver or "gelsy"
    if A._kind.half or not (A.dtype.is_floating_point or A.dtype.is_complex):
        raise RuntimeError("This function doesn't handle types other than float and double")
    vector = _is_lstsq_vector(name, A, B)
    if vector:
        B = rows.unsqueeze(B, -1)
    if A._array.shape[-2] != B._array.shape[-2]:
        raise RuntimeError(f"{name}: input.size(-2) should match {'other.size(-1)' if vector else 'other.size(-2)'}")
    check_batches(A._array.shape, B._array.shape)
    if rcond is None:
        rcond = dtypes.finfo(A.dtype).eps * max(A._array.shape[-2:])
    X, residuals, rank, singular = rows.linalg_lstsq(A, B, rcond=float(rcond), residuals=driver != "gelsy")
    if driver == "gels" and (numbers(rank._array) < min(A._array.shape[-2:])).any():
        place = int(numbers(rank._array).min()) + 1
        raise errors.LinAlgError(
            f"{name}: The least squares solution could not be computed because the input matrix does not have "
            "full rank "
            f"(error code: {place})."
        )
    empty = singular._kind.xp.empty
    # singular values are told, and not differentiated
    singular = make_like(
        singular._array if driver in ("gelsd", "gelss") else empty((0,), dtype=singular._kind.native), singular
    )
    if driver == "gels":
        rank = make_like(empty((0,), dtype=rank._kind.native), rank)
    solution = rows.squeeze_dims(X, axes=(X._array.ndim - 1,)) if vector else X
    return named("linalg_lstsq")((solution, residuals, rank, singular))


def _is_lstsq_vector(name: str, A: Tensor, B: Tensor) -> bool:
    a, b = A._array.shape, B._array.shape
    if not 0 <= len(a) - len(b) <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
        )
    if len(a) == len(b):
        return False
    if shapes.broadcast(a[:-2], b[:-1]) is None:
        raise errors.broadcast(["A", "B"], [a[:-2], b[:-1]])
    return True
