"""Putting members into the class Tensor: the decorators `method` and `prop`, and members that are made on first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import missing
from ..tensor import Tensor


def method(f: Callable) -> Callable:
    """Put a function into the class under its own name; `type_` stands for `type`."""
    if f.__name__ in ("type_",):
        f.__name__ = f.__name__[:-1]
    f.__module__ = "torch"
    f.__qualname__ = f"Tensor.{f.__name__}"
    setattr(Tensor, f.__name__, f)
    return f


def prop(f: Callable) -> Callable:
    """Put a function into the class as a property under its own name."""
    setattr(Tensor, f.__name__, property(f))
    return f


class LazyMethod:
    """Stands in the class for a method until it is first used."""

    __slots__ = ("name", "find")

    def __init__(self, name: str, find: Callable[[], Callable]) -> None:
        self.name = name
        self.find = find

    def __get__(self, instance: Any, owner: type) -> Any:
        function = self.find()
        setattr(Tensor, self.name, function)
        return function if instance is None else function.__get__(instance, owner)


def attach_lazily(name: str, find: Callable[[], Callable]) -> None:
    setattr(Tensor, name, LazyMethod(name, find))


class Lacking:
    """Stands in the class for a method that PyTorch has and Flambeau has not: says so when it is asked for.

    A `__getattr__` would say more, of any name; but a class that has one reads its slots three times as slowly, and
    every operation reads eight of them (0.15 µs of 0.7).
    """

    __slots__ = ("name", "there")

    def __init__(self, name: str, there: set[str]) -> None:
        self.name = name
        self.there = there

    def __get__(self, instance: Any, owner: type) -> Any:
        raise missing.missing_member(owner.__name__, "torch.Tensor", self.name, lambda: self.there)


def attach_lacking() -> None:
    """Say of every method that PyTorch has, and that is not there when all others are, that it is lacking."""
    there = set(dir(Tensor))
    for name in missing.members("torch.Tensor") - there:
        if not name.startswith("__"):
            setattr(Tensor, name, Lacking(name, there))
