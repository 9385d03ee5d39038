"""The multivariate normal distribution."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from ..tensor.functions.decompositions import linalg_cholesky
from ..tensor.functions.solvers import linalg_solve_triangular
from ..tensor.size import Size
from . import constraints
from .distribution import Distribution
from .utils import ONE_DRAW, lazy_property, normal_as

__all__ = ["MultivariateNormal"]


def _batch_mv(matrix, vector):
    """Products of matrices (*, n, m) and vectors (*, m)."""
    return fn.matmul(matrix, vector.unsqueeze(-1)).squeeze(-1)


def _batch_mahalanobis(factor, x):
    """`x @ inverse(factor @ factor.mT) @ x` for lower triangular factors (*, n, n) and vectors (**, n).

    Dims that only the vectors have become columns of one system for each factor.
    """
    extra = max(x.dim() + 1 - factor.dim(), 0)
    columns = x.reshape((-1, *x.shape[extra:])).movedim(0, -1)
    squares = linalg_solve_triangular(factor, columns, upper=False).pow(2).sum(-2)
    return squares.movedim(-1, 0).reshape((*x.shape[:extra], *squares.shape[:-1]))


def _log_diagonal(factor):
    """Half the log determinant of `factor @ factor.mT`."""
    return factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def _precision_to_scale_tril(precision):
    """The Cholesky factor of the inverse: backwards, the factor of a matrix is that of its inverse, inverted."""
    backwards = linalg_cholesky(fn.flip(precision, (-2, -1)))
    inverse = fn.flip(backwards, (-2, -1)).mT
    identity = fn.eye(precision.shape[-1], dtype=precision.dtype, device=precision.device)
    return linalg_solve_triangular(inverse, identity, upper=False)


def factor_of(name, matrix):
    """The Cholesky factor of the covariance that is given as `name`."""
    if name == "scale_tril":
        return matrix
    return linalg_cholesky(matrix) if name == "covariance_matrix" else _precision_to_scale_tril(matrix)


class MultivariateNormal(Distribution):
    """Normal vectors of mean `loc`.

    Of `covariance_matrix`, its inverse `precision_matrix` and its Cholesky factor `scale_tril` one must be given.

    >>> MultivariateNormal(tensor([0.0, 0.0]), tensor([[1.0, 0.0], [0.0, 1.0]])).log_prob(tensor([0.0, 0.0]))
    tensor(-1.8379)
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True
    _state = {
        "loc": 1,
        "covariance_matrix": 2,
        "precision_matrix": 2,
        "scale_tril": 2,
        "_unbroadcasted_scale_tril": None,
    }

    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        matrices = {
            "scale_tril": scale_tril,
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
        }
        given = [(name, matrix) for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        ((name, matrix),) = given
        if matrix.dim() < 2:
            called = "scale_tril matrix" if name == "scale_tril" else name
            raise ValueError(f"{called} must be at least two-dimensional, with optional leading batch dimensions")
        batch_shape = Size(fn.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1]))
        setattr(self, name, matrix.expand((*batch_shape, -1, -1)))
        self.loc = loc.expand((*batch_shape, -1))
        super().__init__(batch_shape, self.loc.shape[-1:], validate_args=validate_args)
        self._unbroadcasted_scale_tril = factor_of(name, matrix)

    def _for_batch(self, matrix):
        return matrix.expand((*self._batch_shape, *self._event_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self):
        return self._for_batch(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self):
        factor = self._unbroadcasted_scale_tril
        return self._for_batch(fn.matmul(factor, factor.mT))

    @lazy_property
    def precision_matrix(self):
        return self._for_batch(fn.cholesky_inverse(self._unbroadcasted_scale_tril))

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        return self._unbroadcasted_scale_tril.pow(2).sum(-1).expand((*self._batch_shape, *self._event_shape))

    def rsample(self, sample_shape=ONE_DRAW):
        standard = normal_as(self._extended_shape(sample_shape), self.loc)
        return self.loc + _batch_mv(self._unbroadcasted_scale_tril, standard)

    def log_prob(self, value):
        self._check_value(value)
        distance = _batch_mahalanobis(self._unbroadcasted_scale_tril, value - self.loc)
        half_log_det = _log_diagonal(self._unbroadcasted_scale_tril)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + distance) - half_log_det

    def entropy(self):
        half_log_det = _log_diagonal(self._unbroadcasted_scale_tril)
        result = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half_log_det
        return result.expand(self._batch_shape) if self._batch_shape else result
