"""What to say about a name that is not here: whether PyTorch has it, and the nearest name that Flambeau has.

The first line is Python's own, with PyTorch's name for the module, since programs match on it. `torch_names.txt` holds
PyTorch's public names, one line for each module or class; `tests/torch_names.py` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from os.path import commonprefix, dirname, join
from typing import Any

LOOKS_LIKE = 0.7  # share of letters in common from which a name is worth suggesting; 0.6 brings in unrelated ones
ROOT = __name__.partition(".")[0]
# the packages that programs know by another name, longest first
SHOWN_AS = {f"{ROOT}.vision": "torchvision", ROOT: "torch"}
# and the one that is installed by itself
APART = {"torchvision": "It is the distribution flambeau-vision; in a clone of Flambeau: pip install ./packages/vision"}


def shown(name: str) -> str:
    """A dotted name of ours as programs know it: the package's own first word becomes `torch`."""
    for ours, theirs in SHOWN_AS.items():
        if name == ours or name.startswith(ours + "."):
            return theirs + name[len(ours) :]
    return name


@cache
def torch_names() -> dict[str, frozenset[str]]:
    """PyTorch's public names: module or class -> what is in it. Read on first use."""
    with open(join(dirname(__file__), "torch_names.txt"), encoding="utf-8") as file:
        text = file.read()
    rows = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {home: frozenset(names.split()) for home, _, names in rows}


def members(home: str) -> frozenset[str]:
    """PyTorch's public names in one module or class, without reading those of all others."""
    with open(join(dirname(__file__), "torch_names.txt"), encoding="utf-8") as file:
        for line in file:
            if line.startswith(f"{home}:"):
                return frozenset(line.partition(":")[2].split())
    return frozenset()


def is_torch_name(dotted: str) -> bool:
    """Whether PyTorch has this public name: `torch.nn.Linear`, `torch.utils.data`, `torch.Tensor.exp`."""
    home, _, name = dotted.rpartition(".")
    return dotted in torch_names() or name in torch_names().get(home, ())


def nearest(name: str, available: Iterable[str]) -> str | None:
    """The name in `available` that looks most like `name`, or None where none does. Private only where `name` is.

    >>> nearest("argmx", ["argmin", "argmax", "_argmx"])
    'argmax'
    """
    from difflib import SequenceMatcher, get_close_matches  # needed only after a mistake, so not at import

    by_lower = {a.lower(): a for a in sorted(available, reverse=True) if name.startswith("_") or not a.startswith("_")}
    wanted = name.lower()
    close = get_close_matches(wanted, by_lower, n=8, cutoff=LOOKS_LIKE)
    if not close:
        return None
    # A swapped suffix (`relu_`, `max_pool2d`) weighs less than another beginning, so equal beginnings come first.
    return by_lower[
        max(close, key=lambda c: (len(commonprefix((wanted, c))), SequenceMatcher(None, wanted, c).ratio()))
    ]


class ExplainedAttributeError(AttributeError):
    """An AttributeError whose advice is worked out when it is read: `hasattr` asks often and reads nothing."""

    def __init__(
        self, home: str, name: str, available: Iterable[str] | Callable[[], Iterable[str]], text: str | None = None
    ):
        super().__init__(text or f"module '{home}' has no attribute '{name}'", name=name)
        self.asked = home, name, available

    def __str__(self) -> str:
        home, name, available = self.asked
        return "\n".join([self.args[0], *advice(home, name, available() if callable(available) else available)])

    def __reduce__(self) -> tuple:
        return AttributeError, (str(self),)


# A traceback shows the class that PyTorch's users know.
ExplainedAttributeError.__module__ = "builtins"
ExplainedAttributeError.__name__ = ExplainedAttributeError.__qualname__ = "AttributeError"


def missing_attribute(module_name: str, name: str, available: Iterable[str]) -> AttributeError:
    """The error of a module's `__getattr__`.

    module_name: the module's `__name__`; available: the names that it has, its `dir()`.

    >>> print(missing_attribute("torch.nn", "Linaer", ["Linear", "Conv2d"]))
    module 'torch.nn' has no attribute 'Linaer'
      The nearest name here is torch.nn.Linear.
    """
    return ExplainedAttributeError(shown(module_name), name, available)


def missing_member(cls: str, home: str, name: str, available: Callable[[], Iterable[str]]) -> AttributeError:
    """The error of an attribute that an object of a class lacks. home: PyTorch's name of the class."""
    return ExplainedAttributeError(home, name, available, f"'{cls}' object has no attribute '{name}'")


def missing_import(module_name: str, name: str, available: Iterable[str], path: str) -> ImportError:
    """The error of `from module_name import name`, in Python's words."""
    home = shown(module_name)
    lines = [f"cannot import name '{name}' from '{home}' ({path})", *advice(home, name, available)]
    return ImportError("\n".join(lines), name=home, path=path)


def missing_module(module_name: str, available: Iterable[str]) -> ModuleNotFoundError:
    """The error of `import module_name`; available: the modules and names that its parent has."""
    dotted = shown(module_name)
    home, _, name = dotted.rpartition(".")
    help_lines = advice(home, name, available) if home else [f"  {APART.get(dotted, f'Flambeau has no {dotted} yet.')}"]
    lines = [f"No module named '{dotted}'", *help_lines]
    return ModuleNotFoundError("\n".join(lines), name=dotted)


def advice(home: str, name: str, available: Iterable[str]) -> Iterator[str]:
    """The lines below the first: what PyTorch has, and what is nearest here."""
    dotted = f"{home}.{name}"
    if is_torch_name(dotted):
        yield f"  PyTorch has {dotted}; Flambeau has none yet."
    elif elsewhere := same_name_elsewhere(home, name):
        yield f"  PyTorch has that name in another place: {elsewhere}."
    near = nearest(name, available)
    if near is not None:
        yield f"  The nearest name here is {home}.{near}."


def stand_in(name: str, does: Callable[[], Any], said: str) -> Callable[..., Any]:
    """A function of PyTorch's for a part that is not there: whatever it is given, it does what `does()` does.

    said: its docstring.
    """

    def function(*args: Any, **kwargs: Any) -> Any:
        return does()

    function.__name__ = function.__qualname__ = name
    function.__doc__ = said
    return function


def same_name_elsewhere(home: str, name: str) -> str | None:
    """Where PyTorch has this name, if not in `home`: for `relu` in `torch.nn`, `torch.nn.functional.relu`."""
    if name.startswith("_"):
        return None
    # only among modules: nearly every short word is a method of some class
    homes = [h for h, names in torch_names().items() if name in names and not h.rpartition(".")[2][0].isupper()]
    best = min(homes, key=lambda h: (not h.startswith(home + "."), h.count("."), h), default=None)
    return None if best is None else f"{best}.{name}"
