"""Records and their checksums."""

from __future__ import annotations

import io
import random

import pytest

from flambeau.utils.tensorboard import records


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_checksums_are_those_of_the_standard(data, crc):
    """The examples of RFC 3720, appendix B.4."""
    assert records.crc32c(data) == crc


@pytest.mark.parametrize("size", [4, 5, 255, 1024, 4097, 20000])
def test_long_data_has_the_checksum_that_bytes_one_by_one_have(size):
    data = random.Random(size).randbytes(size)
    register = 0xFFFFFFFF
    for byte in data:
        register = records.TABLE[(register ^ byte) & 255] ^ register >> 8
    assert records._crc32c_of_pieces(data) == register ^ 0xFFFFFFFF == records.crc32c(data)


def test_a_record_is_its_length_and_bytes_each_with_a_masked_checksum():
    file = io.BytesIO()
    writer = records.RecordWriter(file)
    writer.write(b"abc")
    # the masked checksums, as TensorFlow's own writer computes them
    data = file.getvalue()
    assert data[:8] == b"\3" + bytes(7) and data[12:15] == b"abc" and len(data) == 19
    crc = records.crc32c(b"abc")
    assert crc == 0x364B3FB7
    assert int.from_bytes(data[15:], "little") == ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) % 2**32
