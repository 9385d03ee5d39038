"""`torch.utils.data.dataset`, under PyTorch's path; the code is in `data.dataset`."""

from ...data.dataset import *  # noqa: F403
