"""The LKJ distribution of Cholesky factors of correlation matrices."""

from __future__ import annotations

import math

from ..tensor import functions as fn
from ..tensor.size import Size
from . import constraints
from .beta import Beta
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, finfo

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    """Factors of correlation matrices (dim, dim) of density `det**(concentration - 1)`: uniform for 1.

    Lewandowski, Kurowicka and Joe (2009), the onion method.

    >>> LKJCholesky(3, 0.5).event_shape
    torch.Size([3, 3])
    """

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky
    _state = {"dim": None, "concentration": 0, "_beta": 1}

    def __init__(self, dim, concentration=1.0, validate_args=None):
        if dim < 2:
            raise ValueError(f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.")
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        like = self.concentration
        # the squared length of a row left of the diagonal; the first row has none
        before = fn.arange(dim, dtype=like.dtype, device=like.device) - 1
        before = before.clamp(min=0)
        marginal = like + 0.5 * (dim - 2)
        self._beta = Beta(before + 0.5, marginal.unsqueeze(-1) - 0.5 * before)
        super().__init__(like.size(), Size((dim, dim)), validate_args)

    def sample(self, sample_shape=ONE_DRAW):
        squares = self._beta.sample(sample_shape).unsqueeze(-1)
        normals = fn.randn(tuple(self._extended_shape(sample_shape)), dtype=squares.dtype, device=squares.device)
        normals = normals.tril(-1)
        directions = normals / normals.norm(dim=-1, keepdim=True)
        directions[..., 0, :].fill_(0.0)
        rows = squares.sqrt() * directions
        left = (1 - (rows**2).sum(-1)).clamp(min=finfo(rows).tiny)
        return rows + left.sqrt().diag_embed()

    def log_prob(self, value):
        self._check_value(value)
        a, n = self.concentration, self.dim
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = 2 * (a - 1).unsqueeze(-1) + n - fn.arange(2, n + 1, device=a.device)
        # page 1999 of the article, for the factor in place of the matrix
        alpha = a + 0.5 * (n - 1)
        numerator = fn.mvlgamma(alpha - 0.5, n - 1)
        normalizer = 0.5 * (n - 1) * math.log(math.pi) + numerator - alpha.lgamma() * (n - 1)
        return (order * diagonal.log()).sum(-1) - normalizer
