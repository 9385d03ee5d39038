"""`torch.utils.data._utils`, which programs use for its `collate`."""

from . import collate as collate
