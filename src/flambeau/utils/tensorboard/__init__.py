"""`torch.utils.tensorboard`: logs that TensorBoard shows, written without TensorFlow, TensorBoard or protobuf."""

from .records import RecordWriter
from .writer import FileWriter, SummaryWriter

__all__ = ["FileWriter", "RecordWriter", "SummaryWriter"]
