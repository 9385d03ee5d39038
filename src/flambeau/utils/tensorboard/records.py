"""TensorFlow's record files: for each record its length, a checksum of the length, the bytes, a checksum of the bytes.

The checksum is CRC-32C (Castagnoli; RFC 3720, appendix B.4), "masked" so that records may themselves contain records.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

POLYNOMIAL = 0x82F63B78  # Castagnoli's, bits reversed
MASK = 0xA282EAD8
# from so many bytes on, many pieces at once are quicker than one byte after the other
LONG = 1 << 14


def _table() -> list[int]:
    table = []
    for byte in range(256):
        register = byte
        for _ in range(8):
            register = register >> 1 ^ (POLYNOMIAL if register & 1 else 0)
        table.append(register)
    return table


TABLE = _table()


def crc32c(data: bytes) -> int:
    """The CRC-32C of bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    if len(data) >= LONG:
        return _crc32c_of_pieces(data)
    register = 0xFFFFFFFF
    for byte in data:
        register = TABLE[(register ^ byte) & 255] ^ register >> 8
    return register ^ 0xFFFFFFFF


def _crc32c_of_pieces(data: bytes) -> int:
    """The same by NumPy: the registers of pieces of equal length, then joined in pairs.

    A register is linear in the bytes before it: that of two pieces is that of the first, moved on by the length of the
    second, xor that of the second alone. Zeros in front change nothing if it begins as 0; to begin as all ones is to
    invert the first four bytes.
    """
    length = 1 << (len(data).bit_length() + 1) // 2
    count = 1 << max((len(data) - 1) // length, 0).bit_length()
    padded = np.zeros(count * length, np.uint8)
    start = padded.size - len(data)
    padded[start:] = np.frombuffer(data, np.uint8)
    padded[start : start + 4] ^= 255
    table = np.array(TABLE, np.uint32)
    registers = np.zeros(count, np.uint32)
    for byte in padded.reshape(count, length).T:
        registers = table[(registers ^ byte) & 255] ^ registers >> 8
    # what a zero byte makes of each bit of a register, then two zero bytes, four, …
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    moved = table[bits & 255] ^ bits >> 8
    for _ in range(length.bit_length() - 1):
        moved = _move(moved, moved)
    while registers.size > 1:
        registers = _move(registers[::2], moved) ^ registers[1::2]
        moved = _move(moved, moved)
    return int(registers[0]) ^ 0xFFFFFFFF


def _move(registers: Any, moved: Any) -> Any:
    """Registers after the zero bytes of which `moved` says what they make of each bit."""
    result = np.zeros_like(registers)
    for bit in range(32):
        result ^= np.where(registers >> bit & 1, moved[bit], np.uint32(0))
    return result


def masked_crc32c(data: bytes) -> int:
    """The checksum as it stands in files."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


class RecordWriter:
    """Writes records to a file object."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        """Append one record."""
        length = struct.pack("<Q", len(data))
        head = length + struct.pack("<I", masked_crc32c(length))
        self._writer.write(head + data + struct.pack("<I", masked_crc32c(data)))

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

    @property
    def closed(self) -> bool:
        return self._writer.closed
