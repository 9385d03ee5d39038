"""What tensors answer about layouts, devices and encodings that dense tensors on the CPU do not have."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ..public import FUNCTIONS, public
from ..tensor import Tensor
from .shape import converted

# ---- dense tensors as the sparse ones see them -----------------------------------------------------------------------


@public(function=False)
def to_dense(input: Tensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    """The tensor itself, which is dense already, in a dtype."""
    return converted(input, dtype)


@public(function=False)
def dense_dim(input: Tensor) -> int:
    """The number of dimensions that are not sparse: all."""
    return input._array.ndim


@public(function=False)
def sparse_dim(input: Tensor) -> int:
    """The number of sparse dimensions: none."""
    return 0


@public()
def dequantize(input: Tensor) -> Tensor:
    """The tensor in float32."""
    return converted(input, dtypes.float32)


def _refusing(name: str, error: type[Exception], text: str) -> None:
    """A method that only tensors of another layout or encoding have."""

    def refuse(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        raise error(text)

    refuse.__doc__ = f"Raises {error.__name__}: this tensor is dense."
    refuse.__name__ = name
    public(function=False, name=name)(refuse)


for _name, _layout in {
    "is_coalesced": "sparse coordinate tensor",
    "coalesce": "sparse coordinate tensor",
    "indices": "sparse coordinate tensor",
    "values": "sparse tensor",
    "crow_indices": "sparse row compressed tensor",
    "col_indices": "sparse row compressed tensor",
    "ccol_indices": "sparse column compressed tensor",
    "row_indices": "sparse column compressed tensor",
}.items():
    _refusing(_name, RuntimeError, f"{_name} expected {_layout} layout but got Strided")
for (
    _name
) in "int_repr q_scale q_zero_point q_per_channel_axis q_per_channel_scales q_per_channel_zero_points qscheme".split():
    _refusing(
        _name,
        NotImplementedError,
        f"Could not run 'aten::{_name}' with arguments from the 'CPU' backend. Only quantized tensors have it.",
    )
for _name, _type in {"xpu": "XPU", "mtia": "MTIA"}.items():
    _refusing(_name, AssertionError, f"Torch not compiled with {_type} enabled")
_refusing("ipu", RuntimeError, "PyTorch is not linked with support for ipu devices")


# ---- order and size --------------------------------------------------------------------------------------------------


@public(function=False)
def dim_order(input: Tensor, *, ambiguity_check: Any = False) -> tuple[int, ...]:
    """The dims in the order in which they lie in memory, outermost first.

    ambiguity_check: True raises RuntimeError where several orders would do.

    >>> ones(2, 3).t().dim_order()
    (1, 0)
    """
    if not isinstance(ambiguity_check, (bool, list)):
        raise TypeError("The ambiguity_check argument must be a bool or a list of memory formats.")
    shape, strides = input._array.shape, input.stride()  # type: ignore[attr-defined]
    if ambiguity_check is True and (any(n == 1 for n in shape) or len(set(strides)) != len(strides) or 0 in strides):
        raise RuntimeError(
            "The tensor does not have unique dim order, or cannot map to exact one of the given memory formats."
        )
    return tuple(sorted(range(len(shape)), key=lambda d: -strides[d]))


@public(aliases=())
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one shape."""
    return input._array.shape == other._array.shape


@public()
def is_distributed(input: Tensor) -> bool:
    """Whether a tensor is spread over several processes: no."""
    return False


@public(function=False)
def const_data_ptr(input: Tensor) -> int:
    """The address of the first element, for those who only read."""
    return input.data_ptr()  # type: ignore[attr-defined]


@public(function=False)
def module_load(input: Tensor, other: Tensor, assign: bool = False) -> Tensor:
    """What `load_state_dict` puts in this tensor's place: `other`, or a copy of it here."""
    return other.detach() if assign else input.copy_(other).detach()  # type: ignore[attr-defined]


# ---- operators by other names ----------------------------------------------------------------------------------------


@public(function=False, name="__reversed__")
def reversed_(input: Tensor) -> Tensor:
    """The tensor with its first dim reversed."""
    return FUNCTIONS["flip"](input, (0,)) if input._array.ndim else input


@public(function=False, name="__delitem__")
def delete_item(input: Tensor, index: Any) -> None:
    """Raises TypeError: a tensor keeps its size."""
    raise TypeError("Tensor does not support deleting items")


# ---- functions that PyTorch has removed ------------------------------------------------------------------------------


def _removed(name: str, instead: str, method: bool) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"This function was deprecated since version 1.9 and is now removed. Use {instead}.")

    refuse.__doc__ = f"Raises RuntimeError: removed in favour of {instead}."
    refuse.__name__ = name
    public(name=name, method=method)(refuse)


_removed("symeig", "torch.linalg.eigh or torch.linalg.eigvalsh, which read the lower triangle", True)
_removed("eig", "torch.linalg.eig or torch.linalg.eigvals, which give complex numbers", True)
_removed("lstsq", "torch.linalg.lstsq, whose arguments are in the other order", True)
_removed("solve", "torch.linalg.solve, whose arguments are in the other order", True)
_removed("matrix_rank", "torch.linalg.matrix_rank", False)


@public(method=False, aliases=("dsmm",))
def spmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, of which PyTorch lets the first be sparse."""
    return FUNCTIONS["mm"](input, mat2)
