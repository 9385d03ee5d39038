"""`torch.utils.data.datapipes.iter`: the steps of pipes that are read in order; the code is in `data.pipe_steps`."""

from ....data.pipe_groups import FileListerIterDataPipe as FileLister
from ....data.pipe_groups import FileOpenerIterDataPipe as FileOpener
from ....data.pipe_groups import GrouperIterDataPipe as Grouper
from ....data.pipe_groups import MultiplexerIterDataPipe as Multiplexer
from ....data.pipe_groups import SamplerIterDataPipe as Sampler
from ....data.pipe_groups import ShardingFilterIterDataPipe as ShardingFilter
from ....data.pipe_groups import StreamReaderIterDataPipe as StreamReader
from ....data.pipe_steps import BatcherIterDataPipe as Batcher
from ....data.pipe_steps import CollatorIterDataPipe as Collator
from ....data.pipe_steps import ConcaterIterDataPipe as Concater
from ....data.pipe_steps import DemultiplexerIterDataPipe as Demultiplexer
from ....data.pipe_steps import FilterIterDataPipe as Filter
from ....data.pipe_steps import ForkerIterDataPipe as Forker
from ....data.pipe_steps import IterableWrapperIterDataPipe as IterableWrapper
from ....data.pipe_steps import MapperIterDataPipe as Mapper
from ....data.pipe_steps import ShufflerIterDataPipe as Shuffler
from ....data.pipe_steps import UnBatcherIterDataPipe as UnBatcher
from ....data.pipe_steps import ZipperIterDataPipe as Zipper

__all__ = [
    "Batcher",
    "Collator",
    "Concater",
    "Demultiplexer",
    "Filter",
    "Forker",
    "IterableWrapper",
    "Mapper",
    "Shuffler",
    "UnBatcher",
    "Zipper",
    "FileLister",
    "FileOpener",
    "Grouper",
    "Multiplexer",
    "Sampler",
    "ShardingFilter",
    "StreamReader",
]
