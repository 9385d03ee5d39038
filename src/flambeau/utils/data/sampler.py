"""`torch.utils.data.sampler`, under PyTorch's path; the code is in `data.sampler`."""

from ...data.sampler import *  # noqa: F403
