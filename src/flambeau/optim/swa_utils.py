"""Averages of a model's weights: stochastic weight averaging and exponential moving averages."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from .. import dtypes
from ..nn.module import Module
from ..tensor import functions as fn
from ..tensor.tensor import Tensor
from .optimizer import Optimizer, grad_mode
from .schedule import LRScheduler, for_each_group

__all__ = [
    "AveragedModel",
    "SWALR",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]


def _check_decay(decay: float) -> None:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable:
    """A function `f(averages, parameters, count)` that moves lists of averages towards the parameters, in place."""
    _check_decay(decay)

    def ema_update(averages: Any, parameters: Any, count: Any) -> None:
        with grad_mode(False):
            for mean, p in zip(averages, parameters, strict=True):
                if mean.is_floating_point() or mean.is_complex():
                    mean.lerp_(p, 1 - decay)
                else:
                    mean.copy_(mean * decay + p * (1 - decay))

    return ema_update


def get_swa_multi_avg_fn() -> Callable:
    """A function `f(means, parameters, count)` that takes parameters into lists of means of `count`, in place."""

    def swa_update(means: Any, parameters: Any, count: Any) -> None:
        with grad_mode(False):
            weight = 1 / (int(count) + 1)
            for mean, p in zip(means, parameters, strict=True):
                if mean.is_floating_point() or mean.is_complex():
                    mean.lerp_(p, weight)
                else:
                    mean.copy_(mean + (p - mean) * weight)

    return swa_update


def get_ema_avg_fn(decay: float = 0.999) -> Callable:
    """A function `f(average, parameter, count)` that returns the average, moved towards the parameter."""
    _check_decay(decay)

    def ema_update(average: Tensor, p: Tensor, count: Any) -> Tensor:
        with grad_mode(False):
            return decay * average + (1 - decay) * p

    return ema_update


def get_swa_avg_fn() -> Callable:
    """A function `f(mean, parameter, count)` that returns the mean of `count + 1`."""

    def swa_update(mean: Tensor, p: Tensor, count: Any) -> Tensor:
        with grad_mode(False):
            return mean + (p - mean) / (count + 1)

    return swa_update


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of it over the training.

    avg_fn: how one average changes, by default as in stochastic weight averaging; multi_avg_fn: how lists of them do.
    use_buffers: average the buffers too, instead of copying them.

    >>> model = torch.nn.Linear(1, 1)
    >>> average = torch.optim.swa_utils.AveragedModel(model)
    >>> average.update_parameters(model)
    >>> average.n_averaged
    tensor(1)
    """

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Callable | None = None,
        multi_avg_fn: Callable | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", fn.tensor(0, dtype=dtypes.int64, device=device))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model returns."""
        return self.module(*args, **kwargs)

    def _averaged_of(self, model: Module) -> Iterable[Tensor]:
        return chain(model.parameters(), model.buffers()) if self.use_buffers else model.parameters()

    def update_parameters(self, model: Module) -> None:
        """Take the present parameters of `model` into the averages. The first time they are copied."""
        means = [t.detach() for t in self._averaged_of(self.module)]
        present = [t.detach().to(mean.device) for t, mean in zip(self._averaged_of(model), means, strict=False)]
        with grad_mode(False):
            if not int(self.n_averaged):
                for mean, p in zip(means, present, strict=False):
                    mean.copy_(p)
            elif self.avg_fn is not None:
                for mean, p in zip(means, present, strict=False):
                    mean.copy_(self.avg_fn(mean, p, self.n_averaged.to(mean.device)))
            else:
                self._update_lists(means, present)
            if not self.use_buffers:
                for ours, theirs in zip(self.module.buffers(), model.buffers(), strict=True):
                    ours.detach().copy_(theirs.detach().to(ours.device))
            self.n_averaged += 1

    def _update_lists(self, means: list[Tensor], present: list[Tensor]) -> None:
        """Call the function of lists for each dtype and device."""
        groups: dict[Any, tuple[list[Tensor], list[Tensor]]] = defaultdict(lambda: ([], []))
        for mean, p in zip(means, present, strict=False):
            ours, theirs = groups[mean.dtype, mean.device]
            ours.append(mean)
            theirs.append(p)
        update = self.multi_avg_fn or get_swa_multi_avg_fn()
        for (_, device), (ours, theirs) in groups.items():
            update(ours, theirs, self.n_averaged.to(device))


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the statistics of all BatchNorm layers anew, from one pass over the data.

    loader: batches of inputs, or of lists and tuples that begin with the inputs.
    """
    norms = [m for m in model.modules() if _is_batch_norm(m)]
    if not norms:
        return
    momenta = [m.momentum for m in norms]
    was_training = model.training
    model.train()
    for m in norms:
        m.reset_running_stats()
        # None: the plain mean of all batches
        m.momentum = None
    with grad_mode(False):
        for batch in loader:
            batch = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(batch if device is None else batch.to(device))
    for m, momentum in zip(norms, momenta, strict=True):
        m.momentum = momentum
    model.train(was_training)


def _is_batch_norm(module: Module) -> bool:
    return any(cls.__name__ == "_BatchNorm" for cls in type(module).__mro__)


class SWALR(LRScheduler):
    """From the present learning rate to `swa_lr` in `anneal_epochs` epochs, and on with that."""

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        for lr, group in zip(for_each_group("swa_lr", optimizer, swa_lr), optimizer.param_groups, strict=True):
            group["swa_lr"] = lr
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def anneal_func(self, part: float) -> float:
        """How far the rate has gone when a part of the epochs is over."""
        return part if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * part)) / 2

    def get_lr(self) -> list[Any]:
        """The learning rates of the epoch `last_epoch`."""
        self._warn_outside_step()
        step = self._step_count - 1
        if not self.anneal_epochs:
            step = max(1, step)
        span = max(1, self.anneal_epochs)
        before = self.anneal_func(max(0, min(1, (step - 1) / span)))
        now = self.anneal_func(max(0, min(1, step / span)))
        rates = []
        for group in self.optimizer.param_groups:
            lr, goal = group["lr"], group["swa_lr"]
            # the rate at the start, from the one that the step before set
            start = goal if before == 1 else (lr - before * goal) / (1 - before)
            rates.append(goal * now + start * (1 - now))
        return rates
