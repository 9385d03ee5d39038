"""The multivariate normal distribution whose covariance is of low rank plus a diagonal."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from ..tensor.functions.decompositions import linalg_cholesky
from ..tensor.functions.solvers import linalg_solve_triangular
from . import constraints
from .distribution import Distribution
from .multivariate_normal import _batch_mahalanobis, _batch_mv, _log_diagonal
from .utils import ONE_DRAW, lazy_property, normal_as

__all__ = ["LowRankMultivariateNormal"]


def _factor_of_one_plus(matrix):
    """The Cholesky factor of the identity plus a matrix."""
    return linalg_cholesky(matrix + fn.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device))


def _batch_capacitance_tril(W, D):
    """The factor of `1 + W.mT @ inverse(D) @ W`, of which the covariance's inverse and determinant are made."""
    return _factor_of_one_plus(fn.matmul(W.mT / D.unsqueeze(-2), W))


def _batch_lowrank_logdet(W, D, capacitance_tril):
    """The log determinant of `W @ W.mT + D`, by the matrix determinant lemma."""
    return 2 * _log_diagonal(capacitance_tril) + D.log().sum(-1)


def _batch_lowrank_mahalanobis(W, D, x, capacitance_tril):
    """`x @ inverse(W @ W.mT + D) @ x`, by Woodbury's identity."""
    projected = _batch_mv(W.mT / D.unsqueeze(-2), x)
    return (x.pow(2) / D).sum(-1) - _batch_mahalanobis(capacitance_tril, projected)


class LowRankMultivariateNormal(Distribution):
    """Normal vectors of mean `loc` and covariance `cov_factor @ cov_factor.mT + diag(cov_diag)`.

    loc: (*, n), cov_factor: (*, n, m), cov_diag: (*, n). Work grows with n m**2 in place of n**3.

    >>> LowRankMultivariateNormal(tensor([0.0, 0.0]), tensor([[1.0], [0.0]]), tensor([1.0, 1.0])).variance
    tensor([2., 1.])
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True
    _state = {
        "loc": 1,
        "cov_diag": 1,
        "cov_factor": 2,
        "_unbroadcasted_cov_factor": None,
        "_unbroadcasted_cov_diag": None,
        "_capacitance_tril": None,
    }

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event_shape = loc.shape[-1:]
        if cov_factor.dim() < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        if cov_factor.shape[-2:-1] != event_shape:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event_shape[0]} x m")
        if cov_diag.shape[-1:] != event_shape:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event_shape}")
        try:
            columns, self.cov_factor, diagonal = fn.broadcast_tensors(
                loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1)
            )
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from error
        self.loc = columns[..., 0]
        self.cov_diag = diagonal[..., 0]
        self._unbroadcasted_cov_factor = cov_factor
        self._unbroadcasted_cov_diag = cov_diag
        self._capacitance_tril = _batch_capacitance_tril(cov_factor, cov_diag)
        super().__init__(self.loc.shape[:-1], event_shape, validate_args=validate_args)

    def _parts(self):
        return self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag

    def _for_batch(self, matrix):
        return matrix.expand((*self._batch_shape, *self._event_shape, *self._event_shape))

    def _log_det(self):
        return _batch_lowrank_logdet(*self._parts(), self._capacitance_tril)

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @lazy_property
    def variance(self):
        W, D = self._parts()
        return (W.pow(2).sum(-1) + D).expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self):
        # the root of D times the factor of 1 + V @ V.mT, where V is W over that root
        W, D = self._parts()
        root = D.sqrt().unsqueeze(-1)
        scaled = W / root
        return self._for_batch(root * _factor_of_one_plus(fn.matmul(scaled, scaled.mT)))

    @lazy_property
    def covariance_matrix(self):
        W, D = self._parts()
        return self._for_batch(fn.matmul(W, W.mT) + D.diag_embed())

    @lazy_property
    def precision_matrix(self):
        W, D = self._parts()
        A = linalg_solve_triangular(self._capacitance_tril, W.mT / D.unsqueeze(-2), upper=False)
        return self._for_batch(D.reciprocal().diag_embed() - A.mT @ A)

    def rsample(self, sample_shape=ONE_DRAW):
        W, D = self._parts()
        shape = self._extended_shape(sample_shape)
        for_factor = normal_as((*shape[:-1], *self.cov_factor.shape[-1:]), self.loc)
        for_diagonal = normal_as(shape, self.loc)
        return self.loc + _batch_mv(W, for_factor) + D.sqrt() * for_diagonal

    def log_prob(self, value):
        self._check_value(value)
        distance = _batch_lowrank_mahalanobis(*self._parts(), value - self.loc, self._capacitance_tril)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + self._log_det() + distance)

    def entropy(self):
        result = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self._log_det())
        return result.expand(self._batch_shape) if self._batch_shape else result
