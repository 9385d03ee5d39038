"""Examples in docstrings and in the README are programs: they run, and print what is written below them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import flambeau

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


def documented() -> Iterator[tuple[str, str, ModuleType]]:
    """(name, docstring, module it was found in) of everything with an example; each docstring once."""
    seen = set()
    for module in modules():
        for name, text in docstrings(module):
            if ">>>" in text and text not in seen:
                seen.add(text)
                yield f"{module.__name__}.{name}".rstrip("."), text, module


def docstrings(module: ModuleType) -> Iterator[tuple[str, str]]:
    """The docstrings of a module, of what it defines, and of its classes' own members."""
    yield "", module.__doc__ or ""
    for name, value in sorted(vars(module).items()):
        home = getattr(value, "__module__", None)
        if isinstance(value, ModuleType) or not str(home).startswith(("flambeau", "torch")):
            continue
        yield name, own_docstring(value)
        if isinstance(value, type):
            yield from ((f"{name}.{inner}", own_docstring(member)) for inner, member in vars(value).items())


def own_docstring(value: Any) -> str:
    """The docstring of a function, class or op; an instance's is that of its class, and shown there."""
    text = getattr(value, "__doc__", None)
    return text if isinstance(text, str) and text != type(value).__doc__ else ""


EXAMPLES = {name: (text, module) for name, text, module in documented()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_docstring_example_prints_what_it_says(name):
    """An example sees `torch`, every public name, and the names of its own module."""
    text, module = EXAMPLES[name]
    public = {key: value for key, value in vars(flambeau).items() if not key.startswith("_")}
    names = {**public, **vars(module), "torch": flambeau}
    if module.__name__.startswith("flambeau.ops"):
        names.update(public)  # a row's example shows the function that was made from the row
    if manual_seed := public.get("manual_seed"):
        manual_seed(0)
    test = doctest.DocTestParser().get_doctest(text, names, name, getattr(module, "__file__", None), 0)
    output: list[str] = []
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
