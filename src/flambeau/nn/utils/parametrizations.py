"""Ready parametrizations: orthogonal matrices, weight norm, spectral norm."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...tensor import functions as fn
from ...tensor import rows
from ...tensor.tensor import Tensor
from .. import functional as F
from ..grad_mode import unrecorded
from ..module import Module
from . import parametrize
from .spectral_norm import usual_dim
from .weight_norm import norm_except_dim, normed

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

MAPS = ("matrix_exp", "cayley", "householder")


def _tensor_of(module: Any, name: str) -> Any:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return weight


# ---- orthogonal ------------------------------------------------------------------------------------------------------


def _make_orthogonal(a: Any) -> Any:
    """The orthogonal factor of a matrix, with the signs that make it unique."""
    q, r = rows.linalg_qr(a)
    return q * r.diagonal(dim1=-2, dim2=-1).sgn().unsqueeze(-2)


def _is_orthogonal(q: Any) -> bool:
    size, width = q.shape[-2:]
    eye = fn.eye(width, dtype=q.dtype, device=q.device)
    return bool(fn.allclose(q.mH @ q, eye, atol=10.0 * size * dtypes.finfo(q.dtype).eps))


def _reflected(a: Any, tau: Any) -> Any:
    """The first columns of the product of the reflections I - tau v v', v the columns of a lower triangular matrix."""
    size, width = a.shape[-2:]
    eye = fn.eye(size, width, dtype=a.dtype, device=a.device)
    q = eye.expand(a.shape)
    vectors = a.tril(-1) + eye
    for i in range(width - 1, -1, -1):
        v = vectors[..., i : i + 1]
        q = q - tau[..., i : i + 1].unsqueeze(-1) * (v @ (v.mH @ q))
    return q


class _Orthogonal(Module):
    base: Any

    def __init__(self, weight: Any, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        if weight.is_complex() and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Any) -> Any:
        transposed = x.shape[-2] < x.shape[-1]
        x = x.mT if transposed else x
        q = self._from_reflections(x) if self.orthogonal_map == "householder" else self._from_skew(x)
        if hasattr(self, "base"):
            q = self.base @ q
        return q.mT if transposed else q

    def _from_skew(self, x: Any) -> Any:
        """Of a skew-symmetric matrix, its exponential or Cayley transform."""
        size, width = x.shape[-2:]
        x = x.tril()
        if size != width:
            x = fn.cat([x, x.new_zeros(size, size - width).expand(*x.shape[:-2], -1, -1)], dim=-1)
        a = x - x.mH
        if self.orthogonal_map == "matrix_exp":
            q = fn.matrix_exp(a)
        else:
            eye = fn.eye(size, dtype=a.dtype, device=a.device)
            q, _ = rows.linalg_solve_ex(eye - 0.5 * a, eye + 0.5 * a)
        return q[..., :width] if size != width else q

    @staticmethod
    def _from_reflections(x: Any) -> Any:
        a = x.tril(diagonal=-1)
        tau = 2.0 / (1.0 + (a * a).sum(dim=-2))
        return _reflected(a, tau) * x.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)

    def right_inverse(self, value: Any) -> Any:
        with unrecorded():
            return self._inverse(value)

    def _inverse(self, given: Any) -> Any:
        if given.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {given.shape}."
            )
        transposed = given.shape[-2] < given.shape[-1]
        q = given.mT if transposed else given
        size, width = q.shape[-2:]
        if hasattr(self, "base"):
            if size == width:
                q = q.clone() if _is_orthogonal(q) else _make_orthogonal(q)
            else:
                rest = fn.randn(*q.shape[:-2], size, size - width, dtype=q.dtype, device=q.device)
                q = _make_orthogonal(fn.cat([q, rest], dim=-1))
            self.base = q
            negative = fn.zeros_like(given)
            negative.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
            return negative
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                "use_trivialization=False."
            )
        a, tau = fn.geqrf(q)
        a = a.clone()
        diagonal = a.diagonal(dim1=-2, dim2=-1)
        signs = diagonal.sign()
        diagonal.copy_(fn.where(tau == 0.0, -signs, signs))
        return a.mT if transposed else a


def orthogonal(
    module: Any, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Any:
    """Keep a matrix, or batch of matrices, orthogonal. Returns the module.

    orthogonal_map: "matrix_exp" (default of square ones), "cayley" or "householder". use_trivialization: relative to a
    fixed base, so that any orthogonal value can be assigned.
    """
    weight = _tensor_of(module, name)
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1]
        orthogonal_map = "matrix_exp" if square or weight.is_complex() else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    orth = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    parametrize.register_parametrization(module, name, orth, unsafe=True)
    return module


# ---- weight norm -----------------------------------------------------------------------------------------------------


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        return normed(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Train a weight as length (`original0`) and direction (`original1`), separately for each index of `dim`."""
    parametrize.register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def from_older_form(state_dict: Any, prefix: str, *_: Any) -> None:
        old = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
        if all(key in state_dict for key in old):
            for i, key in enumerate(old):
                state_dict[f"{prefix}parametrizations.{name}.original{i}"] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(from_older_form)
    return module


# ---- spectral norm ---------------------------------------------------------------------------------------------------


class _SpectralNorm(Module):
    _u: Any
    _v: Any

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        dims = weight.ndim
        if not -dims <= dim < dims:
            raise IndexError(f"Dimension out of range (expected to be in range of [-{dims}, {dims - 1}] but got {dim})")
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % dims
        self.eps = eps
        if dims > 1:
            self.n_power_iterations = n_power_iterations
            with unrecorded():
                matrix = self._reshape_weight_to_matrix(weight)
                height, width = matrix.shape
                u = matrix.new_empty(height).normal_(0, 1)
                v = matrix.new_empty(width).normal_(0, 1)
                self.register_buffer("_u", F.normalize(u, dim=0, eps=eps))
                self.register_buffer("_v", F.normalize(v, dim=0, eps=eps))
            self._power_method(matrix, 15)

    def _reshape_weight_to_matrix(self, weight: Any) -> Any:
        if self.dim != 0:
            weight = weight.permute(self.dim, *(d for d in range(weight.ndim) if d != self.dim))
        return weight.flatten(1)

    def _power_method(self, matrix: Any, n_power_iterations: int) -> None:
        with unrecorded():
            for _ in range(n_power_iterations):
                self._u.copy_(F.normalize(fn.mv(matrix, self._v), dim=0, eps=self.eps))
                self._v.copy_(F.normalize(fn.mv(matrix.mH, self._u), dim=0, eps=self.eps))

    def forward(self, weight: Any) -> Any:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = self._reshape_weight_to_matrix(weight)
        if self.training:
            self._power_method(matrix, self.n_power_iterations)
        # the next call overwrites them, perhaps before this one's backward pass
        u, v = self._u.clone(), self._v.clone()
        return weight / fn.vdot(u, fn.mv(matrix, v))

    def right_inverse(self, value: Any) -> Any:
        # what is trained may have any norm
        return value


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a weight by its largest singular value, found by power iteration. Returns the module."""
    weight = _tensor_of(module, name)
    norm = _SpectralNorm(weight, n_power_iterations, usual_dim(module) if dim is None else dim, eps)
    parametrize.register_parametrization(module, name, norm)
    return module


for _class in (_Orthogonal, _WeightNorm, _SpectralNorm):
    _class.__module__ = "torch.nn.utils.parametrizations"
