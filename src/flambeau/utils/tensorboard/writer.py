"""`SummaryWriter`: what a training program tells TensorBoard."""

from __future__ import annotations

import itertools
import os
import socket
import time
from datetime import datetime
from types import TracebackType
from typing import Any

from . import embedding, messages, summary
from .records import RecordWriter
from .summary import make_np

__all__ = ["FileWriter", "SummaryWriter"]

# files of one process that begin in the same second have different names
_numbers = itertools.count()


class FileWriter:
    """Writes events to a new file in a folder, which is made if need be.

    Events reach the disk when `max_queue` of them wait or `flush_secs` have passed, on `flush` and on `close`.
    """

    def __init__(self, log_dir: Any, max_queue: int = 10, flush_secs: float = 120, filename_suffix: str = "") -> None:
        self._folder = str(log_dir)
        self._max_queue = max_queue
        self._flush_secs = flush_secs
        self._suffix = filename_suffix
        self._records: RecordWriter | None = None
        self._open()

    def _open(self) -> None:
        os.makedirs(self._folder, exist_ok=True)
        now = time.time()
        name = f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        # the file lives as long as the writer
        file = open(os.path.join(self._folder, name + self._suffix), "wb")  # noqa: SIM115
        self._records = RecordWriter(file)
        self._waiting = 0
        self._flushed = now
        self.add_event(file_version="brain.Event:2", writer="flambeau.utils.tensorboard", walltime=now)
        self.flush()

    def get_logdir(self) -> str:
        """The folder."""
        return self._folder

    def add_event(self, step: Any = None, walltime: float | None = None, **what: Any) -> None:
        """Append an event: `summary`, `file_version` or `session_status`."""
        if self._records is None:
            raise ValueError("the writer is closed; reopen() begins a new file")
        now = time.time()
        self._records.write(messages.event(now if walltime is None else walltime, int(step or 0), **what))
        self._waiting += 1
        if self._waiting >= self._max_queue or now - self._flushed >= self._flush_secs:
            self.flush()

    def add_summary(self, summary: bytes, global_step: Any = None, walltime: float | None = None) -> None:
        """Append an event with a summary."""
        self.add_event(global_step, walltime, summary=summary)

    def flush(self) -> None:
        """Bring all events to the disk."""
        if self._records is not None:
            self._records.flush()
        self._waiting = 0
        self._flushed = time.time()

    def close(self) -> None:
        """Bring all events to the disk and end the file."""
        if self._records is not None:
            self._records.close()
            self._records = None

    def reopen(self) -> None:
        """Begin a new file after `close`."""
        if self._records is None:
            self._open()


class SummaryWriter:
    """Writes numbers, histograms, pictures and texts of a training to a folder that TensorBoard shows.

    log_dir: the folder; by default `runs/<date>_<host><comment>`. purge_step: forget what an earlier run wrote from
    this step on. max_queue, flush_secs: how many events, and how long, may wait before they are written.

    >>> with SummaryWriter(folder) as writer:  # doctest: +SKIP
    ...     for step in range(100):
    ...         writer.add_scalar("loss", 1 / (step + 1), step)
    """

    def __init__(
        self,
        log_dir: Any = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        filename_suffix: str = "",
    ) -> None:
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = log_dir
        self.purge_step = purge_step
        self.max_queue = max_queue
        self.flush_secs = flush_secs
        self.filename_suffix = filename_suffix
        self.default_bins = summary.default_bins()
        self.file_writer: FileWriter | None = None
        self.all_writers: dict[str, FileWriter] | None = None
        self._embeddings: list[str] = []
        self._get_file_writer()

    def _new_writer(self, folder: Any) -> FileWriter:
        return FileWriter(folder, self.max_queue, self.flush_secs, self.filename_suffix)

    def _get_file_writer(self) -> FileWriter:
        """The writer of the run; a new file after `close`."""
        if self.file_writer is None:
            self.file_writer = writer = self._new_writer(self.log_dir)
            self.all_writers = {writer.get_logdir(): writer}
            if self.purge_step is not None:
                writer.add_event(self.purge_step, file_version="brain.Event:2")
                writer.add_event(self.purge_step, session_status=messages.START)
                self.purge_step = None
        return self.file_writer

    def get_logdir(self) -> Any:
        """The folder of the run."""
        return self.log_dir

    def _add(self, data: bytes, global_step: Any = None, walltime: float | None = None) -> None:
        self._get_file_writer().add_summary(data, global_step, walltime)

    # ---- numbers -----------------------------------------------------------------------------------------------------

    def add_scalar(
        self, tag, scalar_value, global_step=None, walltime=None, new_style=False, double_precision=False
    ) -> None:
        """A number: a float, or a tensor or array of one element. new_style: written as a tensor."""
        self._add(summary.scalar(tag, scalar_value, new_style, double_precision), global_step, walltime)

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None) -> None:
        """Several numbers in one chart. Each gets a run of its own in a folder of its own."""
        walltime = time.time() if walltime is None else walltime
        folder = self._get_file_writer().get_logdir()
        writers: Any = self.all_writers
        for tag, value in tag_scalar_dict.items():
            path = f"{folder}/{main_tag.replace('/', '_')}_{tag}"
            if path not in writers:
                writers[path] = self._new_writer(path)
            writers[path].add_summary(summary.scalar(main_tag, value), global_step, walltime)

    def add_tensor(self, tag, tensor, global_step=None, walltime=None) -> None:
        """A whole tensor."""
        self._add(summary.tensor_proto(tag, tensor), global_step, walltime)

    def add_histogram(self, tag, values, global_step=None, bins="tensorflow", walltime=None, max_bins=None) -> None:
        """How the values of a tensor are distributed. bins: limits, or what `numpy.histogram` takes."""
        if isinstance(bins, str) and bins == "tensorflow":
            bins = self.default_bins
        self._add(summary.histogram(tag, values, bins, max_bins), global_step, walltime)

    def add_histogram_raw(
        self, tag, min, max, num, sum, sum_squares, bucket_limits, bucket_counts, global_step=None, walltime=None
    ) -> None:
        """A histogram whose numbers are known; `bucket_limits` are the right ends of the bins."""
        if len(bucket_limits) != len(bucket_counts):
            raise ValueError("len(bucket_limits) != len(bucket_counts), see the document.")
        data = summary.histogram_raw(tag, min, max, num, sum, sum_squares, bucket_limits, bucket_counts)
        self._add(data, global_step, walltime)

    def add_pr_curve(
        self, tag, labels, predictions, global_step=None, num_thresholds=127, weights=None, walltime=None
    ) -> None:
        """Precision and recall. labels: 0 or 1; predictions: probabilities."""
        data = summary.pr_curve(tag, make_np(labels), make_np(predictions), num_thresholds, weights)
        self._add(data, global_step, walltime)

    def add_pr_curve_raw(
        self,
        tag,
        true_positive_counts,
        false_positive_counts,
        true_negative_counts,
        false_negative_counts,
        precision,
        recall,
        global_step=None,
        num_thresholds=127,
        weights=None,
        walltime=None,
    ) -> None:
        """Precision and recall that are known."""
        counts = true_positive_counts, false_positive_counts, true_negative_counts, false_negative_counts
        self._add(summary.pr_curve_raw(tag, *counts, precision, recall, num_thresholds), global_step, walltime)

    def add_hparams(
        self, hparam_dict, metric_dict, hparam_domain_discrete=None, run_name=None, global_step=None
    ) -> None:
        """The hyperparameters of a run and what came of them, in a folder of their own."""
        if type(hparam_dict) is not dict or type(metric_dict) is not dict:
            raise TypeError("hparam_dict and metric_dict should be dictionary.")
        summaries = summary.hparams(hparam_dict, metric_dict, hparam_domain_discrete)
        folder = os.path.join(self._get_file_writer().get_logdir(), run_name or str(time.time()))
        with SummaryWriter(log_dir=folder) as writer:
            for data in summaries:
                writer._add(data, global_step)
            for name, value in metric_dict.items():
                writer.add_scalar(name, value, global_step)

    def add_custom_scalars(self, layout) -> None:
        """Charts of one's own: {category: {title: ["Multiline", tags] or ["Margin", [value, lower, upper]]}}."""
        self._add(summary.custom_scalars(layout))

    def add_custom_scalars_multilinechart(self, tags, category="default", title="untitled") -> None:
        """One chart of several numbers."""
        self.add_custom_scalars({category: {title: ["Multiline", tags]}})

    def add_custom_scalars_marginchart(self, tags, category="default", title="untitled") -> None:
        """One chart of a number and its margins: tags of the value, its lower and its upper bound."""
        if len(tags) != 3:
            raise AssertionError(f"Expected 3 tags, got {len(tags)}.")
        self.add_custom_scalars({category: {title: ["Margin", tags]}})

    # ---- pictures, sounds, texts -------------------------------------------------------------------------------------

    def add_image(self, tag, img_tensor, global_step=None, walltime=None, dataformats="CHW") -> None:
        """A picture of bytes, or of floats from 0 to 1. dataformats: what its dims are, such as CHW, HWC, HW."""
        self._add(summary.image(tag, img_tensor, dataformats), global_step, walltime)

    def add_images(self, tag, img_tensor, global_step=None, walltime=None, dataformats="NCHW") -> None:
        """Several pictures, as a grid eight wide."""
        self._add(summary.image(tag, img_tensor, dataformats), global_step, walltime)

    def add_figure(self, tag, figure, global_step=None, close=True, walltime=None) -> None:
        """A figure of matplotlib, or a list of them; they are closed then."""
        order = "NCHW" if isinstance(figure, list) else "CHW"
        self.add_image(tag, summary.figure_to_image(figure, close), global_step, walltime, dataformats=order)

    def add_audio(self, tag, snd_tensor, global_step=None, sample_rate=44100, walltime=None) -> None:
        """A sound: samples from -1 to 1."""
        self._add(summary.audio(tag, snd_tensor, sample_rate), global_step, walltime)

    def add_text(self, tag, text_string, global_step=None, walltime=None) -> None:
        """A text, shown as Markdown."""
        self._add(summary.text(tag, text_string), global_step, walltime)

    # ---- points ------------------------------------------------------------------------------------------------------

    def add_embedding(
        self, mat, metadata=None, label_img=None, global_step=None, tag="default", metadata_header=None
    ) -> None:
        """Points (N, D) for the projector. metadata: a label for each; label_img: a picture for each, (N, C, H, W)."""
        mat = make_np(mat)
        global_step = 0 if global_step is None else global_step
        # a slash in a tag must not be a folder
        name = tag.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")
        subdir = f"{str(global_step).zfill(5)}/{name}"
        root = self._get_file_writer().get_logdir()
        folder = os.path.join(root, subdir)
        if os.path.isdir(folder):
            # printed, as PyTorch does
            print("warning: Embedding dir exists, did you set global_step for add_embedding()?")  # noqa: T201
        elif os.path.exists(folder):
            raise NotADirectoryError(f"Path: `{folder}` exists, but is a file. Cannot proceed.")
        else:
            os.makedirs(folder)
        if metadata is not None:
            if mat.shape[0] != len(metadata):
                raise AssertionError("#labels should equal with #data points")
            embedding.write_labels(metadata, folder, metadata_header)
        if label_img is not None:
            if mat.shape[0] != label_img.shape[0]:
                raise AssertionError("#images should equal with #data points")
            embedding.write_sprite(label_img, folder)
        if mat.ndim != 2:
            raise AssertionError("mat should be 2D, where mat.size(0) is the number of data points")
        embedding.write_points(mat, folder)
        self._embeddings.append(embedding.describe(metadata, label_img, subdir, global_step, tag))
        embedding.write_config(root, self._embeddings)

    # ---- what is not written -----------------------------------------------------------------------------------------

    def add_graph(self, model, input_to_model=None, verbose=False, use_strict_trace=True) -> None:
        """Not available: TensorBoard's graphs are TorchScript's, which Flambeau does not have."""
        raise _unavailable("add_graph", "the graph of a model, which PyTorch gets from TorchScript")

    def add_onnx_graph(self, prototxt) -> None:
        """Not available."""
        raise _unavailable("add_onnx_graph", "ONNX graphs")

    def add_image_with_boxes(
        self,
        tag,
        img_tensor,
        box_tensor,
        global_step=None,
        walltime=None,
        rescale=1,
        dataformats="CHW",
        labels=None,
    ) -> None:
        """Not available; draw the boxes yourself and use `add_image`."""
        raise _unavailable("add_image_with_boxes", "boxes in pictures; draw them and use add_image")

    def add_video(self, tag, vid_tensor, global_step=None, fps=4, walltime=None) -> None:
        """Not available; `add_images` shows frames."""
        raise _unavailable("add_video", "videos; add_images shows their frames")

    def add_mesh(
        self, tag, vertices, colors=None, faces=None, config_dict=None, global_step=None, walltime=None
    ) -> None:
        """Not available."""
        raise _unavailable("add_mesh", "meshes")

    # ---- files -------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Bring all that was added to the disk."""
        for writer in (self.all_writers or {}).values():
            writer.flush()

    def close(self) -> None:
        """Bring all that was added to the disk and end the files. What is added later goes to a new file."""
        for writer in (self.all_writers or {}).values():
            writer.close()
        self.file_writer = self.all_writers = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _unavailable(name: str, what: str) -> NotImplementedError:
    return NotImplementedError(f"SummaryWriter.{name} is not available in Flambeau\n  It does not write {what}.")
