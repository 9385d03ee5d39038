"""`torch.utils.data.datapipes.map`: the steps of pipes that are read by index; the code is in `data.pipe_steps`."""

from ....data.pipe_steps import BatcherMapDataPipe as Batcher
from ....data.pipe_steps import MapperMapDataPipe as Mapper
from ....data.pipe_steps import SequenceWrapperMapDataPipe as SequenceWrapper
from ....data.pipe_steps import ShufflerMapDataPipe as Shuffler

__all__ = ["Batcher", "Mapper", "SequenceWrapper", "Shuffler"]
