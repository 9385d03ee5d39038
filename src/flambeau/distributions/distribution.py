"""The base class of distributions."""

from __future__ import annotations

import warnings
from typing import Any

from .. import missing
from ..tensor.size import Size
from ..tensor.tensor import Tensor
from . import constraints
from .utils import ONE_DRAW, lazy_property, recording, size

__all__ = ["Distribution"]


class Distribution:
    """A probability distribution, or a batch of them.

    batch_shape: the shape of the parameters, one distribution for each element; event_shape: the shape of one draw.
    `sample(shape)` and `rsample(shape)` give shape + batch_shape + event_shape. With validate_args, which is the
    default
    unless Python runs optimised, parameters and values are checked against their constraints, at some cost.
    """

    has_rsample: Any = False
    has_enumerate_support: Any = False
    _validate_args = __debug__
    # What `expand` makes larger: attribute -> how many of its last dims belong to the event (of a distribution: to what
    # stays of its batch); None for what is shared as it is.
    _state: dict[str, int | None]

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions check their arguments if they are not told."""
        if value not in [True, False]:
            raise ValueError
        Distribution._validate_args = value

    def __init__(
        self,
        batch_shape: Size = ONE_DRAW,
        event_shape: Size = ONE_DRAW,
        validate_args: bool | None = None,
    ) -> None:
        self._batch_shape = batch_shape
        self._event_shape = event_shape
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_parameters()
        super().__init__()

    def _check_parameters(self) -> None:
        try:
            wanted = self.arg_constraints
        except NotImplementedError:
            warnings.warn(
                f"{_shown(self)} does not define `arg_constraints`. Please set `arg_constraints = {{}}` or initialize "
                "the distribution with `validate_args=False` to turn off validation.",
                stacklevel=4,
            )
            return
        for name, constraint in wanted.items():
            if constraints.is_dependent(constraint):
                continue
            if name not in self.__dict__ and isinstance(getattr(type(self), name), lazy_property):
                # nobody has asked for it; it is made from parameters that are checked
                continue
            value = getattr(self, name)
            if not constraint.check(value).all():
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution "
                    f"{self!r} to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
                )

    # ---- larger batches ----------------------------------------------------------------------------------------------

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distributions repeated to a larger batch, without copies of the parameters.

        Classes with an `__init__` of their own override this; `_instance` is the new object that they have prepared.
        """
        owner: Any = next((c for c in type(self).__mro__ if "_state" in c.__dict__), None)
        if owner is None:
            raise NotImplementedError
        return self._expand_into(self._get_checked_instance(owner, _instance), owner._state, size(batch_shape))

    def _expand_into(self, new: Any, state: dict[str, int | None], batch_shape: Size) -> Any:
        """Give `new` the attributes of `state`, repeated to a larger batch."""
        for name, kept in state.items():
            if name in self.__dict__:
                new.__dict__[name] = _expanded(self.__dict__[name], batch_shape, kept)
        Distribution.__init__(new, batch_shape, self._event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        """A new object of this type to be filled, unless there is one. Refuses types that `cls` knows too little of."""
        if _instance is None and type(self).__init__ is not cls.__init__:  # type: ignore[misc]
            raise NotImplementedError(
                f"Subclass {self.__class__.__name__} of {cls.__name__} that defines a custom __init__ method "
                "must also define a custom .expand() method."
            )
        return self.__new__(type(self)) if _instance is None else _instance

    # ---- facts -------------------------------------------------------------------------------------------------------

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one draw from one distribution."""
        return self._event_shape

    @property
    def arg_constraints(self) -> dict[str, Any]:
        """Where the parameters may lie: name -> constraint."""
        raise NotImplementedError

    @property
    def support(self) -> Any:
        """The constraint that says where the values lie."""
        raise NotImplementedError

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The most probable value."""
        raise NotImplementedError(f"{_shown(self)} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """The variance."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()  # type: ignore[attr-defined]

    # ---- draws -------------------------------------------------------------------------------------------------------

    def sample(self, sample_shape: Any = ONE_DRAW) -> Tensor:
        """Draws without gradients, of shape sample_shape + batch_shape + event_shape."""
        with recording(False):
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ONE_DRAW) -> Tensor:
        """Draws that can be differentiated with respect to the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Tensor:
        """`sample((n,))`."""
        warnings.warn(
            "`sample_n(n)` will be deprecated. Use `sample((n,))` instead.", category=FutureWarning, stacklevel=2
        )
        return self.sample(Size((n,)))

    # ---- functions of values -----------------------------------------------------------------------------------------

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or of the probability, at a value."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of what is not above a value."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        """The inverse of `cdf`: the quantile of a probability."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values of a discrete distribution along a new first dim; expand: repeated for the whole batch."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The entropy in nats, of shape batch_shape."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """The exponential of the entropy."""
        return self.entropy().exp()  # type: ignore[attr-defined]

    # ---- for subclasses ----------------------------------------------------------------------------------------------

    def _extended_shape(self, sample_shape: Any = ONE_DRAW) -> Size:
        """The shape of `sample(sample_shape)`."""
        return Size((*tuple(sample_shape), *self._batch_shape, *self._event_shape))

    def _check_value(self, value: Any) -> None:
        """Validate a value, if values are validated."""
        if self._validate_args:
            self._validate_sample(value)

    def _validate_sample(self, value: Any) -> None:
        """Raise ValueError for a value whose shape or whose elements do not fit."""
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        shape = value.size()  # type: ignore[attr-defined]
        if shape[len(shape) - len(self._event_shape) :] != self._event_shape:
            raise ValueError(f"The right-most size of value must match event_shape: {shape} vs {self._event_shape}.")
        expected = Size((*self._batch_shape, *self._event_shape))
        if any(i != j and 1 not in (i, j) for i, j in zip(reversed(shape), reversed(expected), strict=False)):
            raise ValueError(f"Value is not broadcastable with batch_shape+event_shape: {shape} vs {expected}.")
        try:
            support = self.support
        except NotImplementedError:
            warnings.warn(
                f"{_shown(self)} does not define `support` to enable sample validation. Please initialize the "
                "distribution with `validate_args=False` to turn off validation.",
                stacklevel=2,
            )
            return
        if support is None:
            raise AssertionError("support is unexpectedly None")
        if not support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(shape)}) to be within the support "
                f"({support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        # a distribution that is a module too may hold some as buffers
        own = self.__dict__.keys() - self.__dict__.get("_buffers", {}).keys()
        given = {name: self.__dict__[name] for name in self.arg_constraints if name in own}
        inner = (f"{name}: {value if value.numel() == 1 else value.size()}" for name, value in given.items())
        return f"{self.__class__.__name__}({', '.join(inner)})"


def _expanded(value: Any, batch_shape: Size, kept: int | None) -> Any:
    if kept is None:
        return value
    shape = value.batch_shape if isinstance(value, Distribution) else value.shape
    return value.expand(Size((*batch_shape, *shape[len(shape) - kept :])))


def _shown(distribution: Distribution) -> str:
    """The class as messages name it."""
    kind = type(distribution)
    return f"<class '{missing.shown(kind.__module__)}.{kind.__qualname__}'>"
