"""The sharing strategy: how the memory of tensors on the CPU gets to other processes."""

from __future__ import annotations

import sys

ALL = {"file_system"} if sys.platform in ("darwin", "win32") else {"file_descriptor", "file_system"}
chosen = "file_system" if len(ALL) == 1 else "file_descriptor"


def set_sharing_strategy(new_strategy: str) -> None:
    """Choose "file_descriptor" or "file_system".

    Memory never has a name in the file system here. With "file_system" small tensors that go through queues share
    files, so that fewer are open; such a file stays until all tensors in it are gone.
    """
    global chosen
    if new_strategy not in ALL:
        raise AssertionError(f"invalid sharing strategy {new_strategy!r}, expected one of {ALL}")
    chosen = new_strategy


def get_sharing_strategy() -> str:
    """The strategy that is chosen."""
    return chosen


def get_all_sharing_strategies() -> set[str]:
    """The strategies that there are on this system."""
    return ALL
