"""`torch.backends.cpu`: what the processor can do."""

from __future__ import annotations


def get_cpu_capability() -> str:
    """The instructions that PyTorch's own kernels would use: DEFAULT, since NumPy chooses for itself."""
    return "DEFAULT"
