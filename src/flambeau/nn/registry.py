"""A module's parameters, buffers and submodules: dicts that keep the module's attributes equal to what they hold.

PyTorch looks `module.weight` up in `module._parameters` by `__getattr__`, which Python calls after its own search
failed: 360 ns in Python 3.11, against 18 ns for an attribute that stands in the instance's `__dict__`. A training step
of a small network looks up dozens. So each entry stands there too. The registry is the truth: every way of changing it
(`module._parameters["weight"] = p`, `pop`, `update`, `clear`, …) changes the attribute with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import ref

# `Module.__getattr__`, which a class may override to see every look at a parameter, buffer or submodule
LOOK_UP: list[Callable] = []


def stands_alone(kind: type, name: str) -> bool:
    """Whether an instance of a class may have an entry as its own attribute.

    Not where the class defines that name, which is found before what is registered, as in PyTorch; nor where it looks
    attributes up in its own way, which Python asks only for those that the instance lacks.
    """
    return kind.__getattr__ is LOOK_UP[0] and not hasattr(kind, name)  # type: ignore[attr-defined]


class Registry(dict):
    """A dict whose entries are attributes of its owners, which it knows weakly: modules form no reference cycles.

    There are several owners after `copy.copy(module)`, which shares the dict, as in PyTorch.
    """

    __slots__ = ("owners",)

    def __init__(self, content: Any = (), owners: tuple = ()) -> None:
        dict.__init__(self, content)
        self.owners = owners

    def show(self, owner: Any) -> None:
        """Make every entry an attribute of `owner`."""
        attributes, kind = owner.__dict__, type(owner)
        for name, value in self.items():
            if stands_alone(kind, name):
                attributes[name] = value

    def hide(self, owner: Any) -> None:
        """Take the attributes away again."""
        attributes = owner.__dict__
        for name, value in self.items():
            if name in attributes and attributes[name] is value:
                del attributes[name]

    def __setitem__(self, name: str, value: Any) -> None:
        dict.__setitem__(self, name, value)
        for reference in self.owners:
            owner = reference()
            if owner is not None and stands_alone(type(owner), name):
                owner.__dict__[name] = value

    def __delitem__(self, name: str) -> None:
        value = self[name]
        dict.__delitem__(self, name)
        for reference in self.owners:
            owner = reference()
            if owner is not None and owner.__dict__.get(name, self) is value:
                del owner.__dict__[name]

    def pop(self, name: str, *default: Any) -> Any:
        if name not in self:
            return dict.pop(self, name, *default)
        value = self[name]
        del self[name]
        return value

    def popitem(self) -> tuple[str, Any]:
        if not self:
            return dict.popitem(self)
        name = next(reversed(self))
        return name, self.pop(name)

    def clear(self) -> None:
        for name in list(self):
            del self[name]

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def __ior__(self, other: Any) -> Registry:  # type: ignore[override, misc]
        self.update(other)
        return self

    def copy(self) -> dict:
        """A plain dict: a copy belongs to no module."""
        return dict(self)

    def __reduce__(self) -> tuple:
        # in a pickle an OrderedDict, which `torch.load` takes without being told to trust it, unlike `dict` by its name
        return OrderedDict, (), None, None, iter(self.items())

    def __reduce_ex__(self, protocol: Any) -> tuple:
        return self.__reduce__()

    def __deepcopy__(self, memo: dict) -> dict:
        from copy import deepcopy

        return memo.setdefault(id(self), {name: deepcopy(value, memo) for name, value in self.items()})


NAMES = ("_parameters", "_buffers", "_modules")


def disown(module: Any, name: str) -> None:
    """Take a module's registry, and the attributes that it made, away from the module."""
    content = module.__dict__.get(name)
    if type(content) is Registry:
        content.hide(module)
        content.owners = tuple(reference for reference in content.owners if reference() is not module)


def own(module: Any) -> None:
    """Make the dicts of a module registries of it, after they came from elsewhere: a pickle, a copy, an assignment."""
    attributes = module.__dict__
    for name in NAMES:
        content = attributes.get(name)
        if content is None:
            continue
        if type(content) is not Registry:
            content = attributes[name] = Registry(content)
        if not any(reference() is module for reference in content.owners):
            content.owners = (*content.owners, ref(module))
        content.show(module)
