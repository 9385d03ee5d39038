"""`torch.optim.adamw`, under PyTorch's path; the code is in `adam`."""

from .adam import AdamW

__all__ = ["AdamW"]
