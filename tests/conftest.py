"""What every test relies on: no display, and the mark `oracle` where PyTorch itself is the judge."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

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
