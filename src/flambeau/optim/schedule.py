"""LRScheduler, the base of all schedules of the learning rate, and how options of groups are read and written."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from ..tensor.tensor import Tensor
from .optimizer import Optimizer

_ORDER = "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
EPOCH_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed "
    "form is used instead of the new chainable form, where available. Please open an issue if you are unable to "
    "replicate your use case: https://github.com/pytorch/pytorch/issues/new/choose."
)


def copied(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def option_of_groups(optimizer: Optimizer, name: str) -> list[Any]:
    """One option of each group."""
    return [copied(group[name]) for group in optimizer.param_groups]


def set_option(group: dict[str, Any], name: str, value: Any) -> None:
    """Change an option of a group; a tensor in place, since others may hold it."""
    if isinstance(group[name], Tensor):
        group[name].fill_(value.squeeze() if isinstance(value, Tensor) and value.ndim else value)
    else:
        group[name] = value


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """One value for each group: the same one, or those of a list. Raises ValueError for a list of another length."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        value = [value] * count
    elif len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, param_groups "
            f"has {count}."
        )
    return [copied(v) for v in value]


def check_optimizer(optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


class _During:
    """A block in which a flag of a scheduler is set."""

    def __init__(self, scheduler: LRScheduler, flag: str) -> None:
        self.scheduler = scheduler
        self.flag = flag

    def __enter__(self) -> None:
        setattr(self.scheduler, self.flag, True)

    def __exit__(self, *error: object) -> None:
        setattr(self.scheduler, self.flag, False)


class LRScheduler:
    """Base of schedules: `step`, once after each epoch, gives each group of the optimizer a new learning rate.

    A subclass defines `get_lr`, the new rates from the present ones (`group["lr"]`), from those at the start
    (`base_lrs`) and from the number of the epoch (`last_epoch`); and perhaps `_get_closed_form_lr`, the same from the
    start and the epoch alone. last_epoch: the epoch to go on from; -1 starts anew.
    """

    _get_lr_called_within_step = False
    _is_initial = False
    _last_lr: list[Any]
    last_epoch: int

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        if last_epoch == -1:
            for group in optimizer.param_groups:
                group.setdefault("initial_lr", copied(group["lr"]))
        for i, group in enumerate(optimizer.param_groups):
            if "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with last_epoch "
                    ">= 0.\nThis typically happens when:\n1. You're trying to resume training from a checkpoint but "
                    "haven't properly loaded the optimizer state\n2. You're using last_epoch >= 0 for a fresh training "
                    "run (not recommended)"
                )
        self.base_lrs = option_of_groups(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        watch_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        with _During(self, "_is_initial"):
            self.step()

    def state_dict(self) -> dict[str, Any]:
        """All attributes but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned, here or in PyTorch."""
        self.__dict__.update(state_dict)

    def get_last_lr(self) -> list[Any]:
        """The learning rates that the last `step` set."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The learning rates of the epoch `last_epoch`."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Set the learning rates of the next epoch."""
        if self._step_count == 1:
            warn_of_order(self.optimizer)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        with _During(self, "_get_lr_called_within_step"):
            if epoch is None:
                self.last_epoch += 1
                rates = self.get_lr()
            else:
                self.last_epoch = epoch
                rates = getattr(self, "_get_closed_form_lr", self.get_lr)()
        self._set(rates)

    def _set(self, rates: Sequence[Any]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            set_option(group, "lr", lr)
        self._last_lr = option_of_groups(self.optimizer, "lr")

    # what the schedules of the other files are written in

    def _unchanged(self) -> list[Any]:
        return option_of_groups(self.optimizer, "lr")

    def _times(self, factor: Any) -> list[Any]:
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=3,
            )


class _LRScheduler(LRScheduler):
    """The former name of LRScheduler."""


def watch_steps(optimizer: Optimizer) -> None:
    """From now on, notice whether `optimizer.step` was called, and whether it was replaced."""
    if "_watched_step" not in optimizer.__dict__:
        optimizer.__dict__["_watched_step"] = getattr(optimizer.step, "__func__", optimizer.step)
        optimizer._opt_called = False


def warn_of_order(optimizer: Optimizer) -> None:
    """Warn where the schedule moves on before the optimizer did."""
    step = getattr(optimizer.step, "__func__", optimizer.step)
    if optimizer.__dict__.get("_watched_step") is not step:
        warnings.warn(
            "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, "
            f"make sure to call `optimizer.step()` before `lr_scheduler.step()`. {_ORDER}",
            UserWarning,
            stacklevel=3,
        )
    elif not optimizer._opt_called:
        warnings.warn(
            "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should "
            "call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this "
            f"will result in PyTorch skipping the first value of the learning rate schedule. {_ORDER}",
            UserWarning,
            stacklevel=3,
        )


# ---- state of what is not plain data ---------------------------------------------------------------------------------


def function_state(function: Any) -> Any:
    """What a state keeps of a function: the attributes of a callable object, nothing of a plain function."""
    return None if type(function) is type(function_state) else function.__dict__.copy()


def load_function_state(function: Any, state: Any) -> None:
    if state is not None:
        function.__dict__.update(state)
