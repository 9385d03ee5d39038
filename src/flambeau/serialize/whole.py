"""Files that appear at their path only when they are complete."""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
from collections.abc import Iterator
from typing import Any

try:
    import fcntl
except ImportError:
    # a system without locks of this kind
    fcntl = None  # type: ignore[assignment]

_numbers = itertools.count()


@contextlib.contextmanager
def written_whole(path: str) -> Iterator[Any]:
    """A file to write, which replaces the one at a path at the end of the block, all at once.

    Until then it is `.<name>.<process>-<number>.partial` beside it, and locked. One that a killed process has left is
    removed by the next one that writes to the path; what is being written is known by its lock.
    """
    folder, base = os.path.split(path)
    if fcntl is not None:
        _remove_abandoned(os.path.join(glob.escape(folder), f".{glob.escape(base)}.*.partial"))
    file, partial = _new(os.path.join(folder, f".{base}"))
    try:
        with file:
            yield file
            file.flush()
            if os.path.exists(path):
                os.chmod(partial, os.stat(path).st_mode & 0o7777)
            # under its name before its lock is gone
            if os.name != "nt":
                os.replace(partial, path)
        if os.name == "nt":
            os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise


def _new(start: str) -> tuple[Any, str]:
    """A new locked file, and its path."""
    while True:
        partial = f"{start}.{os.getpid()}-{next(_numbers)}.partial"
        file = open(partial, "wb")  # noqa: SIM115
        # another process may have taken it for abandoned before it was locked
        if fcntl is None or (_locked(file) and os.path.exists(partial)):
            return file, partial
        file.close()


def _locked(file: Any) -> bool:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # a file system without locks
        return True
    return True


def _remove_abandoned(pattern: str) -> None:
    for partial in glob.glob(pattern):
        with contextlib.suppress(OSError), open(partial, "rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(partial)
