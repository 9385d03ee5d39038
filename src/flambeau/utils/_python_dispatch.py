"""`torch.utils._python_dispatch`: the base class of modes that see every operation. Here none can be entered."""

from __future__ import annotations

from typing import Any

from .. import missing as _missing


class TorchDispatchMode:
    """A mode through which PyTorch sends each operation of its compiled part. There is no such part here.

    `torch.overrides.TorchFunctionMode` sees each function that is called. Raises NotImplementedError when entered.
    """

    def __init__(self, _dispatch_key: Any = None) -> None: ...

    def __enter__(self) -> TorchDispatchMode:
        raise NotImplementedError(
            "Flambeau sends no operations through TorchDispatchMode\n"
            "  torch.overrides.TorchFunctionMode sees the functions that a program calls."
        )

    def __exit__(self, *error: object) -> None: ...


def __getattr__(name: str) -> Any:
    raise _missing.missing_attribute(__name__, name, globals())
