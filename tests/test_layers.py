"""Imports only point down: the table of layers, read from the source of every module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "flambeau"

# A module imports from rows above its own, and in a row with arrows from what stands left of it. Row 6 may import
# anything, and nothing imports it; modules that are not named are thin ones of row 6, which give PyTorch's paths.
LAYERS = """
    0 leaves       errors ← missing ← version ← dtypes ← config
    1 arrays       device ← storage ← xp ← random
    2 mathematics  ops
    3 tensors      tensor
    4 parts        autograd func nn optim data distributions serialize linalg fft special signal amp
    5 programs     array_api multiprocessing vision compiler distributed onnx explain profiler
    6 edges        compat audit cli __main__ __init__ optim.swa_utils func.modules autograd.profiler
"""
# The same inside a package, where it has an order; `*` stands for all its other modules.
TENSOR = (
    "return_types autocast later size ← node ← visits ← engine ← tensor ← overrides ← operands ← recording outputs ← "
    "views ← dispatch ← inplace ← generated ← rows ← public indexing ← functions printing ← batching pullback ← "
    "methods ← namespace"
)
INSIDE = {"ops": "table ← shapes ← *", "tensor": TENSOR}
# Where each library may be named, and nowhere else; row 6 may name any of these.
LIBRARIES = {
    "numpy": "xp.numpy xp.meta xp.batch xp.sparse storage random",
    "ml_dtypes": "xp.numpy",
    "cupy": "xp.cupy",
    "cupyx": "xp.cupy",
    "jax": "xp.xla",
    "llvmlite": "xp.numpy.native compiler.llvm",
    "mpi4py": "distributed",
    "onnx": "onnx",
    "safetensors": "serialize",
    "matplotlib": "explain",
    "PIL": "vision.pillow",
    "tqdm": "vision.datasets.download",
}
EDGES = 6


def ranks(row: str) -> dict[str, int]:
    """name -> its place in a row with arrows; names between two arrows share a place."""
    return {name: place for place, names in enumerate(row.split("←")) for name in names.split()}


ROWS = {int(line.split()[0]): line.split(maxsplit=2)[2] for line in LAYERS.strip().splitlines()}
LAYER_OF = {name: layer for layer, row in ROWS.items() for name in ranks(row)}
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def layer(module: str) -> int:
    return LAYER_OF.get(module, LAYER_OF.get(module.partition(".")[0], EDGES))


def place_inside(module: str) -> float:
    """A module's place in the order of its package, whose `__init__` stands last; without an order all are one."""
    unit, _, inner = module.partition(".")
    name = inner.partition(".")[0]
    if unit not in INSIDE:
        return 0
    order = ranks(INSIDE[unit])
    assert not name or name in order or "*" in order, f"{module} has no place in INSIDE['{unit}']: {INSIDE[unit]}"
    return order.get(name, order.get("*", 0)) if name else float("inf")


def imports(module: str, source: str, is_package: bool) -> Iterator[tuple[str, bool, bool, int]]:
    """(what is imported, is it ours, inside a function?, line) of each import that runs."""
    here = module.split(".") if is_package else module.split(".")[:-1]
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(source), False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += [(child, inside) for child in node.orelse]
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, False, inside, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module), False, inside, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level + 1], *(node.module or "").split(".")]
            for alias in node.names:
                inner = ".".join(filter(None, [*base, alias.name]))
                outer = ".".join(filter(None, base)) or "__init__"
                yield inner if inner in MODULES else outer, True, inside, node.lineno
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]


def complaint(module: str, target: str, ours: bool, inside: bool) -> str | None:
    """What is wrong with one import, or None."""
    if layer(module) == EDGES and (ours or target.partition(".")[0] in LIBRARIES):
        return None
    if not ours:
        library = target.partition(".")[0]
        homes = LIBRARIES.get(library, "").split()
        allowed = library in sys.stdlib_module_names or any(f"{module}.".startswith(f"{home}.") for home in homes)
        return None if allowed else f"names the library {library}, whose place is {' or '.join(homes) or 'not here'}"
    if inside:
        return f"imports {target} inside a function, which hides a cycle"
    unit, other = module.partition(".")[0], target.partition(".")[0]
    if unit == other:
        here, there = place_inside(module), place_inside(target)
        return f"imports {target}, which stands right of it" if here < there else None
    if layer(target) > layer(module):
        return f"imports {target} from layer {layer(target)}, above its own layer {layer(module)}"
    if layer(target) == layer(module):
        order = ranks(ROWS[layer(module)])
        return None if order[other] < order[unit] else f"imports {target} from its own layer {layer(module)}"
    return None


def complaints(module: str, source: str, is_package: bool = False) -> list[str]:
    found = ((line, complaint(module, *rest)) for *rest, line in imports(module, source, is_package))
    return [
        f"{module}, line {line}: {text}" for line, text in sorted(found, key=lambda pair: pair[0]) if text is not None
    ]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    path = MODULES[module]
    wrong = complaints(module, path.read_text(encoding="utf-8"), path.stem == "__init__")
    assert not wrong, "\n".join([*wrong, LAYERS])


def test_no_module_imports_itself_through_others():
    graph = {
        module: {
            target
            for target, ours, _, _ in imports(module, path.read_text(encoding="utf-8"), path.stem == "__init__")
            if ours and target != module
        }
        for module, path in MODULES.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle


@pytest.mark.parametrize(
    ("module", "source", "words"),
    [
        ("config", "from . import dtypes", None),
        ("dtypes", "from . import config", "imports config from its own layer 0"),
        ("errors", "import numpy", "names the library numpy"),
        ("storage", "import numpy as np", None),
        ("xp.numpy", "import ml_dtypes\nfrom .. import device", None),
        ("device", "from .xp import numpy", "imports xp.numpy from its own layer 1"),
        ("ops.elementwise", "from .table import op\nfrom .shapes import broadcast", None),
        ("ops.elementwise", "import numpy", "names the library numpy"),
        ("ops.shapes", "from .elementwise import add", "imports ops.elementwise, which stands right of it"),
        ("ops.elementwise", "from ..tensor import tensor", "from layer 3, above its own layer 2"),
        ("tensor.node", "from . import tensor", "imports tensor.tensor, which stands right of it"),
        ("tensor.dispatch", "from ..ops import table", None),
        ("tensor.methods", "from .printing import tensor_str", None),
        ("nn.linear", "from .module import Module", None),
        ("optim.sgd", "from ..nn import Module", "imports nn from its own layer 4"),
        ("nn.linear", "import flambeau", "names the library flambeau"),
        ("nn.linear", "from torch import nn", "names the library torch"),
        ("nn.linear", "from .. import compat", "from layer 6, above its own layer 4"),
        ("nn.linear", "from .. import something", "from layer 6, above its own layer 4"),
        ("nn.linear", "def f():\n    from .. import tensor", "inside a function"),
        ("nn.linear", "def f():\n    import math", None),
        ("nn.linear", "if TYPE_CHECKING:\n    from ..cli import main", None),
        ("xp.cupy", "import cupy", None),
        ("compiler.trace", "import llvmlite.ir", "whose place is xp.numpy.native or compiler.llvm"),
        ("compiler.llvm", "def f():\n    import llvmlite.ir", None),
        ("cli", "def f():\n    import numpy\n    from . import nn", None),
        ("cli", "import torch", "names the library torch"),
        ("utils.data", "from ..data import DataLoader", None),
    ],
)
def test_the_reader_sees_what_is_wrong(module, source, words):
    """The rules themselves: what each forbids is found, and nothing else."""
    found = complaints(module, source)
    assert (found == []) if words is None else (len(found) == 1 and words in found[0]), found
