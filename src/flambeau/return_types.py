"""The classes of named results, under PyTorch's path: `torch.return_types.max`."""

from .tensor import return_types as _named


def __getattr__(name: str) -> type:
    return getattr(_named, name)


def __dir__() -> list[str]:
    return dir(_named)
