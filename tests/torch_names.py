"""Write src/flambeau/torch_names.txt, the list of PyTorch's public names, from an installed PyTorch.

    python tests/torch_names.py

Only names: no sentence, signature or value of PyTorch's is taken.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import logging
import pkgutil
import types
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "flambeau" / "torch_names.txt"
# Classes whose members are listed too: those that a script reaches through an attribute chain or a value.
CLASSES = (
    "torch.Generator",
    "torch.Size",
    "torch.Tensor",
    "torch.autograd.Function",
    "torch.device",
    "torch.distributions.Distribution",
    "torch.dtype",
    "torch.finfo",
    "torch.iinfo",
    "torch.nn.Module",
    "torch.nn.ModuleDict",
    "torch.nn.ModuleList",
    "torch.nn.ParameterDict",
    "torch.nn.ParameterList",
    "torch.nn.Sequential",
    "torch.optim.Optimizer",
    "torch.optim.lr_scheduler.LRScheduler",
)
# Trees of machinery: their modules are named, what is inside them is not.
UNOPENED = (
    "torch.ao.",
    "torch.distributed.",
    "torch.export.",
    "torch.fx.",
    "torch.onnx.",
    "torch.package.",
    "torch.quantization.",
)
OPENED = ("torch.ao.quantization", "torch.distributed.optim", "torch.distributed.checkpoint", "torch.distributed.fsdp")
# Not importable without software that this list must not depend on, or with an effect on the process.
SKIPPED = ("torch.testing._internal", "torch.utils.data.datapipes.gen_pyi", "torch.utils.hipify")


def modules(path: Iterable[str], prefix: str) -> Iterator[str]:
    """The dotted names of all public modules below a package."""
    for found in pkgutil.iter_modules(path, prefix):
        if found.name.rpartition(".")[2].startswith("_") or found.name.startswith(SKIPPED):
            continue
        yield found.name
        if found.ispkg and (package := imported(found.name)) is not None:
            yield from modules(getattr(package, "__path__", ()), found.name + ".")


def imported(name: str) -> types.ModuleType | None:
    """The module, or None where it needs what is not installed."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return importlib.import_module(name)
    except (ImportError, RuntimeError, OSError):
        return None


def names_of(module: types.ModuleType, name: str) -> list[str]:
    """A module's public names; helpers that it merely imported are left out."""
    listed = {*getattr(module, "__all__", ())}
    # a package's front shows what its parts define; a part shows only its own
    front = hasattr(module, "__path__") or name in ("torch.nn.functional", "torch.nn.init")
    listed |= {n for n in dir(module) if belongs(module, n, name, front)}
    if type(module) is not types.ModuleType:  # an object with properties, around the module `m`; `dir` shows neither
        listed |= set(dir(type(module))) - set(dir(types.ModuleType)) - {"m"}
        listed |= {n for n in dir(getattr(module, "m", None)) if belongs(module, n, name, front=True)}
    return sorted(n for n in listed if not n.startswith("_"))


def belongs(module: types.ModuleType, name: str, home: str, front: bool) -> bool:
    """Whether a name in `dir()` is part of the module rather than something that it imported for its own use."""
    value = getattr(module, name, None)
    if isinstance(value, types.ModuleType):
        return value.__name__ == f"{home}.{name}" or (home == "torch" and value.__name__.startswith("torch."))
    source = str(getattr(value, "__module__", None) or getattr(type(value), "__module__", ""))
    owns = source.startswith("torch") if front else source == home
    return owns or (isinstance(value, (bool, int, float, str)) and not name.isupper())


def members(cls: type) -> list[str]:
    """What a class has beyond `object`: public names, and the special methods of its operators."""
    ours = [n for n in dir(cls) if not hasattr(object, n) and n not in ("__dict__", "__module__", "__weakref__")]
    return [n for n in ours if not n.startswith("_") or (n.startswith("__") and n.endswith("__"))]


def rows() -> Iterator[str]:
    """One line for each module and class, in order."""
    torch = importlib.import_module("torch")
    table: dict[str, list[str]] = {}
    for name in ["torch", *modules(torch.__path__, "torch.")]:
        closed = name.startswith(UNOPENED) and name not in OPENED
        module = None if closed else imported(name)
        table[name] = names_of(module, name) if module is not None else []
    for name in CLASSES:
        home, _, word = name.rpartition(".")
        table[name] = members(inspect.getattr_static(importlib.import_module(home), word))
    yield f"# PyTorch {torch.__version__.partition('+')[0]}'s public names, written by tests/torch_names.py"
    for home in sorted(table):
        yield f"{home}: {' '.join(table[home])}".rstrip()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable()
    TARGET.write_text("\n".join(rows()) + "\n", encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")
