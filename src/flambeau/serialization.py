"""`torch.serialization`, under PyTorch's path; the code is in `serialize`."""

from __future__ import annotations

from collections.abc import Callable

from .device import device
from .serialize import *  # noqa: F403
from .types import FileLike, Storage  # noqa: F401

# for annotations: what `map_location` of `load` may be
MAP_LOCATION = Callable[[Storage, str], Storage] | device | str | dict[str, str] | None
