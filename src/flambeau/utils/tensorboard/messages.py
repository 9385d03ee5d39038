"""TensorBoard's messages in the wire format of protocol buffers: each field is its number, its wire type, its value.

The numbers are those of event.proto, summary.proto, tensor.proto and the plugins' files in TensorBoard's sources.
Fields of the default value are left out, as proto3 wants, but for members of a `oneof`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

# TensorFlow's numbers of dtypes
DTYPES = {
    "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "string": 7, "complex64": 8, "int64": 9,
    "bool": 10, "bfloat16": 14, "uint16": 17, "complex128": 18, "float16": 19, "uint32": 22, "uint64": 23,
}  # fmt: skip
START, SUCCESS = 1, 1
STRING, BOOL, FLOAT64 = 1, 2, 3


# ---- the wire format -------------------------------------------------------------------------------------------------


def varint(n: int) -> bytes:
    """An integer in groups of seven bits, lowest first; negative ones as 64 bits."""
    n &= 0xFFFFFFFFFFFFFFFF
    result = bytearray()
    while n > 127:
        result.append(n & 127 | 128)
        n >>= 7
    result.append(n)
    return bytes(result)


def integer(field: int, value: int, always: bool = False) -> bytes:
    return varint(field << 3) + varint(int(value)) if value or always else b""


def double(field: int, value: float, always: bool = False) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value) if value or always else b""


def single(field: int, value: float, always: bool = False) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value) if value or always else b""


def block(field: int, value: bytes | str | None) -> bytes:
    """Bytes, text, or a message; an empty one is there, None is not."""
    if value is None:
        return b""
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def packed(field: int, code: str, values: Sequence[float]) -> bytes:
    """Numbers of fixed size, one after the other."""
    return block(field, struct.pack(f"<{len(values)}{code}", *values)) if len(values) else b""


# ---- events ----------------------------------------------------------------------------------------------------------


def event(wall_time: float, step: int = 0, **what: Any) -> bytes:
    """An event: `file_version`, `summary`, `session_status` or `writer`."""
    return b"".join(
        [
            double(1, wall_time),
            integer(2, step),
            block(3, what.get("file_version")),
            block(5, what.get("summary")),
            block(7, integer(1, what["session_status"])) if "session_status" in what else b"",
            block(10, block(1, what["writer"])) if "writer" in what else b"",
        ]
    )


def summary(*values: bytes) -> bytes:
    return b"".join([block(1, value) for value in values])


def _value(tag: str, content: bytes = b"", metadata: bytes | None = None) -> bytes:
    return block(1, tag) + content + block(9, metadata)


def _metadata(plugin: str, content: bytes = b"") -> bytes:
    return block(1, block(1, plugin) + (block(2, content) if content else b""))


def shape_message(sizes: Iterable[int]) -> bytes:
    return b"".join([block(2, integer(1, size)) for size in sizes])


def simple_value(tag: str, number: float) -> bytes:
    return _value(tag, single(2, _finite_single(number), always=True))


def _finite_single(number: float) -> float:
    """A number that `struct` can write as float32: what is beyond it becomes infinite."""
    if abs(number) > 3.4028235677973366e38 and number == number:
        return float("inf") if number > 0 else float("-inf")
    return number


def scalar_tensor(tag: str, number: float, double_precision: bool) -> bytes:
    if double_precision:
        tensor = integer(1, DTYPES["float64"]) + packed(6, "d", [number])
    else:
        tensor = integer(1, DTYPES["float32"]) + packed(5, "f", [_finite_single(number)])
    return _value(tag, block(8, tensor), _metadata("scalars"))


def tensor_value(tag: str, dtype: str, sizes: Iterable[int], content: bytes) -> bytes:
    tensor = integer(1, DTYPES[dtype]) + block(2, shape_message(sizes)) + (block(4, content) if content else b"")
    return _value(tag, block(8, tensor), _metadata("tensor"))


def histogram_value(
    tag: str, least: float, most: float, count: float, total: float, squares: float, limits: Any, buckets: Any
) -> bytes:
    numbers = (least, most, count, total, squares)
    proto = b"".join([double(i, float(x)) for i, x in enumerate(numbers, 1)])
    return _value(tag, block(5, proto + packed(6, "d", limits) + packed(7, "d", buckets)))


def image_value(tag: str, height: int, width: int, channels: int, png: bytes) -> bytes:
    return _value(tag, block(4, integer(1, height) + integer(2, width) + integer(3, channels) + block(4, png)))


def audio_value(tag: str, rate: float, frames: int, wav: bytes) -> bytes:
    proto = single(1, rate) + integer(2, 1) + integer(3, frames) + block(4, wav) + block(5, "audio/wav")
    return _value(tag, block(6, proto))


def text_value(tag: str, text: str) -> bytes:
    tensor = integer(1, DTYPES["string"]) + block(2, shape_message([1])) + block(8, text)
    return _value(f"{tag}/text_summary", block(8, tensor), _metadata("text"))


def curve_value(tag: str, rows: Any, num_thresholds: int) -> bytes:
    tensor = integer(1, DTYPES["float32"]) + block(2, shape_message(rows.shape)) + packed(5, "f", rows.ravel())
    return _value(tag, block(8, tensor), _metadata("pr_curves", integer(2, num_thresholds)))


def layout_value(layout: dict[str, dict[str, Sequence[Any]]]) -> bytes:
    """The page of custom charts: {category: {title: ["Multiline" or "Margin", tags]}}."""
    categories = []
    for category, charts in layout.items():
        pieces = [block(1, category)]
        for title, (kind, tags) in charts.items():
            if kind == "Margin":
                if len(tags) != 3:
                    raise AssertionError(f"Expected 3 tags, got {len(tags)}.")
                content = block(3, block(1, b"".join([block(i, tag) for i, tag in enumerate(tags, 1)])))
            else:
                content = block(2, b"".join([block(1, tag) for tag in tags]))
            pieces.append(block(2, block(1, title) + content))
        categories.append(block(2, b"".join(pieces)))
    tensor = integer(1, DTYPES["string"]) + block(2, b"") + block(8, b"".join(categories))
    return _value("custom_scalars__config__", block(8, tensor), _metadata("custom_scalars"))


# ---- hyperparameters -------------------------------------------------------------------------------------------------


def any_value(x: Any) -> bytes:
    """google.protobuf.Value."""
    if isinstance(x, str):
        return block(3, x)
    return integer(4, x, always=True) if isinstance(x, bool) else double(2, float(x), always=True)


def parameter_type(x: Any) -> int:
    return STRING if isinstance(x, str) else BOOL if isinstance(x, bool) else FLOAT64


def hparams_values(values: dict[str, Any], metrics: Iterable[str], domains: dict[str, list]) -> list[bytes]:
    """What the hyperparameter page needs: the experiment, the start of a session, its end."""
    infos = []
    for name, value in values.items():
        info = block(1, name) + integer(4, parameter_type(value))
        if name in domains:
            info += block(5, b"".join([block(1, any_value(d)) for d in domains[name]]))
        infos.append(block(4, info))
    infos += [block(5, block(1, block(2, name))) for name in metrics]
    start = b"".join([block(1, block(1, name) + block(2, any_value(value))) for name, value in values.items()])
    parts = (
        ("experiment", block(2, b"".join(infos))),
        ("session_start_info", block(3, start)),
        ("session_end_info", block(4, integer(1, SUCCESS))),
    )
    return [_value(f"_hparams_/{name}", b"", _metadata("hparams", content)) for name, content in parts]
