"""What `importlib.metadata` is told about `torch` and `torchvision` while they mean this package."""

from __future__ import annotations

import importlib
from importlib.metadata import Distribution
from os import PathLike
from pathlib import Path
from typing import Any


class Installation(Distribution):
    """The name and the version of a package under its other name.

    theirs: the name it answers to, `torch`; ours: the module that it is, `flambeau`.
    """

    def __init__(self, theirs: str, ours: str):
        self.theirs, self.ours = theirs, ours

    def read_text(self, filename: str) -> str | None:
        if filename == "top_level.txt":
            return self.theirs
        if filename != "METADATA":
            return None
        version = importlib.import_module(self.ours).__version__
        return f"Metadata-Version: 2.1\nName: {self.theirs}\nVersion: {version}\n"

    def locate_file(self, path: str | PathLike[str]) -> Any:
        return Path(__file__).parent.parent / path
