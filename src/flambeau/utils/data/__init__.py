"""`torch.utils.data`, under PyTorch's path; the code is in `data`."""

import importlib as _importlib
from typing import Any as _Any

from ... import data as _data
from ... import missing as _missing
from ...data import *  # noqa: F403
from ...data import __all__ as __all__
from ...data import _DatasetKind as _DatasetKind
from . import _utils as _utils
from . import dataloader as dataloader
from . import dataset as dataset
from . import distributed as distributed
from . import sampler as sampler


def __getattr__(name: str) -> _Any:
    if name == "datapipes":
        return _importlib.import_module(".datapipes", __name__)
    if name in _data._PIPES:
        return getattr(_data, name)
    raise _missing.missing_attribute(__name__, name, [*__all__, *_data._PIPES])
