"""Further devices for files, and the smaller functions of `torch.serialization`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from .options import known_device

Tagger = Callable[[Any], "str | None"]
Deserializer = Callable[[Any, str], Any]

# (priority, tagger, deserializer), in the order in which they are asked
REGISTRY: list[tuple[int, Tagger, Deserializer]] = []


class SourceChangeWarning(Warning):
    """PyTorch's warning for modules whose source is not what it was when they were saved."""


def register_package(priority: int, tagger: Tagger, deserializer: Deserializer) -> None:
    """Say how storages of a further device are marked in files, and how they come back.

    tagger: from a storage to the mark of its device, or None. deserializer: from a storage and a mark to the storage
    where it belongs, or None. Those with the lowest priority are asked first.
    """
    REGISTRY.append((priority, tagger, deserializer))
    REGISTRY.sort(key=lambda entry: entry[0])


def location_tag(storage: Any) -> str:
    """The mark in a file of the device that a storage is on."""
    for _, tagger, _ in REGISTRY:
        found = tagger(storage)
        if found:
            return found
    if not hasattr(storage, "device"):
        raise RuntimeError(f"don't know how to determine data location of {type(storage).__name__}")
    return str(storage.device)


def default_restore_location(storage: Any, location: str) -> Any:
    """A storage, on the device that a file says. Raises RuntimeError for a device that is not here."""
    for _, _, deserializer in REGISTRY:
        found = deserializer(storage, location)
        if found is not None:
            return found
    where = known_device(location)
    return storage if storage.device == where else storage.to(device=where)


def check_module_version_greater_or_equal(
    module: Any, req_version_tuple: tuple[Any, ...], error_if_malformed: bool = True
) -> bool:
    """Whether a module's `__version__` is at least a version given as a tuple, such as (1, 2).

    Raises RuntimeError, or warns, where the version cannot be compared with it.
    """
    try:
        parts = module.__version__.split(".")
        version = tuple(type(wanted)(parts[i]) for i, wanted in enumerate(req_version_tuple))
        return version >= req_version_tuple
    except Exception as error:
        text = (
            f"'{module.__name__}' module version string is malformed '{module.__version__}' and cannot be compared "
            f"with tuple {req_version_tuple!s}"
        )
        if error_if_malformed:
            raise RuntimeError(text) from error
        import warnings

        warnings.warn(f"{text}, but continuing assuming that requirement is met", stacklevel=2)
        return True


@contextlib.contextmanager
def mkdtemp() -> Iterator[str]:
    """A new folder, gone at the end of the block."""
    import tempfile

    with tempfile.TemporaryDirectory() as path:
        yield path
