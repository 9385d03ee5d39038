"""From numbers, pictures, sounds and texts to the summaries in an event file."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from typing import Any

import numpy as np

from ...tensor.tensor import Tensor
from . import messages


def make_np(x: Any) -> Any:
    """A tensor, an array or a number as an array; half types as float32."""
    if isinstance(x, Tensor):
        array = x.detach()._array  # type: ignore[attr-defined]
        return array.astype(np.float32) if x._kind.half else array
    if isinstance(x, np.ndarray):
        return x
    if np.isscalar(x):
        return np.array([x])
    raise NotImplementedError(f"Got {type(x)}, but numpy array or torch tensor are expected.")


def scalar(name: str, tensor: Any, new_style: bool = False, double_precision: bool = False) -> bytes:
    """One number."""
    array = make_np(tensor).squeeze()
    if array.ndim != 0:
        raise AssertionError(
            "Tensor should contain one element (0 dimensions). "
            f"Was given size: {array.size} and {array.ndim} dimensions."
        )
    number = float(array)
    if new_style:
        return messages.summary(messages.scalar_tensor(name, number, double_precision))
    return messages.summary(messages.simple_value(name, number))


def tensor_proto(tag: str, tensor: Any) -> bytes:
    """A whole tensor."""
    if tensor.numel() * tensor.itemsize >= 1 << 31:
        raise ValueError("tensor is bigger than protocol buffer's hard limit of 2GB in size")
    if not isinstance(tensor, Tensor) or tensor.dtype.name not in messages.DTYPES:
        raise ValueError(f"{tag} has unsupported tensor dtype {tensor.dtype}")
    array = np.ascontiguousarray(tensor.detach()._array)  # type: ignore[attr-defined]
    return messages.summary(messages.tensor_value(tag, tensor.dtype.name, array.shape, array.tobytes()))


# ---- histograms ------------------------------------------------------------------------------------------------------


def default_bins() -> list[float]:
    """TensorFlow's limits: powers of 1.1 from 1e-12 to 1e20, their negatives, and 0."""
    limits = []
    limit = 1e-12
    while limit < 1e20:
        limits.append(limit)
        limit *= 1.1
    return [-x for x in reversed(limits)] + [0] + limits


def histogram(name: str, values: Any, bins: Any, max_bins: int | None = None) -> bytes:
    """How values are distributed. Bins that are empty at both ends are left out, but for one on the left.

    TensorBoard knows bins by their right ends; the empty bin keeps the left end of the first one.
    """
    values = make_np(values).astype(float).reshape(-1)
    if values.size == 0:
        raise ValueError("The input has no element.")
    counts, limits = np.histogram(values, bins=bins)
    if max_bins is not None and len(counts) > max_bins:
        counts, limits = _fewer_bins(counts, limits, len(counts) // max_bins)
    filled = np.flatnonzero(counts)
    if not len(filled):
        raise ValueError("The histogram is empty, please file a bug report.")
    first, last = filled[0], filled[-1] + 1
    counts = np.concatenate([[0], counts])[first : last + 1]
    limits = limits[first : last + 1]
    return histogram_raw(
        name, values.min(), values.max(), len(values), values.sum(), values.dot(values), limits, counts
    )


def _fewer_bins(counts: Any, limits: Any, together: int) -> tuple[Any, Any]:
    """So many bins at a time made one."""
    counts = np.pad(counts, (0, -len(counts) % together)).reshape(-1, together).sum(axis=1)
    return counts, np.concatenate([limits[:-1:together], limits[-1:]])


def histogram_raw(
    name: str, min: Any, max: Any, num: Any, sum: Any, sum_squares: Any, bucket_limits: Any, bucket_counts: Any
) -> bytes:
    """A histogram whose numbers are known."""
    value = messages.histogram_value(name, min, max, num, sum, sum_squares, list(bucket_limits), list(bucket_counts))
    return messages.summary(value)


# ---- pictures and sounds ---------------------------------------------------------------------------------------------


def png(pixels: Any) -> bytes:
    """An array of bytes (height, width, 1 or 3 or 4) as a PNG file (RFC 2083)."""
    height, width, channels = pixels.shape
    colour = {1: 0, 3: 2, 4: 6}[channels]
    # each row begins with the number of its filter: none
    rows = np.zeros((height, 1 + width * channels), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def image(tag: str, tensor: Any, dataformats: str = "NCHW") -> bytes:
    """A picture, or a grid of several. Bytes are taken as they are, floats times 255."""
    array = _height_width_channels(make_np(tensor), dataformats)
    scale = 1 if array.dtype == np.uint8 else 255
    pixels = (array.astype(np.float32) * scale).clip(0, 255).astype(np.uint8)
    height, width, channels = pixels.shape
    return messages.summary(messages.image_value(tag, height, width, channels, png(pixels)))


def _height_width_channels(array: Any, order: str) -> Any:
    """An array whose dims are named by the letters of `order`, as (H, W, 3 or 4)."""
    if len(set(order)) != len(order):
        raise AssertionError(f"You can not use the same dimension shorthand twice. input_format: {order}")
    if array.ndim != len(order):
        raise AssertionError(
            f"size of input tensor and input format are different. tensor shape: {array.shape}, input_format: {order}"
        )
    order = order.upper()
    if len(order) == 4:
        return make_grid(array.transpose([order.find(c) for c in "NCHW"])).transpose(1, 2, 0)
    if len(order) == 3:
        array = array.transpose([order.find(c) for c in "HWC"])
        return np.repeat(array, 3, axis=2) if array.shape[2] == 1 else array
    return np.stack([array.transpose([order.find(c) for c in "HW"])] * 3, axis=2)


def make_grid(images: Any, ncols: int = 8) -> Any:
    """Pictures (N, 1 or 3, H, W) side by side as one (3, rows * H, columns * W)."""
    if images.shape[1] == 1:
        images = np.repeat(images, 3, axis=1)
    if images.ndim != 4 or images.shape[1] != 3:
        raise AssertionError("Input should be a 4D numpy array with 3 channels")
    count, _, height, width = images.shape
    ncols = min(count, ncols)
    nrows = math.ceil(count / ncols)
    cells = np.zeros((nrows * ncols, 3, height, width), images.dtype)
    cells[:count] = images
    cells = cells.reshape(nrows, ncols, 3, height, width).transpose(2, 0, 3, 1, 4)
    return cells.reshape(3, nrows * height, ncols * width)


def figure_to_image(figures: Any, close: bool = True) -> Any:
    """Figures of matplotlib as an array of bytes: (3, H, W), or for a list (N, 3, H, W)."""
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    def render(figure: Any) -> Any:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.array(canvas.buffer_rgba())[:, :, :3]
        if close:
            pyplot.close(figure)
        return np.moveaxis(pixels, 2, 0)

    return np.stack([render(f) for f in figures]) if isinstance(figures, list) else render(figures)


def audio(tag: str, tensor: Any, sample_rate: int = 44100) -> bytes:
    """A sound: samples between -1 and 1."""
    samples = make_np(tensor).squeeze()
    if abs(samples).max() > 1:
        print("warning: audio amplitude out of range, auto clipped.")  # noqa: T201  as PyTorch does
        samples = samples.clip(-1, 1)
    if samples.ndim != 1:
        raise AssertionError("input tensor should be 1 dimensional.")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sample_rate)
        writer.writeframes((samples * np.iinfo(np.int16).max).astype("<i2").tobytes())
    return messages.summary(messages.audio_value(tag, sample_rate, samples.shape[-1], file.getvalue()))


# ---- texts, curves, hyperparameters ----------------------------------------------------------------------------------


def text(tag: str, text: str) -> bytes:
    """A text, shown as Markdown."""
    return messages.summary(messages.text_value(tag, text))


def custom_scalars(layout: dict) -> bytes:
    """The page of custom charts."""
    return messages.summary(messages.layout_value(layout))


def pr_curve(tag: str, labels: Any, predictions: Any, num_thresholds: int = 127, weights: Any = None) -> bytes:
    """Precision and recall of predictions between 0 and 1 at thresholds between 0 and 1."""
    num_thresholds = min(num_thresholds, 127)  # TensorBoard cannot show more
    rows = compute_curve(labels, predictions, num_thresholds, weights)
    return messages.summary(messages.curve_value(tag, rows, num_thresholds))


def pr_curve_raw(
    tag: str, tp: Any, fp: Any, tn: Any, fn: Any, precision: Any, recall: Any, num_thresholds: int = 127
) -> bytes:
    """Precision and recall that are known."""
    rows = np.stack([make_np(row) for row in (tp, fp, tn, fn, precision, recall)])
    return messages.summary(messages.curve_value(tag, rows, min(num_thresholds, 127)))


def compute_curve(labels: Any, predictions: Any, num_thresholds: int, weights: Any = None) -> Any:
    """(6, thresholds): true and false positives, true and false negatives, precision, recall."""
    labels = labels.astype(np.float64)
    weights = 1.0 if weights is None else make_np(weights)
    # the last threshold that a prediction reaches
    reached = np.floor(predictions * (num_thresholds - 1)).astype(np.int32)

    def at_least(weights: Any) -> Any:
        counts, _ = np.histogram(reached, num_thresholds, (0, num_thresholds - 1), weights=weights)
        return np.cumsum(counts[::-1])[::-1]

    true_positives = at_least(labels * weights)
    false_positives = at_least((1.0 - labels) * weights)
    false_negatives = true_positives[0] - true_positives
    smallest = 1e-7  # instead of a division by zero
    precision = true_positives / np.maximum(smallest, true_positives + false_positives)
    recall = true_positives / np.maximum(smallest, true_positives + false_negatives)
    true_negatives = false_positives[0] - false_positives
    return np.stack([true_positives, false_positives, true_negatives, false_negatives, precision, recall])


def hparams(hparam_dict: Any, metric_dict: Any, hparam_domain_discrete: Any = None) -> list[bytes]:
    """The three summaries of a run's hyperparameters."""
    for name, given in (("hparam_dict", hparam_dict), ("metric_dict", metric_dict)):
        if not isinstance(given, dict):
            raise TypeError(f"parameter: {name} should be a dictionary, nothing logged.")
    domains = hparam_domain_discrete or {}
    if not isinstance(domains, dict):
        raise TypeError("parameter: hparam_domain_discrete should be a dictionary, nothing logged.")
    for key, domain in domains.items():
        kind = type(hparam_dict.get(key))
        if key not in hparam_dict or not isinstance(domain, list) or not all(isinstance(d, kind) for d in domain):
            raise TypeError(
                f"parameter: hparam_domain_discrete[{key}] should be a list of same type as hparam_dict[{key}]."
            )
    values = {}
    for key, value in hparam_dict.items():
        if isinstance(value, Tensor):
            value = float(make_np(value).reshape(-1)[0])
        elif isinstance(value, bool):
            # PyTorch writes numbers, because bools are ints
            value = float(value)
        elif value is not None and not isinstance(value, (int, float, str)):
            raise ValueError("value should be one of int, float, str, bool, or torch.Tensor")
        if value is not None:
            values[key] = value
    return [messages.summary(value) for value in messages.hparams_values(values, metric_dict, domains)]
