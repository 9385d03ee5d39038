"""`torch.utils.data.dataloader`, under PyTorch's path; the code is in `data.loader`."""

from ...data.loader import *  # noqa: F403
