"""Transforms of vectors and matrices, and of tensors part by part."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import functions as fn
from ..tensor import rows
from ..tensor.functions.decompositions import linalg_cholesky
from ..tensor.size import Size
from . import constraints
from .number_transforms import _inside, _Stateless
from .transform import Transform
from .utils import _sum_rightmost, finfo, lazy_property, tril_matrix_to_vec, vec_to_tril_matrix

# ---- functions of vectors --------------------------------------------------------------------------------------------


def _require_dims(shape, least):
    if len(shape) < least:
        raise ValueError("Too few dimensions on input")


def _after_one(x):
    """`x` moved by one place along the last dim, with a 1 in front and without its end."""
    return rows.constant_pad(x[..., :-1], pad=(1, 0), value=1)


class CorrCholeskyTransform(Transform):
    """Unconstrained vectors of length n (n - 1) / 2 to Cholesky factors of correlation matrices (n, n).

    The numbers fill the strict lower triangle; tanh makes them partial correlations, which break the sticks of length 1
    that are the rows. Lewandowski, Kurowicka and Joe (2009).
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def _call(self, x):
        eps = finfo(x).eps
        partial = vec_to_tril_matrix(x.tanh().clamp(min=-1 + eps, max=1 - eps), diag=-1)
        left = (1 - partial**2).sqrt().cumprod(-1)
        ones = fn.eye(partial.shape[-1], dtype=partial.dtype, device=partial.device)
        return (partial + ones) * _after_one(left)

    def _inverse(self, y):
        left = _after_one(1 - (y * y).cumsum(-1))
        partial = tril_matrix_to_vec(y, diag=-1) / tril_matrix_to_vec(left, diag=-1).sqrt()
        return (partial.log1p() - partial.neg().log1p()) / 2

    def log_abs_det_jacobian(self, x, y, intermediates=None):
        # a stick's length left of the diagonal matters for every number but the first in its row
        left = tril_matrix_to_vec(1 - (y * y).cumsum(-1), diag=-2)
        of_tanh = -2 * (x + rows.softplus(-2 * x) - math.log(2.0)).sum(-1)
        return 0.5 * left.log().sum(-1) + of_tanh

    def forward_shape(self, shape):
        _require_dims(shape, 1)
        count = shape[-1]
        n = round((0.25 + 2 * count) ** 0.5 + 0.5)
        if n * (n - 1) // 2 != count:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return Size((*shape[:-1], n, n))

    def inverse_shape(self, shape):
        _require_dims(shape, 2)
        n = shape[-1]
        if shape[-2] != n:
            raise ValueError("Input is not square")
        return Size((*shape[:-2], n * (n - 1) // 2))


class SoftmaxTransform(_Stateless):
    """`exp(x)`, divided by its sum: onto the simplex, many to one, which suits coordinate-wise optimisers."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x):
        weights = (x - x.max(-1, True)[0]).exp()
        return weights / weights.sum(-1, True)

    def _inverse(self, y):
        return y.log()

    def forward_shape(self, shape):
        _require_dims(shape, 1)
        return shape

    inverse_shape = forward_shape


class StickBreakingTransform(_Stateless):
    """n numbers to the simplex of n + 1: each says, by a sigmoid, how much to break off what is left of a stick."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def _shifted(self, x):
        """`x` such that 0 means an even share of what is left."""
        n = x.shape[-1]
        return x - (n + 1 - x.new_ones(n).cumsum(-1)).log()

    def _call(self, x):
        broken = _inside(self._shifted(x).sigmoid())
        left = (1 - broken).cumprod(-1)
        return rows.constant_pad(broken, pad=(0, 1), value=1) * rows.constant_pad(left, pad=(1, 0), value=1)

    def _inverse(self, y):
        pieces = y[..., :-1]
        offset = y.shape[-1] - y.new_ones(pieces.shape[-1]).cumsum(-1)
        left = (1 - pieces.cumsum(-1)).clamp(min=finfo(y).tiny)
        return pieces.log() - left.log() + offset.log()

    def log_abs_det_jacobian(self, x, y):
        x = self._shifted(x)
        return (-x + rows.logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape):
        _require_dims(shape, 1)
        return Size((*shape[:-1], shape[-1] + 1))

    def inverse_shape(self, shape):
        _require_dims(shape, 1)
        return Size((*shape[:-1], shape[-1] - 1))


# ---- functions of matrices -------------------------------------------------------------------------------------------


class LowerCholeskyTransform(_Stateless):
    """Square matrices to lower triangular ones with a positive diagonal: the exponential on the diagonal."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _call(self, x):
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y):
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(_Stateless):
    """Square matrices to positive definite ones, `L @ L.mT` of the lower Cholesky transform."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def _call(self, x):
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y):
        return LowerCholeskyTransform().inv(linalg_cholesky(y))


# ---- several transforms side by side ---------------------------------------------------------------------------------


class _Several(Transform):
    """Transforms of the parts of a tensor along `dim`."""

    transforms: list[Transform]
    dim: int

    def __init__(self, tseq: Any, dim: int, cache_size: int) -> None:
        if not all(isinstance(t, Transform) for t in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        if cache_size:
            tseq = [t.with_cache(cache_size) for t in tseq]
        super().__init__(cache_size=cache_size)
        self.transforms = list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> bool:
        return all(t.bijective for t in self.transforms)

    def _check(self, value: Any, name: str, extent: int, called: str, what: str = "tensor") -> None:
        if not (-value.dim() <= self.dim < value.dim()):
            raise AssertionError(f"dim {self.dim} out of range for {what} with {value.dim()} dimensions")
        if value.size(self.dim) != extent:
            raise AssertionError(f"{name}.size({self.dim}) = {value.size(self.dim)} must equal {called} {extent}")


class CatTransform(_Several):
    """Transforms of the pieces that `torch.cat` joins; `lengths` are their sizes along `dim`, by default 1."""

    def __init__(self, tseq: Any, dim: int = 0, lengths: Any = None, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match transforms ({len(self.transforms)})")

    @lazy_property
    def event_dim(self):
        return max(t.event_dim for t in self.transforms)

    @lazy_property
    def length(self):
        return sum(self.lengths)

    def _recached(self, cache_size: int) -> Transform:
        return CatTransform(self.transforms, self.dim, self.lengths, cache_size)

    def _pieces(self, value: Any) -> list:
        starts = [sum(self.lengths[:i]) for i in range(len(self.lengths))]
        return [value.narrow(self.dim, start, n) for start, n in zip(starts, self.lengths, strict=True)]

    def _call(self, x: Any) -> Any:
        self._check(x, "x", self.length, "length")
        return fn.cat([t(piece) for t, piece in zip(self.transforms, self._pieces(x), strict=True)], dim=self.dim)

    def _inverse(self, y: Any) -> Any:
        self._check(y, "y", self.length, "length")
        return fn.cat([t.inv(piece) for t, piece in zip(self.transforms, self._pieces(y), strict=True)], dim=self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        self._check(x, "x", self.length, "length", "x")
        self._check(y, "y", self.length, "length", "y")
        terms = []
        for t, before, after in zip(self.transforms, self._pieces(x), self._pieces(y), strict=True):
            terms.append(_sum_rightmost(t.log_abs_det_jacobian(before, after), max(self.event_dim - t.event_dim, 0)))
        # the pieces' dim as counted from the end of the result, whose event dims are gone
        dim = (self.dim - x.dim() if self.dim >= 0 else self.dim) + self.event_dim
        return fn.cat(terms, dim=dim) if dim < 0 else sum(terms)

    @constraints.dependent_property
    def domain(self):
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self):
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)


class StackTransform(_Several):
    """Transforms of the slices that `torch.stack` joins."""

    def __init__(self, tseq: Any, dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)

    def _recached(self, cache_size: int) -> Transform:
        return StackTransform(self.transforms, self.dim, cache_size)

    def _slices(self, value: Any, name: str, what: str = "tensor") -> list:
        self._check(value, name, len(self.transforms), "len(transforms)", what)
        return [value.select(self.dim, i) for i in range(value.size(self.dim))]

    def _call(self, x: Any) -> Any:
        return fn.stack([t(v) for v, t in zip(self._slices(x, "x"), self.transforms, strict=True)], dim=self.dim)

    def _inverse(self, y: Any) -> Any:
        return fn.stack([t.inv(v) for v, t in zip(self._slices(y, "y"), self.transforms, strict=True)], dim=self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        xs, ys = self._slices(x, "x", "x"), self._slices(y, "y", "y")
        terms = [t.log_abs_det_jacobian(a, b) for t, a, b in zip(self.transforms, xs, ys, strict=True)]
        return fn.stack(terms, dim=self.dim)

    @constraints.dependent_property
    def domain(self):
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self):
        return constraints.stack([t.codomain for t in self.transforms], self.dim)
