"""`torch.utils.data.datapipes.datapipe`, under PyTorch's path; the code is in `data.pipes`."""

from ....data.pipes import DataChunk, DFIterDataPipe, IterDataPipe, MapDataPipe

__all__ = ["DFIterDataPipe", "DataChunk", "IterDataPipe", "MapDataPipe"]
