"""`torch.backends.mps`: Apple's Metal, which is not available."""

from __future__ import annotations


def is_built() -> bool:
    """Whether the library was compiled with Metal: False."""
    return False


def is_available() -> bool:
    """Whether Metal can be used: False."""
    return False


def is_macos_or_newer(major: int, minor: int) -> bool:
    """Whether Metal runs on this version of macOS: False."""
    return False


def is_macos13_or_newer(minor: int = 0) -> bool:
    """Whether Metal runs on macOS 13: False."""
    return False
