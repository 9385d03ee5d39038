"""Copies of what views show (`torch.view_copy`, …), and the in-place functions that `torch` has beside the methods."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ...ops import shapes
from ...ops.table import TABLE
from .. import rows
from ..inplace import inplace_result
from ..public import FUNCTIONS, METHODS, public
from ..tensor import Tensor
from .complex_numbers import view_as_complex, view_as_real
from .shape import detach, expand, permute, select, squeeze, view

# ---- copies of views -------------------------------------------------------------------------------------------------


@public(method=False, out=True)
def alias_copy(input: Tensor) -> Tensor:
    """A copy of the tensor."""
    return rows.clone(input)


@public(method=False, out=True)
def detach_copy(input: Tensor) -> Tensor:
    """A copy of the tensor without its history."""
    return rows.clone(detach(input))


@public(method=False, out=True)
def expand_copy(input: Tensor, size: Any, *, implicit: bool = False) -> Tensor:
    """A copy of the view that `expand` gives."""
    return rows.clone_as(expand(input, size, implicit=implicit), memory_format=None)


@public(method=False, out=True)
def permute_copy(input: Tensor, dims: Any) -> Tensor:
    """A copy of the view that `permute` gives."""
    return rows.clone(permute(input, dims))


@public(method=False, out=True)
def select_copy(input: Tensor, dim: int, index: int) -> Tensor:
    """A copy of the view that `select` gives."""
    return rows.clone(select(input, dim, index))


@public(method=False, out=True)
def slice_copy(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    """A copy of every `step`-th element from `start` up to but not including `end` along a dim."""
    ndim = input._array.ndim
    if not ndim:
        raise RuntimeError("slice() cannot be applied to a 0-dim tensor.")
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    at = (*[slice(None)] * shapes.one_dim(dim, ndim), slice(start, end, step))
    return rows.clone(rows.slice_index(input, at=at))


@public(method=False, out=True)
def squeeze_copy(input: Tensor, dim: Any = None) -> Tensor:
    """A copy of the view that `squeeze` gives."""
    return rows.clone(squeeze(input, dim))


@public(method=False, out=True)
def t_copy(input: Tensor) -> Tensor:
    """A copy of the view that `t` gives."""
    return rows.clone(rows.t(input))


@public(method=False, out=True)
def transpose_copy(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A copy of the view that `transpose` gives."""
    return rows.clone(rows.transpose(input, dim0, dim1))


@public(method=False, out=True)
def unsqueeze_copy(input: Tensor, dim: int) -> Tensor:
    """A copy of the view that `unsqueeze` gives."""
    return rows.clone(rows.unsqueeze(input, dim))


@public(method=False, out=True)
def view_copy(input: Tensor, size: Any = None, *, dtype: Any = None) -> Tensor:
    """A copy of the view that `view` gives."""
    return rows.clone(view(input, dtype if size is None else size))


@public(method=False, out=True)
def view_as_complex_copy(input: Tensor) -> Tensor:
    """A copy of the view that `view_as_complex` gives."""
    return rows.clone(view_as_complex(input))


@public(method=False, out=True)
def view_as_real_copy(input: Tensor) -> Tensor:
    """A copy of the view that `view_as_real` gives."""
    return rows.clone(view_as_real(input))


# ---- in place --------------------------------------------------------------------------------------------------------

# what PyTorch has as functions too, though they are methods by nature
IN_PLACE = frozenset(
    "abs_ acos_ acosh_ addmv_ alpha_dropout_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ as_strided_ asin_ "
    "asinh_ atan_ atanh_ ceil_ celu_ clamp_ clamp_max_ clamp_min_ clip_ conj_physical_ cos_ cosh_ deg2rad_ detach_ "
    "dropout_ embedding_renorm_ erf_ erfc_ exp2_ exp_ expm1_ feature_alpha_dropout_ feature_dropout_ fill_ fix_ "
    "floor_ frac_ gcd_ i0_ index_put_ lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_ rad2deg_ "
    "reciprocal_ relu_ resize_as_ round_ rrelu_ rsqrt_ selu_ sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ "
    "threshold_ trunc_ xlogy_ zero_".split()
)


def in_place(name: str) -> Callable | None:
    """The function `torch.name_`: the method, or `name` whose result is written into its first argument."""
    if name not in IN_PLACE:
        return None
    found = METHODS.get(name) or getattr(Tensor, name, None)
    if found is not None:
        return found
    own = name[:-1]
    compute = FUNCTIONS.get(own) or (getattr(rows, own) if own in TABLE and TABLE[own].public else None)
    return None if compute is None else partial(_written, compute)


def _written(compute: Callable, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return inplace_result(input, lambda: compute(input, *args, **kwargs))


@public(method=False)
def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor of the shape and dtype of `input`, full of a number."""
    return rows.clone(input).fill_(value)
