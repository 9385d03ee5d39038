"""`torch.utils.data`, under PyTorch's path; the code is in `data`."""

from ...data import *  # noqa: F403
from ...data import __all__ as __all__
from ...data import _DatasetKind as _DatasetKind
