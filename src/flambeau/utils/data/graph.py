"""`torch.utils.data.graph`, under PyTorch's path; the code is in `data.pipe_graph`."""

from ...data.pipe_graph import traverse_dps

__all__ = ["traverse_dps"]
