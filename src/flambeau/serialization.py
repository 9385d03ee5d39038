"""`torch.serialization`, under PyTorch's path; the code is in `serialize`."""

from .serialize import *  # noqa: F403
