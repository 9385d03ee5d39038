"""Sessions with `torch.nn` print the same here as in PyTorch: values, reprs, warnings and the first lines of errors.

A session is a file in `sessions`; `##` separates its steps, which share their names. What cannot agree is left out of
the comparison: addresses, the names of graph nodes, and what PyTorch says of its own inside.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import flambeau

torch = pytest.importorskip("torch")
SESSIONS = sorted((Path(__file__).parent / "sessions").glob("*.txt"))


def steps(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n##\n")


def played(library: Any, path: Path) -> list[str]:
    """What each step prints, the error that ends it, and its warnings."""
    prune = importlib.import_module(f"{library.__name__}.nn.utils.prune")
    names = {
        "torch": library,
        "nn": library.nn,
        "F": library.nn.functional,
        "copy": copy,
        "prune": prune,
        "__name__": "session",
    }
    return [step_output(step, names) for step in steps(path)]


def step_output(step: str, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            exec(step, names)
        except Exception as error:
            # what follows the first line by two spaces is advice of ours
            print(type(error).__name__, re.split(r"\n  (?! )", str(error))[0])
        for warning in caught:
            if "Triggered internally" not in str(warning.message):
                print(warning.category.__name__, warning.message)
    return normal(printed.getvalue())


def normal(text: str) -> str:
    """Text without what differs from run to run, or by intention."""
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r"\bgrad_fn=<\w+>", "grad_fn", text)
    return re.sub(r"(?<![\d.])-0\.(0*)(?=[^\d])", r" 0.\1", text)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session_prints_what_pytorch_prints(path):
    for step, ours, theirs in zip(steps(path), played(flambeau, path), played(torch, path), strict=True):
        assert same(ours, theirs), f"{step}\n--- ours\n{ours}\n--- PyTorch's\n{theirs}"


NUMBER = re.compile(r"-?\d+\.\d*(?:e[+-]?\d+)?")


def same(ours: str, theirs: str) -> bool:
    """Equal text, in which printed numbers may differ in the last digit that is shown."""
    if ours == theirs:
        return True
    if "".join(NUMBER.sub("#", ours).split()) != "".join(NUMBER.sub("#", theirs).split()):
        return False
    pairs = zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True)
    return all(abs(float(a) - float(b)) <= 1.01e-4 * max(1.0, abs(float(b))) for a, b in pairs)
