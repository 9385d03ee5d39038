"""`torch.utils.data.datapipes`, under PyTorch's path; the code is in `data.pipes` and `data.pipe_steps`."""

from ....data import pipe_graph as _pipe_graph  # noqa: F401  loaders need it
from . import datapipe as datapipe
from . import iter as iter
from . import map as map
