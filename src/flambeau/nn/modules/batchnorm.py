"""Batch norms: each channel gets mean 0 and variance 1 over the batch, then a learnt scale and shift."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...tensor import functions as fn
from ...tensor.tensor import Parameter, Tensor
from .. import functional as F
from .. import init
from ..module import Module
from ..parameter import UninitializedBuffer, UninitializedParameter
from .lazy import LazyModuleMixin

__all__ = ("BatchNorm1d LazyBatchNorm1d BatchNorm2d LazyBatchNorm2d BatchNorm3d LazyBatchNorm3d SyncBatchNorm").split()


class _NormBase(Module):
    """What batch and instance norms share: scale and shift, and the running mean and variance."""

    # 2 has the buffer num_batches_tracked
    _version = 2
    __constants__ = ["track_running_stats", "momentum", "eps", "num_features", "affine"]
    weight: Any
    bias: Any
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            parameter = Parameter(fn.empty(num_features, device=device, dtype=dtype)) if wanted else None
            self.register_parameter(name, parameter)
        if track_running_stats:
            self.register_buffer("running_mean", fn.zeros(num_features, device=device, dtype=dtype))
            self.register_buffer("running_var", fn.ones(num_features, device=device, dtype=dtype))
            self.register_buffer("num_batches_tracked", fn.zeros((), dtype=dtypes.int64, device=device))
        else:
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                self.register_buffer(name, None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0, and forget the running statistics."""
        self.reset_running_stats()
        if self.affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def _check_input_dim(self, input: Any) -> None:
        raise NotImplementedError

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: dict[str, Any], *rest: Any, **named: Any
    ) -> None:
        version = local_metadata.get("version")
        if (version is None or version < 2) and self.track_running_stats:
            key = prefix + "num_batches_tracked"
            if key not in state_dict:
                mine = self.num_batches_tracked
                usable = mine is not None and mine.device.type != "meta"
                state_dict[key] = mine if usable else fn.zeros((), dtype=dtypes.int64)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest, **named)


def expected(input: Any, *dims: int) -> None:
    """Raise unless the input has one of some numbers of dimensions."""
    if input.ndim not in dims:
        names = " or ".join(f"{d}D" for d in dims)
        raise ValueError(f"expected {names} input (got {input.ndim}D input)")


class _BatchNorm(_NormBase):
    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        return self._normalize(input)

    def _normalize(self, input: Tensor) -> Tensor:
        tracked = self.track_running_stats
        training = self.training
        factor = 0.0 if self.momentum is None else self.momentum
        if training and tracked and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                # the plain mean of all batches
                factor = 1.0 / float(self.num_batches_tracked)
        by_batch = training or (self.running_mean is None and self.running_var is None)
        keep = tracked or not training
        return F.batch_norm(
            input,
            self.running_mean if keep else None,
            self.running_var if keep else None,
            self.weight,
            self.bias,
            by_batch,
            factor,
            self.eps,
        )


class _LazyNormBase(LazyModuleMixin, _NormBase):
    """A norm that takes `num_features` from its first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, False, False, device=device, dtype=dtype, bias=False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self.weight = UninitializedParameter(device=device, dtype=dtype)
            if bias:
                self.bias = UninitializedParameter(device=device, dtype=dtype)
        if track_running_stats:
            self.running_mean = UninitializedBuffer(device=device, dtype=dtype)
            self.running_var = UninitializedBuffer(device=device, dtype=dtype)
            self.num_batches_tracked = fn.zeros((), dtype=dtypes.int64, device=device)

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0, once their shapes are known."""
        if not self.has_uninitialized_params() and self.num_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:  # type: ignore[override]
        """Take the number of features from an input."""
        if not self.has_uninitialized_params():
            return
        self.num_features = input.shape[1]
        for tensor in (self.weight, self.bias, self.running_mean, self.running_var):
            if tensor is not None:
                tensor.materialize((self.num_features,))
        self.reset_parameters()


class _Over1d:
    def _check_input_dim(self, input: Any) -> None:
        expected(input, 2, 3)


class _Over2d:
    def _check_input_dim(self, input: Any) -> None:
        expected(input, 4)


class _Over3d:
    def _check_input_dim(self, input: Any) -> None:
        expected(input, 5)


class BatchNorm1d(_Over1d, _BatchNorm):
    """Batch norm of features (N, C) or sequences (N, C, L) (Ioffe and Szegedy 2015).

    momentum: the share of the newest batch in the running statistics, which are used in evaluation mode; None takes the
    plain mean of all batches. affine: whether scale and shift are learnt.

    >>> BatchNorm1d(1)(tensor([[1.0], [3.0]])).detach()
    tensor([[-1.0000],
            [ 1.0000]])
    """


class LazyBatchNorm1d(_Over1d, _LazyNormBase, _BatchNorm):
    """A BatchNorm1d that takes `num_features` from its first input."""

    cls_to_become = BatchNorm1d


class BatchNorm2d(_Over2d, _BatchNorm):
    """Batch norm of images (N, C, H, W): the mean and variance of each channel. See BatchNorm1d."""


class LazyBatchNorm2d(_Over2d, _LazyNormBase, _BatchNorm):
    """A BatchNorm2d that takes `num_features` from its first input."""

    cls_to_become = BatchNorm2d


class BatchNorm3d(_Over3d, _BatchNorm):
    """Batch norm of volumes (N, C, D, H, W): the mean and variance of each channel. See BatchNorm1d."""


class LazyBatchNorm3d(_Over3d, _LazyNormBase, _BatchNorm):
    """A BatchNorm3d that takes `num_features` from its first input."""

    cls_to_become = BatchNorm3d


class SyncBatchNorm(_BatchNorm):
    """Batch norm over the batches of all processes; in a single process, that of its own batch. input: (N, C, *)."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device=device, dtype=dtype, bias=bias
        )
        self.process_group = process_group

    def _check_input_dim(self, input: Any) -> None:
        if input.ndim < 2:
            raise ValueError(f"expected at least 2D input (got {input.ndim}D input)")

    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        if input.shape[1] == 0:
            raise ValueError("SyncBatchNorm number of input channels should be non-zero")
        if self.training and several_processes():
            raise ValueError("SyncBatchNorm expected input tensor to be on GPU or XPU or privateuseone")
        return self._normalize(input)

    @classmethod
    def convert_sync_batchnorm(cls, module: Any, process_group: Any = None) -> Any:
        """The module with every batch norm in it replaced by one over all processes."""
        converted = module
        if isinstance(module, _BatchNorm):
            converted = SyncBatchNorm(
                module.num_features,
                module.eps,
                module.momentum,
                module.affine,
                module.track_running_stats,
                process_group,
                bias=module.bias is not None,
            )
            for name in ("weight", "bias"):
                if module.affine:
                    setattr(converted, name, getattr(module, name))
            for name in ("running_mean", "running_var", "num_batches_tracked", "training"):
                setattr(converted, name, getattr(module, name))
        for name, child in module.named_children():
            converted.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return converted


def several_processes() -> bool:
    """Whether processes work together; `distributed` puts its answer here."""
    return False
