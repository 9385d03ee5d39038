"""The von Mises distribution on the circle."""

from __future__ import annotations

import math

from .. import dtypes
from ..tensor import functions as fn
from ..tensor.size import Size
from . import constraints
from .distribution import Distribution
from .utils import ONE_DRAW, broadcast_all, lazy_property, rand_as, recording

__all__ = ["VonMises"]

# Abramowitz and Stegun (1964), 9.8.1 to 9.8.4: I0 and I1 / x in powers of (x / 3.75)**2, and both times
# sqrt(x) exp(-x) in powers of 3.75 / x
_SMALL = (
    (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.360768e-1, 0.45813e-2),
    (0.5, 0.87890594, 0.51498869, 0.15084934, 0.2658733e-1, 0.301532e-2, 0.32411e-3),
)
_LARGE = (
    (0.39894228, 0.1328592e-1, 0.225319e-2, -0.157565e-2, 0.916281e-2, -0.2057706e-1, 0.2635537e-1, -0.1647633e-1,
     0.392377e-2),
    (0.39894228, -0.3988024e-1, -0.362018e-2, 0.163801e-2, -0.1031555e-1, 0.2282967e-1, -0.2895312e-1, 0.1787654e-1,
     -0.420059e-2),
)  # fmt: skip


def _polynomial(y, coefficients):
    result = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        result = c + y * result
    return result


def _log_modified_bessel_fn(x, order=0):
    """The logarithm of the modified Bessel function of order 0 or 1."""
    if order not in (0, 1):
        raise AssertionError(f"order must be 0 or 1, got {order}")
    y = x / 3.75
    small = _polynomial(y * y, _SMALL[order])
    small = (x.abs() * small if order else small).log()
    large = x - 0.5 * x.log() + _polynomial(3.75 / x, _LARGE[order]).log()
    return fn.where(x < 3.75, small, large)


class VonMises(Distribution):
    """Angles about `loc`, in radians from -pi to pi; `concentration` is about the inverse of their variance.

    >>> VonMises(tensor([0.0]), tensor([1.0])).variance
    tensor([0.5536])
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real
    has_rsample = False
    _state = {"loc": 0, "concentration": 0}

    def __init__(self, loc, concentration, validate_args=None):
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, Size(), validate_args)

    def log_prob(self, value):
        self._check_value(value)
        log_prob = self.concentration * (value - self.loc).cos()
        return log_prob - math.log(2 * math.pi) - _log_modified_bessel_fn(self.concentration)

    # Draws are made in float64, so that those of a small concentration end too.

    @lazy_property
    def _loc(self):
        return self.loc.to(dtypes.float64)

    @lazy_property
    def _concentration(self):
        return self.concentration.to(dtypes.float64)

    @lazy_property
    def _proposal_r(self):
        """The parameter of the wrapped Cauchy distribution from which trials come; by a series where it is 0 / 0."""
        kappa = self._concentration
        tau = 1 + (1 + 4 * kappa**2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * kappa)
        return fn.where(kappa < 1e-5, 1 / kappa + kappa, (1 + rho**2) / (2 * rho))

    def sample(self, sample_shape=ONE_DRAW):
        shape = self._extended_shape(sample_shape)
        with recording(False):
            angles = self._rejection_sample(shape)
            return ((angles + math.pi + self._loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)

    def _rejection_sample(self, shape):
        """Best and Fisher's method (1979): all elements draw anew until each has been accepted once."""
        kappa, r = self._concentration, self._proposal_r
        angles = fn.zeros(shape, dtype=dtypes.float64, device=self.loc.device)
        done = fn.zeros(shape, dtype=dtypes.bool_, device=self.loc.device)
        while not done.all():
            u1, u2, u3 = rand_as((3, *shape), self._loc).unbind()
            z = (math.pi * u1).cos()
            f = (1 + r * z) / (r + z)
            c = kappa * (r - f)
            accepted = (c * (2 - c) - u2 > 0) | ((c / u2).log() + 1 - c >= 0)
            # a later acceptance replaces an earlier one
            angles = fn.where(accepted, (u3 - 0.5).sign() * f.acos(), angles)
            done = done | accepted
        return angles

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @lazy_property
    def variance(self):
        """The circular variance, 1 - I1 / I0."""
        k = self.concentration
        return 1 - (_log_modified_bessel_fn(k, order=1) - _log_modified_bessel_fn(k, order=0)).exp()
