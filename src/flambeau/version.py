"""The version: of PyTorch's API, which is what `torch.__version__` tells programs, and Flambeau's own behind the plus.

The other names here are those of `torch.version`; they say that there is no CUDA, ROCm or XPU build inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

FLAMBEAU = "0.1.0"
API = "2.13.0"

# The grammar of PEP 440, in the forms that it asks readers to accept.
PATTERN = r"""\s* v? (?:(?P<epoch>\d+)!)? (?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?P<pre_number>\d*))?
    (?:-(?P<post_bare>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_number>\d*))?
    (?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_number>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))? \s*"""
PRE_RANK = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
BEFORE, AFTER = (-1,), (9,)  # sort before and after every (rank, number)


@lru_cache(maxsize=64)
def order(text: str) -> tuple | None:
    """A key that sorts versions as PEP 440 does, or None where the text is no version.

    >>> order("2.0rc1") < order("2.0") < order("2.0.post1") < order("2.1.dev3")
    True
    """
    # compiled here: at import that would take 0.4 ms
    match = re.fullmatch(PATTERN, text, re.VERBOSE | re.IGNORECASE | re.ASCII)
    if match is None:
        return None
    part = match.groupdict()
    release = [int(n) for n in part["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    post = part["post_bare"] or (None if part["post"] is None else part["post_number"] or "0")
    dev = None if part["dev"] is None else int(part["dev_number"] or 0)
    if part["pre"] is not None:
        stage: tuple = (PRE_RANK[part["pre"].lower()], int(part["pre_number"] or 0))
    else:
        # 1.0.dev1 comes before 1.0a1, and 1.0 after every pre-release
        stage = BEFORE if post is None and dev is not None else AFTER
    local = re.split(r"[-_.]", part["local"].lower()) if part["local"] else []
    return (
        int(part["epoch"] or 0),
        tuple(release),
        stage,
        BEFORE if post is None else (0, int(post)),
        (1, 0) if dev is None else (0, dev),
        # numbers sort after words, and a longer local version after its own beginning
        tuple((1, int(word), "") if word.isdigit() else (0, 0, word) for word in local),
    )


class TorchVersion(str):
    """A version that is a string and compares as a version: with strings, and with tuples of numbers.

    What is no version (`"unknown"`) compares as a string. `!=` and the hash are the string's, as in PyTorch.

    >>> TorchVersion("2.13.0+cpu") > "2.9", TorchVersion("2.13.0") >= (2, 13), TorchVersion("2.13.0") == "2.13"
    (True, True, True)
    """

    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        keys = both(self, other)
        return keys[0] < keys[1] if keys else str.__lt__(self, other)

    def __le__(self, other: Any) -> bool:
        keys = both(self, other)
        return keys[0] <= keys[1] if keys else str.__le__(self, other)

    def __gt__(self, other: Any) -> bool:
        keys = both(self, other)
        return keys[0] > keys[1] if keys else str.__gt__(self, other)

    def __ge__(self, other: Any) -> bool:
        keys = both(self, other)
        return keys[0] >= keys[1] if keys else str.__ge__(self, other)

    def __eq__(self, other: object) -> bool:
        keys = both(self, other)
        return keys[0] == keys[1] if keys else str.__eq__(self, other)

    __hash__ = str.__hash__


def both(version: str, other: Any) -> tuple[tuple, tuple] | None:
    """The keys of two versions, or None where one of them is none."""
    if not isinstance(other, str):
        if not isinstance(other, Iterable):
            return None
        other = ".".join(map(str, other))
    ours, theirs = order(str(version)), order(other)
    return None if ours is None or theirs is None else (ours, theirs)


__version__ = TorchVersion(f"{API}+flambeau{FLAMBEAU}")
debug = False
cuda: str | None = None
git_version: str = "Unknown"
hip: str | None = None
rocm: str | None = None
xpu: str | None = None
