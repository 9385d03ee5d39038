"""Examples in docstrings and in the README are programs: they run, and print what is written below them."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import pkgutil
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import flambeau
from flambeau import compat

ROOT = Path(__file__).parents[1]
# Spacing is not judged, and a number counts as equal in the digits that are written.
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def modules() -> Iterator[ModuleType]:
    """Every module of the package, but for those that need an extra which is not installed."""
    yield flambeau
    for found in pkgutil.walk_packages(flambeau.__path__, "flambeau.", onerror=lambda _: None):
        if not found.name.endswith("__main__"):
            try:
                yield importlib.import_module(found.name)
            except ModuleNotFoundError as error:
                assert not str(error.name).startswith("flambeau"), error


def documented() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(name, docstring, the names that its module has) of everything with an example; each docstring once."""
    seen = set()
    for module in modules():
        for name, value in members(module):
            text = own_docstring(value)
            if ">>>" in text and text not in seen:
                seen.add(text)
                defined = getattr(inspect.unwrap(value), "__globals__", {}) if callable(value) else {}
                yield f"{module.__name__}.{name}".rstrip("."), text, {**vars(module), **defined}


def members(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """A module, what it defines, and its classes' own members."""
    yield "", module
    for name, value in sorted(vars(module).items()):
        home = getattr(value, "__module__", None)
        if isinstance(value, ModuleType) or not str(home).startswith(("flambeau", "torch")):
            continue
        yield name, value
        if isinstance(value, type):
            yield from ((f"{name}.{inner}", member) for inner, member in vars(value).items())


def own_docstring(value: Any) -> str:
    """The docstring of a function, class or op; an instance's is that of its class, and shown there."""
    text = getattr(value, "__doc__", None)
    return text if isinstance(text, str) and text != type(value).__doc__ else ""


PYTHONS = {"range", "bool", "int", "float"}  # in an example these mean Python's own
PUBLIC = {n: getattr(flambeau, n) for n in dir(flambeau) if not n.startswith("_") and n not in PYTHONS}
EXAMPLES = {name: (text, own) for name, text, own in documented()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_docstring_example_prints_what_it_says(name):
    """An example sees `torch`, every public name, and the names of its own module."""
    text, own = EXAMPLES[name]
    # among tensors, an example shows the public function that is made from a row, or from what is defined there
    tensors = str(own.get("__name__")).startswith(("flambeau.ops", "flambeau.tensor"))
    names = {**own, **PUBLIC} if tensors else {**PUBLIC, **own}
    names = {n: value for n, value in names.items() if n not in PYTHONS}
    names.update(torch=flambeau, np=np)
    flambeau.manual_seed(0)
    test = doctest.DocTestParser().get_doctest(text, names, name, own.get("__file__"), 0)
    output: list[str] = []
    # `import torch` in an example means Flambeau, unless PyTorch itself is imported already
    named = contextlib.nullcontext() if "torch" in sys.modules else compat.install()
    with named, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an example may show what PyTorch warns of
        result = doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=output.append)
    assert result.failed == 0, "".join(output)


def test_readme_program_prints_what_the_readme_shows(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    program, printed = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("python", "text"))
    exec(compile(program, "README.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    targets = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_readme_commands_are_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"demo", "test"} <= set(commands)
    assert [name for name in commands if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
