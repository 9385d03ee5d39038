"""`torch.utils.data.datapipes.map`: the steps of pipes that are read by index; the code is in `data.pipe_steps`."""

from ....data.pipe_groups import ConcaterMapDataPipe as Concater
from ....data.pipe_groups import ZipperMapDataPipe as Zipper
from ....data.pipe_steps import BatcherMapDataPipe as Batcher
from ....data.pipe_steps import MapperMapDataPipe as Mapper
from ....data.pipe_steps import SequenceWrapperMapDataPipe as SequenceWrapper
from ....data.pipe_steps import ShufflerMapDataPipe as Shuffler

__all__ = ["Batcher", "Concater", "Mapper", "SequenceWrapper", "Shuffler", "Zipper"]
