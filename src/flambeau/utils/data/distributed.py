"""`torch.utils.data.distributed`, under PyTorch's path; the code is in `data.distributed`."""

from ...data.distributed import DistributedSampler

__all__ = ["DistributedSampler"]
