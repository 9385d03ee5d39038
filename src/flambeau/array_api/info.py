"""What this array library can do, told in the standard's words."""

from __future__ import annotations

from typing import Any

from .. import config, dtypes
from ..device import CPU, META, default_device, device
from .types import KINDS

# NumPy's limit
MAX_DIMENSIONS = 64


class __array_namespace_info__:
    """Capabilities, devices and dtypes of the namespace."""

    def capabilities(self) -> dict[str, Any]:
        """Shapes may depend on data; how many dimensions an array may have."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": MAX_DIMENSIONS}

    def default_device(self) -> device:
        """Where new arrays are made."""
        return default_device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, dtypes.dtype]:
        """The dtypes of new arrays, by kind."""
        real = config.default_dtype()
        return {
            "real floating": real,
            "complex floating": real.to_complex(),
            "integral": dtypes.int64,
            "indexing": dtypes.int64,
        }

    def devices(self) -> list[device]:
        """Where arrays can be."""
        return [CPU, META]

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, dtypes.dtype]:
        """The dtypes of the standard by their names; kind: those of a kind, or of several, as for `isdtype`."""
        kinds = ("bool", "numeric") if kind is None else (kind,) if isinstance(kind, str) else kind
        for k in kinds:
            if k not in KINDS:
                raise ValueError(f"dtypes(): kind must be one of {', '.join(KINDS)}, not {k!r}")
        return {d.name: d for k in kinds for d in KINDS[k]}
