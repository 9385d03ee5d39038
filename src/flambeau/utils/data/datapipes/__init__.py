"""`torch.utils.data.datapipes`, under PyTorch's path; the code is in `data.pipes` and `data.pipe_steps`."""

from . import datapipe as datapipe
from . import iter as iter
from . import map as map
