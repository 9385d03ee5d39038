"""Data pipes: datasets that are chained by methods, `pipe.map(f).shuffle().batch(8)`.

PyTorch no longer develops them; here are the classes, and in `pipe_steps` the steps that programs used most. A step is
a class that `functional_datapipe("map")` makes a method of all pipes. A pipe has one valid iterator at a time.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sized
from typing import Any, get_args, get_origin, get_type_hints

from .dataset import Dataset, IterableDataset, T


class DataChunk(list):
    """A batch of a pipe: a list that remembers what it was made of."""

    def __init__(self, items: Any) -> None:
        super().__init__(items)
        self.items = list(self)

    def as_str(self, indent: str = "") -> str:
        return indent + "[" + ", ".join(map(str, self)) + "]"

    def raw_iterator(self) -> Iterator[Any]:
        return iter(self.items)


class _Steps:
    """What both kinds of pipes share: steps as methods."""

    functions: dict[str, Callable]
    # the module `pipe_graph`, for loaders, which need it where there are pipes only
    _pipe_graph: Any = None

    def __getattr__(self, attribute_name: str) -> Any:
        step = type(self).functions.get(attribute_name)
        if step is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{attribute_name}")
        return functools.partial(step, self)

    @classmethod
    def register_function(cls, function_name: str, function: Callable) -> None:
        """Make a function of pipes a method."""
        cls.functions[function_name] = function

    @classmethod
    def register_datapipe_as_function(cls, function_name: str, cls_to_register: Any, *options: Any) -> None:
        """Make a class of pipes, whose first argument is a pipe, a method. Raises where the name is taken."""
        if function_name in cls.functions:
            raise Exception(f"Unable to add DataPipe function name {function_name} as it is already taken")
        cls.functions[function_name] = cls_to_register

    def __repr__(self) -> str:
        return type(self).__qualname__

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.functions]

    def _length(self, source: Any) -> int:
        if isinstance(source, Sized):
            return len(source)
        raise TypeError(f"{type(self).__name__} instance doesn't have valid length")


class IterDataPipe(_Steps, IterableDataset[T]):
    """A pipe that is read in order. A subclass defines `__iter__`, and `reset` if it keeps anything of a pass.

    >>> from torch.utils.data.datapipes.iter import IterableWrapper
    >>> list(IterableWrapper(range(5)).zip(IterableWrapper("abcde")).batch(2))
    [[(0, 'a'), (1, 'b')], [(2, 'c'), (3, 'd')], [(4, 'e')]]
    """

    functions: dict[str, Callable] = {}
    _valid_iterator_id: int | None = None
    _number_of_samples_yielded = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__iter__" in cls.__dict__:
            cls.__iter__ = _one_at_a_time(cls.__dict__["__iter__"])  # type: ignore[method-assign]

    def __iter__(self) -> Iterator[T]:
        return self  # type: ignore[return-value]

    def reset(self) -> None:
        """Go back to the beginning, before each pass. By default nothing is to do."""

    def _begin(self) -> int:
        """Start a pass; its number makes the iterators of earlier ones invalid."""
        self._valid_iterator_id = 0 if self._valid_iterator_id is None else self._valid_iterator_id + 1
        self.reset()
        return self._valid_iterator_id

    def _check(self, number: int) -> None:
        if self._valid_iterator_id != number:
            names = [n for n in sorted(inspect.signature(type(self)).parameters) if n in self.__dict__]
            values = ((n, self.__dict__[n]) for n in names)
            given = ", ".join(f"{n}={v.__name__ if inspect.isfunction(v) else repr(v)}" for n, v in values)
            raise RuntimeError(
                "This iterator has been invalidated because another iterator has been created from the same "
                f"IterDataPipe: {type(self).__name__}({given})\n"
                "  Two passes at a time need two pipes: `.fork(2)` makes them of one."
            )


class DFIterDataPipe(IterDataPipe):
    """A pipe of tables."""

    def _is_dfpipe(self) -> bool:
        return True


class MapDataPipe(_Steps, Dataset[T]):
    """A pipe that is read by index. A subclass defines `__getitem__` and `__len__`."""

    functions: dict[str, Callable] = {}


def _one_at_a_time(method: Callable) -> Callable:
    """An `__iter__` whose iterators end each other. A generator's pass begins with its first sample."""

    def read(pipe: IterDataPipe, source: Iterator[Any], number: int | None) -> Iterator[Any]:
        number = pipe._begin() if number is None else number
        while True:
            pipe._check(number)
            try:
                sample = next(source)
            except StopIteration:
                return
            pipe._number_of_samples_yielded += 1
            yield sample

    lazy = inspect.isgeneratorfunction(method)

    @functools.wraps(method)
    def iterate(self: IterDataPipe) -> Iterator[Any]:
        source = method(self)
        return read(self, source, None if lazy else self._begin())

    return iterate


# ---- decorators ------------------------------------------------------------------------------------------------------


class functional_datapipe:
    """Decorates a class of pipes: it becomes a method of that name."""

    def __init__(self, name: str, enable_df_api_tracing: bool = False) -> None:
        self.name = name

    def __call__(self, cls: Any) -> Any:
        of_pipes = cls if isinstance(cls, type) else getattr(cls, "__self__", cls).cls
        home = IterDataPipe if issubclass(of_pipes, IterDataPipe) else MapDataPipe
        home.register_datapipe_as_function(self.name, cls)
        return cls


class _Switch:
    """Sets a flag when it is made; a `with` block sets it back at its end."""

    on = False

    def __init__(self) -> None:
        self.before = type(self).on
        type(self).on = True

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        type(self).on = self.before


class guaranteed_datapipes_determinism(_Switch):
    """From here on, or in a block, pipes whose results differ from run to run are refused."""


class runtime_validation_disabled(_Switch):
    """From here on, or in a block, `runtime_validation` checks nothing."""


class non_deterministic:
    """Marks a class of pipes whose results differ from run to run: all, or those for which a function says so."""

    cls: Any = None

    def __init__(self, arg: Any) -> None:
        if isinstance(arg, type):
            if not issubclass(arg, IterDataPipe):
                raise TypeError(
                    f"Only `IterDataPipe` can be decorated with `non_deterministic`, but {arg.__name__} is found"
                )
            self.cls = arg
        elif not callable(arg):
            raise TypeError(f"{arg} can not be decorated by non_deterministic")
        self.deterministic_fn = arg

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.cls is not None:
            return self._make(True, "", args, kwargs)
        if not isinstance(args[0], type) or not issubclass(args[0], IterDataPipe):
            raise TypeError(f"Only `IterDataPipe` can be decorated, but {args[0].__name__} is found")
        self.cls = args[0]
        return self.deterministic_wrapper_fn

    def deterministic_wrapper_fn(self, *args: Any, **kwargs: Any) -> Any:
        """A pipe of the class, after the function was asked about the arguments."""
        return self._make(self.deterministic_fn(*args, **kwargs), " with the inputs", args, kwargs)

    def _make(self, varies: bool, when: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        if varies and guaranteed_datapipes_determinism.on:
            raise TypeError(
                f"{self.cls.__name__} is non-deterministic{when}, but you set 'guaranteed_datapipes_determinism'. You "
                "can turn off determinism for this DataPipe if that is acceptable for your application"
            )
        return self.cls(*args, **kwargs)


def argument_validation(f: Callable) -> Callable:
    """Check that arguments annotated as pipes are pipes. The decorated function raises TypeError."""
    signature, hints = inspect.signature(f), get_type_hints(f)

    @functools.wraps(f)
    def checked(*args: Any, **kwargs: Any) -> Any:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            hint = get_origin(hints.get(name)) or hints.get(name)
            if isinstance(hint, type) and issubclass(hint, IterDataPipe) and not isinstance(value, IterDataPipe):
                raise TypeError(f"Expected argument '{name}' as a IterDataPipe, but found {type(value)}")
        return f(*args, **kwargs)

    return checked


def runtime_validation(f: Callable) -> Callable:
    """Check what an `__iter__` gives against the type of the pipe: `int` for a subclass of `IterDataPipe[int]`."""
    if f.__name__ != "__iter__":
        raise TypeError(f"Can not decorate function {f.__name__} with 'runtime_validation'")

    @functools.wraps(f)
    def checked(self: Any) -> Iterator[Any]:
        hint = next((get_args(b)[0] for b in getattr(type(self), "__orig_bases__", ()) if get_args(b)), None)
        wanted = get_origin(hint) or hint
        for sample in f(self):
            if isinstance(wanted, type) and not runtime_validation_disabled.on and not isinstance(sample, wanted):
                name = getattr(wanted, "__name__", hint) if wanted is hint else hint
                raise RuntimeError(f"Expected an instance as subtype of {name}, but found {sample}({type(sample)})")
            yield sample

    return checked
