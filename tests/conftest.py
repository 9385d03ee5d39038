"""What every test relies on: no display, and the mark `oracle` where PyTorch itself is the judge."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")


@cache
def asks_pytorch(path: Path) -> bool:
    """Whether the tests of this file compare with PyTorch."""
    by_name = path.stem.endswith("_oracle") or "oracle" in path.parts
    return by_name or 'importorskip("torch")' in path.read_text(encoding="utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Set the marks that `pytest -m oracle` and `pytest -m smoke` select by."""
    for item in items:
        if item.path.suffix == ".py" and asks_pytorch(item.path):
            item.add_marker(pytest.mark.oracle)
        if item.path.stem == "test_smoke":
            item.add_marker(pytest.mark.smoke)


# a leaf and its gradient know each other weakly here, NumPy's newer protocol is followed, lists of arrays are fast,
# nothing is scripted
UNTRUE_HERE = {
    text[:60]
    for text in (
        "Using backward() with create_graph=True will create a reference cycle between the parameter",
        "__array__ implementation doesn't accept a copy keyword, so passing copy=False failed",
        "__array_wrap__ must accept context and return_scalar arguments",
        "Creating a tensor from a list of numpy.ndarrays is extremely slow.",
        "The given buffer is not writable, and PyTorch does not support non-writable tensors",
        "`torch.jit.script` is deprecated. Please switch to `torch.compile` or `torch.export`",
    )
}


def first_line(call: Callable[[], Any]) -> str:
    """The class and the first line of the error that a call raises, or that it raises none."""
    try:
        call()
    except Exception as error:
        return in_short(error)
    return "no error"


def in_short(error: Exception) -> str:
    """The class and the first line of an error."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def described(value: Any) -> Any:
    """What of a value must agree: all facts of a tensor, the numbers of a list, the repr of anything else."""
    if isinstance(value, (list, tuple)) and type(value).__name__ != "Size":
        return [described(v) for v in value]
    if isinstance(value, dict):
        return {k: described(v) for k, v in value.items()}
    if hasattr(value, "grad_fn"):
        facts = [
            str(value.dtype),
            tuple(value.shape),
            value.stride(),
            value.requires_grad,
            value.is_leaf,
            str(value.device),
        ]
        node = value.grad_fn
        facts.append(None if node is None else type(node).__name__)
        if value.is_meta:
            return facts
        plain = value.detach()
        return [*facts, described((plain.float() if "float" in str(plain.dtype) else plain).tolist())]
    if isinstance(value, (float, complex)):
        return pytest.approx(value, rel=1e-4, abs=1e-6, nan_ok=True)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return repr(value)


def played(library: Any, session: Callable[..., Generator]) -> list[Any]:
    """What a session yields with a library; an error that ends it comes last, then the first words of warnings."""
    found: list[Any] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            for value in session(library, first_line):
                found.append(described(value))
        except Exception as error:
            found.append(in_short(error))
    words = {str(w.message)[:60] for w in heard}
    return [*found, sorted(w for w in words if w not in UNTRUE_HERE)]


def differences(expected: Any, got: Any, where: str) -> list[str]:
    """Where two descriptions differ, one line for each place."""
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [
            line
            for i, (a, b) in enumerate(zip(expected, got, strict=True))
            for line in differences(a, b, f"{where}.{i}")
        ]
    return [] if got == expected else [f"{where}:\n    here       {got}\n    in PyTorch {expected}"]


@pytest.fixture
def agree() -> Callable[[Callable[..., Generator]], None]:
    """A decorator that plays a session with PyTorch and here, and compares what it yields.

    A session is a generator function of the library and of `error(call)`, which tells what a call raises.
    """
    torch = pytest.importorskip("torch")
    import flambeau

    def compare(session: Callable[..., Generator]) -> None:
        expected, got = played(torch, session), played(flambeau, session)
        found = differences(expected, got, "step")
        assert not found, "\n".join(found)

    return compare
