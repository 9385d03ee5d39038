"""The name `torch`: while installed, `import torch` and every `import torch.x.y` give Flambeau's own modules.

    from flambeau import compat

    compat.install()          # from here on, `import torch` means Flambeau, whether PyTorch is installed or not
    with compat.install():    # the same for one block
        import torch

`torch.nn.functional` is the very module `flambeau.nn.functional`: nothing is copied, so classes and state are shared.
`torchvision` is `flambeau.vision` in the same way.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, TracebackType
from typing import Any

from . import missing

OURS = {theirs: ours for ours, theirs in missing.SHOWN_AS.items()}  # torch -> flambeau, torchvision -> flambeau.vision


def our_name(name: str) -> str | None:
    """The module of ours that answers to a dotted name: `torch.nn` -> `flambeau.nn`; None for other people's names."""
    first, dot, rest = name.partition(".")
    return None if first not in OURS else OURS[first] + dot + rest


def exists(name: str) -> bool:
    """Whether a module of ours is there to import. Imports its parents."""
    if name in sys.modules:
        return True
    parent, _, _ = name.rpartition(".")
    if not exists(parent):
        return False
    path = getattr(importlib.import_module(parent), "__path__", None)
    return path is not None and PathFinder.find_spec(name, path) is not None


def names_in(name: str) -> list[str]:
    """The names in a module of ours; none where there is no such module."""
    return dir(importlib.import_module(name)) if exists(name) else []


class AliasLoader(Loader):
    """Loads a module under a second name by putting the first into its place."""

    def __init__(self, ours: str):
        self.ours = ours

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        theirs = module.__name__
        # The import system hands out what stands in sys.modules after this call, not the empty module it made.
        sys.modules[theirs] = importlib.import_module(self.ours)
        # What the package has loaded gets its second name at once. Found one by one, each would be set as an attribute
        # of its parent again, over a function of the same name (`tensor`, `multiprocessing.spawn`).
        for name in [n for n in sys.modules if n.startswith(self.ours + ".")]:
            sys.modules[theirs + name[len(self.ours) :]] = sys.modules[name]


class TorchFinder(MetaPathFinder):
    """Finds `torch`, `torchvision` and what is below them in this package."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        ours = our_name(fullname)
        if ours is None:
            self.check_named_in_from(fullname, path)
            return None
        if not exists(ours):
            raise missing.missing_module(fullname, names_in(ours.rpartition(".")[0]))
        return ModuleSpec(fullname, AliasLoader(ours), is_package=hasattr(importlib.import_module(ours), "__path__"))

    def find_distributions(self, context: Any = None) -> Iterator[Any]:
        """The answer to `importlib.metadata.version("torch")`, with which libraries ask whether PyTorch is there."""
        asked = getattr(context, "name", None)
        for name, ours in OURS.items():
            if asked in (None, name) and exists(ours):
                # importlib.metadata takes 20 ms to import, and most programs do not ask
                yield importlib.import_module(".installation", __package__).Installation(name, ours)

    def check_named_in_from(self, fullname: str, path: Sequence[str] | None) -> None:
        """Explain `from torch.nn import Foo`: Python asks for a module `flambeau.nn.Foo` before it gives up.

        The module's own `__getattr__` cannot say it, since `from` throws away the AttributeError and its words.
        """
        home, _, name = fullname.rpartition(".")
        ours = home in sys.modules and missing.shown(home) != home and missing.shown(home) in sys.modules
        if ours and name.isidentifier() and PathFinder.find_spec(fullname, path) is None:
            raise cannot_import(home, name)


def cannot_import(home: str, name: str) -> ImportError:
    """The error of `from home import name` for a module of ours."""
    module = sys.modules[home]
    return missing.missing_import(home, name, dir(module), getattr(module, "__file__", None) or "unknown location")


def explained(error: BaseException) -> BaseException:
    """Python's own error of a failed `from torch.nn.functional import Foo` with our advice; others as they are."""
    words = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
    if type(error) is not ImportError or words is None or "\n" in str(error):
        return error
    name, home = words.groups()
    if missing.shown(home) == home or home not in sys.modules:
        return error
    return cannot_import(home, name).with_traceback(error.__traceback__)


class Installed:
    """What `install` returns: as a context manager it takes the name `torch` away again at the end of the block."""

    def __init__(self, newly: bool):
        self.newly = newly

    def __enter__(self) -> Installed:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self.newly:
            uninstall()


FINDER = TorchFinder()


def installed() -> bool:
    """Whether `import torch` means Flambeau."""
    return FINDER in sys.meta_path


def install() -> Installed:
    """Make `import torch` and `import torchvision` mean Flambeau in this process; again does nothing.

    Raises ImportError where PyTorch itself is imported already: two libraries under one name cannot both be right.
    """
    if installed():
        return Installed(newly=False)
    for name in OURS:
        theirs = sys.modules.get(name)
        if theirs is not None and theirs is not sys.modules.get(OURS[name]):
            raise ImportError(
                f"'{name}' is already imported, and it is not Flambeau\n"
                f"  It came from {getattr(theirs, '__file__', None) or 'an unknown location'}.\n"
                f"  Call {__name__}.install() before the first `import {name}`, or start the program with"
                f" `{missing.ROOT} run script.py`.",
                name=name,
            )
    sys.meta_path.insert(0, FINDER)
    _call_us("torch")
    return Installed(newly=True)


def _call_us(name: str) -> None:
    """Set the name of the package itself: libraries that serve several array packages ask a module for its name."""
    sys.modules[missing.ROOT].__name__ = name


def uninstall() -> None:
    """Give the names `torch` and `torchvision` back: the next `import torch` looks for PyTorch. Modules stay usable."""
    if not installed():
        return
    sys.meta_path.remove(FINDER)
    _call_us(missing.ROOT)
    for name in [n for n in sys.modules if our_name(n) is not None]:
        if sys.modules[name] is sys.modules.get(str(our_name(name))):
            del sys.modules[name]
