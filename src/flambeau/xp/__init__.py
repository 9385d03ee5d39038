"""The array namespaces: the Array API vocabulary over each array library, with the differences of each in one file."""

from __future__ import annotations

from importlib import import_module

from ..device import Backend, register


def load_meta() -> Backend:
    """The meta device, loaded on its first use."""
    return import_module(".meta", __name__).load()


register("meta", load_meta)
