"""The Wishart distribution."""

from __future__ import annotations

import math
import warnings

from ..tensor import functions as fn
from ..tensor.functions.solvers import linalg_slogdet
from ..tensor.size import Size
from ..tensor.tensor import Tensor
from . import constraints
from .chi2 import Chi2
from .exp_family import ExponentialFamily
from .multivariate_normal import _log_diagonal, factor_of
from .utils import NUMBERS, ONE_DRAW, finfo, lazy_property, size

__all__ = ["Wishart"]

_LOG_2 = math.log(2)


def _mvdigamma(x: Tensor, p: int) -> Tensor:
    """The multivariate digamma function: a sum of digamma at x, x - 1/2, …, x - (p - 1) / 2."""
    if not x.gt((p - 1) / 2).all():
        raise AssertionError("Wrong domain for multivariate digamma function.")
    steps = fn.arange(p, dtype=x.dtype, device=x.device).div(2)
    return (x.unsqueeze(-1) - steps).digamma().sum(-1)


class Wishart(ExponentialFamily):
    """Scatter matrices `X.mT @ X` of `df` normal vectors of mean 0, whose covariance is given in one of three ways.

    >>> Wishart(tensor(2.0), covariance_matrix=tensor([[1.0, 0.0], [0.0, 1.0]])).mean
    tensor([[2., 0.],
            [0., 2.]])
    """

    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0
    _state = {
        "df": 0,
        "covariance_matrix": 2,
        "precision_matrix": 2,
        "scale_tril": 2,
        "_unbroadcasted_scale_tril": 2,
        "_dist_chi2": 1,
    }

    def __init__(self, df, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        matrices = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = [(name, matrix) for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise AssertionError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        ((name, matrix),) = given
        if matrix.dim() < 2:
            raise ValueError("scale_tril must be at least two-dimensional, with optional leading batch dimensions")
        if isinstance(df, NUMBERS):
            batch_shape = Size(matrix.shape[:-2])
            self.df = fn.tensor(df, dtype=matrix.dtype, device=matrix.device)
        else:
            batch_shape = Size(fn.broadcast_shapes(matrix.shape[:-2], df.shape))
            self.df = df.expand(batch_shape)
        event_shape = matrix.shape[-2:]
        n = event_shape[-1]
        if self.df.le(n - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {n - 1}.")
        setattr(self, name, matrix.expand((*batch_shape, -1, -1)))
        if self.df.lt(n).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.",
                stacklevel=2,
            )
        super().__init__(batch_shape, event_shape, validate_args=validate_args)
        self._unbroadcasted_scale_tril = factor_of(name, matrix)
        freedoms = self.df.unsqueeze(-1) - fn.arange(n, dtype=matrix.dtype, device=matrix.device)
        self._dist_chi2 = Chi2(freedoms.expand((*batch_shape, n)))

    @property
    def arg_constraints(self):
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def _for_batch(self, matrix):
        return matrix.expand((*self._batch_shape, *self._event_shape))

    @lazy_property
    def scale_tril(self):
        return self._for_batch(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self):
        factor = self._unbroadcasted_scale_tril
        return self._for_batch(factor @ factor.mT)

    @lazy_property
    def precision_matrix(self):
        factor = self._unbroadcasted_scale_tril
        identity = fn.eye(self._event_shape[-1], dtype=factor.dtype, device=factor.device)
        return self._for_batch(fn.cholesky_solve(identity, factor))

    def _over_matrix(self, x):
        return x.view((*self._batch_shape, 1, 1))

    @property
    def mean(self):
        return self._over_matrix(self.df) * self.covariance_matrix

    @property
    def mode(self):
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        return self._over_matrix(factor.masked_fill(factor <= 0, math.nan)) * self.covariance_matrix

    @property
    def variance(self):
        V = self.covariance_matrix
        diagonal = V.diagonal(dim1=-2, dim2=-1)
        return self._over_matrix(self.df) * (V.pow(2) + diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2))

    # ---- draws -------------------------------------------------------------------------------------------------------

    def _bartlett_sampling(self, sample_shape=ONE_DRAW):
        """Bartlett's decomposition: chi numbers on the diagonal, normal ones below it."""
        p = self._event_shape[-1]
        chi = self._dist_chi2.rsample(sample_shape).sqrt()
        noise = chi.clamp(min=finfo(chi).eps).diag_embed(dim1=-2, dim2=-1)
        i, j = fn.tril_indices(p, p, offset=-1)
        below = (*sample_shape, *self._batch_shape, p * (p - 1) // 2)
        noise[..., i, j] = fn.randn(below, dtype=noise.dtype, device=noise.device)
        factor = self._unbroadcasted_scale_tril @ noise
        return factor @ factor.mT

    def _any_of_batch(self, flags):
        """One bool for each element of sample_shape."""
        return flags.reshape((*flags.shape[: flags.dim() - len(self._batch_shape)], -1)).any(-1)

    def rsample(self, sample_shape=ONE_DRAW, max_try_correction=None):
        sample_shape = size(sample_shape)
        sample = self._bartlett_sampling(sample_shape)
        # PyTorch draws the regular samples a second time, and warns; the same stream needs the same here
        again = self._any_of_batch(self.support.check(sample))
        if not again.any():
            return sample
        warnings.warn("Singular sample detected.", stacklevel=2)
        for _ in range(10 if max_try_correction is None else max_try_correction):
            fresh = self._bartlett_sampling(again[again].shape)
            sample[again] = fresh
            again[again.clone()] = self._any_of_batch(~self.support.check(fresh))
            if not again.any():
                break
        return sample

    # ---- values ------------------------------------------------------------------------------------------------------

    def _log_scale(self):
        """Half the log determinant of twice the covariance."""
        return self._event_shape[-1] * _LOG_2 / 2 + _log_diagonal(self._unbroadcasted_scale_tril)

    def log_prob(self, value):
        self._check_value(value)
        nu, p = self.df, self._event_shape[-1]
        trace = fn.cholesky_solve(value, self._unbroadcasted_scale_tril).diagonal(dim1=-2, dim2=-1).sum(-1)
        log_det = linalg_slogdet(value).logabsdet
        return -nu * self._log_scale() - fn.mvlgamma(nu / 2, p=p) + (nu - p - 1) / 2 * log_det - trace / 2

    def entropy(self):
        nu, p = self.df, self._event_shape[-1]
        result = (p + 1) * self._log_scale() + fn.mvlgamma(nu / 2, p=p)
        return result - (nu - p - 1) / 2 * _mvdigamma(nu / 2, p=p) + nu * p / 2

    @property
    def _natural_params(self):
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, x, y):
        p = self._event_shape[-1]
        half_df = y + (p + 1) / 2
        return half_df * (-linalg_slogdet(-2 * x).logabsdet + _LOG_2 * p) + fn.mvlgamma(half_df, p=p)
