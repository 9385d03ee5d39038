"""`torch.utils.data`, under PyTorch's path; the code is in `data`."""

from ...data import *  # noqa: F403
from ...data import __all__ as __all__
from ...data import _DatasetKind as _DatasetKind
from . import _utils as _utils
from . import dataloader as dataloader
from . import dataset as dataset
from . import distributed as distributed
from . import sampler as sampler
