"""Distributions of transformed values."""

from __future__ import annotations

from ..tensor.size import Size
from . import constraints
from .distribution import Distribution
from .independent import Independent
from .transforms import ComposeTransform, Transform
from .utils import ONE_DRAW, _sum_rightmost, recording, size

__all__ = ["TransformedDistribution"]


class TransformedDistribution(Distribution):
    """The distribution of `transforms[-1](…transforms[0](x))` for x from `base_distribution`.

    transforms: a transform, or a list of them. The density follows from their inverses and Jacobians.

    >>> TransformedDistribution(Uniform(0.0, 1.0), AffineTransform(1.0, 2.0)).cdf(tensor([2.0]))
    tensor([0.5000])
    """

    arg_constraints = {}
    _state: dict = {}

    def __init__(self, base_distribution, transforms, validate_args=None):
        if not isinstance(transforms, (Transform, list)):
            raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
        self.transforms = [transforms] if isinstance(transforms, Transform) else transforms
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ValueError("transforms must be a Transform or a list of Transforms")
        whole = ComposeTransform(self.transforms)
        dims_in, dims_out = whole.domain.event_dim, whole.codomain.event_dim
        base_shape = Size((*base_distribution.batch_shape, *base_distribution.event_shape))
        base_dims = len(base_distribution.event_shape)
        if len(base_shape) < dims_in:
            raise ValueError(
                f"base_distribution needs to have shape with size at least {dims_in}, but got {base_shape}."
            )
        shape = whole.forward_shape(base_shape)
        # parameters of the transforms may make the batch larger
        wanted = whole.inverse_shape(shape)
        if tuple(wanted) != tuple(base_shape):
            base_distribution = base_distribution.expand(wanted[: len(wanted) - base_dims])
        if dims_in > base_dims:
            base_distribution = Independent(base_distribution, dims_in - base_dims)
        self.base_dist = base_distribution
        event_dim = max(dims_out, base_dims + dims_out - dims_in)
        if len(shape) < event_dim:
            raise AssertionError(f"forward_shape length {len(shape)} must be >= event_dim {event_dim}")
        cut = len(shape) - event_dim
        super().__init__(Size(shape[:cut]), Size(shape[cut:]), validate_args=validate_args)

    def expand(self, batch_shape, _instance=None):
        owner = next(c for c in type(self).__mro__ if "_state" in c.__dict__)
        new = self._get_checked_instance(owner, _instance)
        batch_shape = size(batch_shape)
        shape = (*batch_shape, *self.event_shape)
        for transform in reversed(self.transforms):
            shape = transform.inverse_shape(shape)
        new.base_dist = self.base_dist.expand(shape[: len(shape) - len(self.base_dist.event_shape)])
        new.transforms = self.transforms
        return self._expand_into(new, owner._state, batch_shape)

    @constraints.dependent_property(is_discrete=False)
    def support(self):
        if not self.transforms:
            return self.base_dist.support
        support = self.transforms[-1].codomain
        missing = len(self.event_shape) - support.event_dim
        return constraints.independent(support, missing) if missing > 0 else support

    @property
    def has_rsample(self):
        return self.base_dist.has_rsample

    def sample(self, sample_shape=ONE_DRAW):
        with recording(False):
            return self._transformed(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape=ONE_DRAW):
        return self._transformed(self.base_dist.rsample(sample_shape))

    def _transformed(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value):
        self._check_value(value)
        dims = len(self.event_shape)
        log_prob = 0.0
        y = value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims_in = transform.domain.event_dim
            dims += dims_in - transform.codomain.event_dim
            log_prob = log_prob - _sum_rightmost(transform.log_abs_det_jacobian(x, y), dims - dims_in)
            y = x
        return log_prob + _sum_rightmost(self.base_dist.log_prob(y), dims - len(self.base_dist.event_shape))

    def _monotonize_cdf(self, value):
        """A probability, counted from the other end where the transforms are decreasing."""
        sign = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return value if isinstance(sign, int) and sign == 1 else sign * (value - 0.5) + 0.5

    def cdf(self, value):
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        if self._validate_args:
            self.base_dist._validate_sample(value)
        return self._monotonize_cdf(self.base_dist.cdf(value))

    def icdf(self, value):
        return self._transformed(self.base_dist.icdf(self._monotonize_cdf(value)))
