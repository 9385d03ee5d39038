"""Indexing by the numbers that `vmap` maps over."""

from __future__ import annotations

from types import TracebackType


class TransformGetItemToIndex:
    """`with TransformGetItemToIndex():` lets `x[i]` be used in a mapped function where `i` is a mapped number.

    Here it always may, so that the block runs as it is.
    """

    def __enter__(self) -> TransformGetItemToIndex:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None
