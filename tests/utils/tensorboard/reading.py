"""A small reader of event files: records, and protocol buffers as {field number: [values]}."""

from __future__ import annotations

import struct
from pathlib import Path

from flambeau.utils.tensorboard.records import masked_crc32c


def records(path):
    """The records of a file, whose checksums are checked."""
    data = Path(path).read_bytes()
    place, found = 0, []
    while place < len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        (check,) = struct.unpack_from("<I", data, place + 8)
        assert check == masked_crc32c(data[place : place + 8])
        record = data[place + 12 : place + 12 + length]
        (check,) = struct.unpack_from("<I", data, place + 12 + length)
        assert len(record) == length and check == masked_crc32c(record)
        found.append(record)
        place += 16 + length
    return found


def varint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def fields(data):
    """{field number: [integers, floats or bytes]} of a message."""
    place, found = 0, {}
    while place < len(data):
        key, place = varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = varint(data, place)
        elif kind == 2:
            length, place = varint(data, place)
            value, place = data[place : place + length], place + length
            assert len(value) == length
        else:
            code, size = ("<d", 8) if kind == 1 else ("<f", 4)
            (value,) = struct.unpack_from(code, data, place)
            place += size
        found.setdefault(key >> 3, []).append(value)
    return found


def doubles(data):
    return list(struct.unpack(f"<{len(data) // 8}d", data))


def floats(data):
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def event_files(folder):
    return sorted(Path(folder).glob("events.out.tfevents.*"))


def events(folder):
    """The events of the only file in a folder, without the first, which tells the version."""
    (file,) = event_files(folder)
    first, *rest = [fields(record) for record in records(file)]
    assert first[3] == [b"brain.Event:2"] and first[1][0] > 0
    return rest


def values(folder):
    """(step, tag, fields of the value) of each summary value."""
    found = []
    for event in events(folder):
        for summary in event.get(5, ()):
            for value in fields(summary).get(1, ()):
                value = fields(value)
                found.append((event.get(2, [0])[0], value[1][0].decode(), value))
    return found
