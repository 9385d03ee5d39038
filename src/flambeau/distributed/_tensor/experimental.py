"""`torch.distributed._tensor.experimental`."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def implicit_replication() -> Iterator[None]:
    """Inside, a plain tensor beside a `DTensor` counts as one that every process has. No tensor is a `DTensor` here."""
    yield
