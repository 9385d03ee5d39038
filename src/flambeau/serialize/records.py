"""`torch.PyTorchFileReader`: the records of a file that `torch.save` wrote, as bytes."""

from __future__ import annotations

import os
from typing import Any

from .archive import Reader


class PyTorchFileReader:
    """The records of a file, given by its path or as an open file. Nothing in it is run or unpickled.

    Raises RuntimeError where the file, or a record, is damaged or not there.
    """

    def __init__(self, name_or_buffer: Any) -> None:
        self._is_ours = isinstance(name_or_buffer, (str, os.PathLike))
        self._file = open(name_or_buffer, "rb") if self._is_ours else name_or_buffer  # noqa: SIM115
        self._reader = Reader(self._file)

    def __del__(self) -> None:
        if getattr(self, "_is_ours", False) and hasattr(self, "_file"):
            self._file.close()

    def get_record(self, name: str) -> bytes:
        """The bytes of a record."""
        return self._reader.read(name)

    def has_record(self, name: str) -> bool:
        """Whether there is a record of that name."""
        return self._reader.has(name)

    def get_record_size(self, name: str) -> int:
        """How many bytes a record has."""
        return self._reader._info(name).file_size

    def get_all_records(self) -> list[str]:
        """The names of all records."""
        return list(self._reader.records)


PyTorchFileReader.__module__ = "torch"
