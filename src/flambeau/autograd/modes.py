"""When operations are recorded: context managers and decorators that set a mode of the running thread."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

from .. import config


class _Mode:
    """A mode that is entered and left; also a decorator of functions, generators and classes' methods."""

    name = "grad"
    value: Any = True

    def __init__(self) -> None:
        self._before: list[Any] = []

    def __enter__(self) -> Any:
        self._before.append(config.set_mode(self.name, self.value))
        return None

    def __exit__(self, *error: object) -> None:
        config.set_mode(self.name, self._before.pop())

    def clone(self) -> _Mode:
        """Another manager of the same mode."""
        return type(self)()

    def __call__(self, function: Callable) -> Callable:
        if inspect.isclass(function):
            function.__init__ = self(function.__init__)  # type: ignore[method-assign]
            return function
        if inspect.isgeneratorfunction(function):
            return self._generator(function)

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return called

    def _generator(self, function: Callable) -> Callable:
        """The mode holds while the generator runs, not while it waits."""

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                generator = function(*args, **kwargs)
            try:
                with self.clone():
                    value = generator.send(None)
                while True:
                    try:
                        sent = yield value
                    except GeneratorExit:
                        with self.clone():
                            generator.close()
                        raise
                    except BaseException as error:
                        with self.clone():
                            value = generator.throw(error)
                    else:
                        with self.clone():
                            value = generator.send(sent)
            except StopIteration as stop:
                return stop.value

        return called


class _Undecorated(_Mode):
    """A mode whose class may stand as a decorator without parentheses."""

    def __new__(cls, function: Callable | None = None) -> Any:
        made = super().__new__(cls)
        if function is None:
            return made
        made.__init__()  # type: ignore[misc]
        return made(function)

    def __init__(self, function: Callable | None = None) -> None:
        super().__init__()


class no_grad(_Undecorated):
    """Operations inside are not recorded, their results need no gradient.

    >>> x = tensor([1.], requires_grad=True)
    >>> with no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    value = False


class enable_grad(_Undecorated):
    """Operations inside are recorded, even within `no_grad`."""

    value = True


class set_grad_enabled(_Mode):
    """Record operations or not, from now on, or inside `with`, or inside a decorated function."""

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.value = bool(mode)
        self._outside = config.set_mode("grad", self.value)

    def __call__(self, function: Callable) -> Callable:
        config.set_mode("grad", self._outside)
        return super().__call__(function)

    def __enter__(self) -> None:
        config.set_mode("grad", self.value)

    def __exit__(self, *error: object) -> None:
        config.set_mode("grad", self._outside)

    def clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.value)

    def __str__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.value})"

    __repr__ = __str__


class inference_mode(_Mode):
    """Like `no_grad`, and tensors made inside can never be part of a graph."""

    name = "inference"

    def __new__(cls, mode: Any = True) -> Any:
        if isinstance(mode, bool):
            return super().__new__(cls)
        return cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.value = mode

    def clone(self) -> inference_mode:
        return inference_mode(self.value)


class detect_anomaly(_Mode):
    """Errors in the backward pass show the line of the forward pass; NaN in a gradient is an error. Slow."""

    name = "anomaly"

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__()
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        super().__enter__()
        self._before.append(config.set_mode("check_nan", self.check_nan))

    def __exit__(self, *error: object) -> None:
        config.set_mode("check_nan", self._before.pop())
        super().__exit__(*error)

    def clone(self) -> detect_anomaly:
        return detect_anomaly(self.check_nan)


class set_detect_anomaly(detect_anomaly):
    """`detect_anomaly` switched on or off from now on, or inside `with`."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        _Mode.__init__(self)
        self.check_nan = check_nan
        self.value = mode
        super().__enter__()

    def __enter__(self) -> None:
        """Entered when it was made."""

    def clone(self) -> set_detect_anomaly:
        return set_detect_anomaly(self.value, self.check_nan)


def is_grad_enabled() -> bool:
    """Whether operations are recorded now."""
    return config.grad_enabled()


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return config.modes().anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode, where it is on, looks for NaN."""
    return config.modes().check_nan


def set_anomaly_enabled(mode: bool, check_nan: bool = True) -> None:
    """Switch anomaly mode on or off from now on."""
    config.set_mode("anomaly", mode)
    config.set_mode("check_nan", check_nan)


def is_inference_mode_enabled() -> bool:
    """Whether inference mode is on."""
    return config.modes().inference


for _mode in (no_grad, enable_grad, set_grad_enabled, inference_mode):
    _mode.__module__ = "torch.autograd.grad_mode"
for _anomaly in (detect_anomaly, set_detect_anomaly):
    _anomaly.__module__ = "torch.autograd.anomaly_mode"
