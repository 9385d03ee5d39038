"""What a tensor says of itself: shape, strides, where it lies in memory, what it is and is not; `T`, `H`, `real`."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...storage import is_shared as in_shared_memory
from ...storage import memory, memory_bounds, sparse_coo, strided
from ...xp import numpy as xnp
from ...xp.sparse import Coo
from .. import functions as fn
from .. import later, rows
from ..size import size
from ..tensor import Tensor
from .members import method, prop


@method
def dim(self: Tensor) -> int:
    """The number of dimensions."""
    return self._array.ndim


@method
def ndimension(self: Tensor) -> int:
    """The number of dimensions."""
    return self._array.ndim


@method
def size_of(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or the size of one dim."""
    if dim is None:
        return size(self._array.shape)
    shape = self._array.shape
    if not -len(shape) <= dim < len(shape):
        if not shape:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got {dim})"
        )
    return shape[dim]


Tensor.size = size_of  # type: ignore[attr-defined]

size_of.__name__ = "size"


@method
def numel(self: Tensor) -> int:
    """The number of elements."""
    return self._array.size


Tensor.nelement = numel  # type: ignore[attr-defined]


@method
def element_size(self: Tensor) -> int:
    """The size of an element in bytes."""
    return self._kind.dtype.itemsize


@prop
def itemsize(self: Tensor) -> int:
    return self._kind.dtype.itemsize


@prop
def nbytes(self: Tensor) -> int:
    return self._array.size * self._kind.dtype.itemsize


# ---- memory ----------------------------------------------------------------------------------------------------------


def strides(self: Tensor) -> tuple[int, ...]:
    """The strides in elements. Of dims of size 1, whose stride means nothing, those that a row-major tensor would
    have."""
    array, width = self._array, self._kind.dtype.itemsize
    if not array.size:
        found, step = [], 1
        for n in reversed(array.shape):
            found.append(step)
            step *= n or 1
        return tuple(found[::-1])
    found = [s // width for s in array.strides]
    if 0 in found:
        shape = array.shape
        for i in range(len(found) - 1, -1, -1):
            if not found[i] and shape[i] == 1:
                found[i] = shape[i + 1] * found[i + 1] if i + 1 < len(found) else 1
    return tuple(found)


@method
def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours along each dim (or one dim) lie in memory."""
    found = strides(self)
    return found if dim is None else found[dim]


@prop
def _cdata(self: Tensor) -> int:
    """A number that tells this tensor from all others, with which programs find out whether two are one."""
    return id(self)


@method
def data_ptr(self: Tensor) -> int:
    """The address of the first element."""
    if not self._array.size:
        return 0
    return xnp.address(self._array)


@method
def storage_offset(self: Tensor) -> int:
    """How many elements after the start of its storage the tensor begins."""
    if not isinstance(self._array, xnp.ndarray):
        return 0
    begin, _ = memory_bounds(self._array)
    return (xnp.address(self._array) - begin) // self._kind.dtype.itemsize if self._array.size else 0


@method
def is_contiguous(self: Tensor, memory_format: Any = None) -> bool:
    """Whether the elements lie in memory row by row, or in another format."""
    if type(self._array) is Coo:
        return False
    return not isinstance(self._array, xnp.ndarray) or fn.shape.in_format(self._array, memory_format)


@method
def _is_view(self: Tensor) -> bool:
    return self._view is not None


@method
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both look at the same elements of the same memory in the same way."""
    a, b = self._array, tensor._array
    return memory(a) is memory(b) and a.shape == b.shape and a.strides == b.strides and xnp.address(a) == xnp.address(b)


@method
def is_pinned(self: Tensor, device: Any = None) -> bool:
    return False


@method
def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    raise RuntimeError("Cannot access accelerator device when none is available.")


@method
def is_shared(self: Tensor) -> bool:
    """Whether other processes can see the memory."""
    if type(self._array) is Coo:
        raise NotImplementedError("Cannot access storage of SparseTensorImpl")
    return isinstance(self._array, xnp.ndarray) and in_shared_memory(self._array)


@method
def share_memory_(self: Tensor) -> Tensor:
    """Move the memory to where other processes can see it, with all tensors that are views of it."""
    return later.process_sharing().share_memory_(self)


# ---- dtype, device, layout -------------------------------------------------------------------------------------------


@method
def is_floating_point(self: Tensor) -> bool:
    return self._kind.dtype.is_floating_point


@method
def is_complex(self: Tensor) -> bool:
    return self._kind.dtype.is_complex


@method
def is_signed(self: Tensor) -> bool:
    return self._kind.dtype.is_signed


@method
def is_inference(self: Tensor) -> bool:
    return self._kind.inference


@method
def get_device(self: Tensor) -> int:
    """The index of the device, -1 for the CPU."""
    return -1 if self._kind.device.index is None else self._kind.device.index


@prop
def grad_dtype(self: Tensor) -> Any:
    """The dtype of the gradient: that of the tensor."""
    return self._kind.dtype


@method
def has_names(self: Tensor) -> bool:
    return False


NEVER = ("is_cuda", "is_quantized", "is_mkldnn", "is_xpu", "is_xla", "is_mps", "is_nested",
              "is_sparse_csr", "is_vulkan", "is_ipu", "is_maia", "is_mtia")  # fmt: skip

for _name in NEVER:
    setattr(Tensor, _name, property(lambda self: False))

Tensor.is_cpu = property(lambda self: self._kind.device.type == "cpu")  # type: ignore[attr-defined]

Tensor.is_meta = property(lambda self: self._kind.device.type == "meta")  # type: ignore[attr-defined]

Tensor.is_sparse = property(lambda self: type(self._array) is Coo)  # type: ignore[attr-defined]

Tensor.layout = property(lambda self: sparse_coo if type(self._array) is Coo else strided)  # type: ignore[attr-defined]

Tensor.names = property(lambda self: (None,) * self._array.ndim)  # type: ignore[attr-defined]

Tensor.name = property(lambda self: None)  # type: ignore[attr-defined]


# ---- views that are read like attributes -----------------------------------------------------------------------------


@prop
def T(self: Tensor) -> Tensor:
    """The dims in reverse order."""
    ndim = self._array.ndim
    if ndim == 2:
        return rows.permute_dims(self, (1, 0))
    errors.warn_matrix_transpose()
    return rows.permute_dims(self, tuple(range(ndim))[::-1])


@prop
def mT(self: Tensor) -> Tensor:
    """The last two dims swapped."""
    if self._array.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor."
        )
    return rows.transpose(self, -2, -1)


@prop
def H(self: Tensor) -> Tensor:
    """The conjugate transpose of a matrix."""
    if self._array.ndim not in (0, 2):
        raise RuntimeError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {self._array.ndim}-D tensor."
            + (" For batches of matrices, consider using tensor.mH" if self._array.ndim > 2 else "")
        )
    return fn.adjoint(self)


@prop
def mH(self: Tensor) -> Tensor:
    """The last two dims swapped, and complex numbers conjugated."""
    if self._array.ndim < 2:
        raise RuntimeError(
            f"tensor.mH is only supported on matrices or batches of matrices. Got {self._array.ndim}-D tensor."
        )
    return fn.adjoint(self)


def _set_real(self: Tensor, value: Any) -> None:
    fn.real(self).copy_(value)


def _set_imag(self: Tensor, value: Any) -> None:
    fn.imag(self).copy_(value)


Tensor.real = property(lambda self: fn.real(self), _set_real, doc="The real parts: a view.")  # type: ignore[attr-defined, misc]

Tensor.imag = property(lambda self: fn.imag(self), _set_imag, doc="The imaginary parts: a view.")  # type: ignore[attr-defined, misc]
