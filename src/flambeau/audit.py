"""What a PyTorch script asks for, read from its source: which names Flambeau has, which it lacks. Nothing is run.

A name counts where the source says what it is: `torch.nn.Linear`, `F.relu` after `import torch.nn.functional as F`,
`Adam` after `from torch.optim import Adam`. A method of a value (`x.softmax(1)`) belongs to nobody by name; it is
reported apart, and only where no built-in type, array or class of the script could have meant it.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from . import compat, missing

PRESENT, MISSING, UNKNOWN = "present", "missing", "unknown"
ROOTS = tuple(compat.OURS)
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages", "build", "dist"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    """The names that one function, class or file binds: to a dotted name of PyTorch's, or to something else."""

    is_class: bool = False
    aliases: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)


@dataclass
class Uses:
    """What the files that were read use: name -> places; and the files that could not be read."""

    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    methods: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unread: list[str] = field(default_factory=list)
    files: int = 0


# ---- reading ------------------------------------------------------------------------------------------------------


class Reader(ast.NodeVisitor):
    """Collects the PyTorch names of one file."""

    def __init__(self, place: str, uses: Uses):
        self.place, self.uses = place, uses
        self.scopes: list[Scope] = []
        self.stars: list[str] = []
        self.calls: list[tuple[str, int]] = []
        self.defined: set[str] = set()

    def read(self, tree: ast.Module) -> None:
        self.scopes.append(bindings(tree, self.resolve))
        for statement in tree.body:
            self.visit(statement)
        # a method that the script itself defines or sets may be called on its own objects
        for name, line in self.calls:
            if name not in self.defined:
                self.uses.methods[name].append(f"{self.place}:{line}")

    def use(self, dotted: str, node: ast.AST) -> None:
        self.uses.names[dotted].append(f"{self.place}:{getattr(node, 'lineno', 0)}")

    def resolve(self, node: ast.AST) -> str | None:
        """The dotted PyTorch name that an expression spells, or None."""
        if isinstance(node, ast.Attribute):
            home = self.resolve(node.value)
            return None if home is None else f"{home}.{node.attr}"
        return self.lookup(node.id) if isinstance(node, ast.Name) else None

    def lookup(self, name: str) -> str | None:
        for depth, scope in enumerate(reversed(self.scopes)):
            if depth and scope.is_class:
                continue  # the body of a method does not see the names of its class
            if name in scope.aliases:
                return scope.aliases[name]
            if name in scope.others:
                return None
        if hasattr(builtins, name):
            return None
        homes = (home for home in self.stars if name in missing.torch_names().get(home, ()))
        return next((f"{home}.{name}" for home in homes), None)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if ours(alias.name):
                self.use(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or node.module is None or not ours(node.module):
            return
        self.use(node.module, node)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(node.module)
            else:
                self.use(f"{node.module}.{alias.name}", node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self.resolve(node)
        if dotted is not None:
            self.use(dotted, node)
            return
        if isinstance(node.ctx, ast.Load):
            self.calls.append((node.attr, node.lineno))
        else:
            self.defined.add(node.attr)
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and (dotted := self.lookup(node.id)) is not None:
            self.use(dotted, node)

    def visit_Call(self, node: ast.Call) -> None:
        # getattr(torch, "name") spells a name too; with a default the script is ready to do without it
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) == 2:
            home, name = self.resolve(node.args[0]), node.args[1]
            if home is not None and isinstance(name, ast.Constant) and isinstance(name.value, str):
                self.use(f"{home}.{name.value}", node)
                return
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, SCOPES):
            super().generic_visit(node)
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.defined.add(node.name)
        inside, outside = halves(node)
        for child in outside:  # decorators, defaults, annotations and bases belong to the scope around
            self.visit(child)
        self.scopes.append(bindings(node, self.resolve))
        for child in inside:
            self.visit(child)
        self.scopes.pop()


def ours(dotted: str) -> bool:
    """Whether a module's name is one that Flambeau stands in for."""
    return dotted.partition(".")[0] in ROOTS


def halves(node: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """The children of a function, class or comprehension: those in its own scope, and those in the scope around."""
    inside: list[ast.AST] = []
    outside: list[ast.AST] = []
    for name, value in ast.iter_fields(node):
        children = [child for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST)]
        if name == "args" and isinstance(value, ast.arguments):
            outside += [*value.defaults, *filter(None, value.kw_defaults)]
            outside += [argument.annotation for argument in arguments_of(value) if argument.annotation is not None]
        elif name in ("decorator_list", "bases", "keywords", "returns"):
            outside += children
        else:
            inside += children
    return inside, outside


def arguments_of(arguments: ast.arguments) -> Iterator[ast.arg]:
    """Every parameter of a function."""
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)


def bindings(node: ast.AST, resolve: Any) -> Scope:
    """What a scope binds, without the scopes inside it. Bound twice, a name is PyTorch's if an import says so."""
    scope = Scope(is_class=isinstance(node, ast.ClassDef))
    if isinstance(node, FUNCTIONS):
        scope.others.update(argument.arg for argument in arguments_of(node.args))
    statements = list(own_nodes(node))
    for inner in statements:
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            scope.aliases.update(imported_names(inner))
        if isinstance(inner, ast.Global):
            scope.others.difference_update(inner.names)
    stored = [inner.id for inner in statements if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)]
    stored += [inner.name for inner in statements if isinstance(inner, (*FUNCTIONS[:2], ast.ClassDef))]
    stored += [inner.name for inner in statements if isinstance(inner, ast.ExceptHandler) and inner.name]
    scope.others.update(name for name in stored if name not in scope.aliases)
    for inner in statements:
        # `F = torch.nn.functional` is as good as an import, where the name has no second meaning
        if isinstance(inner, ast.Assign) and len(inner.targets) == 1 and isinstance(inner.targets[0], ast.Name):
            name = inner.targets[0].id
            dotted = dotted_name(inner.value, scope) or resolve(inner.value)
            if dotted is not None and stored.count(name) == 1 and name in scope.others:
                scope.aliases[name] = dotted
                scope.others.discard(name)
    return scope


def dotted_name(node: ast.AST, scope: Scope) -> str | None:
    """The PyTorch name that an expression spells with the aliases of one scope."""
    if isinstance(node, ast.Attribute):
        home = dotted_name(node.value, scope)
        return None if home is None else f"{home}.{node.attr}"
    return scope.aliases.get(node.id) if isinstance(node, ast.Name) else None


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import binds, with what of PyTorch's they mean."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if ours(alias.name):
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
    elif not node.level and node.module is not None and ours(node.module):
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the functions, classes and comprehensions inside it."""
    waiting = halves(node)[0] if isinstance(node, SCOPES) else list(ast.iter_child_nodes(node))
    while waiting:
        inner = waiting.pop()
        yield inner
        if isinstance(inner, SCOPES):
            # `:=` in a comprehension binds outside it
            waiting += [w for w in ast.walk(inner) if isinstance(w, ast.NamedExpr)] if not_a_block(inner) else []
            waiting += halves(inner)[1]
        else:
            waiting += ast.iter_child_nodes(inner)


def not_a_block(node: ast.AST) -> bool:
    return not isinstance(node, (*FUNCTIONS, ast.ClassDef))


def source_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are meant: a folder stands for the scripts and notebooks below it."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for inner in sorted(path.rglob("*")):
            parts = inner.relative_to(path).parts
            hidden = any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts)
            if inner.suffix in (".py", ".ipynb") and not hidden and inner.is_file():
                yield inner


def source_of(path: Path) -> bytes | str:
    """A script's source; of a notebook, that of its code cells, with `pass` where a line is for IPython."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    cells = json.loads(path.read_bytes())["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return re.sub(r"^([ \t]*)[%!].*$", r"\1pass", text, flags=re.MULTILINE)


def read(paths: Sequence[Path]) -> Uses:
    """The PyTorch names in these files and folders."""
    uses = Uses()
    for path in source_files(paths):
        try:
            tree = ast.parse(source_of(path))
        except (OSError, SyntaxError, ValueError, KeyError, TypeError) as error:
            uses.unread.append(f"{path}: {error}")
            continue
        uses.files += 1
        Reader(str(path), uses).read(tree)
    return uses


# ---- judging ------------------------------------------------------------------------------------------------------


@cache
def judge(dotted: str) -> tuple[str, str, str | None]:
    """(the part of a dotted name that is PyTorch's business, whether it is here, the nearest name if not).

    `torch.__version__.split` is about `torch.__version__`: what a value holds is not judged.
    """
    words = dotted.split(".")
    value: Any = None
    for end in range(1, len(words) + 1):
        name = ".".join(words[:end])
        found, inner = step(value, name)
        if not found:
            return verdict(value, words, end)
        value = inner
        if not isinstance(value, (ModuleType, type)):
            return name, PRESENT, None
    return dotted, PRESENT, None


def step(value: Any, name: str) -> tuple[bool, Any]:
    """Whether the thing of a dotted name is here, and what it is; `value` is what its parent is."""
    module = str(compat.our_name(name))
    word = name.rpartition(".")[2]
    if value is not None and hasattr(value, word):
        return True, getattr(value, word)
    try:
        if (value is None or isinstance(value, ModuleType)) and compat.exists(module):
            return True, importlib.import_module(module)
    except ImportError:  # it is here, and needs an extra that is not installed
        return True, None
    return False, None


def verdict(value: Any, words: list[str], end: int) -> tuple[str, str, str | None]:
    """What to say of a name whose first `end` words are not all here."""
    known = end
    while known < len(words) and missing.is_torch_name(".".join(words[: known + 1])):
        known += 1
    name = ".".join(words[:known])
    parent = ".".join(words[: end - 1])
    near = missing.nearest(words[end - 1], dir(value)) if value is not None else None
    status = MISSING if missing.is_torch_name(".".join(words[:end])) or parent == "" else UNKNOWN
    return name, status, near and f"{parent}.{near}"


@cache
def elsewhere() -> frozenset[str]:
    """The attributes that a value may have without being a tensor: those of built-in types, arrays, files, plots."""
    import numpy

    plain = (int, float, complex, str, bytes, list, dict, set, tuple, range, slice, object, Exception, type, Path)
    types = (*plain, numpy.ndarray, numpy.random.Generator, numpy.generic, type(sys.stdout), FunctionType, ModuleType)
    return frozenset(name for kind in types for name in dir(kind)) | frozenset(dir(numpy))


def lacking_methods(uses: Uses) -> dict[str, list[str]]:
    """The methods that only a tensor or a module can have meant, and that ours lack."""
    package = importlib.import_module(missing.ROOT)
    lacking: dict[str, list[str]] = {}
    for name, places in sorted(uses.methods.items()):
        if name.startswith("__") or name in elsewhere():
            continue
        homes = [home for home in ("torch.Tensor", "torch.nn.Module") if name in missing.torch_names()[home]]
        kinds = [getattr(package, "Tensor", object), getattr(getattr(package, "nn", None), "Module", object)]
        if homes and not any(hasattr(kind, name) for kind in kinds):
            lacking[f"{homes[0]}.{name}"] = places
    return lacking


def report(uses: Uses) -> dict[str, Any]:
    """Everything that was found, ready for JSON."""
    rows: dict[str, dict[str, Any]] = {}
    for dotted, places in uses.names.items():
        name, status, near = judge(dotted)
        row = rows.setdefault(name, {"name": name, "status": status, "nearest": near, "places": []})
        row["places"] += places
    names = [rows[name] for name in sorted(rows)]
    for row in names:
        row["places"] = sorted(set(row["places"]), key=place_order)
    counts = {status: sum(row["status"] == status for row in names) for status in (PRESENT, MISSING, UNKNOWN)}
    methods = [{"name": name, "places": sorted(set(p), key=place_order)} for name, p in lacking_methods(uses).items()]
    return {"files": uses.files, "counts": counts, "names": names, "methods": methods, "unread": uses.unread}


def place_order(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


# ---- showing ------------------------------------------------------------------------------------------------------


def main(paths: Sequence[Path], as_json: bool = False) -> int:
    """`flambeau audit`: print what the files use; 0 where everything is here, 1 where not, 2 for an unreadable file."""
    found = report(read(paths))
    print(json.dumps(found, indent=1) if as_json else "\n".join(lines(found)))
    for sentence in found["unread"]:
        print(f"flambeau: cannot read {sentence}", file=sys.stderr)
    if found["unread"]:
        return 2
    return 0 if found["counts"][PRESENT] == len(found["names"]) else 1


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The report for people: what is here in a few lines, what is not with every place."""
    by_status = defaultdict(list)
    for row in found["names"]:
        by_status[row["status"]].append(row)
    if by_status[PRESENT]:
        yield "Here:"
        yield from wrapped([row["name"] for row in by_status[PRESENT]])
    for status, title in (
        (MISSING, "Missing; PyTorch has these, Flambeau has not yet:"),
        (UNKNOWN, "Neither here nor among PyTorch's public names (private, removed, or a slip of the pen):"),
    ):
        if by_status[status]:
            yield title
            for row in by_status[status]:
                near = f"; nearest: {row['nearest']}" if row["nearest"] else ""
                yield f"  {row['name']}  {where(row['places'])}{near}"
                if row["name"] in missing.APART:
                    yield f"    {missing.APART[row['name']]}"
    if found["methods"]:
        yield "Perhaps missing: methods of values, which only a tensor or a module has in PyTorch:"
        yield from (f"  {row['name']}  {where(row['places'])}" for row in found["methods"])
    total, present = len(found["names"]), found["counts"][PRESENT]
    files = "1 file" if found["files"] == 1 else f"{found['files']} files"
    yield f"{present} of {total} PyTorch names that {files} use{'s' if found['files'] == 1 else ''} are here."


def where(places: list[str]) -> str:
    """The first places, and how many more there are."""
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    return ", ".join(places[:3]) + more


def wrapped(names: list[str], width: int = 118) -> Iterator[str]:
    """Names side by side, in lines of at most this width."""
    line = " "
    for name in names:
        if len(line) + len(name) + 1 > width:
            yield line
            line = " "
        line += " " + name
    yield line
